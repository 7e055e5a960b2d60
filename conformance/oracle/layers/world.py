"""What all layers of a case share: the dialect, the way back, settings, shared objects, masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.model import Array
from conformance.oracle.bounded import Bounded
from conformance.oracle.constraints import EPSILON

# Goes back through one operation of a call: gradients of its outputs to those of its inputs. The
# flag says whether penalties of outputs are part of what is differentiated, as they are in `fit`.
Pull = Callable[[Bounded, bool], Bounded]


class Untold(Exception):
    """Why the oracle has no value, in one clause."""


@dataclass(eq=False)
class World:
    """`shared`: layers by the key of their object. `mask`: that of the tensor which the last layer gave, None where it has none."""

    dialect: str
    tape: list[Pull] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    training: bool = False
    mask: Array | Untold | None = None

    @property
    def epsilon(self) -> float:
        """The fuzz factor."""
        return float(self.settings.get("epsilon", EPSILON))

    @property
    def policy(self) -> str:
        """The name of the policy of a layer that is given none."""
        return str(self.settings.get("dtype_policy") or self.settings.get("floatx") or "float32")

    def known_mask(self) -> Array | None:
        """The mask of the last tensor."""
        if isinstance(self.mask, Untold):
            raise self.mask
        return self.mask
