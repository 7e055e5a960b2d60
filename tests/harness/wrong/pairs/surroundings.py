"""What is around a layer: settings, masks, models in models, shared objects, symbolic inputs, arguments nobody has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from wrong import KERAS2, tensorflow
from wrong.layers.making import CONV1D, CONV2D, DENSE, Change, Keras, Official, attribute, method
from wrong.pairs.making import Pair, calls, counted, together
from wrong.pairs.sequences import MODEL, module

# Settings. Modules, whose names differ between the dialects.


def _settings(keras: Keras) -> Any:
    return keras.package.backend if keras.dialect == "keras2" else keras.package.config


@contextmanager
def _as_at_first(keras: Keras, name: str, value: Any) -> Iterator[None]:
    """A setting as it is before anybody changes it."""
    settings = _settings(keras)
    held = getattr(settings, name)()
    getattr(settings, f"set_{name}")(value)
    try:
        yield
    finally:
        getattr(settings, f"set_{name}")(held)


def _deaf(method_name: str, setting: str, value: Any) -> Change:
    """A method that does not hear of a changed setting."""

    def change(keras: Keras) -> Mapping[str, Any]:
        def wrong(self: Any, official: Official, *given: Any, **named: Any) -> Any:
            with _as_at_first(keras, setting, value):
                return official(*given, **named)

        return method(method_name, wrong)(keras)

    return change


def _seed_ignored(keras: Keras) -> Mapping[str, Any]:
    return module("utils.set_random_seed", lambda official, seed: official(12345))(keras)


# Masks.


def _none(self: Any, official: Official, *given: Any, **named: Any) -> None:
    return None


def _inverted(self: Any, official: Official, *given: Any, **named: Any) -> Any:
    mask = official(*given, **named)
    return None if mask is None else ~mask


# Models in models, objects in two places.


def _nested_refused(keras: Keras) -> Mapping[str, Any]:
    official = keras.member(f"{MODEL}.from_config").__func__

    def replaced(cls: Any, config: Any, *given: Any, **named: Any) -> Any:
        if any(layer["class_name"] == "Sequential" for layer in config["layers"]):
            raise ValueError("a model must be made of layers")
        return official(cls, config, *given, **named)

    return {f"{MODEL}.from_config": classmethod(replaced)}


def _of_every_call(self: Any, losses: list[Any]) -> list[Any]:
    return [*losses, *losses[-1:] * (calls(self) - 1)]


def _kept(y: Any, calls: int) -> Any:
    return y


def _reversed_layers(keras: Keras) -> Mapping[str, Any]:
    """A description that has the layers of a model inside another in the reverse order."""

    def wrong(self: Any, official: Official) -> Any:
        config = official()
        for layer in config["layers"]:
            inner = layer.get("config", {}).get("layers")
            if inner:
                layer["config"]["layers"] = inner[::-1]
        return config

    return method("get_config", wrong, MODEL)(keras)


# Arrays.


def _same_arrays(self: Any, official: Official) -> Any:
    """The arrays that were given out before, whoever has written into them meanwhile."""
    held = vars(self).get("arrays")
    if held is None or len(held) != len(self.weights):
        held = vars(self)["arrays"] = official()
    return held


# Arguments and shapes.


def _swallowed(self: Any, official: Official, *given: Any, **named: Any) -> None:
    named.pop("foo", None)
    official(*given, **named)


def _one_longer(self: Any, official: Official, shape: Any) -> Any:
    found = [*official(shape)]
    if found[1] is not None:
        found[1] += 1
    return tensorflow().TensorShape(found) if not isinstance(shape, tuple) else tuple(found)


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(
            "deaf-to-epsilon",
            f"constraints.{name}",
            ("setting-epsilon/*-ordinary-0.5", "setting-epsilon/*-ordinary-0.01"),
            ("value",),
            _deaf("__call__", "epsilon", 1e-7),
        )
        for name in ("MaxNorm", "UnitNorm", "MinMaxNorm")
    ),
    *(
        Pair(
            "deaf-to-floatx",
            f"initializers.{name}",
            ("setting-floatx/float64-after-construction",),
            ("dtype",),
            _deaf("__call__", "floatx", "float32"),
        )
        for name in ("Zeros", "RandomNormal")
    ),
    Pair(
        "deaf-to-floatx",
        DENSE,
        ("setting-floatx/float64-before-construction",),
        ("weights", "attributes"),
        _deaf("__init__", "floatx", "float32"),
        dialects=KERAS2,
    ),
    Pair(
        "deaf-to-image-data-format",
        CONV2D,
        ("setting-image_data_format/config",),
        ("config",),
        _deaf("__init__", "image_data_format", "channels_last"),
    ),
    Pair(
        "deaf-to-the-global-seed",
        "initializers.RandomUniform",
        ("setting-seed/0-new", "setting-seed/7-new"),
        ("value",),
        _seed_ignored,
    ),
    Pair(
        "drops-masks",
        MODEL,
        ("mask/seen-behind-dense", "mask/seen-behind-two-dense"),
        ("shape",),
        method("compute_mask", _none, DENSE),
    ),
    Pair(
        "drops-masks-in-training",
        MODEL,
        ("mask/loss-masked",),
        ("loss", "losses", "weights"),
        method("compute_mask", _none, DENSE),
    ),
    Pair(
        "masks-inverted",
        MODEL,
        ("mask/seen-behind-dense",),
        ("value",),
        method("compute_mask", _inverted, DENSE),
    ),
    Pair(
        "nested-models-refused",
        MODEL,
        ("nested/first-from_config", "nested/three-levels-from_config"),
        ("accepted",),
        _nested_refused,
    ),
    Pair(
        "nested-layers-in-reverse",
        MODEL,
        ("nested/three-levels-config",),
        ("config",),
        _reversed_layers,
    ),
    *(
        Pair(
            "losses-of-every-call",
            target,
            ("again/losses",),
            ("count",),
            together(counted(_kept), attribute("losses", _of_every_call)),
        )
        for target in (DENSE, CONV1D, CONV2D)
    ),
    *(
        Pair(
            "weights-given-out-once-and-for-all",
            target,
            ("alias/get_weights",),
            ("weights",),
            method("get_weights", _same_arrays),
        )
        for target in (DENSE, CONV2D)
    ),
    *(
        Pair(
            "unknown-arguments-swallowed",
            target,
            ("misuse/unknown",),
            ("accepted",),
            method("__init__", _swallowed),
        )
        for target in (DENSE, CONV1D)
    ),
    Pair(
        "shapes-one-longer",
        CONV1D,
        ("symbolic/padding-valid-output_shape", "symbolic/padding-same-output_shape"),
        ("shape",),
        method("compute_output_shape", _one_longer),
    ),
)
