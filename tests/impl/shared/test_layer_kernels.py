"""Layers on other devices: an op that has no GPU kernel, or that XLA cannot compile, is found here.

Both are asked of a call together with its penalties, its gradient and the constraint of the kernel.
"""

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.convolution_layers import rank_of, wave
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

import impl.keras2
import impl.keras3

DIALECTS = {"keras2": impl.keras2, "keras3": impl.keras3}
# The float dtypes with the fewest kernels: float16 and float32 have those that these have.
RAREST = ["bfloat16", "float64"]
EPSILON = 2**-23

# What a graph holds that no device computes: where values come in, and order among ops. The ops of
# a function that is called are looked at themselves, wherever it is called from.
STRUCTURAL = {"Placeholder", "NoOp", "PartitionedCall", "StatefulPartitionedCall"}

CONVOLUTIONS = {
    **{f"Conv{rank}D": {"filters": 4, "kernel_size": 2} for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": {"filters": 4, "kernel_size": 3} for rank in (1, 2, 3)},
    **{f"SeparableConv{rank}D": {"filters": 4, "kernel_size": 2} for rank in (1, 2)},
    **{f"DepthwiseConv{rank}D": {"kernel_size": 2} for rank in (1, 2)},
}
PRODUCTS = {
    "MatMul",
    "Conv2D",
    "Conv3D",
    "DepthwiseConv2dNative",
    "Conv2DBackpropInput",
    "Conv3DBackpropInputV2",
}


def rows():
    """Every layer class, with the arguments on which the choice of its ops depends."""
    yield "Dense", {"units": 4}, [2, 3]
    yield "Dense", {"units": 4, "use_bias": False}, [2, 5, 3]
    for name, basis in CONVOLUTIONS.items():
        sizes = [6, 5, 4][: rank_of(name)]
        plans = [
            {},
            {"strides": 2, "padding": "same"},
            {"data_format": "channels_first"},
        ]
        if "Transpose" not in name:
            plans.append({"dilation_rate": 2, "padding": "same"})
        if name in ("Conv1D", "Conv2D", "Conv3D"):
            plans += [{"groups": 2}, {"groups": 2, "data_format": "channels_first"}]
        if name == "Conv1D":
            plans.append({"padding": "causal"})
        if "Transpose" in name:
            plans.append({"strides": 2, "output_padding": 1})
        if name in ("Conv1DTranspose", "Conv2DTranspose"):
            plans.append({"dilation_rate": 2})
        if "filters" not in basis or "Separable" in name:
            plans.append({"depth_multiplier": 3})
        if name == "DepthwiseConv2D":
            plans.append({"strides": (1, 2)})
        for plan in plans:
            first = plan.get("data_format") == "channels_first"
            yield name, basis | plan, [2, 4, *sizes] if first else [2, *sizes, 4]


# The dialects share what computes: each row in one of them, in turn.
ROWS = [
    pytest.param(dialect, *row, id=f"{dialect}-{row[0]}-{row[1]}")
    for number, row in enumerate(rows())
    for dialect in [[*DIALECTS][number % 2]]
]


def kernel_argument(name, suffix):
    """The argument that a penalty or a constraint of the (first) kernel has."""
    part = "depthwise" if name.startswith(("Depthwise", "Separable")) else "kernel"
    return f"{part}_{suffix}"


def make(dialect, name, arguments, shape, **more):
    layer = getattr(DIALECTS[dialect].layers, name)(**arguments, **more)
    layer.build([None, *shape[1:]])
    layer.set_weights([wave(w.shape, w.dtype).numpy() + 0.25 for w in layer.weights])
    return layer


def cotangent(y):
    return tf.cast(np.cos(np.arange(np.prod(y.shape))).reshape(y.shape), y.dtype)


def step(layer, x):
    """Outputs, penalties, gradients, and the kernel as its constraint makes it."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        total = tf.reduce_sum(y * cotangent(y))
        losses = [*layer.losses]
        total += tf.add_n([tf.cast(loss, total.dtype) for loss in losses])
    gradients = tape.gradient(total, [x, *layer.trainable_weights])
    projected = [w.constraint(w) for w in layer.trainable_weights if w.constraint]
    return y, losses, gradients, projected


def every_op(graph):
    """Node by node: those of a graph, and those of every function in its library."""
    definition = graph.as_graph_def()
    yield from definition.node
    for function in definition.library.function:
        yield from function.node_def


def has_gpu_kernel(node):
    """Whether a kernel for GPUs takes the types of a node; `DEFAULT` ones are for every device."""
    for kernel in get_registered_kernels_for_op(node.op).kernel:
        if kernel.device_type in ("GPU", "DEFAULT") and all(
            node.attr[c.name].type in c.allowed_values.list.type for c in kernel.constraint
        ):
            return True
    return False


@pytest.mark.parametrize("dtype", RAREST)
@pytest.mark.parametrize(("dialect", "name", "arguments", "shape"), ROWS)
def test_every_op_has_a_gpu_kernel(dialect, name, arguments, shape, dtype):
    penalties = {
        kernel_argument(name, "regularizer"): "l2",
        "activity_regularizer": "l1",
        kernel_argument(name, "constraint"): "unit_norm",
    }
    layer = make(dialect, name, arguments | penalties, shape, activation="relu", dtype=dtype)
    traced = tf.function(lambda x: step(layer, x)).get_concrete_function(
        tf.TensorSpec(shape, dtype)
    )
    missing = {
        f"{node.op}({types_pb2.DataType.Name(node.attr['T'].type)})"
        for node in every_op(traced.graph)
        if node.op not in STRUCTURAL and not has_gpu_kernel(node)
    }
    assert missing == set()
    assert PRODUCTS & {node.op for node in every_op(traced.graph)}


def test_what_has_no_gpu_kernel_is_found():
    @tf.function
    def inner(x, text):
        return x @ x + tf.cast(tf.strings.length(text), x.dtype)

    for dtype, missing in ((tf.float32, {"StringLength"}), (tf.int32, {"StringLength", "MatMul"})):
        specs = tf.TensorSpec([3, 3], dtype), tf.TensorSpec([], tf.string)
        graph = tf.function(lambda *x: inner(*x)).get_concrete_function(*specs).graph
        nodes = [n for n in every_op(graph) if n.op not in STRUCTURAL]
        assert {n.op for n in nodes if not has_gpu_kernel(n)} == missing


@pytest.mark.parametrize(("dialect", "name", "arguments", "shape"), ROWS)
def test_xla_agrees_with_eager(dialect, name, arguments, shape):
    """Within 8 eps S: S is the same layer on magnitudes, which is linear in each of its tensors.

    So its gradient, for a cotangent of magnitudes, is the sum of the magnitudes of a gradient.
    """
    layer = make(dialect, name, arguments, shape)
    x = wave(shape)

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            total = tf.reduce_sum(y * factors)
        return [y, *tape.gradient(total, [x, *layer.trainable_weights])]

    factors = cotangent(layer(x))
    eager = run(x)
    compiled = tf.function(run, jit_compile=True)(x)
    layer.set_weights([np.abs(w) for w in layer.get_weights()])
    factors = tf.abs(factors)
    magnitudes = run(tf.abs(x))
    for actual, expected, s in zip(compiled, eager, magnitudes, strict=True):
        assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
        assert (np.abs(actual - expected) <= 8 * EPSILON * s.numpy()).all()
