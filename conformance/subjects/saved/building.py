"""One layer of a subject, from the configuration that official Keras wrote, with given weights."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import Array, Input, Tensor, Value
from conformance.subjects.base import NotOffered
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.saved import structure

# What the tensors of a layer's result are called.
VALUE: Final = "value"


def simple(value: Any) -> Any:
    """A configuration whose dtype policies are their names, which every version and dialect reads."""
    if isinstance(value, Mapping):
        if value.get("class_name") in ("DTypePolicy", "Policy"):
            return value["config"]["name"]
        return {key: simple(each) for key, each in value.items() if key != "build_config"}
    if isinstance(value, list | tuple):
        return [simple(each) for each in value]
    return value


class Layers:
    """Makes and calls layers of a subject."""

    def __init__(self, subject: NamespaceSubject) -> None:
        self.subject = subject

    def made(self, described: Mapping[str, Any]) -> Any:
        """The layer of this description, not built; NotOffered where the subject has no such class."""
        name, config = str(described["class_name"]), simple(described["config"])
        try:
            known = self.subject.member(f"layers.{name}")
        except NotOffered:
            return self._operation(described)
        try:
            return known.from_config(config)
        except (TypeError, ValueError):
            # Another version: what it does not know, and what changes nothing, is left out.
            fitting = _fitting(known, config)
            if fitting == config:
                raise
            return known.from_config(fitting)

    def _operation(self, described: Mapping[str, Any]) -> Any:
        """What Keras 3 makes of `x * 2` in a functional model."""
        module = described.get("module") or ""
        if not str(module).startswith("keras"):
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
        if weights:
            self._build(layer, call)
            layer.set_weights([np.asarray(each) for each in weights])
        return layer

    def _build(self, layer: Any, call: Mapping[str, Any]) -> None:
        args, shape = call["args"], getattr(call["args"][0], "shape", None) if call["args"] else None
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


def accepts(layer: Any, name: str) -> bool:
    """Whether the call of a layer has an argument of this name."""
    try:
        return name in inspect.signature(layer.call).parameters
    except (AttributeError, TypeError, ValueError):
        return False


def _fitting(known: type[Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without what the class does not take and what says nothing."""
    taken: set[str] = set()
    for each in known.__mro__:
        if "__init__" in vars(each):
            parameters = inspect.signature(each.__init__).parameters
            taken |= set(parameters)
    silent = (None, False, [], {})
    return {k: v for k, v in config.items() if k in taken or not any(v is s or v == s for s in silent)}


