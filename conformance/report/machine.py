"""Reports as JSON, for gates and for other tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.report import causes, example, explain
from conformance.runner import baseline
from conformance.runner.report import Report
from conformance.runner.saved import SCHEMA
from conformance.vectors import store


def to_json(report: Report) -> dict[str, Any]:
    """The whole report; `subject` and `provenance` cover every subject of the run."""
    classes = [
        {"subject": subject, "against": against, "target": target, **asdict(tally)}
        for (subject, against, target), tally in report.tallies().items()
    ]
    plan, found = report.plan, causes.causes(report)
    return {
        "schema": SCHEMA,
        "subject": list(report.provenance),
        "provenance": report.provenance,
        "draws": report.draws,
        "options": {
            "against": str(plan.against),
            "follow": {subject: str(plan.follows(subject)) for subject in report.provenance},
            "select": list(plan.select),
            "mode": str(plan.mode),
            "device": plan.device,
            "strict": plan.strict,
            "shard": list(plan.shard),
            "level": str(plan.level) if plan.level else None,
            "exceptions": plan.exceptions,
        },
        "seconds": round(report.seconds, 3),
        "planned": report.planned,
        "interrupted": report.interrupted,
        "crashed": report.crashed,
        "exit_status": report.exit_status(),
        "counts": {
            "results": dict(Counter(str(result.verdict) for result in report.results)),
            "classes": classes,
            "levels": {
                str(level): {"passed": passed, "ran": ran}
                for level, (passed, ran) in report.levels().items()
            },
        },
        "stale": report.stale,
        "untriaged": {subject: len(ids) for subject, ids in report.untriaged.items()},
        "excused": {subject: sorted(ids) for subject, ids in report.excused.items()},
        "accounts": report.accounts,
        "tensors": report.tensors,
        "shrunk": report.shrunk,
        "unanswered": report.unanswered(),
        "causes": [_cause(cause, report) for cause in found],
        "absent": causes.absent(report),
        "repros": [
            [cause.subject, case.id, cause.example.aspect, example.code(report, cause, case)]
            for cause in found
            if (case := report.cases.get(cause.example.id)) is not None
        ],
        "hints": [
            [*place, [[hint.text, hint.sure] for hint in told]]
            for place, told in report.hints.items()
        ],
        "drawn": [[*place, asdict(each)] for place, each in report.drawn.items()],
        "results": [asdict(result) for result in report.results],
    }


def _cause(cause: causes.Cause, report: Report) -> dict[str, Any]:
    """A cause: what is wrong, where, the cases, what is known of it, and how to see one of them."""
    known = causes.beside(report.plan).of(cause)
    return {
        "subject": cause.subject,
        "sentence": causes.sentence(cause),
        "what": causes.what(cause),
        "cases": len(cause.ids),
        "level": str(cause.level),
        "classes": cause.targets,
        "aspects": list(cause.aspects),
        "signature": list(cause.signature),
        "hints": list(cause.hints),
        "shared": cause.trait,
        "fault": cause.fault,
        "findings": [finding.id for finding in known.findings],
        "expected_of": [explain.identity(entry) for entry in known.entries],
        "example": cause.example.id,
        "show": causes.command(cause, report.plan),
        "ids": list(cause.ids),
    }


def write_baseline(report: Report, path: Path) -> None:
    """Writes a small baseline, whole or not at all."""
    found = baseline.small(report, [_cause(cause, report) for cause in causes.causes(report)])
    store.write(path, (json.dumps(found, indent=0) + "\n").encode())


def write(report: Report, path: Path) -> None:
    """Writes the report to `path`, whole or not at all."""
    write_json(path, to_json(report))


def write_json(path: Path, found: Mapping[str, Any]) -> None:
    """Writes JSON, whole or not at all."""
    store.write(path, (json.dumps(found, indent=1) + "\n").encode())
