"""Variants of the arguments: ignored, exchanged, or taken for another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.model import Case, Step
from conformance.oracle.variants.variant import Variant

# By argument, other values that it may be taken for, whatever it is.
_VALUES: Final[Mapping[str, Sequence[Any]]] = {
    "padding": ("valid", "same", "causal"),
    "data_format": ("channels_last", "channels_first"),
    "activation": (
        *(None, "relu", "sigmoid", "tanh", "softmax", "softplus", "elu", "selu", "gelu"),
        *("swish", "hard_sigmoid", "exponential"),
    ),
    "strides": (1, 2),
    "dilation_rate": (1,),
    "groups": (1,),
    "mode": ("rows", "columns"),
    "side": ("real", "imag"),
    "window": ("hann", "hamming", None),
    "scaling": ("density", "spectrum", None),
    "periodic": (False, True),
}
# Where an argument has another name in a sentence when it is None.
_NONE: Final[Mapping[str, str]] = {
    "activation": "before the activation",
    "window": "without the window",
    "scaling": "the scaling is ignored",
}
_EXCHANGED: Final = (
    ("l1", "l2"),
    ("min_value", "max_value"),
    ("strides", "dilation_rate"),
    ("kernel_regularizer", "bias_regularizer"),
    ("kernel_constraint", "bias_constraint"),
    ("start", "step"),
)
_OF_NORMS: Final = ("constraints.MaxNorm", "constraints.MinMaxNorm", "constraints.UnitNorm")
_ALIASES: Final = {
    "constraints.max_norm": "constraints.MaxNorm",
    "constraints.min_max_norm": "constraints.MinMaxNorm",
    "constraints.unit_norm": "constraints.UnitNorm",
}
_HUGE: Final = 1e6
# The arguments that only describe an object.
_SILENT: Final = ("name", "seed", "units", "filters", "kernel_size", "*")


def variants(case: Case, dialect: str) -> Iterator[Variant]:
    """Every variant of this kind."""
    given = dict(case.arguments)
    if "*" in given:
        return
    yield from _ignored(case)
    yield from _exchanged(case)
    for name, values in _VALUES.items():
        if name in given or _may_have(case, name):
            for value in values:
                if given.get(name, _VALUES) != value:
                    yield Variant(_text(name, value), _with(case, {name: value}))
    yield from _axes(case)
    yield from _reversed(case)
    yield from _options(case)
    if isinstance(rate := given.get("rate"), int | float):
        yield Variant("rate and 1 - rate are exchanged", _with(case, {"rate": 1.0 - rate}))
    if isinstance(gain := given.get("gain"), int | float):
        yield Variant("the gain is squared", _with(case, {"gain": gain * gain}))


def _with(case: Case, changes: Mapping[str, Any]) -> Case:
    return replace(case, arguments={**case.arguments, **changes})


def _may_have(case: Case, name: str) -> bool:
    """Whether the class has an argument that the case leaves at its default."""
    kind = case.target.rpartition(".")[2]
    if case.family == "layers":
        layer = "Conv" in kind or kind == "Dense"
        return layer and name in (("activation",) if kind == "Dense" else _OF_CONVOLUTIONS)
    return name in _OF_CLASSES.get(kind, ())


_OF_CONVOLUTIONS: Final = ("padding", "data_format", "activation", "strides")
_OF_CLASSES: Final[Mapping[str, Sequence[str]]] = {
    "OrthogonalRegularizer": ("mode",),
    "STFT": ("side", "window", "scaling", "periodic"),
}


def _text(name: str, value: Any) -> str:
    if value is None and name in _NONE:
        return _NONE[name]
    if name == "activation":
        return f"the activation is {value}"
    return f"{name} is taken for {value!r}"


def _ignored(case: Case) -> Iterator[Variant]:
    """One argument left at its default."""
    for name, given in case.arguments.items():
        # Beyond, many a mistake gives what the default gives: infinity, or the input as it was.
        huge = isinstance(given, int | float) and not -_HUGE <= given <= _HUGE
        if name not in _SILENT and not huge:
            rest = {key: value for key, value in case.arguments.items() if key != name}
            yield Variant(f"the argument {name} is ignored", replace(case, arguments=rest))


def _exchanged(case: Case) -> Iterator[Variant]:
    for first, second in _EXCHANGED:
        given = case.arguments
        if first in given or second in given:
            rest = {k: v for k, v in given.items() if k not in (first, second)}
            other = {first: given.get(second, ...), second: given.get(first, ...)}
            rest |= {k: v for k, v in other.items() if v is not ...}
            if rest != dict(given):
                text = f"{first} and {second} are exchanged"
                yield Variant(text, replace(case, arguments=rest))


def _axes(case: Case) -> Iterator[Variant]:
    """Other axes of the norm of a constraint."""
    if _ALIASES.get(case.target, case.target) not in _OF_NORMS or not case.inputs:
        return
    rank = len(case.inputs[0].tensor.shape)
    given: Any = case.arguments.get("axis", 0)
    if rank > 1:
        for axis in range(rank):
            if given not in (axis, [axis], axis - rank):
                yield Variant(f"the norm is along axis {axis}", _with(case, {"axis": axis}))
        if given != rank - 1:
            yield Variant("the norm is along the last axis", _with(case, {"axis": -1}))
        every = list(range(rank))
        if given != every:
            yield Variant("the norm is of the whole tensor", _with(case, {"axis": every}))
        if isinstance(given, list | tuple) and len(given) > 1:
            for place, text in ((0, "first"), (-1, "last")):
                changed = _with(case, {"axis": given[place]})
                yield Variant(f"of several axes the {text} alone is taken", changed)
            rest = [a for a in every if a not in given and a - rank not in given]
            if rest:
                yield Variant("the norm is along the other axes", _with(case, {"axis": rest}))
        elif isinstance(given, int):
            rest = [a for a in every if a not in (given, given + rank)]
            yield Variant("the norm is along all other axes", _with(case, {"axis": rest}))


def _reversed(case: Case) -> Iterator[Variant]:
    """Sizes along the axes, in reverse order."""
    for name in ("strides", "dilation_rate", "output_padding"):
        value = case.arguments.get(name)
        if isinstance(value, tuple | list) and list(value) != list(value)[::-1]:
            changed = _with(case, {name: tuple(reversed(value))})
            yield Variant(f"{name} are taken in reverse order", changed)


def _options(case: Case) -> Iterator[Variant]:
    """One option of the calls ignored."""
    for name in ("mask", "training"):
        if any(name in step.options for step in case.steps):
            steps = tuple(_without(step, name) for step in case.steps)
            yield Variant(f"{name} is ignored", replace(case, steps=steps))


def _without(step: Step, name: str) -> Step:
    if step.do not in ("call", "gradient"):
        return step
    return replace(step, options={k: v for k, v in step.options.items() if k != name})
