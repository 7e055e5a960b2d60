"""`Sequential` and what trains it: weights and losses of `fit` against official Keras, bit for bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import impl.keras2 as keras2
import impl.keras3 as keras3

X = np.sin(np.arange(30.0) * 1.3).reshape(10, 3).astype("float32")
REAL = np.cos(np.arange(20.0) * 2.1).reshape(10, 2).astype("float32")
CLASSES = np.arange(10) * 7 % 3


def model_of(k, outputs=2, activation=None, **first):
    layers = [
        k.Input((3,)),
        k.layers.Dense(4, activation="tanh", **first),
        k.layers.Dense(outputs, activation=activation),
    ]
    return k.Sequential(layers)


def twins(pair, **arguments):
    models = [model_of(k, **arguments) for k in pair]
    for model in models:
        model.set_weights([np.sin(np.arange(v.size)).reshape(v.shape) for v in model.get_weights()])
    return models


def compiled(k, model, optimizer, loss, **arguments):
    name, settings = optimizer
    if loss == "logits":
        loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=getattr(k.optimizers, name)(**settings), loss=loss, **arguments)


OPTIMIZERS = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {"learning_rate": 0.01}),
}
LOSSES = {
    "mse": ("mse", REAL, {"outputs": 2}),
    "probabilities": (
        "sparse_categorical_crossentropy",
        CLASSES,
        {"outputs": 3, "activation": "softmax"},
    ),
    "logits": ("logits", CLASSES, {"outputs": 3}),
}


# Each pair of a loss and an optimizer once, of a loss and penalties, and of an optimizer and penalties.
TRAJECTORIES = [
    (optimizer, case, (row + column) % 2 == 1)
    for row, optimizer in enumerate(OPTIMIZERS)
    for column, case in enumerate(LOSSES)
]


@pytest.mark.parametrize(("optimizer", "case", "penalties"), TRAJECTORIES)
def test_trajectories_have_the_bits_of_official(pair, optimizer, case, penalties):
    loss, y, arguments = LOSSES[case]
    if penalties:
        arguments = arguments | {"kernel_regularizer": "l2", "kernel_constraint": "max_norm"}
    seen = []
    for k, model in zip(pair, twins(pair, **arguments), strict=True):
        compiled(k, model, OPTIMIZERS[optimizer], loss)
        history = model.fit(X, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
        weights = [w.tobytes() for w in model.get_weights()]
        seen.append([weights, history.history])
        if optimizer == "sgd":  # what is made of weights does not depend on who trained them
            score = model.evaluate(X, y, verbose=0)
            seen[-1] += [score, model.predict(X, verbose=0).tobytes()]
    assert seen[1] == seen[0]


def test_activity_penalties_and_several_penalties_enter_the_loss(pair):
    arguments = {
        "kernel_regularizer": "l2",
        "bias_regularizer": "l1",
        "activity_regularizer": "l2",
    }
    seen = []
    for k, model in zip(pair, twins(pair, **arguments), strict=True):
        compiled(k, model, OPTIMIZERS["sgd"], "mse")
        history = model.fit(X, REAL, batch_size=4, epochs=3, shuffle=False, verbose=0)
        seen.append(([w.tobytes() for w in model.get_weights()], history.history["loss"]))
    assert seen[1][0] == seen[0][0]
    if pair[0] is keras:
        assert seen[1][1] == seen[0][1]
    else:
        # tf_keras adds the penalties in another order: the weights do not notice, the sum may.
        np.testing.assert_allclose(seen[1][1], seen[0][1], rtol=2**-21)


def test_metrics_and_validation(pair):
    seen = []
    for k, model in zip(pair, twins(pair), strict=True):
        compiled(k, model, OPTIMIZERS["sgd"], "mse", metrics=["mae", "mse"])
        history = model.fit(
            X,
            REAL,
            batch_size=4,
            epochs=2,
            shuffle=False,
            verbose=0,
            validation_data=(X[:5], REAL[:5]),
        )
        seen.append(history.history)
        named = model.evaluate(X, REAL, verbose=0, return_dict=True)
        assert list(named) == ["loss", "mae", "mse"]
        assert model.evaluate(X, REAL, verbose=0) == list(named.values())
    assert list(seen[1]) == list(seen[0])
    for name, values in seen[0].items():
        np.testing.assert_allclose(seen[1][name], values, rtol=2**-20)


def test_accuracy(pair):
    seen = []
    for k, model in zip(pair, twins(pair, **LOSSES["probabilities"][2]), strict=True):
        compiled(k, model, OPTIMIZERS["adam"], LOSSES["probabilities"][0], metrics=["accuracy"])
        model.fit(X, CLASSES, batch_size=4, epochs=2, shuffle=False, verbose=0)
        seen.append(model.evaluate(X, CLASSES, verbose=0)[1])
    assert seen[1] == pytest.approx(seen[0], rel=2**-20)


DATA = {
    "an array": (X, REAL),
    "one array in a list": ([X], [REAL]),
    "one array in a tuple": ((X,), (REAL,)),
    "numbers": (X.tolist(), REAL.tolist()),
    "numbers in tuples": (tuple(map(tuple, X.tolist())), REAL.tolist()),
    "numbers beside an array": (X.tolist(), REAL),
    "an array beside numbers": (X, REAL.tolist()),
    "text": ("abc", REAL),
    "a number": (3.0, REAL),
    "a number beside an array": (X, 3.0),
    "samples of other lengths": ([X[0]], [REAL[0]]),
}


@pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning")
@pytest.mark.parametrize("name", DATA)
def test_what_is_taken_as_data(pair, name):
    """As official Keras: the same loss, or a ValueError from both."""
    found = []
    for k, model in zip(pair, twins(pair), strict=True):
        compiled(k, model, OPTIMIZERS["sgd"], "mse")
        try:
            found.append(float(model.evaluate(*DATA[name], verbose=0)))
        except ValueError:
            found.append(None)
    assert found[1] == (None if found[0] is None else pytest.approx(found[0], rel=2**-20))


def test_one_step_is_traced_once(ours):
    traces = []

    class Spy(ours.layers.Layer):
        def call(self, x, training=None):
            traces.append(training)
            return x

    model = ours.Sequential([ours.Input((3,)), Spy(), ours.layers.Dense(2)])
    model.compile("sgd", "mse")
    traces.clear()
    model.fit(X[:8], REAL[:8], batch_size=4, epochs=5, verbose=0)
    assert traces == [True]
    model.evaluate(X[:8], REAL[:8], batch_size=4, verbose=0)
    assert traces == [True, False]


def test_constraints_hold_after_each_step_of_a_compiled_fit():
    class Kernels(keras2.layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight(
                name="kernel",
                shape=(3, 3, 1, 2),
                constraint=keras2.constraints.RadialConstraint(),
            )

        def call(self, x):
            return tf.nn.conv2d(x, self.kernel, 1, "SAME")

    model = keras2.Sequential([Kernels()])
    model.compile(keras2.optimizers.SGD(0.1), "mse")
    images = np.sin(np.arange(100.0)).reshape(4, 5, 5, 1).astype("float32")
    model.fit(images, np.zeros([4, 5, 5, 2], "float32"), batch_size=2, epochs=2, verbose=0)
    kernel = model.layers[0].kernel.numpy()
    ring = kernel.reshape(9, 2)[[0, 1, 2, 3, 5, 6, 7, 8]]
    assert (ring == ring[0]).all()
    assert not (kernel[1, 1] == ring[0]).all()


def test_frozen_layers_stay_as_they_are(ours):
    model = model_of(ours)
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(X, REAL, verbose=0)
    changed = [not (a == b).all() for a, b in zip(before, model.get_weights(), strict=True)]
    names = [w.name.split("/")[-1] for w in model.trainable_weights]
    assert len(names) == 2
    assert sum(changed) == 2


def test_shuffling_follows_the_generator_of_numpy(ours):
    results = []
    for seed in (1, 1, 2):
        model = model_of(ours)
        model.set_weights([np.ones_like(w) for w in model.get_weights()])
        model.compile("sgd", "mse")
        np.random.seed(seed)
        model.fit(X, REAL, batch_size=3, epochs=2, verbose=0)
        results.append(model.get_weights()[0].tobytes())
    assert results[0] == results[1] != results[2]


def test_datasets_eager_steps_and_single_batches(ours):
    weights = []
    data = tf.data.Dataset.from_tensor_slices((X, REAL)).batch(4)
    for eager in (False, True):
        model = model_of(ours)
        model.set_weights([np.ones_like(w) for w in model.get_weights()])
        model.compile("sgd", "mse", run_eagerly=eager)
        history = model.fit(data, epochs=2, verbose=0)
        assert history.epoch == [0, 1]
        assert history.params["steps"] == 3
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    before = model.test_on_batch(X, REAL)
    assert model.train_on_batch(X, REAL) == before
    assert model.test_on_batch(X, REAL) < before


def test_progress(ours, capsys):
    model = model_of(ours)
    model.compile("sgd", "mse")
    model.fit(X, REAL, batch_size=4, epochs=2, verbose=0)
    assert capsys.readouterr().out == ""
    model.fit(X, REAL, batch_size=4, epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["Epoch", "3/3", "Epoch", "3/3"]
    assert "loss: " in lines[1]
    model.evaluate(X, REAL, batch_size=4)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("\r1/3 - ")
    assert "\r3/3 - " in out


def test_configurations_make_the_model_again(ours):
    model = model_of(ours, activation="softmax", kernel_regularizer="l2")
    again = ours.Sequential.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    assert again.predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()


def test_configurations_are_those_of_official(pair):
    configs = []
    for k in pair:
        layers = [k.Input((3,), name="i"), k.layers.Dense(4, name="a"), k.layers.Dense(2, name="b")]
        configs.append(k.Sequential(layers, name="s").get_config())
    assert configs[1] == configs[0]


def test_layers_are_added_and_taken_out(pair):
    for k in pair:
        model = k.Sequential()
        model.add(k.layers.Dense(2, name="a"))
        assert not model.built
        model.build((None, 3))
        model.add(k.layers.Dense(4, name="b"))
        assert model.output_shape == (None, 4) if k in (keras2, keras3) else True
        with pytest.raises(ValueError, match="b"):
            model.add(k.layers.Dense(1, name="b"))
        with pytest.raises((TypeError, ValueError)):
            model.add(3)
        model.pop()
        model.pop()
        assert model.layers == []
        with pytest.raises((IndexError, TypeError)):
            model.pop()


def test_bad_arguments(pair):
    kinds = []
    for k in pair:
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
        with pytest.raises((RuntimeError, ValueError)) as caught:
            model.fit(X, REAL, verbose=0)
        with pytest.raises(ValueError, match="nothing"):
            model.compile(optimizer="nothing", loss="mse")
        with pytest.raises(TypeError if k is tf_keras or k is keras2 else ValueError):
            model.add(3)
        kinds.append(caught.type)
    assert kinds[1] is kinds[0]


def test_optimizer_of_the_user_by_name(pair):
    for k in pair:
        mine = type("Mine", (k.optimizers.SGD,), {})
        with k.utils.custom_object_scope({"Mine": mine}):
            assert type(k.optimizers.get("Mine")) is mine


def test_our_bad_arguments(ours):
    model = model_of(ours)
    with pytest.raises(ValueError, match="rmsprop"):  # the default, which is not here
        model.compile(loss="mse")
    with pytest.raises(ValueError, match="nothing"):
        model.compile("sgd", loss="nothing")
    model.compile("sgd", metrics=["nothing"])  # as in official Keras, which shows it later
    with pytest.raises(ValueError, match="nothing"):
        model.evaluate(X, REAL, verbose=0)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="as many samples, got 10 and 9"):
        model.fit(X, REAL[:9], verbose=0)
    with pytest.raises(ValueError, match=r"momentum must be from 0 to 1, got 2\.0"):
        ours.optimizers.SGD(momentum=2.0)
    with pytest.raises(ValueError, match="reduction must be"):
        ours.losses.MeanSquaredError(reduction="nothing")
    with pytest.raises(ValueError, match="shape"):
        ours.layers.InputLayer()


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
def test_losses_by_themselves(pair, reduction):
    seen = []
    for k in pair:
        square = k.losses.MeanSquaredError(reduction=reduction)
        entropy = k.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction)
        plain = k.losses.SparseCategoricalCrossentropy(reduction=reduction)
        weights = np.arange(10, dtype="float32")
        probabilities = tf.nn.softmax(X)
        seen.append(
            [
                square(REAL, X[:, :2]).numpy().tobytes(),
                square(REAL, X[:, :2], sample_weight=weights).numpy().tobytes(),
                entropy(CLASSES, X).numpy().tobytes(),
                entropy(CLASSES[:, None], X).numpy().tobytes(),
                plain(CLASSES, probabilities).numpy().tobytes(),
            ]
        )
    assert seen[1] == seen[0]


def test_a_checkpoint_of_a_model_in_training_goes_on_where_it_was(ours, tmp_path):
    def fresh():
        model = model_of(ours)
        model.compile(ours.optimizers.Adam(0.1), "mse")
        model.optimizer.build(model.trainable_weights)
        return model

    model = fresh()
    model.fit(X, REAL, epochs=2, shuffle=False, verbose=0)
    path = tf.train.Checkpoint(model=model).save(str(tmp_path / "checkpoint"))
    model.fit(X, REAL, epochs=2, shuffle=False, verbose=0)
    other = fresh()
    tf.train.Checkpoint(model=other).restore(path).assert_existing_objects_matched()
    other.fit(X, REAL, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_mixed_precision_trains_float32_weights(ours):
    policy = "mixed_bfloat16"
    layers = [ours.layers.Dense(4, activation="relu", dtype=policy), ours.layers.Dense(2)]
    model = ours.Sequential(layers)
    model.compile(ours.optimizers.SGD(0.1), "mse")
    history = model.fit(X, REAL, epochs=5, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert {w.dtype for w in model.weights} == {tf.float32}
