"""What golden cases permit besides the answers of official Keras, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any, Final

import numpy as np

from conformance.model import Alternative, Fault, Json, Near, Tensor, codec

# How many digits a number has beyond those that its error leaves open.
_SPARE: Final = 3
_MOST_DIGITS: Final = 17
_UP: Final = Context(prec=3, rounding=ROUND_CEILING)


def to_json(alternatives: Sequence[Alternative]) -> list[Json]:
    """One object for each: `{"finding", "fault", "step"}` and `returned` or `raised`."""
    made: list[Json] = []
    for each in alternatives:
        row: dict[str, Json] = {
            "finding": each.finding,
            "fault": str(each.fault),
            "step": each.step,
        }
        if each.returned is None:
            row["raised"] = {}
        else:
            row["returned"] = {name: _near(near) for name, near in each.returned.items()}
        made.append(row)
    return made


def from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Alternative, ...]:
    """The alternatives that `to_json` wrote."""
    return tuple(
        Alternative(
            row["finding"],
            Fault(row["fault"]),
            row["step"],
            {name: _read(near) for name, near in row["returned"].items()}
            if "returned" in row
            else None,
        )
        for row in rows
    )


def near(value: np.ndarray[Any, Any], error: np.ndarray[Any, Any]) -> Near:
    """The numbers with as many digits as their errors give a meaning to.

    The errors are rounded up, and take in what the numbers lose.
    """
    numbers = [
        _shortened(float(v), float(e))
        for v, e in zip(value.reshape(-1), error.reshape(-1), strict=True)
    ]
    return Near(tuple(value.shape), tuple(v for v, _ in numbers), tuple(e for _, e in numbers))


def _shortened(value: float, error: float) -> tuple[float, float]:
    if not math.isfinite(value) or error == 0 or not math.isfinite(error):
        return value, error
    digits = _MOST_DIGITS
    if value:
        digits = min(_MOST_DIGITS, max(1, math.ceil(math.log10(abs(value) / error)) + _SPARE))
    short = float(f"{value:.{digits}g}")
    return short, float(_UP.create_decimal(Decimal(error) + abs(Decimal(short) - Decimal(value))))


def _near(near: Near) -> Json:
    def flat(numbers: Sequence[float]) -> Json:
        return codec.tensor_to_json(Tensor.of(np.array(numbers), "float64"))["data"]

    return {"shape": list(near.shape), "data": flat(near.data), "error": flat(near.error)}


def _read(json: Mapping[str, Any]) -> Near:
    def flat(data: list[Any]) -> tuple[float, ...]:
        read = {"dtype": "float64", "shape": [len(data)], "data": data}
        return tuple(codec.tensor_from_json(read).values().tolist())

    return Near(tuple(json["shape"]), flat(json["data"]), flat(json["error"]))
