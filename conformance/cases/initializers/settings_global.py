"""Initializers after a change of a global setting: the dtype where none is named, the global seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    CLASSES,
    RANDOM,
    Rows,
    initialize,
    law,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.steps import CONFIG, NEW, globally
from conformance.model import Case, Given

_FLOATS: Final = ("float64", "float16", "bfloat16")
_SHAPE: Final = (3, 2)
_BAD: Final[Mapping[str, Any]] = {
    "float-int": {"floatx": "int32"},
    "float-word": {"floatx": "real"},
    "float-none": {"floatx": None},
    "epsilon-text": {"epsilon": "small"},
    "format-word": {"image_data_format": "channels"},
    "policy-word": {"dtype_policy": "mixed"},
    "policy-number": {"dtype_policy": 3},
    "seed-text": {"seed": "seven"},
    "seed-negative": {"seed": -1},
    "seed-float": {"seed": 1.5},
    "seed-too-large": {"seed": 2**32},
    "seed-scalar": {"seed": listed(7, "int64", Given.SCALAR)},
}


def rows() -> Iterator[Case]:
    """Every case about initializers and settings."""
    for name in CLASSES:
        yield from _dtypes(name)
    for name in RANDOM:
        yield from _seeds(name)
    row = Rows("Zeros", flags="bad-argument")
    for detail, settings in _BAD.items():
        yield row("setting-rejected", detail, globally(**settings), initialize(_SHAPE))


def _dtypes(name: str) -> Iterator[Case]:
    """Without a dtype: the one of the setting when the values are asked for."""
    row = Rows(name, arguments=ARGUMENTS[name])
    for floatx in _FLOATS:
        changed = globally(floatx=floatx)
        bound = tolerance(name, ARGUMENTS[name], _SHAPE, floatx)
        asked = row.given(tolerance=bound)
        before = (changed, NEW, initialize(_SHAPE))
        yield asked("setting-floatx", f"{floatx}-before-construction", *before)
        yield asked("setting-floatx", f"{floatx}-after-construction", changed, initialize(_SHAPE))
    named = (globally(floatx="float64"), initialize(_SHAPE, dtype="float32"), CONFIG)
    yield row("setting-floatx", "dtype-named", *named)


def _seeds(name: str) -> Iterator[Case]:
    """Without a seed: what follows from the global one."""
    arguments = {k: v for k, v in ARGUMENTS[name].items() if k != "seed"}
    row = Rows(name, arguments=arguments, flags="seed")
    bound = tolerance(name, arguments, _SHAPE)
    draw = initialize(_SHAPE)
    assert law(name, arguments, _SHAPE) is not None
    asked = row.given(tolerance=bound)
    for seed in (0, 7):
        yield asked("setting-seed", f"{seed}-new", globally(seed=seed), NEW, draw)
    yield asked("setting-seed", "two-objects", globally(seed=7), NEW, draw, NEW, draw)
    again = (globally(seed=7), NEW, draw, globally(seed=7), NEW, draw)
    yield asked("setting-seed", "set-twice", *again)
    other = (globally(seed=7), NEW, draw, globally(seed=8), NEW, draw)
    yield asked("setting-seed", "then-another", *other)
    seeded = row.given(arguments=ARGUMENTS[name], tolerance=bound)
    same = (globally(seed=1), NEW, draw, globally(seed=2), NEW, draw)
    yield seeded("setting-seed", "own-seed-stays", *same)
