"""Loads model files in a worker, and makes the same model in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, Array
from conformance.subjects.base import NotOffered
from conformance.subjects.saved.building import DEFAULTS, adapted, at_default, class_of, simple

_FLOATS: Final = (*FLOATS, *(f"mixed_{name}" for name in FLOATS))


def loaded(keras: Any, file: str, *, code: bool) -> Any:
    """The model in a file. `code`: whether functions that the file itself brings may run."""
    options: dict[str, Any] = {"compile": False, "safe_mode": not code}
    return keras.models.load_model(file, **options)


def made(keras: Any, config: str) -> Any:
    """The model of a configuration, with weights that are the same each time.

    Those that are all alike at the start (biases, scales, means) are spread: an error in what is multiplied by 1, or in
    what 0 is added to, does not show.
    """
    keras.utils.set_random_seed(0)
    model = keras.models.model_from_json(config)
    if not model.built:
        raise ValueError("the configuration does not say of which shape the inputs are")
    generator = np.random.default_rng(0)
    model.set_weights([_spread(each, generator) for each in model.get_weights()])
    return model


def _spread(weight: Array, generator: np.random.Generator) -> Array:
    if weight.dtype.kind != "f" or not weight.size or (weight != weight.flat[0]).any():
        return weight
    spread: Array = weight + (np.abs(generator.standard_normal(weight.shape)) / 8).astype(
        weight.dtype
    )
    return spread


def described(keras: Any, model: Any) -> dict[str, Any]:
    """A model as JSON, for another version of Keras to make it again."""
    config = with_defaults(keras, simple(model.get_config()))
    return {"class_name": type(model).__name__, "config": config}


def with_defaults(keras: Any, config: Any) -> Any:
    """A configuration in which each layer tells which of its arguments have their default."""
    if isinstance(config, list | tuple):
        return [with_defaults(keras, each) for each in config]
    if not isinstance(config, Mapping):
        return config
    made = {key: with_defaults(keras, each) for key, each in config.items()}
    known = class_of(keras, config)
    if known is not None:
        made[DEFAULTS] = at_default(known, config["config"])
    return made


def rebuilt(keras: Any, model: Mapping[str, Any], weights: Sequence[Array]) -> Any:
    """The model of a description of another version, whose file this one does not read."""
    names = ("Sequential", "Functional", "Model")
    if model["class_name"] not in names:
        raise NotOffered(f"{model['class_name']} is a class of the user's own")
    known = keras.Sequential if model["class_name"] == "Sequential" else keras.Model
    made = known.from_config(adapted(keras, model["config"]))
    made.set_weights(list(weights))
    return made


def inputs(model: Any) -> list[dict[str, Any]]:
    """The inputs of a model: name, shape and dtype."""
    found = []
    names = list(getattr(model, "input_names", None) or [])
    for number, each in enumerate(model.inputs):
        name = names[number] if number < len(names) else each.name
        dtype = getattr(each.dtype, "name", None) or str(each.dtype)
        found.append({"name": str(name), "shape": list(each.shape), "dtype": dtype})
    return found


def widened(config: Any) -> Any:
    """A configuration of a layer or model that computes in float64."""
    if isinstance(config, Mapping):
        return {key: _wide(key, value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(widened(each) for each in config)
    return config


def _wide(key: str, value: Any) -> Any:
    if key == "dtype":
        name = value
        if isinstance(value, Mapping) and isinstance(value.get("config"), Mapping):
            name = value["config"].get("name")
        if name in _FLOATS:
            return "float64"
    return widened(value)


def wide(model: Any) -> Any:
    """The same model in float64, with the same weights."""
    made = type(model).from_config(widened(model.get_config()))
    if not made.built:
        made.build(model.input_shape)
    made.set_weights(
        [each.astype("float64") if each.dtype.kind == "f" else each for each in model.get_weights()]
    )
    return made
