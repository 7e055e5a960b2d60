"""What no other case says, told of the truth of a case itself: in which dtype it was computed, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, Array, Case, Input, Outcome, Returned, Tensor
from conformance.oracle.bounded import Bounded
from conformance.oracle.truths import told
from conformance.oracle.variants.operands import with_weights
from conformance.oracle.variants.variant import IMPOSSIBLE

# The narrower dtypes, each with what else rounds like it. An answer that errs by less than a 64th of what one allows is not of it.
_NARROWER: Final[Mapping[str, str]] = {
    "float32": "float32",
    "float16": "float16 or TensorFloat-32",
    "bfloat16": "bfloat16",
}
_PART: Final = 64
_FEW: Final = 3


def hints(case: Case, dialect: str, actual: Sequence[Outcome]) -> Iterator[tuple[str, bool]]:
    """What is told of the outputs of a case, each with whether it is sure."""
    try:
        late = any(_after_activation(case, dialect, actual))
        found = [] if late else list(_inexact(case, dialect, actual))
    except IMPOSSIBLE:
        return
    if late:
        yield "the bias is added after the activation", True
    elif found and found[0][0] and len({text for text, _ in found}) == 1:
        yield found[0][0], any(sure for _, sure in found)


def _inexact(case: Case, dialect: str, actual: Sequence[Outcome]) -> Iterator[tuple[str, bool]]:
    """Of each output that is off: as how inexact a dtype it looks. Errors of one sign have another reason."""
    for value, truth in _outputs(actual, told(case, dialect)):
        with np.errstate(all="ignore"):
            worst = float(truth.headroom(value).max())
            errors = value.values().astype(np.float64) - truth.value
        if worst <= 1:
            continue
        text = ""
        for dtype, words in _NARROWER.items():
            most = EPSILON[dtype] / EPSILON[value.dtype]
            if not text and most > 1 and most / _PART < worst <= most:
                text = f"as inexact as in {words}"
        both = bool((errors > 0).any() and (errors < 0).any())
        yield text, bool(text) and both and errors.size >= _FEW


def _after_activation(case: Case, dialect: str, actual: Sequence[Outcome]) -> Iterator[bool]:
    """For each output whether the bias was added to it after the activation."""
    biases = [v for s in case.steps for v in _weights(s.options) if len(v.tensor.shape) == 1]
    if case.arguments.get("activation") in (None, "linear") or len(biases) != 1:
        return
    without = with_weights(case, np.zeros_like, lambda rank: rank == 1)
    if without is None:
        return
    first = case.arguments.get("data_format") == "channels_first"
    bias: Array = biases[0].tensor.values().astype(np.float64)
    for value, truth in _outputs(actual, told(without, dialect)):
        axes = len(truth.shape) - 2 if first else 0
        with np.errstate(all="ignore"):
            guess = truth.value + bias.reshape(-1, *[1] * axes)
            room = truth.error + 2 * EPSILON[value.dtype] * np.abs(guess)
            yield bool((np.abs(value.values() - guess) <= room).all())


def _outputs(
    actual: Sequence[Outcome], known: Sequence[Mapping[str, Bounded]]
) -> Iterator[tuple[Tensor, Bounded]]:
    """The outputs of which something is known, each with that."""
    for got, truths in zip(actual, known, strict=False):
        value = got.values.get("value") if isinstance(got, Returned) else None
        truth = truths.get("value")
        if truth is None or not isinstance(value, Tensor) or value.dtype not in EPSILON:
            continue
        if value.size and tuple(value.shape) == truth.shape:
            yield value, truth


def _weights(options: Mapping[str, Any]) -> list[Input]:
    values = options.get("values")
    return [v for v in values if isinstance(v, Input)] if isinstance(values, list | tuple) else []
