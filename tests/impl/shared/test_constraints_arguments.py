"""Arguments of constraints of every kind: what is accepted, what is refused, and how."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.constraints import NORMED
from impl_helpers.dialects import pairs_of
from impl_helpers.values import bits

PAIRS = pairs_of("constraints")
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


def test_attributes_are_mutable(dialect):
    constraint = PAIRS[dialect][1].MaxNorm(axis=1)
    constraint.max_value = 1.0
    assert constraint.get_config() == {"max_value": 1.0, "axis": 1}
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
