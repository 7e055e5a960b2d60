"""Activations of both dialects: bits against official Keras, gradients, names, saving, errors."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from impl_helpers.dialects import pairs_of

from impl.keras2 import activations as keras2_activations
from impl.keras2 import saving as keras2_saving
from impl.keras3 import activations as keras3_activations
from impl.keras3 import saving as keras3_saving

PAIRS = pairs_of("activations")
SAVING = {"keras2": keras2_saving, "keras3": keras3_saving}
SLOPE = {"keras2": "alpha", "keras3": "negative_slope"}
FLOATS = ["float16", "bfloat16", "float32", "float64"]
OF_KERAS2 = [
    "elu",
    "exponential",
    "gelu",
    "hard_sigmoid",
    "linear",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]
OF_KERAS3 = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
]
NAN, INF = float("nan"), float("inf")
PLAIN = [("keras2", name, {}) for name in OF_KERAS2] + [("keras3", n, {}) for n in OF_KERAS3]
CALLS = [
    *PLAIN,
    *(
        (dialect, name, arguments)
        for dialect in PAIRS
        for name, arguments in [
            ("gelu", {"approximate": True}),
            ("elu", {"alpha": 0.3}),
            ("elu", {"alpha": -2}),
            *(("softmax", {"axis": axis}) for axis in (0, 1, -2, True, (0, 1), None, ())),
        ]
    ),
    *(
        (dialect, "relu", {SLOPE[dialect]: slope, "max_value": high, "threshold": threshold})
        for dialect in PAIRS
        for slope in (0.0, 0.1, -0.3, 1, NAN)
        for high in (None, 6, 6.0, 0.1, -1.0, 0.0, NAN)
        for threshold in (0, 0.1, -1.0)
    ),
    *(("keras3", "log_softmax", {"axis": axis}) for axis in (0, (0, 1), None)),
    ("keras3", "sparsemax", {"axis": 0}),
    ("keras3", "glu", {"axis": 0}),
    ("keras3", "celu", {"alpha": 0.3}),
    ("keras3", "leaky_relu", {"negative_slope": 0.3}),
    ("keras3", "hard_shrink", {"threshold": 0.1}),
    ("keras3", "soft_shrink", {"threshold": 0.1}),
    ("keras3", "squareplus", {"b": 0.3}),
    ("keras3", "squareplus", {"b": 0}),
    ("keras3", "threshold", {"threshold": 0.1, "default_value": 0.3}),
    ("keras3", "threshold", {"threshold": 0, "default_value": -1}),
]


def values(name):
    """Numbers of every kind; for what sums them up, numbers of ordinary size."""
    wave = 6 * np.sin(np.arange(48.0) * 1.7)
    if "softmax" in name or name == "sparsemax":
        return wave.reshape(6, 8)
    special = [0.0, -0.0, 1, -1, 0.5, -0.5, 6, -6, 88, -88, 3e4, -3e4, 1e-7, -1e-7, 1e-30, 2.0]
    return np.concatenate([wave, special, [NAN, INF, -INF, -3], np.linspace(-9, 9, 132)]).reshape(
        4, 50
    )


def same_bits(actual, expected):
    """The same dtype, shape and bits, but for the payload of NaN."""
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    a, e = actual.numpy(), expected.numpy()
    nan = a != a
    return np.array_equal(nan, e != e) and a[~nan].tobytes() == e[~nan].tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("dialect", "name", "arguments"), CALLS, ids=str)
def test_bits_of_official(dialect, name, arguments, dtype):
    official, ours = PAIRS[dialect]
    x = tf.cast(values(name), dtype)
    expected = getattr(official, name)(x, **arguments)
    assert same_bits(getattr(ours, name)(x, **arguments), expected)


def gradient(function, x, compiled):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = (tf.function(function) if compiled else function)(x)
    return tape.gradient(y, x, output_gradients=tf.ones_like(y) * 0.7)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("dialect", "name", "arguments"), PLAIN, ids=str)
def test_gradients_of_official(dialect, name, arguments, compiled):
    official, ours = PAIRS[dialect]
    x = tf.cast(values(name), "float32")
    expected = gradient(getattr(official, name), x, compiled)
    assert same_bits(gradient(getattr(ours, name), x, compiled), expected)


@pytest.mark.parametrize(("dialect", "name", "arguments"), PLAIN, ids=str)
def test_xla_and_unknown_shapes(dialect, name, arguments):
    ours = getattr(PAIRS[dialect][1], name)
    x = tf.cast(np.linspace(-5, 5, 24).reshape(4, 6), "float32")
    eager = ours(x)
    compiled = tf.function(ours, jit_compile=True)(x)
    np.testing.assert_allclose(compiled, eager, rtol=1e-5, atol=1e-6)
    unknown = tf.function(ours, input_signature=[tf.TensorSpec([None, None], tf.float32)])(x)
    np.testing.assert_allclose(unknown, eager, rtol=1e-5, atol=1e-6)


def test_public_names_and_signatures(dialect):
    official, ours = PAIRS[dialect]
    public = {name for name in dir(official) if not name.startswith("_")}
    assert set(ours.__all__) == public
    for name in public:
        expected = inspect.signature(getattr(official, name)).parameters
        actual = inspect.signature(getattr(ours, name)).parameters
        assert [(p.name, p.default) for p in actual.values()] == [
            (p.name, p.default) for p in expected.values()
        ], name


def test_gelu_of_float64_is_exact_to_float32_only():
    # TensorFlow rounds 1/sqrt(2) to float32 first; Keras computes with it.
    from math import erf, sqrt

    error = keras3_activations.gelu(tf.constant(1.0, tf.float64)) - 0.5 * (1 + erf(sqrt(0.5)))
    assert 1e-9 < abs(float(error)) < 1e-7


def test_inputs_that_are_no_tensors(dialect):
    official, ours = PAIRS[dialect]
    for x in ([[1.5, -2.0]], np.array([1.5, -2.0]), 1.5, np.float64(1.5), tf.Variable([-1.0, 2])):
        for name in ("relu", "tanh", "elu", "gelu", "swish"):
            expected = getattr(official, name)(x)
            assert same_bits(getattr(ours, name)(x), expected), (name, x)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_integers(dialect, dtype):
    official, ours = PAIRS[dialect]
    x = tf.cast([[3, 0, 9], [1, 2, 100]], dtype)
    assert same_bits(ours.relu(x), official.relu(x))
    leaky = {SLOPE[dialect]: 0.5}
    assert same_bits(ours.relu(x, **leaky), official.relu(x, **leaky))
    for name in ("gelu", "elu", "softmax", "sigmoid", "mish"):
        with pytest.raises(TypeError, match=f"x must be a float tensor, got {dtype}"):
            getattr(ours, name)(x)


def test_integers_that_keras3_turns_into_floats():
    x = tf.constant([3, -1])
    for name in ("tanh", "exponential", "leaky_relu"):
        expected = getattr(keras.activations, name)(x)
        assert same_bits(getattr(keras3_activations, name)(x), expected)


@pytest.mark.parametrize("axis", [3, -4, 1.5, "a", (0, 3), (0, "a"), (0, 0), (1, -2)])
def test_bad_axes(dialect, axis):
    names = ("softmax", "log_softmax") if dialect == "keras3" else ("softmax",)
    for name in names:
        with pytest.raises((TypeError, ValueError), match=r"^axis must .*, got"):
            getattr(PAIRS[dialect][1], name)(tf.zeros([2, 3, 4]), axis=axis)


def test_axes_that_keras3_refuses_though_they_are_meant():
    x = tf.reshape(tf.range(24.0), [2, 3, 4])
    ours = keras3_activations.softmax
    assert same_bits(ours(x, axis=(-1,)), ours(x, axis=-1))
    assert same_bits(ours(x, axis=(1, -1)), ours(x, axis=(1, 2)))
    for axis in ((-1,), (1, -1)):
        with pytest.raises((TypeError, ValueError)):
            keras.activations.softmax(x, axis=axis)


def test_softmax_of_a_vector(dialect):
    ours, x = PAIRS[dialect][1].softmax, tf.constant([1.0, 2.0])
    if dialect == "keras3":
        assert same_bits(ours(x), keras.activations.softmax(x))
    else:
        with pytest.raises(ValueError, match=r"x must have rank 2 or more, got shape \(2,\)"):
            ours(x)


def test_an_odd_size_cannot_be_halved():
    with pytest.raises(ValueError, match="axis must have an even size, got axis 1 of shape"):
        keras3_activations.glu(tf.zeros([2, 3]), axis=1)


def double(x):
    return 2 * x


def test_get_by_name(dialect):
    official, ours = PAIRS[dialect]
    names = {*OF_KERAS2, *OF_KERAS3, "relu6", "threshold", "log_softmax", "foo", "Relu", "crelu"}
    for name in names:
        try:
            expected = official.get(name).__name__
        except ValueError:
            with pytest.raises(ValueError, match=f"activation must be .*, got '{name}'"):
                ours.get(name)
            continue
        x = tf.constant([[0.5, -2.0, 1.0, 7.0]])
        if name != "threshold":
            assert same_bits(ours.get(name)(x), official.get(name)(x)), expected


def test_get_of_anything_else(dialect):
    ours = PAIRS[dialect][1]
    assert ours.get(None) is ours.linear
    assert ours.get(double) is double
    assert ours.get(ours.elu) is ours.elu
    assert ours.get(tf.nn.elu) is tf.nn.elu
    # Official Keras 2 returns the functions of its module, `get` itself for one.
    for name in ("get", "serialize", "deserialize"):
        with pytest.raises(ValueError, match="activation must be"):
            ours.get(name)
    with pytest.raises(TypeError if dialect == "keras2" else ValueError, match=r"got 3$"):
        ours.get(3)
    with pytest.raises(ValueError, match=r"activation must be .*, got \{\}$"):
        ours.get({})


def test_saved_functions(dialect):
    official, ours = PAIRS[dialect]
    for name in OF_KERAS2 if dialect == "keras2" else OF_KERAS3:
        saved = ours.serialize(getattr(ours, name))
        assert saved == official.serialize(getattr(official, name))
        assert ours.deserialize(saved) is getattr(ours, name)
        assert ours.get(saved) is getattr(ours, name)
    record = ours.serialize(double)
    assert record == official.serialize(double)
    assert json.loads(json.dumps(record)) == record
    assert ours.deserialize(record, {"double": double}) is double
    with SAVING[dialect].custom_object_scope({"double": double}):
        assert ours.get(record) is double
    with pytest.raises((TypeError, ValueError), match="custom object"):
        ours.deserialize(record)
    built_in = {"module": "builtins", "class_name": "function", "config": "relu"}
    assert ours.deserialize(built_in | {"registered_name": "function"}) is ours.relu
    assert ours.deserialize("relu", {"relu": double}) is double
    assert ours.deserialize(None) is None
    for wrong in ("foo", 3, {}, {"class_name": 3}):
        with pytest.raises(ValueError, match="activation must be"):
            ours.deserialize(wrong)
    for wrong in (None, 3, "relu"):
        with pytest.raises(TypeError, match="activation must be a callable, got"):
            ours.serialize(wrong)
    with pytest.raises(ValueError, match="lambda"):
        ours.serialize(lambda x: x)


def test_custom_names():
    for saving, ours, finds in (
        (keras2_saving, keras2_activations, True),
        (keras3_saving, keras3_activations, False),
    ):
        with saving.custom_object_scope({"relu": double, "twice": double}):
            assert (ours.get("relu") is double) == finds
            if finds:
                assert ours.get("twice") is double
            else:
                with pytest.raises(ValueError, match="got 'twice'"):
                    ours.get("twice")


class Scale:
    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        return self.by * x

    def get_config(self):
        return {"by": self.by}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_callable_objects(dialect):
    ours = PAIRS[dialect][1]
    record = ours.serialize(Scale(3))
    assert (record["class_name"], record["config"]) == ("Scale", {"by": 3})
    assert ours.deserialize(record, {"Scale": Scale})(2) == 6
    assert ours.get(Scale(3))(2) == 6


def test_the_legacy_format():
    ours, official = keras2_activations, tf_keras.activations
    for name in OF_KERAS2:
        saved = ours.serialize(getattr(ours, name), use_legacy_format=True)
        assert saved == official.serialize(getattr(official, name), use_legacy_format=True)
        assert ours.deserialize(saved, use_legacy_format=True) is getattr(ours, name)
    assert ours.serialize(double, use_legacy_format=True) == "double"
    assert ours.serialize(None, use_legacy_format=True) is None
    saved = ours.serialize(Scale(3), use_legacy_format=True)
    assert saved == {"class_name": "Scale", "config": {"by": 3}}
    assert ours.deserialize(saved, {"Scale": Scale}, use_legacy_format=True).by == 3
    with pytest.raises(ValueError, match="get_config"):
        ours.serialize(3, use_legacy_format=True)
