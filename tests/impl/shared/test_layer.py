"""`Layer` in both dialects: calls, nested layers, losses, and what a subclass forgets."""

import threading

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.layers import names, numbers

import impl.keras2 as keras2
import impl.keras3 as keras3


def nest_of(k):
    """Layers in an attribute, a list and a dict, with weights, penalties and losses of calls."""

    class Inner(k.layers.Layer):
        def __init__(self, tag, **kwargs):
            super().__init__(**kwargs)
            self.number = "abc".index(tag)
            self.n = self.add_weight(name=tag + "n", shape=(), trainable=False, initializer="zeros")
            self.t = self.add_weight(
                name=tag + "t", shape=(), initializer="zeros", regularizer=self.penalty
            )

        def penalty(self, w):
            return w + 1.0 + self.number

        def call(self, x):
            self.add_loss(tf.constant(10.0 * self.number))
            return x

    class Outer(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.n = self.add_weight(name="on", shape=(), trainable=False, initializer="zeros")
            self.a = Inner("a")
            self.some = [Inner("b")]
            self.named = {"key": Inner("c")}
            self.t = self.add_weight(
                name="ot", shape=(), initializer="zeros", regularizer=lambda w: w + 7.0
            )

        def call(self, x):
            self.add_loss(tf.constant(99.0))
            self.a(x)
            self.a(x)
            return self.named["key"](self.some[0](x))

    return Outer()


def state(layer):
    return (
        names(layer.weights),
        names(layer.variables),
        names(layer.trainable_weights),
        names(layer.non_trainable_weights),
        numbers(layer.losses),
    )


def test_order_of_weights_and_losses_of_nested_layers(pair):
    seen = []
    for k in pair:
        layer = nest_of(k)
        steps = [state(layer)]
        layer(tf.ones([2, 2]))
        steps += [state(layer), numbers(layer.a.losses)]
        layer(tf.ones([2, 2]))
        steps.append(state(layer))
        layer.a(tf.ones([2, 2]))
        steps.append(state(layer))
        layer.trainable = False
        steps += [state(layer), layer.a.trainable, layer.some[0].trainable]
        layer.a.trainable = True
        steps += [state(layer), state(layer.a)]
        layer.trainable, layer.a.trainable = True, False
        steps.append(state(layer))
        seen.append(steps)
    assert seen[1] == seen[0]


def test_calls_get_what_official_calls_get(pair):
    seen = []
    for k in pair:
        log = []

        class Spy(k.layers.Layer):
            def call(self, x, y=None, training=None, mask=None, log=log):
                log.append((x.dtype.name, str(getattr(y, "dtype", y)), training, mask is None))
                return x

        class Outer(k.layers.Layer):
            def __init__(self, make=Spy):
                super().__init__()
                self.inner = make()
                self.told = make()

            def call(self, x, training=None):
                self.inner(x)
                return self.told(x, training=not training)

        class Unaware(k.layers.Layer):
            def __init__(self, make=Spy):
                super().__init__()
                self.inner = make()

            def call(self, x):
                return self.inner(x)

        masked = tf.ones([2, 3])
        masked._keras_mask = tf.constant([True, False])
        layer = Spy()
        layer.built = True  # official Keras 3 traces an unbuilt layer first
        layer.supports_masking = True
        layer(np.ones([2, 3]))
        layer(tf.ones(2, tf.float64), tf.ones(3, tf.float64))
        layer(tf.ones(2, tf.int32), training=True)
        layer(masked)
        for arguments in ({"autocast": False}, {"dtype": "float64"}, {"dtype": "mixed_float16"}):
            layer = Spy(**arguments)
            layer.built = True
            layer(tf.ones(2))
            layer(tf.ones(2, tf.float64))
            layer(np.ones(2))
        log += ["training"]
        for make in (Outer, Unaware):
            for value in (None, True, False):
                layer = make()
                count = len(log)
                layer(tf.ones(2))
                del log[count:]
                log.append(make.__name__)
                layer(tf.ones(2), training=value)
        seen.append(log)
    assert seen[1] == seen[0]


def test_masks_go_on_where_they_are_supported(ours):
    class Mask(ours.layers.Layer):
        def call(self, x):
            return x + 1

    x, mask = tf.ones([2, 3]), tf.constant([True, False])
    x._keras_mask = mask
    layer = Mask()
    layer.supports_masking = True
    assert layer(x)._keras_mask is mask
    assert ours.layers.Dense(2)(x)._keras_mask is mask
    assert layer.compute_mask(x, mask) is mask
    plain = Mask()
    if ours is keras3:
        with pytest.warns(UserWarning, match="does not support masking"):
            y = plain(x)
    else:
        y = plain(x)
        with pytest.raises(TypeError, match="does not support masking"):
            plain.compute_mask(x, mask)
    assert not hasattr(y, "_keras_mask")


def test_the_scope_of_a_call_ends_with_an_error_and_is_of_one_thread(ours):
    class Fails(ours.layers.Layer):
        def call(self, x, training=None):
            raise KeyError("no")

    class Spy(ours.layers.Layer):
        def call(self, x, training=None):
            seen.append(training)
            return x

    class Waits(ours.layers.Layer):
        def call(self, x, training=None):
            thread = threading.Thread(target=lambda: Spy()(x))
            thread.start()
            thread.join()
            return x

    seen = []
    with pytest.raises(KeyError):
        Fails(dtype="mixed_float16")(tf.ones(2), training=True)
    Spy()(tf.ones(2))
    Waits()(tf.ones(2), training=True)
    assert seen == [None, None]


BAD_LAYERS = {
    "keyword": {"shade": 1},
    "name": {"name": 1},
    "trainable": {"trainable": "yes"},
    "dtype": {"dtype": "float3"},
}


@pytest.mark.parametrize("arguments", BAD_LAYERS.values(), ids=BAD_LAYERS)
def test_bad_layers_are_the_errors_of_official(pair, arguments):
    kinds = []
    for k in pair:
        with pytest.raises((TypeError, ValueError)) as caught:
            k.layers.Layer(**arguments)
        kinds.append(caught.type)
    assert kinds[1] is kinds[0]
    assert str(next(iter(arguments.values()))) in str(caught.value) or "shade" in str(caught.value)


def test_activity_penalties_are_divided_by_the_batch_size(pair):
    x = np.sin(np.arange(21.0)).reshape(7, 3)
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        values = []
        for k in pair:

            class Identity(k.layers.Layer):
                def call(self, x):
                    return x

            layer = Identity(activity_regularizer=k.regularizers.L2(0.3), dtype=dtype)
            layer(tf.cast(tf.constant(x), dtype))
            assert len(layer.losses) == 1
            values.append(layer.losses[0])
        assert values[1].dtype == values[0].dtype
        assert values[1].numpy() == values[0].numpy()


def test_what_add_loss_takes(ours):
    class Adds(ours.layers.Layer):
        def __init__(self, loss):
            super().__init__()
            self.kept = lambda: loss

        def call(self, x):
            self.add_loss(self.kept())
            return x

    layer = Adds([tf.constant(1.0), tf.constant(2.0)])
    layer(tf.ones(2))
    assert numbers(layer.losses) == [1, 2]
    if ours is keras3:
        with pytest.raises(ValueError, match=r"loss must be a tensor, got 3\.0"):
            Adds(3.0)(tf.ones(2))
    else:
        layer = Adds(3.0)
        layer(tf.ones(2))
        layer.add_loss(lambda: 4.0)
        assert numbers(layer.losses) == [3, 4]


def test_what_a_subclass_forgets(ours):
    class NoInit(ours.layers.Layer):
        def __init__(self):
            self.units = 3

    with pytest.raises(RuntimeError, match=r"must call super\(\).__init__\(\) first"):
        NoInit()(tf.ones(2))
    if ours is keras3:
        with pytest.raises(NotImplementedError, match=r"must define call\(\)"):
            keras3.layers.Layer()(tf.ones(2))
        with pytest.raises(ValueError, match="must be tensors"):
            keras3.layers.Dense(2)([[1.0]])
    else:
        with pytest.raises(ValueError, match="first argument"):
            keras2.layers.Dense(2)()


def test_a_layer_builds_inside_a_graph(ours):
    layer = ours.layers.Dense(3)
    traced = tf.function(layer)
    x = tf.ones([2, 4])
    assert traced(x).numpy().tobytes() == layer(x).numpy().tobytes()
    assert len(layer.weights) == 2
