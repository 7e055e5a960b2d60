"""How far values may lie from the expected ones: laws of random values, and tolerances of named tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How two tensors are compared: see `Tolerance`."""

    EXACT = "exact"
    ULP = "ulp"
    BOUND = "bound"
    EACH = "each"
    DISTRIBUTION = "distribution"
    COMPUTED = "computed"


# The parameters of each law of random values. `stddev` of the truncated normal is that of the
# normal which is cut at two of them; `low` belongs to `integers`, `high` does not.
LAWS: Final[Mapping[str, tuple[str, ...]]] = {
    "uniform": ("low", "high"),
    "normal": ("mean", "stddev"),
    "truncated_normal": ("mean", "stddev"),
    "integers": ("low", "high"),
    "orthogonal": ("gain",),
}


@dataclass(frozen=True, slots=True)
class Law:
    """What random values are drawn from: a name of `LAWS` and its parameters."""

    name: str
    parameters: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.name not in LAWS:
            raise ValueError(f"a law must be one of {', '.join(LAWS)}; received {self.name!r}")
        if tuple(self.parameters) != LAWS[self.name]:
            raise ValueError(
                f"the law {self.name} must have the parameters {', '.join(LAWS[self.name])}; "
                f"received {', '.join(self.parameters) or 'none'}"
            )


# No tolerance may be more than this part of the largest magnitude in its tensor without a reason of `Over`.
MOST: Final = 1e-2


class Over(StrEnum):
    """Why a tolerance may be over `MOST`. There are no other reasons; `OVER` words them."""

    BFLOAT16 = "bfloat16"
    CANCELS = "cancels"
    FLUSHED = "flushed"
    KINK = "kink"


OVER: Final[Mapping[Over, str]] = {
    Over.BFLOAT16: "computed in bfloat16, whose numbers are 1/128 apart: at most eight of these units",
    Over.CANCELS: "terms cancel: at most 1/100 of the largest magnitude among the tensors of the case",
    Over.FLUSHED: "numbers below the least normal one of the dtype may become zero: at most 64 such numbers",
    Over.KINK: "rounding decides on which side of a kink an activation's slope is taken: at most the largest magnitude",
}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may lie from the expected one, and why.

    `exact`: not at all. `ulp`: `ulp` units in the last place of the expected element. `bound`:
    `eps` times the distance from 1 to the next number of its dtype, times the larger of `scale` and
    the magnitude of the expected element. `each`: as `tensors` says of each tensor, see `of`.
    `distribution`: values are draws of `law`, others than the expected ones. `computed`: in rows alone,
    see `COMPUTED`.

    A `law` beside another kind says that values are random draws: a subject which draws other
    numbers than official Keras is judged by what the law promises of every one of them.

    `over`: why it may be more than `MOST` of the largest magnitude, where it is.
    """

    kind: Kind = Kind.EXACT
    ulp: int = 0
    why: str = ""
    eps: float = 0.0
    scale: float = 0.0
    law: Law | None = None
    over: Over | None = None
    tensors: Mapping[str, Tolerance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind is not Kind.EXACT and not self.why:
            raise ValueError(f"a tolerance of kind {self.kind} must say why; received no reason")
        if self.ulp and self.kind is not Kind.ULP:
            article = "an" if self.kind in (Kind.EXACT, Kind.EACH) else "a"
            raise ValueError(
                f"{article} {self.kind} tolerance must have ulp 0; received {self.ulp}"
            )
        if bool(self.eps) != (self.kind is Kind.BOUND):
            raise ValueError(
                f"a tolerance must have eps where it is a bound, only there; received {self.eps} "
                f"of kind {self.kind}"
            )
        if self.kind is Kind.DISTRIBUTION and self.law is None:
            raise ValueError("a distribution tolerance must have a law; received none")
        if bool(self.tensors) != (self.kind is Kind.EACH):
            raise ValueError(
                f"a tolerance must have tensors where it is of kind each, only there; received "
                f"{len(self.tensors)} of kind {self.kind}"
            )
        for name, each in self.tensors.items():
            if each.kind not in (Kind.ULP, Kind.BOUND):
                raise ValueError(
                    f"the tolerance of the tensor {name!r} must be of kind ulp or bound; received {each.kind}"
                )
        if self.over is not None and self.kind not in (Kind.ULP, Kind.BOUND):
            raise ValueError(
                f"a tolerance must be of kind ulp or bound to be over {MOST:.0%}; received {self.kind}"
            )

    def at(self, step: int) -> Tolerance:
        """That of the values of one step: a key `STEP/NAME` of `tensors` stands for `NAME` there alone."""
        if self.kind is not Kind.EACH:
            return self
        here: dict[str, Tolerance] = {}
        for key, each in self.tensors.items():
            number, _, name = key.partition("/")
            if number == str(step) and name:
                here[name] = each
            elif not (number.isdecimal() and name):
                here[key] = each
        return replace(self, tensors=here) if here else Tolerance()

    def of(self, name: str) -> Tolerance:
        """That of one tensor of a step: what `each` does not list is exact."""
        return self.tensors.get(name, Tolerance()) if self.kind is Kind.EACH else self


EXACT: Final = Tolerance()
# Of a row: `record` puts the tolerance in its place that the oracle computes from the budgets.
COMPUTED: Final = Tolerance(Kind.COMPUTED, why="to be computed by the oracle")
