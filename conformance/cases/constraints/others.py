"""`Constraint`, `NonNeg`, `RadialConstraint`, and the examples of the documents."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.constraints.common import (
    CALL,
    CONFIG,
    EXACT,
    INF,
    KERAS2,
    NAN,
    Rows,
    bad_construction,
)
from conformance.cases.inputs import LIMITS, count, listed, thirds, wave, whole
from conformance.model import (
    FLOATS,
    INTEGERS,
    Case,
    Given,
    Input,
    Step,
)


def non_negative() -> Iterator[Case]:
    """`NonNeg`: every dtype, both zeros, the ends of each dtype."""
    row = Rows("NonNeg")
    for dtype in FLOATS:
        normal, subnormal, largest, _ = LIMITS[dtype]
        inputs: dict[str, tuple[Input, tuple[str, ...]]] = {
            "wave-5": (wave((5,), dtype), ()),
            "wave-3x4": (wave((3, 4), dtype), ()),
            "wave-2x3x4": (wave((2, 3, 4), dtype), ()),
            "wave-3x2x2x3": (wave((3, 2, 2, 3), dtype), ()),
            "wave-2x2x1x3x2": (wave((2, 2, 1, 3, 2), dtype), ()),
            "thirds-3x4": (thirds((3, 4), dtype), ()),
            "zeros": (listed([0.0, -0.0], dtype), ("zero", "negative-zero")),
            "subnormals": (
                listed([subnormal, -subnormal, normal / 2, -normal / 2], dtype),
                ("subnormal",),
            ),
            "least-normals": (listed([normal, -normal], dtype), ()),
            "largest": (listed([largest, -largest], dtype), ()),
            "infinities": (listed([INF, -INF, 1.0], dtype), ("infinity",)),
            "nan": (listed([NAN, 1.0, -1.0], dtype), ("nan",)),
            "empty": (listed([0.0] * 0, dtype), ("empty",)),
            "empty-3x0": (wave((3, 0), dtype), ("empty",)),
            "rank-0": (listed(-1.5, dtype), ("single",)),
            "single": (listed([[-1.5]], dtype), ("single",)),
        }
        for detail, (given, flags) in inputs.items():
            yield row("value", f"{detail}-{dtype}", CALL, inputs=(given,), flags=flags)
        for form in (Given.VARIABLE, Given.ARRAY):
            yield row(
                "given",
                f"{form}-{dtype}",
                CALL,
                inputs=(wave((3, 4), dtype, form),),
                flags=("input-form",),
            )
    for dtype in (*INTEGERS, "bool"):
        yield row("integer", dtype, CALL, inputs=(whole((3, 4), dtype),), flags=("integer",))
        yield row(
            "integer",
            f"{dtype}-array",
            CALL,
            inputs=(whole((3, 4), dtype, Given.ARRAY),),
            flags=("integer", "input-form"),
        )
    yield row("given", "list-float64", CALL, inputs=(wave((3, 4), "float64", Given.LIST),))
    yield row(
        "given",
        "list-int64",
        CALL,
        inputs=(whole((3, 4), "int64", Given.LIST),),
        flags=("integer", "input-form"),
    )
    yield row("complex", "complex64", CALL, inputs=(listed([1 + 2j], "complex64"),))
    yield from bad_construction(row)


def radial() -> Iterator[Case]:
    """`RadialConstraint`: square kernels of sizes 1 to 7, and what is no kernel."""
    row = Rows("RadialConstraint", KERAS2)
    # Kernels are (rows, cols, in, out) whatever the data format of the layer, (rows, cols, out,
    # in) in a transposed and (rows, cols, in, multiplier) in a depthwise or separable layer.
    channels = {1: (8, 8), 2: (4, 4), 3: (2, 3), 4: (2, 2), 5: (1, 2), 6: (1, 1), 7: (1, 1)}
    for size, (first, second) in channels.items():
        for dtype in FLOATS:
            for a, b in dict.fromkeys(((first, second), (second, first), (1, 1))):
                yield row(
                    "size",
                    f"{size}x{size}x{a}x{b}-{dtype}",
                    CALL,
                    inputs=(thirds((size, size, a, b), dtype),),
                    flags=("kernel",),
                )
        yield row(
            "place",
            f"{size}x{size}",
            CALL,
            inputs=(count((size, size, 1, 1)),),
            flags=("documented-example",) if size == 4 else ("kernel",),
        )
    for dtype in (*INTEGERS, "bool"):
        yield row("integer", dtype, CALL, inputs=(whole((3, 3, 1, 2), dtype),), flags=("integer",))
    yield row("complex", "complex64", CALL, inputs=(count((3, 3, 1, 1), "complex64"),))
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
            kernel = [[1.0, 2.0, 3.0], [4.0, centre, 5.0], [6.0, 7.0, 8.0]]
            yield row(
                "edge",
                f"{detail}-{dtype}",
                CALL,
                inputs=(listed([[[[v]] for v in line] for line in kernel], dtype),),
                flags=(flag,),
            )
            # Official Keras adds zero to the centre of an even kernel, and copies everything else.
            for place, at in (("centre", 1), ("outer", 3)):
                numbers = [[1.0 + 4 * i + j for j in range(4)] for i in range(4)]
                numbers[at][at] = centre
                yield row(
                    "edge",
                    f"{detail}-even-{place}-{dtype}",
                    CALL,
                    inputs=(listed([[[[v]] for v in line] for line in numbers], dtype),),
                    flags=(flag,),
                )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        yield row(
            "given",
            str(form),
            CALL,
            inputs=(count((3, 3, 2, 1), "float32", form),),
            flags=("input-form",),
        )
    for shape in ((3, 3, 0, 2), (3, 3, 2, 0), (0, 0, 1, 1)):
        yield row(
            "edge",
            f"empty-{'x'.join(map(str, shape))}",
            CALL,
            inputs=(wave(shape),),
            flags=("empty",),
        )
    for shape in (
        (3, 4, 1, 1),
        (4, 3, 1, 1),
        (2, 3, 1, 1),
        (1, 3, 1, 1),
        (3, 1, 1, 1),
        (5, 3, 2, 1),
    ):
        yield row(
            "rejected",
            "non-square-" + "x".join(map(str, shape)),
            CALL,
            inputs=(count(shape),),
            flags=("bad-input",),
        )
    ranks: tuple[tuple[int, ...], ...] = ((), (3,), (3, 3), (3, 3, 2), (3, 3, 2, 1, 1))
    for rank in ranks:
        yield row(
            "rejected", f"rank-{len(rank)}", CALL, inputs=(count(rank),), flags=("bad-input",)
        )
    yield from bad_construction(row)


def base() -> Iterator[Case]:
    """The base class, the examples of the documents, and callables that are no class."""
    row = Rows("Constraint")
    for dtype in (*FLOATS, "int32", "bool"):
        given = thirds((3, 4), dtype) if dtype in FLOATS else whole((3, 4), dtype)
        yield row("identity", dtype, CALL, CONFIG, inputs=(given,))
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        yield row(
            "identity",
            str(form),
            CALL,
            inputs=(wave((3, 4), "float32", form),),
            flags=("input-form",),
        )
    yield from bad_construction(row)
    # Sums of quarters, divided by 8: every mean is exact, whichever way it is computed.
    for detail, ref_value, given in (
        ("0.0", 0.0, wave((2, 4))),
        ("1.5", 1.5, wave((2, 4))),
        ("float64", -2.0, wave((2, 2, 2), "float64")),
    ):
        yield row(
            "documented",
            f"CenterAround-{detail}",
            CALL,
            CONFIG,
            custom="CenterAround",
            arguments={"ref_value": ref_value},
            inputs=(given,),
            tolerance=EXACT,
            flags=("documented-example",),
        )
    yield row(
        "documented",
        "NonNegative",
        CALL,
        CONFIG,
        custom="NonNegative",
        inputs=(listed([-1.0, 1.0]),),
        flags=("documented-example",),
    )
    for via in ("from_config", "serialize"):
        yield row(
            "documented",
            f"CenterAround-{via}",
            Step("roundtrip", options={"via": via}),
            CONFIG,
            CALL,
            custom="CenterAround",
            arguments={"ref_value": 1.5},
            inputs=(wave((2, 4)),),
            flags=("documented-example", "config"),
        )
        yield row(
            "custom",
            f"Forgetful-{via}",
            Step("roundtrip", options={"via": via}),
            CONFIG,
            CALL,
            custom="Forgetful",
            arguments={"factor": 3.0},
            inputs=(wave((3, 4)),),
            flags=("config",),
        )
