"""How the answers of two subjects to one case differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from conformance import oracle
from conformance.changes import configurations, tensors
from conformance.changes.differences import Answered, Change, Group, Rounding, same
from conformance.changes.words import label_of, now_answered, said, short
from conformance.judge import signature
from conformance.judge.compare import compare
from conformance.model import (
    Budget,
    Case,
    Grade,
    Kind,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    Tolerance,
    Unsupported,
    Value,
    Verdict,
)


def judged(
    case: Case,
    dialect: str,
    old: Sequence[Outcome],
    new: Sequence[Outcome],
    *,
    other_draws: bool = False,
) -> Answered:
    """How the answers of two subjects to one case differ, up to the first step that one rejects.

    `other_draws`: the subjects have different generators, so that random values are judged by their law.
    """
    if all(isinstance(each[0], Unsupported) for each in (old, new) if each):
        return Answered(case.id, case.target, lacking=True)
    comparison = _Comparison(case, dialect, tuple(old), other_draws)
    for number, (was, now) in enumerate(zip(old, new, strict=False)):
        if not (isinstance(was, Returned) and isinstance(now, Returned)):
            comparison.acceptance(was, now)
            break
        comparison.step(number, was, now)
    else:
        if len(old) != len(new):  # one of them stopped and gave no reason
            both = min(len(old), len(new))
            comparison.acceptance(
                old[both] if len(old) > both else None, new[both] if len(new) > both else None
            )
    return Answered(case.id, case.target, tuple(comparison.changes), tuple(comparison.roundings))


class _Comparison:
    """What the steps of one case have shown so far."""

    def __init__(
        self, case: Case, dialect: str, old: tuple[Outcome, ...], other_draws: bool
    ) -> None:
        self.case = case
        self.changes: list[Change] = []
        self.roundings: list[Rounding] = []
        self._other_draws = other_draws
        self._budgets = cache(
            partial(oracle.budgets, case, dialect, old, case.tolerance, other_draws=other_draws)
        )
        # The arguments of the object under test; None where they are not known.
        self._given: Mapping[str, Any] | None = (
            None if "*" in case.arguments else dict(case.arguments)
        )

    def _add(self, group: Group, what: str, old: str = "", new: str = "") -> None:
        self.changes.append(Change(group, self.case.target, what, self.case.id, old, new))

    def acceptance(self, old: Outcome | None, new: Outcome | None) -> None:
        """At least one of the outcomes has no values."""
        if isinstance(old, Raised) and isinstance(new, Raised):
            if (old.phase, old.category) != (new.phase, new.category):
                what = f"{signature.kind_of(old)} in {old.phase} is {signature.kind_of(new)} in {new.phase}"
                self._add(Group.ACCEPTANCE, what, old.message, new.message)
        elif type(old) is not type(new):
            self._add(Group.ACCEPTANCE, now_answered(old, new), said(old), said(new))

    def step(self, number: int, old: Returned, new: Returned) -> None:
        """Both outcomes of a step have values."""
        step = self.case.steps[number]
        self._given = configurations.after(self._given, step)
        for name in dict.fromkeys((*old.values, *new.values)):
            label = label_of(name, step)
            if name not in new.values:
                self._add(Group.OTHER, f"{label} is gone", short(old.values[name]))
            elif name not in old.values:
                self._add(Group.OTHER, f"{label} is new", "", short(new.values[name]))
            else:
                self._value(number, step, name, old.values[name], new.values[name])

    def _value(self, number: int, step: Step, name: str, old: Value, new: Value) -> None:
        label = label_of(name, step)
        if isinstance(old, Tensor) and isinstance(new, Tensor):
            if old != new:
                self._tensor(number, name, label, old, new)
        elif isinstance(old, Tensor) or isinstance(new, Tensor):
            self._add(Group.VALUES, f"kind of {label}", short(old), short(new))
        elif isinstance(old, list) and isinstance(new, list) and name == "weights":
            self._weights(old, new)
        elif name in ("config", "serialized", "resolved"):
            self.changes += configurations.changes(self.case, step, name, self._given, old, new)
        elif name == "attributes" and isinstance(old, dict) and isinstance(new, dict):
            for key in dict.fromkeys((*old, *new)):
                self._differs(Group.OTHER, f"attribute {key}", old.get(key), new.get(key))
        else:
            self._differs(Group.OTHER, label, old, new)

    def _differs(self, group: Group, what: str, old: Any, new: Any) -> None:
        if not same(old, new):
            self._add(group, what, short(old), short(new))

    def _tensor(self, number: int, name: str, label: str, old: Tensor, new: Tensor) -> None:
        tolerance = self.case.tolerance.at(number)
        if tolerance.kind is Kind.DISTRIBUTION and not self._other_draws:
            tolerance = Tolerance(law=tolerance.law)  # one generator: the draws must be the same

        def budgets() -> Sequence[Mapping[str, Budget]]:
            return self._budgets()[number : number + 1]

        found = compare(
            [Returned({name: new})],
            [Returned({name: old})],
            tolerance,
            other_draws=self._other_draws,
            budgets=budgets,
        )
        for each in found:
            if each.verdict is Verdict.FAIL:
                self.changes.append(tensors.change(self.case, label, each, old, new))
            elif each.verdict is Verdict.PASS and each.grade is Grade.WITHIN and each.error_ulp:
                headroom = each.headroom or 0.0
                self.roundings.append(
                    Rounding(self.case.target, self.case.id, label, each.error_ulp, headroom)
                )

    def _weights(self, old: Sequence[Any], new: Sequence[Any]) -> None:
        names = [[w.get("name") for w in side] for side in (old, new)]
        if len(old) != len(new):
            self._add(Group.WEIGHTS, "number of weights", *(f"{len(n)}: {short(n)}" for n in names))
            return
        if names[0] != names[1] and Counter(map(str, names[0])) == Counter(map(str, names[1])):
            self._add(Group.WEIGHTS, "order of weights", *map(short, names))
            return
        for was, now in zip(old, new, strict=True):
            one, other = was.get("name"), now.get("name")
            rest = [{k: v for k, v in side.items() if k != "name"} for side in (was, now)]
            if one and other and one != other and same(*rest):
                # Without the name of the layer, so that all layers are one row.
                last, first = (str(name).rpartition("/")[2] for name in (one, other))
                self._add(Group.WEIGHTS, f"{last} renamed {first}", str(one), str(other))
                continue
            for key in dict.fromkeys((*was, *now)):
                what = f"{key} of {was.get('name')}"
                self._differs(Group.WEIGHTS, what, was.get(key), now.get(key))
