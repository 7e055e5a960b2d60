"""Arguments of initializers of every kind: what is accepted, what is refused, and how."""

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.initializers import CLASSES, PAIRS, seeded
from impl_helpers.values import bits, outcome

DTYPES = [
    None, "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
    "complex64", "complex128", "foo", "float8_e4m3fn", tf.float16, np.float64, float, bool,
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Zeros", {}),
        ("Ones", {}),
        ("Constant", {"value": 2.5}),
        ("Constant", {"value": 300}),
        ("Constant", {"value": 0.0}),
        ("Constant", {"value": True}),
        ("Constant", {"value": [[1, 2], [3, 4]]}),
        ("Identity", {}),
        ("Identity", {"gain": 2}),
        ("RandomUniform", {"seed": 1}),
        ("RandomUniform", {"seed": 1, "minval": 0, "maxval": 10}),
        ("RandomNormal", {"seed": 1}),
        ("TruncatedNormal", {"seed": 1}),
        ("VarianceScaling", {"seed": 1}),
        ("VarianceScaling", {"seed": 1, "distribution": "uniform"}),
        ("Orthogonal", {"seed": 1}),
    ],
    ids=str,
)
def test_dtypes_accepted_and_refused_as_official(dialect, name, arguments, dtype):
    official, ours = PAIRS[dialect]
    expected = outcome(lambda: getattr(official, name)(**arguments)((2, 2), dtype=dtype))
    assert outcome(lambda: getattr(ours, name)(**arguments)((2, 2), dtype=dtype)) == expected


VALUES = [
    [1, 2], [1.0, 2.0, 3.0], [[1.5], [2.5]], np.array([1, 2]), np.array([[1.0], [2.0]]),
    np.ones((2, 2)), np.ones((3, 2, 2)), tf.constant([1.0, 2.0]), tf.constant(1, tf.float64),
    np.float64(0.1), 2**40, 2**70, 1j, "a", None, {}, np.bool_(True),
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(VALUES)))
@pytest.mark.filterwarnings("ignore:.*imaginary part:Warning")
def test_constants_of_every_kind_as_official(dialect, index):
    official, ours = PAIRS[dialect]
    for dtype in ("float32", "float64", "int32", "uint8", "bool", "complex64"):
        expected = outcome(lambda d=dtype: official.Constant(VALUES[index])((2, 2), dtype=d))
        actual = outcome(lambda d=dtype: ours.Constant(VALUES[index])((2, 2), dtype=d))
        assert actual == expected, dtype


SHAPE_FORMS = {
    "list": [2, 2],
    "array": np.array([2, 2]),
    "TensorShape": tf.TensorShape([2, 2]),
    "tensor": tf.constant([2, 2]),
    "NumPy sizes": (np.int64(2), 2),
    "tensor sizes": (tf.constant(2), 2),
    "negative": (-1, 2),
    "None": (None, 2),
    "unknown": tf.TensorShape([None, 2]),
    "string": "ab",
    "float": (2.5, 2),
    "no sequence": 2.5,
    "nested": [[2]],
}


@pytest.mark.parametrize("form", SHAPE_FORMS)
@pytest.mark.parametrize("name", CLASSES)
def test_shapes_of_every_kind_as_official(dialect, name, form):
    official, ours = PAIRS[dialect]
    shape = SHAPE_FORMS[form]
    expected = outcome(lambda: getattr(official, name)(**seeded(name))(shape))
    if expected != "raised":
        assert bits(getattr(ours, name)(**seeded(name))(shape)) == expected
        return
    with pytest.raises((TypeError, ValueError), match=f"^{name}: ") as caught:
        getattr(ours, name)(**seeded(name))(shape)
    assert "shape must" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2)], ids=str)
def test_identity_and_orthogonal_refuse_other_ranks(dialect, shape):
    for module in PAIRS[dialect]:
        with pytest.raises(ValueError, match="2"):
            module.Identity()(shape)
        if len(shape) < 2:
            with pytest.raises(ValueError, match=r"two|2"):
                module.Orthogonal()(shape)


BAD = [
    ({"scale": 0}, "scale must be a positive number, got 0"),
    ({"scale": -1.5}, "scale must be a positive number, got -1.5"),
    ({"scale": "a"}, "scale must be a positive number, got 'a'"),
    ({"scale": None}, "scale must be a positive number, got None"),
    ({"mode": "x"}, "mode must be one of fan_in, fan_out, fan_avg, got 'x'"),
    ({"mode": "FAN_IN"}, "mode must be one of"),
    ({"mode": None}, "mode must be one of"),
    ({"distribution": "x"}, "distribution must be one of truncated_normal, .*, got 'x'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=str)
def test_bad_arguments_of_variance_scaling(dialect, arguments, message):
    official, ours = PAIRS[dialect]
    with pytest.raises((TypeError, ValueError)):
        official.VarianceScaling(**arguments)
    with pytest.raises((TypeError, ValueError), match=f"^VarianceScaling: {message}"):
        ours.VarianceScaling(**arguments)


NUMBERS = ["a", None, [1.0, 2.0], tf.constant(1.5), tf.constant(1, tf.float64), np.float64(0.1),
           float("nan"), 0, -1, 1e40, True]  # fmt: skip


@pytest.mark.parametrize("index", range(len(NUMBERS)))
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("RandomNormal", "mean"),
        ("RandomNormal", "stddev"),
        ("TruncatedNormal", "mean"),
        ("RandomUniform", "minval"),
        ("RandomUniform", "maxval"),
        ("Orthogonal", "gain"),
        ("Identity", "gain"),
    ],
)
def test_numbers_of_every_kind_as_official(dialect, name, argument, index):
    arguments = seeded(name) | {argument: NUMBERS[index]}
    official, ours = PAIRS[dialect]
    for dtype in ("float32", "float64"):
        expected = outcome(lambda d=dtype: getattr(official, name)(**arguments)((2, 2), dtype=d))
        actual = outcome(lambda d=dtype: getattr(ours, name)(**arguments)((2, 2), dtype=d))
        assert actual == expected, dtype
        if actual == "raised":
            with pytest.raises((TypeError, ValueError), match=f"^{name}: .*{argument}(=| must be)"):
                getattr(ours, name)(**arguments)((2, 2), dtype=dtype)


PARTITIONS = [
    {"partition_shape": (1, 2)},
    {"partition_shape": (1, 2), "partition_offset": (0, 0)},
    {"partition_shape": (1, 2), "partition_offset": (1, 0)},
    {"partition_offset": (1, 0)},
    {"layout": None},
    {"foo": 1},
]


@pytest.mark.parametrize("partition", PARTITIONS, ids=str)
@pytest.mark.parametrize("name", CLASSES)
def test_partitions_as_official(dialect, name, partition):
    official, ours = PAIRS[dialect]
    expected = outcome(lambda: getattr(official, name)(**seeded(name))((2, 2), **partition))
    actual = outcome(lambda: getattr(ours, name)(**seeded(name))((2, 2), **partition))
    assert actual == expected
