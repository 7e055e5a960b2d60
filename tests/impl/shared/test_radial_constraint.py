"""`RadialConstraint`, which Keras 2 has: ring by ring."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from impl_helpers.constraints import FLOATS
from impl_helpers.values import bits

import impl.keras2


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
@pytest.mark.parametrize("unknown", ["nothing", "channels"])
def test_radial_in_graphs(size, jit, unknown):
    """Official raises in a graph, and for a 1x1 kernel, whose one ring is itself."""
    specials = np.array([np.nan, -0.0, 1e-30, np.inf, -1.0], np.float32)
    w = np.resize(specials, (size, size, 3, 2))
    shape = {"nothing": w.shape, "channels": [size, size, None, None]}
    spec = [tf.TensorSpec(shape[unknown], tf.float32)]
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
    with pytest.raises(ValueError, match=rule):  # as official does where a size is unknown
        anything(tf.zeros(shape))
