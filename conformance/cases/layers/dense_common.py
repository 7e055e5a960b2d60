"""What the files about `Dense` share."""

from __future__ import annotations

from typing import Any, Final

from conformance.cases.inputs import thirds
from conformance.cases.layers.base_common import BIAS, KERNEL
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.rows import Rows
from conformance.cases.steps import CALL, GRADIENT, build, set_weights
from conformance.model import Case, Input

TARGET: Final = "layers.Dense"
DENSE: Final = Rows(TARGET, arguments={"units": 4, "name": "d"})
SET: Final = set_weights(KERNEL, BIAS)


def called(
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
    row = DENSE.given(arguments={"units": units, **(arguments or {})}, inputs=x, **rest)
    variable = POLICIES[policy][1]
    kernel = array((x.tensor.shape[-1], units), variable)
    bias = array((units,), variable, formula)
    held = (kernel, bias) if row.common["arguments"].get("use_bias", True) else (kernel,)
    steps = (build(None, *x.tensor.shape[1:]), set_weights(*held), CALL)
    return row(group, detail, *steps, *((GRADIENT,) if gradient else ()))
