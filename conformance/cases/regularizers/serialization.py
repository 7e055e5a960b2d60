"""`serialize` and `deserialize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.regularizers.common import ORTHOGONAL, Rows
from conformance.cases.regularizers.identifiers import function, instance, of_class, record
from conformance.model import Case, Reference, Step

_OBJECTS: Final[dict[str, Any]] = {
    "L1": instance("L1", l1=0.5),
    "L1-tenth": instance("L1", l1=0.1),
    "L2": instance("L2", l2=0.5),
    "L2-tenth": instance("L2", l2=0.1),
    "L1L2": instance("L1L2", l1=0.5, l2=0.25),
    "L1L2-tenths": instance("L1L2", l1=0.1, l2=0.2),
    ORTHOGONAL: instance(ORTHOGONAL, factor=0.5, mode="columns"),
    "OrthogonalRegularizer-tenth": instance(ORTHOGONAL, factor=0.1),
    "Regularizer": instance("Regularizer"),
    "L2Regularizer": Reference("custom", "L2Regularizer", {"l2": 0.5}),
    "MyRegularizer": Reference("custom", "MyRegularizer", {"strength": 2.0}),
    "Unsaved": Reference("custom", "Unsaved", {}),
    "function": Reference("function", "my_regularizer"),
    "none": None,
    "number": 5,
    "text": "l1",
    "class": of_class("L1"),
}
_CUSTOM: Final = {
    "module": None,
    "class_name": "MyRegularizer",
    "config": {"strength": 2.0},
    "registered_name": "MyRegularizer",
}
_CONFIGS: Final[dict[str, tuple[Any, list[str] | None]]] = {
    "L1": (record("L1", {"l1": 0.5}), None),
    "L2": (record("L2", {"l2": 0.5}), None),
    "L1L2": (record("L1L2", {"l1": 0.5, "l2": 0.25}), None),
    "OrthogonalRegularizer": (record(ORTHOGONAL, {"factor": 0.5, "mode": "columns"}), None),
    "Regularizer": (record("Regularizer", {}), None),
    "short-name": (record("l2", {}), None),
    "l1_l2": (record("l1_l2", {"l1": 0.5}), None),
    "l1_l2-old-format": ({"class_name": "l1_l2", "config": {"l1": 0.5}}, None),
    "old-format": ({"class_name": "L1", "config": {"l1": 0.5}}, None),
    "private-module": (record("L1", {}, "keras.src.regularizers.regularizers"), None),
    "unknown-module": (record("L1", {}, "foo"), None),
    "name": ("l1", None),
    "name-l1_l2": ("l1_l2", None),
    "none": (None, None),
    "unknown-class": (record("Foo", {}), None),
    "unknown-name": ("foo", None),
    "other-family": (record("MaxNorm", {}, "keras.constraints"), None),
    "integer": (5, None),
    "list": ([], None),
    "empty-dict": ({}, None),
    "unknown-key": (record("L1", {"foo": 1}), None),
    "config-list": (record("L1", []), None),
    "negative-factor": (record("L1", {"l1": -0.5}), None),
    "legacy-key": (record("L1", {"l": 0.5}), None),
    "custom-given": (_CUSTOM, ["MyRegularizer"]),
    "custom-unknown": (_CUSTOM, None),
    "function-given": (function("my_regularizer"), ["my_regularizer"]),
    "function-unknown": (function("my_regularizer"), None),
    "instance": (instance("L1", l1=0.5), None),
    "function-object": (Reference("function", "l1_reg"), None),
}


def serialization() -> Iterator[Case]:
    """Objects as data, and data as objects."""
    serialize = Rows("serialize")
    for detail, thing in _OBJECTS.items():
        step = Step("serialize", options={"object": thing})
        yield serialize("object", detail, step, flags=("config",))
    deserialize = Rows("deserialize")
    for detail, (config, known) in _CONFIGS.items():
        options: dict[str, Any] = {"config": config}
        if known is not None:
            options["custom_objects"] = known
        yield deserialize("config", detail, Step("deserialize", options=options), flags=("config",))
    yield deserialize(
        "scope",
        "custom",
        Step("deserialize", options={"config": _CUSTOM, "scope": ["MyRegularizer"]}),
        flags=("config", "custom"),
    )
