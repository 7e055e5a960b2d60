"""Which cases ask about what a model uses.

A case is relevant to a model when all of these hold:

- the model uses the class that the case is about;
- the model gives every argument that the case gives, with a value that matches (`matches`);
- the model computes or stores in the dtypes of the case's tensors.

When a value matches depends on the kind of the argument:

- a label (`name`, `seed`) always matches;
- a size (`units`, `filters`, `kernel_size`) matches any other: positive integers;
- a multiplicity (`groups`, `depth_multiplier`) matches if both are 1, or both are more than 1;
- a magnitude (`stddev`, `l2`, `max_value`, ...) matches if both are negative, zero, positive, or not finite;
- an initializer, regularizer or constraint matches if it is of the same class and its arguments match;
- every other argument is a setting (`padding`, `strides`, `activation`, `use_bias`, ...) and must be equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.changes.used.described import Described, key_of, named_by
from conformance.changes.used.matching import LABELS, Named, all_match, matches, normal
from conformance.changes.used.models import Model
from conformance.model import FLOATS, Case, Reference

# Entries of a layer's configuration about its inputs: they do not change how it computes.
FED: Final = frozenset(
    {"batch_input_shape", "batch_shape", "input_shape", "input_dim", "input_length", "sparse"}
    | {"ragged"}
)


def is_relevant(case: Case, model: Model) -> bool:
    """Whether a case asks about what the model uses; the head of this file defines it."""
    family, _, name = case.target.partition(".")
    if case.target == "layers.Layer":  # the base class of the user's own layers
        return bool(model.custom)
    if not _dtypes_used(case, model):
        return False
    if case.custom is not None:
        return False
    if name in ("get", "deserialize", "serialize"):
        return any(_named_is_used(named, family, model) for named in _spoken_of(case))
    objects = model.used(case.target)
    if not objects or "*" in case.arguments:
        return False
    if family == "models":
        return _layers_are_used(case.arguments, model)
    return _all_used(_arguments(case), objects, but=LABELS)


def _dtypes_used(case: Case, model: Model) -> bool:
    asked = {given.tensor.dtype for given in case.inputs}
    for step in case.steps:
        if isinstance(dtype := step.options.get("dtype"), str):
            asked.add(dtype)
    if case.family in ("layers", "models"):  # they take integers and booleans as well
        asked = {dtype for dtype in asked if dtype in FLOATS or dtype.startswith("complex")}
    return bool(model.dtypes) and asked <= model.dtypes


def _arguments(case: Case) -> dict[str, Any]:
    """The arguments that a case gives: to the constructor, in a configuration, or later."""
    given = dict(case.arguments)
    for step in case.steps:
        config = step.options.get("config")
        if step.do == "from_config" and isinstance(config, Mapping):
            given |= config
        elif step.do == "set":
            given |= step.options
    return given


def _spoken_of(case: Case) -> Iterator[Named]:
    """The objects that are named in a case about `get`, `serialize` or `deserialize`."""
    for step in case.steps:
        for value in named_by(step):
            if isinstance(value, str):
                yield Named(key_of(value))
            elif value is not None:
                found = normal(value, "")
                if isinstance(found, Named) and found.arguments is not None:
                    yield found


def _named_is_used(named: Named, family: str, model: Model) -> bool:
    return any(
        all_match(named.arguments or {}, each.config)
        for each in model.classes.get(f"{family}.{named.key}", [])
    )


def _layers_are_used(arguments: Mapping[str, Any], model: Model) -> bool:
    layers = arguments.get("layers", [])
    return isinstance(layers, list | tuple) and all(_layer_is_used(x, model) for x in layers)


def _layer_is_used(layer: Any, model: Model) -> bool:
    if not isinstance(layer, Reference) or layer.kind != "instance":
        return False
    family, _, name = layer.name.partition(".")
    if layer.name == "Input" or name == "InputLayer":
        return True
    if "*" in layer.arguments:
        return False
    if family == "models":
        return _layers_are_used(layer.arguments, model)
    objects = model.used(layer.name)
    return bool(objects) and _all_used(layer.arguments, objects, but=LABELS | FED)


def _all_used(
    arguments: Mapping[str, Any], objects: Sequence[Described], *, but: frozenset[str]
) -> bool:
    """Whether each argument matches that of some object of the model. `but`: arguments that need not."""
    return all(
        key in but or any(key in o.config and matches(value, o.config[key], key) for o in objects)
        for key, value in arguments.items()
    )
