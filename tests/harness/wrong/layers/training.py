"""What training may do with layers instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from wrong import tensorflow
from wrong.layers.making import (
    CONV2D,
    DENSE,
    ELSEWHERE,
    Change,
    Keras,
    Mistake,
    Official,
    attribute,
    constructor,
    method,
    without,
)


class _Late:
    """A constraint that does nothing where official Keras asks for it, after the update."""

    def __init__(self, right: Any) -> None:
        self.right = right

    def __call__(self, w: Any) -> Any:
        return w


def _late(named: dict[str, Any]) -> None:
    if "kernel_constraint" in named:
        named["kernel_constraint"] = _Late(named["kernel_constraint"])


def _constrained_first(keras: Keras) -> Mapping[str, Any]:
    """The constraint of the kernel before the update, not after it."""
    get = keras.member("constraints.get")

    def step(self: Any, official: Official, pairs: Any, *rest: Any, **named: Any) -> Any:
        pairs = list(pairs)
        for _, variable in pairs:
            if isinstance(variable.constraint, _Late):
                right = get(variable.constraint.right)
                variable.assign(right(tensorflow().convert_to_tensor(variable)))
        return official(pairs, *rest, **named)

    return {
        **constructor(_late)(keras),
        **method("apply_gradients", step, "optimizers.SGD")(keras),
    }


def _constraint_on_both(named: dict[str, Any]) -> None:
    if "kernel_constraint" in named:
        named["bias_constraint"] = named["kernel_constraint"]


def _scaled(name: str, factor: float) -> Callable[[dict[str, Any]], None]:
    def edit(named: dict[str, Any]) -> None:
        if name in named:
            named[name] = named[name] * factor

    return edit


def _forgotten(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda named: named.pop(name, None)


def _slots(optimizer: Any, variable: Any) -> list[Any]:
    """The variables that Adam keeps of a variable: of its gradients, and of their squares."""
    every = list(optimizer.variables() if callable(optimizer.variables) else optimizer.variables)
    name = getattr(variable, "path", variable.name).replace("/", "_").split(":")[0]
    ends = (f"{name}_momentum", f"{name}_velocity")
    found = [v for v in every if getattr(v, "path", "").endswith(ends)]
    ends = (f"m/{variable.name}", f"v/{variable.name}")
    return found or [v for v in every if v.name.endswith(ends)]


def _adam(update: Callable[[Any, Any, Any, Any, Any, Any], Any]) -> Change:
    """Adam with another update of a variable: `update(self, m, v, rate, t)`."""

    def step(self: Any, official: Official, gradient: Any, variable: Any, rate: Any = None) -> None:
        tf = tensorflow()
        m, v = _slots(self, variable)
        rate = tf.cast(self.learning_rate if rate is None else rate, gradient.dtype)
        t = tf.cast(self.iterations + 1, gradient.dtype)
        m.assign(m * self.beta_1 + gradient * (1 - self.beta_1))
        v.assign(v * self.beta_2 + tf.square(gradient) * (1 - self.beta_2))
        corrections = 1 - tf.pow(self.beta_1, t), 1 - tf.pow(self.beta_2, t)
        m, v = tf.convert_to_tensor(m), tf.convert_to_tensor(v)
        variable.assign(variable - update(self, m, v, rate, *corrections))

    return method("update_step", step, "optimizers.Adam")


def _uncorrected(self: Any, m: Any, v: Any, rate: Any, first: Any, second: Any) -> Any:
    return rate * m / (tensorflow().sqrt(v) + self.epsilon)


def _epsilon_inside(self: Any, m: Any, v: Any, rate: Any, first: Any, second: Any) -> Any:
    root = tensorflow().sqrt
    return rate * root(second) / first * m / root(v + self.epsilon)


MISTAKES: Final[tuple[Mistake, ...]] = (
    Mistake("constraint-ignored", CONV2D, ("weights",), without("kernel_constraint"), ("fit/*",)),
    Mistake("constraint-before-update", CONV2D, ("weights",), _constrained_first, ("fit/*",)),
    Mistake(
        "constraint-of-kernel-on-bias",
        CONV2D,
        ("weights",),
        constructor(_constraint_on_both),
        ("fit/*",),
    ),
    Mistake(
        "penalty-not-trained",
        CONV2D,
        ("losses",),
        attribute("losses", lambda self, losses: [], "models.Sequential"),
        ("fit/*",),
    ),
    *(
        Mistake(name, DENSE, ("weights",), change, groups, bystander=ELSEWHERE)
        for name, change, groups in (
            (
                "momentum-halved",
                constructor(_scaled("momentum", 0.5), "optimizers.SGD"),
                ("fit/SGD-momentum-mse",),
            ),
            (
                "nesterov-ignored",
                constructor(_forgotten("nesterov"), "optimizers.SGD"),
                ("fit/SGD-nesterov-*",),
            ),
            ("adam-uncorrected", _adam(_uncorrected), ("fit/Adam-mse",)),
            ("adam-epsilon-in-the-root", _adam(_epsilon_inside), ("fit/Adam-epsilon-mse",)),
        )
    ),
)
