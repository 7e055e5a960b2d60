"""What every initializer is called with: shapes, dtypes, parts of a weight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    EXACT,
    KERAS2,
    PRESETS,
    RANDOM,
    Rows,
    initialize,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.rows import sizes
from conformance.model import DIALECTS, INTEGERS, Case, Given

_RANKS: Final[tuple[tuple[int, ...], ...]] = (
    (),
    (1,),
    (5,),
    (3, 4),
    (4, 3),
    (2, 3, 4),
    (2, 3, 2, 3),
    (2, 2, 1, 3, 2),
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


def shape_rows(name: str) -> Iterator[Case]:
    """Ranks, empty shapes, spellings of a shape, and what is no shape."""
    row = Rows(name)
    arguments = ARGUMENTS[name]
    for shape in _RANKS:
        yield row.value("rank", sizes(shape), shape, arguments=arguments, flags=("rank",))
    for shape in _EMPTY:
        yield row.value("empty", sizes(shape), shape, arguments=arguments, flags=("empty",))
    if name not in _OWN_WAY:
        return
    for detail, given in _FORMS.items():
        yield row(
            "shape",
            detail,
            initialize(given, dtype="float32"),
            arguments=arguments,
            tolerance=tolerance(name, arguments, (3, 4)),
            flags=("input-form",),
        )
    for detail, given in _BAD.items():
        taken_as = {"int": (3,), "int-numpy": (3,), "int-tensor": (3,), "none": ()}.get(detail, ())
        yield row(
            "shape",
            detail,
            initialize(given, dtype="float32"),
            arguments=arguments,
            tolerance=tolerance(name, arguments, taken_as) if name != "Orthogonal" else EXACT,
            flags=("bad-input",),
        )


# Arguments that are whole numbers, of the classes that have any.
_WHOLE: Final[dict[str, dict[str, Any]]] = {
    "RandomUniform": {"minval": -3, "maxval": 7, "seed": 7},
    "Constant": {"value": 3},
    "Identity": {"gain": 2},
}


def dtype_rows(name: str) -> Iterator[Case]:
    """Every dtype, its other names, and what is no dtype."""
    row = Rows(name)
    arguments = ARGUMENTS[name]
    preset = name in PRESETS
    shapes: tuple[tuple[int, ...], ...] = ((3, 4), (2, 2, 1, 3, 2)) if preset else ((3, 4),)
    for dtype in ("float16", "bfloat16", "float64"):
        for shape in shapes:
            yield row.value("dtype", f"{dtype}-{sizes(shape)}", shape, dtype, arguments=arguments)
    some = name in RANDOM and name != "RandomUniform"
    for dtype in ("int32",) if some else INTEGERS:
        given = _WHOLE.get(name, arguments)
        yield row.value("dtype", dtype, (3, 4), dtype, arguments=given, flags=("integer",))
    for dtype in ("bool", "complex64") if preset else ("bool", "complex64", "complex128", "string"):
        yield row.value("dtype", dtype, (3, 4), dtype, arguments=arguments, tolerance=EXACT)
    float32 = tolerance(name, arguments, (3, 4))
    yield row(
        "dtype",
        "absent",
        initialize([3, 4]),
        arguments=arguments,
        tolerance=float32,
        flags=("documented-default",),
    )
    if name not in ("Zeros", "Constant", "Identity", "RandomUniform", "RandomNormal"):
        return
    yield row(
        "dtype", "none", initialize([3, 4], dtype=None), arguments=arguments, tolerance=float32
    )
    for detail, called, meant in (
        ("half", "half", "float16"),
        ("float", "float", "float32"),
        ("double", "double", "float64"),
        ("capital", "Float32", "float32"),
    ):
        yield row(
            "dtype-name",
            detail,
            initialize([3, 4], dtype=called),
            arguments=arguments,
            tolerance=tolerance(name, arguments, (3, 4), meant),
        )
    wrong: dict[str, Any] = {"word": "foo", "empty": "", "number": 5, "list": ["float32"]}
    for detail, bad in wrong.items():
        yield row(
            "dtype-name",
            detail,
            initialize([3, 4], dtype=bad),
            arguments=arguments,
            tolerance=float32,
            flags=("bad-input",),
        )


def partition_rows(name: str) -> Iterator[Case]:
    """Parts of a weight of shape (4, 6), which Keras 2 can make on their own and Keras 3 refuses."""
    arguments = ARGUMENTS[name]
    row = Rows(name)
    shape, part = (4, 6), (2, 3)
    first: dict[str, Any] = {"partition_shape": part, "partition_offset": (0, 0)}
    parts: dict[str, dict[str, Any]] = {
        "first": first,
        "last": first | {"partition_offset": (2, 3)},
    }
    if name not in PRESETS:
        parts |= {
            "shape-only": {"partition_shape": part},
            "offset-only": {"partition_offset": (2, 3)},
            "list": {"partition_shape": [2, 3], "partition_offset": [2, 3]},
            "all-none": {"partition_shape": None, "partition_offset": None},
            "negative-offset": first | {"partition_offset": (-1, 0)},
        }
    for detail, options in parts.items():
        made = options.get("partition_shape") or shape
        yield row(
            "partition",
            detail,
            initialize(list(shape), dtype="float32", **options),
            arguments=arguments,
            tolerance=tolerance(name, arguments, made),
            dialects=DIALECTS if detail == "first" else KERAS2,
            flags=("partition",),
        )
