"""A small subject (`--subject "command:python subject.py"`), to be copied and changed.

It has NonNeg and UnitNorm of Keras 3, in NumPy. PROTOCOL.md says what the lines mean.
"""

import json
import sys
from typing import Any

import numpy as np

DTYPES = ["float16", "float32", "float64"]
SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def to_array(tensor: dict[str, Any]) -> Any:
    """A tensor of the protocol as an array; a large one is a formula."""
    if f := tensor.get("formula"):
        i = np.arange(np.prod(tensor["shape"]), dtype=np.int64)
        made = ((f["times"] * i + f["plus"]) % f["modulo"] - f["minus"]) / f["over"]
        return made.astype(tensor["dtype"]).reshape(tensor["shape"])
    numbers = [float(v) for v in tensor["data"]]  # float() reads "NaN" and "-Infinity" too
    return np.array(numbers, dtype=tensor["dtype"]).reshape(tensor["shape"])


def to_json(array: Any) -> dict[str, Any]:
    """An array as a tensor of the protocol."""
    numbers = [SPECIAL.get(str(v), v) for v in array.reshape(-1).tolist()]
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": numbers}


def observed(value: Any, sample: int | None) -> dict[str, Any]:
    """The value of a step; of a large one as many elements as are asked, and the shape."""
    if sample is None or value.size <= sample:
        return {"value": to_json(value)}
    places = np.arange(sample) * (value.size - 1) // (sample - 1)
    taken = to_json(value.reshape(-1)[places])
    return {"value": taken, "shape:value": list(value.shape)}


def build(case: dict[str, Any]) -> Any:
    """The object under test: here, a function of an array."""
    arguments = dict(case.get("arguments", {}))
    name = case["target"].removeprefix("constraints.")
    axis = arguments.pop("axis", 0) if name == "UnitNorm" else None
    axes = axis if isinstance(axis, list) or axis is None else [axis]
    if name not in ("NonNeg", "UnitNorm") or "custom" in case or "*" in arguments:
        raise NotImplementedError("anything but NonNeg and UnitNorm, with keywords")
    if axes is not None and any(type(a) is not int for a in axes):
        raise NotImplementedError(f"an axis like {axis}")
    if arguments:
        raise TypeError(f"{name} got unexpected arguments: {', '.join(arguments)}")
    if name == "NonNeg":
        return lambda w: np.where(w < 0, w.dtype.type(0), w)
    total: dict[str, Any] = {"axis": None if axes is None else tuple(axes), "keepdims": True}

    def unit_norm(w: Any) -> Any:
        # Hundreds of float16 numbers, added up one by one in float16, would lose the last digits.
        norm = np.sqrt(np.sum(w * w, dtype=np.promote_types(w.dtype, "float32"), **total))
        return w / (w.dtype.type(1e-7) + norm.astype(w.dtype))

    return unit_norm


def answer(case: dict[str, Any]) -> list[Any]:
    """One outcome a step, up to and including the first that has no values."""
    outcomes: list[Any] = []
    phase = "construct"
    try:
        call = build(case)
        for step in case["steps"]:
            phase = step["do"]
            tensor = case["inputs"][step["input"]]
            w = to_array(tensor)
            if tensor.get("given") in ("list", "scalar"):
                raise NotImplementedError("lists and scalars")
            if ((w != 0) & (abs(w) < np.finfo(w.dtype).tiny)).any():
                raise NotImplementedError("subnormal numbers, which official Keras flushes to zero")
            returned = {**observed(call(w), step.get("sample")), "input": "unchanged"}
            outcomes.append({"returned": returned})
    except NotImplementedError as missing:
        outcomes.append({"unsupported": str(missing)})
    except Exception as error:
        raised = {"phase": phase, "category": "value", "type": type(error).__name__}
        outcomes.append({"raised": {**raised, "message": str(error)}})
    return outcomes


if __name__ == "__main__":
    np.seterr(all="ignore")
    capabilities = {"dtypes": DTYPES, "steps": ["call"], "tensors": "numpy"}
    hello = {"protocol": 2, "dialect": "keras3", "provenance": {"package": "my-package"}}
    print(json.dumps({**hello, "capabilities": capabilities}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "echo" in request:
            held: Any = {"echo": {k: to_json(to_array(t)) for k, t in request["echo"].items()}}
        else:
            held = {"outcomes": answer(request["case"])}
        print(json.dumps({"id": request["id"], **held}), flush=True)
