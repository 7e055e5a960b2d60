"""One layer of a subject, from the configuration that official Keras wrote, with given weights."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import Array, Input, Tensor, Value
from conformance.subjects.base import NotOffered
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.saved import structure

# What the tensors of a layer's result are called.
VALUE: Final = "value"
# In a description: the arguments that have the default of the version that wrote it.
DEFAULTS: Final = "defaults"


def simple(value: Any) -> Any:
    """A configuration whose dtype policies are their names, which every version and dialect reads."""
    if isinstance(value, Mapping):
        if value.get("class_name") in ("DTypePolicy", "Policy"):
            return value["config"]["name"]
        return {key: _plain(key, each) for key, each in value.items() if key != "build_config"}
    if isinstance(value, list | tuple):
        return [simple(each) for each in value]
    return value


def _plain(key: str, value: Any) -> Any:
    """What is attached to weights says nothing of a call with given weights, and versions write it differently."""
    if isinstance(value, Mapping) and key.endswith("_initializer"):
        return "zeros"
    if isinstance(value, Mapping) and key.endswith(("_regularizer", "_constraint")):
        return None
    return simple(value)


class Layers:
    """Makes and calls layers of a subject."""

    def __init__(self, subject: NamespaceSubject) -> None:
        self.subject = subject

    def made(self, described: Mapping[str, Any]) -> Any:
        """The layer of this description, not built; NotOffered where the subject has no such class."""
        name, config = str(described["class_name"]), simple(described["config"])
        if is_operation(described):
            return self._operation(described)
        try:
            known = self.subject.member(f"layers.{name}")
        except NotOffered:
            return self._operation(described)
        return lenient(known, config, described.get(DEFAULTS, ()))

    def _operation(self, described: Mapping[str, Any]) -> Any:
        """What Keras 3 makes of `x * 2` in a functional model."""
        module = described.get("module") or ""
        if not is_operation(described):
            raise NotOffered(f"{self.subject.name} has no layers.{described['class_name']}")
        read = self.subject.member("saving.deserialize_keras_object")
        try:
            return read(dict(described))
        except (TypeError, ValueError, AttributeError, ImportError) as error:
            raise NotOffered(
                f"{self.subject.name} has no {described['class_name']} of {module}"
            ) from error

    def ready(
        self, described: Mapping[str, Any], weights: Sequence[Array], call: Mapping[str, Any]
    ) -> Any:
        """The layer, built for a call and with its weights. `call`: `args` and `kwargs`, with tensors."""
        layer = self.made(described)
        self.fill(layer, weights, call)
        return layer

    def fill(self, layer: Any, weights: Sequence[Array], call: Mapping[str, Any]) -> None:
        """Builds a layer that has weights for a call, and gives it those."""
        if weights:
            self._build(layer, call)
            layer.set_weights([np.asarray(each) for each in weights])

    def _build(self, layer: Any, call: Mapping[str, Any]) -> None:
        args, shape = (
            call["args"],
            getattr(call["args"][0], "shape", None) if call["args"] else None,
        )
        if len(args) == 1 and not call["kwargs"] and shape is not None:
            try:
                layer.build(tuple(shape))
            except Exception:  # some layers build only what they are called with
                pass
            else:
                if layer.weights:
                    return
        self.called(layer, call)

    def called(self, layer: Any, call: Mapping[str, Any]) -> Any:
        """What the layer gives, in inference."""
        kwargs = dict(call["kwargs"])
        if accepts(layer, "training"):
            kwargs["training"] = False
        return layer(*call["args"], **kwargs)

    def tensors(self, call: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
        """A call as JSON with the subject's own tensors."""
        return {key: structure.put(call[key], lambda n: self.make(arrays[n])) for key in call}

    def make(self, array: Array) -> Any:
        """A tensor of the subject."""
        return self.subject.library.make(Input(Tensor.of(np.asarray(array))))

    def read(self, value: Any) -> Array | None:
        """The array of a tensor of the subject; None of what is none."""
        seen: Value = self.subject.library.observe(value)
        if isinstance(seen, Tensor):
            return seen.values()
        return None

    def dtypes(self, value: Any) -> dict[str, str]:
        """The dtypes of the tensors of a result: of bfloat16 the array does not tell."""
        found: dict[str, str] = {}

        def read(each: Any) -> Array | None:
            seen: Value = self.subject.library.observe(each)
            if not isinstance(seen, Tensor):
                return None
            found[f"{len(found)}"] = seen.dtype
            return np.zeros(0)

        arrays: dict[str, Array] = {}
        structure.taken(value, arrays, read, VALUE)
        return dict(zip(arrays, found.values(), strict=True))

    def result(self, value: Any) -> dict[str, Array]:
        """The tensors of a result, in order."""
        arrays: dict[str, Array] = {}
        structure.taken(value, arrays, self.read, VALUE)
        return arrays


def is_operation(described: Mapping[str, Any]) -> bool:
    """Whether this is no layer, but what Keras 3 makes of an operator in a functional model."""
    return str(described.get("module") or "").startswith("keras.src.ops")


def accepts(layer: Any, name: str) -> bool:
    """Whether the call of a layer has an argument of this name."""
    try:
        return name in inspect.signature(layer.call).parameters
    except (AttributeError, TypeError, ValueError):
        return False


def lenient(known: Any, config: Mapping[str, Any], defaults: Collection[str]) -> Any:
    """The object of a configuration; of another version without what it does not know, if that says nothing.

    `defaults`: the arguments that have the default of the version that wrote the configuration.
    """
    try:
        return known.from_config(dict(config))
    except (TypeError, ValueError):
        fewer = fitting(known, config, defaults)
        if fewer == config:
            raise
        return known.from_config(fewer)


def fitting(
    known: type[Any], config: Mapping[str, Any], defaults: Collection[str]
) -> dict[str, Any]:
    """A configuration without what the class does not take and what says nothing."""
    taken = set(parameters(known))

    def silent(key: str, value: Any) -> bool:
        # What a layer of Keras 2 is fed with changes nothing of a call.
        return key in (*defaults, "batch_input_shape") or value in (None, [], {})

    return {k: v for k, v in config.items() if k in taken or not silent(k, v)}


def parameters(known: type[Any]) -> dict[str, Any]:
    """The arguments of a class and of those above it, with their defaults."""
    found: dict[str, Any] = {}
    for each in reversed(known.__mro__):
        if "__init__" in vars(each):
            signature = inspect.signature(vars(each)["__init__"])
            found |= {name: one.default for name, one in signature.parameters.items()}
    return found


def at_default(known: type[Any], config: Mapping[str, Any]) -> list[str]:
    """The arguments of a configuration that have the default of their class."""
    defaults = parameters(known)
    # Of equal numbers and truth values the type says which is meant.
    return [
        key
        for key, value in config.items()
        if key in defaults and type(defaults[key]) is type(value) and defaults[key] == value
    ]
