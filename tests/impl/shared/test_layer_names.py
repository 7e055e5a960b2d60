"""Names of layers and of their weights, in both dialects."""

import tensorflow as tf

import impl.keras2 as keras2
import impl.keras3 as keras3


def test_names_are_those_of_official(pair):
    seen = []
    for k in pair:

        class MyLay2D(k.layers.Layer):
            pass

        class _Private(k.layers.Layer):
            pass

        class HTTPGet(k.layers.Layer):
            pass

        first, second = MyLay2D().name, MyLay2D().name
        seen.append((first, second, _Private().name, HTTPGet().name, MyLay2D(name="x").name))
    assert seen[1] == seen[0]


def test_names_begin_again_after_clear_session(ours):
    clear = ours.utils.clear_session if ours is keras3 else ours.backend.clear_session
    clear()
    assert [ours.layers.Dense(1).name for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    clear()
    assert ours.layers.Dense(1).name == "dense"


def test_names_of_weights_that_nested_layers_make(ours):
    class Outer(ours.layers.Layer):
        def build(self, shape):
            self.k = self.add_weight(name="k", shape=(shape[-1],))
            self.inner = ours.layers.Dense(2, name="inner")

        def call(self, x):
            return self.inner(x)

    layer = Outer(name="outer")
    if ours is keras2:
        layer(tf.ones([2, 3]))
        assert [w.name for w in layer.weights] == [
            "outer/k:0",
            "outer/inner/kernel:0",
            "outer/inner/bias:0",
        ]
    else:
        layer.build((2, 3))
        layer.inner.build((2, 3))
        assert [w.path for w in layer.weights] == ["outer/k", "inner/kernel", "inner/bias"]
        assert ours.layers.Layer(name="q").add_weight(name="w").path == "q/w"
        assert layer.path == "outer"
