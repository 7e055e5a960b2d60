"""Activation functions by name: how they are looked up and saved.

Source: https://keras.io/api/layers/activations/ and its Keras 2 edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from impl.shared.saving import Custom, Registry, unknown


def public_functions(namespace: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The functions among the variables of a module, by name."""
    return {k: f for k, f in namespace.items() if isinstance(f, FunctionType)}


@dataclass(frozen=True)
class Activations:
    """The activation functions of one dialect.

    Attributes:
        functions: each name with its function, which is saved under the first; "linear" is what no
            activation at all means.
        custom_names: `get("name")` finds custom and registered objects too.
        not_an_identifier: the error for what is neither name, dict nor callable.
        unknown_record: the error for a dict that names nothing.

    """

    functions: Mapping[str, Callable[..., Any]]
    registry: Registry
    custom_names: bool
    not_an_identifier: type[Exception]
    unknown_record: type[Exception]

    def get(self, identifier: Any) -> Any:
        """The function for a name or a saved dict; a callable as it is; linear for None.

        Raises ValueError for an unknown name, ValueError or TypeError for anything else.
        """
        if callable(identifier):
            return identifier
        if identifier is None:
            return self.functions["linear"]
        if isinstance(identifier, str):
            return self._named(identifier, None, self.custom_names)
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
        return self.registry.serialize_keras_object(activation)

    def serialize_legacy(self, activation: Any) -> Any:
        """The name of a function, or class name and config (until TensorFlow 2.12)."""
        return self._name(activation) or self.registry.legacy_record(activation)

    def deserialize(self, config: Any, custom_objects: Custom = None) -> Any:
        """The function that a name or a record describes. None and callables are returned as is.

        Raises ValueError for a name of no function, ValueError or TypeError for such a record.
        """
        if config is None or callable(config):
            return config
        if isinstance(config, str):
            return self._named(config, custom_objects)
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise self._unknown(ValueError, config)
        inner = config.get("config")
        if isinstance(inner, str):
            built_in = self.functions.get(inner) if "module" in config else None
            found = self.registry.get_registered_object(inner, custom_objects) or built_in
            if found is not None:
                return found
        name = config.get("registered_name") or config["class_name"]
        cls = self.registry.get_registered_object(name, custom_objects)
        if hasattr(cls, "from_config"):
            return cls.from_config(inner or {})
        raise self._unknown(self.unknown_record, config)

    def _named(self, name: str, custom_objects: Custom, custom: bool = True) -> Any:
        found = self.registry.get_registered_object(name, custom_objects) if custom else None
        found = found or self.functions.get(name)
        if found is None:
            raise self._unknown(ValueError, name)
        return found

    def _name(self, activation: Any) -> str | None:
        return next((name for name, f in self.functions.items() if f is activation), None)

    def _unknown(self, kind: type[Exception], identifier: Any) -> Exception:
        return kind(unknown("activation", self.functions, identifier))
