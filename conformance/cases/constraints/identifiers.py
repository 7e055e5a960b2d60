"""`get`, `serialize`, `deserialize`: names, records, objects, custom objects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.cases.constraints.common import Rows
from conformance.cases.inputs import INF, listed, thirds, wave
from conformance.cases.references import (
    class_of,
    constraint,
    custom,
    custom_record,
    function,
    function_record,
    record,
    short_record,
)
from conformance.cases.rows import KERAS2, cell
from conformance.cases.steps import CALL, deserialize, get, lookup, serialize
from conformance.model import Case, Given

CLASSES: Final = ("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "RadialConstraint")
SHORTCUTS: Final = {
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
    "radial_constraint": "RadialConstraint",
}


def _record(class_name: str, config: Any, module: str = "keras.constraints") -> dict[str, Any]:
    return record(class_name, config, module)


_TEXTS: Final = (
    *(*CLASSES, *SHORTCUTS, "constraint", "maxnorm", "unitnorm", "nonneg", "minmaxnorm"),
    *("nonnegative", "MAX_NORM", "maxNorm", "MaxNorm ", "keras.constraints.MaxNorm"),
    *("get", "foo", ""),
)
_DICTS: Final[dict[str, Any]] = {
    "class-and-config": short_record("MaxNorm", {"max_value": 3, "axis": 1}),
    "partial-config": short_record("MinMaxNorm", {"rate": 0.5}),
    "empty-config": short_record("UnitNorm", {}),
    "snake-case": short_record("max_norm", {}),
    "class-only": {"class_name": "MaxNorm"},
    "config-only": {"config": {}},
    "nothing": {},
    "unknown-class": short_record("foo", {}),
    "layer-class": short_record("Dense", {"units": 2}),
    "unknown-key": short_record("MaxNorm", {"foo": 1}),
    "config-none": short_record("MaxNorm", None),
    "new-format": _record("MaxNorm", {"max_value": 3, "axis": 0}),
    "tf-keras-module": _record("MaxNorm", {"max_value": 3, "axis": 0}, "tf_keras.constraints"),
    "axis-list": short_record("UnitNorm", {"axis": [0, 1]}),
    "function": function_record("double"),
}
_OTHERS: Final[dict[str, Any]] = {
    "none": None,
    "integer": 5,
    "float": 1.5,
    "true": True,
    "list": [],
    "tuple": (),
    "list-of-name": ["MaxNorm"],
    **{f"class-{n}": class_of(f"constraints.{n}") for n in ("MaxNorm", "NonNeg", "Constraint")},
    "instance": constraint("MaxNorm", max_value=3),
    "instance-NonNeg": constraint("NonNeg"),
    "custom-instance": custom("CenterAround", ref_value=1.0),
    "function": function("double"),
}
_SCOPED: Final[dict[str, Any]] = {
    "name": "Forgetful",
    "snake-name": "forgetful",
    "dict": short_record("CenterAround", {"ref_value": 2.0}),
}


def identifiers() -> Iterator[Case]:
    """`get`, and the names of the module."""
    row = Rows("get", flags="identifier")
    for name in (*CLASSES, *SHORTCUTS):
        asked = Rows("get", KERAS2) if "radial" in name.lower() else Rows("get")
        yield asked("name", name, lookup(name))
    for text in _TEXTS:
        yield row("text", text or "empty", get(text))
    called = ("MaxNorm", "max_norm", "UnitNorm", "min_max_norm")
    yield from row.table("text-and-call", called, get, CALL, inputs=thirds((3, 4)))
    yield from row.table("dict", _DICTS, get)
    yield from row.table("object", _OTHERS, get)
    example = row.given(inputs=wave((3, 4)), flags="documented-example")
    yield example("object", "function-and-call", get(function("double")), CALL)
    scoped = row.given(flags=("identifier", "custom"))
    yield from scoped.table("scope", _SCOPED, partial(get, scope=["CenterAround", "Forgetful"]))
    yield scoped("scope", "not-in-scope", get(short_record("CenterAround", {})))


_OBJECTS: Final[dict[str, Any]] = {
    "MaxNorm": constraint("MaxNorm", max_value=3.5, axis=[0, 1]),
    "MinMaxNorm": constraint("MinMaxNorm", rate=0.5),
    "NonNeg": constraint("NonNeg"),
    "UnitNorm": constraint("UnitNorm", axis=(0, 1)),
    "Constraint": constraint("Constraint"),
    "numpy-axis": constraint("UnitNorm", axis=listed(1, "int64", Given.SCALAR)),
    "numpy-value": constraint("MaxNorm", max_value=listed(0.1, "float32", Given.SCALAR)),
    "infinite-value": constraint("MaxNorm", max_value=INF),
    "CenterAround": custom("CenterAround", ref_value=2.0),
    "Forgetful": custom("Forgetful", factor=3.0),
    "function": function("double"),
    "none": None,
    "class": class_of("constraints.MaxNorm"),
    "RadialConstraint": cell(constraint("RadialConstraint"), dialects=KERAS2),
}
_CUSTOM: Final = custom_record("CenterAround", {"ref_value": 2.0})
_CONFIGS: Final[dict[str, Any]] = {
    "MaxNorm": _record("MaxNorm", {"max_value": 3, "axis": 1}),
    "MinMaxNorm": _record("MinMaxNorm", {"rate": 0.5}),
    "NonNeg": _record("NonNeg", {}),
    "UnitNorm": _record("UnitNorm", {"axis": [0, 1]}),
    "Constraint": _record("Constraint", {}),
    "snake-case": _record("max_norm", {}),
    "old-format": short_record("MaxNorm", {"max_value": 1}),
    "private-module": _record("MaxNorm", {}, "keras.src.constraints.constraints"),
    "unknown-module": _record("MaxNorm", {}, "foo"),
    "name": "MaxNorm",
    "none": None,
    "unknown-class": _record("Foo", {}),
    "unknown-name": "foo",
    "other-family": _record("L2", {}, "keras.regularizers"),
    "integer": 5,
    "list": [],
    "empty-dict": {},
    "unknown-key": _record("MaxNorm", {"foo": 1}),
    "key-for-none": _record("NonNeg", {"foo": 1}),
    "config-list": _record("MaxNorm", []),
    "custom-given": deserialize(_CUSTOM, custom_objects=["CenterAround"]),
    "custom-name": deserialize("Forgetful", custom_objects=["Forgetful"]),
    "custom-unknown": _CUSTOM,
    "custom-replaces": deserialize(_record("Forgetful", {}), custom_objects=["Forgetful"]),
    "function-given": deserialize(function_record("double"), custom_objects=["double"]),
    "function-unknown": function_record("double"),
    "instance": constraint("UnitNorm", axis=1),
    "function-object": function("double"),
}


def serialization() -> Iterator[Case]:
    """`serialize` and `deserialize`."""
    yield from Rows("serialize").table("object", _OBJECTS, serialize, flags="config")
    row = Rows("deserialize")
    yield from row.table("config", _CONFIGS, deserialize, flags="config")
    step = deserialize(_CUSTOM, scope=["CenterAround"])
    yield row("scope", "custom", step, flags=("config", "custom"))
