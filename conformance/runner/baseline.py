"""Compares a run with an earlier report: which classes have lost answers since then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from conformance.model import Verdict
from conformance.runner.report import Report
from conformance.vectors import store

# A case with one of these has an aspect that was not compared.
_LOST: Final = (Verdict.UNSUPPORTED, Verdict.BLOCKED, Verdict.MISSING)
# By subject, what it was compared with and class: the verdicts of each case.
_Cases: TypeAlias = dict[tuple[str, str, str], dict[str, set[str]]]


def compare_with_baseline(report: Report, baseline: Mapping[str, Any]) -> list[str]:
    """A sentence for each class that has lost answers since the baseline report.

    It ran fewer cases, or a case has become unsupported, blocked by a failure, or lacks a value. Cases are
    compared one by one: one that is won does not make up for another that is lost. Of the baseline those
    count that this run would ask too: what `select` takes, and of a shard its own. Cases that are new since
    then are no loss.
    """
    now = _cases((r.subject, r.against, r.target, r.id, str(r.verdict)) for r in report.results)
    earlier = _cases(
        (r["subject"], r["against"], r["target"], r["id"], r["verdict"])
        for r in baseline["results"]
        if _asked(report, r["id"], r["target"])
    )
    found = []
    for key, cases in earlier.items():
        mine = now.get(key, {})
        said = []
        if (ran := _ran(mine)) < (before := _ran(cases)):
            said.append(f"ran {ran} cases, {before} in the baseline")
        for verdict in _LOST:
            lost = [
                case_id
                for case_id, verdicts in cases.items()
                if verdict in mine.get(case_id, ()) and verdict not in verdicts
            ]
            if lost:
                said.append(
                    f"{len(lost)} cases are {verdict} that were not ({lost[0]}, for example)"
                )
        if said:
            subject, against, target = key
            found.append(f"{subject} against {against}: {target} {'; '.join(said)}")
    return found


def _asked(report: Report, case_id: str, target: str) -> bool:
    """Whether the run would ask a case of the baseline."""
    plan = report.plan
    taken = any(store.takes(pattern, case_id, target) for pattern in plan.select or ("*",))
    return taken and (plan.shard == (1, 1) or case_id in report.asked)


def _cases(results: Iterable[tuple[str, str, str, str, str]]) -> _Cases:
    cases: _Cases = {}
    for subject, against, target, case_id, verdict in results:
        cases.setdefault((subject, against, target), {}).setdefault(case_id, set()).add(verdict)
    return cases


def _ran(cases: Mapping[str, set[str]]) -> int:
    return sum(Verdict.UNSUPPORTED not in verdicts for verdicts in cases.values())
