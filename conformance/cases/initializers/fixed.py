"""`Constant` and `Identity`: values, gains, what broadcasts, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    CONFIG,
    INF,
    NAN,
    NEGATIVE_ZERO,
    Rows,
    initialize,
)
from conformance.cases.inputs import LIMITS, count, every_pair, listed, thirds
from conformance.cases.rows import sizes, text
from conformance.model import FLOATS, Case, Given

# Numbers whose rounding, overflow or sign tells one way of converting them from another.
_NUMBERS: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "zero": (0.0, ("zero",)),
    "negative-zero": (NEGATIVE_ZERO, ("negative-zero",)),
    "integer-zero": (0, ("zero", "integer")),
    "tenth": (0.1, ("rounding",)),
    "third": (1 / 3, ("rounding",)),
    "integer": (-3, ("integer",)),
    "tie-float16": (1 + 2.0**-11, ("rounding",)),
    "beyond-float16": (70000.0, ("overflow",)),
    "beyond-float16-integer": (70000, ("overflow", "integer")),
    "beyond-float32": (1e39, ("overflow",)),
    "beyond-float32-negative": (-1e39, ("overflow",)),
    "beyond-int32": (2**31, ("overflow", "integer")),
    "beyond-int64": (2**63, ("overflow", "integer")),
    "beyond-float64": (10**400, ("overflow", "integer")),
    "odd-24-bits": (2**24 + 1, ("rounding", "integer")),
    "odd-53-bits": (2**53 + 1, ("rounding", "integer")),
    "subnormal-float32": (1e-40, ("subnormal",)),
    "below-float32": (1e-50, ("underflow",)),
    "nan": (NAN, ("nan",)),
    "infinity": (INF, ("infinity",)),
    "negative-infinity": (-INF, ("infinity",)),
    "true": (True, ("unusual-argument",)),
}
# Integers out of the range of some dtype, and what lies between two. Floats out of it are not asked
# about: what they become is left open by C, and differs between processors.
_WHOLE: Final[dict[str, Any]] = {
    "zero": 0,
    "minus-one": -1,
    "three-hundred": 300,
    "beyond-int32": 2**31,
    "fraction": 3.7,
    "whole-float": 3.0,
    "true": True,
}
_LINE: Final = [1.0, 2.0, 3.0, 4.0]
_ARRAYS: Final[dict[str, Any]] = {
    "array-scalar": listed(0.1, "float64", Given.ARRAY),
    "numpy-float64": listed(0.1, "float64", Given.SCALAR),
    "numpy-float32": listed(0.1, "float32", Given.SCALAR),
    "numpy-float16": listed(0.1, "float16", Given.SCALAR),
    "numpy-int64": listed(2**40, "int64", Given.SCALAR),
    "numpy-bool": listed(True, "bool", Given.SCALAR),
    "numpy-complex64": listed(1 + 2j, "complex64", Given.SCALAR),
    "row": listed(_LINE, "float32", Given.ARRAY),
    "row-float64": listed(_LINE, "float64", Given.ARRAY),
    "row-int32": listed([1, 2, 3, 4], "int32", Given.ARRAY),
    "row-1x4": listed([_LINE], "float32", Given.ARRAY),
    "column": listed([[1.0], [2.0], [3.0]], "float32", Given.ARRAY),
    "whole": thirds((3, 4), "float32", Given.ARRAY),
    "whole-float64": thirds((3, 4), "float64", Given.ARRAY),
    "flat": count((12,), "float32", Given.ARRAY),
    "as-many-2x6": count((2, 6), "float32", Given.ARRAY),
    "as-many-4x3": count((4, 3), "float32", Given.ARRAY),
    "one": count((1,), "float32", Given.ARRAY),
    "one-1x1": count((1, 1), "float32", Given.ARRAY),
    "too-few": count((3,), "float32", Given.ARRAY),
    "too-many": count((13,), "float32", Given.ARRAY),
    "rank-too-large": count((1, 3, 4), "float32", Given.ARRAY),
    "none-at-all": listed([0.0] * 0, "float32", Given.ARRAY),
    "list-row": _LINE,
    "list-of-lists": [_LINE, _LINE, _LINE],
    "list-flat": [float(i) for i in range(12)],
    "list-one": [2.5],
    "list-empty": [],
    "list-ragged": [[1.0], [2.0, 3.0]],
    "tuple-row": (1.0, 2.0, 3.0, 4.0),
    "tensor-scalar": listed(0.1),
    "tensor-float64": listed(0.1, "float64"),
    "tensor-int32": listed(3, "int32"),
    "tensor-row": listed(_LINE),
    "tensor-whole": thirds((3, 4)),
    "variable": listed(0.1, "float32", Given.VARIABLE),
    "text-number": "3",
    "text": "abc",
    "none": None,
    "dict": {},
}


def constant() -> Iterator[Case]:
    """`Constant`: numbers in every dtype, arrays, what is neither."""
    row = Rows("Constant")
    for dtype in FLOATS:
        _, subnormal, largest, step = LIMITS[dtype]
        own = {
            "largest": (largest, ("overflow",)),
            "above-largest": (largest * (1 + step / 8), ("overflow",)),
            "least": (subnormal, ("subnormal",)),
            "next-after-one": (1 + step, ("rounding",)),
        }
        if dtype == "float64":
            del own["above-largest"]  # there is no such Python number
        for detail, (value, flags) in {**_NUMBERS, **own}.items():
            yield row.value(
                "value", f"{detail}-{dtype}", (2, 2), dtype, arguments={"value": value}, flags=flags
            )
    for dtype in ("int8", "uint8", "int32", "int64", "bool", "complex64"):
        for detail, value in _WHOLE.items():
            yield row.value(
                "value",
                f"{detail}-{dtype}",
                (3,),
                dtype,
                arguments={"value": value},
                flags=("integer",),
            )
    for detail, value in _ARRAYS.items():
        yield row.value(
            "array", detail, (3, 4), arguments={"value": value}, flags=("unusual-argument",)
        )
    for dtype in ("float16", "float64", "int32", "bool"):
        for detail in ("row", "whole-float64", "flat", "numpy-float64", "tensor-scalar"):
            yield row.value(
                "array",
                f"{detail}-to-{dtype}",
                (3, 4),
                dtype,
                arguments={"value": _ARRAYS[detail]},
                flags=("unusual-argument",),
            )
    for shape in ((), (0,), (4,), (2, 3, 4)):
        yield row.value(
            "array", f"row-in-{sizes(shape)}", shape, arguments={"value": _ARRAYS["row"]}
        )
    for value in (10.0, 2):
        yield row(
            "arguments",
            f"positional={value}",
            CONFIG,
            initialize([2, 2]),
            arguments={"*": (value,)},
            flags=("documented-example",),
        )
    yield row("arguments", "defaults", CONFIG, initialize([2, 2]), flags=("documented-default",))


_GAINS: Final[dict[str, Any]] = {
    "true": True,
    "text": "2",
    "word": "abc",
    "none": None,
    "dict": {},
    "list": [1.0, 2.0, 3.0, 4.0],
    "numpy-float32": listed(0.1, "float32", Given.SCALAR),
    "numpy-float64": listed(0.1, "float64", Given.SCALAR),
    "numpy-int64": listed(3, "int64", Given.SCALAR),
    "array-row": listed([1.0, 2.0, 3.0, 4.0], "float32", Given.ARRAY),
    "array-column": listed([[1.0], [2.0], [3.0]], "float32", Given.ARRAY),
    "tensor": listed(2.5),
    "tensor-float64": listed(2.5, "float64"),
    "variable": listed(2.5, "float32", Given.VARIABLE),
}


def identity() -> Iterator[Case]:
    """`Identity`: gains, shapes that are not square or not matrices, dtypes."""
    row = Rows("Identity")
    for choice in every_pair(
        gain=(1.0, 2.5, -1.5, 3, 1 / 3, 0.0, NEGATIVE_ZERO),
        shape=((4, 4), (3, 4), (4, 3), (1, 5), (5, 1), (1, 1)),
        dtype=FLOATS,
    ):
        gain, shape, dtype = choice["gain"], choice["shape"], choice["dtype"]
        yield row.value(
            "arguments",
            f"gain={text(gain)}-{sizes(shape)}-{dtype}",
            shape,
            dtype,
            arguments={"gain": gain},
            flags=("pairwise",),
        )
    for dtype in ("float16", "float32"):
        _, subnormal, largest, _ = LIMITS[dtype]
        for detail, gain, flag in (
            ("nan", NAN, "nan"),
            ("infinity", INF, "infinity"),
            ("negative-infinity", -INF, "infinity"),
            ("largest", largest, "overflow"),
            ("beyond-float32", 1e39, "overflow"),
            ("least", subnormal, "subnormal"),
            ("underflow", 1e-50, "underflow"),
            ("integer-zero", 0, "zero"),
        ):
            yield row.value(
                "edge", f"{detail}-{dtype}", (2, 3), dtype, arguments={"gain": gain}, flags=(flag,)
            )
    for dtype in ("int32", "uint8", "bool", "complex64"):
        for gain in (1.0, 1) if dtype == "bool" else (1.0, 1, -1, 300, 2.5, 0):
            yield row.value(
                "integer",
                f"gain={gain}-{dtype}",
                (2, 3),
                dtype,
                arguments={"gain": gain},
                flags=("integer",),
            )
    for detail, gain in _GAINS.items():
        yield row.value(
            "gain", detail, (3, 4), arguments={"gain": gain}, flags=("unusual-argument",)
        )
    for shape in ((0, 0), (0, 5), (5, 0)):
        yield row.value(
            "empty", f"negative-gain-{sizes(shape)}", shape, arguments={"gain": -2.0},
            flags=("empty",),
        )  # fmt: skip
    yield row("arguments", "defaults", CONFIG, initialize([2, 2]), flags=("documented-default",))
    yield row(
        "arguments",
        "positional=2.5",
        CONFIG,
        initialize([2, 2]),
        arguments={"*": (2.5,)},
        flags=("documented-signature",),
    )


def bad_construction(name: str, parameters: int) -> Iterator[Case]:
    """What no constructor takes."""
    row = Rows(name)
    rejected: dict[str, Any] = {
        "unknown-keyword": {"foo": 1},
        "too-many-positional": {"*": tuple(range(1, parameters + 2))},
    }
    for detail, arguments in rejected.items():
        yield row("rejected", detail, CONFIG, arguments=arguments, flags=("bad-argument",))
