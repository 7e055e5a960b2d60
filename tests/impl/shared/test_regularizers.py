"""Regularizers of both dialects: bits against official Keras, values against NumPy, gradients, graphs."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.dialects import pairs_of
from impl_helpers.regularizers import CLASSES, ORTHOGONAL, WAVE
from impl_helpers.values import MACHINE_EPSILON, bits
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

import impl.keras3

PAIRS = pairs_of("regularizers")
FLOATS = [tf.float16, tf.bfloat16, tf.float32, tf.float64]

FACTORS = [
    0.01,
    1 / 3,
    0.0,
    1,
    2.0,
    1e-5,
    1e-50,
    1e38,
    70000.0,
    0.7,
    5.97e-8,
    1.0009765625 + 2**-11,
]
CALLS = [
    *((name, {name.lower(): factor}) for name in ("L1", "L2") for factor in FACTORS),
    *(
        ("L1L2", {"l1": l1, "l2": l2})
        for l1, l2 in [(0.1, 0.2), (0, 0.2), (0.1, 0), (0, 0), (1e-50, 0.1), (1 / 3, 1e38)]
    ),
    ("L1L2", {}),
]
NEGATIVE = [
    ("L1", {"l1": -0.3}),
    ("L2", {"l2": -0.3}),
    *(("L1L2", {"l1": l1, "l2": l2}) for l1, l2 in itertools.product((-0.5, 0.0, 0.5), repeat=2)),
]
INPUTS = {
    "vector": WAVE[:7],
    "matrix": WAVE.reshape(12, 5),
    "rank 5": WAVE.reshape(2, 3, 2, 1, 5),
    "scalar": np.array(-3.0),
    "zeros": np.zeros([2, 2]),
    "negative zeros": -np.zeros([2, 2]),
    "specials": np.array([0, -0.0, 1e-3, 1e-8, -1e-20, 1e20, 1e-45, -1e-40, 3e38, 65504, -1]),
    "subnormals": np.array([1e-40, 1e-42, 6e-8, 1e-310]),
    "squares underflow": np.full([4], 1e-19),
    "halves underflow": np.full([4], 1.3e-19),
    "overflow": np.full([5, 5], 1e19),
    "sum of squares overflows": np.full([25], 0.9e19),
    "overflow in float16": np.full([5, 5], 200.0),
    "infinity": np.array([np.inf, 1]),
    "nan": np.array([np.nan, 1, -np.inf]),
    "empty": np.zeros([0, 3]),
    "more than one shard": np.cos(np.arange(200000.0)).reshape(400, 500),
}
MATRICES = {
    "ordinary": WAVE[:12].reshape(3, 4),
    "tall": WAVE[:10].reshape(5, 2),
    "square": WAVE[:9].reshape(3, 3),
    "one": np.ones([1, 1]),
    "one row": WAVE[:3].reshape(1, 3),
    "one column": WAVE[:3].reshape(3, 1),
    "zero row": np.array([[0, 0, 0], [1, 2, 3], [0.5, 1, -1.0]]),
    "zeros": -np.zeros([2, 3]),
    "infinity": np.array([[np.inf, 1], [1, 1]]),
    "nan": np.array([[np.nan, 1], [1, 1], [2, 1]]),
    "no rows": np.zeros([0, 3]),
    "no columns": np.zeros([3, 0]),
    "nothing": np.zeros([0, 0]),
    "about the floor": np.array([[1e-7, 1e-8], [1e-6, 1e-9], [1e-12, 1e-12]]),
    "subnormal": np.array([[1e-40, 1.0], [1e-42, 1e-41]]),
    "overflow": np.array([[1e20, 1e20], [1, 2]]),
    "large": np.cos(np.arange(6000.0)).reshape(60, 100),
    "many pairs": np.cos(np.arange(1200.0)).reshape(400, 3),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
@pytest.mark.parametrize("label", INPUTS)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_bits_of_official(dialect, dtype, label):
    official, ours = PAIRS[dialect]
    x = tf.cast(INPUTS[label], dtype)
    for name, arguments in CALLS + (NEGATIVE if dialect == "keras2" else []):
        expected = getattr(official, name)(**arguments)(x)
        assert bits(getattr(ours, name)(**arguments)(x)) == bits(expected), (name, arguments)


@pytest.mark.parametrize(
    ("dialect", "dtype"), [*(("keras2", dtype) for dtype in FLOATS), ("keras3", tf.float32)]
)
@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_orthogonal_bits_of_official(dialect, dtype, mode):
    official, ours = PAIRS[dialect]
    for label, values in MATRICES.items():
        x = tf.cast(values, dtype)
        for factor in (0.01, 1 / 3, 0.0, 3.0, *([-0.3, 1, True] if dialect == "keras2" else [])):
            expected = getattr(official, ORTHOGONAL)(factor, mode)(x)
            actual = getattr(ours, ORTHOGONAL)(factor, mode)(x)
            assert bits(actual) == bits(expected), (label, factor)


def cosines(x, rows, floor):
    """The definition, in float64."""
    x = np.asarray(x, np.float64)
    x = x if rows else x.T
    unit = x / np.sqrt(np.maximum(np.square(x).sum(1, keepdims=True), floor))
    products = np.abs(unit @ unit.T)[np.triu_indices(len(x), 1)]
    return products.mean()


@pytest.mark.parametrize("factor", [0.25, 1, True, np.float64(0.5), 10**30])
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
@pytest.mark.parametrize("rows", [True, False], ids=["rows", "columns"])
def test_keras3_orthogonal_in_every_dtype_and_with_every_number(factor, dtype, rows):
    """Official Keras 3 raises for all but float32 tensors and Python floats."""
    if dtype == tf.float16 and factor == 10**30:
        factor = 3
    x = tf.constant(WAVE[:12].reshape(3, 4), dtype)
    regularizer = impl.keras3.regularizers.OrthogonalRegularizer(
        factor, "rows" if rows else "columns"
    )
    expected = float(np.float32(factor)) * cosines(x.numpy(), rows, 1e-14)
    result = regularizer(x)
    assert result.dtype == dtype
    np.testing.assert_allclose(float(result), expected, rtol=16 * MACHINE_EPSILON[dtype.name])
    for form in (x.numpy(), tf.Variable(x)):
        assert bits(regularizer(form)) == bits(result)


WEIGHTS = {
    "float16 array": np.array([3.0, -4.0], np.float16),
    "float64 array": np.array([[1e300, -1e300, 1e-50, -1e-50]]),
    "variable": tf.Variable([3.0, -4.0]),
    "keras.Variable": keras.Variable([3.0, -4.0]),
    "NumPy number": np.float64(-1.5),
    "int32": np.array([3, -4, 100000], np.int32),
    "int64 tensor": tf.constant([3, -4], tf.int64),
}


@pytest.mark.parametrize("x", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("name", CLASSES[:3])
def test_weights_of_every_kind_as_official(dialect, name, x):
    official, ours = PAIRS[dialect]
    arguments = {"l1": 2.7, "l2": 0.3} if name == "L1L2" else {name.lower(): 2.7}
    integer = np.asarray(x).dtype.kind == "i"
    if dialect == "keras2" and integer and name != "L1":
        for module in (official, ours):
            with pytest.raises((TypeError, tf.errors.InvalidArgumentError), match=r"int|float"):
                getattr(module, name)(**arguments)(x)
    else:
        expected = getattr(official, name)(**arguments)(x)
        assert bits(getattr(ours, name)(**arguments)(x)) == bits(expected)


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint8", "uint16", "uint32", "uint64", "bool"])
def test_integers_as_official(dialect, dtype):
    x = tf.constant(np.array([1, 2, 5]).astype(dtype))
    official, ours = PAIRS[dialect]
    for name in ("L1", "L2", "L1L2"):
        for arguments in ({}, {"l1" if name != "L2" else "l2": 2.5}):
            if name == "L1L2" and not arguments and dtype == "bool":
                continue  # official Keras 3 answers False, which is no penalty
            try:
                expected = bits(getattr(official, name)(**arguments)(x))
            except (TypeError, tf.errors.InvalidArgumentError):
                with pytest.raises(TypeError, match=f"^{name}: x must be"):
                    getattr(ours, name)(**arguments)(x)
            else:
                assert bits(getattr(ours, name)(**arguments)(x)) == expected


def test_complex_as_official():
    for form in (tf.constant([3 + 4j, 1j]), np.array([3 + 4j], np.complex64)):
        for dialect, name in (("keras2", "L1"), ("keras2", "L1L2"), ("keras3", "L2")):
            official, ours = PAIRS[dialect]
            assert bits(getattr(ours, name)()(form)) == bits(getattr(official, name)()(form))
        for dialect, name in (("keras2", "L2"), ("keras3", ORTHOGONAL)):
            with pytest.raises(TypeError, match="x must be a float tensor, got complex"):
                getattr(PAIRS[dialect][1], name)()(tf.reshape(form, [-1, 1]))
        with pytest.raises(TypeError, match="x must be a float tensor, got complex"):
            PAIRS["keras2"][1].L1L2(l1=0.5)(form)


def test_lists_are_taken_by_every_class(dialect):
    """Official Keras takes them in L1 and L2 of Keras 2 only."""
    x = [[3.0, -4.0], [1.0, 0.5]]
    for name in CLASSES:
        regularizer = getattr(PAIRS[dialect][1], name)()
        assert bits(regularizer(x)) == bits(regularizer(tf.constant(x)))


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("shape", [[3, 4], [None, None], [None, 4], None], ids=str)
def test_graph_and_xla_within_a_bound_of_numpy(dialect, name, jit, shape):
    """The sum of 12 terms of one sign and a few more operations, each of them within 2 ** -23."""
    x = WAVE[:12].reshape(3, 4).astype(np.float32)
    arguments = {"L1L2": {"l1": 0.5, "l2": 0.25}}.get(name, {})
    # As official Keras, it must know the number of the rows.
    known = [3, *(shape or [3, None])[1:]] if name == ORTHOGONAL else shape
    spec = [tf.TensorSpec(known, tf.float32)]
    regularizer = getattr(PAIRS[dialect][1], name)(**arguments)
    absolute, square = np.abs(x, dtype=np.float64).sum(), np.square(x, dtype=np.float64).sum()
    expected = {
        "L1": 0.01 * absolute,
        "L2": 0.01 * square,
        "L1L2": 0.5 * absolute + 0.25 * square,
        ORTHOGONAL: 0.01 * cosines(x, True, 1e-14),
    }[name]
    actual = tf.function(regularizer, input_signature=spec, jit_compile=jit)(x)
    np.testing.assert_allclose(actual, expected, rtol=32 * 2**-23)


@pytest.mark.parametrize("name", CLASSES)
def test_gradient_is_that_of_official(dialect, name):
    x = tf.constant(WAVE[:12].reshape(3, 4), tf.float32)
    arguments = {"L1L2": {"l1": 0.5, "l2": 0.25}}.get(name, {})
    gradients = []
    for module in PAIRS[dialect]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            penalty = getattr(module, name)(**arguments)(x)
        gradients.append(tape.gradient(penalty, x))
    if name == ORTHOGONAL:
        np.testing.assert_allclose(gradients[1], gradients[0], rtol=1e-5, atol=1e-8)
    else:
        assert bits(gradients[1]) == bits(gradients[0])


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
@pytest.mark.parametrize("name", CLASSES)
def test_every_op_has_a_gpu_kernel(dialect, name, dtype):
    arguments = {"L1L2": {"l1": 0.5, "l2": 0.25}}.get(name, {})
    regularizer = getattr(PAIRS[dialect][1], name)(**arguments)
    graph = tf.function(regularizer).get_concrete_function(tf.TensorSpec([4, 3], dtype)).graph
    for op in graph.get_operations():
        if op.type in {"Placeholder", "Const", "Identity"}:
            continue
        gpu = [k for k in get_registered_kernels_for_op(op.type).kernel if k.device_type == "GPU"]
        types = [c for k in gpu for c in k.constraint if c.name in ("T", "SrcT")]
        assert [c for c in types if dtype.as_datatype_enum in c.allowed_values.list.type], op.type
