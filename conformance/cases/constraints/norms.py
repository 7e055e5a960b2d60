"""`MaxNorm`, `MinMaxNorm`, `UnitNorm`: arguments, inputs, edges, rejections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.constraints.common import NORMS, Rows, bad_construction, description
from conformance.cases.inputs import INF, LIMITS, NAN, every_pair, listed, thirds, wave, whole
from conformance.cases.rows import EXACT, OUT_OF_RANGE, sizes
from conformance.cases.steps import CALL, CONFIG
from conformance.model import FLOATS, INTEGERS, Case, Given

_WEIGHTS: Final = thirds((3, 4))
_VALUES: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    "MaxNorm": {"max_value": (0, 0.5, 1.0, 2, 3.7, 1e-3, 1e4, INF, -1.0)},
    "MinMaxNorm": {
        "min_value": (0.0, 0.5, 1.6, 3, -1.0),
        "max_value": (0.0, 0.25, 1.0, 2, INF),
        "rate": (1.0, 0.0, 0.3, 1, 1.5, -0.5),
    },
    "UnitNorm": {},
}
_AXES: Final[Sequence[Any]] = (0, 1, -1, [0], [0, 1], (1, 0), [], None)
# The second of each two would be valid, and something else, in any other order.
_POSITIONAL: Final[Mapping[str, Sequence[tuple[Any, ...]]]] = {
    "MaxNorm": ((1.5, 1), (1, 0)),
    "MinMaxNorm": ((0.5, 1.5, 0.3, 1), (1, 2, 0.5, 0)),
    "UnitNorm": ((1,),),
}
_UNUSUAL_AXES: Final[Sequence[Any]] = (
    *(-2, True, False, (0, 1)),
    listed(1, "int64", Given.SCALAR),
    listed(0, "int32", Given.ARRAY),
    listed([0, 1], "int64", Given.ARRAY),
    listed(1, "int32"),
    listed([1, 0], "int64"),
    [[0, 1]],
    [listed(1, "int64", Given.SCALAR)],
)
_UNUSUAL_NUMBERS: Final[Sequence[Any]] = (
    True,
    listed(1.5, "float32", Given.SCALAR),
    listed(1.5, "float64", Given.SCALAR),
    listed(1.5, "float16", Given.SCALAR),
    listed(2, "int64", Given.SCALAR),
    listed(1.5, "float64", Given.ARRAY),
    listed([0.5, 1, 1.5, 2], "float32", Given.ARRAY),
    listed([0.5, 1, 1.5, 2], "float64", Given.ARRAY),
    listed([[0.5, 1, 1.5, 2]], "float32"),
    [0.5, 1.0, 1.5, 2.0],
    listed(1.5),
    listed(1.5, given=Given.VARIABLE),
    *(1 / 3, 0.1, 1e300, 10**30, NAN, -INF, None),
)


def rows(name: str) -> Iterator[Case]:
    """Every case about one of them."""
    row = Rows(name)
    yield from _arguments(row)
    yield from _inputs(row.given(arguments=NORMS[name]))
    yield from _edges(row)
    yield from _rejections(row)
    yield from bad_construction(row)
    yield from description(row, NORMS[name])


def _arguments(row: Rows) -> Iterator[Case]:
    """Every pair of argument values, then single unusual ones."""
    row = row.given(inputs=_WEIGHTS)
    values = {**_VALUES[row.name], "axis": _AXES}
    chosen = every_pair(**values) if len(values) > 1 else ({"axis": axis} for axis in _AXES)
    yield from row.table("arguments", chosen, CALL, CONFIG, flags="pairwise")
    yield row("arguments", "defaults", CALL, CONFIG, flags="documented-default")
    signed = row.given(flags="documented-signature")
    given = _POSITIONAL[row.name]
    prefix = "positional="
    yield from signed.table("arguments", given, CALL, CONFIG, argument="*", prefix=prefix)
    unusual = [{"axis": axis} for axis in _UNUSUAL_AXES]
    unusual += [{"min_value": 0.5, "rate": 2.0}] if row.name == "MinMaxNorm" else []
    unusual += [{a: number} for a in NORMS[row.name] for number in _UNUSUAL_NUMBERS]
    yield from row.table("arguments", unusual, CALL, CONFIG, flags="unusual-argument")


_SHAPES: Final[Sequence[tuple[tuple[int, ...], Sequence[Any]]]] = (
    ((5,), (0, -1)),
    ((3, 4), (0, 1, [0, 1])),
    # Two axes of one size: a norm that lost its axis broadcasts all the same, the wrong way.
    ((3, 3), (0, 1)),
    ((2, 3, 4), (0, 1, [0, 2])),
    ((3, 2, 2, 3), (0, [0, 1, 2], -1)),
    ((2, 2, 1, 3, 2), (0, [0, 1, 2, 3], None)),
)


def _inputs(row: Rows) -> Iterator[Case]:
    """Ranks, dtypes and the forms in which weights are handed over."""
    for dtype in FLOATS:
        for shape, axes in _SHAPES:
            asked = row.given(inputs=thirds(shape, dtype))
            prefix = f"{dtype}-{sizes(shape)}-axis="
            yield from asked.table("dtype", axes, CALL, argument="axis", prefix=prefix)
    for dtype in (*INTEGERS, "bool"):
        weights = {
            "small": whole((3, 4), dtype),
            "array": whole((4,), dtype, Given.ARRAY),
            # Squares of 100 leave the 8-bit integers, squares of 50,000 the 32-bit ones.
            "large": listed([1, 1] if dtype == "bool" else [100, 100], dtype),
        }
        yield from row.table("integer", weights, CALL, prefix=f"{dtype}-", flags="integer")
    numbers = [[3 + 4j, 1], [1j, -2]]
    moduli = {dtype: listed(numbers, dtype) for dtype in ("complex64", "complex128")}
    yield from row.table("complex", moduli, CALL, flags="complex", tolerance=EXACT)
    along = row.given(arguments={"axis": 1})
    yield along("integer", "int32-axis=1", CALL, inputs=whole((3, 4), "int32"), flags="integer")
    of_all = row.given(arguments={"axis": None})
    yield of_all("integer", "int32-axis=None", CALL, inputs=whole((3, 4), "int32"), flags="integer")
    given = listed(numbers, "complex64")
    yield of_all("complex", "complex64-axis=None", CALL, inputs=given, flags="complex")
    forms = [(form, dtype) for form in (Given.VARIABLE, Given.ARRAY) for dtype in FLOATS]
    for form, dtype in (*forms, (Given.LIST, "float64")):
        weight = thirds((3, 4), dtype, form)
        yield row("given", f"{form}-{dtype}", CALL, inputs=weight, flags="input-form")
    weight = whole((3, 4), "int64", Given.LIST)
    yield row("given", "list-int64", CALL, inputs=weight, flags=("input-form", "integer"))


def _edges(row: Rows) -> Iterator[Case]:
    """Where norms meet their bounds, the ends of the dtype, or nothing at all."""
    row = row.given(
        arguments={
            "MaxNorm": {"max_value": 2.0},
            "MinMaxNorm": {"min_value": 1.0, "max_value": 2.0},
            "UnitNorm": {},
        }[row.name]
    )
    for dtype in FLOATS:
        normal, subnormal, largest, eps = LIMITS[dtype]
        root, tiny = math.sqrt(largest), math.sqrt(subnormal) / 4
        edges: dict[str, tuple[Any, Any]] = {
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], "zero"),
            "negative-zeros": ([[-0.0, 0.0], [-0.0, 1.0]], "negative-zero"),
            "at-upper-bound": ([[2.0, 0.0], [0.0, -2.0]], "bound"),
            "under-upper-bound": ([[2.0 * (1 - eps / 2), 0.0], [0.0, -1.5]], "bound"),
            "over-upper-bound": ([[2.0 * (1 + eps), 0.0], [0.0, -2.5]], "bound"),
            "at-lower-bound": ([[1.0, 0.0], [0.0, -1.0]], "bound"),
            "under-lower-bound": ([[1.0 - eps / 2, 0.0], [0.0, -0.5]], "bound"),
            "over-lower-bound": ([[1.0 + eps, 0.0], [0.0, -1.25]], "bound"),
            "near-epsilon": ([[1e-3, 0.0], [0.0, 3e-3]], "epsilon"),
            "at-epsilon": ([[1e-7, 0.0], [0.0, -3e-7]], "epsilon"),
            "under-epsilon": ([[1e-9, 0.0], [0.0, -3e-10]], "epsilon"),
            "subnormal": ([[subnormal, 0.0], [0.0, -normal / 2]], "subnormal"),
            "least-normal": ([[normal, 0.0], [0.0, -normal]], "underflow"),
            "squares-underflow": ([[tiny, 0.0], [0.0, -math.sqrt(normal) / 2]], "underflow"),
            "squares-overflow": ([[root * 2, 1.0], [1.0, -root * 4]], "overflow"),
            "sum-overflows": ([[root * 0.9, 1.0], [root * 0.9, -1.0]], "overflow"),
            "largest": ([[largest, 1.0], [0.0, -largest]], "overflow"),
            "infinity": ([[INF, 1.0], [1.0, -INF]], "infinity"),
            "nan": ([[NAN, 1.0], [2.0, -3.0]], "nan"),
            "nan-and-infinity": ([[NAN, INF], [INF, 1.0]], ("nan", "infinity")),
            "single-element": ([[3.0]], "single"),
            "single-vector": ([-0.25], "single"),
        }
        # In float16 the squares of these underflow.
        unbounded = {*OUT_OF_RANGE, *(("epsilon",) if dtype == "float16" else ())}
        for detail, (weights, flags) in edges.items():
            asked = row.given(tolerance=EXACT) if flags in unbounded else row
            weight = listed(weights, dtype)
            yield asked("edge", f"{detail}-{dtype}", CALL, inputs=weight, flags=flags)
        empty = {sizes(shape): wave(shape, dtype) for shape in ((0,), (0, 3), (3, 0), (2, 0, 3))}
        yield from row.table(
            "edge", empty, CALL, prefix="empty-", suffix=f"-{dtype}", flags="empty"
        )


_BAD_AXES: Final[Mapping[str, Any]] = {
    "axis-too-large": 2,
    "axis-too-small": -3,
    "axis-twice": [0, 0],
    "axis-twice-negative": [1, -1],
    "axis-among-too-large": [0, 5],
    "axis-float": 0.0,
    "axis-text": "0",
    "axis-list-of-floats": [1.0],
    "axis-list-of-text": ["a"],
    "axis-list-with-none": [0, None],
    "axis-dict": {},
    "axis-uint8": listed(0, "uint8"),
}
_BAD_NUMBERS: Final[Mapping[str, Any]] = {
    "text": "2",
    "word": "abc",
    "dict": {},
    "three-for-four-columns": [1.0, 2.0, 3.0],
    "empty-tuple": (),
    "float64-tensor": listed(1.5, "float64"),
    "more-than-the-norms": listed([[0.5], [1.0], [1.5]]),
    "int32-tensor": listed(2, "int32"),
}


def _rejections(row: Rows) -> Iterator[Case]:
    """Arguments and weights that cannot be used. Constructors take them all; calls do not."""
    bad = row.given(inputs=_WEIGHTS, flags="bad-argument")
    yield from bad.table("rejected", _BAD_AXES, CONFIG, CALL, argument="axis")
    for argument in NORMS[row.name]:
        prefix = f"{argument}-"
        yield from bad.table("rejected", _BAD_NUMBERS, CALL, argument=argument, prefix=prefix)
    scalars = {"rank-0": listed(3.0), "rank-0-int": listed(3, "int32")}
    yield from row.table("rejected", scalars, CALL, flags="bad-input")
