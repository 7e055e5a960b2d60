"""`get`, and the names of the module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.cases import references
from conformance.cases.inputs import thirds, wave
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
from conformance.cases.steps import CALL, get, lookup
from conformance.model import Case

CLASSES: Final = ("Regularizer", "L1", "L2", "L1L2", ORTHOGONAL)
SHORTCUTS: Final = ("l1", "l2", "l1_l2", "orthogonal_regularizer")


def record(class_name: str, config: Any, module: str = "keras.regularizers") -> dict[str, Any]:
    """What `serialize` writes since TensorFlow 2.12."""
    return references.record(class_name, config, module)


_TEXTS: Final = (
    *(*CLASSES, *SHORTCUTS, "regularizer", "l1l2", "L1_L2", "l1L2", "orthogonalregularizer"),
    *("orthogonal", "L1 ", "keras.regularizers.L1", "get", "none", "foo", ""),
)
_DICTS: Final[dict[str, Any]] = {
    "class-and-config": short_record("L1", {"l1": 0.5}),
    "partial-config": short_record("L1L2", {"l1": 0.5}),
    "empty-config": short_record("L2", {}),
    "short-name": short_record("l2", {"l2": 0.5}),
    "l1_l2": short_record("l1_l2", {"l1": 0.5}),
    "l1_l2-both": short_record("l1_l2", {"l1": 0.5, "l2": 0.25}),
    "l1_l2-new-format": record("l1_l2", {"l1": 0.5}),
    "orthogonal": short_record(ORTHOGONAL, {"factor": 0.5, "mode": "columns"}),
    "orthogonal-short-name": short_record("orthogonal_regularizer", {}),
    "bad-mode": short_record(ORTHOGONAL, {"mode": "x"}),
    "bad-factor": short_record("L1", {"l1": "x"}),
    "negative-factor": short_record("L1", {"l1": -0.5}),
    "base": short_record("Regularizer", {}),
    "class-only": {"class_name": "L1"},
    "config-only": {"config": {}},
    "nothing": {},
    "unknown-class": short_record("foo", {}),
    "layer-class": short_record("Dense", {"units": 2}),
    "unknown-key": short_record("L1", {"foo": 1}),
    "config-none": short_record("L1", None),
    "config-number": short_record("L1", 0.1),
    "new-format": record("L1L2", {"l1": 0.5, "l2": 0.25}),
    "tf-keras-module": record("L1", {"l1": 0.5}, "tf_keras.regularizers"),
    "other-family": record("MaxNorm", {}, "keras.constraints"),
    "function": function_record("my_regularizer"),
    "record-without-config": {"module": "keras.regularizers", "class_name": "L2"},
}
_OBJECTS: Final[dict[str, Any]] = {
    "none": None,
    "integer": 5,
    "float": 0.01,
    "true": True,
    "list": [],
    "tuple": (),
    "list-of-name": ["l1"],
    **{f"class-{name}": class_of(f"regularizers.{name}") for name in CLASSES},
    "instance-L1": regularizer("L1", l1=0.5),
    "instance-L1L2": regularizer("L1L2", l1=0.5, l2=0.25),
    "instance-OrthogonalRegularizer": regularizer(ORTHOGONAL, mode="columns"),
    "custom-instance": custom("MyRegularizer", strength=0.5),
    "unsaved-instance": custom("Unsaved"),
    "function": function("my_regularizer"),
}
_SCOPED: Final[dict[str, Any]] = {
    "name": "Unsaved",
    "dict": short_record("MyRegularizer", {"strength": 2.0}),
    "record": custom_record("MyRegularizer", {"strength": 2.0}),
}


def identifiers() -> Iterator[Case]:
    """What an identifier stands for."""
    yield from Rows("get").table("name", (*CLASSES, *SHORTCUTS), lookup)
    row = Rows("get", flags="identifier")
    for text in _TEXTS:
        yield row("text", text or "empty", get(text))
    called = row.given(inputs=thirds((3, 4)))
    flags = ("identifier", "documented-example")
    shown = ("l1", "l2", "l1_l2", "L1L2")
    yield from called.table("text-and-call", shown, get, CALL, flags=flags)
    yield from called.table("text-and-call", ("orthogonal_regularizer",), get, CALL)
    yield from row.table("dict", _DICTS, get)
    yield from row.table("object", _OBJECTS, get)
    for name in ("l1_reg", "my_regularizer"):
        # Sums of quarters and of their squares are exact; the factor is one product.
        example = row.given(inputs=wave((3, 4)), flags="documented-example")
        yield example("function-and-call", name, get(function(name)), CALL)
    row = row.given(flags=("identifier", "custom"))
    yield from row.table("scope", _SCOPED, partial(get, scope=["MyRegularizer", "Unsaved"]))
    yield row("scope", "not-in-scope", get(short_record("MyRegularizer", {})))
    step = get(function_record("my_regularizer"), scope=["my_regularizer"])
    yield row("scope", "function", step)
