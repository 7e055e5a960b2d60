"""Which weights of a layer are trained, also where the layer makes new objects at each access."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.model import Tensor, Value


def full_name(weight: Any) -> str:
    """The path of a weight, or its name where it has no path."""
    return str(getattr(weight, "path", None) or weight.name)


def held(weight: Any, observe: Callable[[Any], Value]) -> Tensor:
    """What a weight holds; TypeError where that is no tensor."""
    seen = observe(weight)
    if not isinstance(seen, Tensor):
        raise TypeError(f"a weight must be a tensor; received an object of {type(weight).__name__}")
    return seen


def trained(
    weights: Sequence[Any], trainable: Sequence[Any], observe: Callable[[Any], Value]
) -> tuple[list[bool], list[Any]]:
    """For each weight whether it is trained; and what is trained without being one of the weights.

    A weight is found by identity. A layer may wrap its weights anew at each access; then it is found by its
    name, shape, dtype and value, and of several that are alike the first is taken that says it is trainable.
    Both sequences must be held, so that no object takes the address of another.
    """
    found = [False] * len(weights)
    places = {id(weight): place for place, weight in enumerate(weights)}
    others = []
    for weight in trainable:
        if id(weight) in places:
            found[places[id(weight)]] = True
        else:
            others.append(weight)
    left: list[Any] = []
    for weight in others:
        wanted = full_name(weight), observe(weight)
        alike = [
            place
            for place, each in enumerate(weights)
            if not found[place] and (full_name(each), observe(each)) == wanted
        ]
        alike.sort(key=lambda place: not getattr(weights[place], "trainable", True))
        if alike:
            found[alike[0]] = True
        else:
            left.append(weight)
    return found, left
