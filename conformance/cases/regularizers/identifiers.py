"""`get`, and the names of the module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.regularizers.common import (
    CALL,
    ORTHOGONAL,
    Rows,
)
from conformance.model import COMPUTED, Case, Reference, Step

CLASSES: Final = ("Regularizer", "L1", "L2", "L1L2", ORTHOGONAL)
SHORTCUTS: Final = ("l1", "l2", "l1_l2", "orthogonal_regularizer")


def of_class(name: str) -> Reference:
    """A class of the subject."""
    return Reference("class", f"regularizers.{name}")


def instance(name: str, **arguments: Any) -> Reference:
    """An instance of a class of the subject."""
    return Reference("instance", f"regularizers.{name}", arguments)


def record(class_name: Any, config: Any, module: str | None = "keras.regularizers") -> Any:
    """What `serialize` writes since TensorFlow 2.12."""
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }


def function(name: str) -> Any:
    """What `serialize` writes for a function."""
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


_TEXTS: Final = (
    *CLASSES,
    *SHORTCUTS,
    "regularizer",
    "l1l2",
    "L1_L2",
    "l1L2",
    "orthogonalregularizer",
    "orthogonal",
    "L1 ",
    "keras.regularizers.L1",
    "get",
    "none",
    "foo",
    "",
)
_DICTS: Final[dict[str, Any]] = {
    "class-and-config": {"class_name": "L1", "config": {"l1": 0.5}},
    "partial-config": {"class_name": "L1L2", "config": {"l1": 0.5}},
    "empty-config": {"class_name": "L2", "config": {}},
    "short-name": {"class_name": "l2", "config": {"l2": 0.5}},
    "l1_l2": {"class_name": "l1_l2", "config": {"l1": 0.5}},
    "l1_l2-new-format": record("l1_l2", {"l1": 0.5}),
    "orthogonal": {"class_name": ORTHOGONAL, "config": {"factor": 0.5, "mode": "columns"}},
    "orthogonal-short-name": {"class_name": "orthogonal_regularizer", "config": {}},
    "bad-mode": {"class_name": ORTHOGONAL, "config": {"mode": "x"}},
    "bad-factor": {"class_name": "L1", "config": {"l1": "x"}},
    "negative-factor": {"class_name": "L1", "config": {"l1": -0.5}},
    "base": {"class_name": "Regularizer", "config": {}},
    "class-only": {"class_name": "L1"},
    "config-only": {"config": {}},
    "nothing": {},
    "unknown-class": {"class_name": "foo", "config": {}},
    "layer-class": {"class_name": "Dense", "config": {"units": 2}},
    "unknown-key": {"class_name": "L1", "config": {"foo": 1}},
    "config-none": {"class_name": "L1", "config": None},
    "config-number": {"class_name": "L1", "config": 0.1},
    "new-format": record("L1L2", {"l1": 0.5, "l2": 0.25}),
    "tf-keras-module": record("L1", {"l1": 0.5}, "tf_keras.regularizers"),
    "other-family": record("MaxNorm", {}, "keras.constraints"),
    "function": function("my_regularizer"),
}
_OBJECTS: Final[dict[str, Any]] = {
    "none": None,
    "integer": 5,
    "float": 0.01,
    "true": True,
    "list": [],
    "tuple": (),
    "list-of-name": ["l1"],
    **{f"class-{name}": of_class(name) for name in CLASSES},
    "instance-L1": instance("L1", l1=0.5),
    "instance-L1L2": instance("L1L2", l1=0.5, l2=0.25),
    "instance-OrthogonalRegularizer": instance(ORTHOGONAL, mode="columns"),
    "custom-instance": Reference("custom", "MyRegularizer", {"strength": 0.5}),
    "unsaved-instance": Reference("custom", "Unsaved", {}),
    "function": Reference("function", "my_regularizer"),
}


def identifiers() -> Iterator[Case]:
    """What an identifier stands for."""
    row = Rows("get")
    for name in (*CLASSES, *SHORTCUTS):
        yield row("name", name, Step("lookup", options={"name": name}))
    for text in _TEXTS:
        step = Step("get", options={"identifier": text})
        yield row("text", text or "empty", step, flags=("identifier",))
    for name in ("l1", "l2", "l1_l2", "L1L2"):
        yield row(
            "text-and-call",
            name,
            Step("get", options={"identifier": name}),
            CALL,
            inputs=(thirds((3, 4)),),
            tolerance=COMPUTED,
            flags=("identifier", "documented-example"),
        )
    yield row(
        "text-and-call",
        "orthogonal_regularizer",
        Step("get", options={"identifier": "orthogonal_regularizer"}),
        CALL,
        inputs=(thirds((3, 4)),),
        tolerance=COMPUTED,
        flags=("identifier",),
    )
    for group, identifiers in (("dict", _DICTS), ("object", _OBJECTS)):
        for detail, identifier in identifiers.items():
            step = Step("get", options={"identifier": identifier})
            yield row(group, detail, step, flags=("identifier",))
    for name in ("l1_reg", "my_regularizer"):
        yield row(
            "function-and-call",
            name,
            Step("get", options={"identifier": Reference("function", name)}),
            CALL,
            inputs=(wave((3, 4)),),
            # Sums of quarters and of their squares are exact; the factor is one product.
            tolerance=COMPUTED,
            flags=("documented-example",),
        )
    for detail, identifier in {
        "name": "Unsaved",
        "dict": {"class_name": "MyRegularizer", "config": {"strength": 2.0}},
        "record": {
            **record("MyRegularizer", {"strength": 2.0}, None),
            "registered_name": "MyRegularizer",
        },
    }.items():
        options: dict[str, Any] = {
            "identifier": identifier,
            "scope": ["MyRegularizer", "Unsaved"],
        }
        step = Step("get", options=options)
        yield row("scope", detail, step, flags=("identifier", "custom"))
    yield row(
        "scope",
        "not-in-scope",
        Step("get", options={"identifier": {"class_name": "MyRegularizer", "config": {}}}),
        flags=("identifier", "custom"),
    )
