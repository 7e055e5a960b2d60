"""Dtypes of layers, mixed precision, and the settings of a dialect."""

import keras
import pytest
import tensorflow as tf
import tf_keras

import impl.keras3 as keras3
from impl.shared.variables import AutocastVariable


@pytest.mark.parametrize("dtype", ["float32", "float64", "mixed_float16", "mixed_bfloat16"])
def test_dtypes(pair, dtype):
    official, ours = (k.layers.Layer(dtype=dtype, name="x") for k in pair)
    for fact in ("dtype", "compute_dtype", "variable_dtype"):
        assert getattr(ours, fact) == getattr(official, fact)
    assert ours.dtype_policy.name == official.dtype_policy.name


def test_mixed_weights_are_read_in_the_compute_dtype_inside_a_call(ours):
    class Scale(ours.layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(name="w", shape=(2,), initializer="ones")
            self.n = self.add_weight(name="n", shape=(), dtype="int32")

        def call(self, x):
            self.seen = [self.w.dtype, (self.w + 0).dtype, self.n.dtype, self.w[0].dtype]
            return x * self.w

    layer = Scale(dtype="mixed_bfloat16")
    x = tf.ones([1, 2])
    with tf.GradientTape() as tape:
        y = layer(x)
    assert y.dtype == tf.bfloat16
    assert list(layer.seen) == [tf.bfloat16, tf.bfloat16, tf.int32, tf.bfloat16]
    assert layer.w.dtype == tf.float32
    assert (layer.w + 0).dtype == tf.float32
    assert isinstance(layer.w, AutocastVariable)
    assert layer.weights[0] is layer.w
    gradient = tape.gradient(y, layer.w)
    assert gradient.dtype == tf.float32
    assert gradient.numpy().tolist() == [1, 1]
    layer.w.assign([3, 4])
    assert layer.get_weights()[0].tolist() == [3, 4]
    plain = Scale(dtype="float32", name="plain")
    plain(x)
    assert not isinstance(plain.w, AutocastVariable)


def test_an_inner_float32_layer_of_a_mixed_one_reads_float32(ours):
    class Inner(ours.layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(name="w", shape=(2,))

        def call(self, x):
            return x + self.w

    class Outer(ours.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = Inner(dtype="float32")

        def call(self, x):
            return self.inner(x)

    assert Outer(dtype="mixed_float16")(tf.ones([1, 2])).dtype == tf.float32


def test_settings(pair):
    official, ours = pair
    get = [k.config if k is keras3 else k.backend for k in (official, ours)]
    get[0] = keras.config if official is keras else tf_keras.backend
    policy = [
        keras.config.set_dtype_policy
        if official is keras
        else tf_keras.mixed_precision.set_global_policy,
        ours.config.set_dtype_policy if ours is keras3 else ours.mixed_precision.set_global_policy,
    ]
    seen = []
    for k, settings, set_policy in zip(pair, get, policy, strict=True):
        try:
            set_policy("mixed_bfloat16")
            layer = k.layers.Dense(2, name="d")
            facts = [layer.compute_dtype, layer.variable_dtype, layer.get_config()["dtype"]]
            settings.set_floatx("float16")
            settings.set_epsilon(1e-3)
            facts += [settings.floatx(), settings.epsilon(), settings.image_data_format()]
            for bad in ("float8", "int32"):
                with pytest.raises(ValueError, match=bad):
                    settings.set_floatx(bad)
        finally:
            settings.set_floatx("float32")
            settings.set_epsilon(1e-7)
            set_policy("float32")
        seen.append(facts)
    assert seen[1] == seen[0]
