"""Backwards through a call: from gradients of the outputs to those of inputs and weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers.world import Pull


def cotangent(shape: Sequence[int], dtype: str) -> Bounded:
    """What the step `gradient` multiplies the outputs by: (7 i mod 11 - 5) / 4, i row-major."""
    i = np.arange(math.prod(shape))
    return exact(((7 * i % 11 - 5) / 4).reshape(tuple(shape)), dtype)


def back(tape: Sequence[Pull], g: Bounded, *, penalties: bool = False) -> Bounded:
    """The gradient of the inputs of what is on the tape; weights receive theirs on the way.

    `penalties`: whether those of outputs, and losses that calls add, are differentiated too.
    """
    for pull in reversed(tape):
        g = pull(g, penalties)
    return g
