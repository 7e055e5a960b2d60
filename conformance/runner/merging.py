"""One report of the parts of a run that were made apart: its shards, read from their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from conformance.cases.levels import Level
from conformance.expectations import Account, unmet
from conformance.judge.hints import Hint
from conformance.judge.histogram import Histogram
from conformance.model import Fault, Grade, Result, Verdict
from conformance.model.errors import UsageError
from conformance.runner.report import Against, Follow, Plan, Report
from conformance.runner.saved import SCHEMA
from conformance.subjects.base import Mode
from conformance.vectors import store

# What all parts must have been asked alike.
_ALIKE: Final = ("against", "follow", "select", "mode", "device", "strict", "exceptions", "level")


def merged(paths: Sequence[Path], golden: Path) -> Report:
    """The report of all parts; UsageError where they are no parts of one run."""
    parts = [_read(path) for path in paths]
    first = parts[0]
    for path, part in zip(paths[1:], parts[1:], strict=True):
        for name in _ALIKE:
            mine, other = (each["options"].get(name) for each in (part, first))
            if mine != other:
                raise UsageError(
                    f"merge takes parts of one run: {path} has {name} {mine!r}, {paths[0]} {other!r}"
                )
    report = Report(_plan(first, golden))
    files = store.load_all(golden)
    cases = {entry.case.id: entry.case for file in files for entry in file.cases}
    for part in parts:
        report.provenance |= part["provenance"]
        report.draws |= part["draws"]
        report.results += part["results"]
        report.stale += [line for line in part["stale"] if line not in report.stale]
        for subject, ids in part.get("excused", {}).items():
            report.excused.setdefault(subject, set()).update(ids)
        for subject, count in part["untriaged"].items():
            known = report.untriaged.setdefault(subject, set())
            known.update(f"{part['options']['shard'][0]}/{n}" for n in range(count))
        for subject, against, case_id, aspect, told in part.get("hints", ()):
            hints = tuple(Hint(text, sure) for text, sure in told)
            report.hints[subject, against, case_id, aspect] = hints
        for subject, case_id, found in part.get("drawn", ()):
            report.drawn[subject, case_id] = _histogram(found)
        for subject, case_id, aspect, code in part.get("repros", ()):
            report.repros[subject, case_id, aspect] = code
        report.seconds += part["seconds"]
        report.interrupted = report.interrupted or part["interrupted"]
        report.tensors |= part.get("tensors", {})
    report.results = _ordered(report.results, list(cases))
    report.asked = frozenset(result.id for result in report.results)
    report.cases = {case_id: cases[case_id] for case_id in cases if case_id in report.asked}
    report.planned = sum(part["planned"] for part in parts)
    dialects = {result.subject: result.dialect for result in report.results}
    for subject, dialect in dialects.items():
        report.every_id[subject] = [i for i, case in cases.items() if dialect in case.dialects]
    report.crashed = "; ".join(
        [part["crashed"] for part in parts if part["crashed"]] + _lacking(parts)
    )
    if not (report.crashed or report.interrupted):
        report.stale += [line for line in _stale(parts) if line not in report.stale]
    return report


def _stale(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each expectation that no part has met."""
    accounts: dict[str, list[Account]] = {}
    for part in parts:
        for subject, account in part.get("accounts", {}).items():
            accounts.setdefault(subject, []).append(account)
    return [f"{subject}: {line}" for subject, own in accounts.items() for line in unmet(own)]


def _lacking(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence where parts are missing, or are there twice."""
    shards = [tuple(part["options"]["shard"]) for part in parts]
    of = {n for _, n in shards}
    if len(of) > 1 or len(set(shards)) < len(shards):
        told = ", ".join(f"{i}/{n}" for i, n in shards)
        raise UsageError(f"merge takes each shard of one run once; received {told}")
    (total,) = of
    missing = [f"{i}/{total}" for i in range(1, total + 1) if (i, total) not in shards]
    return [f"the shards {', '.join(missing)} are missing"] if missing else []


def _ordered(results: Sequence[Result], ids: Sequence[str]) -> list[Result]:
    """In the order of the files, as a run of everything has them; what is unknown comes last."""
    places = {case_id: number for number, case_id in enumerate(ids)}
    return sorted(results, key=lambda result: places.get(result.id, len(places)))


def _plan(part: Mapping[str, Any], golden: Path) -> Plan:
    options = part["options"]
    plan = Plan(
        subjects=tuple(part["subject"]),
        golden=golden,
        against=Against(options["against"]),
        select=tuple(options["select"]),
        mode=Mode(options["mode"]),
        device=options["device"],
        strict=options["strict"],
        exceptions=options["exceptions"],
        level=Level(options["level"]) if options.get("level") else None,
    )
    follow = {subject: Follow(name) for subject, name in options["follow"].items()}
    if all(plan.follows(subject) is name for subject, name in follow.items()):
        return plan
    return replace(plan, follow=next(iter(follow.values())))


def _histogram(given: Mapping[str, Any]) -> Histogram:
    lists = {name: tuple(given[name]) for name in ("parameters", "counts")}
    return Histogram(**{**given, **lists})


def _result(given: Mapping[str, Any]) -> Result:
    fields = dict(given)
    for name, kind in (("verdict", Verdict), ("grade", Grade), ("fault", Fault)):
        fields[name] = kind(fields[name]) if fields[name] is not None else None
    return Result(**{**fields, "signature": tuple(fields["signature"])})


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text())
        if found["schema"] != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA!r}; received {found['schema']!r}")
        for name in (
            "options",
            "provenance",
            "results",
            "stale",
            "untriaged",
            "seconds",
            "draws",
            "planned",
        ):
            _ = found[name]
        return {**found, "results": [_result(each) for each in found["results"]]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"{path} must be a report written by `conformance run --json`; it cannot be read as "
            f"one ({type(error).__name__}: {error})"
        ) from error
