"""Activation functions by name: how they are looked up and saved.

Source: https://keras.io/api/layers/activations/ and its Keras 2 edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from impl.shared.saving import Registry


@dataclass(frozen=True)
class Activations:
    """The activation functions of one dialect.

    Attributes:
        functions: each name with its function.
        linear: what no activation at all means.
        saved_names: names under which other functions are saved, which are found by `functions`.
        custom_names: `get("name")` finds custom and registered objects too.
        not_an_identifier: the error for what is neither name, dict nor callable.
        unknown_record: the error for a dict that names nothing.

    """

    functions: Mapping[str, Callable[..., Any]]
    linear: Callable[..., Any]
    saved_names: Mapping[Any, str]
    custom_names: bool
    not_an_identifier: type[Exception]
    unknown_record: type[Exception]
    registry: Registry

    def get(self, identifier: Any) -> Any:
        """The function for a name or a saved dict; a callable as it is; linear for None.

        Raises ValueError for an unknown name, ValueError or TypeError for anything else.
        """
        if callable(identifier):
            return identifier
        if identifier is None:
            return self.linear
        if isinstance(identifier, str):
            custom = self.custom_names
            found = self.registry.get_registered_object(identifier) if custom else None
            found = found or self.functions.get(identifier)
            if found is None:
                raise self._unknown(ValueError, identifier)
            return found() if isinstance(found, type) else found
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        raise self._unknown(self.not_an_identifier, identifier)

    def serialize(self, activation: Any) -> Any:
        """The name of a built-in function, otherwise a record as for any other object.

        Raises TypeError for what is no callable, and ValueError for a lambda.
        """
        name = self._name(activation)
        if name is not None:
            return name
        if activation is None or not callable(activation):
            raise TypeError(f"activation must be a callable, got {activation!r}")
        record = self.registry.serialize_keras_object(activation)
        if record.get("class_name") == "function":
            record["module"] = "builtins"
        return record

    def serialize_legacy(self, activation: Any) -> Any:
        """The name of a function, or class name and config (until TensorFlow 2.12)."""
        if activation is None:
            return None
        name = self._name(activation)
        if name is not None:
            return name
        if hasattr(activation, "get_config") and not isinstance(activation, type):
            name = self.registry.get_registered_name(type(activation))
            return {"class_name": name, "config": activation.get_config()}
        if not hasattr(activation, "__name__"):
            raise ValueError(f"activation must have a name or get_config(), got {activation!r}")
        return self.registry.get_registered_name(activation)

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """The function that a name or a record describes. None and callables are returned as is.

        Raises ValueError for a name of no function, ValueError or TypeError for such a record.
        """
        if config is None or callable(config):
            return config
        if isinstance(config, str):
            found = self.registry.get_registered_object(config, custom_objects)
            found = found or self.functions.get(config)
            if found is None:
                raise self._unknown(ValueError, config)
            return found() if isinstance(found, type) else found
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise self._unknown(ValueError, config)
        inner = config.get("config")
        if isinstance(inner, str):
            found = self.registry.get_registered_object(inner, custom_objects)
            if found is None and "module" in config:
                found = self.functions.get(inner)
            if found is not None:
                return found
        for key in ("registered_name", "class_name"):
            cls = self.registry.get_registered_object(config.get(key) or "", custom_objects)
            if isinstance(cls, type) and hasattr(cls, "from_config"):
                return cls.from_config(inner or {})
        raise self._unknown(self.unknown_record, config)

    def _name(self, activation: Any) -> str | None:
        try:
            return self.saved_names.get(activation)
        except TypeError:  # not hashable
            return None

    def _unknown(self, kind: type[Exception], identifier: Any) -> Exception:
        return kind(
            "activation must be None, a callable, or a name or dict of one of "
            f"{', '.join(sorted(self.functions))} or a custom object, got {identifier!r}"
        )
