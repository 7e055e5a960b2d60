"""Ten mistakes of the kinds that only a search finds, each planted in official Keras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from wrong import tensorflow
from wrong.layers.making import CONV2D, DENSE, Change, Official, call, config, method
from wrong.pairs.making import afterwards, backwards, counted, doubled

MAX_NORM: Final = "constraints.MaxNorm"
UNIT_NORM: Final = "constraints.UnitNorm"
NON_NEG: Final = "constraints.NonNeg"
L2: Final = "regularizers.L2"


@dataclass(frozen=True)
class Planted:
    """A mistake, how many examples must find it, and the aspect in which it must be found.

    `needs`: a trait that the smallest example must have; empty where nothing special is needed.
    """

    name: str
    target: str
    change: Change
    aspects: tuple[str, ...]
    needs: str = ""
    dialect: str = "keras3"
    examples: int = 300


def _where(condition: Callable[[Any], bool]) -> Change:
    """Doubled answers, where a condition of the argument holds."""

    def wrong(self: Any, official: Official, x: Any) -> Any:
        tensor = tensorflow().convert_to_tensor(x)
        return doubled(official(x)) if condition(tensor) else official(x)

    return method("__call__", wrong)


def _equal_axes(x: Any) -> bool:
    return len(x.shape) > 1 and len(set(x.shape)) == 1 and x.shape[0] > 1


def _even(x: Any) -> bool:
    return len(x.shape) > 0 and x.shape[-1] % 2 == 0 and x.shape[-1] > 0


def _half(x: Any) -> bool:
    return bool(x.dtype == "float16")


def _long(x: Any) -> bool:
    return bool(tensorflow().size(x) > 1000)


def _nan_lost(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x) if x.dtype.is_floating else x


def _restored(self: Any, official: Official, store: Any) -> None:
    """Weights that are read from a file are read twice as large."""
    official(store)
    for weight in self.weights:
        weight.assign(weight * 2)


def _frozen_anyway(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
    """The setting `use_bias` is taken and ignored."""
    named["use_bias"] = True
    official(*arguments, **named)


def _wrong_backwards(self: Any, official: Official, x: Any) -> Any:
    return backwards(doubled)(official(x))


def _without_axis(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "axis"}


def _strides_that_do_not_divide(self: Any, official: Official, x: Any) -> Any:
    y = official(x)
    length, step = x.shape[1], self.strides[0]
    return doubled(y) if length % step else y


PLANTED: Final[tuple[Planted, ...]] = (
    Planted("equal-axes", MAX_NORM, _where(_equal_axes), ("value",)),
    Planted("nan", NON_NEG, afterwards(_nan_lost), ("nonfinite",), "nan"),
    Planted("float16", UNIT_NORM, _where(_half), ("value",), "dtype:float16"),
    Planted("even-sizes", L2, _where(_even), ("value",), dialect="keras2"),
    Planted("after-restore", DENSE, method("load_own_variables", _restored), ("value", "weights")),
    Planted(
        "second-call",
        MAX_NORM,
        counted(lambda y, calls: doubled(y) if calls else y, "__call__"),
        ("value",),
        dialect="keras2",
    ),
    Planted(
        "setting-ignored",
        DENSE,
        method("__init__", _frozen_anyway),
        ("accepted", "value"),
        "use_bias=false",
    ),
    Planted("long", L2, _where(_long), ("value",), "large"),
    Planted("gradient", DENSE, call(_wrong_backwards), ("gradient",), "gradient"),
    Planted("key-lost", MAX_NORM, config(_without_axis), ("value", "config"), examples=800),
    Planted("strides", CONV2D, call(_strides_that_do_not_divide), ("value",)),
)
