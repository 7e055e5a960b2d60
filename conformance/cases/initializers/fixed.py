"""`Constant` and `Identity`: values, gains, what broadcasts, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import NEGATIVE_ZERO, Rows, draw, initialize
from conformance.cases.inputs import INF, LIMITS, NAN, count, every_pair, listed, thirds
from conformance.cases.rows import sizes
from conformance.cases.steps import CONFIG, from_config
from conformance.model import FLOATS, Case, Given

# Numbers whose rounding, overflow or sign tells one way of converting them from another.
_NUMBERS: Final[dict[str, tuple[Any, Any]]] = {
    "zero": (0.0, "zero"),
    "negative-zero": (NEGATIVE_ZERO, "negative-zero"),
    "integer-zero": (0, ("zero", "integer")),
    "tenth": (0.1, "rounding"),
    "third": (1 / 3, "rounding"),
    "integer": (-3, "integer"),
    "tie-float16": (1 + 2.0**-11, "rounding"),
    "beyond-float16": (70000.0, "overflow"),
    "beyond-float16-integer": (70000, ("overflow", "integer")),
    "beyond-float32": (1e39, "overflow"),
    "beyond-float32-negative": (-1e39, "overflow"),
    "beyond-int32": (2**31, ("overflow", "integer")),
    "beyond-int64": (2**63, ("overflow", "integer")),
    "beyond-float64": (10**400, ("overflow", "integer")),
    "odd-24-bits": (2**24 + 1, ("rounding", "integer")),
    "odd-53-bits": (2**53 + 1, ("rounding", "integer")),
    "subnormal-float32": (1e-40, "subnormal"),
    "below-float32": (1e-50, "underflow"),
    "nan": (NAN, "nan"),
    "infinity": (INF, "infinity"),
    "negative-infinity": (-INF, "infinity"),
    "true": (True, "unusual-argument"),
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
        _, subnormal, largest, eps = LIMITS[dtype]
        own = {
            "largest": (largest, "overflow"),
            "above-largest": (largest * (1 + eps / 8), "overflow"),
            "least": (subnormal, "subnormal"),
            "next-after-one": (1 + eps, "rounding"),
        }
        if dtype == "float64":
            del own["above-largest"]  # there is no such Python number
        for detail, (value, flags) in {**_NUMBERS, **own}.items():
            asked = row.given(arguments={"value": value}, flags=flags)
            yield asked("value", f"{detail}-{dtype}", draw((2, 2), dtype))
    for dtype in ("int8", "uint8", "int32", "int64", "bool", "complex64"):
        step = draw((3,), dtype)
        suffix = f"-{dtype}"
        asked = row.given(flags="integer")
        yield from asked.table("value", _WHOLE, step, argument="value", suffix=suffix)
    unusual = row.given(flags="unusual-argument")
    yield from unusual.table("array", _ARRAYS, draw((3, 4)), argument="value")
    some = ("row", "whole-float64", "flat", "numpy-float64", "tensor-scalar")
    arrays = {f"{detail}-to": _ARRAYS[detail] for detail in some}
    for dtype in ("float16", "float64", "int32", "bool"):
        step = draw((3, 4), dtype)
        suffix = f"-{dtype}"
        yield from unusual.table("array", arrays, step, argument="value", suffix=suffix)
    asked = row.given(arguments={"value": _ARRAYS["row"]})
    for shape in ((), (0,), (4,), (2, 3, 4)):
        yield asked("array", f"row-in-{sizes(shape)}", draw(shape))
    more = from_config({"value": 2.5, "foo": 1})
    yield row("from-config", "value-and-unknown-key", more, draw((1,)), flags="bad-config")
    thrice = row.given(arguments={"value": 2.5}, flags="by-hand")
    yield thrice("by-hand", "called-thrice", draw((2, 2)), draw((3,)), draw((2, 2)))
    steps = (CONFIG, initialize([2, 2]))
    positional = {f"positional={value}": {"*": (value,)} for value in (10.0, 2)}
    yield from row.table("arguments", positional, *steps, flags="documented-example")
    yield row("arguments", "defaults", *steps, flags="documented-default")


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
        asked = row.given(arguments={"gain": gain}, flags="pairwise")
        detail = f"gain={row.text(gain)}-{sizes(shape)}-{dtype}"
        yield asked("arguments", detail, draw(shape, dtype))
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
            asked = row.given(arguments={"gain": gain}, flags=flag)
            yield asked("edge", f"{detail}-{dtype}", draw((2, 3), dtype))
    for dtype in ("int32", "uint8", "bool", "complex64"):
        for gain in (1.0, 1) if dtype == "bool" else (1.0, 1, -1, 300, 2.5, 0):
            asked = row.given(arguments={"gain": gain}, flags="integer")
            yield asked("integer", f"gain={gain}-{dtype}", draw((2, 3), dtype))
    unusual = row.given(flags="unusual-argument")
    yield from unusual.table("gain", _GAINS, draw((3, 4)), argument="gain")
    for shape in ((0, 0), (0, 5), (5, 0)):
        asked = row.given(arguments={"gain": -2.0}, flags="empty")
        yield asked("empty", f"negative-gain-{sizes(shape)}", draw(shape))
    thrice = row.given(arguments={"gain": 2.5}, flags="by-hand")
    yield thrice("by-hand", "called-thrice", draw((2, 3)), draw((3, 3)), draw((2, 3)))
    steps = (CONFIG, initialize([2, 2]))
    yield row("arguments", "defaults", *steps, flags="documented-default")
    signed = row.given(arguments={"*": (2.5,)}, flags="documented-signature")
    yield signed("arguments", "positional=2.5", *steps)


def bad_construction(name: str, parameters: int) -> Iterator[Case]:
    """What no constructor takes."""
    bad: dict[str, Any] = {
        "unknown-keyword": {"foo": 1},
        "too-many-positional": {"*": tuple(range(1, parameters + 2))},
    }
    yield from Rows(name).table("rejected", bad, CONFIG, flags="bad-argument")
