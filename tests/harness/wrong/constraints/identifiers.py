"""What `get`, `serialize` and `deserialize` of constraints may do instead."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Final

from wrong import KERAS2
from wrong.classes import Keras, custom_objects_ignored, function, serialized
from wrong.constraints.making import Mistake

# Functions of the namespace.


def _none_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        return official(identifier)
    except (ValueError, TypeError):
        return None


def _class_for_text(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    return type(found) if isinstance(identifier, str) else found


def _instance_for_class(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    return found() if isinstance(found, type) else found


def _any_case(official: Any, identifier: Any) -> Any:
    names = {"MAX_NORM": "max_norm", "maxNorm": "MaxNorm"}
    return official(
        names.get(identifier, identifier) if isinstance(identifier, str) else identifier
    )


def _copies(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    plain = hasattr(found, "get_config") and not isinstance(found, type) and found is identifier
    return type(found).from_config(found.get_config()) if plain else found


def _no_alias(official: Any, identifier: Any) -> Any:
    if isinstance(identifier, str) and "_" in identifier:
        raise ValueError(f"unknown constraint {identifier!r}")
    return official(identifier)


def _only_instances(official: Any, identifier: Any) -> Any:
    if callable(identifier) and not hasattr(identifier, "get_config"):
        raise TypeError(f"a constraint must be a Constraint; received {identifier!r}")
    return official(identifier)


def _lenient(official: Any, identifier: Any) -> Any:
    return identifier if isinstance(identifier, int) else official(identifier)


def _config_dropped(official: Any, identifier: Any) -> Any:
    dropped = isinstance(identifier, dict) and "config" in identifier
    return official({**identifier, "config": {}} if dropped else identifier)


def _as_texts(config: Any) -> Any:
    return {k: str(v) for k, v in config.items()} if isinstance(config, dict) else config


def _class_of(official: Any, config: Any, custom_objects: Any = None) -> Any:
    found = official(config, custom_objects=custom_objects)
    return type(found) if hasattr(found, "get_config") else found


def _defaults_of(official: Any, config: Any, custom_objects: Any = None) -> Any:
    if isinstance(config, dict) and isinstance(config.get("config"), dict):
        config = {**config, "config": {}}
    return official(config, custom_objects=custom_objects)


def _none_for_unknown_config(official: Any, config: Any, custom_objects: Any = None) -> Any:
    try:
        return official(config, custom_objects=custom_objects)
    except (ValueError, TypeError):
        return None


def _no_scope(keras: Keras) -> Mapping[str, Any]:
    return {"custom_object_scope": lambda known: nullcontext()}


MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, "get", aspects, change, ("*",))
        for name, aspects, change in (
            ("alias-missing", ("accepted",), function(_no_alias)),
            ("none-for-unknown", ("accepted",), function(_none_for_unknown)),
            ("class-for-text", ("resolved",), function(_class_for_text)),
            ("any-case", ("accepted",), function(_any_case)),
            ("copies", ("same",), function(_copies)),
            ("functions-rejected", ("accepted",), function(_only_instances)),
            ("numbers-taken", ("accepted",), function(_lenient)),
            ("config-dropped", ("resolved",), function(_config_dropped)),
            ("scope-ignored", ("accepted",), _no_scope),
        )
    ),
    Mistake(
        "instance-for-class", "get", ("resolved",), function(_instance_for_class), ("*",), KERAS2
    ),
    *(
        Mistake(name, "serialize", ("serialized",), change, ("*",))
        for name, change in (
            (
                "module-missing",
                serialized(lambda d: {k: v for k, v in d.items() if k != "module"}),
            ),
            (
                "registered-name-missing",
                serialized(lambda d: {k: v for k, v in d.items() if k != "registered_name"}),
            ),
            (
                "snake-case-name",
                serialized(lambda d: {**d, "class_name": str(d["class_name"]).lower()}),
            ),
            ("config-of-texts", serialized(lambda d: {**d, "config": _as_texts(d["config"])})),
            ("config-alone", serialized(lambda d: d["config"])),
            ("private-module", serialized(lambda d: {**d, "module": "keras.src.constraints"})),
            (
                "none-as-dict",
                function(lambda official, thing: {} if thing is None else official(thing)),
            ),
        )
    ),
    *(
        Mistake(name, "deserialize", aspects, change, ("*",))
        for name, aspects, change in (
            ("custom-objects-ignored", ("accepted",), function(custom_objects_ignored)),
            ("class-for-instance", ("resolved",), function(_class_of)),
            ("config-dropped", ("resolved",), function(_defaults_of)),
            ("none-for-unknown", ("accepted",), function(_none_for_unknown_config)),
            ("scope-ignored", ("accepted",), _no_scope),
        )
    ),
)
