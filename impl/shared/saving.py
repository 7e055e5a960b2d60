"""Objects as plain data and back: the registry of names, and the families that are looked up.

Source: https://keras.io/api/models/model_saving_apis/serialization_utils/. Nothing is ever
imported, unpickled or evaluated to load an object: a name is found among the built-in classes and
what the user registered or passed, or it is an error.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import tensorflow as tf

T = TypeVar("T")
Custom = Mapping[str, Any] | None


class Configured:
    """An object that its constructor's arguments, which it keeps as attributes, describe."""

    _saved: ClassVar[tuple[str, ...]] = ()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {name: getattr(self, name) for name in self._saved}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object that `get_config` described."""
        return cls(**config)

    def _refusal(self, rule: str, value: Any, kind: type[Exception] = ValueError) -> Exception:
        return kind(f"{type(self).__name__}: {rule}, got {value!r}")


@dataclass(frozen=True)
class Identifiers:
    """What `get`, `serialize` and `deserialize` take. The defaults are Keras 3's.

    Attributes:
        make_instances: `get(MaxNorm)` returns `MaxNorm()`; otherwise the class as it is.
        need_config: the dict given to `get` must have both `class_name` and `config`, which is a
            dict itself unless there is a `module` too.
        any_empty_config: a false `config` (`[]`, `0`) in a saved dict counts as `{}`.
        strangers_warn: `serialize` warns about an object that is not of the family.

    """

    make_instances: bool = True
    need_config: bool = False
    any_empty_config: bool = False
    strangers_warn: bool = False


class Registry:
    """The named objects of one dialect: built in, registered, and in scope."""

    def __init__(self, identifiers: Identifiers) -> None:
        self.identifiers = identifiers
        self._built_in: dict[type, str] = {}
        self._registered: dict[str, Any] = {}
        self._names: dict[Any, str] = {}
        self._scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects")

    def add_built_in(self, module: str, *classes: type) -> None:
        """Saves `classes` as members of the public Keras module `module`."""
        self._built_in.update(dict.fromkeys(classes, module))

    def family(
        self, kind: str, base: type, module: str, names: dict[str, Any], *, custom: bool
    ) -> Family:
        """A `Family`, whose classes are saved as members of the public Keras module `module`.

        `custom` is `Family.finds_custom_names`.
        """
        self.add_built_in(f"keras.{module}", *(x for x in names.values() if isinstance(x, type)))
        return Family(kind, base, names, self, custom)

    def get_custom_objects(self) -> dict[str, Any]:
        """The live dictionary of registered objects; what is put there is found by name."""
        return self._registered

    @contextmanager
    def custom_object_scope(self, *custom_objects: Mapping[str, Any]) -> Iterator[None]:
        """Makes `{name: class or function}` known inside the `with` block, in this thread."""
        scopes = (self._scope.get({}), *custom_objects)
        token = self._scope.set({k: x for scope in scopes for k, x in scope.items()})
        try:
            yield
        finally:
            self._scope.reset(token)

    def register_keras_serializable(
        self, package: str = "Custom", name: str | None = None
    ) -> Callable[[T], T]:
        """Decorator which registers a class or function as "package>name".

        Raises ValueError for a class without `get_config`.
        """

        def register(item: T) -> T:
            if isinstance(item, type) and not hasattr(item, "get_config"):
                raise ValueError(f"a registered class must have get_config(), got {item!r}")
            full_name = f"{package}>{name or getattr(item, '__name__', item)}"
            self._registered[full_name] = item
            self._names[item] = full_name
            return item

        return register

    def get_registered_name(self, obj: Any) -> str:
        """The name `obj` was registered under, or else its `__name__`."""
        return self._names.get(obj) or str(obj.__name__)

    def get_registered_object(self, name: str, custom_objects: Custom = None) -> Any:
        """The object called `name` in `custom_objects`, in scope or registered, or None."""
        for names in (custom_objects or {}, self._scope.get({}), self._registered):
            if name in names:
                return names[name]
        return None

    def serialize_keras_object(self, obj: Any) -> Any:
        """`obj` as JSON-like data: objects become records of class name and configuration.

        Raises ValueError for a lambda and TypeError for an object that has no `get_config`.
        """
        if obj is None or type(obj) in (bool, int, float, str):
            return obj
        if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and not obj.ndim):
            return obj.item()
        if isinstance(obj, dict):
            return {key: self.serialize_keras_object(value) for key, value in obj.items()}
        if isinstance(obj, tf.TensorShape):
            return obj.as_list()
        if isinstance(obj, (list, tuple)):
            return type(obj)([self.serialize_keras_object(value) for value in obj])
        if isinstance(obj, tf.DType):
            return obj.name
        if isinstance(obj, np.ndarray):
            return _array_record("__numpy__", obj, obj.dtype)
        if isinstance(obj, (tf.Tensor, tf.Variable)):
            return _array_record("__tensor__", obj.numpy(), obj.dtype)
        if hasattr(obj, "get_config") and not isinstance(obj, type):
            return self._record(obj)
        if not callable(obj) or not hasattr(obj, "__name__") or hasattr(obj, "get_config"):
            raise TypeError(f"an object to save must have get_config(), got {obj!r}")
        _refuse_lambda(obj)
        kind = type(obj).__name__
        return _record(type(obj).__module__, kind, self.get_registered_name(obj), kind)

    def _record(self, obj: Any) -> dict[str, Any]:
        cls = type(obj)
        config = self.serialize_keras_object(obj.get_config())
        if cls in self._built_in:
            record = _record(self._built_in[cls], cls.__name__, config, None)
        else:
            module = None if cls.__module__ == "__main__" else cls.__module__
            record = _record(module, cls.__name__, config, self.get_registered_name(cls))
        build_config: Any = getattr(obj, "get_build_config", dict)()
        record |= {"build_config": build_config} if build_config else {}
        if hasattr(obj, "get_compile_config"):
            compile_config = obj.get_compile_config()
            record |= {} if compile_config is None else {"compile_config": compile_config}
        return record

    def legacy_record(self, obj: Any) -> Any:
        """`obj` as `class_name` and `config` only, or a function as its name (until TF 2.12)."""
        if obj is None:
            return None
        if hasattr(obj, "get_config") and not isinstance(obj, type):
            name = self.get_registered_name(type(obj))
            return {"class_name": name, "config": obj.get_config()}
        if hasattr(obj, "__name__"):
            return self.get_registered_name(obj)
        raise ValueError(f"an object to save must have get_config(), got {obj!r}")

    def is_built_in(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is a full one of a class that nobody registered; no custom name overrides it."""
        return record.get("registered_name", "") is None


def _record(module: str | None, name: str, config: Any, registered: str | None) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}


def _array_record(name: str, array: Any, dtype: Any) -> dict[str, Any]:
    return {"class_name": name, "config": {"value": array.tolist(), "dtype": dtype.name}}


def _refuse_lambda(obj: Any) -> None:
    if getattr(obj, "__name__", "") == "<lambda>":
        raise ValueError("a lambda cannot be saved; define and register a named function")


def decode(value: Any) -> Any:
    """Arrays and tensors inside a saved configuration; the rest is left as it is."""
    if isinstance(value, (list, tuple)):
        return type(value)([decode(item) for item in value])
    if not isinstance(value, dict):
        return value
    match value:
        case {"class_name": "__numpy__", "config": {"value": data, "dtype": dtype}}:
            return np.array(data, tf.as_dtype(dtype).as_numpy_dtype)
        case {"class_name": "__tensor__", "config": {"value": data, "dtype": dtype}}:
            return tf.constant(data, dtype)
    return {key: decode(item) for key, item in value.items()}


def as_given(value: Any) -> Any:
    """`value` itself."""
    return value


def read_value(config: dict[str, Any]) -> dict[str, Any]:
    """The `value` of a configuration, decoded, and nothing else; without one all of it."""
    return {"value": decode(config["value"])} if "value" in config else config


def by_name(*classes: type) -> dict[str, Any]:
    """Each class under its name and under the snake-case form of it."""
    names = {cls.__name__: cls for cls in classes}
    return names | {re.sub("(?<=[a-z])(?=[A-Z])", "_", k).lower(): cls for k, cls in names.items()}


def unknown(kind: str, names: Iterable[str], identifier: Any) -> str:
    """What is wrong with an `identifier` that is none of `names`."""
    known = ", ".join(sorted(names))
    rule = f"None, a callable, or a name or dict of one of {known} or a custom object"
    return f"{kind} must be {rule}, got {identifier!r}"


def exported(namespace: Mapping[str, Any], base: type, *functions: str) -> list[str]:
    """What a module of a family exports: `base` and its subclasses by each name, and functions."""
    classes = (k for k, x in namespace.items() if isinstance(x, type) and issubclass(x, base))
    return sorted({*classes, "get", "serialize", "deserialize", *functions})


@dataclass(frozen=True)
class Family:
    """One kind of object (constraints, say) in one dialect: what is found by which name.

    Attributes:
        kind: the word for it in messages.
        base: the class that instances are expected to have.
        names: each identifier that `get` and `deserialize` know, with its class or with a function
            of the same keywords that makes an instance.
        finds_custom_names: `get("name")` finds custom and registered objects too.

    """

    kind: str
    base: type
    names: dict[str, Any]
    registry: Registry
    finds_custom_names: bool

    def get(self, identifier: Any) -> Any:
        """The object for a name, a saved dict, a class, or a callable, which is returned as is.

        None gives None, and an object of the family itself. Raises ValueError for anything else.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            custom = self.finds_custom_names
            found = self.registry.get_registered_object(identifier) if custom else None
            if found is None:
                return self._built_in(identifier)
            return found() if isinstance(found, type) else found
        if isinstance(identifier, dict):
            if self.registry.identifiers.need_config:
                self._require_config(identifier)
            return self.deserialize(identifier)
        if isinstance(identifier, type) and self.registry.identifiers.make_instances:
            return identifier()
        if callable(identifier) or isinstance(identifier, self.base):
            return identifier
        raise self._unknown(identifier)

    def serialize(self, obj: Any, use_legacy_format: bool = False) -> Any:
        """`obj` as a record: `module`, `class_name`, `config` and `registered_name`.

        In the legacy format `class_name` and `config` only, or the name of a function.
        """
        if use_legacy_format:
            self._check_family(obj)
            _refuse_lambda(obj)
            return self.registry.legacy_record(obj)
        record = self.registry.serialize_keras_object(obj)
        self._check_family(obj)
        return record

    def deserialize_either(self, config: Any, custom_objects: Custom, legacy: bool) -> Any:
        """`deserialize`; in the legacy format the name of a custom class gives an instance too."""
        found = self.deserialize(config, custom_objects)
        named = legacy and isinstance(config, str) and isinstance(found, type)
        return found() if named else found

    def deserialize(self, config: Any, custom_objects: Custom = None) -> Any:
        """The object that a record, or a name, describes. None and callables are returned as is.

        Raises TypeError for a class that is not registered or does not take its configuration,
        ValueError for whatever else names no object of this family.
        """
        if config is None or callable(config):
            return config
        if isinstance(config, str):
            found = self.registry.get_registered_object(config, custom_objects)
            return self._built_in(config) if found is None else found
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise self._unknown(config)
        name, inner = config["class_name"], config.get("config")
        cls = None
        if not self.registry.is_built_in(config):
            registered = config.get("registered_name") or name
            cls = self.registry.get_registered_object(registered, custom_objects)
            cls = cls or self.registry.get_registered_object(name, custom_objects)
        cls = cls or self.names.get(name)
        if cls is None:
            return self._function(config, custom_objects)
        if inner is None or (not inner and self.registry.identifiers.any_empty_config):
            inner = {}
        if isinstance(inner, dict) and not isinstance(cls, type) and name in self.names:
            return self.names[name](**inner)
        if not isinstance(inner, dict) or not hasattr(cls, "from_config"):
            raise TypeError(
                f"{name!r} must be a class with from_config(), and its config a dict, got {inner!r}"
            )
        return cls.from_config(decode(inner))

    def _built_in(self, name: str) -> Any:
        if name not in self.names:
            raise self._unknown(name)
        return self.names[name]()

    def _function(self, record: dict[str, Any], custom_objects: Custom) -> Any:
        name = record.get("config")
        if isinstance(name, str):
            found = self.registry.get_registered_object(name, custom_objects)
            if found is not None:
                return found
        if "module" in record and record["module"] is None:
            raise TypeError(
                f"a custom {self.kind} must be registered or passed in "
                f"custom_objects to be loaded, got {record['class_name']!r}"
            )
        raise self._unknown(record)

    def _check_family(self, obj: Any) -> None:
        known = obj is None or isinstance(obj, self.base)
        if self.registry.identifiers.strangers_warn and not known:
            warnings.warn(
                f"serialize is meant for objects of {self.base.__name__}, got {obj!r}",
                stacklevel=4,
            )

    def _require_config(self, record: Mapping[str, Any]) -> None:
        if "module" in record:  # its config may be none, or the name of a function
            return
        if not {"class_name", "config"} <= record.keys():
            raise ValueError(
                f"a {self.kind} dict must have 'class_name' and 'config', got {record!r}"
            )
        if not isinstance(record["config"], dict):
            raise TypeError(
                f"the config of {record['class_name']!r} must be a dict, got {record['config']!r}"
            )

    def _unknown(self, identifier: Any) -> ValueError:
        return ValueError(unknown(f"a {self.kind}", self.names, identifier))
