"""`RandomUniform`, `RandomNormal`, `TruncatedNormal`, `Orthogonal`: arguments and their edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.initializers.common import (
    NEGATIVE_ZERO,
    Rows,
    draw,
    initialize,
    tolerance,
)
from conformance.cases.inputs import INF, LIMITS, NAN, every_pair, listed
from conformance.cases.rows import sizes
from conformance.cases.steps import CONFIG, setting
from conformance.model import FLOATS, Case, Given

_SHAPES: Final[tuple[tuple[int, ...], ...]] = ((), (5,), (3, 4), (2, 3, 4), (2, 2, 1, 3, 2))

# Values of the two parameters of each class; their pairs meet, and meet every dtype and shape.
_PAIRS: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    "RandomUniform": {
        "minval": (-0.05, 0.0, -1, 1 / 3, -1e4),
        "maxval": (0.05, 1.0, 2, 1e-3, 1e4),
    },
    "RandomNormal": {"mean": (0.0, 1 / 3, -2, 1e4), "stddev": (0.05, 1.0, 2, 1 / 3, 1e-4)},
    "TruncatedNormal": {"mean": (0.0, 1 / 3, -2, 1e4), "stddev": (0.05, 1.0, 2, 1 / 3, 1e-4)},
}
_EDGES: Final[Mapping[str, Mapping[str, tuple[Mapping[str, Any], str]]]] = {
    "RandomUniform": {
        "reversed": ({"minval": 0.7, "maxval": -0.3}, "reversed"),
        "equal": ({"minval": 0.7, "maxval": 0.7}, "degenerate"),
        "both-zero": ({"minval": 0.0, "maxval": 0.0}, "zero"),
        "both-negative-zero": ({"minval": NEGATIVE_ZERO, "maxval": NEGATIVE_ZERO}, "negative-zero"),
        "largest": ({"minval": -3.4e38, "maxval": 3.4e38}, "overflow"),
        "beyond-float16": ({"minval": 0.0, "maxval": 1e5}, "overflow"),
        "beyond-float32": ({"minval": 0.0, "maxval": 1e39}, "overflow"),
        "least": ({"minval": 0.0, "maxval": 1e-44}, "subnormal"),
        "narrow": ({"minval": 1.0, "maxval": 1.0000001}, "rounding"),
        "nan-minval": ({"minval": NAN}, "nan"),
        "nan-maxval": ({"maxval": NAN}, "nan"),
        "infinite-maxval": ({"maxval": INF}, "infinity"),
        "infinite-minval": ({"minval": -INF}, "infinity"),
    },
    "RandomNormal": {
        "zero-stddev": ({"mean": 0.3, "stddev": 0.0}, "zero"),
        "negative-zero-stddev": ({"mean": 0.0, "stddev": NEGATIVE_ZERO}, "negative-zero"),
        "mean-one": ({"mean": 1.0, "stddev": 0.5}, "unusual-argument"),
        "negative-stddev": ({"mean": 0.3, "stddev": -0.8}, "negative"),
        "mean-beyond-float32": ({"mean": 1e39, "stddev": 1.0}, "overflow"),
        "subnormal-stddev": ({"mean": 0.0, "stddev": 1e-40}, "subnormal"),
        "underflow-stddev": ({"mean": 0.0, "stddev": 1e-50}, "underflow"),
        "lost-in-mean": ({"mean": 1e8, "stddev": 1e-3}, "rounding"),
        "nan-mean": ({"mean": NAN}, "nan"),
        "nan-stddev": ({"stddev": NAN}, "nan"),
        "infinite-mean": ({"mean": -INF}, "infinity"),
    },
}
_NUMBERS: Final[Mapping[str, Any]] = {
    "true": True,
    "numpy-float32": listed(1.3, "float32", Given.SCALAR),
    "numpy-float64": listed(1.3, "float64", Given.SCALAR),
    "numpy-float16": listed(1.3, "float16", Given.SCALAR),
    "numpy-int64": listed(2, "int64", Given.SCALAR),
    "array-scalar": listed(1.3, "float32", Given.ARRAY),
    "array-row": listed([1.0, 2.0, 3.0, 4.0], "float32", Given.ARRAY),
    "array-column": listed([[1.0], [2.0], [3.0]], "float32", Given.ARRAY),
    "array-too-long": listed([1.0, 2.0, 3.0, 4.0, 5.0], "float32", Given.ARRAY),
    "list-row": [1.0, 2.0, 3.0, 4.0],
    "tensor": listed(1.3),
    "tensor-float64": listed(1.3, "float64"),
    "tensor-int32": listed(2, "int32"),
    "variable": listed(1.3, "float32", Given.VARIABLE),
    "none": None,
    "text": "1.3",
    "dict": {},
    "integer-beyond-float64": 10**400,
}


# Of these, what tells whether TruncatedNormal converts as RandomNormal does.
_FEW: Final = ("true", "numpy-float64", "array-row", "tensor", "tensor-float64", "none", "text")


def argument_rows(name: str) -> Iterator[Case]:
    """Every pair of arguments, dtype and shape; edges in each float dtype; unusual arguments."""
    row = Rows(name)
    values = _PAIRS[name]
    for choice in every_pair(**values, dtype=FLOATS, shape=_SHAPES):
        shape, dtype = choice.pop("shape"), choice.pop("dtype")
        detail = f"{row.arguments_text(choice)}-{sizes(shape)}-{dtype}"
        asked = row.given(arguments={**choice, "seed": 11}, flags="pairwise")
        yield asked("arguments", detail, draw(shape, dtype))
    # bfloat16 has the range of float32.
    dtypes = ("float16", "float32", *(("float64",) if name != "TruncatedNormal" else ()))
    for detail, (arguments, flag) in _EDGES.get(name, _EDGES["RandomNormal"]).items():
        asked = row.given(arguments={**arguments, "seed": 11}, flags=flag)
        for dtype in dtypes:
            yield asked("edge", f"{detail}-{dtype}", draw((6,), dtype))
    few = name == "TruncatedNormal"
    numbers = {d: number for d, number in _NUMBERS.items() if d in _FEW or not few}
    for argument in values:
        for detail, number in numbers.items():
            asked = row.given(arguments={argument: number, "seed": 11}, flags="unusual-argument")
            yield asked("arguments", f"{argument}-{detail}", draw((3, 4)))
    yield from _signature(row, (3, 4), dict(zip(values, (-0.25, 0.75), strict=True)))


def _signature(row: Rows, shape: tuple[int, ...], given: Mapping[str, Any]) -> Iterator[Case]:
    """Without arguments but a seed, and with `given` and a seed by their places."""
    steps = (CONFIG, initialize(list(shape)))
    flags: tuple[str, ...] = ("documented-default",)
    if row.name == "Orthogonal":
        steps = (CONFIG, initialize([2, 2]))
        flags = (*flags, "documented-example")
    yield row("arguments", "defaults", *steps, arguments={"seed": 11}, flags=flags)
    signed = row.given(arguments={"*": (*given.values(), 11)}, flags="documented-signature")
    within = tolerance(row.name, given, shape)
    yield signed("arguments", "positional", CONFIG, initialize(list(shape)), tolerance=within)


# Bounds of integers.
_BOUNDS: Final[dict[str, tuple[Any, Any]]] = {
    "digits": (0, 10),
    "signed": (-5, 5),
    "one-value": (3, 4),
    "equal": (3, 3),
    "reversed": (5, -5),
    "floats": (0.0, 10.0),
    "fractions": (-0.9, 3.9),
    "int32-range": (-(2**31), 2**31 - 1),
    "beyond-int32": (0, 2**40),
    "beyond-int64": (0, 2**63),
    "maxval-none": (0, None),
    "minval-none": (None, 10),
}


def integer_rows() -> Iterator[Case]:
    """`RandomUniform` of integers, which Keras documents for no other class."""
    row = Rows("RandomUniform", flags="integer")
    for detail, (low, high) in _BOUNDS.items():
        asked = row.given(arguments={"minval": low, "maxval": high, "seed": 11})
        for dtype in ("int32", "int64"):
            yield asked("integer", f"{detail}-{dtype}", draw((4, 5), dtype))
    asked = row.given(arguments={"minval": 1, "maxval": 9, "seed": 11})
    drawn = draw((2, 2), "int32")
    yield asked("integer", "whole-then-float-int32", drawn, setting(minval=1.0), drawn)


def none_rows() -> Iterator[Case]:
    """`RandomUniform` without a bound, in each float dtype."""
    row = Rows("RandomUniform", flags="unusual-argument")
    for detail, arguments, meant in (
        ("maxval-none", {"minval": -2.0, "maxval": None}, {"minval": -2.0, "maxval": 1.0}),
        ("both-none", {"minval": None, "maxval": None}, {"minval": 0.0, "maxval": 1.0}),
    ):
        asked = row.given(arguments={**arguments, "seed": 11})
        for dtype in FLOATS:
            within = tolerance("RandomUniform", meant, (6,), dtype)
            yield asked("edge", f"{detail}-{dtype}", draw((6,), dtype), tolerance=within)


# Wide, tall and square matrices, and kernels.
_MATRICES: Final = (
    *((4, 4), (3, 5), (5, 3), (1, 6), (6, 1), (1, 1), (2, 3, 4), (2, 2, 2, 6), (2, 1, 2, 3, 2)),
)


def orthogonal() -> Iterator[Case]:
    """`Orthogonal`: gains, wide, tall and square matrices, kernels, what has no matrix."""
    row = Rows("Orthogonal")
    dtypes = ("float16", "float32", "float64")
    gains = (1.0, 2.5, -1.5, 3, 1 / 3, 0.0)
    for choice in every_pair(gain=gains, shape=_MATRICES, dtype=dtypes):
        gain, shape, dtype = choice["gain"], choice["shape"], choice["dtype"]
        asked = row.given(arguments={"gain": gain, "seed": 11}, flags="pairwise")
        detail = f"gain={row.text(gain)}-{sizes(shape)}-{dtype}"
        yield asked("arguments", detail, draw(shape, dtype))
    for detail, gain, flag in (
        ("nan", NAN, "nan"),
        ("huge", 1e30, "overflow"),
        ("tiny", 1e-30, "underflow"),
        ("subnormal", 1e-40, "subnormal"),
        ("large", 1e4, "overflow"),
    ):
        asked = row.given(arguments={"gain": gain, "seed": 11}, flags=flag)
        for dtype in dtypes:
            # What overflows or vanishes has the sign of a draw, which no law tells.
            if not LIMITS[dtype][0] * 2 <= abs(gain) <= LIMITS[dtype][2] and gain == gain:
                continue
            yield asked("edge", f"gain-{detail}-{dtype}", draw((3, 2), dtype))
    for detail, number in _NUMBERS.items():
        if detail in ("array-row", "array-column", "list-row"):
            continue  # scaled one by one the columns are not orthogonal, and have no law
        asked = row.given(arguments={"gain": number, "seed": 11}, flags="unusual-argument")
        yield asked("arguments", f"gain-{detail}", draw((3, 4)))
    for shape in ((0, 0), (2, 0, 0), (0, 2, 3)):
        asked = row.given(arguments={"seed": 11}, flags="empty")
        yield asked("empty", f"more-{sizes(shape)}", draw(shape))
    yield from _signature(row, (3, 2), {"gain": 2.0})
