"""Arguments of regularizers of every kind: what is accepted, what is refused, and how."""

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.dialects import pairs_of
from impl_helpers.regularizers import CLASSES, ORTHOGONAL
from impl_helpers.values import bits

PAIRS = pairs_of("regularizers")
NUMBERS = [
    *[0, 1, 2, 0.3, 1e-50, 1e30, True, False, None, np.float64(0.1), 10**30, 10**400, -1, -0.5],
    *[float("nan"), float("inf"), -float("inf"), "0.1", [0.1], (), {}, 1j, b"1", np.array(0.5)],
    *[np.float32(0.1), np.int64(2), np.bool_(True), tf.constant(0.1), 1e39],
]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
@pytest.mark.parametrize(
    ("name", "argument"),
    [("L1", "l1"), ("L2", "l2"), ("L1L2", "l1"), ("L1L2", "l2"), (ORTHOGONAL, "factor")],
)
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_factors_as_official(dialect, name, argument, value):
    official, ours = PAIRS[dialect]
    try:
        expected = getattr(official, name)(**{argument: value}).get_config()
    except (ValueError, OverflowError):
        if dialect == "keras3" and name == ORTHOGONAL and repr(value) == repr(10**30):
            return  # too large for the int32 that official makes of it; here it is a number
        with pytest.raises(ValueError, match=f"^{name}: {argument} must be a finite number"):
            getattr(ours, name)(**{argument: value})
        return
    if dialect == "keras3" and name == ORTHOGONAL:
        expected["factor"] = float(np.float32(expected["factor"]))  # float64 is kept as such there
    assert getattr(ours, name)(**{argument: value}).get_config() == expected


@pytest.mark.parametrize("mode", ["Rows", "row", "", None, 0, ["rows"], b"rows"], ids=repr)
def test_modes_that_are_none(dialect, mode):
    for module in PAIRS[dialect]:
        with pytest.raises((TypeError, ValueError)):
            module.OrthogonalRegularizer(mode=mode)
    with pytest.raises(ValueError, match="mode must be 'rows' or 'columns'"):
        PAIRS[dialect][1].OrthogonalRegularizer(mode=mode)


def test_keras2_takes_the_factor_as_l():
    for module in PAIRS["keras2"]:
        assert module.L1(l=0.5).get_config() == {"l1": 0.5}
        assert module.L2(0.1, l=0.5).get_config() == {"l2": 0.5}
        assert module.L2(l=None).get_config() == {"l2": 0.009999999776482582}
        with pytest.raises(TypeError):
            module.L1(foo=1)
    for module in PAIRS["keras3"]:
        with pytest.raises(TypeError):
            module.L1(l=0.5)


@pytest.mark.parametrize("value", [0.3, 2, -1, np.float32(0.3), np.float64(0.3), True], ids=repr)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_factors_set_afterwards_as_official(dialect, value, dtype):
    x = tf.constant([[1.0, -2.0], [3.0, 4.0]], dtype)
    for name, argument in [("L1", "l1"), ("L2", "l2"), ("L1L2", "l1"), ("L1L2", "l2")]:
        answers = []
        for module in PAIRS[dialect]:
            regularizer = getattr(module, name)()
            setattr(regularizer, argument, value)
            answers.append((bits(regularizer(x)), float(regularizer.get_config()[argument])))
        assert answers[1] == answers[0], (name, argument)


@pytest.mark.parametrize("value", ["a", None, {}], ids=repr)
def test_factors_that_are_no_numbers_afterwards(dialect, value):
    regularizer = PAIRS[dialect][1].L1()
    regularizer.l1 = value
    with pytest.raises((TypeError, ValueError), match=r"^L1: l1 must be a number"):
        regularizer([1.0])


@pytest.mark.parametrize("shape", [[], [2], [2, 2, 1], [2, 2, 1, 1]], ids=str)
def test_orthogonal_takes_matrices(dialect, shape):
    for module in PAIRS[dialect]:
        with pytest.raises(ValueError, match="rank 2"):
            module.OrthogonalRegularizer()(tf.zeros(shape))


@pytest.mark.parametrize("x", [None, "abc", {}, [[1.0], [2.0, 3.0]], tf.constant("a")], ids=repr)
@pytest.mark.parametrize("name", CLASSES)
def test_bad_weights(dialect, name, x):
    arguments = {"l1": 0.1} if name == "L1L2" else {}
    with pytest.raises((TypeError, ValueError), match=f"^{name}: x must") as caught:
        getattr(PAIRS[dialect][1], name)(**arguments)(x)
    assert "\n" not in str(caught.value)
