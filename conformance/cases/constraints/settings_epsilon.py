"""Constraints after a change of a global setting: the constant in divisions, and the dtype of lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.constraints.common import NORMS, Rows
from conformance.cases.inputs import listed, thirds
from conformance.cases.rows import KERAS2
from conformance.cases.steps import CALL, CONFIG, NEW, globally, roundtrip
from conformance.model import Case, Given

_EPSILONS: Final = (0.5, 1e-2, 1e-7)
_WEIGHTS: Final = {
    "ordinary": listed([[3.0, 0.6], [4.0, 0.8]]),
    "small": listed([[3e-3, 6e-8], [4e-3, 8e-8]]),
    "zero": listed([[0.0, 1.0], [0.0, 0.0]]),
}
_LISTS: Final = {
    "list": listed([[3.0, 0.6], [4.0, 0.8]], given=Given.LIST),
    "float32": listed([[3.0, 0.6], [4.0, 0.8]]),
    "array": listed([[3.0, 0.6], [4.0, 0.8]], "float64", Given.ARRAY),
}
_CLASSES: Final[dict[str, Any]] = {**NORMS, "NonNeg": {}}
_BAD: Final = {"text": "small", "none": None, "list": [1e-3]}


def rows() -> Iterator[Case]:
    """Every case about constraints and settings."""
    for name, arguments in NORMS.items():
        row = Rows(name, arguments=arguments, flags="epsilon")
        for epsilon in _EPSILONS:
            changed, suffix = globally(epsilon=epsilon), f"-{epsilon}"
            for detail, asked in {
                "before-construction": (changed, NEW, CALL),
                "after-construction": (changed, CALL),
            }.items():
                yield from row.table(
                    "setting-epsilon", _WEIGHTS, *asked, prefix=f"{detail}-", suffix=suffix
                )
        again = (globally(epsilon=0.5), CALL, globally(epsilon=1e-2), CALL, CONFIG)
        yield row("setting-epsilon", "changed-twice", *again, inputs=_WEIGHTS["ordinary"])
        rebuilt = (globally(epsilon=0.5), roundtrip("serialize"), CALL)
        yield row("setting-epsilon", "roundtrip", *rebuilt, inputs=_WEIGHTS["ordinary"])
    unit = Rows("UnitNorm", flags=("epsilon", "bad-argument"))
    made = lambda value: globally(epsilon=value)  # noqa: E731
    yield from unit.table("setting-rejected", _BAD, made, CALL, inputs=_WEIGHTS["ordinary"])
    radial = Rows("RadialConstraint", KERAS2, inputs=thirds((3, 3, 1, 2)), flags="epsilon")
    yield radial("setting-epsilon", "does-not-read-it", globally(epsilon=0.5), NEW, CALL)
    for name, arguments in _CLASSES.items():
        row = Rows(name, arguments=arguments)
        for floatx in ("float64", "float16", "bfloat16"):
            steps = (globally(floatx=floatx), NEW, CALL)
            yield from row.table("setting-floatx", _LISTS, *steps, prefix=f"{floatx}-of-")
