"""Optimizers that do the right things in a wrong order, or one of them not at all.

A twin is official Keras as it is, or with the part that the wrong one replaces written anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wrong import tensorflow
from wrong.layers.making import DENSE, Change, Keras, Official, constructor, method
from wrong.pairs.making import Pair

SGD: Final = "optimizers.SGD"


def _constrain(pairs: list[tuple[Any, Any]]) -> None:
    for _, variable in pairs:
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))


def _around(before: Any = None, after: Any = None) -> Change:
    """`apply_gradients` of the pairs that `before` makes of gradients and weights, and then `after` of these."""

    def wrong(self: Any, official: Official, grads_and_vars: Any, *given: Any, **named: Any) -> Any:
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if before is not None:
            pairs = before(self, pairs)
        made = official(pairs, *given, **named)
        if after is not None:
            after(self, pairs)
        return made

    return method("apply_gradients", wrong, SGD)


def _constraint_first() -> Change:
    """Constraints before the update: weights may leave what they allow."""

    def wrong(self: Any, official: Official, grads_and_vars: Any, *given: Any, **named: Any) -> Any:
        pairs = list(grads_and_vars)
        _constrain(pairs)
        return _free(pairs, lambda: official(pairs, *given, **named))

    return method("apply_gradients", wrong, SGD)


def _free(pairs: list[tuple[Any, Any]], do: Any) -> Any:
    """Does something while no weight has a constraint."""
    kept = [(v, v.constraint) for _, v in pairs]
    for variable, _ in kept:
        _put(variable, None)
    try:
        return do()
    finally:
        for variable, constraint in kept:
            _put(variable, constraint)


def _put(variable: Any, constraint: Any) -> None:
    """A constraint, which variables of TensorFlow keep to themselves."""
    name = "_constraint" if "_constraint" in vars(variable) else "constraint"
    setattr(variable, name, constraint)


def _constraint_last() -> Change:
    """What official Keras does, written anew: constraints after everything else."""

    def right(self: Any, official: Official, grads_and_vars: Any, *given: Any, **named: Any) -> Any:
        pairs = list(grads_and_vars)
        made = _free(pairs, lambda: official(pairs, *given, **named))
        _constrain(pairs)
        return made

    return method("apply_gradients", right, SGD)


def _clipped_together(self: Any, pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """`clipnorm` as if it were `global_clipnorm`."""
    if not self.clipnorm:
        return pairs
    clipped, _ = tensorflow().clip_by_global_norm([g for g, _ in pairs], self.clipnorm)
    return [(g, v) for g, (_, v) in zip(clipped, pairs, strict=True)]


def _clipped_each(self: Any, pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    if not self.clipnorm:
        return pairs
    return [(tensorflow().clip_by_norm(g, self.clipnorm), v) for g, v in pairs]


_DECAY: Final = "decay_of_the_wrong_one"


def _decay_elsewhere(late: bool) -> Change:
    """Weights decay before the update, or, if `late`, after their constraints."""

    def made(self: Any, official: Official, *given: Any, **named: Any) -> None:
        decay = named.pop("weight_decay", None)
        official(*given, **named)
        self.__dict__[_DECAY] = decay

    def decayed(self: Any, pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        decay = self.__dict__[_DECAY]
        for _, variable in pairs if decay else ():
            tf = tensorflow()
            w = tf.convert_to_tensor(variable)
            rate = tf.convert_to_tensor(self.learning_rate)
            variable.assign(w - w * tf.cast(decay, w.dtype) * tf.cast(rate, w.dtype))
        return pairs

    def change(keras: Keras) -> Mapping[str, Any]:
        around = _around(after=decayed) if late else _around(before=decayed)
        return {**method("__init__", made, SGD)(keras), **around(keras)}

    return change


def _summed(self: Any, pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Gradients as long as all those of an accumulation: their sum is not divided."""
    steps = self.gradient_accumulation_steps or 1
    return [(g * steps, v) for g, v in pairs]


def _faster_average(named: dict[str, Any]) -> None:
    if named.get("use_ema"):
        named["ema_momentum"] = named.get("ema_momentum", 0.99) * 0.99


PAIRS: Final[tuple[Pair, ...]] = (
    Pair(
        "constraint-before-the-update",
        DENSE,
        (
            "sequence-option-constraint/MaxNorm-clipnorm",
            "sequence-option-constraint/NonNeg-clipnorm",
            "sequence-option-constraint/UnitNorm-weight_decay",
        ),
        ("weights",),
        _constraint_first(),
        _constraint_last(),
    ),
    Pair(
        "clips-all-weights-as-one",
        DENSE,
        ("sequence-option/SGD-clipnorm", "sequence-option/SGD-momentum-clipnorm"),
        ("weights",),
        _around(before=_clipped_together),
        _around(before=_clipped_each),
    ),
    Pair(
        "decays-after-the-constraint",
        DENSE,
        (
            "sequence-option-constraint/MaxNorm-weight_decay",
            "sequence-option-constraint/UnitNorm-weight_decay",
        ),
        ("weights",),
        _decay_elsewhere(late=True),
        _decay_elsewhere(late=False),
    ),
    Pair(
        "averages-never-written",
        DENSE,
        ("sequence-option/SGD-momentum-averages", "sequence-option/Adam-averages"),
        ("weights",),
        lambda keras: {
            f"optimizers.{name}.finalize_variable_values": lambda *given, **named: None
            for name in ("SGD", "Adam")
        },
    ),
    Pair(
        "averages-a-little-faster",
        DENSE,
        ("sequence-option/SGD-momentum-averages", "sequence-option/SGD-averages-every-3"),
        ("weights",),
        constructor(_faster_average, SGD),
    ),
    Pair(
        "accumulates-a-sum",
        DENSE,
        (
            "sequence-option/SGD-momentum-accumulation-of-2",
            "sequence-option/SGD-momentum-accumulation-of-3",
            "sequence-options/accumulation-and-weight_decay",
        ),
        ("weights",),
        _around(before=_summed),
        dialects=("keras3",),
    ),
)
