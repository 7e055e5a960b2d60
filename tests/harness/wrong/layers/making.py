"""How a wrong layer is made.

A mistake replaces methods and properties of official classes, by their path in the package, as
`layers.Dense.call`, so that whatever leads to the class leads to the mistake.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import pytest

import wrong
from wrong import OFFICIAL

DENSE: Final = "layers.Dense"
CONV1D: Final = "layers.Conv1D"
CONV2D: Final = "layers.Conv2D"
TRANSPOSE: Final = "layers.Conv2DTranspose"
DEPTHWISE: Final = "layers.DepthwiseConv2D"
SEPARABLE: Final = "layers.SeparableConv2D"
LAYER: Final = "layers.Layer"

# Cases of another family, for a mistake that every layer has.
ELSEWHERE: Final = "regularizers.L2/dtype/float32-wave-3x4"


@dataclass(frozen=True)
class Keras:
    """Official Keras of one dialect, as a mistake sees it before it is made."""

    dialect: str
    target: str

    @property
    def package(self) -> ModuleType:
        return importlib.import_module(OFFICIAL[self.dialect])

    def member(self, path: str) -> Any:
        return functools.reduce(getattr, path.split("."), self.package)


Change = Callable[[Keras], Mapping[str, Any]]


@dataclass(frozen=True)
class Mistake(wrong.Mistake):
    """A mistake in a layer."""

    bystander: str = "layers.Conv3D/same/*"


def make(mistake: Mistake, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mistake, in the official package, until the test ends."""
    keras = Keras(dialect, mistake.target)
    for path, value in mistake.change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)


# The changes, by what they replace.

Official = Callable[..., Any]


def method(name: str, wrong: Callable[..., Any], path: str | None = None) -> Change:
    """A method as `wrong(self, official, *arguments)`; `official` is bound to the same object."""

    def change(keras: Keras) -> Mapping[str, Any]:
        owner = path or keras.target
        official = getattr(keras.member(owner), name)

        @functools.wraps(official)
        def replaced(self: Any, *arguments: Any, **named: Any) -> Any:
            return wrong(self, functools.partial(official, self), *arguments, **named)

        # Keras 3 reads the signature of constructors, and does not look behind a wrapper.
        replaced.__signature__ = inspect.signature(official)  # type: ignore[attr-defined]
        return {f"{owner}.{name}": replaced}

    return change


def call(wrong: Callable[[Any, Official, Any], Any]) -> Change:
    """The forward pass as `wrong(self, official, inputs)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.member(f"{keras.target}.call")

        def replaced(self: Any, inputs: Any) -> Any:
            return wrong(self, functools.partial(official, self), inputs)

        return {f"{keras.target}.call": replaced}

    return change


def after(wrong: Callable[[Any], Any]) -> Change:
    """Official's outputs, and then something done to them."""
    return call(lambda self, official, x: wrong(official(x)))


def before(wrong: Callable[[Any], Any]) -> Change:
    """Something done to the inputs, and then official's outputs."""
    return call(lambda self, official, x: official(wrong(x)))


@contextmanager
def pretending(thing: Any, **others: Any) -> Iterator[None]:
    """The attributes of `thing` are others for a while, unknown to what watches them."""
    known = vars(thing)
    kept = {name: known[name] for name in others if name in known}
    known.update(others)
    try:
        yield
    finally:
        for name in others:
            del known[name]
        known.update(kept)


def without_bias(layer: Any, **others: Any) -> AbstractContextManager[None]:
    """The layer has no bias for a while."""
    return pretending(layer, use_bias=False, bias=None, **others)


def as_if(name: str = "call", **others: Any) -> Change:
    """A method of one argument while attributes of the layer are others."""

    def wrong(self: Any, official: Official, argument: Any) -> Any:
        with pretending(self, **others):
            return official(argument)

    return call(wrong) if name == "call" else method(name, wrong)


def attribute(name: str, wrong: Callable[[Any, Any], Any], path: str | None = None) -> Change:
    """A property as `wrong(self, what official has)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        owner = path or keras.target
        official = getattr(keras.member(owner), name)
        replaced = property(lambda self: wrong(self, official.fget(self)), official.fset)
        return {f"{owner}.{name}": replaced}

    return change


def constructor(edit: Callable[[dict[str, Any]], Any], path: str | None = None) -> Change:
    """`__init__` with its named arguments edited in place."""

    def wrong(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
        edit(named)
        official(*arguments, **named)

    return method("__init__", wrong, path)


def without(*names: str) -> Change:
    """`__init__` that takes arguments and forgets them."""

    def edit(named: dict[str, Any]) -> None:
        for name in names:
            named.pop(name, None)

    return constructor(edit)


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """`get_config` as official's, edited."""
    return method("get_config", lambda self, official: edit(dict(official())))


def adding(edit: Callable[[Any, dict[str, Any]], Any]) -> Change:
    """`add_weight` with its named arguments edited in place."""

    def wrong(self: Any, official: Official, *arguments: Any, **named: Any) -> Any:
        if arguments and isinstance(arguments[0], str):
            named["name"], arguments = arguments[0], arguments[1:]
        edit(self, named)
        return official(*arguments, **named)

    return method("add_weight", wrong)
