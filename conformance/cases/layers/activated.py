"""Activations by themselves: their arguments, and inputs that no layer hands to one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import listed
from conformance.cases.layers.base_common import LAYER
from conformance.cases.rows import KERAS3, Rows
from conformance.cases.steps import CALL, GRADIENT
from conformance.model import Case

# Numbers below and above each threshold and largest value that is asked.
_NUMBERS: Final = (-3.0, -1.25, -0.5, 0.0, 0.5, 1.25, 2.0, 4.0, 6.0, 7.0)
_SPECIAL: Final = (-math.inf, -1.0, 0.0, 3.0, 7.0, math.inf, math.nan)
# The slope of an exponential there is far below the rounding of 1, and far above the least number.
_TAIL: Final = (-700.0, -40.0, -1.0, 0.5)
_WHOLE: Final = (-4, -3, -1, 0, 1, 3, 5)
# Arguments of `relu` that both dialects name alike, and those of Keras 3.
_BOTH: Final[Mapping[str, Mapping[str, float]]] = {
    "max_value=4": {"max_value": 4.0},
    "threshold=1": {"threshold": 1.0},
    "threshold=1,max_value=4": {"threshold": 1.0, "max_value": 4.0},
    "threshold=-1": {"threshold": -1.0},
    "threshold=-1,max_value=4": {"threshold": -1.0, "max_value": 4.0},
}
_SLOPES: Final[Mapping[str, Mapping[str, float]]] = {
    "negative_slope=0.25": {"negative_slope": 0.25},
    "negative_slope=0.25,threshold=1,max_value=4": {
        "negative_slope": 0.25,
        "threshold": 1.0,
        "max_value": 4.0,
    },
}


def rows() -> Iterator[Case]:
    """Every case about activations that `Activate` calls."""
    for dtype in ("float32", "float16"):
        for label, options in {**_BOTH, **_SLOPES}.items():
            row = _row("relu", _NUMBERS, dtype, options)
            slopes = label in _SLOPES
            yield (row.given(dialects=KERAS3) if slopes else row)(
                "activated", f"relu-{label}-{dtype}", CALL
            )
        at = _row("relu", (1.0,), dtype, _BOTH["threshold=1"])
        yield at("activated", f"relu-at-the-threshold-{dtype}", CALL, flags="bound")
    for name in ("relu", "relu6"):
        row = _row(name, _SPECIAL, "float32", dialects=KERAS3 if name == "relu6" else None)
        yield row("activated", f"{name}-special", CALL, flags=("nan", "infinity"))
    for name in ("gelu", "hard_sigmoid", "leaky_relu"):
        row = _row(name, _WHOLE, "int32", dialects=KERAS3)
        yield row("activated", f"{name}-int32", CALL, flags="integer")
    for name in ("elu", "selu"):
        row = _row(name, _TAIL, "float64")
        yield row(
            "activated", f"{name}-tail-float64", CALL, GRADIENT, flags=("gradient", "rounding")
        )
    infinite = (complex(-math.inf, 0), complex(math.inf, 0))
    row = _row("sigmoid", infinite, "complex64")
    yield row("activated", "sigmoid-complex64", CALL, flags=("complex", "infinity"))


def _row(
    name: str,
    numbers: tuple[complex, ...],
    dtype: str,
    options: Mapping[str, float] | None = None,
    dialects: tuple[str, ...] | None = None,
) -> Rows:
    """The row of an activation with some inputs, in their own dtype."""
    arguments: dict[str, Any] = {"function": name, "name": "a"}
    if options:
        arguments["options"] = dict(options)
    if dtype.startswith("float"):
        arguments["dtype"] = dtype
    given = listed([list(numbers)], dtype)
    row = LAYER.given(custom="Activate", arguments=arguments, inputs=given, flags="activation")
    return row if dialects is None else row.given(dialects=dialects)
