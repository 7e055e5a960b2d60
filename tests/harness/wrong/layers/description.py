"""What layers may take, and say of themselves, instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wrong import KERAS3
from wrong.layers.making import (
    CONV2D,
    DENSE,
    Change,
    Keras,
    Mistake,
    Official,
    call,
    config,
    constructor,
    method,
)


def _unchecked(keras: Keras) -> Mapping[str, Any]:
    """No input specification; of too many channels the first are taken."""

    def build(self: Any, official: Official, shape: Any) -> None:
        official(shape)
        self.input_spec = None

    def first(self: Any, official: Official, x: Any) -> Any:
        if len(x.shape) != len(self.kernel.shape):  # TensorFlow with oneDNN may abort the process
            raise ValueError("inputs must have as many axes as the kernel")
        return official(x[..., : self.kernel.shape[-2]])

    return {**method("build", build)(keras), **call(first)(keras)}


def _whole(name: str) -> Change:
    def edit(named: dict[str, Any]) -> None:
        if isinstance(named.get(name), float):
            named[name] = int(named[name])

    return constructor(edit)


def _renamed(old: str, new: str) -> Change:
    return config(lambda c: {new if k == old else k: v for k, v in c.items()})


def _dropped(name: str) -> Change:
    return config(lambda c: {k: v for k, v in c.items() if k != name})


MISTAKES: Final[tuple[Mistake, ...]] = (
    Mistake(
        "units-truncated", DENSE, ("accepted",), _whole("units"), ("rejected/units-*",), KERAS3
    ),
    Mistake("filters-truncated", CONV2D, ("accepted",), _whole("filters"), ("rejected/*",), KERAS3),
    Mistake("channels-unchecked", CONV2D, ("accepted",), _unchecked, ("input/*",)),
    Mistake("key-renamed", DENSE, ("config",), _renamed("units", "output_dim"), ("config/*",)),
    Mistake("key-missing", CONV2D, ("config", "serialized"), _dropped("strides"), ("roundtrip/*",)),
    Mistake("key-missing", DENSE, ("config", "serialized"), _dropped("use_bias"), ("roundtrip/*",)),
    Mistake(
        "padding-as-given",
        CONV2D,
        ("attributes",),
        method(
            "__init__",
            lambda self, official, *arguments, **named: (
                official(*arguments, **named),
                vars(self).update(padding=named.get("padding", "valid")),
            )[0],
        ),
        ("attributes/*",),
    ),
)
