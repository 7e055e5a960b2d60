"""`RandomUniform`, `RandomNormal`, `TruncatedNormal`, `Orthogonal`: arguments and their edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.initializers.common import (
    CONFIG,
    INF,
    NAN,
    NEGATIVE_ZERO,
    Rows,
    initialize,
    tolerance,
)
from conformance.cases.inputs import LIMITS, every_pair, listed
from conformance.cases.rows import arguments_text, sizes, text
from conformance.model import FLOATS, Case, Given

_SHAPES: Final[tuple[tuple[int, ...], ...]] = ((), (5,), (3, 4), (2, 3, 4), (2, 2, 1, 3, 2))

# Values of the two parameters of each class; their pairs meet, and meet every dtype and shape.
_PAIRS: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    "RandomUniform": {
        "minval": (-0.05, 0.0, -1, 1 / 3, -1e4),
        "maxval": (0.05, 1.0, 2, 1e-3, 1e4),
    },
    "RandomNormal": {
        "mean": (0.0, 1 / 3, -2, 1e4),
        "stddev": (0.05, 1.0, 2, 1 / 3, 1e-4),
    },
    "TruncatedNormal": {
        "mean": (0.0, 1 / 3, -2, 1e4),
        "stddev": (0.05, 1.0, 2, 1 / 3, 1e-4),
    },
}
_EDGES: Final[Mapping[str, Mapping[str, tuple[Mapping[str, Any], str]]]] = {
    "RandomUniform": {
        "reversed": ({"minval": 0.7, "maxval": -0.3}, "reversed"),
        "equal": ({"minval": 0.7, "maxval": 0.7}, "degenerate"),
        "both-zero": ({"minval": 0.0, "maxval": 0.0}, "zero"),
        "both-negative-zero": ({"minval": NEGATIVE_ZERO, "maxval": NEGATIVE_ZERO}, "negative-zero"),
        "largest": ({"minval": -3.4e38, "maxval": 3.4e38}, "overflow"),
        "beyond-float16": ({"minval": 0.0, "maxval": 1e5}, "overflow"),
        "beyond-float32": ({"minval": 0.0, "maxval": 1e39}, "overflow"),
        "least": ({"minval": 0.0, "maxval": 1e-44}, "subnormal"),
        "narrow": ({"minval": 1.0, "maxval": 1.0000001}, "rounding"),
        "nan-minval": ({"minval": NAN}, "nan"),
        "nan-maxval": ({"maxval": NAN}, "nan"),
        "infinite-maxval": ({"maxval": INF}, "infinity"),
        "infinite-minval": ({"minval": -INF}, "infinity"),
    },
    "RandomNormal": {
        "zero-stddev": ({"mean": 0.3, "stddev": 0.0}, "zero"),
        "negative-zero-stddev": ({"mean": 0.0, "stddev": NEGATIVE_ZERO}, "negative-zero"),
        "negative-stddev": ({"mean": 0.3, "stddev": -0.8}, "negative"),
        "mean-beyond-float32": ({"mean": 1e39, "stddev": 1.0}, "overflow"),
        "subnormal-stddev": ({"mean": 0.0, "stddev": 1e-40}, "subnormal"),
        "underflow-stddev": ({"mean": 0.0, "stddev": 1e-50}, "underflow"),
        "lost-in-mean": ({"mean": 1e8, "stddev": 1e-3}, "rounding"),
        "nan-mean": ({"mean": NAN}, "nan"),
        "nan-stddev": ({"stddev": NAN}, "nan"),
        "infinite-mean": ({"mean": -INF}, "infinity"),
    },
}
_NUMBERS: Final[Mapping[str, Any]] = {
    "true": True,
    "numpy-float32": listed(1.3, "float32", Given.SCALAR),
    "numpy-float64": listed(1.3, "float64", Given.SCALAR),
    "numpy-float16": listed(1.3, "float16", Given.SCALAR),
    "numpy-int64": listed(2, "int64", Given.SCALAR),
    "array-scalar": listed(1.3, "float32", Given.ARRAY),
    "array-row": listed([1.0, 2.0, 3.0, 4.0], "float32", Given.ARRAY),
    "array-column": listed([[1.0], [2.0], [3.0]], "float32", Given.ARRAY),
    "array-too-long": listed([1.0, 2.0, 3.0, 4.0, 5.0], "float32", Given.ARRAY),
    "list-row": [1.0, 2.0, 3.0, 4.0],
    "tensor": listed(1.3),
    "tensor-float64": listed(1.3, "float64"),
    "tensor-int32": listed(2, "int32"),
    "variable": listed(1.3, "float32", Given.VARIABLE),
    "none": None,
    "text": "1.3",
    "dict": {},
    "integer-beyond-float64": 10**400,
}


# Of these, what tells whether TruncatedNormal converts as RandomNormal does.
_FEW: Final = ("true", "numpy-float64", "array-row", "tensor", "tensor-float64", "none", "text")


def argument_rows(name: str) -> Iterator[Case]:
    """Every pair of arguments, dtype and shape; edges in each float dtype; unusual arguments."""
    row = Rows(name)
    values = _PAIRS[name]
    for choice in every_pair(**values, dtype=FLOATS, shape=_SHAPES):
        shape, dtype = choice.pop("shape"), choice.pop("dtype")
        yield row.value(
            "arguments",
            f"{arguments_text(choice)}-{sizes(shape)}-{dtype}",
            shape,
            dtype,
            arguments={**choice, "seed": 11},
            flags=("pairwise",),
        )
    edges = _EDGES["RandomNormal" if name == "TruncatedNormal" else name]
    for detail, (arguments, flag) in edges.items():
        # bfloat16 has the range of float32.
        wide = () if name == "TruncatedNormal" else ("float64",)
        for dtype in ("float16", "float32", *wide):
            yield row.value(
                "edge",
                f"{detail}-{dtype}",
                (6,),
                dtype,
                arguments={**arguments, "seed": 11},
                flags=(flag,),
            )
    for argument in values:
        for detail, number in _NUMBERS.items():
            if name == "TruncatedNormal" and detail not in _FEW:
                continue
            yield row.value(
                "arguments",
                f"{argument}-{detail}",
                (3, 4),
                arguments={argument: number, "seed": 11},
                flags=("unusual-argument",),
            )
    yield row(
        "arguments",
        "defaults",
        CONFIG,
        initialize([3, 4]),
        arguments={"seed": 11},
        tolerance=tolerance(name, {}, (3, 4)),
        flags=("documented-default",),
    )
    given = dict(zip(values, (-0.25, 0.75), strict=True))
    yield row(
        "arguments",
        "positional",
        CONFIG,
        initialize([3, 4]),
        arguments={"*": (-0.25, 0.75, 11)},
        tolerance=tolerance(name, given, (3, 4)),
        flags=("documented-signature",),
    )


def integer_rows() -> Iterator[Case]:
    """`RandomUniform` of integers, which Keras documents for no other class."""
    row = Rows("RandomUniform")
    bounds: dict[str, tuple[Any, Any]] = {
        "digits": (0, 10),
        "signed": (-5, 5),
        "one-value": (3, 4),
        "equal": (3, 3),
        "reversed": (5, -5),
        "floats": (0.0, 10.0),
        "fractions": (-0.9, 3.9),
        "int32-range": (-(2**31), 2**31 - 1),
        "beyond-int32": (0, 2**40),
        "beyond-int64": (0, 2**63),
        "maxval-none": (0, None),
        "minval-none": (None, 10),
    }
    for detail, (low, high) in bounds.items():
        for dtype in ("int32", "int64"):
            yield row.value(
                "integer",
                f"{detail}-{dtype}",
                (4, 5),
                dtype,
                arguments={"minval": low, "maxval": high, "seed": 11},
                flags=("integer",),
            )


def none_rows() -> Iterator[Case]:
    """`RandomUniform` without a bound, in each float dtype."""
    row = Rows("RandomUniform")
    for detail, arguments, meant in (
        ("maxval-none", {"minval": -2.0, "maxval": None}, {"minval": -2.0, "maxval": 1.0}),
        ("both-none", {"minval": None, "maxval": None}, {"minval": 0.0, "maxval": 1.0}),
    ):
        for dtype in FLOATS:
            yield row.value(
                "edge",
                f"{detail}-{dtype}",
                (6,),
                dtype,
                arguments={**arguments, "seed": 11},
                tolerance=tolerance("RandomUniform", meant, (6,), dtype),
                flags=("none",),
            )


def orthogonal() -> Iterator[Case]:
    """`Orthogonal`: gains, wide, tall and square matrices, kernels, what has no matrix."""
    row = Rows("Orthogonal")
    shapes = (
        (4, 4),
        (3, 5),
        (5, 3),
        (1, 6),
        (6, 1),
        (1, 1),
        (2, 3, 4),
        (2, 2, 2, 6),
        (2, 1, 2, 3, 2),
    )
    for choice in every_pair(
        gain=(1.0, 2.5, -1.5, 3, 1 / 3, 0.0), shape=shapes, dtype=("float16", "float32", "float64")
    ):
        gain, shape, dtype = choice["gain"], choice["shape"], choice["dtype"]
        yield row.value(
            "arguments",
            f"gain={text(gain)}-{sizes(shape)}-{dtype}",
            shape,
            dtype,
            arguments={"gain": gain, "seed": 11},
            flags=("pairwise",),
        )
    for detail, gain, flag in (
        ("nan", NAN, "nan"),
        ("huge", 1e30, "overflow"),
        ("tiny", 1e-30, "underflow"),
        ("subnormal", 1e-40, "subnormal"),
        ("large", 1e4, "overflow"),
    ):
        for dtype in ("float16", "float32", "float64"):
            # What overflows or vanishes has the sign of a draw, which no law tells.
            if not LIMITS[dtype][0] * 2 <= abs(gain) <= LIMITS[dtype][2] and gain == gain:
                continue
            yield row.value(
                "edge",
                f"gain-{detail}-{dtype}",
                (3, 2),
                dtype,
                arguments={"gain": gain, "seed": 11},
                flags=(flag,),
            )
    for detail, number in _NUMBERS.items():
        if detail in ("array-row", "array-column", "list-row"):
            continue  # scaled one by one the columns are not orthogonal, and have no law
        yield row.value(
            "arguments",
            f"gain-{detail}",
            (3, 4),
            arguments={"gain": number, "seed": 11},
            flags=("unusual-argument",),
        )
    for shape in ((0, 0), (2, 0, 0), (0, 2, 3)):
        yield row.value(
            "empty", f"more-{sizes(shape)}", shape, arguments={"seed": 11}, flags=("empty",)
        )
    yield row(
        "arguments",
        "defaults",
        CONFIG,
        initialize([2, 2]),
        arguments={"seed": 11},
        tolerance=tolerance("Orthogonal", {}, (2, 2)),
        flags=("documented-default", "documented-example"),
    )
    yield row(
        "arguments",
        "positional",
        CONFIG,
        initialize([3, 2]),
        arguments={"*": (2.0, 11)},
        tolerance=tolerance("Orthogonal", {"gain": 2.0}, (3, 2)),
        flags=("documented-signature",),
    )
