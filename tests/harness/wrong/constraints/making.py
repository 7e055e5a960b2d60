"""How a wrong constraint is made.

What a class computes is written here over the pieces of the official formula (`Ops`); the control
of the tests shows that these formulas, unchanged, have official's bits.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

import wrong
from wrong import OFFICIAL, tensorflow
from wrong.classes import Change, Keras, after

NORMS: Final = ("MaxNorm", "MinMaxNorm", "UnitNorm")
CLASSES: Final = ("Constraint", *NORMS, "NonNeg", "RadialConstraint")

# Where to look for what is said of a constraint, and for a bystander of what is not a norm.
CONFIGS: Final = ("config/*", "roundtrip/*")
UNIT: Final = "constraints.UnitNorm/dtype/float32-*-axis=0"


@dataclass(frozen=True)
class Ops:
    """The pieces of which official's formulas are made, in one dialect."""

    dialect: str
    convert: Callable[[Any], Any]
    square: Callable[[Any], Any]
    total: Callable[[Any, Any], Any]
    root: Callable[[Any], Any]
    clip: Callable[[Any, Any, Any], Any]
    align: Callable[[Any, Any], Any]
    fuzz: Callable[[], float]

    @property
    def epsilon(self) -> float:
        """As it is now; cases change it."""
        return self.fuzz()

    def norms(self, w: Any, axis: Any) -> Any:
        return self.root(self.total(self.square(w), axis))


@cache
def ops_of(dialect: str) -> Ops:
    tf, keras = tensorflow(), importlib.import_module(OFFICIAL[dialect])
    if dialect == "keras2":
        return Ops(
            dialect,
            convert=lambda w: w,
            square=tf.square,
            total=lambda x, axis: tf.reduce_sum(x, axis=axis, keepdims=True),
            root=keras.backend.sqrt,
            clip=keras.backend.clip,
            align=lambda w, norms: w,
            fuzz=keras.backend.epsilon,
        )
    return Ops(
        dialect,
        convert=keras.ops.convert_to_tensor,
        square=keras.ops.square,
        total=lambda x, axis: keras.ops.sum(x, axis=axis, keepdims=True),
        root=keras.ops.sqrt,
        clip=keras.ops.clip,
        align=lambda w, norms: keras.ops.cast(w, norms.dtype),
        fuzz=keras.config.epsilon,
    )


def max_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = ops.clip(norms, 0, c.max_value)
    return ops.align(w, norms) * (desired / (ops.epsilon + norms))


def min_max_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = c.rate * ops.clip(norms, c.min_value, c.max_value) + (1 - c.rate) * norms
    return ops.align(w, norms) * (desired / (ops.epsilon + norms))


def unit_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) / (ops.epsilon + norms)


Formula = Callable[[Ops, Any, Any], Any]

FORMULAS: Final[Mapping[str, Formula]] = {
    "MaxNorm": max_norm,
    "MinMaxNorm": min_max_norm,
    "UnitNorm": unit_norm,
}


@dataclass(frozen=True)
class Mistake(wrong.Mistake):
    """A mistake in a constraint, or in a function of the namespace."""

    bystander: str = "constraints.NonNeg/value/wave-*-float32"

    @property
    def path(self) -> str:
        return f"constraints.{self.target}"


# The changes, by what they replace.


def call(formula: Callable[..., Any] | None = None, **pieces: Any) -> Change:
    """`__call__` by another formula, or by official's with other pieces; both may look at `Ops`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        made = {name: piece(ops_of(keras.dialect)) for name, piece in pieces.items()}
        ops = replace(ops_of(keras.dialect), **made)
        chosen = formula or FORMULAS[keras.target]
        return {"__call__": lambda self, w: chosen(ops, self, w)}

    return change


def constructor(function: Callable[..., None]) -> Change:
    return lambda keras: {"__init__": function}


# What mistakes of several classes do.


def floats(wrong: Callable[[Any], Any]) -> Change:
    """Official's answer with something done to it, where it is of floats."""
    return after(lambda x: wrong(x) if x.dtype.is_floating else x)


def as_float32(x: Any) -> Any:
    tf = tensorflow()
    x = tf.convert_to_tensor(x)
    return tf.cast(x, tf.float32) if x.dtype == tf.float64 else x


def widened(x: Any) -> Any:
    tf = tensorflow()
    return tf.cast(x, tf.float32) if x.dtype == tf.float16 else x


def in_place(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    answer = official(w)
    if isinstance(w, np.ndarray):
        w[...] = np.asarray(answer)
    return answer


def assigned(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    answer = official(w)
    if isinstance(w, tensorflow().Variable):
        w.assign(answer)
    return answer


def config_ignored(cls: Any, given: Any) -> Any:
    return cls()


# Where to look for what a norm computes.
INPUTS: Final = ("dtype/float32-*", "dtype/float64-3x4-*", "edge/*-float32")


def for_each(
    name: str,
    targets: tuple[str, ...],
    aspects: tuple[str, ...],
    change: Change,
    groups: tuple[str, ...] = INPUTS,
    **rest: Any,
) -> list[Mistake]:
    """A row for each target."""
    return [Mistake(name, target, aspects, change, groups, **rest) for target in targets]
