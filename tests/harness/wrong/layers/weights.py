"""Which penalties and weights layers may have instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from wrong import KERAS2, tensorflow
from wrong.layers.making import (
    CONV1D,
    CONV2D,
    DENSE,
    DEPTHWISE,
    ELSEWHERE,
    LAYER,
    SEPARABLE,
    Change,
    Keras,
    Mistake,
    Official,
    adding,
    attribute,
    method,
    without,
)


def _penalised(wrong: Callable[[Any, Any], Any]) -> Change:
    """An activity penalty that is `wrong(penalty, outputs)`."""

    def construct(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
        official(*arguments, **named)
        right = self.activity_regularizer
        if right is not None:
            self.activity_regularizer = lambda y: wrong(right(y), y)

    return method("__init__", construct)


def _batch(penalty: Any, y: Any) -> Any:
    tf = tensorflow()
    return penalty * tf.cast(tf.shape(y)[0], penalty.dtype)


def _inner(layer: Any) -> list[Any]:
    """The layers that are attributes of a layer, or in a list that is."""
    found: list[Any] = []
    for name, value in vars(layer).items():
        several = value if isinstance(value, list | tuple) else [value]
        found += [v for v in several if not name.startswith("_") and hasattr(v, "add_loss")]
    return found


def _losses_of_inner_twice(self: Any, losses: Any) -> Any:
    return [*losses, *(loss for inner in _inner(self) for loss in inner.losses)]


def _losses_of_inner_missing(self: Any, losses: Any) -> Any:
    return losses[: len(losses) - sum(len(inner.losses) for inner in _inner(self))]


def _trainable_alone(keras: Keras) -> Mapping[str, Any]:
    """`trainable` that does not reach the layers inside."""
    official = keras.member("layers.Layer.trainable")

    def set_own(self: Any, value: Any) -> None:
        inner = _inner(self)
        kept = [layer.trainable for layer in inner]
        official.fset(self, value)
        for layer, before in zip(inner, kept, strict=True):
            official.fset(layer, before)

    return {"layers.Layer.trainable": property(official.fget, set_own)}


def _reshaped(self: Any, official: Official, values: Any) -> None:
    """`set_weights` that reshapes, and sets what there is."""
    for weight, value in zip(self.weights, values, strict=False):
        weight.assign(np.reshape(value, weight.shape))


MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake("activity-of-the-whole-batch", name, ("losses",), _penalised(_batch), groups)
        for name, groups in ((DENSE, ("losses/batch-*",)), (CONV1D, ("losses/activity*",)))
    ),
    Mistake(
        "activity-counted-twice",
        DENSE,
        ("losses",),
        _penalised(lambda penalty, y: 2 * penalty),
        ("losses/*", "activity_regularizer/*"),
    ),
    *(
        Mistake("bias-not-penalised", name, ("count",), without("bias_regularizer"), groups)
        for name, groups in ((DENSE, ("bias_regularizer/*",)), (CONV2D, ("losses/*",)))
    ),
    Mistake(
        "inner-losses-twice",
        LAYER,
        ("count",),
        attribute("losses", _losses_of_inner_twice),
        ("nested-losses/*",),
        bystander=ELSEWHERE,
    ),
    Mistake(
        "inner-losses-missing",
        LAYER,
        ("count",),
        attribute("losses", _losses_of_inner_missing),
        ("nested-losses/*",),
        bystander=ELSEWHERE,
    ),
    *(
        Mistake(
            "weights-reversed",
            name,
            ("weights",),
            attribute("weights", lambda self, weights: weights[::-1]),
            ("weights/*",),
        )
        for name in (DENSE, SEPARABLE)
    ),
    *(
        Mistake(
            "weights-without-names",
            name,
            ("weights",),
            adding(lambda self, named: named.update(name="weight")),
            ("weights/*",),
        )
        for name in (DENSE, DEPTHWISE)
    ),
    *(
        Mistake(
            "weights-in-compute-dtype",
            name,
            ("weights",),
            adding(lambda self, named: named.update(dtype=self.compute_dtype)),
            groups,
        )
        for name, groups in ((DENSE, ("policy/*",)), (CONV2D, ("weights/*",)))
    ),
    Mistake(
        "everything-trained",
        LAYER,
        ("weights",),
        adding(lambda self, named: named.update(trainable=True)),
        ("weights/trainable-first", "trainable/Mixed-*"),
        bystander=ELSEWHERE,
    ),
    Mistake(
        "frozen-alone",
        LAYER,
        ("weights",),
        _trainable_alone,
        ("nested/frozen-inside",),
        dialects=KERAS2,
        bystander=ELSEWHERE,
    ),
    *(
        Mistake("values-reshaped", name, ("accepted",), method("set_weights", _reshaped), (group,))
        for name, group in ((DENSE, "set_weights/*"), (CONV2D, "set-weights/*"))
    ),
    Mistake(
        "bias-not-given",
        DENSE,
        ("count",),
        method("get_weights", lambda self, official: official()[:1]),
        ("set_weights/*",),
    ),
)
