"""The steps about descriptions: configurations, and the objects that names and configurations stand for."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from conformance.model import Case, Step, Value
from conformance.subjects.tensors import plain


class DescriptionSteps:
    """The part of a conversation that takes these steps; `Conversation` has the attributes."""

    target: Any
    _case: Case
    _dialect: str
    _functions: Mapping[str, Callable[..., Any]]

    def _real(self, literal: Any) -> Any:
        raise NotImplementedError

    def _made(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _member(self, path: str) -> Any:
        raise NotImplementedError

    def _customs(self) -> Mapping[str, type[Any]]:
        raise NotImplementedError

    def _do_config(self, step: Step) -> dict[str, Value]:
        return {"config": plain(self.target.get_config())}

    def _do_roundtrip(self, step: Step) -> dict[str, Value]:
        """Rebuilds the target from its own description; later steps use the rebuilt one."""
        via = step.options.get("via", "serialize")
        if via == "from_config":
            config = self.target.get_config()
            seen = plain(config)  # now, because some readers change what they are given
            self.target = type(self.target).from_config(config)
            return {"serialized": seen}
        legacy = {"use_legacy_format": True} if via == "legacy" else {}
        described = self._module("serialize")(self.target, **legacy)
        seen = plain(described)
        users = self._case.custom is not None or self._case.family == "models"
        known = self._customs() if users else {}
        self.target = self._module("deserialize")(described, custom_objects=known, **legacy)
        return {"serialized": seen}

    def _do_from_config(self, step: Step) -> dict[str, Value]:
        config = self._real(step.options["config"])
        self.target = type(self.target).from_config(config)
        return {"config": plain(self.target.get_config())}

    def _do_get(self, step: Step) -> dict[str, Value]:
        identifier = self._real(step.options["identifier"])
        with self._scope(step):
            self.target = self._module("get")(identifier)
        return {"resolved": describe(self.target), "same": self.target is identifier}

    def _do_deserialize(self, step: Step) -> dict[str, Value]:
        known = self._known(step.options.get("custom_objects"))
        config = self._real(step.options["config"])
        with self._scope(step):
            self.target = self._module("deserialize")(config, custom_objects=known)
        return {"resolved": describe(self.target)}

    def _do_serialize(self, step: Step) -> dict[str, Value]:
        thing = self._real(step.options["object"])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            legacy = {"use_legacy_format": True} if step.options.get("legacy") else {}
            described = self._module("serialize")(thing, **legacy)
        warned = any(issubclass(warning.category, UserWarning) for warning in caught)
        return {"serialized": plain(described), "warned": warned}

    def _do_register(self, step: Step) -> dict[str, Value]:
        """Derives a class from a user-defined one, registers it, and makes one; later steps use it."""
        options: Any = step.options
        base = self._customs()[options["custom"]] if "custom" in options else object
        made = type(options["class_name"], (base,), {"__module__": "__main__"})
        saving = self._member("saving")
        named = {key: options[key] for key in ("package", "name") if key in options}
        made = saving.register_keras_serializable(**named)(made)
        self.target = made(**self._made(options.get("arguments", {})))
        name = saving.get_registered_name(made)
        return {"name": name, "found": saving.get_registered_object(name) is made}

    def _do_lookup(self, step: Step) -> dict[str, Value]:
        name = step.options["name"]
        self.target = self._module(str(name))
        return {"resolved": describe(self.target)}

    def _module(self, name: str) -> Any:
        # A model is described as the layer that it is.
        family = "layers" if self._case.family == "models" else self._case.family
        return self._member(f"{family}.{name}")

    def _known(self, names: Any) -> dict[str, Any] | None:
        if names is None:
            return None
        available = {**self._functions, **self._customs()}
        return {name: available[name] for name in names}

    def _scope(self, step: Step) -> contextlib.AbstractContextManager[Any]:
        known = self._known(step.options.get("scope"))
        if known is None:
            return contextlib.nullcontext()
        scope: contextlib.AbstractContextManager[Any] = self._member(
            "utils.custom_object_scope"
            if self._dialect == "keras2"
            else "saving.custom_object_scope"
        )(known)
        return scope


def describe(found: Any) -> Any:
    """What an identifier stands for, as JSON."""
    if found is None:
        return None
    if isinstance(found, type):
        return {"class": found.__name__}
    if hasattr(found, "get_config"):
        try:
            return {"instance": type(found).__name__, "config": plain(found.get_config())}
        except NotImplementedError:  # not every class can be saved
            return {"instance": type(found).__name__}
    if callable(found):
        # The name of a function that is made inside another is a private matter of the implementation.
        own = "<locals>" in getattr(found, "__qualname__", "")
        return {"function": None if own else getattr(found, "__name__", type(found).__name__)}
    return {"literal": plain(found)}
