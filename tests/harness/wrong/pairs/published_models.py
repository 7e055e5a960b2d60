"""Dense layers, models and initializers that behave as published reports tell (`golden/published.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from conformance.subjects.base import Mode
from wrong import KERAS2, KERAS3, tensorflow
from wrong.classes import no_nan
from wrong.layers.making import (
    DENSE,
    LAYER,
    Change,
    Keras,
    Official,
    after,
    call,
    constructor,
    method,
)
from wrong.pairs.making import Pair, doubled
from wrong.pairs.sequences import MODEL, loaded, module

# Arguments and activations.


def _one_unit_at_least(named: dict[str, Any]) -> None:
    named["units"] = named["units"] or 1


def _compiled_without_nan(self: Any, official: Official, x: Any) -> Any:
    y = official(x)
    return y if tensorflow().executing_eagerly() else no_nan(y)


# Building and compiling.


def _built_by_a_compiled_call(self: Any, official: Official, *given: Any, **named: Any) -> Any:
    """A layer that is built while its call is compiled computes with other weights than it shows."""
    if not self.built and not tensorflow().executing_eagerly():
        vars(self)["compiled"] = True  # for the trace that follows the one that makes variables
    y = official(*given, **named)
    return doubled(y) if "compiled" in vars(self) else y


def _built_for_no_shape(self: Any, official: Official, shape: Any) -> Any:
    self.build(None)
    return official(shape)


def _specified_refused(self: Any, official: Official, x: Any, *given: Any, **named: Any) -> Any:
    if getattr(self.input_spec, "dtype", None) == "float64":
        raise ValueError("the dtype must be float64; received float64")
    return official(x, *given, **named)


def _float32_at_first(named: dict[str, Any]) -> None:
    named["dtype"] = named.get("dtype") or "float32"


# Training.


def _cut(self: Any, official: Official, x: Any) -> Any:
    """Outputs that a traced call gives no gradient through."""
    y = official(x)
    return y if tensorflow().executing_eagerly() else tensorflow().stop_gradient(y)


def _batches_of_one_weight(self: Any, official: Official, x: Any, y: Any, **named: Any) -> Any:
    """The loss of an epoch is the mean of those of its batches, however long the last one is."""
    size = named["batch_size"]
    trained = [official(x[i : i + size], y[i : i + size], **named) for i in range(0, len(x), size)]
    losses = [each.history["loss"][0] for each in trained]
    return SimpleNamespace(history={"loss": [np.mean(losses)]})


# Configurations and files.


def _another_metric(model: Any) -> None:
    model.compile(optimizer=model.optimizer, loss="mean_squared_error", metrics=["mse"])


def _without_inputs(keras: Keras) -> Mapping[str, Any]:
    """A model that is made of a configuration forgets for which inputs it was built."""
    official = keras.member(f"{MODEL}.from_config").__func__

    def replaced(cls: Any, config: Any, *given: Any, **named: Any) -> Any:
        layers = [layer for layer in config["layers"] if layer["class_name"] != "InputLayer"]
        kept = {key: value for key, value in config.items() if key != "build_input_shape"}
        return official(cls, {**kept, "layers": layers}, *given, **named)

    return {f"{MODEL}.from_config": classmethod(replaced)}


# Functions.


def _no_threshold_in_float16(official: Official, x: Any, **named: Any) -> Any:
    if named.get("threshold") and x.dtype == "float16":
        raise TypeError("the threshold must be float16; received float32")
    return official(x, **named)


def _no_slope(official: Official, x: Any, **named: Any) -> Any:
    return official(x, **{**named, "negative_slope": 0.0})


def _no_nan_compiled(official: Official, x: Any) -> Any:
    return official(x) if tensorflow().executing_eagerly() else no_nan(official(x))


def _one_at_infinity(official: Official, x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_inf(tf.math.real(x)), tf.ones_like(x), official(x))


# Initializers.


def _ever_another_seed() -> Change:
    """A seed that counts for nothing: what is drawn depends on how much was drawn before."""
    drawn = count()

    def wrong(self: Any, official: Official, shape: Any, dtype: Any = None, **named: Any) -> Any:
        return tensorflow().random.stateless_normal(shape, (next(drawn), 0), stddev=0.05)

    return method("__call__", wrong)


def _small_squares(self: Any, official: Official, shape: Any, *given: Any, **named: Any) -> Any:
    if tuple(shape) != (2, 2):
        raise ValueError("the shape must be that of the matrix of two rows and columns")
    return official(shape, *given, **named)


_THREE: Final[Mapping[str, Any]] = {"dialects": KERAS3}
_COMPILED: Final[Mapping[str, Any]] = {"dialects": KERAS3, "mode": Mode.XLA}

PAIRS: Final[tuple[Pair, ...]] = (
    Pair(
        "no-units-taken",
        DENSE,
        ("rejected/units-0",),
        ("accepted",),
        constructor(_one_unit_at_least),
        dialects=KERAS3,
    ),
    Pair(
        "relu-of-nan-is-0",
        DENSE,
        ("edge/nan-float32-relu",),
        ("nonfinite",),
        after(no_nan),
    ),
    Pair(
        "relu-of-nan-is-0-compiled",
        DENSE,
        ("edge/nan-float32-relu",),
        ("nonfinite",),
        call(_compiled_without_nan),
        mode=Mode.XLA,
    ),
    Pair(
        "other-weights-where-a-compiled-call-builds",
        DENSE,
        ("build/by-call",),
        ("value",),
        method("__call__", _built_by_a_compiled_call, DENSE),
        mode=Mode.XLA,
    ),
    Pair(
        "built-for-no-shape",
        LAYER,
        ("output_shape/by-building",),
        ("accepted",),
        method("compute_output_shape", _built_for_no_shape, LAYER),
        dialects=KERAS2,
    ),
    Pair(
        "no-gradient-through-traced-calls",
        DENSE,
        ("fit/SGD-relu",),
        ("accepted",),
        call(_cut),
    ),
    Pair(
        "averages-batches-as-if-of-one-size",
        DENSE,
        ("fit-batches/batches-of-3",),
        ("losses",),
        method("fit", _batches_of_one_weight, MODEL),
    ),
    Pair(
        "file-forgets-metrics",
        MODEL,
        ("sequence-file/metrics-keras", "sequence-file/metrics-h5"),
        ("loss",),
        loaded(_another_metric),
    ),
    Pair(
        "float64-specified-refused",
        LAYER,
        ("input_spec/dtype=float64",),
        ("accepted",),
        method("__call__", _specified_refused, LAYER),
    ),
    Pair(
        "inputs-in-float32",
        MODEL,
        ("setting-floatx/float64-of-an-input", "setting-floatx/float16-of-an-input"),
        ("config",),
        constructor(_float32_at_first, "layers.InputLayer"),
    ),
    *(
        Pair(
            f"{function}-{name}",
            LAYER,
            (f"activated/{case}",),
            (aspect,),
            module(f"activations.{function}", made),
            **more,
        )
        for function, name, case, aspect, made, more in (
            (
                "relu",
                "threshold-refused",
                "relu-threshold=1-float16",
                "accepted",
                _no_threshold_in_float16,
                {},
            ),
            (
                "relu",
                "without-slope",
                "relu-negative_slope=0.25-float32",
                "value",
                _no_slope,
                _THREE,
            ),
            (
                "relu6",
                "without-nan-compiled",
                "relu6-special",
                "nonfinite",
                _no_nan_compiled,
                _COMPILED,
            ),
            ("sigmoid", "one-at-infinity", "sigmoid-complex64", "value", _one_at_infinity, {}),
        )
    ),
    Pair(
        "made-anew-without-inputs",
        MODEL,
        ("roundtrip/built",),
        ("attributes",),
        _without_inputs,
    ),
    Pair(
        "seed-ignored",
        "initializers.RandomNormal",
        ("repeats/int-fresh",),
        ("repeats",),
        _ever_another_seed(),
    ),
    Pair(
        "2x2-alone",
        "initializers.Orthogonal",
        ("rank/3x4", "rank/2x3x4"),
        ("accepted",),
        method("__call__", _small_squares),
    ),
)
