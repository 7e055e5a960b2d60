"""`serialize` and `deserialize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.references import (
    class_of,
    custom,
    custom_record,
    function,
    function_record,
    regularizer,
    short_record,
)
from conformance.cases.regularizers.common import ORTHOGONAL, Rows
from conformance.cases.regularizers.identifiers import record
from conformance.cases.steps import deserialize, serialize
from conformance.model import Case

_OBJECTS: Final[dict[str, Any]] = {
    "L1": regularizer("L1", l1=0.5),
    "L1-tenth": regularizer("L1", l1=0.1),
    "L2": regularizer("L2", l2=0.5),
    "L2-tenth": regularizer("L2", l2=0.1),
    "L1L2": regularizer("L1L2", l1=0.5, l2=0.25),
    "L1L2-tenths": regularizer("L1L2", l1=0.1, l2=0.2),
    ORTHOGONAL: regularizer(ORTHOGONAL, factor=0.5, mode="columns"),
    "OrthogonalRegularizer-tenth": regularizer(ORTHOGONAL, factor=0.1),
    "Regularizer": regularizer("Regularizer"),
    "L2Regularizer": custom("L2Regularizer", l2=0.5),
    "MyRegularizer": custom("MyRegularizer", strength=2.0),
    "Unsaved": custom("Unsaved"),
    "function": function("my_regularizer"),
    "none": None,
    "number": 5,
    "text": "l1",
    "class": class_of("regularizers.L1"),
}
_CUSTOM: Final = custom_record("MyRegularizer", {"strength": 2.0})
_FUNCTION: Final = function_record("my_regularizer")
_CONFIGS: Final[dict[str, Any]] = {
    "L1": record("L1", {"l1": 0.5}),
    "L2": record("L2", {"l2": 0.5}),
    "L1L2": record("L1L2", {"l1": 0.5, "l2": 0.25}),
    "OrthogonalRegularizer": record(ORTHOGONAL, {"factor": 0.5, "mode": "columns"}),
    "Regularizer": record("Regularizer", {}),
    "short-name": record("l2", {}),
    "l1_l2": record("l1_l2", {"l1": 0.5}),
    "l1_l2-old-format": short_record("l1_l2", {"l1": 0.5}),
    "old-format": short_record("L1", {"l1": 0.5}),
    "private-module": record("L1", {}, "keras.src.regularizers.regularizers"),
    "unknown-module": record("L1", {}, "foo"),
    "name": "l1",
    "name-l1_l2": "l1_l2",
    "none": None,
    "unknown-class": record("Foo", {}),
    "unknown-name": "foo",
    "other-family": record("MaxNorm", {}, "keras.constraints"),
    "integer": 5,
    "list": [],
    "empty-dict": {},
    "unknown-key": record("L1", {"foo": 1}),
    "config-list": record("L1", []),
    "negative-factor": record("L1", {"l1": -0.5}),
    "legacy-key": record("L1", {"l": 0.5}),
    "custom-given": deserialize(_CUSTOM, custom_objects=["MyRegularizer"]),
    "custom-name": deserialize("Unsaved", custom_objects=["Unsaved"]),
    "custom-unknown": _CUSTOM,
    "custom-unregistered": deserialize(
        record("MyRegularizer", {"strength": 2.0}, "my.package"), custom_objects=["MyRegularizer"]
    ),
    "function-given": deserialize(_FUNCTION, custom_objects=["my_regularizer"]),
    "function-unknown": _FUNCTION,
    "instance": regularizer("L1", l1=0.5),
    "function-object": function("l1_reg"),
}


def serialization() -> Iterator[Case]:
    """Objects as data, and data as objects."""
    yield from Rows("serialize").table("object", _OBJECTS, serialize, flags="config")
    row = Rows("deserialize")
    yield from row.table("config", _CONFIGS, deserialize, flags="config")
    step = deserialize(_CUSTOM, scope=["MyRegularizer"])
    yield row("scope", "custom", step, flags=("config", "custom"))
