"""Constraints of both dialects: bits against official Keras, values against NumPy, and errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

import impl.keras2
import impl.keras3
from impl.keras3 import ops

PAIRS = {
    "keras2": (tf_keras.constraints, impl.keras2.constraints),
    "keras3": (keras.constraints, impl.keras3.constraints),
}
FLOATS = [tf.float16, tf.bfloat16, tf.float32, tf.float64]
EPSILON = 1e-7
MACHINE_EPSILON = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}

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
NORMED = ["MaxNorm", "MinMaxNorm", "UnitNorm"]


@pytest.fixture(params=PAIRS)
def dialect(request):
    return request.param


def bits(tensor):
    return tensor.dtype.name, tuple(tensor.shape), tensor.numpy().tobytes()


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


BOUNDS = [
    np.float64(0.3), np.float16(1.5), np.int64(2), True, 10**30, 1e-40, [0.1, 1.0, 2.0],
    np.array([1, 2, 3]), np.array(1.5), tf.constant([0.5, 1.0, 2.0]), tf.Variable(0.7), -0.0,
]  # fmt: skip


NUMBERS = [
    pytest.param(argument, value, id=f"{argument}={value!r}")
    for argument in ("max_value", "min_value", "rate")
    for value in BOUNDS
    # A list is no rate: see test_bad_arguments.
    if not (argument == "rate" and isinstance(value, list))
]


@pytest.mark.parametrize(("argument", "value"), NUMBERS)
def test_numbers_of_every_kind_as_official(dialect, argument, value):
    official, ours = PAIRS[dialect]
    w = tf.constant([[3.0, 0.0, 0.1], [4.0, 0.5, -0.1]])
    arguments = {"rate": 0.3} | {argument: value}
    expected = official.MinMaxNorm(**arguments)(w)
    assert bits(ours.MinMaxNorm(**arguments)(w)) == bits(expected)


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


def ring_reference(kernel):
    """Ring by ring from the centre, as the report of what official does has it."""
    size, half = len(kernel), len(kernel) // 2
    result = kernel.copy()
    for row in range(size):
        for column in range(size):
            edge = min(row, column, size - 1 - row, size - 1 - column)
            k = (size - 1) // 2 - edge
            source = max(half - 1, 0) if k == 0 else half + k - size % 2
            result[row, column] = kernel[source, source]
    return result


RADIAL_DTYPES = [*FLOATS, tf.int8, tf.int32, tf.int64, tf.uint8, tf.complex64]


@pytest.mark.parametrize("size", range(2, 8))
def test_radial_bits_of_official(size):
    shape = (size, size, 1, 2)
    values = np.arange(np.prod(shape)).reshape(shape)
    for dtype in RADIAL_DTYPES if size < 5 else [tf.float32]:
        w = tf.cast(values, dtype)
        expected = bits(tf_keras.constraints.RadialConstraint()(w))
        assert bits(impl.keras2.constraints.RadialConstraint()(w)) == expected
    np.testing.assert_array_equal(
        impl.keras2.constraints.RadialConstraint()(w), ring_reference(values)
    )


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("unknown", ["nothing", "channels", "all", "rank"])
def test_radial_in_graphs(size, jit, unknown):
    """Official raises in a graph, and for a 1x1 kernel, whose one ring is itself."""
    specials = np.array([np.nan, -0.0, 1e-30, np.inf, -1.0], np.float32)
    w = np.resize(specials, (size, size, 3, 2))
    shape = {"nothing": w.shape, "channels": [size, size, None, None], "all": [None] * 4}
    spec = [tf.TensorSpec(shape.get(unknown), tf.float32)]
    radial = tf.function(impl.keras2.constraints.RadialConstraint(), spec, jit_compile=jit)
    expected = ring_reference(w)
    if size % 2 == 0:
        centre = expected[size // 2 - 1 : size // 2 + 1, size // 2 - 1 : size // 2 + 1]
        centre += 0.0  # as official Keras does eagerly, so that -0.0 becomes 0.0
    assert bits(radial(w)) == bits(tf.constant(expected))


@pytest.mark.parametrize("shape", [(3, 3, 0, 2), (0, 0, 1, 1), (4, 4, 2, 0)])
def test_radial_of_empty_kernels_arrays_and_lists(shape):
    radial = impl.keras2.constraints.RadialConstraint()
    assert radial(tf.zeros(shape)).shape == shape
    assert radial(np.zeros((3, 3, 1, 1))).dtype == tf.float64
    np.testing.assert_array_equal(radial([[[[5.0]]]]), [[[[5.0]]]])


@pytest.mark.parametrize(("shape", "rule"), [((3, 3, 1), "rank 4"), ((2, 3, 1, 1), "as many rows")])
def test_radial_refuses(shape, rule):
    with pytest.raises(ValueError, match=rule):
        impl.keras2.constraints.RadialConstraint()(tf.zeros(shape))
    anything = tf.function(
        impl.keras2.constraints.RadialConstraint(), [tf.TensorSpec([None] * len(shape))]
    )
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match=rule):
        anything(tf.zeros(shape))


def test_none_as_a_bound(dialect):
    official, ours = PAIRS[dialect]
    w = tf.constant([[3.0, 0.1], [4.0, 0.1]])
    for name, arguments in [
        ("MaxNorm", {"max_value": None}),
        ("MinMaxNorm", {"min_value": None}),
        ("MinMaxNorm", {"max_value": None}),
        ("MinMaxNorm", {"rate": None}),
    ]:
        if dialect == "keras2" and "rate" not in arguments:
            expected = getattr(official, name)(**arguments)(w)
            assert bits(getattr(ours, name)(**arguments)(w)) == bits(expected)
        else:
            with pytest.raises((TypeError, ValueError)):
                getattr(official, name)(**arguments)(w)
            with pytest.raises(
                TypeError, match=f"{name}: {next(iter(arguments))} must be a number"
            ):
                getattr(ours, name)(**arguments)(w)


BAD = [
    ("UnitNorm", {"axis": 2}, "axis must name axes of w, whose rank is 2, got 2"),
    ("UnitNorm", {"axis": [0, -2]}, r"axis must name no axis twice, got \[0, -2\]"),
    ("UnitNorm", {"axis": 0.5}, "axis must be an integer, integers or None, got 0.5"),
    ("UnitNorm", {"axis": "0"}, "axis must be an integer"),
    ("UnitNorm", {"axis": [0, None]}, "axis must be an integer"),
    ("UnitNorm", {"axis": {0, 1}}, "axis must be an integer"),
    ("MaxNorm", {"max_value": "2"}, "max_value must be a number, .* got '2'"),
    ("MaxNorm", {"max_value": 1j}, "max_value must be a number"),
    ("MaxNorm", {"max_value": {}}, "max_value must be a number"),
    ("MaxNorm", {"max_value": [1.0, 2.0, 3.0]}, "max_value must be a number, or numbers which"),
    ("MaxNorm", {"max_value": [[1.0], [2.0]]}, "bounds must broadcast to the norms"),
    ("MaxNorm", {"max_value": tf.constant(1, tf.float64)}, "max_value .* dtype of w, float32"),
    ("MinMaxNorm", {"min_value": "a"}, "min_value must be a number"),
    ("MinMaxNorm", {"rate": "a"}, "rate must be a number"),
    ("MinMaxNorm", {"rate": [0.1, 0.2]}, "unsupported operand"),
    ("MinMaxNorm", {"rate": keras.Variable(1, dtype="float64")}, "rate .* dtype of w, float32"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), BAD, ids=str)
def test_bad_arguments(dialect, name, arguments, message):
    official, ours = PAIRS[dialect]
    w = tf.constant([[3.0, 0.0], [4.0, 0.5]])
    with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)):
        getattr(official, name)(**arguments)(w)
    constraint = getattr(ours, name)(**arguments)
    assert constraint.get_config().items() >= arguments.items()
    with pytest.raises((TypeError, ValueError), match=f"^{name}: .*{message}") as caught:
        constraint(w)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("w", [None, "abc", {}, [[1.0], [2.0, 3.0]], tf.constant("a")], ids=repr)
@pytest.mark.parametrize("name", [*NORMED, "NonNeg"])
def test_bad_weights(dialect, name, w):
    official, ours = PAIRS[dialect]
    with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)):
        getattr(official, name)()(w)
    with pytest.raises((TypeError, ValueError), match=f"^{name}: w must") as caught:
        getattr(ours, name)()(w)
    assert "\n" not in str(caught.value)


def test_attributes_are_mutable_and_shown(dialect):
    constraint = PAIRS[dialect][1].MaxNorm(axis=1)
    constraint.max_value = 1.0
    assert constraint.get_config() == {"max_value": 1.0, "axis": 1}
    assert repr(constraint) == "MaxNorm(max_value=1.0, axis=1)"
    np.testing.assert_allclose(constraint([[3.0, 4.0]]), [[0.6, 0.8]], rtol=1e-6)
    with pytest.raises(TypeError):
        PAIRS[dialect][1].NonNeg(1)


def test_shortcuts_are_the_classes_and_dialects_do_not_mix(dialect):
    ours = PAIRS[dialect][1]
    other = ({*PAIRS} - {dialect}).pop()
    for short, name in [
        ("max_norm", "MaxNorm"),
        ("min_max_norm", "MinMaxNorm"),
        ("non_neg", "NonNeg"),
        ("unit_norm", "UnitNorm"),
    ]:
        assert getattr(ours, short) is getattr(ours, name)
        assert issubclass(getattr(ours, name), ours.Constraint)
        assert not issubclass(getattr(ours, name), PAIRS[other][1].Constraint)


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


KERNELS = arrays(
    np.float32,
    array_shapes(min_dims=1, max_dims=4, max_side=5),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
)
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PROPERTY
@given(w=KERNELS, limit=st.floats(2**-10, 2**10, width=32), axis=st.sampled_from([0, -1, None]))
def test_max_norm_bounds_the_norm_and_keeps_shape_and_dtype(dialect, w, limit, axis):
    result = PAIRS[dialect][1].MaxNorm(limit, axis)(w)
    assert (result.dtype, tuple(result.shape)) == (tf.float32, w.shape)
    norms = np.sqrt(np.square(result.numpy().astype(np.float64)).sum(axis))
    assert (norms <= limit * (1 + (w.size / 2 + 6) * MACHINE_EPSILON["float32"])).all()


@PROPERTY
@given(w=KERNELS)
def test_non_neg_is_idempotent_and_keeps_what_is_not_negative(dialect, w):
    project = PAIRS[dialect][1].NonNeg()
    once = project(w)
    assert bits(project(once)) == bits(once)
    np.testing.assert_array_equal(once, np.where(w >= 0, w, 0))


@PROPERTY
@given(w=KERNELS, rate=st.floats(0, 1, width=32))
def test_min_max_norm_moves_towards_the_interval(dialect, w, rate):
    def distance(x):
        n = np.sqrt(np.square(np.asarray(x, np.float64)).sum(0))
        return np.maximum(0, np.maximum(0.5 - n, n - 1.5))

    before, after = distance(w), distance(PAIRS[dialect][1].MinMaxNorm(0.5, 1.5, rate)(w))
    slack = 1e-4 * (1 + np.abs(w).max())
    small = np.sqrt(np.square(w.astype(np.float64)).sum(0)) < 1e-2  # epsilon weighs here
    assert (after <= before + slack)[~small].all()


def test_the_documents_own_constraints_run_on_our_namespace():
    class NonNegative(impl.keras3.constraints.Constraint):
        def __call__(self, w):
            return w * ops.cast(ops.greater_equal(w, 0.0), dtype=w.dtype)

    class CenterAround(impl.keras3.constraints.Constraint):
        def __init__(self, ref_value):
            self.ref_value = ref_value

        def __call__(self, w):
            mean = ops.mean(w)
            return w - mean + self.ref_value

    weight = ops.convert_to_tensor((-1.0, 1.0))
    np.testing.assert_array_equal(NonNegative()(weight), [0.0, 1.0])
    np.testing.assert_array_equal(CenterAround(2.0)(weight), [1.0, 3.0])


@pytest.mark.parametrize(
    "dtype", ["float16", "bfloat16", "float32", "float64", "int32", "uint8", "bool"]
)
def test_ops_as_official(dtype):
    x = tf.cast(tf.constant([[1.0, 0.0, 3.0], [100.0, 7.0, 30.0]]), dtype)
    for theirs, mine in ((keras.ops, ops),):
        assert bits(mine.mean(x)) == bits(theirs.mean(x))
        assert bits(mine.mean(x, 1, True)) == bits(theirs.mean(x, 1, True))
        assert bits(mine.greater_equal(x, 2.5)) == bits(theirs.greater_equal(x, 2.5))
        assert bits(mine.cast(x, "float32")) == bits(theirs.cast(x, "float32"))
        assert bits(mine.convert_to_tensor(x, "int32")) == bits(
            theirs.convert_to_tensor(x, "int32")
        )


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
