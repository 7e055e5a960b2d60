"""`Layer` in both dialects: what official Keras is seen to do, point by point, and errors."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import impl.keras2 as keras2
import impl.keras3 as keras3
from impl.shared.variables import AutocastVariable

PAIRS = {"keras2": (tf_keras, keras2), "keras3": (keras, keras3)}


@pytest.fixture(params=PAIRS)
def pair(request):
    return PAIRS[request.param]


@pytest.fixture(params=[keras2, keras3], ids=["keras2", "keras3"])
def ours(request):
    return request.param


def names(weights):
    return [w.name.split(":")[0].split("/")[-1] for w in weights]


def numbers(tensors):
    return [float(x) for x in tensors]


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


def test_the_shape_of_outputs_is_found_by_a_trace_in_keras2():
    class Twice(keras2.layers.Layer):
        def call(self, x):
            return tf.concat([x, x], -1)

    assert Twice().compute_output_shape((None, 3)) == (None, 6)
    with pytest.raises(NotImplementedError, match="compute_output_shape"):
        keras3.layers.Layer().compute_output_shape((None, 3))


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


def test_a_layer_builds_inside_a_graph(ours):
    layer = ours.layers.Dense(3)
    traced = tf.function(layer)
    x = tf.ones([2, 4])
    assert traced(x).numpy().tobytes() == layer(x).numpy().tobytes()
    assert len(layer.weights) == 2
