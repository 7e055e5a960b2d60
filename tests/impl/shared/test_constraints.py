"""Constraints of both dialects: bits against official Keras, values against NumPy, gradients, graphs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.constraints import FLOATS, NORMED
from impl_helpers.dialects import pairs_of
from impl_helpers.values import bits
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

import impl.keras2

PAIRS = pairs_of("constraints")
EPSILON = 1e-7

SPECIALS = np.array(
    [
        [0, -0.0, 1e-3, 1e-8, -1e-20],
        [1e20, 1e-45, -1e-40, 3e38, np.inf],
        [-np.inf, np.nan, 65504, 300, -1],
        [2, 1, -1e-4, 1e19, 255.9],
    ]
)
INPUTS = {
    "ordinary": np.sin(np.arange(60.0) ** 2).reshape(3, 4, 5) * 3,
    "specials": SPECIALS,
    "zeros": np.zeros([2, 3]),
    "overflow": np.full([3, 3], 1e19),
    "one": np.full([1, 1], 2.0),
    "empty": np.zeros([0, 3]),
    "more than one shard": np.cos(np.arange(6000.0)).reshape(60, 100),
}
CALLS = [
    ("Constraint", {}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": -1}),
    ("MaxNorm", {"max_value": 0.3}),
    ("MaxNorm", {"max_value": float("nan")}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.3}),
    ("MinMaxNorm", {"min_value": 2, "max_value": 1, "rate": np.float32(0.5)}),
    ("MinMaxNorm", {"min_value": -2.0, "max_value": -1.0, "rate": 1}),
]
AXES = [0, 1, -1, [0], (0, 1), None, (), np.int64(1), np.array([1, 0]), True, range(2), [[0, 1]]]


def official_raises_on(dialect, name, dtype):
    return dialect == "keras2" and name == "NonNeg" and dtype != tf.float32


ANSWERED = [
    pytest.param(dialect, dtype, name, arguments, id=f"{dialect}-{dtype.name}-{name}-{arguments}")
    for dialect in PAIRS
    for dtype in FLOATS
    for name, arguments in CALLS
    if not official_raises_on(dialect, name, dtype)
]


@pytest.mark.parametrize(("dialect", "dtype", "name", "arguments"), ANSWERED)
def test_bits_of_official(dialect, dtype, name, arguments):
    official, ours = PAIRS[dialect]
    for label, values in INPUTS.items():
        w = tf.cast(values, dtype)
        for axis in AXES if name in NORMED else [None]:
            extra = {"axis": axis} if name in NORMED else {}
            expected = getattr(official, name)(**arguments, **extra)(w)
            actual = getattr(ours, name)(**arguments, **extra)(w)
            assert bits(actual) == bits(expected), (label, axis)


INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool"]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
def test_integers_promoted_in_keras3_and_refused_in_keras2(name, dtype):
    w = np.array([[3, 200, -5], [4, 100, 2**31 - 1]]).astype(dtype)
    for form in (w, tf.constant(w)):
        official, ours = PAIRS["keras3"]
        assert bits(getattr(ours, name)()(form)) == bits(getattr(official, name)()(form))
        for module in PAIRS["keras2"]:
            with pytest.raises(
                (TypeError, tf.errors.InvalidArgumentError), match=r"float|bool|int"
            ):
                getattr(module, name)()(form)
    with pytest.raises(TypeError, match=f"{name}: w must be a float tensor, got {dtype}"):
        getattr(impl.keras2.constraints, name)()(w)


def test_complex_only_for_unit_norm_of_keras3():
    w = np.array([3 + 4j, 1 - 1j])
    official, ours = PAIRS["keras3"]
    for form in (w, tf.constant(w), tf.cast(w, tf.complex64)):
        assert bits(ours.UnitNorm()(form)) == bits(official.UnitNorm()(form))
    for module, name in [
        (ours, "MaxNorm"),
        (ours, "NonNeg"),
        (impl.keras2.constraints, "UnitNorm"),
    ]:
        with pytest.raises(TypeError, match="w must be a float tensor, got complex128"):
            getattr(module, name)()(w)


WEIGHTS = {
    "list": [[3.0, -1.0], [4.0, 0.5]],
    "tuple": (3.0, -4.0),
    "float16 array": np.array([3.0, -4.0], np.float16),
    "float64 array": np.array([[1e300, -1e300, 1e-50, -1e-50]]),
    "list of NumPy": [np.float64(3.0), -4.0],
    "variable": tf.Variable([3.0, -4.0]),
    "keras.Variable": keras.Variable([3.0, -4.0]),
    "rank 5": np.ones([2, 1, 3, 1, 2], np.float32),
}


@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
@pytest.mark.parametrize("w", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_weights_of_every_kind_as_official(dialect, name, w):
    official, ours = PAIRS[dialect]
    assert bits(getattr(ours, name)()(w)) == bits(getattr(official, name)()(w))


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
def test_keras2_nonneg_in_every_float_dtype(dtype):
    """Official Keras 2 raises for any tensor that is not float32; the documentation does not."""
    w = tf.constant(np.array([3.0, -3.0, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e-3]), dtype)
    for form in (w, tf.Variable(w)):
        result = impl.keras2.constraints.NonNeg()(form)
        assert result.dtype == dtype
        values = w.numpy().astype(np.float64)
        with np.errstate(invalid="ignore"):
            expected = values * (values >= 0)
        actual = result.numpy().astype(np.float64)
        np.testing.assert_array_equal(actual, expected)
        assert (np.signbit(actual) == np.signbit(expected))[~np.isnan(expected)].all()


def test_constraint_returns_its_argument_itself(dialect):
    for thing in ([1.0], None, "a", tf.ones([2])):
        assert PAIRS[dialect][1].Constraint()(thing) is thing


@pytest.mark.parametrize("name", NORMED)
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("shape", [[3, 4], [None, None], None], ids=str)
@pytest.mark.parametrize("axis", [0, [0, 1], None, []], ids=str)
def test_graph_and_xla_within_a_bound_of_numpy(dialect, name, jit, shape, axis):
    """Error of a sum of n squares, a root, and four more roundings: (n / 2 + 6) eps, relative."""
    w = np.sin(np.arange(12.0)).reshape(3, 4).astype(np.float32) * 3
    constraint = getattr(PAIRS[dialect][1], name)(axis=axis)
    spec = [tf.TensorSpec(shape, tf.float32)]
    actual = tf.function(constraint, input_signature=spec, jit_compile=jit)(w)
    axes = tuple(axis) if isinstance(axis, list) else axis
    squares = np.square(w.astype(np.float64))
    n = np.sqrt(squares if axes == () else squares.sum(axes, keepdims=True))
    target = {"MaxNorm": np.minimum(n, 2), "MinMaxNorm": np.minimum(n, 1), "UnitNorm": 1}[name]
    expected = w * target / (EPSILON + n)
    np.testing.assert_allclose(actual, expected, rtol=(12 / 2 + 6) * 2**-23, atol=0)


@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_as_a_variable_constraint_inside_a_function(dialect, name, jit):
    official, ours = PAIRS[dialect]
    variable = tf.Variable([[3.0, -0.1], [4.0, 0.2]])
    expected = getattr(official, name)()(variable)
    constraint = getattr(ours, name)()

    @tf.function(jit_compile=jit)
    def step():
        variable.assign(constraint(variable))

    step()
    np.testing.assert_allclose(variable, expected, rtol=16 * 2**-23)


@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
def test_gradient_is_that_of_official_to_rounding(dialect, name):
    official, ours = PAIRS[dialect]
    w = tf.constant([[3.0, 0.0, 0.3], [4.0, -0.5, 0.4], [0.0, 0.7, -0.0]])

    def gradient(constraint):
        with tf.GradientTape() as tape:
            tape.watch(w)
            loss = tf.reduce_sum(constraint(w) * tf.constant([1.0, 2.0, 3.0]))
        return tape.gradient(loss, w)

    expected = gradient(getattr(official, name)())
    np.testing.assert_allclose(gradient(getattr(ours, name)()), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("keras2", "RadialConstraint"),
        *((dialect, name) for dialect in PAIRS for name in (*NORMED, "NonNeg")),
    ],
)
def test_every_op_has_a_gpu_kernel(dialect, name, dtype):
    ours = PAIRS[dialect][1]
    spec = tf.TensorSpec([4, 4, 2, 3], dtype)
    graph = tf.function(getattr(ours, name)()).get_concrete_function(spec).graph
    for op in graph.get_operations():
        if op.type in {"Placeholder", "Const", "Identity"}:
            continue
        gpu = [k for k in get_registered_kernels_for_op(op.type).kernel if k.device_type == "GPU"]
        types = [c for k in gpu for c in k.constraint if c.name in ("T", "Tparams", "SrcT")]
        enum = dtype.as_datatype_enum
        fits = [c for c in types if enum in c.allowed_values.list.type]
        # Cast registers no type constraint for its source.
        assert fits or (gpu and op.type == "Cast"), op.type


@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
def test_gradients_through_a_projection_as_official(dialect, name):
    w = tf.constant(np.cos(np.arange(20.0)).reshape(5, 4), tf.float32)
    seed = tf.constant(np.sin(np.arange(20.0)).reshape(5, 4), tf.float32)
    gradients = []
    for module in PAIRS[dialect]:
        with tf.GradientTape() as tape:
            tape.watch(w)
            loss = tf.reduce_sum(getattr(module, name)()(w) * seed)
        gradients.append(bits(tape.gradient(loss, w)))
    assert gradients[0] == gradients[1]
