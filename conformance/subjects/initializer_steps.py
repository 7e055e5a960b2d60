"""The steps about initializers, which draw values for a shape."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.model import Case, Step, Tensor, Value
from conformance.subjects.base import Mode
from conformance.subjects.tensors import TensorLibrary
from conformance.subjects.weights import held


def applied(factory: Callable[..., Any], made: Mapping[str, Any]) -> Any:
    """Calls `factory` with arguments by name; those under `*` go by position."""
    rest = {name: value for name, value in made.items() if name != "*"}
    return factory(*made.get("*", ()), **rest)


class InitializerSteps:
    """The part of a conversation that takes these steps; `Conversation` has the attributes."""

    target: Any
    _case: Case
    _mode: Mode
    _library: TensorLibrary
    _factory: type[Any]

    def _real(self, literal: Any) -> Any:
        raise NotImplementedError

    def _made(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _do_initialize(self, step: Step) -> dict[str, Value]:
        """The values for a shape."""
        return {"value": self._drawn(self.target, step)}

    def _do_repeats(self, step: Step) -> dict[str, Value]:
        """Which of several draws are equal: for each draw the number of the first with the same bits."""
        seen: dict[bytes, int] = {}
        repeats: list[Any] = []
        warned: list[Any] = []
        for number, target in enumerate(self._targets(step)):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                drawn = self._drawn(target, step)
            if not isinstance(drawn, Tensor):
                raise TypeError(f"an initializer must return a tensor; received {drawn!r}")
            repeats.append(seen.setdefault(drawn.data, number))
            warned.append(any(issubclass(each.category, UserWarning) for each in caught))
        return {"repeats": repeats, "warned": warned}

    def _do_sample(self, step: Step) -> dict[str, Value]:
        """Many values: from successive calls, or from one object for each seed from 0 on.

        With `weight`: the values of this weight of layers that are built anew.
        """
        if "weight" in step.options:
            return {"sample": self._weights(step)}
        seeds = step.options.get("seeds")
        if seeds is None:
            targets = [self.target] * int(str(step.options.get("calls", 1)))
        else:
            arguments = self._case.arguments
            targets = [
                applied(self._factory, self._made({**arguments, "seed": seed}))
                for seed in range(int(str(seeds)))
            ]
        drawn = [self._drawn(target, step) for target in targets]
        first = drawn[0]
        for each in drawn:
            if not isinstance(each, Tensor) or not isinstance(first, Tensor):
                raise TypeError(f"an initializer must return a tensor; received {each!r}")
            if (each.dtype, each.shape) != (first.dtype, first.shape):
                raise ValueError(
                    f"every call must return {first.dtype}{list(first.shape)}; "
                    f"received {each.dtype}{list(each.shape)}"
                )
        content = b"".join(each.data for each in drawn if isinstance(each, Tensor))
        assert isinstance(first, Tensor)
        return {"sample": Tensor(first.dtype, (len(drawn), *first.shape), content)}

    def _weights(self, step: Step) -> Tensor:
        """The first values of a weight of new layers, for an input of `shape`."""
        options = step.options
        drawn: list[Tensor] = []
        for _ in range(int(str(options.get("calls", 1)))):
            made = applied(self._factory, self._made(self._case.arguments))
            made.build(self._real(options["shape"]))
            drawn.append(held(made.weights[options["weight"]], self._library.observe))
        first = drawn[0]
        content = b"".join(each.data for each in drawn)
        return Tensor(first.dtype, (len(drawn), *first.shape), content)

    def drawing(self, target: Any, step: Step) -> Callable[[], Any]:
        """The call of an initializer that a step asks for."""
        given = {
            name: self._real(value)
            for name, value in step.options.items()
            if name in ("dtype", "partition_shape", "partition_offset", "layout")
        }
        shape = self._real(step.options["shape"])
        if self._mode is Mode.EAGER:
            return lambda: target(shape, **given)
        call = self._library.compiled(lambda _: target(shape, **given), self._mode)
        return lambda: call(None)

    def _drawn(self, target: Any, step: Step) -> Value:
        return self._library.observe(self.drawing(target, step)())

    def _targets(self, step: Step) -> Iterator[Any]:
        """The objects that draw, one after another."""
        arguments = self._case.arguments
        shared = self._made(arguments)
        for _ in range(int(str(step.options["calls"]))):
            match step.options["of"]:
                case "instance":
                    yield self.target
                case "fresh":
                    yield applied(self._factory, self._made(arguments))
                case "shared":
                    yield applied(self._factory, shared)
                case _:
                    yield type(self.target).from_config(self.target.get_config())
