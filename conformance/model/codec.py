"""Values of `model` to plain JSON and back: the language of golden files and of foreign programs.

A tensor is `{"dtype", "shape", "data"}`, or that of a large input `{"dtype", "shape", "formula"}`; a dict with
exactly these keys (and perhaps `given`) is always a tensor. What JSON lacks is a dict with one key that starts with `$`: `$float`, `$tuple`,
`$class`, `$instance`, `$custom`, `$function`, `$shared`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any, Final

import numpy as np

from conformance.model import (
    DIALECTS,
    FLOATS,
    INTEGERS,
    STORAGE,
    Array,
    Case,
    Crashed,
    FormulaTensor,
    Given,
    Input,
    Json,
    Kind,
    Law,
    Literal,
    Outcome,
    Over,
    Raised,
    Reference,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Tolerance,
    Unsupported,
    Value,
)
from conformance.model.formulas import formula_from_json, formula_to_json

# The largest integer up to which every JSON reader (IEEE double) is exact.
_EXACT_INTEGER: Final = 2**53
_TENSOR_KEYS: Final = frozenset({"dtype", "shape", "data"})
_FORMULA_KEYS: Final = frozenset({"dtype", "shape", "formula"})
_NON_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _float_token(value: float) -> Json:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _float_tokens(values: Array) -> list[Json]:
    """The shortest decimals that read back, by way of a double, to the same bits."""
    if values.dtype == np.float32:
        # str() of a float32 has the fewest digits that tell it from its neighbours. Read as a
        # double and rounded once more it could, in principle, land on one of them.
        short = np.array([float(str(v)) for v in values], dtype=np.float64)
        with np.errstate(invalid="ignore"):  # a signalling NaN is a NaN as good as any
            exact = values.astype(np.float64)
            same = short.astype(np.float32).view(np.uint32) == values.view(np.uint32)
        wide = np.where(same, short, exact)
    else:
        wide = values.astype(np.float64)
    return [_float_token(v) for v in wide.tolist()]


def tensor_to_json(tensor: Tensor) -> dict[str, Json]:
    """`{"dtype", "shape", "data"}`; complex elements are two numbers each, real part first."""
    values = tensor.values().reshape(-1)
    data: list[Json]
    if tensor.dtype == "bool":
        data = values.tolist()
    elif tensor.dtype == "bfloat16":
        with np.errstate(invalid="ignore"):
            data = _float_tokens(values.astype(np.float64))
    elif values.dtype.kind == "f":
        data = _float_tokens(values)
    elif values.dtype.kind == "c":
        data = _float_tokens(values.view(values.real.dtype))
    else:
        data = [v if abs(v) <= _EXACT_INTEGER else str(v) for v in values.tolist()]
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "data": data}


def tensor_from_json(json: Mapping[str, Any]) -> Tensor:
    """The tensor; ValueError where dtype, shape and data do not belong together."""
    (dtype, shape), data = _described(json), json["data"]
    count = math.prod(shape) * (2 if dtype.startswith("complex") else 1)
    if not isinstance(data, list):
        raise ValueError(f"tensor: data must be a list; received {data!r:.40}")
    if len(data) != count:
        raise ValueError(
            f"tensor: data must have {count} numbers for shape {list(shape)} of {dtype}; "
            f"received {len(data)}"
        )
    _check_elements(dtype, data)
    array: Array
    if dtype == "bool":
        array = np.array(data, dtype=np.bool_)
    elif dtype.startswith("complex"):
        array = np.array(data, dtype=np.float64).view(np.complex128)
    elif dtype in FLOATS:
        array = np.array(data, dtype=np.float64)
    else:
        array = np.array([int(v) for v in data], dtype=STORAGE[dtype])
    tensor = Tensor.of(array.reshape(shape), dtype)
    if dtype in FLOATS and bool(
        (np.isinf(tensor.values()) != np.isinf(array.reshape(shape))).any()
    ):
        raise ValueError(f"tensor: every number must lie in the range of {dtype}; one does not")
    return tensor


def _described(json: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
    """The dtype and the shape of a tensor."""
    dtype, shape = json["dtype"], tuple(json["shape"])
    if dtype not in STORAGE:
        raise ValueError(f"tensor: dtype must be one of {', '.join(STORAGE)}; received {dtype!r}")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"tensor: shape must be of lengths from 0; received {list(shape)}")
    return dtype, shape


def _check_elements(dtype: str, data: list[Any]) -> None:
    """Refuses what Python or NumPy would quietly convert: null, true among numbers, 1.5 as int."""
    kinds: set[type[Any]] = set(map(type, data))
    allowed: set[type[Any]]
    if dtype == "bool":
        allowed, words = {bool}, frozenset[str]()
    elif dtype in INTEGERS:
        allowed, words = {int}, frozenset(v for v in data if isinstance(v, str) and _is_integer(v))
    else:
        allowed, words = {int, float}, frozenset(_NON_FINITE)
    if kinds <= allowed:
        return
    for value in data:
        if type(value) not in allowed and not (isinstance(value, str) and value in words):
            raise ValueError(f"tensor: an element of {dtype} must be a number; received {value!r}")


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def literal_to_json(value: Literal | Value) -> Json:
    """Any argument, option or observed value as JSON."""
    if isinstance(value, float):
        return {"$float": _float_token(value)} if not math.isfinite(value) else value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Tensor):
        return tensor_to_json(value)
    if isinstance(value, Input):
        return input_to_json(value)
    if isinstance(value, Reference):
        if value.kind in ("class", "function"):
            return {f"${value.kind}": value.name}
        arguments = {k: literal_to_json(v) for k, v in value.arguments.items()}
        return {f"${value.kind}": {"class": value.name, "arguments": arguments}}
    if isinstance(value, tuple):
        return {"$tuple": [literal_to_json(v) for v in value]}
    if isinstance(value, list):
        return [literal_to_json(v) for v in value]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or key.startswith("$"):
                raise ValueError(f"a key must be a string that does not start with $; got {key!r}")
        return {k: literal_to_json(v) for k, v in value.items()}
    raise ValueError(f"cannot be written as JSON: {value!r} of type {type(value).__name__}")


def literal_from_json(json: Any) -> Any:
    """The literal that `literal_to_json` wrote."""
    if isinstance(json, list):
        return [literal_from_json(v) for v in json]
    if not isinstance(json, dict):
        return json
    if json.keys() - {"given"} in (_TENSOR_KEYS, _FORMULA_KEYS):
        return input_from_json(json)
    if len(json) == 1:
        ((key, value),) = json.items()
        if key == "$float":
            return _NON_FINITE[value]
        if key == "$tuple":
            return tuple(literal_from_json(v) for v in value)
        if key in ("$class", "$function"):
            return Reference(key[1:], value)
        if key in ("$instance", "$custom", "$shared"):
            arguments = {k: literal_from_json(v) for k, v in value["arguments"].items()}
            return Reference(key[1:], value["class"], arguments)
    for key in json:
        if key.startswith("$"):
            raise ValueError(f"a tag must be one that the format defines, alone; received {key!r}")
    return {k: literal_from_json(v) for k, v in json.items()}


def value_from_json(json: Any) -> Value:
    """An observed value: a tensor, or plain JSON with non-finite numbers."""
    read = literal_from_json(json)
    return read.tensor if isinstance(read, Input) else read


def input_to_json(given: Input) -> dict[str, Json]:
    """A tensor, or its formula, and `given` where it is not handed over as the subject's own tensor."""
    tensor, json = given.tensor, dict[str, Json]()
    if isinstance(tensor, FormulaTensor):
        formula = formula_to_json(tensor.formula)
        json = {"dtype": tensor.dtype, "shape": list(tensor.shape), "formula": formula}
    else:
        json = tensor_to_json(tensor)
    if given.given is not Given.TENSOR:
        json["given"] = str(given.given)
    return json


def input_from_json(json: Mapping[str, Any]) -> Input:
    """The input that `input_to_json` wrote."""
    form = Given(json.get("given", "tensor"))
    if "formula" in json:
        dtype, shape = _described(json)
        return Input(FormulaTensor(dtype, shape, formula_from_json(json["formula"])), form)
    return Input(tensor_from_json(json), form)


def outcome_to_json(outcome: Outcome) -> dict[str, Json]:
    """One key that names the kind of outcome, and what it holds."""
    if isinstance(outcome, Returned):
        return {"returned": {k: literal_to_json(v) for k, v in outcome.values.items()}}
    if isinstance(outcome, Raised):
        return {
            "raised": {
                "phase": outcome.phase,
                "category": outcome.category,
                "message": outcome.message,
            }
        }
    if isinstance(outcome, Unsupported):
        return {"unsupported": outcome.reason}
    if isinstance(outcome, Crashed):
        return {"crashed": outcome.reason}
    return {"timed_out": outcome.seconds}


def outcome_from_json(json: Mapping[str, Any]) -> Outcome:
    """The outcome that `outcome_to_json` wrote."""
    ((kind, held),) = json.items()
    if kind == "returned":
        return Returned({k: value_from_json(v) for k, v in held.items()})
    if kind == "raised":
        return Raised(held["phase"], held["category"], held["message"])
    if kind == "unsupported":
        return Unsupported(held)
    if kind == "crashed":
        return Crashed(held)
    if kind == "timed_out":
        return TimedOut(held)
    raise ValueError(f"an outcome must be returned, raised or unsupported; received {kind!r}")


def step_to_json(step: Step) -> dict[str, Json]:
    """`{"do", "input"?, ...options}`."""
    json: dict[str, Json] = {"do": step.do}
    if step.input is not None:
        json["input"] = step.input
    return json | {k: literal_to_json(v) for k, v in step.options.items()}


def step_from_json(json: Mapping[str, Any]) -> Step:
    """The step that `step_to_json` wrote."""
    options = {k: literal_from_json(v) for k, v in json.items() if k not in ("do", "input")}
    return Step(json["do"], json.get("input"), options)


def law_to_json(law: Law) -> dict[str, Json]:
    """`{"name", ...parameters}`."""
    return {"name": law.name} | {k: literal_to_json(v) for k, v in law.parameters.items()}


def law_from_json(json: Mapping[str, Any]) -> Law:
    """The law that `law_to_json` wrote."""
    return Law(json["name"], {k: literal_from_json(v) for k, v in json.items() if k != "name"})


def tolerance_to_json(tolerance: Tolerance) -> dict[str, Json]:
    """`{"kind"}`, for an inexact one its size and the reason, for random values their law.

    A tensor whose reason is that of the whole tolerance does not repeat it.
    """
    json: dict[str, Json] = {"kind": str(tolerance.kind)}
    if tolerance.kind is Kind.ULP:
        json["ulp"] = tolerance.ulp
    if tolerance.kind is Kind.BOUND:
        json |= {"eps": tolerance.eps, "scale": literal_to_json(tolerance.scale)}
    if tolerance.over is not None:
        json["over"] = str(tolerance.over)
    if tolerance.kind is Kind.EACH:
        json["tensors"] = {
            name: {
                key: value
                for key, value in tolerance_to_json(each).items()
                if (key, value) != ("why", tolerance.why)
            }
            for name, each in tolerance.tensors.items()
        }
    if tolerance.law is not None:
        json["law"] = law_to_json(tolerance.law)
    return json | ({"why": tolerance.why} if tolerance.why else {})


def tolerance_from_json(json: Mapping[str, Any], why: str = "") -> Tolerance:
    """The tolerance that `tolerance_to_json` wrote; `why`: the reason of one that states none."""
    law = law_from_json(json["law"]) if "law" in json else None
    sizes = {key: literal_from_json(json[key]) for key in ("ulp", "eps", "scale") if key in json}
    why = json.get("why", why)
    return Tolerance(
        Kind(json["kind"]),
        why=why,
        law=law,
        over=Over(json["over"]) if "over" in json else None,
        tensors={
            name: tolerance_from_json(each, why) for name, each in json.get("tensors", {}).items()
        },
        **sizes,
    )


def case_to_json(case: Case) -> dict[str, Json]:
    """The question alone, without target and outcomes; empty parts are left out."""
    json: dict[str, Json] = {"id": case.id}
    if case.dialects != DIALECTS:
        json["dialects"] = list(case.dialects)
    if case.flags:
        json["flags"] = list(case.flags)
    if case.custom is not None:
        json["custom"] = case.custom
    if case.arguments:
        json["arguments"] = {k: literal_to_json(v) for k, v in case.arguments.items()}
    if case.inputs:
        json["inputs"] = [input_to_json(given) for given in case.inputs]
    json["steps"] = [step_to_json(step) for step in case.steps]
    json["tolerance"] = tolerance_to_json(case.tolerance)
    return json


def case_from_json(target: str, json: Mapping[str, Any]) -> Case:
    """The case that `case_to_json` wrote, for the target of its file."""
    return Case(
        id=json["id"],
        target=target,
        dialects=tuple(json.get("dialects", DIALECTS)),
        arguments={k: literal_from_json(v) for k, v in json.get("arguments", {}).items()},
        inputs=tuple(input_from_json(given) for given in json.get("inputs", ())),
        steps=tuple(step_from_json(step) for step in json["steps"]),
        tolerance=tolerance_from_json(json["tolerance"]),
        flags=tuple(json.get("flags", ())),
        custom=json.get("custom"),
    )


def text(json: Json) -> str:
    """JSON in its canonical spelling. Compare these, not the values: 0.0 == -0.0, 1 == True."""
    return dumps(json, ensure_ascii=True, allow_nan=False)


def outcomes_to_json(outcomes: Sequence[Outcome]) -> list[Json]:
    """One entry per answered step; steps after a rejected one are not answered."""
    return [outcome_to_json(outcome) for outcome in outcomes]
