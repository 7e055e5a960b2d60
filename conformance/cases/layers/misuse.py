"""Arguments that are unknown, or in a wrong place; arrays of weights that the caller overwrites; calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.settings_common import (
    CONVOLUTIONS,
    SMALL,
    built,
    row_of,
    shape_of,
    weighted,
    weights_of,
)
from conformance.cases.steps import CALL, CONFIG, GET_WEIGHTS, LOSSES
from conformance.model import Case, Step

_FOREIGN: Final[dict[str, dict[str, Any]]] = {
    "unknown": {"foo": 1},
    "rate": {"rate": 0.5},
    "seed": {"seed": 1},
    "max_value": {"max_value": 2.0},
    "kernel_penalty": {"kernel_penalty": "l2"},
    "input_length": {"input_length": 3},
}
_WRONG: Final[dict[str, dict[str, Any]]] = {
    "activation-number": {"activation": 3},
    "activation-word": {"activation": "linearly"},
    "use_bias-word": {"use_bias": "no"},
    "bias_initializer-number": {"bias_initializer": 1},
    "bias_regularizer-number": {"bias_regularizer": 0.1},
    "bias_constraint-word": {"bias_constraint": "positive"},
    "dtype-word": {"dtype": "float"},
    "dtype-number": {"dtype": 32},
    "trainable-word": {"trainable": "yes"},
}
_SIZES: Final[dict[str, Any]] = {"text": "2", "float": 2.5, "none": None, "dict": {}, "zero": 0}
_OVERWRITTEN: Final = {"overwrite": True}


def rows() -> Iterator[Case]:
    """Every case about misuse, aliases and calls again."""
    for name in SMALL:
        yield from _misuse(name)
        yield from _again(name)


def _misuse(name: str) -> Iterator[Case]:
    """Whether and when it is rejected."""
    row = row_of(name, flags="bad-argument")
    steps = (CONFIG, built(name))
    yield from row.table("misuse", _FOREIGN, *steps)
    other = {"units": 2} if name != "Dense" else {"filters": 2}
    yield row("misuse", "of-another-class", *steps, arguments=other)

    yield from row.table("misuse", _WRONG, *steps)
    size = "kernel_size" if name in CONVOLUTIONS else "units"
    yield from row.table("misuse", _SIZES, *steps, argument=size, prefix=f"{size}-")


def _again(name: str) -> Iterator[Case]:
    """Two calls; what becomes of arrays that were handed out or in."""
    row, shape = row_of(name), shape_of(name)
    values: list[Any] = list(weights_of(name))
    given = Step("set_weights", options={"values": values, **_OVERWRITTEN})
    taken = Step("get_weights", options=_OVERWRITTEN)
    weights = row.given(flags="weights")
    yield weights("alias", "set_weights", built(name), given, GET_WEIGHTS, CALL)
    yield weights("alias", "get_weights", built(name), weighted(name), taken, GET_WEIGHTS, CALL)
    two = (built(name), weighted(name), CALL, Step("call", 1), CALL)
    batches = row.given(inputs=(wave(shape), thirds((3, *shape[1:]))))
    yield batches("again", "two-batch-sizes", *two)
    wide = row.given(inputs=(wave(shape), wave(shape, "float64")))
    yield wide("again", "two-dtypes", *two)
    if name != "Dense":
        longer = (shape[0], *(n + 1 for n in shape[1:-1]), shape[-1])
        yield row("again", "two-shapes", *two, inputs=(wave(shape), wave(longer)))
    else:
        yield row("again", "two-ranks", *two, inputs=(wave(shape), wave((1, 2, 3))))
    losses = {"activity_regularizer": "l2", "bias_regularizer": "l1"}
    penal = row.given(arguments=losses, flags="losses", inputs=(wave(shape), thirds(shape)))
    steps = (built(name), weighted(name), CALL, LOSSES, Step("call", 1), LOSSES, LOSSES)
    yield penal("again", "losses", *steps)
