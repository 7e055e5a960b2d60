"""What a case permits besides the answer of official Keras, and the finding that says why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conformance.model.verdicts import Fault


@dataclass(frozen=True, slots=True)
class Near:
    """The numbers of a tensor and, for each, how far an answer may lie from it.

    Both are flat and row-major. An infinite `error` says nothing of its element.
    """

    shape: tuple[int, ...]
    data: tuple[float, ...]
    error: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.data) == len(self.error) == int(np.prod(self.shape)):
            raise ValueError(
                f"near: data and error must have a number for each element of {list(self.shape)}; "
                f"received {len(self.data)} and {len(self.error)}"
            )

        # One NaN for all: a tuple takes what is identical for equal.
        object.__setattr__(self, "data", tuple(math.nan if v != v else v for v in self.data))


@dataclass(frozen=True, slots=True)
class Alternative:
    """An outcome besides official Keras' that a case permits where the documentation is followed.

    Attributes:
        finding: the id of the finding that says why.
        fault: `official` or `platform`: who is wrong, Keras or TensorFlow.
        step: the number of the step where official Keras raises, or gives another value.
        returned: by name, what the tensors of the step are. Nothing is said of others.
            None: the case may be rejected, at this step or an earlier one.

    """

    finding: str
    fault: Fault
    step: int
    returned: Mapping[str, Near] | None = None
