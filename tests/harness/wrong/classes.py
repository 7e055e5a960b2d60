"""How a mistake is made in a class or a function of a family of official Keras."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from wrong import OFFICIAL, tensorflow

# What a mistake replaces: the value of an attribute that must be gone.
DELETED: Final = object()


@dataclass(frozen=True)
class Keras:
    """Official Keras of one dialect, as a mistake sees it before it is made."""

    dialect: str
    family: str
    target: str

    @property
    def space(self) -> Any:
        """The namespace of the family."""
        return getattr(importlib.import_module(OFFICIAL[self.dialect]), self.family)

    @property
    def cls(self) -> Any:
        return getattr(self.space, self.target)


Change = Callable[[Keras], Mapping[str, Any]]


# The changes, by what they replace.


def around(wrong: Callable[[Any, Any, Callable[[Any], Any]], Any]) -> Change:
    """`__call__` as `wrong(self, w, official)`, which may ask official for its answer."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.__call__
        return {"__call__": lambda self, w: wrong(self, w, lambda v: official(self, v))}

    return change


def after(wrong: Callable[[Any], Any]) -> Change:
    """Official's answer, and then something done to it."""
    return around(lambda self, w, official: wrong(official(w)))


def before(wrong: Callable[[Any], Any]) -> Change:
    """Something done to the weights, and then official's answer."""
    return around(lambda self, w, official: official(wrong(w)))


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """`get_config` as official's, edited."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.get_config
        return {"get_config": lambda self: edit(dict(official(self)))}

    return change


def attributes(**given: Any) -> Change:
    return lambda keras: given


def function(wrong: Callable[..., Any]) -> Change:
    """A function of the namespace as `wrong(official, *arguments)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = getattr(keras.space, keras.target)

        def replaced(*arguments: Any, **options: Any) -> Any:
            return wrong(official, *arguments, **options)

        return {keras.target: replaced}

    return change


def serialized(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """`serialize` with its records edited."""

    def wrong(official: Any, thing: Any, **options: Any) -> Any:
        described = official(thing, **options)
        return edit(dict(described)) if isinstance(described, dict) else described

    return function(wrong)


def custom_objects_ignored(official: Any, config: Any, custom_objects: Any = None) -> Any:
    """`deserialize` without its second argument."""
    return official(config)


def namespace(dialect: str, family: str, changed: Mapping[str, Any] | None = None) -> ModuleType:
    """A module that is official Keras, with the functions in `changed` instead of its own."""
    package: Any = importlib.import_module(OFFICIAL[dialect])
    module: Any = ModuleType(f"wrong_{family}_{dialect}")
    members = {**vars(getattr(package, family)), **(changed or {})}
    shown = {k: v for k, v in members.items() if v is not DELETED}
    setattr(module, family, SimpleNamespace(**shown))
    no_scope = (changed or {}).get("custom_object_scope")
    for name in ("saving", "utils"):
        original = getattr(package, name)
        scope = no_scope or getattr(original, "custom_object_scope", None)
        setattr(module, name, SimpleNamespace(custom_object_scope=scope))
    module.utils.set_random_seed = package.utils.set_random_seed
    for name in ("backend", "config", "mixed_precision"):  # where the settings are
        if hasattr(package, name):
            setattr(module, name, getattr(package, name))
    module.conformance_tensors = "tensorflow"
    return module


def no_nan(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x) if x.dtype.is_floating else x
