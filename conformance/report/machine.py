"""The report as JSON, for gates and for other tools."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from conformance import store
from conformance.errors import UsageError
from conformance.run import Report

SCHEMA: Final = "keras-conformance/report/1"


def to_json(report: Report) -> dict[str, Any]:
    """The whole report; `subject` and `provenance` cover every subject of the run."""
    classes = [
        {"subject": subject, "against": against, "target": target, **asdict(tally)}
        for (subject, against, target), tally in report.tallies().items()
    ]
    plan = report.plan
    return {
        "schema": SCHEMA,
        "subject": list(report.provenance),
        "provenance": report.provenance,
        "draws": report.draws,
        "options": {
            "against": str(plan.against),
            "select": list(plan.select),
            "mode": str(plan.mode),
            "device": plan.device,
            "strict": plan.strict,
            "shard": list(plan.shard),
            "exceptions": plan.exceptions,
        },
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
        "crashed": report.crashed,
        "exit_status": report.exit_status(),
        "counts": {
            "results": dict(Counter(str(result.verdict) for result in report.results)),
            "classes": classes,
        },
        "stale": report.stale,
        "untriaged": {subject: len(ids) for subject, ids in report.untriaged.items()},
        "shrunk": report.shrunk,
        "results": [asdict(result) for result in report.results],
    }


def write(report: Report, path: Path) -> None:
    """Writes the report to `path`, whole or not at all."""
    store.write(path, (json.dumps(to_json(report), indent=1) + "\n").encode())


def read_baseline(path: Path) -> dict[str, Any]:
    """An earlier report, to be compared with."""
    try:
        baseline: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"--baseline {path}: cannot be read: {error}") from error
    try:
        if baseline["schema"] != SCHEMA:
            raise UsageError(
                f"--baseline {path}: schema must be {SCHEMA!r}; received {baseline['schema']!r}"
            )
        for row in baseline["counts"]["classes"]:
            _ = row["subject"], row["against"], row["target"]
            if not isinstance(row["ran"], int):
                raise TypeError(f"ran must be an integer; received {row['ran']!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"--baseline {path}: must be a report written by `conformance run --json`; "
            f"received another file ({type(error).__name__}: {error})"
        ) from error
    return baseline
