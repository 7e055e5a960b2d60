"""Weights of layers: how they are made, what they begin as, and how they are set."""

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.layers import names, numbers

import impl.keras2 as keras2
import impl.keras3 as keras3


def test_weights_have_every_documented_argument():
    layer = keras3.layers.Layer(name="q")
    w = layer.add_weight(
        shape=(2, 2),
        initializer="ones",
        dtype="float64",
        trainable=False,
        autocast=False,
        regularizer="l2",
        constraint="non_neg",
        aggregation="mean",
        name="w",
    )
    assert (w.dtype, w.trainable, w.path) == (tf.float64, False, "q/w")
    assert w.numpy().tolist() == [[1, 1], [1, 1]]
    assert isinstance(w.constraint, keras3.constraints.NonNeg)
    assert isinstance(w.regularizer, keras3.regularizers.L2)
    assert w.aggregation == tf.VariableAggregation.MEAN
    assert layer.losses == []  # official Keras 3 has no penalty on weights that are not trained
    layer = keras2.layers.Layer()
    w = layer.add_weight(
        name="w",
        shape=(2,),
        dtype="float64",
        initializer="ones",
        regularizer="l2",
        trainable=None,
        constraint="non_neg",
        use_resource=True,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM,
        experimental_autocast=False,
    )
    assert (w.name, w.dtype, w.trainable) == ("w:0", tf.float64, False)
    assert w.synchronization == tf.VariableSynchronization.ON_READ
    assert numbers(layer.losses) == [pytest.approx(0.02)]


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_weights_begin_as_documented(pair, dtype):
    official, ours = (k.layers.Layer().add_weight(shape=(3, 2), dtype=dtype) for k in pair)
    assert tf.as_dtype(ours.dtype) == tf.as_dtype(official.dtype)
    assert ours.numpy().any() == official.numpy().any()
    assert len(set(ours.numpy().ravel())) == (6 if dtype == "float32" else 1)


BAD_WEIGHTS = {
    "open shape": {"shape": (None, 2)},
    "negative size": {"shape": (-3,)},
    "number as shape": {"shape": 3},
    "initializer": {"shape": (3,), "initializer": "nothing"},
    "constraint": {"shape": (3,), "constraint": "nothing"},
    "dtype": {"shape": (3,), "dtype": "float3"},
    "aggregation": {"shape": (3,), "aggregation": "nothing"},
    "keyword": {"shape": (3,), "shade": 3},
    "name": {"shape": (3,), "name": 3},
}


@pytest.mark.parametrize("arguments", BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_bad_weights_are_the_errors_of_official(pair, arguments):
    kinds = []
    for k in pair:
        with pytest.raises((TypeError, ValueError)) as caught:
            k.layers.Layer().add_weight(**arguments)
        kinds.append(caught.type)
    assert kinds[1] is kinds[0]


def test_more_bad_weights():
    with pytest.raises(ValueError, match="name must be a string without '/'"):
        keras3.layers.Layer().add_weight(name="a/b")
    with pytest.raises(ValueError, match="trainable must be False or None"):
        keras2.layers.Layer().add_weight(
            "w", (), trainable=True, synchronization=tf.VariableSynchronization.ON_READ
        )
    with pytest.raises(ValueError, match="initializer must be given"):
        keras2.layers.Layer().add_weight("w", (), dtype="complex64")
    layer = keras3.layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(ValueError, match="the layer is built"):
        layer.add_weight(shape=())
    with pytest.raises(ValueError, match="the layer is built"):
        layer.more = keras3.layers.Dense(2)


def test_set_weights_checks_number_and_shapes_before_it_sets_anything(pair):
    for k in pair:
        layer = k.layers.Dense(3)
        layer(tf.ones([2, 4]))
        before = layer.get_weights()
        for bad in ([], [np.ones([4, 3])], [np.ones([4, 2]), np.ones(3)]):
            with pytest.raises(ValueError, match="weight"):
                layer.set_weights(bad)
        for value, old in zip(layer.get_weights(), before, strict=True):
            assert (value == old).all()
        assert layer.count_params() == 15
        with pytest.raises(ValueError, match="built"):
            k.layers.Dense(3).count_params()


def test_a_generator_is_a_variable_and_no_weight():
    layer = keras3.layers.Layer()
    layer.seeds = keras3.random.SeedGenerator(3)
    w = layer.add_weight(shape=())
    assert layer.weights == [w]
    assert [v.numpy().tolist() for v in layer.non_trainable_variables] == [[3, 0]]


def test_keras2_takes_new_layers_and_variables_at_any_time():
    layer = keras2.layers.Layer()
    layer.sub = [keras2.layers.Dense(1)]
    layer.loose = tf.Variable(1.0, name="loose")
    layer(tf.ones(2))
    for sub in layer.sub:
        sub.build((None, 1))
    layer.sub.append(layer.add_weight("w", ()))
    assert names(layer.weights) == ["w", "loose", "kernel", "bias"]


def test_initial_weights_in_keras2():
    layer = keras2.layers.Dense(1, weights=[np.ones([2, 1]), np.ones(1)])
    assert layer(tf.ones([1, 2])).numpy() == [[3]]
