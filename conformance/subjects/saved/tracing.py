"""What each layer of a model is called with, and what it gives: layers are watched while the model runs."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Told of each call: layer, key, positional and named arguments, masks, result; gives the result that the model goes on with.
Watch = Callable[[Any, str, tuple[Any, ...], dict[str, Any], "Masks", Any], Any]


class _Calls:
    """The calls of one run of a model."""

    def __init__(self, models: tuple[type[Any], ...], watch: Watch) -> None:
        self._models = models
        self._watch = watch
        self._inside = False
        self._names: dict[str, list[Any]] = {}
        self._counts: dict[str, int] = {}

    def call(self, original: Callable[..., Any], layer: Any, args: Any, kwargs: Any) -> Any:
        """A call as the model makes it. Of what a layer does inside nothing is told; a model is not a layer here."""
        if self._inside or isinstance(layer, self._models):
            return original(layer, *args, **kwargs)
        self._inside = True
        held = masks(layer, args)  # before the call, which takes them from the tensors
        try:
            result = original(layer, *args, **kwargs)
        finally:
            self._inside = False
        return self._watch(layer, self._key(layer), args, kwargs, held, result)

    def _key(self, layer: Any) -> str:
        """The name of the layer; with a number where another has that name, or where it is called again."""
        same = self._names.setdefault(str(layer.name), [])
        if not any(each is layer for each in same):
            same.append(layer)
        place = next(n for n, each in enumerate(same, 1) if each is layer)
        name = str(layer.name) if place == 1 else f"{layer.name}~{place}"
        self._counts[name] = count = self._counts.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"


@contextlib.contextmanager
def watched(keras: Any, watch: Watch) -> Iterator[None]:
    """Within this context each call of a layer, outside of other layers, is told to `watch`."""
    calls = _Calls((keras.Model,), watch)
    bases = [keras.layers.Layer, *([keras.Operation] if hasattr(keras, "Operation") else [])]
    kept = [(base, base.__call__) for base in bases]

    def replaced(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            # The call of a layer goes on to that of an operation in some versions: it is told once.
            return calls.call(original, self, args, kwargs)

        return call

    for base, original in kept:
        base.__call__ = replaced(original)
    try:
        yield
    finally:
        for base, original in kept:
            base.__call__ = original


def form(model: Any, which: str) -> Any:
    """The structure of a model's `input` or `output`: one tensor, or several in a list or a mapping."""
    try:
        return getattr(model, which)
    except AttributeError:  # of a Sequential that was never called
        flat = getattr(model, f"{which}s")
        return flat[0] if len(flat) == 1 else flat


def mask(tensor: Any) -> Any:
    """The mask that goes with a tensor; None where there is none."""
    return getattr(tensor, "_keras_mask", None)


@dataclass(frozen=True, slots=True)
class Masks:
    """The masks of a call. `named`: what Keras hands on as `mask`. `held`: the others, by the place of the tensor that has it."""

    named: Mapping[str, Any]
    held: Mapping[str, Any]


def masks(layer: Any, args: Sequence[Any]) -> Masks:
    """The masks that come with the arguments of a call, of a layer that asks for any."""
    try:
        taken = inspect.signature(layer.call).parameters
    except (AttributeError, TypeError, ValueError):
        return Masks({}, {})
    if "mask" in taken and args and (first := mask(args[0])) is not None:
        return Masks({"mask": first}, {})
    if not any(name == "mask" or name.endswith("_mask") for name in taken):
        return Masks({}, {})
    tensors: dict[str, Any] = {}
    for number, each in enumerate(args):
        inner = enumerate(each) if isinstance(each, list | tuple) else ()
        tensors |= {f"args.{number}": each, **{f"args.{number}.{n}": one for n, one in inner}}
    found = {name: mask(each) for name, each in tensors.items()}
    return Masks({}, {name: each for name, each in found.items() if each is not None})
