"""Convolutions in graphs, by XLA, with unknown sizes, on GPUs."""

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.convolution_grid import PLANS, SHAPES, SIZES, wave, window
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

from impl.core import convolution as core

KINDS = {
    "convolve": lambda x, k, w: core.convolve(x, k, None, w),
    "depthwise": lambda x, k, w: core.depthwise(x, k, None, w),
    "transposed": lambda x, k, w: core.transposed(x, k, None, w, (None,) * w.rank),
}
ANYWHERE = [
    (kind, rank, plan, 1, first)
    for kind in KINDS
    for rank in ((1, 2) if kind == "depthwise" else (1, 2, 3))
    for plan, first in ((PLANS[4], False), (PLANS[7], True))
]
ANYWHERE += [("convolve", rank, PLANS[3], 2, rank == 2) for rank in (1, 2, 3)]


@pytest.mark.parametrize(("kind", "rank", "plan", "groups", "first"), ANYWHERE, ids=str)
def test_graphs_xla_unknown_sizes_and_gradients(kind, rank, plan, groups, first):
    w = window(rank, **plan, groups=groups, first=first)
    shape = [2, 4, *SHAPES[rank][1:]] if first else [*SHAPES[rank], 4]
    x, kernel = wave(shape, "float32"), wave([*SIZES[rank][0], 4 // groups, 4], "float32")

    def run(x, kernel):
        return KINDS[kind](x, kernel, w)

    def gradients(run):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = run(x, kernel)
        return [y, *tape.gradient(y, [x, kernel])]

    expected = gradients(run)
    unknown = [None] * (rank + 2)
    unknown[1 if first else -1] = 4
    ways = [
        tf.function(run),
        tf.function(run, jit_compile=True),
        tf.function(run, input_signature=[tf.TensorSpec(unknown), tf.TensorSpec(kernel.shape)]),
    ]
    if groups > 1 or (first and rank == 3 and kind == "convolve"):
        ways.pop()  # what XLA compiles needs sizes that are known
    for way in ways:
        for actual, wanted in zip(gradients(way), expected, strict=True):
            np.testing.assert_allclose(actual, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("kind", "rank", "plan", "groups", "first"), ANYWHERE, ids=str)
def test_every_op_has_a_kernel_for_gpus(kind, rank, plan, groups, first):
    w = window(rank, **plan, groups=groups, first=first)
    shape = [2, 4, *SHAPES[rank][1:]] if first else [*SHAPES[rank], 4]
    kernel = wave([*SIZES[rank][0], 4 // groups, 4], "float32")
    graph = (
        tf.function(lambda x: KINDS[kind](x, kernel, w))
        .get_concrete_function(tf.TensorSpec(shape))
        .graph
    )
    for op in graph.get_operations():
        if "Call" in op.type or op.type in ("Placeholder", "NoOp"):
            continue  # a call has the kernels of what it calls, or is compiled for the device
        devices = {k.device_type for k in get_registered_kernels_for_op(op.type).kernel}
        assert "GPU" in devices or "DEFAULT" in devices, op.type


def test_nothing_is_compiled_twice():
    w = window(2, groups=2)
    x, kernel = wave([1, 5, 5, 4], "float32"), wave([2, 2, 2, 4], "float32")
    core.convolve(x, kernel, None, w)
    before = core._compiled_for.cache_info().misses
    for _ in range(3):
        core.convolve(x, kernel, None, w)
    assert core._compiled_for.cache_info().misses == before
