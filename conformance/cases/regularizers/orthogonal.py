"""`OrthogonalRegularizer`: factors, modes, matrices, edges, rejections."""

from __future__ import annotations

from collections.abc import Iterator
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
    ORTHOGONAL,
    Rows,
)
from conformance.model import COMPUTED, FLOATS, INTEGERS, Case, Given

MODES: Final = ("rows", "columns")
_FACTORS: Final = (0.01, 0.0, 1.0, 0.1, 1 / 3, 1e-5, 100.0)


def argument_rows() -> Iterator[Case]:
    """Every pair of factor and mode; then unusual factors."""
    row = Rows(ORTHOGONAL)
    given = thirds((3, 4))
    for arguments in every_pair(factor=_FACTORS, mode=MODES):
        yield row(
            "arguments",
            arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("pairwise",),
        )
    yield row(
        "arguments",
        "defaults",
        CALL,
        CONFIG,
        inputs=(given,),
        tolerance=COMPUTED,
        flags=("documented-default", "documented-example"),
    )
    for positional in ((0.5,), (0.5, "columns"), (0.25, "rows")):
        yield row(
            "arguments",
            f"positional={','.join(map(str, positional))}",
            CALL,
            CONFIG,
            arguments={"*": positional},
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("documented-signature",),
        )
    unusual: dict[str, Any] = {
        "whole-1": 1,
        "whole-0": 0,
        "whole-10**30": 10**30,
        "True": True,
        "None": None,
        "float64": listed(0.5, "float64", Given.SCALAR),
        "1e-50": 1e-50,
        "1e30": 1e30,
        "-0.5": -0.5,
        "-1": -1,
    }
    for detail, value in unusual.items():
        yield row(
            "arguments",
            f"factor={detail}",
            CALL,
            CONFIG,
            arguments={"factor": value},
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("unusual-argument",),
        )


# Its cosine is the difference of numbers seven times as large: a relative error of 1e-5 could be
# rounding.
_NEARLY_ORTHOGONAL: Final = (thirds, (3, 2), "columns")
_SHAPES: Final = ((2, 2), (2, 3), (3, 2), (3, 3), (2, 4), (4, 2), (3, 4), (4, 3), (2, 6), (5, 2))


def input_rows() -> Iterator[Case]:
    """Shapes and dtypes, both ways, and the forms in which weights are handed over."""
    row = Rows(ORTHOGONAL)
    for dtype in FLOATS:
        for shape in _SHAPES:
            for mode in MODES:
                for kind in (thirds, wave):
                    if (kind, shape, mode) == _NEARLY_ORTHOGONAL:
                        continue
                    given = kind(shape, dtype)
                    yield row(
                        "dtype",
                        f"{dtype}-{kind.__name__}-{'x'.join(map(str, shape))}-{mode}",
                        CALL,
                        arguments={"factor": 0.3, "mode": mode},
                        inputs=(given,),
                        tolerance=COMPUTED,
                    )
        for form in (Given.VARIABLE, Given.ARRAY):
            for mode in MODES:
                given = thirds((3, 4), dtype, form)
                yield row(
                    "given",
                    f"{form}-{dtype}-{mode}",
                    CALL,
                    arguments={"factor": 0.3, "mode": mode},
                    inputs=(given,),
                    tolerance=COMPUTED,
                    flags=("input-form",),
                )
    square = thirds((3, 3), "float32", Given.ARRAY)
    for mode in MODES:
        yield row(
            "given",
            f"array-float32-square-{mode}",
            CALL,
            arguments={"factor": 0.3, "mode": mode},
            inputs=(square,),
            tolerance=COMPUTED,
            flags=("input-form",),
        )
    yield row(
        "given",
        "list",
        CALL,
        arguments={"factor": 0.3},
        inputs=(thirds((3, 4), "float64", Given.LIST),),
        tolerance=COMPUTED,
        flags=("input-form",),
    )
    for dtype in (*INTEGERS, "bool"):
        yield row(
            "integer",
            dtype,
            CALL,
            arguments={"factor": 0.3},
            inputs=(whole((3, 4), dtype),),
            flags=("integer",),
        )


def edge_rows() -> Iterator[Case]:
    """Rows without length, without partner, parallel, orthogonal; the ends of each dtype."""
    row = Rows(ORTHOGONAL)
    for dtype in FLOATS:
        _, subnormal, largest, _ = LIMITS[dtype]
        edges: dict[str, tuple[Any, tuple[str, ...], bool]] = {
            # detail: weights, flags, whether the rounding bound holds (nothing over- or underflows)
            "identity": ([[1.0, 0.0], [0.0, 1.0]], ("bound",), True),
            "orthogonal": ([[3.0, 0.0], [0.0, -5.0]], ("bound",), True),
            "parallel": ([[1.0, 2.0], [2.0, 4.0]], ("bound",), True),
            "opposite": ([[1.0, 2.0], [-1.0, -2.0]], ("bound",), True),
            "oblique": ([[1.0, 0.0], [1.0, 1.0]], ("bound",), True),
            "one-row": ([[1.0, 2.0, 3.0]], ("single",), True),
            "one-column": ([[1.0], [2.0], [-3.0]], ("single",), True),
            "one-element": ([[2.0]], ("single",), True),
            "zero-row": ([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]], ("zero",), dtype != "float16"),
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], ("zero",), False),
            "negative-zeros": ([[-0.0, 1.0], [1.0, -0.0]], ("negative-zero",), True),
            # The dialects stop dividing at other lengths: 1e-6 and 1e-7.
            "under-both-floors": ([[1e-9, 0.0], [1.0, 0.0]], ("epsilon",), dtype != "float16"),
            "between-the-floors": ([[3e-7, 0.0], [1.0, 0.0]], ("epsilon",), dtype != "float16"),
            "over-both-floors": ([[3e-6, 0.0], [1.0, 0.0]], ("epsilon",), dtype != "float16"),
            "subnormal": ([[subnormal, 0.0], [1.0, 1.0]], ("subnormal",), False),
            "squares-overflow": ([[largest, 1.0], [1.0, 1.0]], ("overflow",), False),
            "infinity": ([[INF, 1.0], [1.0, 1.0]], ("infinity",), False),
            "nan": ([[NAN, 1.0], [1.0, 1.0]], ("nan",), False),
        }
        for detail, (weights, flags, bounded) in edges.items():
            given = listed(weights, dtype)
            for mode in MODES:
                yield row(
                    "edge",
                    f"{detail}-{dtype}-{mode}",
                    CALL,
                    arguments={"factor": 0.5, "mode": mode},
                    inputs=(given,),
                    tolerance=COMPUTED if bounded else EXACT,
                    flags=flags,
                )
        for shape in ((0, 3), (3, 0), (0, 0)):
            for mode in MODES:
                yield row(
                    "edge",
                    f"empty-{'x'.join(map(str, shape))}-{dtype}-{mode}",
                    CALL,
                    arguments={"factor": 0.5, "mode": mode},
                    inputs=(wave(shape, dtype),),
                    flags=("empty",),
                )


def rejection_rows() -> Iterator[Case]:
    """Factors, modes and weights that are none."""
    row = Rows(ORTHOGONAL)
    for detail, value in {**NO_FACTORS, "none": None}.items():
        yield row(
            "rejected",
            f"factor-{detail}",
            CONFIG,
            arguments={"factor": value},
            flags=("bad-argument",),
        )
    modes: dict[str, Any] = {
        "capital": "Rows",
        "singular": "row",
        "empty": "",
        "none": None,
        "zero": 0,
        "true": True,
        "list": ["rows"],
    }
    for detail, mode in modes.items():
        yield row(
            "rejected", f"mode-{detail}", CONFIG, arguments={"mode": mode}, flags=("bad-argument",)
        )
    ranks: tuple[tuple[int, ...], ...] = ((), (3,), (2, 3, 2), (3, 2, 2, 3), (2, 1, 2, 1, 2))
    for shape in ranks:
        yield row(
            "rejected", f"rank-{len(shape)}", CALL, inputs=(thirds(shape),), flags=("bad-input",)
        )
    for detail, arguments in {
        "unknown-keyword": {"foo": 1},
        "too-many-positional": {"*": (1.0, "rows", 3)},
    }.items():
        yield row("rejected", detail, CONFIG, arguments=arguments, flags=("bad-argument",))
