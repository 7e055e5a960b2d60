"""`VarianceScaling` and the classes that fix its arguments: fans, modes, distributions, scales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    CONFIG,
    DISTRIBUTIONS,
    INF,
    KERAS3,
    MODES,
    NAN,
    PRESETS,
    Rows,
    initialize,
    tolerance,
)
from conformance.cases.inputs import every_pair, listed
from conformance.cases.rows import arguments_text, sizes, text
from conformance.model import FLOATS, Case, Given

_NAME: Final = "VarianceScaling"
_SHAPES: Final[tuple[tuple[int, ...], ...]] = ((), (5,), (3, 4), (2, 3, 4), (2, 2, 1, 3, 2))
# Fans that a swap of axes, a lost receptive field or a mean rounded to an integer changes.
_KERNELS: Final[tuple[tuple[int, ...], ...]] = (
    (1,),
    (7,),
    (2, 5),
    (5, 2),
    (1, 8),
    (8, 1),
    (3, 1, 4),
    (3, 4, 1),
    (2, 3, 2, 5),
    (3, 3, 1, 2),
    (3, 2, 2, 1, 4),
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
        yield row.value(
            "arguments",
            f"{arguments_text(choice)}-{sizes(shape)}-{dtype}",
            shape,
            dtype,
            arguments={**choice, "seed": 11},
            flags=("pairwise",),
        )
    for number, shape in enumerate(_KERNELS):
        for mode in MODES:
            arguments = {"mode": mode, "distribution": DISTRIBUTIONS[number % 3], "seed": 11}
            yield row.value(
                "fan", f"{mode}-{sizes(shape)}", shape, arguments=arguments, flags=("fan",)
            )
    for shape in ((0, 3), (3, 0), (0,)):
        for mode in MODES:
            yield row.value(
                "fan",
                f"{mode}-empty-{sizes(shape)}",
                shape,
                arguments={"mode": mode, "seed": 11},
                flags=("empty", "fan"),
            )
    yield from _edges(row)
    yield from _rejected(row)
    yield from axes_rows(_NAME)
    yield row(
        "arguments",
        "defaults",
        CONFIG,
        initialize([3, 4]),
        arguments={"seed": 11},
        tolerance=tolerance(_NAME, {}, (3, 4)),
        flags=("documented-default",),
    )
    documented = {"scale": 0.1, "mode": "fan_in", "distribution": "uniform"}
    yield row(
        "arguments",
        "documented-example",
        CONFIG,
        initialize([2, 2]),
        arguments={**documented, "seed": 11},
        tolerance=tolerance(_NAME, documented, (2, 2)),
        flags=("documented-example",),
    )
    yield row(
        "arguments",
        "positional",
        CONFIG,
        initialize([2, 2]),
        arguments={"*": (0.1, "fan_in", "uniform", 12)},
        tolerance=tolerance(_NAME, documented, (2, 2)),
        flags=("documented-signature",),
    )


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
            yield row.value(
                "edge",
                f"scale-{detail}-{distribution}",
                (2, 3),
                arguments={"scale": scale, "distribution": distribution, "seed": 11},
                flags=(flag,),
            )
    for scale in (1e-30, 1e30):
        for dtype in ("bfloat16", "float64", *(("float16",) if scale < 1 else ())):
            yield row.value(
                "edge",
                f"scale-{scale}-{dtype}",
                (2, 3),
                dtype,
                arguments={"scale": scale, "seed": 11},
                flags=("overflow",) if scale > 1 else ("underflow",),
            )
    spellings = ("normal", "Normal", "UNIFORM", "Truncated_Normal", "UnTruncated_Normal")
    for distribution in spellings:
        yield row.value(
            "distribution",
            distribution,
            (3, 4),
            arguments={"distribution": distribution, "seed": 11},
            before=(CONFIG,),
            flags=("unusual-argument",),
        )
    scales: dict[str, Any] = {
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
    for detail, scale in scales.items():
        yield row.value(
            "arguments",
            f"scale-{detail}",
            (3, 4),
            arguments={"scale": scale, "seed": 11},
            flags=("unusual-argument",),
        )


def _rejected(row: Rows) -> Iterator[Case]:
    bad: dict[str, tuple[Any, ...]] = {
        "scale": (0, 0.0, -0.0, -1.0, -1e-300, -INF, None, "1.0", [1.0], {}),
        "mode": ("fan_sum", "FAN_IN", "fan_in ", "", None, 1, ["fan_in"], True),
        "distribution": ("gaussian", "truncated", "normal ", "", None, 1, ["uniform"], True),
    }
    for argument, values in bad.items():
        for value in values:
            yield row(
                "rejected",
                f"{argument}-{text(value)}",
                CONFIG,
                initialize([2, 2], dtype="float32"),
                arguments={argument: value, "seed": 11},
                flags=("bad-argument",),
            )


def axes_rows(name: str) -> Iterator[Case]:
    """`input_axes` and `output_axes` (Keras 3): what the fans are counted over."""
    row = Rows(name, KERAS3)
    shape = (2, 3, 4)
    axes: dict[str, tuple[Any, Any]] = {
        "apart": ([0, 1], [2]),
        "swapped": ([2], [0, 1]),
        "negative": ([-1], [0]),
    }
    if name not in PRESETS:
        axes |= {
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
            "array": (
                listed([0, 1], "int64", Given.ARRAY),
                listed([2], "int64", Given.ARRAY),
            ),
            "out-of-range": ([0], [3]),
            "negative-out-of-range": ([-4], [0]),
            "float": ([0.0], [1.0]),
            "text": ("0", "1"),
            "true": ([True], [False]),
        }
    for detail, (inputs, outputs) in axes.items():
        arguments: dict[str, Any] = {"input_axes": inputs, "output_axes": outputs, "seed": 11}
        for mode in MODES if detail in ("apart", "some") and name == _NAME else ("fan_avg",):
            own = {"mode": mode, "distribution": "uniform"} if name == _NAME else {}
            yield row.value(
                "axes",
                f"{detail}-{mode}" if own else detail,
                shape,
                arguments={**own, **arguments},
                before=(CONFIG,),
                flags=("fan",),
            )


def preset(name: str) -> Iterator[Case]:
    """What a preset takes besides a seed, and what it does not."""
    row = Rows(name)
    yield from axes_rows(name)
    yield row(
        "arguments",
        "positional",
        CONFIG,
        initialize([2, 2]),
        arguments={"*": (11,)},
        tolerance=tolerance(name, {}, (2, 2)),
        flags=("documented-signature",),
    )
    for argument in ("scale", "mode", "distribution"):
        value = {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}[argument]
        yield row(
            "rejected", argument, CONFIG, arguments={argument: value}, flags=("bad-argument",)
        )
