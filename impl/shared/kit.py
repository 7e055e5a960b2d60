"""What the layers of one dialect are made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from impl.shared.policies import Settings
from impl.shared.saving import Registry
from impl.shared.scope import Names


@dataclass(frozen=True)
class Kit:
    """The families of a dialect, each a namespace with `get`, `serialize` and `deserialize`.

    Attributes:
        settings: default dtypes, epsilon, image data format.
        names: the counter behind names like dense_1.
        registry: custom objects.
        private: what precedes the automatic name of a class whose name begins with "_".

    """

    initializers: Any
    regularizers: Any
    constraints: Any
    activations: Any
    settings: Settings
    names: Names
    registry: Registry
    private: str
