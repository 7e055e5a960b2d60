"""One layer of a subject, from the configuration that official Keras wrote, with given weights."""

from __future__ import annotations

import contextlib
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
# What a call consists of; and the masks that tensors bring with them, by the tensor.
PARTS: Final = ("args", "kwargs")
HELD: Final = "held"
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
        self.note = ""
        # Whether classes of the user's own may run.
        self.trusted = False

    def made(self, described: Mapping[str, Any]) -> Any:
        """The layer of this description, not built; NotOffered where the subject has no such class.

        Of another version it may need other words: then `note` says what the subject makes of the description itself.
        """
        self.note = ""
        name, config = str(described["class_name"]), simple(described["config"])
        if is_operation(described):
            return self._operation(described)
        if self.trusted and is_own(described):
            read = self.subject.member("saving.deserialize_keras_object")
            return read({**described, "config": config})
        try:
            known = self.subject.member(f"layers.{name}")
        except NotOffered:
            return self._operation(described)
        try:
            return known.from_config(dict(config))
        except (TypeError, ValueError) as error:
            fewer = adapted(self.subject.namespace, {**described, "config": config})["config"]
            if fewer == config:
                raise
            made = known.from_config(fewer)
            self.note = structure.told(error)
            return made

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
        held = call.get(HELD, {})

        def tensor(name: str) -> Any:
            made = self.make(arrays[name])
            if name in held:
                try:
                    made._keras_mask = self.make(arrays[held[name]])
                except AttributeError as error:
                    raise NotOffered("its tensors hold no masks") from error
            return made

        return {key: structure.put(call[key], tensor) for key in PARTS}

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


def is_own(described: Mapping[str, Any]) -> bool:
    """Whether this is a class of the user's own, by the module that it says it is of."""
    top = str(described.get("module") or "keras").partition(".")[0]
    return top not in ("keras", "tf_keras", "builtins")


def accepts(layer: Any, name: str) -> bool:
    """Whether the call of a layer has an argument of this name."""
    try:
        return name in inspect.signature(layer.call).parameters
    except (AttributeError, TypeError, ValueError):
        return False


def adapted(keras: Any, config: Any) -> Any:
    """A configuration of a layer or model of another version, each layer in the words that this version knows."""
    if isinstance(config, list):
        return [adapted(keras, each) for each in config]
    if not isinstance(config, Mapping):
        return config
    made = {key: adapted(keras, each) for key, each in config.items()}
    defaults = made.pop(DEFAULTS, [])
    known = class_of(keras, config)
    if known is not None:
        made["config"] = fitting(known, made["config"], defaults)
    return made


def class_of(keras: Any, config: Mapping[str, Any]) -> type[Any] | None:
    """The class of the layer that a configuration describes; None of anything else."""
    known = getattr(keras.layers, str(config.get("class_name")), None)
    about = isinstance(config.get("config"), Mapping) and not is_operation(config)
    return known if isinstance(known, type) and about else None


def fitting(
    known: type[Any], config: Mapping[str, Any], defaults: Collection[str]
) -> dict[str, Any]:
    """A configuration of another version in the words of this class, without what it does not take and what says nothing.

    `defaults`: the arguments that have the default of the version that wrote the configuration.
    """
    taken = parameters(known)
    made = dict(config)
    if "batch_shape" in taken and "batch_shape" not in made and "batch_input_shape" in made:
        made["batch_shape"] = made.pop("batch_input_shape")
    if isinstance(taken.get("axis"), int) and isinstance(made.get("axis"), list | tuple):
        # Keras 2 writes a list also of one axis.
        made["axis"] = made["axis"][0] if len(made["axis"]) == 1 else made["axis"]

    def silent(key: str, value: Any) -> bool:
        # What a layer of Keras 2 is fed with changes nothing of a call; of an input it is all there is.
        fed = key == "batch_input_shape" and known.__name__ != "InputLayer"
        return fed or key in defaults or value in (None, [], {})

    return {k: v for k, v in made.items() if k in taken or not silent(k, v)}


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
    if config.keys() - defaults.keys():
        # Some arguments have no place in the signature, and are written all the same.
        with contextlib.suppress(Exception):  # not every class is made without arguments
            defaults = {**known().get_config(), **defaults}
    # Of equal numbers and truth values the type says which is meant.
    return [
        key
        for key, value in config.items()
        if key in defaults and type(defaults[key]) is type(value) and defaults[key] == value
    ]
