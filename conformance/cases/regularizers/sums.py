"""`L1`, `L2`, `L1L2`: factors, inputs, edges, rejections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.inputs import INF, LIMITS, NAN, every_pair, listed, thirds, wave, whole
from conformance.cases.regularizers.common import NO_FACTORS, SUMS, Rows
from conformance.cases.rows import EXACT, OUT_OF_RANGE, sizes
from conformance.cases.steps import CALL, CONFIG
from conformance.model import FLOATS, INTEGERS, Case, Given

_FACTORS: Final[tuple[Any, ...]] = (0.01, 0.0, 1.0, 2, 0.1, 1 / 3, 1e-5, 1e4)
_UNUSUAL: Final[dict[str, Any]] = {
    "True": True,
    "False": False,
    "None": None,
    "float64": listed(0.1, "float64", Given.SCALAR),
    "1e-50": 1e-50,
    "1e30": 1e30,
    "10**30": 10**30,
}
# Both zeros, that a negative factor tells apart.
_ZEROS: Final = listed([0.0, -0.0])


def argument_rows(name: str) -> Iterator[Case]:
    """Every factor, every pair of two, in float32 and float64; then unusual ones."""
    row = Rows(name)
    both = name == "L1L2"
    weights = {dtype: thirds((3, 4), dtype) for dtype in FLOATS}
    two = {dtype: weights[dtype] for dtype in ("float32", "float64")}
    values: dict[str, Sequence[Any]] = dict.fromkeys(SUMS[name], _FACTORS)
    for chosen in every_pair(**values) if both else ({f: v} for f in values for v in _FACTORS):
        asked = row.given(arguments=chosen)
        prefix = f"{row.arguments_text(chosen)}-"
        yield from asked.table("arguments", two, CALL, CONFIG, prefix=prefix, flags="pairwise")
    row = row.given(inputs=weights["float32"])
    flag = "documented-default"
    yield from row.table("arguments", weights, CALL, CONFIG, prefix="defaults-", flags=flag)
    for given in ((0.5, 2), (2, 0.5), (0.25,)) if both else ((0.5,), (2,)):
        detail = f"positional={','.join(map(str, given))}"
        signed = row.given(arguments={"*": given})
        yield signed("arguments", detail, CALL, CONFIG, flags="documented-signature")
    for factor in SUMS[name]:
        for detail, value in _UNUSUAL.items():
            asked = row.given(arguments={factor: value})
            prefix = f"{factor}={detail}-"
            asked = asked.given(flags="unusual-argument")
            yield from asked.table("arguments", two, CALL, CONFIG, prefix=prefix)
        for value in (-0.5, -1, -1e-3):
            asked = row.given(arguments={factor: value}, flags="negative")
            yield asked("arguments", f"{factor}={value}", CALL, CONFIG)
        # Rounded to float32, to the dtype of the weights, or to both: three different penalties.
        for dtype in ("float16", "bfloat16", "float64"):
            for value in (0.1, 1 / 3, 1e-5):
                asked = row.given(arguments={factor: value}, inputs=listed([1.0], dtype))
                asked = asked.given(flags="single", tolerance=EXACT)
                yield asked("factor-precision", f"{factor}={value}-{dtype}", CALL)
    zeros = row.given(inputs=_ZEROS, flags=("negative", "negative-zero"))
    if both:
        negative = [{"l1": l1, "l2": l2} for l1, l2 in ((-0.5, -0.25), (-0.5, 0.0), (0.0, -0.5))]
        yield from zeros.table("arguments", negative, CALL, suffix="-zeros")
        return
    (factor,) = SUMS[name]
    half = row.given(arguments={factor: LIMITS["float32"][2] / 2}, inputs=listed([1.0]))
    yield half("arguments", f"{factor}=half-of-the-largest", CALL, flags="overflow")
    yield zeros("arguments", f"{factor}=-0.5-zeros", CALL, arguments={factor: -0.5})
    legacy = ({"l": 0.5}, {"l": 0.5, factor: 0.25}, {"l": None})
    row = row.given(flags="legacy-argument")
    yield from row.table("arguments", legacy, CALL, CONFIG, prefix="legacy-")


_SHAPES: Final[tuple[tuple[int, ...], ...]] = (
    *((), (1,), (5,), (3, 4), (4, 1), (2, 3, 4), (3, 2, 2, 3), (2, 2, 1, 3, 2)),
)


def input_rows(name: str) -> Iterator[Case]:
    """Ranks, dtypes and the forms in which weights are handed over."""
    row = Rows(name, arguments=SUMS[name])
    for dtype in FLOATS:
        shaped = ((kind, shape) for shape in _SHAPES for kind in (thirds, wave))
        given = {f"{kind.__name__}-{sizes(shape)}": kind(shape, dtype) for kind, shape in shaped}
        yield from row.table("dtype", given, CALL, prefix=f"{dtype}-")
        forms = {form: thirds((3, 4), dtype, form) for form in (Given.VARIABLE, Given.ARRAY)}
        yield from row.table("given", forms, CALL, suffix=f"-{dtype}", flags="input-form")
    given = {
        "list-float64": thirds((3, 4), "float64", Given.LIST),
        "list-of-one": listed([2.0], "float64", Given.LIST),
        "number": listed(-1.5, "float64", Given.LIST),
        "scalar-float64": listed(-1.5, "float64", Given.SCALAR),
        "scalar-float32": listed(-1.5, "float32", Given.SCALAR),
    }
    yield from row.table("given", given, CALL, flags="input-form")
    integer = row.given(flags="integer")
    few = {dtype: whole((3,), dtype) for dtype in ("int32", "bool")}
    without = integer.given(arguments=dict.fromkeys(SUMS[name], 0.0), flags="zero")
    yield from without.table("integer", few, CALL, suffix="-zero-factor")
    # A factor below 1 is no factor of integers; one of 2.7 counts as 2.
    for dtype in INTEGERS:
        for value in (0.3, 2.7):
            asked = integer.given(arguments=dict.fromkeys(SUMS[name], value))
            yield asked("integer", f"{dtype}-{value}", CALL, inputs=whole((3, 4), dtype))
    asked = integer.given(arguments=dict.fromkeys(SUMS[name], 2.0), flags=("integer", "input-form"))
    forms = {form: whole((3, 4), "int32", form) for form in (Given.VARIABLE, Given.ARRAY)}
    yield from asked.table("integer", forms, CALL, prefix="int32-")
    yield integer("integer", "bool", CALL, inputs=whole((4,), "bool"))
    nothing = integer.given(arguments=dict.fromkeys(SUMS[name], 0.0))
    yield nothing("integer", "bool-without-factors", CALL, inputs=whole((4,), "bool"))
    # Moduli and squares of these are whole numbers: only the factor rounds.
    numbers = [[3 + 4j, 1], [5 + 12j, -2]]
    given = {dtype: listed(numbers, dtype) for dtype in ("complex64", "complex128")}
    yield from row.table("complex", given, CALL, flags="complex")


def edge_rows(name: str) -> Iterator[Case]:
    """The ends of each dtype, what is not finite, both zeros, and nothing at all."""
    row = Rows(name, arguments=SUMS[name])
    for dtype in FLOATS:
        normal, subnormal, largest, eps = LIMITS[dtype]
        root = math.sqrt(largest)
        edges: dict[str, tuple[Any, Any]] = {
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], "zero"),
            "negative-zeros": ([[-0.0, -0.0]], "negative-zero"),
            "one": ([1.0], "single"),
            "near-one": ([1.0 + eps, 1.0 - eps / 2], "bound"),
            "largest": ([largest], "overflow"),
            "two-of-the-largest": ([largest, -largest], "overflow"),
            "square-overflows": ([root * 2, 1.0], "overflow"),
            # Halves of the squares, and halves of them only, can be added up.
            "sum-of-squares-overflows": ([root * 0.9, root * 0.9], "overflow"),
            "least-normal": ([normal, -normal], "underflow"),
            "subnormal": ([subnormal, -normal / 2], "subnormal"),
            "squares-underflow": ([math.sqrt(subnormal) / 4, 0.0], "underflow"),
            "halves-of-squares-underflow": ([math.sqrt(normal) * 1.2], "underflow"),
            "large-and-small": ([1 / eps, 1.0, -1.0, 1.0], "bound"),
            "infinity": ([INF, 1.0], "infinity"),
            "minus-infinity": ([-INF, 1.0], "infinity"),
            "nan": ([NAN, 1.0], "nan"),
            "nan-and-infinity": ([NAN, INF], ("nan", "infinity")),
        }
        for detail, (weights, flags) in edges.items():
            exact = flags in OUT_OF_RANGE or detail == "large-and-small"
            asked = row.given(tolerance=EXACT) if exact else row
            weight = listed(weights, dtype)
            yield asked("edge", f"{detail}-{dtype}", CALL, inputs=weight, flags=flags)
        empty = {sizes(shape): wave(shape, dtype) for shape in ((0,), (0, 3), (3, 0), (2, 0, 3))}
        yield from row.table(
            "edge", empty, CALL, prefix="empty-", suffix=f"-{dtype}", flags="empty"
        )
        # Zero times infinity is no number, but a term with the factor 0 of L1L2 is left out.
        asked = row.given(arguments=dict.fromkeys(SUMS[name], 0.0))
        for detail, weights in (("infinity", [INF, 1.0]), ("nan", [NAN, 1.0])):
            weight = listed(weights, dtype)
            flags = (detail, "zero")
            detail = f"zero-factor-{detail}-{dtype}"
            yield asked("edge", detail, CALL, inputs=weight, flags=flags)


def rejection_rows(name: str) -> Iterator[Case]:
    """Factors, keywords and weights that are none."""
    row = Rows(name, flags="bad-argument")
    for factor in SUMS[name]:
        prefix = f"{factor}-"
        yield from row.table("rejected", NO_FACTORS, CONFIG, argument=factor, prefix=prefix)
        most = row.given(arguments={factor: LIMITS["float64"][2]}, flags="bound")
        yield most("arguments", f"{factor}-largest-float64", CONFIG)
        asked = row.given(arguments={factor: 1e39}, flags=("bad-argument", "overflow"))
        yield asked("rejected", f"{factor}-beyond-float32", CONFIG, CALL, inputs=thirds((3,)))
    bad = {"unknown-keyword": {"foo": 1}, "too-many-positional": {"*": (1, 2, 3)}}
    yield from row.table("rejected", bad, CONFIG)
    row = row.given(arguments=SUMS[name], flags=("input-form", "empty"))
    yield row("given", "empty-list", CALL, inputs=listed([], "float64", Given.LIST))
