"""What constraints of norms may take, keep and say of themselves instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from wrong.classes import Keras, attributes, config
from wrong.constraints.making import (
    CONFIGS,
    FORMULAS,
    NORMS,
    Mistake,
    config_ignored,
    constructor,
    for_each,
    ops_of,
)


def _max_first(self: Any, axis: Any = 0, max_value: Any = 2) -> None:
    self.max_value, self.axis = max_value, axis


def _max_before_min(
    self: Any, max_value: Any = 1.0, min_value: Any = 0.0, rate: Any = 1.0, axis: Any = 0
) -> None:
    self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis


def _last_axis_max_norm(self: Any, max_value: Any = 2, axis: Any = -1) -> None:
    self.max_value, self.axis = max_value, axis


def _last_axis_unit_norm(self: Any, axis: Any = -1) -> None:
    self.axis = axis


def _every_axis_min_max_norm(
    self: Any, min_value: Any = 0.0, max_value: Any = 1.0, rate: Any = 1.0, axis: Any = None
) -> None:
    self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis


def default_of_one(self: Any, max_value: Any = 1, axis: Any = 0) -> None:
    self.max_value, self.axis = max_value, axis


def _whole_max(self: Any, max_value: Any = 2, axis: Any = 0) -> None:
    whole = isinstance(max_value, float) and np.isfinite(max_value)
    self.max_value, self.axis = int(max_value) if whole else max_value, axis


def _no_tuple(self: Any, axis: Any = 0) -> None:
    if isinstance(axis, tuple):
        raise TypeError(f"axis must be an integer or a list; received {axis!r}")
    self.axis = axis


def _early_check(self: Any, axis: Any = 0) -> None:
    if isinstance(axis, str | float):
        raise ValueError(f"axis must be an integer; received {axis!r}")
    self.axis = axis


def _cached(keras: Keras) -> Mapping[str, Any]:
    """What the constructor was given is computed with, whatever the attributes say later."""
    construct, formula, ops = keras.cls.__init__, FORMULAS[keras.target], ops_of(keras.dialect)

    def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807
        construct(self, *arguments, **named)
        self._frozen = SimpleNamespace(**vars(self))

    return {"__init__": __init__, "__call__": lambda self, w: formula(ops, self._frozen, w)}


MISTAKES: Final[tuple[Mistake, ...]] = (
    *for_each(
        "axis-default-last",
        ("MaxNorm",),
        ("value", "config"),
        constructor(_last_axis_max_norm),
        ("arguments/*",),
    ),
    *for_each(
        "axis-default-last",
        ("UnitNorm",),
        ("value", "config"),
        constructor(_last_axis_unit_norm),
        ("arguments/*",),
    ),
    *for_each(
        "axis-default-none",
        ("MinMaxNorm",),
        ("value", "config"),
        constructor(_every_axis_min_max_norm),
        ("arguments/defaults", "config/*"),
    ),
    *for_each(
        "tuple-axis-rejected",
        ("UnitNorm",),
        ("accepted",),
        constructor(_no_tuple),
        ("arguments/*", "roundtrip/*"),
    ),
    *for_each(
        "axis-checked-in-the-constructor",
        ("UnitNorm",),
        ("accepted",),
        constructor(_early_check),
        ("rejected/*",),
    ),
    *for_each(
        "max-value-default-1",
        ("MaxNorm",),
        ("value", "config"),
        constructor(default_of_one),
        ("arguments/defaults", "config/*"),
    ),
    *for_each(
        "max-value-truncated",
        ("MaxNorm",),
        ("value", "config"),
        constructor(_whole_max),
        ("arguments/max_value=*axis=0",),
    ),
    *for_each(
        "arguments-swapped",
        ("MaxNorm",),
        ("accepted",),
        constructor(_max_first),
        ("arguments/positional*",),
    ),
    *for_each(
        "arguments-swapped",
        ("MinMaxNorm",),
        ("config",),
        constructor(_max_before_min),
        ("arguments/positional*",),
    ),
    *for_each(
        "attributes-cached",
        ("MaxNorm", "MinMaxNorm", "UnitNorm"),
        ("value",),
        _cached,
        ("attribute/*",),
    ),
    *for_each(
        "config-key-dropped",
        NORMS,
        ("config", "serialized"),
        config(lambda c: {k: v for k, v in c.items() if k != "axis"}),
        CONFIGS,
    ),
    *for_each(
        "config-key-renamed",
        ("MaxNorm",),
        ("config", "accepted"),
        config(lambda c: {"m": c["max_value"], "axis": c["axis"]}),
        CONFIGS,
    ),
    *for_each(
        "config-key-extra",
        ("UnitNorm",),
        ("config",),
        config(lambda c: {**c, "epsilon": 1e-7}),
        CONFIGS,
    ),
    *for_each(
        "config-of-texts",
        ("MinMaxNorm",),
        ("config", "serialized"),
        config(lambda c: {**c, "rate": str(c["rate"])}),
        CONFIGS,
    ),
    *for_each(
        "config-ignored",
        NORMS,
        ("config", "value"),
        attributes(from_config=classmethod(config_ignored)),
        CONFIGS,
    ),
)
