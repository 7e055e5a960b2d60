"""`fit`: weights and losses after every epoch, with optimizers, losses, penalties, projections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.layers.models import VALUES, model, sequential
from conformance.cases.references import (
    constraint,
    custom,
    function,
    initializer,
    instance,
    layer,
    regularizer,
)
from conformance.cases.rows import KERAS2, Rows
from conformance.cases.steps import build, set_weights
from conformance.model import Case, Input, Reference, Step

_X: Final = wave((5, 3))
_Y: Final = thirds((5, 4))
_LABELS: Final = listed([0, 3, 1, 2, 3], "int32")
_ENTROPY: Final = "sparse_categorical_crossentropy"


def sgd(**arguments: Any) -> Reference:
    """Gradient descent."""
    return instance("optimizers.SGD", **{"learning_rate": 0.05, **arguments})


def adam(**arguments: Any) -> Reference:
    """Adam."""
    return instance("optimizers.Adam", **{"learning_rate": 0.05, **arguments})


def fit(optimizer: Any, loss: Any = "mse", epochs: int = 2, batch_size: int = 2) -> Step:
    """Trains on inputs 0 and 1."""
    options = {"target": 1, "optimizer": optimizer, "loss": loss}
    return Step("fit", 0, {**options, "epochs": epochs, "batch_size": batch_size})


def rows() -> Iterator[Case]:
    """Every case about training."""
    yield from _optimizers()
    yield from _batches()
    yield from _penalties()
    yield from _projections()
    yield from _models()


def _dense(
    detail: str,
    optimizer: Reference,
    *,
    loss: Any = "mse",
    epochs: int = 2,
    batch_size: int = 2,
    x: Input = _X,
    y: Input = _Y,
    policy: str = "float32",
    group: str = "fit",
    flags: tuple[str, ...] = (),
    **arguments: Any,
) -> Case:
    """A `Dense` of 4 units, with weights by formula, that is trained."""
    variable = POLICIES[policy][1]
    kernel, bias = array((x.tensor.shape[-1], 4), variable), array((4,), variable, thirds)
    held = (kernel, bias) if arguments.get("use_bias", True) else (kernel,)
    made = {"units": 4, "name": "d", **arguments}
    row = Rows("layers.Dense", arguments=made, inputs=(x, y), flags=("training", *flags))
    steps = (build(None, *x.tensor.shape[1:]), set_weights(*held))
    return row(group, detail, *steps, fit(optimizer, loss, epochs, batch_size))


_OPTIMIZERS: Final[dict[str, Reference]] = {
    "SGD": sgd(),
    "SGD-rate": sgd(learning_rate=0.2),
    "SGD-rate-0": sgd(learning_rate=0.0),
    "SGD-momentum": sgd(momentum=0.9),
    "SGD-momentum-0.5": sgd(momentum=0.5),
    "SGD-nesterov": sgd(momentum=0.9, nesterov=True),
    "SGD-nesterov-without-momentum": sgd(nesterov=True),
    "Adam": adam(),
    "Adam-rate": adam(learning_rate=0.001),
    "Adam-betas": adam(beta_1=0.5, beta_2=0.9),
    "Adam-beta_1-0": adam(beta_1=0.0),
    "Adam-epsilon": adam(epsilon=0.1),
}


def _optimizers() -> Iterator[Case]:
    """Each optimizer by its arguments, with either loss."""
    labelled: dict[str, Any] = {"loss": _ENTROPY, "y": _LABELS, "activation": "softmax"}
    for detail, optimizer in _OPTIMIZERS.items():
        yield _dense(f"{detail}-mse", optimizer, epochs=3)
        if detail in ("SGD", "SGD-momentum", "SGD-nesterov", "Adam", "Adam-epsilon"):
            yield _dense(f"{detail}-{_ENTROPY}", optimizer, **labelled)
    logits = instance("losses.SparseCategoricalCrossentropy", from_logits=True)
    yield _dense("SGD-crossentropy-of-logits", sgd(), loss=logits, y=_LABELS)
    yield _dense("SGD-mse-object", sgd(), loss=instance("losses.MeanSquaredError"))
    for name in ("relu", "tanh", "sigmoid"):
        yield _dense(f"SGD-{name}", sgd(), activation=name, flags=("activation",))
    for policy in ("float16", "bfloat16", "float64", "mixed_bfloat16"):
        dtype = POLICIES[policy][1]
        given: dict[str, Any] = {"x": wave((5, 3), dtype), "y": thirds((5, 4), dtype)}
        given |= {"policy": policy, "dtype": policy, "flags": ("policy",)}
        yield _dense(f"SGD-momentum-{policy}", sgd(momentum=0.9), **given)
        if policy not in ("float16", "bfloat16"):  # where the epsilon of 1e-7 is 0 or lost
            yield _dense(f"Adam-{policy}", adam(), **given)


def _batches() -> Iterator[Case]:
    """Batches that divide the data and that do not; epochs."""
    group = "fit-batches"
    for size in (1, 3, 4, 5, 7):
        yield _dense(f"batches-of-{size}", sgd(momentum=0.5), batch_size=size, group=group)
    yield _dense("one-epoch", sgd(), epochs=1, group=group)
    yield _dense("five-epochs", sgd(momentum=0.9), epochs=5, group=group)
    yield _dense("one-row", sgd(), x=wave((1, 3)), y=thirds((1, 4)), group=group)
    yield _dense("rank-3", sgd(), x=wave((3, 2, 3)), y=thirds((3, 2, 4)), group=group)
    yield _dense("no-bias", sgd(), use_bias=False, group=group)
    yield _dense("frozen", sgd(), trainable=False, group=group, flags=("trainable",))


_KERNELS: Final[dict[str, Any]] = {
    "L1": regularizer("L1", l1=0.1),
    "L2": regularizer("L2", l2=0.1),
    "L1L2": regularizer("L1L2", l1=0.1, l2=0.2),
    "OrthogonalRegularizer": regularizer("OrthogonalRegularizer", factor=0.1),
    "custom": custom("MyRegularizer", strength=0.1),
    "function": function("l1_reg"),
}


def _penalties() -> Iterator[Case]:
    """Penalties enter the loss, and move the weights."""
    common: dict[str, Any] = {"group": "fit-penalties", "flags": ("regularizer",)}
    for detail, given in _KERNELS.items():
        yield _dense(f"kernel-{detail}", sgd(), kernel_regularizer=given, **common)
    for part in ("bias", "activity"):
        for detail in ("L1", "L2"):
            penalty = {f"{part}_regularizer": _KERNELS[detail]}
            yield _dense(f"{part}-{detail}", sgd(), **penalty, **common)
    yield _dense(
        "all-Adam",
        adam(),
        kernel_regularizer=_KERNELS["L1L2"],
        bias_regularizer=_KERNELS["L2"],
        activity_regularizer=_KERNELS["L1"],
        **common,
    )


_PROJECTIONS: Final[dict[str, Any]] = {
    "MaxNorm": constraint("MaxNorm", max_value=0.75),
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5),
    "NonNeg": constraint("NonNeg"),
    "UnitNorm": constraint("UnitNorm"),
    "CenterAround": custom("CenterAround", ref_value=0.5),
}


def _projections() -> Iterator[Case]:
    """Constraints are applied after every update."""
    group = "fit-projections"
    common: dict[str, Any] = {"group": group, "flags": ("constraint",)}
    for detail, given in _PROJECTIONS.items():
        for name in ("kernel", "bias"):
            projection = {f"{name}_constraint": given}
            yield _dense(f"{name}-{detail}", sgd(momentum=0.5), **projection, **common)
    for detail in ("MaxNorm", "NonNeg"):
        both = dict.fromkeys(("kernel_constraint", "bias_constraint"), _PROJECTIONS[detail])
        yield _dense(f"both-{detail}-Adam", adam(), **both, **common)
    yield _dense(
        "kernel-MaxNorm-axis-1-and-L2",
        sgd(),
        kernel_constraint=constraint("MaxNorm", max_value=0.5, axis=1),
        kernel_regularizer=regularizer("L2", l2=0.1),
        group=group,
        flags=("constraint", "regularizer"),
    )
    double = function("double")
    slow = sgd(learning_rate=0.01)
    yield _dense("kernel-function", slow, epochs=1, kernel_constraint=double, **common)
    arguments = {"filters": 2, "kernel_size": 3, "name": "c"}
    row = Rows("layers.Conv2D", KERAS2, arguments=arguments, flags=("training", "constraint"))
    row = row.given(arguments={"kernel_constraint": constraint("RadialConstraint")})
    row = row.given(inputs=(wave((2, 4, 4, 1)), thirds((2, 2, 2, 2))))
    steps = (build(None, 4, 4, 1), set_weights(array((3, 3, 1, 2)), array((2,))))
    for detail, chosen in (("SGD", sgd()), ("Adam", adam())):
        yield row(group, f"RadialConstraint-{detail}", *steps, fit(chosen, batch_size=1))


_HIDDEN: Final = layer("Dense", units=4, name="a", activation="relu")
_LAST: Final = layer("Dense", units=2, name="b")
_PENALISED: Final = layer(
    "Dense", units=4, name="a", kernel_regularizer="l2", kernel_constraint="non_neg"
)
_FROZEN: Final = layer(
    "Dense",
    units=4,
    name="a",
    trainable=False,
    kernel_initializer=initializer("Constant", value=0.25),
)
_ONES: Final = layer("Dense", units=2, name="b", kernel_initializer="ones")
_SOFTMAX: Final = layer("Dense", units=2, name="b", activation="softmax")
_ACTIVE: Final = layer("Dense", units=2, name="b", activity_regularizer="l1")
_CUSTOM: Final = custom("Linear", units=2, name="b", kernel_regularizer="l2")
_ADDING: Final = custom("MyLayer", name="m")
_SLOW: Final = sgd(learning_rate=0.01)
_MODELS: Final[dict[str, tuple[tuple[Reference, ...], Reference]]] = {
    "relu-SGD": ((_HIDDEN, _LAST), sgd()),
    "relu-Adam": ((_HIDDEN, _LAST), adam()),
    "relu-SGD-momentum": ((_HIDDEN, _LAST), sgd(learning_rate=0.01, momentum=0.9)),
    "softmax": ((_HIDDEN, _SOFTMAX), sgd()),
    "first-layer-frozen": ((_FROZEN, _ONES), _SLOW),
    "penalties-and-projections": ((_PENALISED, _ACTIVE), _SLOW),
    "user-defined-layer": ((_HIDDEN, _CUSTOM), _SLOW),
    "add_loss": ((_HIDDEN, _LAST, _ADDING), _SLOW),
    "nested": ((sequential(_HIDDEN), _LAST), _SLOW),
}


def _models() -> Iterator[Case]:
    """Models of several layers."""
    labels, two = listed([0, 1, 1, 0, 1], "int32"), thirds((5, 2))
    for detail, (layers, optimizer) in _MODELS.items():
        loss, y = (_ENTROPY, labels) if detail == "softmax" else ("mse", two)
        row = model(*layers).given(inputs=(_X, y), flags="training")
        # Weights that are trained stand first in Keras 2.
        prepared = () if _FROZEN in layers else (set_weights(*VALUES),)
        yield row("fit", detail, BUILD, *prepared, fit(optimizer, loss))
