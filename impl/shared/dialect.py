"""The record that names every measured difference between Keras 2 and Keras 3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class Dialect:
    """What one dialect does where the other does something else.

    Attributes:
        norm: (w, axis) to (w, its norm). Keras 2 takes floats only, Keras 3 promotes the rest.
        rectify: NonNeg. Keras 2 multiplies by a mask (-0.0, NaN for -inf), Keras 3 takes max(w, 0).
        rectify_input: how NonNeg reads its argument. Keras 2 makes float32 of float arrays.
        none_is_unbounded: a `min_value` or `max_value` of None is no bound; otherwise an error.
        get_reads_custom_names: `get("name")` finds custom and registered objects too.
        get_instantiates: `get(MaxNorm)` returns `MaxNorm()`; otherwise the class as it is.
        get_needs_config: the dict given to `get` must have both `class_name` and `config`, which
            is a dict itself unless there is a `module` too.
        empty_config_may_be_anything: a false `config` (`[]`, `0`) in a saved dict counts as `{}`.
        serialize_warns: `serialize` warns about an object that is not of the family.

    """

    norm: Callable[[tf.Tensor, Any], tuple[tf.Tensor, tf.Tensor]]
    rectify: Callable[[tf.Tensor], tf.Tensor]
    rectify_input: Callable[[Any], tf.Tensor]
    none_is_unbounded: bool
    get_reads_custom_names: bool
    get_instantiates: bool
    get_needs_config: bool
    empty_config_may_be_anything: bool
    serialize_warns: bool
