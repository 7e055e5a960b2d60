"""`OrthogonalRegularizer`: factors, modes, matrices, edges, rejections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import INF, LIMITS, NAN, every_pair, listed, thirds, wave, whole
from conformance.cases.regularizers.common import NO_FACTORS, ORTHOGONAL, Rows
from conformance.cases.rows import EXACT, OUT_OF_RANGE, sizes
from conformance.cases.steps import CALL, CONFIG
from conformance.model import FLOATS, INTEGERS, Case, Given

MODES: Final = ("rows", "columns")
_FACTORS: Final = (0.01, 0.0, 1.0, 0.1, 1 / 3, 1e-5, 100.0)
_UNUSUAL: Final[dict[str, Any]] = {
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


def argument_rows() -> Iterator[Case]:
    """Every pair of factor and mode; then unusual factors."""
    row = Rows(ORTHOGONAL, inputs=thirds((3, 4)))
    pairs = every_pair(factor=_FACTORS, mode=MODES)
    yield from row.table("arguments", pairs, CALL, CONFIG, flags="pairwise")
    flags = ("documented-default", "documented-example")
    yield row("arguments", "defaults", CALL, CONFIG, flags=flags)
    for given in ((0.5,), (0.5, "columns"), (0.25, "rows")):
        detail = f"positional={','.join(map(str, given))}"
        signed = row.given(arguments={"*": given})
        yield signed("arguments", detail, CALL, CONFIG, flags="documented-signature")
    row = row.given(flags="unusual-argument")
    yield from row.table("arguments", _UNUSUAL, CALL, CONFIG, argument="factor", prefix="factor=")


# Its cosine is the difference of numbers seven times as large: a relative error of 1e-5 could be
# rounding.
_NEARLY_ORTHOGONAL: Final = (thirds, (3, 2), "columns")
_SHAPES: Final = ((2, 2), (2, 3), (3, 2), (3, 3), (2, 4), (4, 2), (3, 4), (4, 3), (2, 6), (5, 2))


def input_rows() -> Iterator[Case]:
    """Shapes and dtypes, both ways, and the forms in which weights are handed over."""
    row = Rows(ORTHOGONAL, arguments={"factor": 0.3})
    forms = row.given(flags="input-form")
    for dtype in FLOATS:
        for shape in _SHAPES:
            for mode in MODES:
                kinds = (k for k in (thirds, wave) if (k, shape, mode) != _NEARLY_ORTHOGONAL)
                given = {f"{k.__name__}-{sizes(shape)}-{mode}": k(shape, dtype) for k in kinds}
                asked = row.given(arguments={"mode": mode})
                yield from asked.table("dtype", given, CALL, prefix=f"{dtype}-")
        for form in (Given.VARIABLE, Given.ARRAY):
            asked = forms.given(inputs=thirds((3, 4), dtype, form))
            prefix = f"{form}-{dtype}-"
            yield from asked.table("given", MODES, CALL, argument="mode", prefix=prefix)
    asked = forms.given(inputs=thirds((3, 3), "float32", Given.ARRAY))
    prefix = "array-float32-square-"
    yield from asked.table("given", MODES, CALL, argument="mode", prefix=prefix)
    yield forms("given", "list", CALL, inputs=thirds((3, 4), "float64", Given.LIST))
    integers = {dtype: whole((3, 4), dtype) for dtype in (*INTEGERS, "bool")}
    yield from row.table("integer", integers, CALL, flags="integer")


def edge_rows() -> Iterator[Case]:
    """Rows without length, without partner, parallel, orthogonal; the ends of each dtype."""
    row = Rows(ORTHOGONAL, arguments={"factor": 0.5})
    for dtype in FLOATS:
        _, subnormal, largest, _ = LIMITS[dtype]
        edges: dict[str, tuple[Any, str]] = {
            "identity": ([[1.0, 0.0], [0.0, 1.0]], "bound"),
            "orthogonal": ([[3.0, 0.0], [0.0, -5.0]], "bound"),
            "parallel": ([[1.0, 2.0], [2.0, 4.0]], "bound"),
            "opposite": ([[1.0, 2.0], [-1.0, -2.0]], "bound"),
            "oblique": ([[1.0, 0.0], [1.0, 1.0]], "bound"),
            "one-row": ([[1.0, 2.0, 3.0]], "single"),
            "one-column": ([[1.0], [2.0], [-3.0]], "single"),
            "one-element": ([[2.0]], "single"),
            "zero-row": ([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]], "zero"),
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], "zero"),
            "negative-zeros": ([[-0.0, 1.0], [1.0, -0.0]], "negative-zero"),
            # The dialects stop dividing at other lengths: 1e-6 and 1e-7.
            "under-both-floors": ([[1e-9, 0.0], [1.0, 0.0]], "epsilon"),
            "between-the-floors": ([[3e-7, 0.0], [1.0, 0.0]], "epsilon"),
            "over-both-floors": ([[3e-6, 0.0], [1.0, 0.0]], "epsilon"),
            "subnormal": ([[subnormal, 0.0], [1.0, 1.0]], "subnormal"),
            "squares-overflow": ([[largest, 1.0], [1.0, 1.0]], "overflow"),
            "infinity": ([[INF, 1.0], [1.0, 1.0]], "infinity"),
            "nan": ([[NAN, 1.0], [1.0, 1.0]], "nan"),
        }
        if dtype == "float16":
            # Such lengths have no reciprocal, and the row no cosine with itself.
            edges["lost-squares"] = ([[subnormal, subnormal], [1.0, 1.0]], "subnormal")
        # In float16 the floors, 1e-6 and 1e-7, are subnormal.
        unbounded = {*OUT_OF_RANGE, *(("epsilon", "zero") if dtype == "float16" else ())}
        for detail, (weights, flag) in edges.items():
            asked = row.given(tolerance=EXACT) if flag in unbounded else row
            asked = asked.given(inputs=listed(weights, dtype), flags=flag)
            prefix = f"{detail}-{dtype}-"
            yield from asked.table("edge", MODES, CALL, argument="mode", prefix=prefix)
        for shape in ((0, 3), (3, 0), (0, 0)):
            asked = row.given(inputs=wave(shape, dtype), flags="empty")
            prefix = f"empty-{sizes(shape)}-{dtype}-"
            yield from asked.table("edge", MODES, CALL, argument="mode", prefix=prefix)


_BAD_MODES: Final[dict[str, Any]] = {
    "capital": "Rows",
    "singular": "row",
    "empty": "",
    "none": None,
    "zero": 0,
    "true": True,
    "list": ["rows"],
}


def rejection_rows() -> Iterator[Case]:
    """Factors, modes and weights that are none."""
    row = Rows(ORTHOGONAL)
    bad = row.given(flags="bad-argument")
    factors = {**NO_FACTORS, "none": None}
    yield from bad.table("rejected", factors, CONFIG, argument="factor", prefix="factor-")
    yield from bad.table("rejected", _BAD_MODES, CONFIG, argument="mode", prefix="mode-")
    ranks: tuple[tuple[int, ...], ...] = ((), (3,), (2, 3, 2), (3, 2, 2, 3), (2, 1, 2, 1, 2))
    weights = {str(len(shape)): thirds(shape) for shape in ranks}
    yield from row.table("rejected", weights, CALL, prefix="rank-", flags="bad-input")
    many = {"unknown-keyword": {"foo": 1}, "too-many-positional": {"*": (1.0, "rows", 3)}}
    yield from bad.table("rejected", many, CONFIG)
