"""`VarianceScaling` and the classes that fix its arguments: fans, modes, distributions, scales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    DISTRIBUTIONS,
    MODES,
    PRESETS,
    Rows,
    draw,
    initialize,
    tolerance,
)
from conformance.cases.inputs import INF, NAN, every_pair, listed
from conformance.cases.rows import EXACT, KERAS3, sizes
from conformance.cases.steps import CONFIG
from conformance.model import FLOATS, Case, Given

_NAME: Final = "VarianceScaling"
_SHAPES: Final[tuple[tuple[int, ...], ...]] = ((), (5,), (3, 4), (2, 3, 4), (2, 2, 1, 3, 2))
# Fans that a swap of axes, a lost receptive field or a mean rounded to an integer changes.
_KERNELS: Final[tuple[tuple[int, ...], ...]] = (
    *((1,), (7,), (2, 5), (5, 2), (1, 8), (8, 1), (3, 1, 4), (3, 4, 1)),
    *((2, 3, 2, 5), (3, 3, 1, 2), (3, 2, 2, 1, 4)),
)


def variance_scaling() -> Iterator[Case]:
    """Every pair of arguments, dtype and shape; every mode with every kind of kernel."""
    row = Rows(_NAME)
    for choice in every_pair(
        scale=(1.0, 2, 0.1, 1 / 3, 1e-6, 1e6),
        mode=MODES,
        distribution=DISTRIBUTIONS,
        dtype=FLOATS,
        shape=_SHAPES,
    ):
        shape, dtype = choice.pop("shape"), choice.pop("dtype")
        asked = row.given(arguments={**choice, "seed": 11}, flags="pairwise")
        detail = f"{row.arguments_text(choice)}-{sizes(shape)}-{dtype}"
        yield asked("arguments", detail, draw(shape, dtype))
    for number, shape in enumerate(_KERNELS):
        for mode in MODES:
            arguments = {"mode": mode, "distribution": DISTRIBUTIONS[number % 3], "seed": 11}
            asked = row.given(arguments=arguments, flags="fans")
            yield asked("fan", f"{mode}-{sizes(shape)}", draw(shape))
    for shape in ((0, 3), (3, 0), (0,)):
        for mode in MODES:
            asked = row.given(arguments={"mode": mode, "seed": 11}, flags=("empty", "fans"))
            yield asked("fan", f"{mode}-empty-{sizes(shape)}", draw(shape))
    yield from _edges(row)
    yield from _rejected(row)
    yield from axes_rows(_NAME)
    asked = row.given(arguments={"seed": 11}, flags="documented-default")
    yield asked("arguments", "defaults", CONFIG, initialize([3, 4]))
    documented = {"scale": 0.1, "mode": "fan_in", "distribution": "uniform"}
    steps = (CONFIG, initialize([2, 2]))
    asked = row.given(arguments={**documented, "seed": 11}, flags="documented-example")
    yield asked("arguments", "documented-example", *steps)
    asked = row.given(arguments={"*": (*documented.values(), 12)}, flags="documented-signature")
    within = tolerance(_NAME, documented, (2, 2))
    yield asked("arguments", "positional", *steps, tolerance=within)


_SCALES: Final[dict[str, Any]] = {
    "true": True,
    "numpy-float32": listed(1.3, "float32", Given.SCALAR),
    "numpy-float64": listed(1.3, "float64", Given.SCALAR),
    "numpy-int64": listed(2, "int64", Given.SCALAR),
    "array-scalar": listed(1.3, "float32", Given.ARRAY),
    "array-row": listed([1.0, 2.0, 3.0, 4.0], "float32", Given.ARRAY),
    "tensor": listed(1.3),
    "variable": listed(1.3, "float32", Given.VARIABLE),
    "integer-beyond-float64": 10**400,
}


def _edges(row: Rows) -> Iterator[Case]:
    for distribution in DISTRIBUTIONS:
        for detail, scale, flag in (
            ("tiny", 1e-30, "underflow"),
            ("least", 5e-324, "subnormal"),
            ("huge", 1e30, "overflow"),
            ("beyond-float32", 1e80, "overflow"),
            ("largest", 1.7e308, "overflow"),
            ("nan", NAN, "nan"),
            ("infinity", INF, "infinity"),
        ):
            if distribution != "uniform" and scale > 1e70:
                continue  # infinities with the signs of the draws, which no law tells
            arguments = {"scale": scale, "distribution": distribution, "seed": 11}
            asked = row.given(arguments=arguments, flags=flag)
            yield asked("edge", f"scale-{detail}-{distribution}", draw((2, 3)))
    for scale in (1e-30, 1e30):
        flag = "overflow" if scale > 1 else "underflow"
        asked = row.given(arguments={"scale": scale, "seed": 11}, flags=flag)
        for dtype in ("bfloat16", "float64", *(("float16",) if scale < 1 else ())):
            yield asked("edge", f"scale-{scale}-{dtype}", draw((2, 3), dtype))
    row = row.given(flags="unusual-argument")
    for distribution in ("normal", "Normal", "UNIFORM", "Truncated_Normal", "UnTruncated_Normal"):
        asked = row.given(arguments={"distribution": distribution, "seed": 11})
        yield asked("distribution", distribution, CONFIG, draw((3, 4)))
    for detail, given in _SCALES.items():
        asked = row.given(arguments={"scale": given, "seed": 11})
        yield asked("arguments", f"scale-{detail}", draw((3, 4)))


def _rejected(row: Rows) -> Iterator[Case]:
    row = row.given(flags="bad-argument", tolerance=EXACT)
    bad: dict[str, tuple[Any, ...]] = {
        "scale": (0, 0.0, -0.0, -1.0, -1e-300, -INF, None, "1.0", [1.0], {}),
        "mode": ("fan_sum", "FAN_IN", "fan_in ", "", None, 1, ["fan_in"], True),
        "distribution": ("gaussian", "truncated", "normal ", "", None, 1, ["uniform"], True),
    }
    for argument, values in bad.items():
        for value in values:
            asked = row.given(arguments={argument: value, "seed": 11})
            yield asked("rejected", f"{argument}-{row.text(value)}", CONFIG, draw((2, 2)))


# What the fans of a weight of shape (2, 3, 4) are counted over: `input_axes`, `output_axes`.
_AXES: Final[dict[str, tuple[Any, Any]]] = {
    "apart": ([0, 1], [2]),
    "swapped": ([2], [0, 1]),
    "negative": ([-1], [0]),
}
_MORE_AXES: Final[dict[str, tuple[Any, Any]]] = {
    "some": ([0], [1]),
    "overlapping": ([0, 1], [1, 2]),
    "all": ([0, 1, 2], [0, 1, 2]),
    "twice": ([1, 1], [2]),
    "empty-input": ([], [2]),
    "empty-output": ([0], []),
    "tuple": ((0, 1), (2,)),
    "input-only": ([0, 1], None),
    "output-only": (None, [0, 1]),
    "integer": (0, 2),
    "array": (listed([0, 1], "int64", Given.ARRAY), listed([2], "int64", Given.ARRAY)),
    "out-of-range": ([0], [3]),
    "negative-out-of-range": ([-4], [0]),
    "float": ([0.0], [1.0]),
    "text": ("0", "1"),
    "true": ([True], [False]),
}


def axes_rows(name: str) -> Iterator[Case]:
    """`input_axes` and `output_axes` (Keras 3): what the fans are counted over."""
    row = Rows(name, KERAS3, flags="fans")
    for detail, (inputs, outputs) in (_AXES if name in PRESETS else _AXES | _MORE_AXES).items():
        arguments: dict[str, Any] = {"input_axes": inputs, "output_axes": outputs, "seed": 11}
        for mode in MODES if detail in ("apart", "some") and name == _NAME else ("fan_avg",):
            own = {"mode": mode, "distribution": "uniform"} if name == _NAME else {}
            asked = row.given(arguments={**own, **arguments})
            yield asked("axes", f"{detail}-{mode}" if own else detail, CONFIG, draw((2, 3, 4)))


def preset(name: str) -> Iterator[Case]:
    """What a preset takes besides a seed, and what it does not."""
    yield from axes_rows(name)
    row = Rows(name)
    signed = row.given(arguments={"*": (11,)}, flags="documented-signature")
    yield signed("arguments", "positional", CONFIG, initialize([2, 2]))
    for argument, value in {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}.items():
        bad = row.given(arguments={argument: value}, flags="bad-argument")
        yield bad("rejected", argument, CONFIG)
