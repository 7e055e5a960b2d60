"""`fit`: weights and losses after every epoch, with optimizers, losses, penalties, projections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.common import (
    KERAS2,
    POLICIES,
    Rows,
    array,
    build,
    constraint,
    custom,
    initializer,
    layer,
    regularizer,
    set_weights,
)
from conformance.cases.layers.models import sequential
from conformance.model import COMPUTED, Case, Input, Reference, Step

_X: Final = wave((5, 3))
_Y: Final = thirds((5, 4))
_LABELS: Final = listed([0, 3, 1, 2, 3], "int32")
_BIAS: Final = array((4,), formula=thirds)


def sgd(**arguments: Any) -> Reference:
    """Gradient descent."""
    return Reference("instance", "optimizers.SGD", {"learning_rate": 0.05, **arguments})


def adam(**arguments: Any) -> Reference:
    """Adam."""
    return Reference("instance", "optimizers.Adam", {"learning_rate": 0.05, **arguments})


def fit(optimizer: Any, loss: Any = "mse", epochs: int = 2, batch_size: int = 2) -> Step:
    """Trains on inputs 0 and 1."""
    return Step(
        "fit",
        0,
        {
            "target": 1,
            "optimizer": optimizer,
            "loss": loss,
            "epochs": epochs,
            "batch_size": batch_size,
        },
    )


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
    return Rows("layers.Dense")(
        group,
        detail,
        build(None, *x.tensor.shape[1:]),
        set_weights(*held),
        fit(optimizer, loss, epochs, batch_size),
        arguments={"units": 4, "name": "d", **arguments},
        inputs=(x, y),
        tolerance=COMPUTED,
        flags=("training", *flags),
    )


def _optimizers() -> Iterator[Case]:
    """Each optimizer by its arguments, with either loss."""
    chosen: dict[str, Reference] = {
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
    for detail, optimizer in chosen.items():
        yield _dense(f"{detail}-mse", optimizer, epochs=3)
        if detail in ("SGD", "SGD-momentum", "SGD-nesterov", "Adam", "Adam-epsilon"):
            yield _dense(
                f"{detail}-sparse_categorical_crossentropy",
                optimizer,
                loss="sparse_categorical_crossentropy",
                y=_LABELS,
                activation="softmax",
            )
    yield _dense(
        "SGD-crossentropy-of-logits",
        sgd(),
        loss=Reference("instance", "losses.SparseCategoricalCrossentropy", {"from_logits": True}),
        y=_LABELS,
    )
    yield _dense("SGD-mse-object", sgd(), loss=Reference("instance", "losses.MeanSquaredError", {}))
    for name in ("relu", "tanh", "sigmoid"):
        yield _dense(f"SGD-{name}", sgd(), activation=name, flags=("activation",))
    for policy in ("float16", "bfloat16", "float64", "mixed_bfloat16"):
        dtype = POLICIES[policy][1]
        for name, optimizer in (("SGD-momentum", sgd(momentum=0.9)), ("Adam", adam())):
            if policy in ("float16", "bfloat16") and name == "Adam":
                continue  # its epsilon of 1e-7 is 0 or lost there
            yield _dense(
                f"{name}-{policy}",
                optimizer,
                x=wave((5, 3), dtype),
                y=thirds((5, 4), dtype),
                policy=policy,
                dtype=policy,
                flags=("policy",),
            )


def _batches() -> Iterator[Case]:
    """Batches that divide the data and that do not; epochs."""
    for batch_size in (1, 3, 4, 5, 7):
        yield _dense(
            f"batches-of-{batch_size}",
            sgd(momentum=0.5),
            batch_size=batch_size,
            group="fit-batches",
        )
    yield _dense("one-epoch", sgd(), epochs=1, group="fit-batches")
    yield _dense("five-epochs", sgd(momentum=0.9), epochs=5, group="fit-batches")
    yield _dense("one-row", sgd(), x=wave((1, 3)), y=thirds((1, 4)), group="fit-batches")
    yield _dense("rank-3", sgd(), x=wave((3, 2, 3)), y=thirds((3, 2, 4)), group="fit-batches")
    yield _dense("no-bias", sgd(), use_bias=False, group="fit-batches")
    yield _dense("frozen", sgd(), trainable=False, group="fit-batches", flags=("trainable",))


def _penalties() -> Iterator[Case]:
    """Penalties enter the loss, and move the weights."""
    kernels: dict[str, Any] = {
        "L1": regularizer("L1", l1=0.1),
        "L2": regularizer("L2", l2=0.1),
        "L1L2": regularizer("L1L2", l1=0.1, l2=0.2),
        "OrthogonalRegularizer": regularizer("OrthogonalRegularizer", factor=0.1),
        "custom": custom("MyRegularizer", strength=0.1),
        "function": Reference("function", "l1_reg"),
    }
    for detail, given in kernels.items():
        yield _dense(
            f"kernel-{detail}",
            sgd(),
            kernel_regularizer=given,
            group="fit-penalties",
            flags=("regularizer",),
        )
    for argument in ("bias_regularizer", "activity_regularizer"):
        for detail in ("L1", "L2"):
            yield _dense(
                f"{argument.partition('_')[0]}-{detail}",
                sgd(),
                group="fit-penalties",
                flags=("regularizer",),
                **{argument: kernels[detail]},
            )
    yield _dense(
        "all-Adam",
        adam(),
        kernel_regularizer=kernels["L1L2"],
        bias_regularizer=kernels["L2"],
        activity_regularizer=kernels["L1"],
        group="fit-penalties",
        flags=("regularizer",),
    )


def _projections() -> Iterator[Case]:
    """Constraints are applied after every update."""
    projections: dict[str, Any] = {
        "MaxNorm": constraint("MaxNorm", max_value=0.75),
        "MinMaxNorm": constraint("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5),
        "NonNeg": constraint("NonNeg"),
        "UnitNorm": constraint("UnitNorm"),
        "CenterAround": custom("CenterAround", ref_value=0.5),
    }
    for detail, given in projections.items():
        for name in ("kernel", "bias"):
            yield _dense(
                f"{name}-{detail}",
                sgd(momentum=0.5),
                group="fit-projections",
                flags=("constraint",),
                **{f"{name}_constraint": given},
            )
    for detail in ("MaxNorm", "NonNeg"):
        yield _dense(
            f"both-{detail}-Adam",
            adam(),
            kernel_constraint=projections[detail],
            bias_constraint=projections[detail],
            group="fit-projections",
            flags=("constraint",),
        )
    yield _dense(
        "kernel-MaxNorm-axis-1-and-L2",
        sgd(),
        kernel_constraint=constraint("MaxNorm", max_value=0.5, axis=1),
        kernel_regularizer=regularizer("L2", l2=0.1),
        group="fit-projections",
        flags=("constraint", "regularizer"),
    )
    yield _dense(
        "kernel-function",
        sgd(learning_rate=0.01),
        epochs=1,
        kernel_constraint=Reference("function", "double"),
        group="fit-projections",
        flags=("constraint",),
    )
    image, target = wave((2, 4, 4, 1)), thirds((2, 2, 2, 2))
    kernel, bias = array((3, 3, 1, 2)), array((2,))
    for detail, chosen in (("SGD", sgd()), ("Adam", adam())):
        yield Rows("layers.Conv2D", KERAS2)(
            "fit-projections",
            f"RadialConstraint-{detail}",
            build(None, 4, 4, 1),
            set_weights(kernel, bias),
            fit(chosen, batch_size=1),
            arguments={
                "filters": 2,
                "kernel_size": 3,
                "name": "c",
                "kernel_constraint": constraint("RadialConstraint"),
            },
            inputs=(image, target),
            tolerance=COMPUTED,
            flags=("training", "constraint"),
        )


def _models() -> Iterator[Case]:
    """Models of several layers."""
    hidden = layer("Dense", units=4, name="a", activation="relu")
    values = (array((3, 4)), _BIAS, array((4, 2), formula=thirds), array((2,)))
    two = thirds((5, 2))
    chosen: dict[str, tuple[list[Any], Reference, Any]] = {
        "relu-SGD": ([hidden, layer("Dense", units=2, name="b")], sgd(), "mse"),
        "relu-Adam": ([hidden, layer("Dense", units=2, name="b")], adam(), "mse"),
        "relu-SGD-momentum": (
            [hidden, layer("Dense", units=2, name="b")],
            sgd(learning_rate=0.01, momentum=0.9),
            "mse",
        ),
        "softmax": (
            [hidden, layer("Dense", units=2, name="b", activation="softmax")],
            sgd(),
            "sparse_categorical_crossentropy",
        ),
        "first-layer-frozen": (
            [
                layer("Dense", units=4, name="a", trainable=False),
                layer("Dense", units=2, name="b"),
            ],
            sgd(learning_rate=0.01),
            "mse",
        ),
        "penalties-and-projections": (
            [
                layer(
                    "Dense", units=4, name="a", kernel_regularizer="l2", kernel_constraint="non_neg"
                ),
                layer("Dense", units=2, name="b", activity_regularizer="l1"),
            ],
            sgd(learning_rate=0.01),
            "mse",
        ),
        "user-defined-layer": (
            [hidden, custom("Linear", units=2, name="b", kernel_regularizer="l2")],
            sgd(learning_rate=0.01),
            "mse",
        ),
        "add_loss": (
            [hidden, layer("Dense", units=2, name="b"), custom("MyLayer", name="m")],
            sgd(learning_rate=0.01),
            "mse",
        ),
        "nested": (
            [sequential(hidden), layer("Dense", units=2, name="b")],
            sgd(learning_rate=0.01),
            "mse",
        ),
    }
    for detail, (layers, optimizer, loss) in chosen.items():
        labels = loss != "mse"
        frozen = "frozen" in detail
        yield Rows("models.Sequential")(
            "fit",
            detail,
            build(None, 3),
            # Weights that are trained stand first in Keras 2.
            *(() if frozen else (set_weights(*values),)),
            fit(optimizer, loss),
            arguments={
                "name": "s",
                "layers": layers
                if not frozen
                else [
                    layer(
                        "Dense",
                        units=4,
                        name="a",
                        trainable=False,
                        kernel_initializer=initializer("Constant", value=0.25),
                    ),
                    layer("Dense", units=2, name="b", kernel_initializer="ones"),
                ],
            },
            inputs=(_X, listed([0, 1, 1, 0, 1], "int32") if labels else two),
            tolerance=COMPUTED,
            flags=("training",),
        )
