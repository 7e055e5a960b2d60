"""`activations.get`, `serialize`, `deserialize`: names, records, functions, objects of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.cases import rows as forms
from conformance.cases.layers.dense_values import ACTIVATIONS, ACTIVATIONS_OF_KERAS3
from conformance.cases.references import (
    class_of,
    custom,
    custom_record,
    function,
    function_record,
    record,
    short_record,
)
from conformance.cases.rows import KERAS2, KERAS3, cell
from conformance.cases.steps import deserialize, get, serialize
from conformance.model import Case, Reference, Step

# What Keras 2 finds by name, though its module has no such attribute.
_HIDDEN_IN_KERAS2: Final = ("leaky_relu", "log_softmax", "relu6", "silu")
_TIMES: Final = custom("Times", factor=3.0, name="t")
_RECORDS: Final[dict[str, Any]] = {
    "function": function_record("relu"),
    "function-of-keras": record("function", "tanh", "keras.activations", "tanh"),
    "unknown-function": function_record("foo"),
    "without-module": short_record("function", "relu"),
    "without-class": {"config": "relu"},
    "nothing": {},
    "class-only": {"class_name": "relu"},
    "class-missing": {"module": "builtins", "config": "relu", "registered_name": "function"},
    "config-number": short_record("function", 3),
    "unknown-class": short_record("foo", {}),
    "other-module": cell(record("MaxNorm", {}, "keras.constraints"), dialects=KERAS2),
}
_SCOPED: Final[dict[str, Any]] = {
    "function": function_record("double"),
    "instance": custom_record("Linear", {"units": 2, "name": "l"}),
    "short": short_record("Linear", {"units": 2, "name": "l"}),
    "registered-name": record("Nothing", {"units": 2, "name": "l"}, None, "Linear"),
    "no-registered-name": record("Linear", {"units": 2, "name": "l"}, None, "Nothing"),
    "empty-config": short_record("Forgetful", {}),
    "without-config": short_record("Forgetful", None),
}
_OBJECTS: Final[dict[str, Any]] = {
    "none": None,
    "number": 5,
    "list": ["relu"],
    "true": True,
    "activation": class_of("activations.tanh"),
    "function": function("double"),
    "instance": _TIMES,
}


class _Rows(forms.Rows):
    """Rows of a function of the module `activations`."""

    family = "activations"


def rows() -> Iterator[Case]:
    """Every case about activations by name."""
    yield from _got()
    yield from _read()
    yield from _written()


def _got() -> Iterator[Case]:
    row = _Rows("get", flags="identifier")
    yield from row.table("name", ACTIVATIONS, get)
    yield from row.given(dialects=KERAS3).table("name", ACTIVATIONS_OF_KERAS3, get)
    hidden = row.given(dialects=KERAS2)
    yield from hidden.table("name", _HIDDEN_IN_KERAS2, get, prefix="keras2-")
    yield from row.table("name", ("foo", "", "RELU", "tf"), get, flags="bad-argument")
    yield from row.table("object", _OBJECTS, get)
    yield from row.table("record", _RECORDS, get)
    scoped = partial(get, scope=["double", "Forgetful"])
    yield from row.table("scope", ("double", "Forgetful", "relu"), scoped)


def _read() -> Iterator[Case]:
    row = _Rows("deserialize", flags="identifier")
    yield from row.table("name", ("relu", "softmax", "linear"), deserialize)
    yield row("name", "foo", deserialize("foo"), flags="bad-argument")
    known = {name: _OBJECTS[name] for name in ("none", "activation", "function")}
    yield from row.table("object", known, deserialize)
    records = {k: v for k, v in _RECORDS.items() if k != "class-only"}
    yield from row.table("record", records, deserialize)
    for way in ("custom_objects", "scope"):
        known_too = {way: ["double", "Forgetful", "Linear"]}
        yield from row.table(f"custom-{way}", _SCOPED, partial(deserialize, **known_too))
    named = partial(deserialize, custom_objects=["double", "Forgetful"])
    yield from row.table("custom-name", ("double", "Forgetful"), named)


def _written() -> Iterator[Case]:
    row = _Rows("serialize", flags="config")
    functions = {name: _function(name) for name in ACTIVATIONS}
    of_keras3 = {name: _function(name) for name in ACTIVATIONS_OF_KERAS3}
    others = {
        **{name: _OBJECTS[name] for name in ("none", "number", "function", "instance")},
        "name": cell("relu", flags="bad-argument"),
    }
    yield from row.table("function", functions, serialize)
    yield from row.given(dialects=KERAS3).table("function", of_keras3, serialize)
    yield from row.table("object", others, serialize)
    old = row.given(dialects=KERAS2)
    some = {name: functions[name] for name in ("relu", "swish")}
    yield from old.table("legacy", some | others, _legacy)


def _function(name: str) -> Reference:
    return class_of(f"activations.{name}")


def _legacy(thing: Any) -> Step:
    return serialize(thing, legacy=True)
