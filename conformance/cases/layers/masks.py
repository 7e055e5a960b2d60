"""Masks: made, given, passed on, dropped, and in the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed
from conformance.cases.layers.models import model, sequential
from conformance.cases.layers.training import sgd
from conformance.cases.references import custom, layer
from conformance.cases.steps import (
    CALL,
    GET_WEIGHTS,
    LOSSES,
    compiled,
    evaluated,
    predicted,
    symbolic,
    trained,
)
from conformance.model import Case, Reference, Step

_MAKES: Final = custom("MaskZeros", name="m")
SHOWS: Final = custom("ShowMask", name="s")
# A sequence whose second step is masked.
_X: Final = listed([[[1.0], [0.0], [2.0]]])
_Y: Final = listed([[[5.0], [5.0], [5.0]]])
_TWO: Final = listed([[[1.0], [0.0], [2.0]], [[0.0], [0.0], [3.0]]])
_TWO_Y: Final = listed([[[5.0], [5.0], [5.0]], [[1.0], [2.0], [3.0]]])
_ZERO: Final = listed([[[0.0], [0.0], [0.0]]])
_LABELS: Final = listed([[0, 1, 1]], "int32")
_ENTROPY: Final = "sparse_categorical_crossentropy"


def _dense(**arguments: Any) -> Reference:
    """A `Dense` without a bias whose kernel starts at ones."""
    start = {"units": 1, "use_bias": False, "kernel_initializer": "ones", "name": "d"}
    return layer("Dense", **{**start, **arguments})


def _convolution(class_name: str, **arguments: Any) -> Reference:
    kernels = ["depthwise", "pointwise"] if "Separable" in class_name else ["kernel"]
    if "Depthwise" in class_name:
        kernels = ["depthwise"]
    start = {f"{kernel}_initializer": "ones" for kernel in kernels}
    filters = {} if "Depthwise" in class_name else {"filters": 1}
    return layer(class_name, name="c", kernel_size=1, **filters, **start, **arguments)


# Layers between the one that makes a mask and what sees it.
_BETWEEN: Final[dict[str, tuple[Reference, ...]]] = {
    "nothing": (),
    "dense": (_dense(),),
    "two-dense": (_dense(), _dense(name="e")),
    "dense-relu": (_dense(activation="relu"),),
    "dense-mixed": (_dense(dtype="mixed_bfloat16"),),
    "dense-frozen": (_dense(trainable=False),),
    "dense-activity-penalty": (_dense(activity_regularizer="l1"),),
    "custom-linear": (custom("Linear", units=1, name="l"),),
    "custom-times": (custom("Times", factor=2.0, name="t"),),
    "custom-switch": (custom("Switch", name="w"),),
    "model": (sequential(_dense()),),
    "model-of-model": (sequential(sequential(_dense(), name="inmost")),),
    "mask-again": (_dense(), custom("MaskZeros", name="n")),
    "Conv1D": (_convolution("Conv1D"),),
    "Conv1D-same": (_convolution("Conv1D", padding="same"),),
    "Conv1D-causal": (_convolution("Conv1D", padding="causal"),),
    "Conv1D-strides": (_convolution("Conv1D", strides=2),),
    "Conv1DTranspose": (_convolution("Conv1DTranspose"),),
    "SeparableConv1D": (_convolution("SeparableConv1D"),),
    "DepthwiseConv1D": (_convolution("DepthwiseConv1D"),),
}
_SQUARES: Final = {
    name: (_convolution(name),)
    for name in ("Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D")
}
_CUBES: Final = {name: (_convolution(name),) for name in ("Conv3D", "Conv3DTranspose")}


def rows() -> Iterator[Case]:
    """Every case about masks."""
    yield from _seen()
    yield from _given()
    yield from _trained()


def _seen() -> Iterator[Case]:
    """What a layer behind others is given as its mask."""
    inputs = listed([[[[1.0], [0.0]], [[0.0], [2.0]]]]), listed([[[[[1.0], [0.0]]]]])
    for cells, x in ((_BETWEEN, _TWO), (_SQUARES, inputs[0]), (_CUBES, inputs[1])):
        for detail, layers in cells.items():
            row = model(_MAKES, *layers, SHOWS).given(inputs=x, flags="call-options")
            yield row("mask", f"seen-behind-{detail}", CALL, predicted())
    row = model(_MAKES, _dense(), SHOWS).given(inputs=_X, flags="call-options")
    yield row("mask", "symbolic", symbolic(None, 3, 1), CALL)
    yield row("mask", "all-masked", CALL, predicted(), inputs=_ZERO)
    unmade = model(_dense(), SHOWS).given(inputs=_X, flags="call-options")
    yield unmade("mask", "none-made", CALL, predicted())
    nested = model(sequential(_MAKES, _dense()), SHOWS).given(inputs=_X, flags="nested")
    yield nested("mask", "made-in-a-model", CALL, predicted())
    nested = model(_MAKES, sequential(_dense(), SHOWS)).given(inputs=_X, flags="nested")
    yield nested("mask", "seen-in-a-model", CALL, predicted())


def _given() -> Iterator[Case]:
    """A mask as an option of the call."""
    masks = {
        "some": listed([[True, False, True]], "bool"),
        "all": listed([[True, True, True]], "bool"),
        "none": listed([[False, False, False]], "bool"),
    }
    targets = {"shows": (SHOWS,), "dense": (_dense(),), "dense-then-shows": (_dense(), SHOWS)}
    for detail, layers in targets.items():
        row = model(*layers).given(inputs=_X, flags="call-options")
        for which, mask in masks.items():
            yield row("mask", f"given-{which}-to-{detail}", Step("call", 0, {"mask": mask}))
        yield row("mask", f"given-none-to-{detail}-by-name", Step("call", 0, {"mask": None}))


def _trained() -> Iterator[Case]:
    """The loss is taken over what is not masked."""
    chains: dict[str, tuple[Reference, ...]] = {
        "masked": (_MAKES, _dense()),
        "unmasked": (_dense(),),
        "dropped": (_MAKES, _convolution("Conv1D")),
        "activity-penalty": (_MAKES, _dense(activity_regularizer="l1")),
        "weight-penalty": (_MAKES, _dense(kernel_regularizer="l2")),
        "projected": (_MAKES, _dense(kernel_constraint="non_neg")),
        "nested": (_MAKES, sequential(_dense())),
        "made-in-a-model": (sequential(_MAKES), _dense()),
        "two-layers": (_MAKES, _dense(), _dense(name="e")),
        "mixed": (_MAKES, _dense(dtype="mixed_bfloat16")),
    }
    for detail, layers in chains.items():
        row = model(*layers).given(inputs=(_X, _Y), flags="training")
        steps = (CALL, compiled(sgd(learning_rate=0.01)), evaluated(3), trained(1, 3))
        yield row("mask", f"loss-{detail}", *steps, predicted(3), evaluated(3), LOSSES)
        pair = row.given(inputs=(_TWO, _TWO_Y))
        yield pair("mask", f"loss-of-batches-{detail}", *steps[:2], evaluated(1), trained(2, 1))
        for loss in ("mae", "huber"):
            asked = (compiled(sgd(learning_rate=0.01), loss), trained(1, 3), evaluated(3))
            yield row("mask", f"loss-{detail}-{loss}", CALL, *asked)
    row = model(_MAKES, _dense()).given(inputs=(_ZERO, _Y), flags="training")
    whole = (CALL, compiled(sgd(learning_rate=0.01)), evaluated(3), trained(1, 3), GET_WEIGHTS)
    yield row("mask", "loss-all-masked", *whole)
    soft = model(_MAKES, _dense(units=2, kernel_initializer="identity", activation="softmax"))
    soft = soft.given(inputs=(_X, _LABELS), flags="training")
    entropy = (CALL, compiled(sgd(learning_rate=0.01), _ENTROPY), evaluated(3), trained(1, 3))
    yield soft("mask", "loss-entropy", *entropy)
