"""Loads model files in a worker, and makes the same model in float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.model import FLOATS

_FLOATS: Final = (*FLOATS, *(f"mixed_{name}" for name in FLOATS))


def loaded(keras: Any, file: str, *, code: bool) -> Any:
    """The model in a file. `code`: whether functions that the file itself brings may run."""
    options: dict[str, Any] = {"compile": False, "safe_mode": not code}
    return keras.models.load_model(file, **options)


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
    made.set_weights([each.astype("float64") if each.dtype.kind == "f" else each for each in model.get_weights()])
    return made
