"""What initializers may say of themselves, and be found by, instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)

from wrong.initializers.making import CONFIGS, Change, Mistake, config, function, without


def _config_dropped(official: Callable[..., Any], described: Any, *rest: Any, **named: Any) -> Any:
    found = official(described, *rest, **named)
    if isinstance(described, Mapping) and described.get("class_name") == "RandomNormal":
        return type(found)()
    return found


def _no_alias(official: Callable[..., Any], identifier: Any) -> Any:
    if identifier == "he_normal":
        raise ValueError("unknown initializer: he_normal")
    return official(identifier)


def _edited_record(edit: Callable[[dict[str, Any]], Any]) -> Change:
    def wrong(official: Callable[..., Any], thing: Any, *rest: Any, **named: Any) -> Any:
        described = official(thing, *rest, **named)
        return edit(described) if isinstance(described, dict) else described

    return function(wrong)


MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, target, change, official, own, where)
        for target, name, change, official, own, where in (
            (
                "RandomNormal",
                "seed-not-saved",
                without("seed"),
                ("config", "value", "repeats"),
                ("config", "repeats"),
                (*CONFIGS, "repeats/*"),
            ),
            (
                "HeNormal",
                "seed-saved-as-none",
                config(lambda c: {**c, "seed": None}),
                ("config", "serialized", "value", "repeats"),
                ("config", "serialized", "repeats"),
                (*CONFIGS, "repeats/*"),
            ),
            (
                "RandomNormal",
                "stddev-not-saved",
                without("stddev"),
                ("config", "value"),
                ("config",),
                CONFIGS,
            ),
            (
                "Orthogonal",
                "gain-not-saved",
                without("gain"),
                ("config", "value"),
                ("config", "contract"),
                CONFIGS,
            ),
            (
                "VarianceScaling",
                "mode-not-saved",
                without("mode"),
                ("config", "value"),
                ("config",),
                CONFIGS,
            ),
            ("get", "alias-missing", function(_no_alias), *(("accepted",),) * 2, ("*",)),
            (
                "deserialize",
                "config-dropped",
                function(_config_dropped),
                *(("resolved",),) * 2,
                ("*",),
            ),
            (
                "serialize",
                "module-missing",
                _edited_record(lambda d: {k: v for k, v in d.items() if k != "module"}),
                *(("serialized",),) * 2,
                ("*",),
            ),
        )
    ),
)
