"""What follows the first call: attributes, copies, files; which of them a later step can see.

The documents say that `trainable` is that of the last `compile`, and that a configuration has the arguments of
a layer. Of most attributes they do not say who reads them when; there the oracle says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.model import Literal
from conformance.oracle.layers.custom import Around
from conformance.oracle.layers.dense import Layer, Weight
from conformance.oracle.layers.training import Training
from conformance.oracle.layers.world import Untold

# Whoever calls a layer sees these as they are then.
_AT_CALL: Final = ("activity_regularizer", "activation")
# These are those of the moment when the weight was made.
_AT_BUILD: Final = ("_initializer", "_regularizer", "_constraint")
# Attributes that change no number.
_SILENT: Final = ("name", "input_spec", "supports_masking")


def put(layer: Layer, training: Training, path: str, value: Literal) -> bool:
    """Sets the attribute at a dotted path; tells whether a configuration has it."""
    *parts, name = path.split(".")
    if parts[-1:] == ["optimizer"]:
        training.adjust(name, value)
        return False
    owner = _owner(layer, [part for part in parts if part != "model"])
    if name == "trainable" and isinstance(owner, Layer):
        frozen = any(not part.trainable for part in owner.layers())
        if value and owner.trainable and frozen and layer.dialect == "keras3":
            raise Untold(
                "the documents do not say whether it thaws parts when it is not frozen itself"
            )
        owner.freeze(not value)
        return True
    if isinstance(owner, Weight):
        if name == "trainable":
            owner.trainable, owner.flagged = bool(value), True
            return False
        raise Untold(f"the documents do not say that a weight has {name}")
    _attribute(owner, name, value)
    if name in _AT_CALL or not (name in _SILENT or name.endswith(_AT_BUILD)):
        training.outdated()
    return True


def _owner(layer: Layer, parts: Sequence[str]) -> Layer | Weight:
    found: Any = layer
    for part in parts:
        if part == "layers":
            found = found.inner
        elif part.isdecimal():
            found = found[int(part)]
        elif part == "inner" and isinstance(found, Around):
            found = found.inner[0]
        else:
            named = [weight for weight in found.own if weight.name == part]
            if len(named) != 1:
                raise Untold(f"the oracle has no {part}")
            found = named[0]
    assert isinstance(found, Layer | Weight)
    return found


def _attribute(layer: Layer, name: str, value: Literal) -> None:
    if name == "supports_masking":
        layer.masking = bool(value)
        return
    if name in _SILENT:
        return
    read = name in _AT_CALL or name.endswith(_AT_BUILD)
    if isinstance(value, str) and name in _AT_CALL:
        layer.untold = Untold(f"the documents do not say that {name} may be set to a name")
        return
    if name == "activity_regularizer":
        layer.activity_regularizer = value
    if layer.built and not read:
        layer.untold = Untold(
            f"the documents do not say who reads {name} after the weights are made"
        )
        return
    if name in ("dtype_policy", "dtype"):
        layer.policy(value)
        name = "dtype"
    elif not layer.built and not read:
        # Derived sizes would have to be derived anew.
        layer.untold = Untold(f"the documents do not say that {name} can be set")
    layer.arguments = {**layer.arguments, name: value}


def together(one: Layer, other: Layer) -> Iterator[tuple[Weight, Weight]]:
    """The weights of two layers made alike, pair by pair."""
    for here, there in zip(one.layers(), other.layers(), strict=True):
        yield from zip(here.own, there.own, strict=True)


def replay(layer: Layer, changes: Sequence[tuple[str, Literal]]) -> None:
    """Sets once more what a configuration has."""
    nothing = Training(layer)
    for path, value in changes:
        put(layer, nothing, path, value)


def options_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a call: a mask as an array."""
    mask = options.get("mask")
    if mask is None:
        return dict(options)
    return {**options, "mask": mask.tensor.values().astype(bool)}
