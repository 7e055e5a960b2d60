"""A layer of a model as a case of the suite: what programs in any language are asked, and the oracle too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import Array, Case, Input, Literal, Step, Tensor
from conformance.oracle import Bounded, told

# The arguments that decide neither what a layer computes from given weights nor in which dtype.
_SILENT: Final = (
    "name",
    "trainable",
    "seed",
    "quantization_config",
    "batch_input_shape",
    "input_shape",
    "batch_shape",
)
_ATTACHED: Final = ("_initializer", "_regularizer", "_constraint")
# More products than these take the oracle, which computes with bounds in NumPy, longer than a second.
MOST_WORK: Final = 20_000_000
VALUE: Final = "value"


def case_of(
    node: Mapping[str, Any],
    weights: Sequence[Array],
    arrays: Mapping[str, Array],
    case_id: str = "",
) -> Case | str:
    """The case that asks a layer what it was called with; or why there is none."""
    call, name = node["call"], node["class"]
    if len(call["args"]) != 1 or call["kwargs"] or len(arrays) != 1:
        return "a case calls a layer with one tensor"
    (given,) = arrays.values()
    arguments: dict[str, Literal] = {}
    for key, value in node["described"]["config"].items():
        if key in _SILENT or key.endswith(_ATTACHED):
            continue
        told = _literal(key, value)
        if told is _NO:
            return f"a case does not say the argument {key}"
        arguments[key] = told
    steps = [Step("build", None, {"shape": (None, *given.shape[1:])})]
    if weights:
        values: list[Literal] = [Input(Tensor.of(np.asarray(each))) for each in weights]
        steps.append(Step("set_weights", None, {"values": values}))
    steps.append(Step("call", 0, {}))
    return Case(
        case_id or f"layers.{name}/model/layer",
        f"layers.{name}",
        arguments=arguments,
        inputs=(Input(Tensor.of(given)),),
        steps=tuple(steps),
    )


# No literal.
_NO: Final[Any] = object()


def _literal(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") in ("DTypePolicy", "Policy"):
            return value["config"]["name"]
        if value.get("class_name") == "function" and isinstance(value.get("config"), str):
            return value["config"]
        return _NO
    if isinstance(value, list | tuple):
        each = [_literal(key, one) for one in value]
        return _NO if any(one is _NO for one in each) else tuple(each)
    return value


def asked(case: Case, dialect: str) -> Bounded | None:
    """What the oracle says of a layer, with the bound of its roundings; None where it has no truth."""
    found = told(case, dialect)
    return found[-1].get(VALUE) if found else None
