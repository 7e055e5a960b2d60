"""Objects as configurations describe them: class name, arguments, and who defined the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.model import Step

FAMILIES: Final = ("initializers", "regularizers", "constraints", "layers", "models")
# Families whose objects are arguments of layers: `kernel_initializer`, `bias_constraint`, ...
_OF_ARGUMENTS: Final = FAMILIES[:3]
_OFFICIAL: Final = ("keras", "tf_keras", "tensorflow")
_MODELS: Final = ("Sequential", "Functional", "Model")
# Options of a step whose value names or describes an object.
_NAMING: Final = ("identifier", "config", "object")
# Other names that the documentation gives to a class.
_ALIASES: Final[Mapping[str, str]] = {
    "zero": "zeros",
    "one": "ones",
    "normal": "randomnormal",
    "uniform": "randomuniform",
    "identitymatrix": "identity",
    "convolution1d": "conv1d",
    "convolution2d": "conv2d",
    "convolution3d": "conv3d",
    "convolution1dtranspose": "conv1dtranspose",
    "convolution2dtranspose": "conv2dtranspose",
    "convolution3dtranspose": "conv3dtranspose",
    "separableconvolution1d": "separableconv1d",
    "separableconvolution2d": "separableconv2d",
}


@dataclass(frozen=True, slots=True)
class Described:
    """An object in a saved configuration: `{"class_name", "config", ...}`."""

    name: str
    config: Mapping[str, Any]
    module: str | None
    custom: bool
    family: str

    @property
    def target(self) -> str:
        """The class as the suite names it, `layers.Dense`; a custom one by its name alone."""
        return self.name if self.custom or not self.family else f"{self.family}.{self.name}"

    @property
    def label(self) -> str:
        """The name that the model gave it, or ""."""
        name = self.config.get("name")
        return name if isinstance(name, str) else ""


def is_official(module: str) -> bool:
    """Whether a module is of Keras, or of Python itself."""
    return module.partition(".")[0] in ("builtins", *_OFFICIAL)


def key_of(name: str) -> str:
    """The key that all names of a class share: `he_normal` and `HeNormal`, for example."""
    plain = name.rpartition(">")[2].replace("_", "").lower()
    return _ALIASES.get(plain, plain)


def family_of_argument(key: str) -> str:
    """The family of the objects that an argument takes, `initializers` of `kernel_initializer`; or ""."""
    return next((family for family in _OF_ARGUMENTS if key.endswith(family[:-1])), "")


def place_of(target: str) -> str:
    """The key of a class with its family: `layers.dense` for `layers.Dense`."""
    family, _, name = target.partition(".")
    return f"{family}.{key_of(name)}"


def named_by(step: Step) -> list[Any]:
    """The objects that a step names or describes."""
    return [step.options[key] for key in _NAMING if key in step.options]


def described_in(value: Any, key: str) -> Described | None:
    """The object that a value of a configuration describes; None where it describes none. `key`: its key."""
    if not isinstance(value, Mapping):
        return None
    name, config = value.get("class_name"), value.get("config")
    if not (isinstance(name, str) and name and isinstance(config, Mapping)):
        return None
    module = value.get("module")
    registered = value.get("registered_name")
    package = module.partition(".")[0] if isinstance(module, str) else None
    official = package is None or is_official(package)
    said_custom = ">" in name or (isinstance(registered, str) and ">" in registered)
    # Keras 3 writes a module for each of its own classes; a class without one is the user's.
    nowhere = "module" in value and module is None
    family = _family(name, module if official and isinstance(module, str) else "", key)
    custom = not official or said_custom or (nowhere and name not in _MODELS)
    return Described(name, config, module if isinstance(module, str) else None, custom, family)


def _family(name: str, module: str, key: str) -> str:
    if name in _MODELS:
        return "models"
    for family in FAMILIES:
        if f".{family}" in module:
            return family
    if family := family_of_argument(key):
        return family
    if key in ("layers", "layer", "forward_layer", "backward_layer", "cell", "cells"):
        return "layers"
    return ""


def own_function(value: Any) -> str:
    """The name of a function that the user defined, or "". Most official ones are saved by name alone."""
    if not (isinstance(value, Mapping) and value.get("class_name") == "function"):
        return ""
    module, name = value.get("module"), value.get("config")
    official = isinstance(module, str) and module.partition(".")[0] in _OFFICIAL
    return "" if official or not isinstance(name, str) else name


def policy_name(value: Any) -> str | None:
    """The name of a dtype policy, which is written as its name or as an object."""
    if isinstance(value, Mapping):
        config = value.get("config")
        value = config.get("name") if isinstance(config, Mapping) else None
    return value if isinstance(value, str) else None
