"""What every initializer is called with: shapes, dtypes, parts of a weight."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    PRESETS,
    RANDOM,
    Rows,
    draw,
    initialize,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.rows import EXACT, KERAS2, sizes
from conformance.model import DIALECTS, INTEGERS, Case, Given

_RANKS: Final[tuple[tuple[int, ...], ...]] = (
    *((), (1,), (5,), (3, 4), (4, 3), (2, 3, 4), (2, 3, 2, 3), (2, 2, 1, 3, 2)),
    (1, 2, 1, 2, 1, 2),
)
_EMPTY: Final[tuple[tuple[int, ...], ...]] = ((0,), (0, 3), (3, 0), (2, 0, 3))
# Other spellings of the shape (3, 4), which draws and fans must not tell apart.
_FORMS: Final[dict[str, Any]] = {
    "tuple": (3, 4),
    "tensor-int32": listed([3, 4], "int32"),
    "tensor-int64": listed([3, 4], "int64"),
    "variable-int32": listed([3, 4], "int32", Given.VARIABLE),
    "array-int64": listed([3, 4], "int64", Given.ARRAY),
    "array-int32": listed([3, 4], "int32", Given.ARRAY),
    "numpy-sizes": [listed(3, "int64", Given.SCALAR), listed(4, "int32", Given.SCALAR)],
    "tensor-sizes": [listed(3, "int32"), 4],
}
_BAD: Final[dict[str, Any]] = {
    "none": None,
    "int": 3,
    "int-negative": -3,
    "int-numpy": listed(3, "int64", Given.SCALAR),
    "int-tensor": listed(3, "int32"),
    "float": 3.0,
    "text": "34",
    "dict": {},
    "true": True,
    "size-negative": [-1, 3],
    "size-float": [3.0, 4],
    "size-none": [None, 4],
    "size-text": ["3", 4],
    "size-true": [True, 4],
    "nested": [[3, 4]],
    "tensor-float32": listed([3, 4], "float32"),
    "tensor-rank-2": listed([[3, 4]], "int32"),
}
# Classes whose shapes take a way of their own; the others only compute fans from them.
_OWN_WAY: Final = (
    *("Zeros", "Constant", "Identity", "RandomUniform", "VarianceScaling", "Orthogonal"),
)
_FLOAT32: Final = partial(initialize, dtype="float32")


def shape_rows(name: str) -> Iterator[Case]:
    """Ranks, empty shapes, spellings of a shape, and what is no shape."""
    arguments = ARGUMENTS[name]
    row = Rows(name, arguments=arguments)
    yield from row.table("rank", {sizes(shape): shape for shape in _RANKS}, draw, flags="rank")
    yield from row.table("empty", {sizes(shape): shape for shape in _EMPTY}, draw, flags="empty")
    if name in ("Zeros", "Ones"):
        # A size that is none of int32.
        yield row("empty", "2147483648x0", draw((2**31, 0)), flags=("empty", "overflow"))
    if name not in _OWN_WAY:
        return
    forms = row.given(tolerance=tolerance(name, arguments, (3, 4)), flags="input-form")
    yield from forms.table("shape", _FORMS, _FLOAT32)
    bad = row.given(flags="bad-input")
    for detail, given in _BAD.items():
        taken_as = (3,) if detail in ("int", "int-numpy", "int-tensor") else ()
        within = tolerance(name, arguments, taken_as) if name != "Orthogonal" else EXACT
        yield bad("shape", detail, _FLOAT32(given), tolerance=within)


# Arguments that are whole numbers, of the classes that have any.
_WHOLE: Final[dict[str, dict[str, Any]]] = {
    "RandomUniform": {"minval": -3, "maxval": 7, "seed": 7},
    "Constant": {"value": 3},
    "Identity": {"gain": 2},
}


def dtype_rows(name: str) -> Iterator[Case]:
    """Every dtype, its other names, and what is no dtype."""
    arguments = ARGUMENTS[name]
    preset = name in PRESETS
    row = Rows(name, arguments=arguments)
    for dtype in ("float16", "bfloat16", "float64"):
        for shape in ((3, 4), (2, 2, 1, 3, 2)) if preset else ((3, 4),):
            yield row("dtype", f"{dtype}-{sizes(shape)}", draw(shape, dtype))
    whole = Rows(name, arguments=_WHOLE.get(name, arguments), flags="integer")
    some = name in RANDOM and name != "RandomUniform"
    drawn = partial(draw, (3, 4))
    yield from whole.table("dtype", ("int32",) if some else INTEGERS, drawn)
    others = ("bool", "complex64") if preset else ("bool", "complex64", "complex128", "string")
    yield from row.table("dtype", others, drawn, tolerance=EXACT)
    row = row.given(tolerance=tolerance(name, arguments, (3, 4)))
    yield row("dtype", "absent", initialize([3, 4]), flags="documented-default")
    if name not in ("Zeros", "Constant", "Identity", "RandomUniform", "RandomNormal"):
        return
    yield row("dtype", "none", initialize([3, 4], dtype=None))
    for detail, called, meant in (
        ("half", "half", "float16"),
        ("float", "float", "float32"),
        ("double", "double", "float64"),
        ("capital", "Float32", "float32"),
    ):
        within = tolerance(name, arguments, (3, 4), meant)
        yield row("dtype-name", detail, drawn(called), tolerance=within)
    wrong: dict[str, Any] = {"word": "foo", "empty": "", "number": 5, "list": ["float32"]}
    yield from row.table("dtype-name", wrong, drawn, flags="bad-input")


_PART: Final = (2, 3)
_FIRST: Final[dict[str, Any]] = {"partition_shape": _PART, "partition_offset": (0, 0)}
# Of a weight of shape (4, 6).
_PARTS: Final[dict[str, dict[str, Any]]] = {
    "first": _FIRST,
    "last": _FIRST | {"partition_offset": (2, 3)},
    "shape-only": {"partition_shape": _PART},
    "offset-only": {"partition_offset": (2, 3)},
    "list": {"partition_shape": [2, 3], "partition_offset": [2, 3]},
    "all-none": {"partition_shape": None, "partition_offset": None},
    "negative-offset": _FIRST | {"partition_offset": (-1, 0)},
    "layout-none": _FIRST | {"layout": None},
    "layout-alone": {"layout": None},
}


def partition_rows(name: str) -> Iterator[Case]:
    """Parts of a weight of shape (4, 6), which Keras 2 can make on their own and Keras 3 refuses."""
    for detail, options in _PARTS.items():
        if name in PRESETS and detail not in ("first", "last"):
            continue
        row = Rows(name, DIALECTS if detail == "first" else KERAS2, arguments=ARGUMENTS[name])
        within = tolerance(name, ARGUMENTS[name], options.get("partition_shape") or (4, 6))
        step = _FLOAT32([4, 6], **options)
        yield row("partition", detail, step, tolerance=within, flags="partition")
    if name in ("Ones", "Zeros"):  # how others refuse it depends on what was drawn before
        row = Rows(name, KERAS2, flags="bad-argument")
        yield row("partition", "layout-text", _FLOAT32([4, 6], layout="x"))
