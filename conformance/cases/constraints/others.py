"""`Constraint`, `NonNeg`, `RadialConstraint`, and the examples of the documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.constraints.common import Rows, bad_construction
from conformance.cases.inputs import INF, LIMITS, NAN, count, listed, thirds, wave, whole
from conformance.cases.rows import EXACT, KERAS2, WAYS, cell, sizes
from conformance.cases.steps import CALL, CONFIG, roundtrip
from conformance.model import FLOATS, INTEGERS, Case, Given, Input

_FORMS: Final = (Given.VARIABLE, Given.ARRAY, Given.LIST)
# These copy, and compute nothing.
NON_NEGATIVE: Final = Rows("NonNeg", tolerance=EXACT)
RADIAL: Final = Rows("RadialConstraint", KERAS2, tolerance=EXACT)


def non_negative() -> Iterator[Case]:
    """`NonNeg`: every dtype, both zeros, the ends of each dtype."""
    row = NON_NEGATIVE
    for dtype in FLOATS:
        normal, subnormal, largest, _ = LIMITS[dtype]
        small = [subnormal, -subnormal, normal / 2, -normal / 2]
        inputs: dict[str, Any] = {
            "wave-5": wave((5,), dtype),
            "wave-3x4": wave((3, 4), dtype),
            "wave-2x3x4": wave((2, 3, 4), dtype),
            "wave-3x2x2x3": wave((3, 2, 2, 3), dtype),
            "wave-2x2x1x3x2": wave((2, 2, 1, 3, 2), dtype),
            "thirds-3x4": thirds((3, 4), dtype),
            "zeros": cell(listed([0.0, -0.0], dtype), flags=("zero", "negative-zero")),
            "subnormals": cell(listed(small, dtype), flags="subnormal"),
            "least-normals": listed([normal, -normal], dtype),
            "largest": listed([largest, -largest], dtype),
            "infinities": cell(listed([INF, -INF, 1.0], dtype), flags="infinity"),
            "nan": cell(listed([NAN, 1.0, -1.0], dtype), flags="nan"),
            "empty": cell(listed([], dtype), flags="empty"),
            "empty-3x0": cell(wave((3, 0), dtype), flags="empty"),
            "rank-0": cell(listed(-1.5, dtype), flags="single"),
            "single": cell(listed([[-1.5]], dtype), flags="single"),
        }
        yield from row.table("value", inputs, CALL, suffix=f"-{dtype}")
        forms = {form: wave((3, 4), dtype, form) for form in (Given.VARIABLE, Given.ARRAY)}
        yield from row.table("given", forms, CALL, suffix=f"-{dtype}", flags="input-form")
    for dtype in (*INTEGERS, "bool"):
        array = cell(whole((3, 4), dtype, Given.ARRAY), flags=("integer", "input-form"))
        both = {dtype: whole((3, 4), dtype), f"{dtype}-array": array}
        yield from row.table("integer", both, CALL, flags="integer")
    yield row("given", "list-float64", CALL, inputs=wave((3, 4), "float64", Given.LIST))
    flags = ("integer", "input-form")
    yield row("given", "list-int64", CALL, inputs=whole((3, 4), "int64", Given.LIST), flags=flags)
    yield row("complex", "complex64", CALL, inputs=listed([1 + 2j], "complex64"))
    yield from bad_construction(row)


def _kernel(numbers: list[list[float]], dtype: str) -> Input:
    """A kernel of one channel."""
    return listed([[[[number]] for number in line] for line in numbers], dtype)


def radial() -> Iterator[Case]:
    """`RadialConstraint`: square kernels of sizes 1 to 7, and what is no kernel."""
    row = RADIAL
    # Kernels are (rows, cols, in, out) whatever the data format of the layer, (rows, cols, out,
    # in) in a transposed and (rows, cols, in, multiplier) in a depthwise or separable layer.
    channels = {1: (8, 8), 2: (4, 4), 3: (2, 3), 4: (2, 2), 5: (1, 2), 6: (1, 1), 7: (1, 1)}
    for size, (first, second) in channels.items():
        for dtype in FLOATS:
            pairs = dict.fromkeys(((first, second), (second, first), (1, 1)))
            shapes = ((size, size, a, b) for a, b in pairs)
            given = {sizes(shape): thirds(shape, dtype) for shape in shapes}
            yield from row.table("size", given, CALL, suffix=f"-{dtype}", flags="kernel")
        flags = "documented-example" if size == 4 else "kernel"
        kernel = count((size, size, 1, 1))
        yield row("place", f"{size}x{size}", CALL, inputs=kernel, flags=flags)
    integers = {dtype: whole((3, 3, 1, 2), dtype) for dtype in (*INTEGERS, "bool")}
    yield from row.table("integer", integers, CALL, flags="integer")
    yield row("complex", "complex64", CALL, inputs=count((3, 3, 1, 1), "complex64"))
    yield row("complex", "complex64-even", CALL, inputs=count((4, 4, 1, 1), "complex64"))
    signed = listed([[[[complex(-0.0, 1)]], [[2]]], [[[3]], [[4]]]], "complex64")
    yield row("complex", "complex64-negative-zero", CALL, inputs=signed, flags="negative-zero")
    for dtype in FLOATS:
        _, subnormal, largest, _ = LIMITS[dtype]
        for detail, centre, flag in (
            ("nan", NAN, "nan"),
            ("infinity", -INF, "infinity"),
            ("negative-zero", -0.0, "negative-zero"),
            ("subnormal", subnormal, "subnormal"),
            ("largest", largest, "overflow"),
        ):
            # The diagonal, from which every ring is filled, holds the value and one other number.
            kernel = _kernel([[1.0, 2.0, 3.0], [4.0, centre, 5.0], [6.0, 7.0, 8.0]], dtype)
            yield row("edge", f"{detail}-{dtype}", CALL, inputs=kernel, flags=flag)
            # Official Keras adds zero to the centre of an even kernel, and copies everything else.
            for place, at in (("centre", 1), ("outer", 3)):
                numbers = [[1.0 + 4 * i + j for j in range(4)] for i in range(4)]
                numbers[at][at] = centre
                kernel = _kernel(numbers, dtype)
                yield row("edge", f"{detail}-even-{place}-{dtype}", CALL, inputs=kernel, flags=flag)
    # The corner fills the centre of an odd kernel, as it is.
    corner = _kernel([[-0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], "float32")
    yield row("edge", "negative-zero-corner", CALL, inputs=corner, flags="negative-zero")
    forms = {form: count((3, 3, 2, 1), "float32", form) for form in _FORMS}
    yield from row.table("given", forms, CALL, flags="input-form")
    empty = {sizes(shape): wave(shape) for shape in ((3, 3, 0, 2), (3, 3, 2, 0), (0, 0, 1, 1))}
    yield from row.table("edge", empty, CALL, prefix="empty-", flags="empty")
    oblong = ((3, 4, 1, 1), (4, 3, 1, 1), (2, 3, 1, 1), (1, 3, 1, 1), (3, 1, 1, 1), (5, 3, 2, 1))
    kernels = {f"non-square-{sizes(shape)}": count(shape) for shape in oblong}
    ranks: tuple[tuple[int, ...], ...] = ((), (3,), (3, 3), (3, 3, 2), (3, 3, 2, 1, 1))
    kernels |= {f"rank-{len(shape)}": count(shape) for shape in ranks}
    yield from row.table("rejected", kernels, CALL, flags="bad-input")
    yield from bad_construction(row)


def base() -> Iterator[Case]:
    """The base class, the examples of the documents, and callables that are no class."""
    row = Rows("Constraint")
    dtypes = {dtype: thirds((3, 4), dtype) for dtype in FLOATS}
    dtypes |= {dtype: whole((3, 4), dtype) for dtype in ("int32", "bool")}
    yield from row.table("identity", dtypes, CALL, CONFIG)
    forms = {form: wave((3, 4), "float32", form) for form in _FORMS}
    yield from row.table("identity", forms, CALL, flags="input-form")
    yield from bad_construction(row)
    # Sums of quarters, divided by 8: every mean is exact, whichever way it is computed.
    example = row.given(custom="CenterAround", tolerance=EXACT, flags="documented-example")
    for detail, ref_value, given in (
        ("0.0", 0.0, wave((2, 4))),
        ("1.5", 1.5, wave((2, 4))),
        ("float64", -2.0, wave((2, 2, 2), "float64")),
    ):
        around = example.given(arguments={"ref_value": ref_value}, inputs=given)
        yield around("documented", f"CenterAround-{detail}", CALL, CONFIG)
    positive = row.given(custom="NonNegative", flags="documented-example")
    yield positive("documented", "NonNegative", CALL, CONFIG, inputs=listed([-1.0, 1.0]))
    saved = example.given(
        arguments={"ref_value": 1.5}, inputs=wave((2, 4)), flags=("documented-example", "config")
    )
    forgetful = row.given(
        custom="Forgetful", arguments={"factor": 3.0}, inputs=wave((3, 4)), flags="config"
    )
    for via in WAYS:
        yield saved("documented", f"CenterAround-{via}", roundtrip(via), CONFIG, CALL)
        yield forgetful("custom", f"Forgetful-{via}", roundtrip(via), CONFIG, CALL)
