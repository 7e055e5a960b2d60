"""Inputs of layers: what `InputSpec` accepts, several inputs, shapes."""

import pytest
import tensorflow as tf

import impl.keras2 as keras2
import impl.keras3 as keras3


def test_input_specifications(pair):
    specs = [
        {"ndim": 2},
        {"min_ndim": 2},
        {"max_ndim": 2},
        {"shape": (None, 3)},
        {"axes": {-1: 3}},
        {"axes": {0: 2, 1: None}},
        {"dtype": "int32"},
    ]
    inputs = [tf.ones([2, 3]), tf.ones([2, 4]), tf.ones([3]), tf.ones([3, 3, 3])]
    seen = []
    for k in pair:

        class Identity(k.layers.Layer):
            def call(self, x):
                return x

        results = []
        for arguments in specs:
            spec = k.layers.InputSpec(**arguments)
            results += [repr(spec), spec.get_config()["axes"]]
            for x in inputs:
                layer = Identity()
                layer.input_spec = spec
                try:
                    layer(x)
                    results.append("accepted")
                except (ValueError, IndexError):
                    results.append("rejected")
        seen.append(results)
    assert seen[1] == seen[0]


def test_bad_input_specifications(pair):
    for k in pair:
        with pytest.raises(TypeError, match="must be a dict"):
            k.layers.InputSpec(axes="a")
        with pytest.raises(ValueError, match="3"):
            k.layers.InputSpec(ndim=2, axes={3: 1})


def test_several_inputs_and_specifications(ours):
    class Two(ours.layers.Layer):
        def build(self, shape):
            self.seen = [tuple(s) for s in shape]

        def call(self, x):
            return x[0]

    layer = Two()
    layer.input_spec = [ours.layers.InputSpec(ndim=2), ours.layers.InputSpec(ndim=1)]
    layer([tf.ones([2, 3]), tf.ones([1])])
    assert [tuple(s) for s in layer.seen] == [(2, 3), (1,)]
    with pytest.raises(ValueError, match="must be given 2 inputs, got 1"):
        layer(tf.ones([2, 3]))
    with pytest.raises(ValueError, match="must have rank 1"):
        layer([tf.ones([2, 3]), tf.ones([1, 1])])


def test_shapes_of_two_arguments_in_keras3():
    class Two(keras3.layers.Layer):
        def build(self, x_shape, y_shape):
            self.seen = (x_shape, y_shape)

        def call(self, x, y):
            return x

    layer = Two()
    layer(tf.ones([2, 3]), tf.ones([4]))
    assert tuple(map(tuple, layer.seen)) == ((2, 3), (4,))


def test_the_shape_of_outputs_is_found_by_a_trace_in_keras2():
    class Twice(keras2.layers.Layer):
        def call(self, x):
            return tf.concat([x, x], -1)

    assert Twice().compute_output_shape((None, 3)) == (None, 6)
    with pytest.raises(NotImplementedError, match="compute_output_shape"):
        keras3.layers.Layer().compute_output_shape((None, 3))
