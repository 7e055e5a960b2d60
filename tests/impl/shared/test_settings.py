"""Settings are read when official Keras reads them; masks decide which steps a loss is over."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

W = np.array([[3.0], [4.0]], np.float32)
X = np.array([[[1.0], [0.0], [2.0]], [[0.0], [3.0], [1.0]]], np.float32)
Y = np.full((2, 3, 1), 5.0, np.float32)


def settings(keras):
    return keras.config if hasattr(keras, "config") else keras.backend


def set_policy(keras, name):
    if hasattr(keras, "config"):
        keras.config.set_dtype_policy(name)
    else:
        keras.mixed_precision.set_global_policy(name)


@pytest.fixture(autouse=True)
def put_back(pair):
    yield
    for keras in pair:
        settings(keras).set_epsilon(1e-7)
        settings(keras).set_floatx("float32")
        settings(keras).set_image_data_format("channels_last")
        set_policy(keras, "float32")


@pytest.mark.parametrize("name", ["UnitNorm", "MaxNorm", "MinMaxNorm"])
def test_constraints_read_epsilon_on_each_call(name, pair):
    found = []
    for keras in pair:
        constraint = getattr(keras.constraints, name)()
        settings(keras).set_epsilon(1e-2)
        found.append(np.asarray(constraint(tf.constant(W))))
    np.testing.assert_array_equal(*found)
    assert found[0][0, 0] not in (0.6, 1.2)


@pytest.mark.parametrize("epsilon", [0.5, 0.3, 1e-2, 1e-3])
@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_the_orthogonal_penalty_reads_epsilon_as_official(mode, epsilon, pair):
    found = []
    for keras in pair:
        regularizer = keras.regularizers.OrthogonalRegularizer(0.5, mode)
        settings(keras).set_epsilon(epsilon)
        found.append(np.asarray(regularizer(tf.constant([[3e-3, 1e-3], [0.1, 0.4], [0.0, 2.0]]))))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("floatx", ["float64", "float16"])
@pytest.mark.parametrize(
    "name",
    ["Zeros", "Ones", "Constant", "Identity", "RandomNormal", "GlorotUniform", "Orthogonal"],
)
def test_initializers_draw_floatx(name, floatx, pair):
    found = []
    for keras in pair:
        seed = {"seed": 1} if name in ("RandomNormal", "GlorotUniform", "Orthogonal") else {}
        initializer = getattr(keras.initializers, name)(**seed)
        settings(keras).set_floatx(floatx)
        found.append(np.asarray(initializer((2, 2))))
    assert found[1].dtype == floatx
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("floatx", "float8"), ("floatx", "int32"), ("floatx", None), ("floatx", tf.float32),
        ("floatx", "float64"), ("image_data_format", "x"), ("image_data_format", "CHANNELS_LAST"),
        ("image_data_format", "channels_first"), ("epsilon", 0.5),
    ],
)  # fmt: skip  # some to a line
def test_a_setting_takes_what_official_keras_takes(setting, value, pair):
    found = []
    for keras in pair:
        try:
            getattr(settings(keras), f"set_{setting}")(value)
            found.append(getattr(settings(keras), setting)())
        except ValueError:
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize("policy", ["mixed_float16", "float64", "int32", "int8", "x", None, 1])
def test_layers_take_the_policy_that_was_set(policy, pair):
    found = []
    for keras in pair:
        try:
            set_policy(keras, policy)
            layer = keras.layers.Dense(2, kernel_initializer="ones")
            outputs = np.asarray(layer(np.ones((1, 2), np.float32)))
            found.append((layer.dtype, layer.compute_dtype, outputs.dtype))
        except (TypeError, ValueError):
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", [3, 0, True, None, "x", 1.5, -1, 2**40])
def test_set_random_seed(seed, pair):
    found = []
    for keras in pair:
        try:
            keras.utils.set_random_seed(seed)
        except ValueError:
            found.append(["refused"])
            continue
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(2)])
        found.append([*model.get_weights(), np.random.rand(), tf.random.uniform((1,)).numpy()])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["Dense", "Conv1D", "SeparableConv1D", "DepthwiseConv2D"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_layers_draw_their_seeds_when_official_layers_do(name, order, pair):
    found = []
    for keras in pair:
        keras.utils.set_random_seed(3)
        size = {"kernel_size": 2} if "Conv" in name else {}
        size |= {} if "Depthwise" in name else {"units" if name == "Dense" else "filters": 2}
        layers = [getattr(keras.layers, name)(**size) for _ in order]
        for place in order:
            layers[place].build((None, 5, 5, 3) if "2D" in name else (None, 5, 3))
        found.append([w for layer in layers for w in layer.get_weights()])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


ALIASES = ["float", "half", "double", "Float32", "nothing", 3.5, np.float16, tf.float64, "float32"]


@pytest.mark.parametrize("dtype", ALIASES, ids=str)
def test_layers_take_the_names_of_dtypes_that_official_layers_take(dtype, pair):
    found = []
    for keras in pair:
        try:
            layer = keras.layers.Dense(2, dtype=dtype, name="a")
            config = layer.get_config()["dtype"]
            name = config if isinstance(config, str) else config["config"]["name"]
            found.append((layer.dtype, layer.compute_dtype, name))
        except (TypeError, ValueError):
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_of_masked_steps(name, reduction, dtype, weighted, pair):
    found = []
    values = np.random.default_rng(3).normal(0, 2, (2, 4, 3, 2))
    for keras in pair:
        y, y_pred = tf.constant(values[0], "float32"), tf.cast(values[1], dtype)
        y_pred._keras_mask = tf.constant(values[0, :, :, 0] > -1)
        weights = tf.constant(np.abs(values[1, :, :, 1]), "float32") if weighted else None
        loss = getattr(keras.losses, name)(reduction=reduction)
        found.append(loss(y, y_pred, sample_weight=weights).numpy())
    assert found[0].dtype == found[1].dtype
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", ["mae", "MAE", "mean_absolute_error", "huber", "huber_loss", "x"])
def test_names_of_losses(name, pair):
    found = []
    for keras in pair:
        try:
            keras.losses.get(name)
            found.append("known")
        except (TypeError, ValueError):
            found.append("unknown")
    assert found[0] == found[1]


def masked(keras):
    """A layer whose mask keeps what is not zero."""

    class Masked(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def compute_mask(self, inputs, mask=None):
            if isinstance(inputs, tf.Tensor):
                return tf.reduce_any(tf.not_equal(inputs, 0), axis=-1)
            return keras.ops.any(keras.ops.not_equal(inputs, 0), axis=-1)

        def call(self, inputs):
            return inputs

        def compute_output_shape(self, input_shape):
            return input_shape

    return Masked()


def dense(keras, units=1, **options):
    return keras.layers.Dense(units, use_bias=False, kernel_initializer="ones", **options)


MODELS = {
    "dense": lambda keras: [masked(keras), dense(keras)],
    "two": lambda keras: [masked(keras), dense(keras, 2), dense(keras)],
    "input": lambda keras: [keras.Input((3, 1)), masked(keras), dense(keras)],
    "nested": lambda keras: [keras.Sequential([masked(keras), dense(keras)]), dense(keras)],
    "convolution": lambda keras: [
        masked(keras),
        keras.layers.Conv1D(1, 1, kernel_initializer="ones"),
        dense(keras),
    ],
    "regularized": lambda keras: [masked(keras), dense(keras, activity_regularizer="l2")],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum"])
def test_a_loss_is_over_the_steps_that_the_mask_keeps(name, reduction, pair):
    """Of some steps, and then of none: what is traced for one serves the other."""
    found = []
    for keras in pair:
        model = keras.Sequential(MODELS[name](keras))
        loss = keras.losses.MeanSquaredError(reduction=reduction)
        model.compile(keras.optimizers.SGD(0.01), loss)
        found.append([])
        for x in (X, 0 * X):
            history = model.fit(x, Y, verbose=0, shuffle=False).history["loss"]
            found[-1] += [history, *model.get_weights(), model.evaluate(x, Y, verbose=0)]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore")
def test_classes_under_a_mask(pair):
    found = []
    for keras in pair:
        model = keras.Sequential([masked(keras), dense(keras, 3, activation="softmax")])
        model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
        y = np.array([[0, 1, 2], [1, 1, 0]])
        history = model.fit(X, y, verbose=0, shuffle=False).history["loss"]
        found.append([history, *model.get_weights(), model.evaluate(X, y, verbose=0)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
