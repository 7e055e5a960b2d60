"""Penalties after a change of a global setting, and one object of a penalty asked again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.cases.inputs import listed
from conformance.cases.regularizers.common import ORTHOGONAL, SUMS, Rows
from conformance.cases.steps import CALL, CONFIG, NEW, globally
from conformance.model import Case, Given, Step

_EPSILONS: Final = (0.5, 1e-2, 1e-7)
_NUMBERS: Final = [[3.0, 0.5], [4.0, -0.5]]
_X: Final = {
    "list": listed(_NUMBERS, given=Given.LIST),
    "float32": listed(_NUMBERS),
    "array": listed(_NUMBERS, "float64", Given.ARRAY),
}
_LENGTHS: Final = {
    "ordinary": _X["float32"],
    "small": listed([[3e-3, 6e-5], [4e-3, 8e-5]]),
    "zero-row": listed([[0.0, 0.0], [1.0, 2.0]]),
}
_MODES: Final = ("rows", "columns")


def rows() -> Iterator[Case]:
    """Every case about penalties and settings."""
    for mode in _MODES:
        row = Rows(ORTHOGONAL, arguments={"factor": 0.5, "mode": mode}, flags="epsilon")
        for epsilon in _EPSILONS:
            detail = f"-{mode}-{epsilon}"
            steps = (globally(epsilon=epsilon), NEW, CALL)
            yield from row.table("setting-epsilon", _LENGTHS, *steps, suffix=detail)
    for name, arguments in {**SUMS, ORTHOGONAL: {"factor": 0.5}}.items():
        row = Rows(name, arguments=arguments)
        for floatx in ("float64", "float16", "bfloat16"):
            before = (globally(floatx=floatx), NEW, CALL, CONFIG)
            yield from row.table("setting-floatx", _X, *before, prefix=f"{floatx}-of-")
            after = (globally(floatx=floatx), CALL)
            yield row(
                "setting-floatx", f"{floatx}-after-construction", *after, inputs=_X["float32"]
            )
        two = row.given(inputs=(_X["float32"], listed([[1.0, 2.0, 2.0], [2.0, 0.0, 1.0]])))
        yield two("again", "two-shapes", CALL, Step("call", 1), CALL)
