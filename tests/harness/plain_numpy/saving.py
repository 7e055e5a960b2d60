"""Names, configurations and the objects that they stand for, as Keras 3 saves them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any


class Family:
    """The classes of one kind, by every name they have."""

    def __init__(self, kind: str, names: Mapping[str, type[Any]]) -> None:
        self.kind = kind
        self.names = names

    def serialize(self, thing: Any) -> Any:
        if thing is None:
            return None
        if inspect.isfunction(thing):
            return {
                "module": "builtins",
                "class_name": "function",
                "config": thing.__name__,
                "registered_name": "function",
            }
        cls = type(thing)
        package, _, module = cls.__module__.rpartition(".")
        ours = package == __package__
        # Keras 3 exports this base class at the top only.
        public = "keras" if cls.__name__ == "Initializer" else f"keras.{module}"
        return {
            "module": public if ours else None,
            "class_name": cls.__name__,
            "config": thing.get_config(),
            "registered_name": None if ours else cls.__name__,
        }

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        if config is None:
            return None
        if isinstance(config, str):
            return self._named(config)
        if not isinstance(config, Mapping) or "class_name" not in config:
            raise ValueError(f"config must be a name or have a class_name; received {config!r}")
        known = {**self.names, **(custom_objects or {})}
        name = config["class_name"]
        if name == "function" and config.get("config") in known:
            return known[config["config"]]
        if name not in known:
            raise TypeError(f"class_name must be that of a known {self.kind}; received {name!r}")
        return known[name].from_config(config.get("config", {}))

    def _named(self, name: str) -> Any:
        if name not in self.names:
            raise ValueError(f"identifier must name a known {self.kind}; received {name!r}")
        return self.names[name]()

    def get(self, identifier: Any) -> Any:
        if identifier is None:
            return None
        if isinstance(identifier, dict | str):
            identifier = self.deserialize(identifier)
        if not callable(identifier):
            raise ValueError(f"identifier must be callable or known; received {identifier!r}")
        return identifier() if isinstance(identifier, type) else identifier
