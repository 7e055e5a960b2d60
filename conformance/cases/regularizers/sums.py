"""`L1`, `L2`, `L1L2`: factors, inputs, edges, rejections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.constraints.common import arguments_text
from conformance.cases.inputs import LIMITS, every_pair, listed, thirds, wave, whole
from conformance.cases.regularizers.common import (
    CALL,
    CONFIG,
    EXACT,
    INF,
    NAN,
    NO_FACTORS,
    SUMS,
    Rows,
)
from conformance.model import COMPUTED, FLOATS, INTEGERS, Case, Given

_FACTORS: Final[tuple[Any, ...]] = (0.01, 0.0, 1.0, 2, 0.1, 1 / 3, 1e-5, 1e4)


def _both(name: str) -> bool:
    return name == "L1L2"


def argument_rows(name: str) -> Iterator[Case]:
    """Every factor, every pair of two, in float32 and float64; then unusual ones."""
    row = Rows(name)
    values: dict[str, Sequence[Any]] = dict.fromkeys(SUMS[name], _FACTORS)
    chosen = (
        list(every_pair(**values)) if _both(name) else [{f: v} for f in values for v in _FACTORS]
    )
    for arguments in chosen:
        for dtype in ("float32", "float64"):
            yield row(
                "arguments",
                f"{arguments_text(arguments)}-{dtype}",
                CALL,
                CONFIG,
                arguments=arguments,
                inputs=(thirds((3, 4), dtype),),
                tolerance=COMPUTED,
                flags=("pairwise",),
            )
    for dtype in FLOATS:
        yield row(
            "arguments",
            f"defaults-{dtype}",
            CALL,
            CONFIG,
            inputs=(thirds((3, 4), dtype),),
            tolerance=COMPUTED,
            flags=("documented-default",),
        )
    for given in ((0.5,), (2,)) if not _both(name) else ((0.5, 2), (2, 0.5), (0.25,)):
        yield row(
            "arguments",
            f"positional={','.join(map(str, given))}",
            CALL,
            CONFIG,
            arguments={"*": given},
            inputs=(thirds((3, 4)),),
            tolerance=COMPUTED,
            flags=("documented-signature",),
        )
    unusual: dict[str, Any] = {
        "True": True,
        "False": False,
        "None": None,
        "float64": listed(0.1, "float64", Given.SCALAR),
        "1e-50": 1e-50,
        "1e30": 1e30,
        "10**30": 10**30,
    }
    for factor in SUMS[name]:
        for detail, value in unusual.items():
            for dtype in ("float32", "float64"):
                yield row(
                    "arguments",
                    f"{factor}={detail}-{dtype}",
                    CALL,
                    CONFIG,
                    arguments={factor: value},
                    inputs=(thirds((3, 4), dtype),),
                    tolerance=COMPUTED,
                    flags=("unusual-argument",),
                )
        for value in (-0.5, -1, -1e-3):
            yield row(
                "arguments",
                f"{factor}={value}",
                CALL,
                CONFIG,
                arguments={factor: value},
                inputs=(thirds((3, 4)),),
                tolerance=COMPUTED,
                flags=("negative-factor",),
            )
        # Rounded to float32, to the dtype of the weights, or to both: three different penalties.
        for dtype in ("float16", "bfloat16", "float64"):
            for value in (0.1, 1 / 3, 1e-5):
                yield row(
                    "factor-precision",
                    f"{factor}={value}-{dtype}",
                    CALL,
                    arguments={factor: value},
                    inputs=(listed([1.0], dtype),),
                    tolerance=EXACT,
                    flags=("single",),
                )
    if _both(name):
        for l1, l2 in ((-0.5, -0.25), (-0.5, 0.0), (0.0, -0.5)):
            yield row(
                "arguments",
                f"l1={l1},l2={l2}-zeros",
                CALL,
                arguments={"l1": l1, "l2": l2},
                inputs=(listed([0.0, -0.0]),),
                flags=("negative-factor", "negative-zero"),
            )
    else:
        for factor in SUMS[name]:
            yield row(
                "arguments",
                f"{factor}=-0.5-zeros",
                CALL,
                arguments={factor: -0.5},
                inputs=(listed([0.0, -0.0]),),
                flags=("negative-factor", "negative-zero"),
            )
            for legacy in ({"l": 0.5}, {"l": 0.5, factor: 0.25}, {"l": None}):
                yield row(
                    "arguments",
                    f"legacy-{arguments_text(legacy)}",
                    CALL,
                    CONFIG,
                    arguments=legacy,
                    inputs=(thirds((3, 4)),),
                    tolerance=COMPUTED,
                    flags=("legacy-argument",),
                )


_SHAPES: Final[tuple[tuple[int, ...], ...]] = (
    (),
    (1,),
    (5,),
    (3, 4),
    (4, 1),
    (2, 3, 4),
    (3, 2, 2, 3),
    (2, 2, 1, 3, 2),
)


def input_rows(name: str) -> Iterator[Case]:
    """Ranks, dtypes and the forms in which weights are handed over."""
    row = Rows(name)
    for dtype in FLOATS:
        for shape in _SHAPES:
            for kind in (thirds, wave):
                yield row(
                    "dtype",
                    f"{dtype}-{kind.__name__}-{'x'.join(map(str, shape)) or 'scalar'}",
                    CALL,
                    arguments=SUMS[name],
                    inputs=(kind(shape, dtype),),
                    tolerance=COMPUTED,
                )
        for form in (Given.VARIABLE, Given.ARRAY):
            yield row(
                "given",
                f"{form}-{dtype}",
                CALL,
                arguments=SUMS[name],
                inputs=(thirds((3, 4), dtype, form),),
                tolerance=COMPUTED,
                flags=("input-form",),
            )
    for detail, given in (
        ("list-float64", thirds((3, 4), "float64", Given.LIST)),
        ("list-of-one", listed([2.0], "float64", Given.LIST)),
        ("number", listed(-1.5, "float64", Given.LIST)),
        ("scalar-float64", listed(-1.5, "float64", Given.SCALAR)),
        ("scalar-float32", listed(-1.5, "float32", Given.SCALAR)),
    ):
        yield row(
            "given",
            detail,
            CALL,
            arguments=SUMS[name],
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("input-form",),
        )
    # A factor below 1 is no factor of integers; one of 2.7 counts as 2.
    for dtype in INTEGERS:
        for value in (0.3, 2.7):
            yield row(
                "integer",
                f"{dtype}-{value}",
                CALL,
                arguments=dict.fromkeys(SUMS[name], value),
                inputs=(whole((3, 4), dtype),),
                flags=("integer",),
            )
    for form in (Given.VARIABLE, Given.ARRAY):
        yield row(
            "integer",
            f"int32-{form}",
            CALL,
            arguments=dict.fromkeys(SUMS[name], 2.0),
            inputs=(whole((3, 4), "int32", form),),
            flags=("integer", "input-form"),
        )
    yield row(
        "integer",
        "bool",
        CALL,
        arguments=SUMS[name],
        inputs=(whole((4,), "bool"),),
        flags=("integer",),
    )
    for dtype in ("complex64", "complex128"):
        yield row(
            "complex",
            dtype,
            CALL,
            arguments=SUMS[name],
            inputs=(listed([[3 + 4j, 1], [5 + 12j, -2]], dtype),),
            # Moduli and squares of these are whole numbers: only the factor rounds.
            tolerance=COMPUTED,
            flags=("complex",),
        )


def edge_rows(name: str) -> Iterator[Case]:
    """The ends of each dtype, what is not finite, both zeros, and nothing at all."""
    row = Rows(name)
    for dtype in FLOATS:
        normal, subnormal, largest, eps = LIMITS[dtype]
        root = math.sqrt(largest)
        edges: dict[str, tuple[Any, tuple[str, ...], bool]] = {
            # detail: weights, flags, whether the rounding bound holds (nothing over- or underflows)
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], ("zero",), True),
            "negative-zeros": ([[-0.0, -0.0]], ("negative-zero",), True),
            "one": ([1.0], ("single",), True),
            "near-one": ([1.0 + eps, 1.0 - eps / 2], ("bound",), True),
            "largest": ([largest], ("overflow",), False),
            "two-of-the-largest": ([largest, -largest], ("overflow",), False),
            "square-overflows": ([root * 2, 1.0], ("overflow",), False),
            # Halves of the squares, and halves of them only, can be added up.
            "sum-of-squares-overflows": ([root * 0.9, root * 0.9], ("overflow",), False),
            "least-normal": ([normal, -normal], ("underflow",), False),
            "subnormal": ([subnormal, -normal / 2], ("subnormal",), False),
            "squares-underflow": ([math.sqrt(subnormal) / 4, 0.0], ("underflow",), False),
            "halves-of-squares-underflow": ([math.sqrt(normal) * 1.2], ("underflow",), False),
            "large-and-small": ([1 / eps, 1.0, -1.0, 1.0], ("bound",), False),
            "infinity": ([INF, 1.0], ("infinity",), True),
            "minus-infinity": ([-INF, 1.0], ("infinity",), True),
            "nan": ([NAN, 1.0], ("nan",), True),
            "nan-and-infinity": ([NAN, INF], ("nan", "infinity"), True),
        }
        for detail, (weights, flags, bounded) in edges.items():
            given = listed(weights, dtype)
            yield row(
                "edge",
                f"{detail}-{dtype}",
                CALL,
                arguments=SUMS[name],
                inputs=(given,),
                tolerance=COMPUTED if bounded else EXACT,
                flags=flags,
            )
        for shape in ((0,), (0, 3), (3, 0), (2, 0, 3)):
            yield row(
                "edge",
                f"empty-{'x'.join(map(str, shape))}-{dtype}",
                CALL,
                arguments=SUMS[name],
                inputs=(wave(shape, dtype),),
                flags=("empty",),
            )
        # Zero times infinity is no number, but a term with the factor 0 of L1L2 is left out.
        for detail, weights in (("infinity", [INF, 1.0]), ("nan", [NAN, 1.0])):
            yield row(
                "edge",
                f"zero-factor-{detail}-{dtype}",
                CALL,
                arguments=dict.fromkeys(SUMS[name], 0.0),
                inputs=(listed(weights, dtype),),
                flags=(detail, "zero"),
            )


def rejection_rows(name: str) -> Iterator[Case]:
    """Factors, keywords and weights that are none."""
    row = Rows(name)
    for factor in SUMS[name]:
        for detail, value in NO_FACTORS.items():
            yield row(
                "rejected",
                f"{factor}-{detail}",
                CONFIG,
                arguments={factor: value},
                flags=("bad-argument",),
            )
        yield row(
            "rejected",
            f"{factor}-beyond-float32",
            CONFIG,
            CALL,
            arguments={factor: 1e39},
            inputs=(thirds((3,)),),
            flags=("bad-argument", "overflow"),
        )
    for detail, arguments in {
        "unknown-keyword": {"foo": 1},
        "too-many-positional": {"*": (1, 2, 3)},
    }.items():
        yield row("rejected", detail, CONFIG, arguments=arguments, flags=("bad-argument",))
    yield row(
        "given",
        "empty-list",
        CALL,
        arguments=SUMS[name],
        inputs=(listed([], "float64", Given.LIST),),
        flags=("input-form", "empty"),
    )
