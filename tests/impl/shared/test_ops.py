"""`ops` of Keras 3: what constraints of one's own are written with."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.values import bits

import impl.keras3
from impl.keras3 import ops


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
