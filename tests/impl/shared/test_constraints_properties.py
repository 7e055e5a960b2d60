"""Properties of constraints that hold for every kernel, and the inputs that would break them."""

import numpy as np
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from impl_helpers.dialects import pairs_of
from impl_helpers.values import MACHINE_EPSILON, bits

PAIRS = pairs_of("constraints")
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
