"""What a saved model uses of the suite: its classes, and the values of their arguments.

A model is read as data: nothing of it is imported, evaluated or unpickled.

A case is relevant to a model when its target is a class that the model uses, when the model has
every argument that the case gives, with a value that matches (`matches`), and when its tensors are
of a dtype that the model computes or stores in. What an argument must match in depends on its kind:

- a label (`name`, `seed`) matches whatever it is;
- a size (`units`, `filters`, `kernel_size`) matches where it is one: positive integers;
- a multiplicity (`groups`, `depth_multiplier`) matches in being 1 or more than 1;
- a magnitude (`stddev`, `l2`, `max_value`, ...) matches in being negative, zero, positive or not finite;
- a setting, which is everything else (`padding`, `strides`, `activation`, `use_bias`, ...), must be equal;
- an initializer, regularizer or constraint must be of the same class, and its arguments match likewise.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from conformance.model import FLOATS, Case, Input, Outcome, Reference, Returned
from conformance.model.errors import UsageError
from conformance.vectors.store import GoldenFile

# The largest configuration that is read. That of a model with a thousand layers has about 1 MB.
MOST_BYTES: Final = 64 << 20
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_ZIP: Final = b"PK\x03\x04"

LABELS: Final = frozenset({"name", "seed"})
SIZES: Final = frozenset({"units", "filters", "kernel_size"})
MULTIPLICITIES: Final = frozenset({"groups", "depth_multiplier"})
MAGNITUDES: Final = frozenset(
    {"mean", "stddev", "minval", "maxval", "scale", "gain", "value", "l", "l1", "l2"}
    | {"factor", "rate", "min_value", "max_value"}
)
# Entries of a layer's configuration that say what it is fed, not how it computes.
_FED: Final = frozenset(
    {"batch_input_shape", "batch_shape", "input_shape", "input_dim", "input_length", "sparse"}
    | {"ragged"}
)
_FAMILIES: Final = ("initializers", "regularizers", "constraints", "layers", "models")
_OFFICIAL: Final = ("keras", "tf_keras", "tensorflow")
_MODELS: Final = ("Sequential", "Functional", "Model")
# Class names of what is in a configuration, but computes nothing.
_STRUCTURE: Final = ("InputLayer", "__keras_tensor__", "__tuple__", "TensorShape", "__tensor__")
_POLICIES: Final = ("DTypePolicy", "Policy")
# Where a model comes from: names that the documentation gives the same class.
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
class Named:
    """An object by its class and arguments, as a configuration or a case names it.

    `key` is the class name as far as it tells classes apart (`key_of`). `arguments` is None where
    they cannot be known.
    """

    key: str
    arguments: Mapping[str, Any] | None = field(default_factory=dict)


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
        """As the suite names classes, `layers.Dense`; custom ones by their name alone."""
        return self.name if self.custom or not self.family else f"{self.family}.{self.name}"

    @property
    def label(self) -> str:
        """The name that the model gave it, if any."""
        name = self.config.get("name")
        return name if isinstance(name, str) else ""


Values: TypeAlias = dict[str, list[Any]]


@dataclass(slots=True)
class Model:
    """What a model uses.

    Attributes:
        classes: by key and target of an official class, the configurations that it has.
        labels: by target, the names of the layers.
        custom: classes and functions that are not official, with the layers that they are in.
        dtypes: what the model computes and stores in.

    """

    source: str
    classes: dict[str, list[Described]] = field(default_factory=dict)
    custom: dict[str, list[str]] = field(default_factory=dict)
    dtypes: set[str] = field(default_factory=set)

    def used(self, target: str) -> list[Described]:
        """The objects of a class of the suite, `layers.Dense`, under whatever name."""
        family, _, name = target.partition(".")
        return self.classes.get(f"{family}.{key_of(name)}", [])


@dataclass(slots=True)
class Coverage:
    """What the suite has of a model.

    Attributes:
        relevant: ids of the cases that ask about what the model uses.
        asked: how many cases there were to choose from.
        absent: classes that the suite does not have, with the names of the layers.
        values: argument values that no case of the class has, as `layers.Dense activation="mish"`.
        custom: what is not official.

    """

    source: str
    relevant: frozenset[str] = frozenset()
    asked: int = 0
    covered: list[str] = field(default_factory=list)
    absent: dict[str, list[str]] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    custom: dict[str, list[str]] = field(default_factory=dict)


def key_of(name: str) -> str:
    """What tells a class from others, however its name is written: `he_normal`, `HeNormal`."""
    plain = name.rpartition(">")[2].replace("_", "").lower()
    return _ALIASES.get(plain, plain)


def read(path: Path) -> Model:
    """The model at `path`, a `.keras` file or its configuration as JSON; UsageError otherwise."""
    raw = _configuration(path)
    made = Model(str(path))
    try:
        described = described_in(raw, "")
        if described is None or not isinstance(described.config.get("layers"), list):
            raise UsageError(
                f"--model {path}: must be the configuration of a model, with class_name, config "
                f"and its layers; received {_kind(raw)}"
            )
        _take(made, described, where="")
    except RecursionError as error:
        raise UsageError(f"--model {path}: must not be nested this deeply") from error
    return made


def _kind(raw: Any) -> str:
    if isinstance(raw, dict):
        name = raw.get("class_name")
        return f"that of {name!r:.60}" if name else f"an object with {', '.join(raw)!s:.60}"
    return f"{type(raw).__name__} {raw!r:.40}"


def _configuration(path: Path) -> Any:
    wanted = f"--model {path}: must be a .keras file, or the configuration of a model as JSON"
    try:
        with path.open("rb") as file:
            head = file.read(8)
            if head.startswith(_HDF5):
                raise UsageError(f"{wanted}; received HDF5 (load it and save it as .keras)")
            file.seek(0)
            content = _from_zip(path) if head.startswith(_ZIP) else file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{wanted}; it cannot be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"--model {path}: its configuration must have at most {MOST_BYTES >> 20} MiB; "
            "it has more"
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{wanted}; received no JSON ({reason})") from error


def _from_zip(path: Path) -> bytes:
    """The start of the member config.json; never more than is needed to see that it is too large."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as member:
            # Read, not asked for: what the directory says of sizes may be wrong.
            return member.read(MOST_BYTES + 1)
    except KeyError as error:
        raise UsageError(
            f"--model {path}: must hold config.json, as every .keras file does; it does not"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UsageError(f"--model {path}: must be a whole .keras file: {error}") from error


def described_in(value: Any, key: str) -> Described | None:
    """The object that a value of a configuration describes, under `key`, if it describes one."""
    if not isinstance(value, Mapping):
        return None
    name, config = value.get("class_name"), value.get("config")
    if not (isinstance(name, str) and name and isinstance(config, Mapping)):
        return None
    module = value.get("module")
    registered = value.get("registered_name")
    package = module.partition(".")[0] if isinstance(module, str) else None
    ours = package in (None, "builtins", *_OFFICIAL)
    said_custom = ">" in name or (isinstance(registered, str) and ">" in registered)
    # Keras 3 gives every class of its own a module; a class without one was defined by the user.
    nowhere = "module" in value and module is None
    family = _family(name, module if ours and isinstance(module, str) else "", key)
    custom = not ours or said_custom or (nowhere and name not in _MODELS)
    return Described(name, config, module if isinstance(module, str) else None, custom, family)


def _family(name: str, module: str, key: str) -> str:
    if name in _MODELS:
        return "models"
    for family in _FAMILIES:
        if f".{family}" in module:
            return family
    for family in _FAMILIES[:3]:
        if key.endswith(family[:-1]):
            return family
    if key in ("layers", "layer", "forward_layer", "backward_layer", "cell", "cells"):
        return "layers"
    return ""


def _take(made: Model, described: Described, where: str) -> None:
    """Notes an object, and those inside of it."""
    if described.name in _STRUCTURE:
        return
    where = described.label or where
    if described.custom:
        _note(made.custom, described.name, where)
    elif described.family:
        place = f"{described.family}.{key_of(described.name)}"
        made.classes.setdefault(place, []).append(described)
    if described.family in ("layers", "models"):
        made.dtypes |= _dtypes(described.config.get("dtype"))
    for key, value in described.config.items():
        if key not in ("build_config", "compile_config", "inbound_nodes"):
            _look(made, key, value, where)


def _look(made: Model, key: str, value: Any, where: str) -> None:
    if isinstance(value, list | tuple):
        for each in value:
            _look(made, key, each, where)
        return
    if (described := described_in(value, key)) is not None:
        if described.name not in _POLICIES:
            _take(made, described, where)
        return
    if isinstance(value, Mapping):
        if function := _own_function(value):
            _note(made.custom, function, where)
        else:
            for inner, each in value.items():
                _look(made, inner, each, where)
    elif isinstance(value, str):
        family = next((f for f in _FAMILIES[:3] if key.endswith(f[:-1])), "")
        if family and value:  # by name, as configurations of Keras 1 and of people have it
            made.classes.setdefault(f"{family}.{key_of(value)}", []).append(
                Described(value, {}, None, False, family)
            )


def _own_function(value: Any) -> str:
    """The name of a function of the user's own; official ones are saved by name alone, mostly."""
    if not (isinstance(value, Mapping) and value.get("class_name") == "function"):
        return ""
    module, name = value.get("module"), value.get("config")
    official = isinstance(module, str) and module.partition(".")[0] in _OFFICIAL
    return "" if official or not isinstance(name, str) else name


def _note(noted: dict[str, list[str]], name: str, where: str) -> None:
    places = noted.setdefault(name, [])
    if where and where not in places:
        places.append(where)


def _dtypes(policy: Any) -> set[str]:
    """What a layer of a dtype policy computes and stores in."""
    name = _policy(policy) or "float32"
    if name.startswith("mixed_"):
        return {name.removeprefix("mixed_"), "float32"}
    return {name}


def _policy(value: Any) -> str | None:
    if isinstance(value, Mapping):
        config = value.get("config")
        value = config.get("name") if isinstance(config, Mapping) else None
    return value if isinstance(value, str) else None


def normal(value: Any, key: str) -> Any:
    """A value of an argument as it is compared, from a configuration or from a case."""
    if isinstance(value, Reference):
        if value.kind == "custom":
            return Named(f"custom {value.name}", None)
        arguments = None if "*" in value.arguments else dict(value.arguments)
        if key == "dtype":
            return (arguments or {}).get("name")
        if value.kind == "function":
            return f"function {value.name}"
        named = Named(key_of(value.name.rpartition(".")[2]), arguments)
        return value.name.rpartition(".")[2] if key == "activation" else named
    if isinstance(value, Input):
        elements = value.tensor.values().tolist()
        return normal(elements, key)
    if key == "dtype":
        return _policy(value) or value
    if key == "activation" or key.endswith("_activation"):
        return _activation(value)
    if isinstance(value, Mapping):
        described = described_in(value, key)
        return Named(key_of(described.name), described.config) if described else dict(value)
    if isinstance(value, str) and any(key.endswith(family[:-1]) for family in _FAMILIES[:3]):
        return Named(key_of(value))
    if isinstance(value, list | tuple):
        return tuple(normal(each, key) for each in value)
    return value


def _activation(value: Any) -> Any:
    if value is None:
        return "linear"
    if isinstance(value, Mapping):
        config = value.get("config")
        if isinstance(config, str):
            return config
        described = described_in(value, "activation")
        return Named(key_of(described.name), described.config) if described else dict(value)
    return value


def matches(asked: Any, has: Any, key: str) -> bool:
    """Whether a value that a case gives stands for one that a model has, of the argument `key`."""
    if key in LABELS:
        return True
    asked, has = normal(asked, key), normal(has, key)
    if key in SIZES:
        lengths = asked if isinstance(asked, tuple) and isinstance(has, tuple) else (asked,)
        return all(type(length) is int and length > 0 for length in lengths)
    if isinstance(asked, Named) and isinstance(has, Named):
        if asked.key != has.key or asked.arguments is None:
            return False
        return _all_match(asked.arguments, has.arguments or {})
    if isinstance(asked, bool) or isinstance(has, bool):
        return asked is has
    if isinstance(asked, tuple) or isinstance(has, tuple):
        pairs = _aligned(asked, has)
        return pairs is not None and all(matches(a, h, key) for a, h in pairs)
    if _number(asked) and _number(has):
        if key in MULTIPLICITIES:
            return bool(asked >= 1 and has >= 1 and (asked > 1) == (has > 1))
        if key in MAGNITUDES:
            return _sign(asked) == _sign(has)
        return bool(asked == has)
    return type(asked) is type(has) and bool(asked == has)


def _all_match(asked: Mapping[str, Any], has: Mapping[str, Any]) -> bool:
    for key, value in asked.items():
        if key in LABELS:
            continue
        if key not in has or not matches(value, has[key], key):
            return False
    return True


def _aligned(asked: Any, has: Any) -> Iterable[tuple[Any, Any]] | None:
    """Pairs of elements; a single number that a case gives stands for each that the model has."""
    if isinstance(asked, tuple) and isinstance(has, tuple):
        return zip(asked, has, strict=True) if len(asked) == len(has) else None
    if isinstance(has, tuple) and _number(asked):
        return ((asked, each) for each in has) if has else None
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sign(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    return "zero" if value == 0 else "positive" if value > 0 else "negative"


def coverage(model: Model, files: Sequence[GoldenFile], dialect: str) -> Coverage:
    """What the cases of a dialect have of a model, and what they do not."""
    entries = [(f, e) for f in files for e in f.cases if dialect in e.expected]
    relevant = frozenset(e.case.id for _, e in entries if is_relevant(e.case, model))
    made = Coverage(model.source, relevant, len(entries), custom=dict(model.custom))
    by_key: dict[str, list[tuple[Case, Sequence[Outcome]]]] = {}
    names: dict[str, str] = {}
    for file, entry in entries:
        family, _, name = file.target.partition(".")
        place = f"{family}.{key_of(name)}"
        names.setdefault(place, file.target)  # the class comes before the function: L1L2, l1_l2
        if entry.case.custom is None:
            by_key.setdefault(place, []).append((entry.case, entry.expected[dialect]))
    for place, objects in sorted(model.classes.items()):
        if place not in by_key:
            labels = made.absent.setdefault(objects[0].target, [])
            labels += [each.label for each in objects if each.label and each.label not in labels]
        else:
            made.covered.append(names[place])
            made.values += _values_without(names[place], objects, by_key[place])
    return made


def is_relevant(case: Case, model: Model) -> bool:
    """Whether a case asks about what the model uses; see the head of this file."""
    family, _, name = case.target.partition(".")
    if case.target == "layers.Layer":  # what the user's own layers are made of
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
        layers = case.arguments.get("layers", [])
        return isinstance(layers, list | tuple) and all(_layer_is_used(x, model) for x in layers)
    return all(
        any(key in o.config and matches(value, o.config[key], key) for o in objects)
        or key in LABELS
        for key, value in _arguments(case).items()
    )


def _dtypes_used(case: Case, model: Model) -> bool:
    asked = {given.tensor.dtype for given in case.inputs}
    for step in case.steps:
        if isinstance(dtype := step.options.get("dtype"), str):
            asked.add(dtype)
    if case.family in ("layers", "models"):  # they are fed integers and booleans as well
        asked = {dtype for dtype in asked if dtype in FLOATS or dtype.startswith("complex")}
    return bool(model.dtypes) and asked <= model.dtypes


def _arguments(case: Case) -> dict[str, Any]:
    """What a case gives to its object: to the constructor, in a configuration, or afterwards."""
    given = dict(case.arguments)
    for step in case.steps:
        config = step.options.get("config")
        if step.do == "from_config" and isinstance(config, Mapping):
            given |= config
        elif step.do == "set":
            given |= step.options
    return given


def _spoken_of(case: Case) -> Iterator[Named]:
    """What the steps of a case on a function of a family name."""
    for step in case.steps:
        for key in ("identifier", "config", "object"):
            value = step.options.get(key)
            if isinstance(value, str):
                yield Named(key_of(value))
            elif value is not None:
                found = normal(value, "")
                if isinstance(found, Named) and found.arguments is not None:
                    yield found


def _named_is_used(named: Named, family: str, model: Model) -> bool:
    return any(
        _all_match(named.arguments or {}, each.config)
        for each in model.classes.get(f"{family}.{named.key}", [])
    )


def _layer_is_used(layer: Any, model: Model) -> bool:
    if not isinstance(layer, Reference) or layer.kind != "instance":
        return False
    family, _, name = layer.name.partition(".")
    if layer.name == "Input" or name == "InputLayer":
        return True
    if "*" in layer.arguments:
        return False
    if family == "models":
        inner = layer.arguments.get("layers", [])
        return isinstance(inner, list | tuple) and all(_layer_is_used(x, model) for x in inner)
    objects = model.classes.get(f"{family}.{key_of(name)}", [])
    return bool(objects) and all(
        key in LABELS
        or key in _FED
        or any(key in o.config and matches(value, o.config[key], key) for o in objects)
        for key, value in layer.arguments.items()
    )


def _values_without(
    target: str,
    objects: Sequence[Described],
    cases: Sequence[tuple[Case, Sequence[Outcome]]],
) -> Iterator[str]:
    """The argument values of a class that no case gives, and that are no default either."""
    if target.startswith("models."):
        return
    defaults = _defaults(cases)
    seen = set()
    for described in objects:
        for key, value in described.config.items():
            if key in LABELS | SIZES | _FED or key == "trainable" or _own_function(value):
                continue
            told = f"{target} {key}={shown(value, key)}"
            if told in seen:
                continue
            seen.add(told)
            had = [
                *defaults.get(key, ()),
                *(c.arguments[key] for c, _ in cases if key in c.arguments),
            ]
            # An argument that nobody gives, and that is not set, changes nothing.
            if not any(matches(each, value, key) for each in had) and (had or value is not None):
                yield told


def _defaults(cases: Sequence[tuple[Case, Sequence[Outcome]]]) -> dict[str, list[Any]]:
    """The values that arguments have where they are not given, as golden configurations show."""
    found: dict[str, list[Any]] = {}
    for case, outcomes in cases:
        if "*" in case.arguments or any(s.do in ("set", "from_config") for s in case.steps):
            continue
        for outcome in outcomes:
            config = outcome.values.get("config") if isinstance(outcome, Returned) else None
            for key, value in config.items() if isinstance(config, Mapping) else ():
                if key not in case.arguments and value not in found.setdefault(key, []):
                    found[key].append(value)
    return found


def shown(value: Any, key: str) -> str:
    """A value of an argument in a few words: `L1L2(l1=0.001, l2=0.01)`."""
    if key == "dtype":
        return json.dumps(_policy(value) or value)
    if (described := described_in(value, key)) is not None:
        inner = ", ".join(
            f"{k}={shown(v, k)}" for k, v in described.config.items() if k not in LABELS
        )
        return f"{described.name}({inner})"
    if isinstance(value, Mapping) and isinstance(value.get("config"), str):
        return json.dumps(value["config"])
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
