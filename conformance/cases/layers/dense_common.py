"""What the files about `Dense` share."""

from __future__ import annotations

from typing import Any, Final

from conformance.cases.inputs import thirds
from conformance.cases.layers.common import (
    CALL,
    GRADIENT,
    POLICIES,
    Rows,
    array,
    build,
    set_weights,
)
from conformance.model import COMPUTED, Case, Input

TARGET: Final = "layers.Dense"


NAN: Final = float("nan")


def called(
    row: Rows,
    group: str,
    detail: str,
    x: Input,
    *,
    units: int = 4,
    policy: str = "float32",
    gradient: bool = False,
    formula: Any = thirds,
    arguments: dict[str, Any] | None = None,
    **rest: Any,
) -> Case:
    """A case that builds, sets the weights by formula, and calls."""
    made = {"units": units, "name": "d", **(arguments or {})}
    size = x.tensor.shape[-1]
    variable = POLICIES[policy][1]
    kernel, bias = array((size, units), variable), array((units,), variable, formula)
    biased = made.get("use_bias", True)
    steps = (
        build(None, *x.tensor.shape[1:]),
        set_weights(*((kernel, bias)[: 1 + bool(biased)])),
        CALL,
    )
    return row(
        group,
        detail,
        *steps,
        *((GRADIENT,) if gradient else ()),
        arguments=made,
        inputs=(x,),
        tolerance=COMPUTED,
        **rest,
    )
