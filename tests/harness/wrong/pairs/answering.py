"""Answers and refusals: what the documentation lets a subject refuse or answer, and what it does not."""

from __future__ import annotations

from typing import Any, Final

from wrong import KERAS2, tensorflow
from wrong.layers.making import DENSE, Official, constructor, method
from wrong.pairs.making import Pair, answers, together


def _refuses_float16(self: Any, official: Official, w: Any) -> Any:
    if tensorflow().convert_to_tensor(w).dtype == "float16":
        raise ValueError("w must be float32 or float64; received float16")
    return official(w)


def _leaves(self: Any, w: Any) -> Any:
    return tensorflow().convert_to_tensor(w)


def _made_positive(named: dict[str, Any]) -> None:
    named["units"] = abs(named["units"])


def _refuses_later(self: Any, official: Official, shape: Any) -> Any:
    """The right refusal, but when the layer is built."""
    raise ValueError("units must be positive")


def _mode_ignored(named: dict[str, Any]) -> None:
    if named.get("mode") not in ("rows", "columns"):
        named["mode"] = "rows"


def _factor_ignored(named: dict[str, Any]) -> None:
    named["l1"] = 0.01


def _one_more(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
    official(*arguments, **named)
    self.surplus = self.add_weight(name="surplus", shape=(1,), initializer="zeros")


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(
            "float16-refused",
            f"constraints.{name}",
            ("dtype/float16-3x4-*",),
            ("accepted",),
            method("__call__", _refuses_float16),
        )
        for name in ("MaxNorm", "UnitNorm")
    ),
    Pair(
        "any-rank-taken",
        "constraints.RadialConstraint",
        ("rejected/rank-*", "rejected/non-square-*"),
        ("accepted",),
        answers(_leaves),
        dialects=KERAS2,
    ),
    Pair(
        "any-axis-taken",
        "constraints.MaxNorm",
        ("rejected/axis-*", "rejected/rank-0"),
        ("accepted",),
        answers(_leaves),
    ),
    Pair(
        "negative-units-taken",
        DENSE,
        ("rejected/units--1",),
        ("accepted",),
        constructor(_made_positive),
    ),
    Pair(
        "negative-units-refused-late",
        DENSE,
        ("rejected/units--1",),
        ("accepted",),
        together(constructor(_made_positive), method("build", _refuses_later)),
    ),
    Pair(
        "any-mode-taken",
        "regularizers.OrthogonalRegularizer",
        ("rejected/mode-*",),
        ("accepted",),
        constructor(_mode_ignored),
    ),
    Pair(
        "any-rank-taken",
        "regularizers.OrthogonalRegularizer",
        ("rejected/rank-*",),
        ("accepted",),
        answers(lambda self, x: tensorflow().reduce_sum(x)),
    ),
    Pair(
        "any-factor-taken",
        "regularizers.L1",
        ("rejected/l1-nan", "rejected/l1-text", "rejected/l1-list", "rejected/l1-numpy-*"),
        ("accepted",),
        constructor(_factor_ignored),
        dialects=KERAS2,
    ),
    Pair(
        "one-more-weight",
        DENSE,
        ("dtype/float32-wave-2x3",),
        ("weights",),
        method("build", _one_more),
    ),
)
