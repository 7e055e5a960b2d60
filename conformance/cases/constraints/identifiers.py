"""`get`, `serialize`, `deserialize`: names, records, objects, custom objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.constraints.common import (
    CALL,
    INF,
    KERAS2,
    Rows,
)
from conformance.cases.inputs import listed, thirds, wave
from conformance.model import (
    COMPUTED,
    DIALECTS,
    Case,
    Given,
    Reference,
    Step,
)

CLASSES: Final = ("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "RadialConstraint")
SHORTCUTS: Final = {
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
    "radial_constraint": "RadialConstraint",
}


def _class(name: str) -> Reference:
    return Reference("class", f"constraints.{name}")


def _instance(name: str, **arguments: Any) -> Reference:
    return Reference("instance", f"constraints.{name}", arguments)


def _dialects_of(name: str) -> tuple[str, ...]:
    return KERAS2 if "radial" in name.lower() else DIALECTS


def identifiers() -> Iterator[Case]:
    """`get`, and the names of the module."""
    row = Rows("get")
    for name in (*CLASSES, *SHORTCUTS):
        yield row("name", name, Step("lookup", options={"name": name}), dialects=_dialects_of(name))
    texts = (
        *CLASSES,
        *SHORTCUTS,
        "constraint",
        "maxnorm",
        "unitnorm",
        "nonneg",
        "minmaxnorm",
        "nonnegative",
        "MAX_NORM",
        "maxNorm",
        "MaxNorm ",
        "keras.constraints.MaxNorm",
        "get",
        "foo",
        "",
    )
    for text in texts:
        step = Step("get", options={"identifier": text})
        yield row("text", text or "empty", step, flags=("identifier",))
    for name in ("MaxNorm", "max_norm", "UnitNorm", "min_max_norm"):
        yield row(
            "text-and-call",
            name,
            Step("get", options={"identifier": name}),
            CALL,
            inputs=(thirds((3, 4)),),
            tolerance=COMPUTED,
            flags=("identifier",),
        )
    dicts: dict[str, Any] = {
        "class-and-config": {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 1}},
        "partial-config": {"class_name": "MinMaxNorm", "config": {"rate": 0.5}},
        "empty-config": {"class_name": "UnitNorm", "config": {}},
        "snake-case": {"class_name": "max_norm", "config": {}},
        "class-only": {"class_name": "MaxNorm"},
        "config-only": {"config": {}},
        "nothing": {},
        "unknown-class": {"class_name": "foo", "config": {}},
        "layer-class": {"class_name": "Dense", "config": {"units": 2}},
        "unknown-key": {"class_name": "MaxNorm", "config": {"foo": 1}},
        "config-none": {"class_name": "MaxNorm", "config": None},
        "new-format": {
            "module": "keras.constraints",
            "class_name": "MaxNorm",
            "config": {"max_value": 3, "axis": 0},
            "registered_name": None,
        },
        "tf-keras-module": {
            "module": "tf_keras.constraints",
            "class_name": "MaxNorm",
            "config": {"max_value": 3, "axis": 0},
            "registered_name": None,
        },
        "axis-list": {"class_name": "UnitNorm", "config": {"axis": [0, 1]}},
        "function": {
            "module": "builtins",
            "class_name": "function",
            "config": "double",
            "registered_name": "function",
        },
    }
    for detail, identifier in dicts.items():
        step = Step("get", options={"identifier": identifier})
        yield row("dict", detail, step, flags=("identifier",))
    others: dict[str, Any] = {
        "none": None,
        "integer": 5,
        "float": 1.5,
        "true": True,
        "list": [],
        "tuple": (),
        "list-of-name": ["MaxNorm"],
        "class-MaxNorm": _class("MaxNorm"),
        "class-NonNeg": _class("NonNeg"),
        "class-Constraint": _class("Constraint"),
        "instance": _instance("MaxNorm", max_value=3),
        "instance-NonNeg": _instance("NonNeg"),
        "custom-instance": Reference("custom", "CenterAround", {"ref_value": 1.0}),
        "function": Reference("function", "double"),
    }
    for detail, identifier in others.items():
        step = Step("get", options={"identifier": identifier})
        yield row("object", detail, step, flags=("identifier",))
    yield row(
        "object",
        "function-and-call",
        Step("get", options={"identifier": Reference("function", "double")}),
        CALL,
        inputs=(wave((3, 4)),),
        flags=("documented-example",),
    )
    for detail, identifier in {
        "name": "Forgetful",
        "snake-name": "forgetful",
        "dict": {"class_name": "CenterAround", "config": {"ref_value": 2.0}},
    }.items():
        options: dict[str, Any] = {"identifier": identifier, "scope": ["CenterAround", "Forgetful"]}
        step = Step("get", options=options)
        yield row("scope", detail, step, flags=("identifier", "custom"))
    yield row(
        "scope",
        "not-in-scope",
        Step("get", options={"identifier": {"class_name": "CenterAround", "config": {}}}),
        flags=("identifier", "custom"),
    )


def serialization() -> Iterator[Case]:
    """`serialize` and `deserialize`."""
    serialize = Rows("serialize")
    objects: dict[str, Any] = {
        "MaxNorm": _instance("MaxNorm", max_value=3.5, axis=[0, 1]),
        "MinMaxNorm": _instance("MinMaxNorm", rate=0.5),
        "NonNeg": _instance("NonNeg"),
        "UnitNorm": _instance("UnitNorm", axis=(0, 1)),
        "Constraint": _instance("Constraint"),
        "numpy-axis": _instance("UnitNorm", axis=listed(1, "int64", Given.SCALAR)),
        "numpy-value": _instance("MaxNorm", max_value=listed(0.1, "float32", Given.SCALAR)),
        "infinite-value": _instance("MaxNorm", max_value=INF),
        "CenterAround": Reference("custom", "CenterAround", {"ref_value": 2.0}),
        "Forgetful": Reference("custom", "Forgetful", {"factor": 3.0}),
        "function": Reference("function", "double"),
        "none": None,
        "class": _class("MaxNorm"),
    }
    for detail, thing in objects.items():
        step = Step("serialize", options={"object": thing})
        yield serialize("object", detail, step, flags=("config",))
    yield serialize(
        "object",
        "RadialConstraint",
        Step("serialize", options={"object": _instance("RadialConstraint")}),
        dialects=KERAS2,
        flags=("config",),
    )
    deserialize = Rows("deserialize")
    custom = {
        "module": None,
        "class_name": "CenterAround",
        "config": {"ref_value": 2.0},
        "registered_name": "CenterAround",
    }
    function = {
        "module": "builtins",
        "class_name": "function",
        "config": "double",
        "registered_name": "function",
    }

    def described(
        class_name: Any, config: Any, module: str = "keras.constraints"
    ) -> dict[str, Any]:
        return {
            "module": module,
            "class_name": class_name,
            "config": config,
            "registered_name": None,
        }

    configs: dict[str, tuple[Any, list[str] | None]] = {
        "MaxNorm": (described("MaxNorm", {"max_value": 3, "axis": 1}), None),
        "MinMaxNorm": (described("MinMaxNorm", {"rate": 0.5}), None),
        "NonNeg": (described("NonNeg", {}), None),
        "UnitNorm": (described("UnitNorm", {"axis": [0, 1]}), None),
        "Constraint": (described("Constraint", {}), None),
        "snake-case": (described("max_norm", {}), None),
        "old-format": ({"class_name": "MaxNorm", "config": {"max_value": 1}}, None),
        "private-module": (described("MaxNorm", {}, "keras.src.constraints.constraints"), None),
        "unknown-module": (described("MaxNorm", {}, "foo"), None),
        "name": ("MaxNorm", None),
        "none": (None, None),
        "unknown-class": (described("Foo", {}), None),
        "unknown-name": ("foo", None),
        "other-family": (described("L2", {}, "keras.regularizers"), None),
        "integer": (5, None),
        "list": ([], None),
        "empty-dict": ({}, None),
        "unknown-key": (described("MaxNorm", {"foo": 1}), None),
        "key-for-none": (described("NonNeg", {"foo": 1}), None),
        "config-list": (described("MaxNorm", []), None),
        "custom-given": (custom, ["CenterAround"]),
        "custom-unknown": (custom, None),
        "custom-replaces": (described("Forgetful", {}), ["Forgetful"]),
        "function-given": (function, ["double"]),
        "function-unknown": (function, None),
        "instance": (_instance("UnitNorm", axis=1), None),
        "function-object": (Reference("function", "double"), None),
    }
    for detail, (config, known) in configs.items():
        options: dict[str, Any] = {"config": config}
        if known is not None:
            options["custom_objects"] = known
        yield deserialize("config", detail, Step("deserialize", options=options), flags=("config",))
    yield deserialize(
        "scope",
        "custom",
        Step("deserialize", options={"config": custom, "scope": ["CenterAround"]}),
        flags=("config", "custom"),
    )
