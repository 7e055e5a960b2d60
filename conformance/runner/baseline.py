"""Compares a run with an earlier one: which classes have lost answers since then.

The earlier one is a whole report, or a small file of counts and causes. That keeps of each case no id but three
bytes of its digest, by class and by what it lacked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from conformance.model import Verdict
from conformance.runner.report import Report
from conformance.vectors import store

# A case with one of these has an aspect that was not compared.
_LOST: Final = (Verdict.UNSUPPORTED, Verdict.BLOCKED, Verdict.MISSING)
SCHEMA: Final = "keras-conformance/baseline/1"
# Of a digest, so many bytes: no two cases of a class have the same, which a test sees to.
_BYTES: Final = 3
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
        (subject, against, target, case_id, verdict)
        for subject, against, target, case_id, verdict in _earlier(report, baseline)
        if _asked(report, case_id, target)
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
    part = plan.shard != (1, 1) or plan.level is not None or plan.only is not None
    return taken and (not part or case_id in report.asked)


def _earlier(
    report: Report, baseline: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str, str]]:
    """Subject, comparison, class, id and verdict of each case of the baseline, of small ones as well."""
    if baseline["schema"] != SCHEMA:
        for r in baseline["results"]:
            yield r["subject"], r["against"], r["target"], r["id"], r["verdict"]
        return
    named: dict[str, dict[bytes, str]] = {}
    for case_id in {case_id for ids in report.every_id.values() for case_id in ids}:
        named.setdefault(case_id.partition("/")[0], {})[_short(case_id)] = case_id
    for row in baseline["classes"]:
        place = row["subject"], row["against"], row["target"]
        known = named.get(row["target"], {})
        for verdict, packed in row["cases"].items():
            for number, short in enumerate(_unpacked(packed)):
                # A case that is not there any more has no name; only a run of everything would ask it.
                gone = f"{row['target']}/gone/{number}"
                yield (*place, known.get(short, gone), verdict)


def small(report: Report, causes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A baseline of counts and causes: a file of a fraction of the size of a report.

    `causes`: each as the report in JSON tells it.
    """
    cases = _cases((r.subject, r.against, r.target, r.id, str(r.verdict)) for r in report.results)
    classes = []
    for (subject, against, target), found in cases.items():
        states: dict[str, list[bytes]] = {}
        for case_id, verdicts in found.items():
            lost = [str(verdict) for verdict in _LOST if verdict in verdicts]
            for state in lost or [str(Verdict.PASS)]:
                states.setdefault(state, []).append(_short(case_id))
        row = {"subject": subject, "against": against, "target": target, "ran": _ran(found)}
        classes.append({**row, "cases": {state: _packed(ids) for state, ids in states.items()}})
    kept = ("subject", "what", "classes", "cases")
    told = [{key: cause[key] for key in kept} for cause in causes[:_MOST_CAUSES]]
    return {"schema": SCHEMA, "classes": classes, "causes": told}


# The causes that a small baseline keeps.
_MOST_CAUSES: Final = 200


def is_new(what: str, subject: str, baseline: Mapping[str, Any]) -> bool:
    """Whether the baseline has no such cause."""
    known = {(cause["subject"], cause["what"]) for cause in baseline.get("causes", ())}
    return (subject, what) not in known


def _short(case_id: str) -> bytes:
    return hashlib.sha256(case_id.encode()).digest()[:_BYTES]


def _packed(ids: Iterable[bytes]) -> str:
    return base64.b64encode(b"".join(sorted(ids))).decode()


def _unpacked(packed: str) -> list[bytes]:
    whole = base64.b64decode(packed, validate=True)
    return [whole[start : start + _BYTES] for start in range(0, len(whole), _BYTES)]


def _cases(results: Iterable[tuple[str, str, str, str, str]]) -> _Cases:
    cases: _Cases = {}
    for subject, against, target, case_id, verdict in results:
        cases.setdefault((subject, against, target), {}).setdefault(case_id, set()).add(verdict)
    return cases


def _ran(cases: Mapping[str, set[str]]) -> int:
    return sum(Verdict.UNSUPPORTED not in verdicts for verdicts in cases.values())
