"""Attributes of a layer that are set before or after its build count when official Keras reads them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from impl_helpers.values import same

X = np.ones((4, 1), np.float32)

CONVOLUTIONS = {
    "Conv1D": {"filters": 2}, "Conv2D": {"filters": 2}, "SeparableConv1D": {"filters": 2}, "DepthwiseConv1D": {}, "DepthwiseConv2D": {},
}  # fmt: skip  # some to a line
LATE = {"strides": (2, 2), "padding": "same", "dilation_rate": (2, 2), "use_bias": False}


def set_late(keras, name, attribute, moment):
    """The outputs, and the attribute in the configuration; or that it was refused."""
    layer = getattr(keras.layers, name)(
        kernel_size=2, bias_initializer="ones", **CONVOLUTIONS[name]
    )
    rank, value = 2 if "2D" in name else 1, LATE[attribute]
    value = value[:rank] if isinstance(value, tuple) else value
    x = (np.arange(2 * 5**rank * 4) % 7 - 3).reshape((2, *[5] * rank, 4)).astype(np.float32)
    if moment == "after":
        layer(x)
        shapes = [w.shape for w in layer.weights]
        layer.set_weights([np.arange(np.prod(s)).reshape(s) % 5 - 2 for s in shapes])
    setattr(layer, attribute, value)
    if moment == "before":
        layer.build(x.shape)
        shapes = [w.shape for w in layer.weights]
        layer.set_weights([np.arange(np.prod(s)).reshape(s) % 5 - 2 for s in shapes])
    return np.asarray(layer(x)), list(np.ravel(layer.get_config()[attribute]))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("attribute", LATE)
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions_read_attributes_at_each_call(name, attribute, moment, pair):
    official, ours = pair
    same(set_late(ours, name, attribute, moment), set_late(official, name, attribute, moment))


@pytest.mark.parametrize("value", ["causal", "x", 3])
def test_a_bad_attribute_is_refused_when_it_is_set(value, pair):
    layer = pair[1].layers.Conv2D(2, 2)
    with pytest.raises(ValueError, match="padding must be one of"):
        layer.padding = value
    assert layer.padding == "valid"


def test_use_bias_after_the_build(pair):
    found = []
    for keras in pair:
        layer = keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
        layer.build((None, 1))
        layer.use_bias = False
        found.append([np.asarray(layer(X)), layer.get_config()["use_bias"]])
    same(found[1], found[0])


# Where one without a mix is set after the build, official Keras does not cast the weights.
POLICIES = [
    *product(["mixed_bfloat16", "mixed_float16", "float32"], ["before", "after", "trained"]),
    *product(["float64", "float16"], ["before"]),
]


@pytest.mark.parametrize("name", ["Dense", "Conv1D", "SeparableConv1D"])
@pytest.mark.parametrize(("policy", "moment"), POLICIES)
def test_a_policy_that_is_set(name, policy, moment):
    import keras

    import impl.keras3

    found = []
    for package in (keras, impl.keras3):
        size = {} if name == "Dense" else {"kernel_size": 2}
        layer = getattr(package.layers, name)(2, name="a", bias_initializer="ones", **size)
        x = np.linspace(-1, 1, 24, dtype=np.float32).reshape((2, 4, 3))
        if moment == "before":
            layer.dtype_policy = policy
        layer.build(x.shape)
        shapes = [w.shape for w in layer.weights]
        layer.set_weights([np.linspace(-1, 0.7, np.prod(s)).reshape(s) for s in shapes])
        if moment == "after":
            layer.dtype_policy = policy
        if moment == "trained":
            model = package.Sequential([layer])
            model.compile(package.optimizers.SGD(0.01), "mse")
            layer.dtype_policy = policy
            model.fit(x, np.asarray(layer(x)), verbose=0, shuffle=False)
        outputs = layer(x)
        kept = [layer.dtype, layer.compute_dtype, str(np.asarray(outputs).dtype)]
        found.append([np.asarray(outputs), kept, layer.get_config()["dtype"]["config"]])
        found[-1] += [w.dtype if isinstance(w.dtype, str) else w.dtype.name for w in layer.weights]
        with pytest.raises(ValueError, match="nothing"):
            layer.dtype_policy = "nothing"
    same(found[1], found[0])


def test_a_policy_is_not_set_in_keras2():
    import tf_keras

    import impl.keras2

    for package in (tf_keras, impl.keras2):
        with pytest.raises(AttributeError):
            package.layers.Dense(2).dtype_policy = "mixed_float16"


@pytest.mark.parametrize("name", ["Dense", "Conv1D"])
def test_a_policy_without_a_mix_computes_in_its_dtype_when_it_is_set(name):
    import impl.keras3

    size = {} if name == "Dense" else {"kernel_size": 1}
    layer = getattr(impl.keras3.layers, name)(2, kernel_initializer="ones", **size)
    x = np.full((1, 2, 1), 1.0009765625, np.float32)
    for policy in ("float64", "float16", "float32"):
        layer(x)
        layer.dtype_policy = policy
        outputs = layer(x)
        assert outputs.dtype.name == policy
        assert (np.asarray(outputs) == x).all()
        assert [w.dtype.name for w in layer.weights] == ["float32", "float32"]
