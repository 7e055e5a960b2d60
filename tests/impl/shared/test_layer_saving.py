"""Layers saved and loaded: configurations, records, checkpoints, saved models."""

import pytest
import tensorflow as tf


def test_configurations_of_subclasses_are_those_of_official(pair):
    seen = []
    for k in pair:

        class Given(k.layers.Layer):
            def __init__(self, units, scale=2, **kwargs):
                super().__init__(**kwargs)
                self.units = units

        class Saved(Given):
            def get_config(self):
                return {**super().get_config(), "units": self.units}

        seen.append(
            [
                k.layers.Layer(name="l").get_config(),
                k.layers.Layer(name="l", trainable=False, dtype="float64").get_config(),
                Given(3, name="l", dtype="float16").get_config(),
                Given(3, [1, (2,)], name="l", autocast=False).get_config(),
                Given(3, name="l", activity_regularizer="l2").get_config(),
                Saved(3, name="l").get_config(),
                Saved.from_config(Saved(3, name="l").get_config()).get_config(),
            ]
        )
        with pytest.raises(NotImplementedError):
            Given(object()).get_config()
    assert seen[1] == seen[0]


def test_layers_are_saved_and_loaded(pair):
    official, ours = pair
    records = []
    for k in pair:
        layer = k.layers.Dense(
            3,
            activation="relu",
            name="d",
            kernel_regularizer="l1",
            bias_constraint="non_neg",
            bias_regularizer=k.regularizers.L1L2(0.5, 0.25),
        )
        records.append(k.layers.serialize(layer))
        layer(tf.ones([2, 4]))
        records.append(k.layers.serialize(layer))
    assert records[2:] == records[:2]
    again = ours.layers.deserialize(records[1])
    assert ours.layers.serialize(again)["config"] == records[1]["config"]
    assert again.built == official.layers.deserialize(records[1]).built


def test_custom_layers_are_saved_and_loaded(ours):
    class Double(ours.layers.Layer):
        def call(self, x):
            return 2 * x

    record = ours.layers.serialize(Double(name="two"))
    assert record["registered_name"] == "Double"
    with pytest.raises((TypeError, ValueError), match="Double"):
        ours.layers.deserialize(record)
    loaded = ours.layers.deserialize(record, custom_objects={"Double": Double})
    assert loaded(tf.ones(1)).numpy().tolist() == [2]
    with ours.utils.custom_object_scope({"Double": Double}):
        assert ours.layers.deserialize(record).name == "two"


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_checkpoints_restore_bit_for_bit(ours, dtype, tmp_path):
    class Outer(ours.layers.Layer):
        def __init__(self):
            super().__init__(dtype=dtype)
            self.stack = [ours.layers.Dense(3, dtype=dtype), ours.layers.Dense(2, dtype=dtype)]

        def call(self, x):
            return self.stack[1](self.stack[0](x))

    x = tf.ones([2, 4])
    saved, restored = Outer(), Outer()
    y = saved(x)
    restored(x)
    path = tf.train.Checkpoint(layer=saved).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(layer=restored).restore(path).assert_consumed()
    for a, b in zip(saved.get_weights(), restored.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    assert restored(x).numpy().tobytes() == y.numpy().tobytes()


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_saved_models_give_the_same_outputs(ours, dtype, tmp_path):
    layer = ours.layers.Dense(3, activation="relu", dtype=dtype)
    x = tf.ones([2, 4])
    y = layer(x)
    layer.serve = tf.function(layer, input_signature=[tf.TensorSpec([None, 4])])
    tf.saved_model.save(layer, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    assert loaded.serve(x).numpy().tobytes() == y.numpy().tobytes()
