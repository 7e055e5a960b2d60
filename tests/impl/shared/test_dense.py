"""`Dense` in both dialects: bits of values and gradients against official Keras, values by definition."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.values import bits

import impl.keras2 as keras2
import impl.keras3 as keras3

ROOT = Path(__file__).resolve().parents[3]
DTYPES = ["float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"]
SHAPES = [(3, 17), (2, 3, 17), (2, 2, 3, 17), (2, 1, 2, 3, 17), (64, 300), (0, 3), (2, 0, 3)]


def wave(shape):
    return np.sin(np.arange(np.prod(shape, dtype=int)) * 1.7 + 1).reshape(shape)


def twins(pair, shape, **arguments):
    official, ours = (k.layers.Dense(**arguments) for k in pair)
    official.build(shape)
    ours.build(shape)
    values = [wave(w.shape) for w in official.get_weights()]
    official.set_weights(values)
    ours.set_weights(values)
    return official, ours


@pytest.mark.parametrize("use_bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(
    ("units", "activation"), [(1, None), (5, "relu"), (33, "tanh"), (4, "softmax")]
)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_gradients_have_the_bits_of_official(
    pair, dtype, shape, units, activation, use_bias
):
    x = tf.constant(wave(shape), tf.float32)
    seen = []
    for layer in twins(
        pair, shape, units=units, activation=activation, use_bias=use_bias, dtype=dtype
    ):
        # The gradient with respect to a variable of official Keras 3 is asked of what it wraps.
        wrapped = isinstance(layer, keras.layers.Layer)
        weights = [w.value if wrapped else w for w in layer.trainable_weights]
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y * y)
        seen.append([bits(t) for t in (y, *tape.gradient(loss, [x, *weights]))])
    assert seen[1] == seen[0]


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)], ids=str)
def test_it_is_the_sum_that_defines_it(ours, shape):
    layer = ours.layers.Dense(2, dtype="float64")
    layer.build(shape)
    kernel, bias = wave((4, 2)), wave((2,))
    layer.set_weights([kernel, bias])
    x = wave(shape)
    expected = np.einsum("...i,ij->...j", x, kernel) + bias
    np.testing.assert_allclose(layer(tf.constant(x)).numpy(), expected, rtol=1e-14)


@pytest.mark.parametrize("shape", [(None, 4), (None, None, 4), (2, None, 4), (None,)], ids=str)
def test_graphs_and_unknown_sizes(ours, shape):
    layer = ours.layers.Dense(3, activation="relu")
    x = tf.constant(wave((2, 4) if len(shape) < 3 else (2, 5, 4)), tf.float32)
    y = layer(x)
    if len(shape) > 1:
        traced = tf.function(layer, input_signature=[tf.TensorSpec(shape, tf.float32)])
        assert bits(traced(x)) == bits(y)
        spec = traced.get_concrete_function().structured_outputs
        assert spec.shape.as_list() == [*shape[:-1], 3]
    assert bits(tf.function(layer)(x)) == bits(y)
    compiled = tf.function(layer, jit_compile=True)(x)
    np.testing.assert_allclose(compiled.numpy(), y.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool", "float64"])
def test_inputs_of_other_dtypes(pair, dtype):
    official, ours = twins(pair, (2, 3), units=2)
    x = tf.cast(tf.ones([2, 3]), dtype)
    assert bits(ours(x)) == bits(official(x))


def arguments_of(k):
    return {
        "plain": {"units": 3},
        "all": {
            "units": 3,
            "activation": "relu",
            "use_bias": False,
            "kernel_initializer": k.initializers.HeNormal(seed=3),
            "bias_initializer": "ones",
            "kernel_regularizer": "l1",
            "bias_regularizer": "l2",
            "activity_regularizer": k.regularizers.L1L2(0.5, 0.25),
            "kernel_constraint": k.constraints.MaxNorm(3),
            "bias_constraint": "non_neg",
            "dtype": "mixed_bfloat16",
            "trainable": False,
        },
    }


@pytest.mark.parametrize("case", ["plain", "all"])
def test_configurations_are_those_of_official_and_make_the_layer_again(pair, case):
    official, ours = (k.layers.Dense(**arguments_of(k)[case], name="d") for k in pair)
    assert ours.get_config() == official.get_config()
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
    assert type(ours).from_config(official.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize("shape", [(None, 4), (2, 3, 4), [5, 4], (None, None), (4,)], ids=str)
def test_shapes_of_outputs(pair, shape):
    answers = []
    for k in pair:
        try:
            answers.append(tuple(k.layers.Dense(3).compute_output_shape(shape)))
        except ValueError:
            answers.append("ValueError")
    assert answers[1] == answers[0]


BAD = {
    "units": [{"units": x} for x in (-1, 2.5, "many", None, 2.0, "3")],
    "identifiers": [
        {"units": 1, name: "nothing"}
        for name in ("activation", "kernel_initializer", "kernel_constraint")
    ],
}


@pytest.mark.parametrize("arguments", [a for group in BAD.values() for a in group], ids=str)
def test_bad_arguments_are_rejected_where_official_rejects_them(pair, arguments):
    answers = []
    for k in pair:
        try:
            answers.append(k.layers.Dense(**arguments).units)
        except (TypeError, ValueError) as error:
            answers.append(type(error))
    assert answers[1] == answers[0]


def test_bad_inputs(pair):
    for k in pair:
        layer = k.layers.Dense(3)
        layer(tf.ones([2, 4]))
        for x in (tf.ones([4]), tf.ones([2, 5])):
            with pytest.raises(ValueError, match="layer"):
                layer(x)
        with pytest.raises(ValueError):  # noqa: PT011 because the sentences differ
            k.layers.Dense(3).build((None, None))
    with pytest.raises(TypeError, match="dtype of Dense must be a float dtype, got int32"):
        keras2.layers.Dense(2, dtype="int32").build((None, 2))
    for name, value in [("lora_rank", 2), ("lora_alpha", 2), ("quantization_config", "int8")]:
        with pytest.raises(ValueError, match=f"{name} must be None"):
            keras3.layers.Dense(2, **{name: value})


def test_our_objects_work_in_official_layers_and_official_ones_in_ours(pair):
    official, ours = pair
    layers = []
    for k, parts in ((official, ours), (ours, official)):
        layer = k.layers.Dense(
            3,
            activation=parts.activations.relu,
            kernel_initializer=parts.initializers.GlorotUniform(0),
            kernel_constraint=parts.constraints.MaxNorm(),
            kernel_regularizer=parts.regularizers.L2(0.1),
            activity_regularizer=parts.regularizers.L1(0.1),
        )
        y = layer(tf.ones([2, 4]))
        layers.append((layer, bits(y), [bits(tf.convert_to_tensor(x)) for x in layer.losses]))
    assert layers[1][1] == layers[0][1]
    assert sorted(layers[1][2]) == sorted(layers[0][2])
    kernel = tf.ones([4, 3]) * 9
    constrained = [layer.kernel_constraint(kernel) for layer, *_ in layers]
    assert bits(constrained[1]) == bits(constrained[0])


REPLICAS = """
import importlib, json, tensorflow as tf, traceback
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

def replicated(module, aggregation, synchronization, dtype):
    k = importlib.import_module(module)
    if module == "impl.keras2":
        aggregation = tf.VariableAggregation[aggregation]
    more = {"synchronization": tf.VariableSynchronization[synchronization]} if synchronization else {}
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        layer = k.layers.Dense(2, kernel_initializer="ones", dtype=dtype)
        layer.build((None, 3))
        total = k.layers.Layer().add_weight(
            shape=(), initializer="zeros", trainable=False, aggregation=aggregation, **more
        )
    @tf.function
    def step():
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        total.assign_add(tf.cast(number + 1, tf.float32))
        return layer(tf.ones([2, 3]))
    values = strategy.experimental_local_results(strategy.run(step))
    return [v.numpy().tolist() for v in values], float(total.numpy())

found = []
for asked in json.loads(input()):
    try:
        found.append(replicated(*asked))
    except Exception:
        found.append(traceback.format_exc()[-2000:])
print(json.dumps(found))
"""
AGGREGATIONS = [
    ("impl.keras3", "sum", "", 3.0),
    ("impl.keras3", "mean", "", 1.5),
    ("impl.keras3", "only_first_replica", "", 1.0),
    ("impl.keras2", "SUM", "", 3.0),
    ("impl.keras2", "SUM", "ON_READ", 3.0),
]
POLICIES = ["float32", "mixed_bfloat16"]


@pytest.fixture(scope="module")
def replicated():
    """What each gives, in one process: another than this one, whose devices are set already."""
    asked = [(*row[:3], dtype) for row in AGGREGATIONS for dtype in POLICIES]
    done = subprocess.run(
        [sys.executable, "-c", REPLICAS],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("dtype", POLICIES)
@pytest.mark.parametrize(("module", "aggregation", "synchronization", "total"), AGGREGATIONS)
def test_replicas_share_weights_and_aggregate(
    module, aggregation, synchronization, total, dtype, replicated
):
    rows = [[3.0, 3.0], [3.0, 3.0]]
    assert replicated[module, aggregation, synchronization, dtype] == [[rows, rows], total]


def test_given_weights_are_set_once_and_not_by_each_traced_call() -> None:
    layer = keras2.layers.Dense(1, use_bias=False, weights=[np.ones((2, 1), "float32")])
    call, x = tf.function(layer), tf.ones((1, 2))
    assert call(x).numpy().item() == 2.0
    layer.set_weights([np.full((2, 1), 3.0, "float32")])
    assert call(x).numpy().item() == 6.0
