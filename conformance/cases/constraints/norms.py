"""`MaxNorm`, `MinMaxNorm`, `UnitNorm`: arguments, inputs, edges, rejections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.constraints.common import (
    AXES,
    CALL,
    CONFIG,
    EXACT,
    INF,
    NAN,
    NORMS,
    Rows,
    arguments_text,
    bad_construction,
    text,
)
from conformance.cases.inputs import LIMITS, every_pair, listed, thirds, wave, whole
from conformance.model import (
    COMPUTED,
    FLOATS,
    INTEGERS,
    Case,
    Given,
)


def argument_rows(name: str) -> Iterator[Case]:
    """Every pair of argument values, then single unusual ones."""
    row = Rows(name)
    shape = (3, 4)
    values: dict[str, Sequence[Any]] = {"axis": AXES}
    if name == "MaxNorm":
        values = {"max_value": (0, 0.5, 1.0, 2, 3.7, 1e-3, 1e4, INF, -1.0), **values}
    if name == "MinMaxNorm":
        values = {
            "min_value": (0.0, 0.5, 1.6, 3, -1.0),
            "max_value": (0.0, 0.25, 1.0, 2, INF),
            "rate": (1.0, 0.0, 0.3, 1, 1.5, -0.5),
            **values,
        }
    for arguments in every_pair(**values) if len(values) > 1 else ({"axis": a} for a in AXES):
        yield row(
            "arguments",
            arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(thirds(shape),),
            tolerance=COMPUTED,
            flags=("pairwise",),
        )
    defaults = row(
        "arguments",
        "defaults",
        CALL,
        CONFIG,
        inputs=(thirds((3, 4)),),
        tolerance=COMPUTED,
        flags=("documented-default",),
    )
    yield defaults
    # The second of each two would be valid, and something else, in any other order.
    positional: dict[str, tuple[tuple[Any, ...], ...]] = {
        "MaxNorm": ((1.5, 1), (1, 0)),
        "MinMaxNorm": ((0.5, 1.5, 0.3, 1), (1, 2, 0.5, 0)),
        "UnitNorm": ((1,),),
    }
    for given in positional[name]:
        yield row(
            "arguments",
            f"positional={text(given)}",
            CALL,
            CONFIG,
            arguments={"*": given},
            inputs=(thirds((3, 4)),),
            tolerance=COMPUTED,
            flags=("documented-signature",),
        )
    unusual: list[dict[str, Any]] = [
        {"axis": axis}
        for axis in (
            -2,
            True,
            False,
            (0, 1),
            listed(1, "int64", Given.SCALAR),
            listed(0, "int32", Given.ARRAY),
            listed([0, 1], "int64", Given.ARRAY),
            listed(1, "int32"),
            listed([1, 0], "int64"),
            [[0, 1]],
            [listed(1, "int64", Given.SCALAR)],
        )
    ]
    numbers: list[Any] = [
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
        1 / 3,
        0.1,
        1e300,
        10**30,
        NAN,
        -INF,
        None,
    ]
    for argument in NORMS[name]:
        unusual += [{argument: number} for number in numbers]
    for arguments in unusual:
        yield row(
            "arguments",
            arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(thirds(shape),),
            tolerance=COMPUTED,
            flags=("unusual-argument",),
        )


_SHAPES: Final[tuple[tuple[tuple[int, ...], tuple[Any, ...]], ...]] = (
    ((5,), (0, -1)),
    ((3, 4), (0, 1, [0, 1])),
    # Two axes of one size: a norm that lost its axis broadcasts all the same, the wrong way.
    ((3, 3), (0, 1)),
    ((2, 3, 4), (0, 1, [0, 2])),
    ((3, 2, 2, 3), (0, [0, 1, 2], -1)),
    ((2, 2, 1, 3, 2), (0, [0, 1, 2, 3], None)),
)


def input_rows(name: str) -> Iterator[Case]:
    """Ranks, dtypes and the forms in which weights are handed over."""
    row = Rows(name)
    for dtype in FLOATS:
        for shape, axes in _SHAPES:
            for axis in axes:
                yield row(
                    "dtype",
                    f"{dtype}-{'x'.join(map(str, shape))}-axis={text(axis)}",
                    CALL,
                    arguments={**NORMS[name], "axis": axis},
                    inputs=(thirds(shape, dtype),),
                    tolerance=COMPUTED,
                )
    for dtype in (*INTEGERS, "bool"):
        for detail, given in (
            ("small", whole((3, 4), dtype)),
            ("array", whole((4,), dtype, Given.ARRAY)),
            # Squares of 100 leave the 8-bit integers, squares of 50,000 the 32-bit ones.
            ("large", listed([1, 1] if dtype == "bool" else [100, 100], dtype)),
        ):
            yield row(
                "integer",
                f"{dtype}-{detail}",
                CALL,
                arguments=NORMS[name],
                inputs=(given,),
                tolerance=COMPUTED,
                flags=("integer",),
            )
    for dtype in ("complex64", "complex128"):
        yield row(
            "complex",
            dtype,
            CALL,
            arguments=NORMS[name],
            inputs=(listed([[3 + 4j, 1], [1j, -2]], dtype),),
            flags=("complex",),
        )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        for dtype in FLOATS if form is not Given.LIST else ("float64",):
            yield row(
                "given",
                f"{form}-{dtype}",
                CALL,
                arguments=NORMS[name],
                inputs=(thirds((3, 4), dtype, form),),
                tolerance=COMPUTED,
                flags=("input-form",),
            )
    yield row(
        "given",
        "list-int64",
        CALL,
        arguments=NORMS[name],
        inputs=(whole((3, 4), "int64", Given.LIST),),
        tolerance=COMPUTED,
        flags=("input-form", "integer"),
    )


def edge_rows(name: str) -> Iterator[Case]:
    """Where norms meet their bounds, the ends of the dtype, or nothing at all."""
    row = Rows(name)
    arguments = {
        "MaxNorm": {"max_value": 2.0},
        "MinMaxNorm": {"min_value": 1.0, "max_value": 2.0},
        "UnitNorm": {},
    }[name]
    for dtype in FLOATS:
        normal, subnormal, largest, eps = LIMITS[dtype]
        root = math.sqrt(largest)
        edges: dict[str, tuple[Any, tuple[str, ...], bool]] = {
            # detail: weights, flags, whether the rounding bound holds (nothing over- or underflows)
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], ("zero",), True),
            "negative-zeros": ([[-0.0, 0.0], [-0.0, 1.0]], ("negative-zero",), True),
            "at-upper-bound": ([[2.0, 0.0], [0.0, -2.0]], ("bound",), True),
            "under-upper-bound": ([[2.0 * (1 - eps / 2), 0.0], [0.0, -1.5]], ("bound",), True),
            "over-upper-bound": ([[2.0 * (1 + eps), 0.0], [0.0, -2.5]], ("bound",), True),
            "at-lower-bound": ([[1.0, 0.0], [0.0, -1.0]], ("bound",), True),
            "under-lower-bound": ([[1.0 - eps / 2, 0.0], [0.0, -0.5]], ("bound",), True),
            "over-lower-bound": ([[1.0 + eps, 0.0], [0.0, -1.25]], ("bound",), True),
            "near-epsilon": ([[1e-3, 0.0], [0.0, 3e-3]], ("epsilon",), dtype != "float16"),
            "at-epsilon": ([[1e-7, 0.0], [0.0, -3e-7]], ("epsilon",), dtype != "float16"),
            "under-epsilon": ([[1e-9, 0.0], [0.0, -3e-10]], ("epsilon",), dtype != "float16"),
            "subnormal": ([[subnormal, 0.0], [0.0, -normal / 2]], ("subnormal",), False),
            "least-normal": ([[normal, 0.0], [0.0, -normal]], ("underflow",), False),
            "squares-underflow": (
                [[math.sqrt(subnormal) / 4, 0.0], [0.0, -math.sqrt(normal) / 2]],
                ("underflow",),
                False,
            ),
            "squares-overflow": ([[root * 2, 1.0], [1.0, -root * 4]], ("overflow",), False),
            "sum-overflows": ([[root * 0.9, 1.0], [root * 0.9, -1.0]], ("overflow",), False),
            "largest": ([[largest, 1.0], [0.0, -largest]], ("overflow",), False),
            "infinity": ([[INF, 1.0], [1.0, -INF]], ("infinity",), False),
            "nan": ([[NAN, 1.0], [2.0, -3.0]], ("nan",), True),
            "nan-and-infinity": ([[NAN, INF], [INF, 1.0]], ("nan", "infinity"), False),
            "single-element": ([[3.0]], ("single",), True),
            "single-vector": ([-0.25], ("single",), True),
        }
        for detail, (weights, flags, bounded) in edges.items():
            yield row(
                "edge",
                f"{detail}-{dtype}",
                CALL,
                arguments=arguments,
                inputs=(listed(weights, dtype),),
                tolerance=COMPUTED if bounded else EXACT,
                flags=flags,
            )
        for shape in ((0,), (0, 3), (3, 0), (2, 0, 3)):
            yield row(
                "edge",
                f"empty-{'x'.join(map(str, shape))}-{dtype}",
                CALL,
                arguments=arguments,
                inputs=(listed([0.0] * 0, dtype) if shape == (0,) else wave(shape, dtype),),
                flags=("empty",),
            )


def rejection_rows(name: str) -> Iterator[Case]:
    """Arguments and weights that cannot be used. Constructors take them all; calls do not."""
    row = Rows(name)
    weights = thirds((3, 4))
    axes: dict[str, Any] = {
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
    }
    for detail, axis in axes.items():
        yield row(
            "rejected",
            detail,
            CONFIG,
            CALL,
            arguments={"axis": axis},
            inputs=(weights,),
            flags=("bad-argument",),
        )
    numbers: dict[str, Any] = {
        "text": "2",
        "word": "abc",
        "dict": {},
        "three-for-four-columns": [1.0, 2.0, 3.0],
        "empty-tuple": (),
        "float64-tensor": listed(1.5, "float64"),
        "int32-tensor": listed(2, "int32"),
    }
    for argument in NORMS[name]:
        for detail, number in numbers.items():
            yield row(
                "rejected",
                f"{argument}-{detail}",
                CALL,
                arguments={argument: number},
                inputs=(weights,),
                flags=("bad-argument",),
            )
    for detail, given in {
        "rank-0": listed(3.0),
        "rank-0-int": listed(3, "int32"),
    }.items():
        yield row("rejected", detail, CALL, inputs=(given,), flags=("bad-input",))
    yield from bad_construction(row)
