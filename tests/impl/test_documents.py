"""The examples of the documents, as they stand there but for the import.

Sources: the pages about `Layer`, regularizers, constraints and initializers of Keras 3, and about
constraints of Keras 2. Where a page shows a value in a comment, it is asserted.
"""

import numpy as np
import pytest
import tensorflow as tf

import impl.keras3 as keras
from impl.keras2.constraints import max_norm as max_norm_of_keras2
from impl.keras3 import initializers, layers, ops, regularizers
from impl.keras3.constraints import max_norm
from impl.keras3.initializers import Identity
from impl.keras3.layers import Dense, Layer
from impl.keras3.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer


def test_layer_simple_dense():
    class SimpleDense(Layer):
        def __init__(self, units=32):
            super().__init__()
            self.units = units

        # Create the state of the layer (weights)
        def build(self, input_shape):
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units),
                initializer="glorot_uniform",
                trainable=True,
                name="kernel",
            )
            self.bias = self.add_weight(
                shape=(self.units,),
                initializer="zeros",
                trainable=True,
                name="bias",
            )

        # Defines the computation
        def call(self, inputs):
            return ops.matmul(inputs, self.kernel) + self.bias

    # Instantiates the layer.
    linear_layer = SimpleDense(4)

    # This will also call `build(input_shape)` and create the weights.
    y = linear_layer(ops.ones((2, 2)))
    assert len(linear_layer.weights) == 2

    # These weights are trainable, so they're listed in `trainable_weights`:
    assert len(linear_layer.trainable_weights) == 2
    expected = linear_layer.kernel.numpy().sum(0)
    np.testing.assert_allclose(y.numpy(), [expected, expected], rtol=1e-6)


def test_layer_compute_sum():
    class ComputeSum(Layer):
        def __init__(self, input_dim):
            super(ComputeSum, self).__init__()  # noqa: UP008 because the page has it so
            # Create a non-trainable weight.
            self.total = self.add_weight(
                shape=(),
                initializer="zeros",
                trainable=False,
                name="total",
            )

        def call(self, inputs):
            self.total.assign(self.total + ops.sum(inputs))
            return self.total

    my_sum = ComputeSum(2)
    x = ops.ones((2, 2))
    y = my_sum(x)

    assert my_sum.weights == [my_sum.total]
    assert my_sum.non_trainable_weights == [my_sum.total]
    assert my_sum.trainable_weights == []
    assert y.numpy() == 4
    my_sum(x)
    assert my_sum.total.numpy() == 8


def test_layer_add_loss():
    class MyLayer(Layer):
        def call(self, x):
            self.add_loss(ops.sum(x))
            return x

    layer = MyLayer()
    layer(ops.ones((2, 3)))
    assert [loss.numpy() for loss in layer.losses] == [6]


def test_regularizers_in_a_layer():
    layer = layers.Dense(
        units=64,
        kernel_regularizer=regularizers.L1L2(l1=1e-5, l2=1e-4),
        bias_regularizer=regularizers.L2(1e-4),
        activity_regularizer=regularizers.L2(1e-5),
    )
    layer(ops.ones((1, 2)))
    assert len(layer.losses) == 3


def test_regularizers_losses():
    layer = layers.Dense(
        units=5,
        kernel_initializer="ones",
        kernel_regularizer=regularizers.L1(0.01),
        activity_regularizer=regularizers.L2(0.01),
    )
    tensor = ops.ones(shape=(5, 5)) * 2.0
    layer(tensor)
    # The kernel regularization term is 0.25
    # The activity regularization term (after dividing by the batch size) is 5
    assert ops.sum(layer.losses).numpy() == np.float32(5.25)  # 5.25 (= 5 + 0.25)


def test_regularizers_losses_with_input_dim():
    layer = Dense(
        5,
        input_dim=5,
        kernel_initializer="ones",
        kernel_regularizer=L1(0.01),
        activity_regularizer=L2(0.01),
    )
    tensor = ops.ones(shape=(5, 5)) * 2.0
    layer(tensor)
    assert ops.sum(layer.losses).numpy() == np.float32(5.25)


def test_regularizers_direct_and_by_name():
    regularizer = L2(2.0)
    tensor = ops.ones(shape=(5, 5))
    assert regularizer(tensor).numpy() == 50.0
    for name, penalty in [("l1", L1), ("l2", L2), ("l1_l2", L1L2)]:
        dense = Dense(3, kernel_regularizer=name)
        assert isinstance(dense.kernel_regularizer, penalty)
    layer = Dense(units=4, kernel_regularizer=OrthogonalRegularizer(factor=0.01))
    layer(ops.ones((1, 3)))
    assert len(layer.losses) == 1


def test_regularizers_of_ones_own():
    def l1_reg(weight_matrix):
        return 0.01 * ops.sum(ops.absolute(weight_matrix))

    layer = Dense(5, input_dim=5, kernel_initializer="ones", kernel_regularizer=l1_reg)
    tensor = ops.ones(shape=(5, 5))
    layer(tensor)
    assert [loss.numpy() for loss in layer.losses] == [0.25]

    class L2Regularizer(Regularizer):
        def __init__(self, l2=0.0):
            self.l2 = l2

        def __call__(self, x):
            return self.l2 * ops.sum(ops.square(x))

        def get_config(self):
            return {"l2": float(self.l2)}

    layer = Dense(
        5, input_dim=5, kernel_initializer="ones", kernel_regularizer=L2Regularizer(l2=0.5)
    )
    layer(tensor)
    assert [loss.numpy() for loss in layer.losses] == [12.5]

    def my_regularizer(x):
        return 1e-3 * ops.sum(ops.square(x))

    class MyRegularizer(regularizers.Regularizer):
        def __init__(self, strength):
            self.strength = strength

        def __call__(self, x):
            return self.strength * ops.sum(ops.square(x))

        def get_config(self):
            return {"strength": self.strength}

    x = ops.ones((5, 5))
    assert my_regularizer(x).numpy() == np.float32(0.025)
    assert MyRegularizer(2)(x).numpy() == 50
    assert MyRegularizer.from_config({"strength": 3}).strength == 3


@pytest.mark.parametrize("norm", [max_norm, max_norm_of_keras2], ids=["keras3", "keras2"])
def test_constraints_in_a_model(norm):
    model = keras.Sequential()
    model.add(Dense(64, kernel_constraint=norm(2.0)))
    model.compile(keras.optimizers.SGD(10.0), "mse")
    model.fit(ops.ones((4, 3)), -100 * ops.ones((4, 64)), verbose=0)
    norms = np.linalg.norm(model.layers[0].kernel.numpy(), axis=0)
    assert (norms < 2 + 1e-5).all()
    assert norms.max() > 1.99


def test_constraints_non_negative():
    class NonNegative(keras.constraints.Constraint):
        def __call__(self, w):
            return w * ops.cast(ops.greater_equal(w, 0.0), dtype=w.dtype)

    weight = ops.convert_to_tensor((-1.0, 1.0))
    assert NonNegative()(weight).numpy().tolist() == [0.0, 1.0]
    layer = keras.layers.Dense(4, kernel_constraint=NonNegative())
    layer(ops.ones((1, 2)))
    assert (layer.kernel.constraint(layer.kernel).numpy() >= 0).all()


def test_constraints_center_around():
    class CenterAround(keras.constraints.Constraint):
        def __init__(self, ref_value):
            self.ref_value = ref_value

        def __call__(self, w):
            mean = ops.mean(w)
            return w - mean + self.ref_value

        def get_config(self):
            return {"ref_value": self.ref_value}

    model = keras.Sequential([keras.Input((3,)), Dense(2, kernel_constraint=CenterAround(0.5))])
    model.compile("sgd", "mse")
    model.fit(ops.ones((4, 3)), ops.ones((4, 2)), verbose=0)
    assert model.layers[0].kernel.numpy().mean() == pytest.approx(0.5, abs=1e-6)


INITIALIZERS = [
    "RandomNormal(mean=0.0, stddev=1.0)",
    "RandomUniform(minval=0.0, maxval=1.0)",
    "TruncatedNormal(mean=0.0, stddev=1.0)",
    "Zeros()",
    "Ones()",
    "GlorotNormal()",
    "GlorotUniform()",
    "HeNormal()",
    "HeUniform()",
    "LecunNormal()",
    "LecunUniform()",
    "Constant(10.0)",
    "Orthogonal()",
    "VarianceScaling(scale=0.1, mode='fan_in', distribution='uniform')",
]


@pytest.mark.parametrize("text", INITIALIZERS)
def test_initializers_in_a_layer(text):
    name, _, arguments = text.partition("(")
    settings = dict(item.split("=") for item in arguments[:-1].split(", ") if "=" in item)
    values = {k: v.strip("'") if "'" in v else float(v) for k, v in settings.items()}
    positional = [] if settings or not arguments[:-1] else [float(arguments[:-1])]
    initializer = getattr(initializers, name)(*positional, **values)
    layer = Dense(3, kernel_initializer=initializer)
    layer.build((None, 2))
    assert (layer.kernel.numpy() == initializer(shape=(2, 3)).numpy()).all()


def test_initializers_identity():
    values = Identity()(shape=(2, 2))
    assert values.numpy().tolist() == [[1, 0], [0, 1]]
    layer = Dense(3, kernel_initializer=Identity())
    layer.build((None, 2))
    assert layer.kernel.numpy().tolist() == [[1, 0, 0], [0, 1, 0]]


def test_initializers_of_ones_own():
    def my_init(shape, dtype=None):
        return keras.random.normal(shape, dtype=dtype)

    layer = Dense(64, kernel_initializer=my_init)
    layer.build((None, 100))
    assert abs(layer.kernel.numpy().std() - 1) < 0.05

    class ExampleRandomNormal(keras.initializers.Initializer):
        def __init__(self, mean, stddev):
            self.mean = mean
            self.stddev = stddev

        def __call__(self, shape, dtype=None):
            return keras.random.normal(shape, mean=self.mean, stddev=self.stddev, dtype=dtype)

        def get_config(self):  # To support serialization
            return {"mean": self.mean, "stddev": self.stddev}

    layer = Dense(64, kernel_initializer=ExampleRandomNormal(3, 0.1))
    layer.build((None, 100))
    assert abs(layer.kernel.numpy().mean() - 3) < 0.02
    assert tf.as_dtype(layer.kernel.dtype) == tf.float32
