"""The steps of cases, as rows write them; `golden/README.md` says what each does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from conformance.model import SAMPLE, Input, Reference, Step

CALL: Final = Step("call", 0)
# Of tensors over 64 elements these ask for 64 of them.
CALL_SAMPLED: Final = Step("call", 0, {SAMPLE: 64})
GRADIENT_SAMPLED: Final = Step("gradient", 0, {SAMPLE: 64})
CONFIG: Final = Step("config")
GRADIENT: Final = Step("gradient", 0)
LOSSES: Final = Step("losses")
WEIGHTS: Final = Step("weights")
GET_WEIGHTS: Final = Step("get_weights")


def setting(**attributes: Any) -> Step:
    """Sets attributes."""
    return Step("set", options=attributes)


FROZEN: Final = setting(trainable=False)
THAWED: Final = setting(trainable=True)


def roundtrip(via: str) -> Step:
    """Describes the object and rebuilds it."""
    return Step("roundtrip", options={"via": via})


def from_config(config: Any) -> Step:
    """Builds an object from a configuration."""
    return Step("from_config", options={"config": config})


def lookup(name: str) -> Step:
    """Looks for a name in the module."""
    return Step("lookup", options={"name": name})


def get(identifier: Any, **scope: Any) -> Step:
    """Asks what an identifier stands for, in a `scope` of user-defined names."""
    return Step("get", options={"identifier": identifier, **scope})


def serialize(thing: Any, legacy: bool = False) -> Step:
    """Describes a thing; `legacy`: in the format before that of TensorFlow 2.12, of Keras 2."""
    return Step("serialize", options={"object": thing, **({"legacy": True} if legacy else {})})


def deserialize(config: Any, **known: Any) -> Step:
    """Rebuilds a thing, with `custom_objects`, or in a `scope`, of user-defined names.

    In a table, where most cells are configurations, one may be such a step itself.
    """
    if isinstance(config, Step):
        return config
    return Step("deserialize", options={"config": config, **known})


def build(*shape: int | None) -> Step:
    """Builds for a shape, a tuple; the first size, the batch, is mostly None."""
    return Step("build", options={"shape": shape})


def set_weights(*values: Input) -> Step:
    """Gives the weights these values."""
    return Step("set_weights", options={"values": list(values)})


def attributes(*names: str) -> Step:
    """Looks at attributes."""
    return Step("attributes", options={"names": list(names)})


def output_shape(*shape: int | None) -> Step:
    """Asks for the shape of the outputs."""
    return Step("output_shape", options={"shape": shape})


NEW: Final = Step("new")


def globally(**settings: Any) -> Step:
    """Changes global settings: `floatx`, `epsilon`, `image_data_format`, `dtype_policy`, `seed`."""
    return Step("setting", options=settings)


def put(path: str, value: Any) -> Step:
    """Sets the attribute at a dotted path, as `layers.0.trainable`."""
    return Step("set", options={path: value})


def compiled(optimizer: Any, loss: Any = "mse", metrics: Sequence[Any] = (), **rest: Any) -> Step:
    """Compiles the target, or the model around it."""
    options: dict[str, Any] = {"optimizer": optimizer, "loss": loss, **rest}
    if metrics:
        options["metrics"] = list(metrics)
    return Step("compile", options=options)


def trained(epochs: int = 1, batch_size: int = 2) -> Step:
    """Trains what was compiled on inputs 0 and 1."""
    return Step("fit", 0, {"target": 1, "epochs": epochs, "batch_size": batch_size})


def evaluated(batch_size: int = 2) -> Step:
    """The loss of inputs 0 and 1."""
    return Step("evaluate", 0, {"target": 1, "batch_size": batch_size})


def predicted(batch_size: int = 2, number: int = 0) -> Step:
    """The outputs for an input, batch by batch."""
    return Step("predict", number, {"batch_size": batch_size})


def method(name: str, of: Reference | None = None, /, **arguments: Any) -> Step:
    """Calls a method, at a dotted path from the target or `of` an object; positions under `*`."""
    options: dict[str, Any] = {"name": name}
    if of is not None:
        options["of"] = of
    if arguments:
        options["arguments"] = arguments
    return Step("method", options=options)


def printed(name: str, /, **arguments: Any) -> Step:
    """Calls a method of the target, and looks at what it writes."""
    step = method(name, **arguments)
    return Step("method", options={**step.options, "printed": True})


def registered(
    class_name: str, custom: str | None, /, *, arguments: Any = None, **names: str
) -> Step:
    """A class that is derived from a user-defined one is registered, and one is made."""
    options: dict[str, Any] = {"class_name": class_name, **names}
    if custom is not None:
        options["custom"] = custom
    if arguments:
        options["arguments"] = arguments
    return Step("register", options=options)


def symbolic(*shape: int | None, dtype: str = "float32") -> Step:
    """Calls the target on a symbolic input."""
    return Step("symbolic", options={"shape": shape, "dtype": dtype})


def saved(form: str, *shape: int | None) -> Step:
    """Through a file: `keras`, `h5`, or `weights`, where the target is built for `shape` to read them."""
    return Step("save", options={"format": form, **({"shape": shape} if shape else {})})


def exported(*shape: int | None, dtype: str = "float32") -> Step:
    """The call of the target, for inputs of a shape and dtype, through a SavedModel."""
    return Step("export", options={"shape": shape, "dtype": dtype})


# The same, where not even the rank of the inputs is known.
EXPORTED_OF_ANY_RANK: Final = Step("export", options={"shape": None, "dtype": "float32"})


def copied(via: str) -> Step:
    """Continues with a copy, by `clone`, `deepcopy` or `pickle`."""
    return Step("copy", options={"via": via})
