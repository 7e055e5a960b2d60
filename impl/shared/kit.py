"""What the layers of one dialect are made with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from impl.shared.policies import Settings
from impl.shared.scope import Names


@dataclass(frozen=True)
class Kit:
    """The families of a dialect, and what its layers do where those of the other do something else.

    Attributes:
        initializers: a namespace with `get`, `serialize` and `deserialize`, as the next three are.
        regularizers: likewise.
        constraints: likewise.
        activations: likewise.
        settings: default dtypes, epsilon, image data format.
        names: the counter behind names like dense_1.
        private: what precedes the automatic name of a class whose name begins with "_".
        shape: the type of shapes that `build` gets and `compute_output_shape` returns.
        dtype: a dtype in the form that initializers get.
        naming: the context, by the layer's name, in which a first call names its weights.
        casts_to_integers: a layer that computes in integers casts floats to them.
        default_training: `training=None` is the default of `call`; otherwise `call` gets None.
        takes_any_rank: `input_spec` lets pass inputs of which a graph does not know the rank.
        inner_losses: the step through the layers of a layer within, in `losses`: 1 or, backwards, -1.

    """

    initializers: Any
    regularizers: Any
    constraints: Any
    activations: Any
    settings: Settings
    names: Names
    private: str
    shape: Callable[[Any], Any]
    dtype: Callable[[tf.DType], Any]
    naming: Callable[[str], AbstractContextManager[Any]]
    casts_to_integers: bool
    default_training: bool
    takes_any_rank: bool
    inner_losses: int
