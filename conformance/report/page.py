"""The report as a page: HTML for a browser, Markdown for a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

from conformance.model import Case, Fault, Result, Verdict
from conformance.report import repro
from conformance.runner.report import WRONG, Report, by_case, case_ending
from conformance.vectors import store

# How many failures the page shows. The JSON report has all of them.
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that a subject failed: what it was compared with, and who is at fault."""

    subject: str
    id: str
    target: str
    against: tuple[str, ...]
    fault: str
    results: tuple[Result, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a template, and what fills it in."""

    template: str
    facts: Mapping[str, Any]


def failures(report: Report) -> list[Failure]:
    """Every failed case of every subject, in the order of the run."""
    grouped: dict[tuple[str, str], dict[str, list[Result]]] = {}
    for (subject, against, case_id), results in by_case(report.results).items():
        grouped.setdefault((subject, case_id), {})[against] = results
    failed = {
        key: [against for against, results in found.items() if case_ending(results) == "failed"]
        for key, found in grouped.items()
    }
    cases = _cases(report) if any(failed.values()) else {}
    return [
        Failure(
            subject,
            case_id,
            grouped[subject, case_id][against[0]][0].target,
            tuple(against),
            fault(
                subject,
                against,
                list(grouped[subject, case_id]),
                [r for each in against for r in grouped[subject, case_id][each]],
            ),
            tuple(
                r for each in against for r in grouped[subject, case_id][each] if r.verdict in WRONG
            ),
            repro.script(cases[case_id], subject, report.tensors.get(subject, "tensorflow")),
        )
        for (subject, case_id), against in failed.items()
        if against
    ]


def fault(
    subject: str, failed: Sequence[str], compared: Sequence[str], results: Sequence[Result] = ()
) -> str:
    """Who is at fault: as the truth says, where there is one, or as far as the comparisons show it."""
    wrong = {r.fault for r in results if r.verdict in WRONG}
    if wrong == {Fault.OFFICIAL}:
        return (
            "official Keras: its value leaves the error budget, and that of the subject keeps to it"
        )
    if wrong == {Fault.BOTH}:
        return f"both: the values of official Keras and of {subject} leave the error budget"
    if wrong == {Fault.PLATFORM}:
        return f"TensorFlow: it refuses what {subject} answers"
    if len(compared) == 1:
        return subject
    if list(failed) == ["golden"]:
        return "the installed Keras: it differs from its golden answer, and the subject follows it"
    if list(failed) == ["official"]:
        return "the installed Keras: it differs from its golden answer, which the subject gives"
    return subject


def _cases(report: Report) -> dict[str, Case]:
    files = store.load_all(report.plan.golden)
    return {entry.case.id: entry.case for file in files for entry in file.cases}


def _known(report: Report) -> list[tuple[str, str, int]]:
    """Known failures by subject and reason, with the number of cases."""
    seen = {
        (r.subject, r.message.partition("; ")[0].removeprefix("known: "), r.id)
        for r in report.results
        if r.verdict is Verdict.KNOWN_FAILURE
    }
    counts = Counter((subject, reason) for subject, reason, _ in seen)
    return [(subject, reason, count) for (subject, reason), count in sorted(counts.items())]


def write_template(path: Path, template: str, **facts: Any) -> None:
    """Writes a template of this package, filled in, whole or not at all."""
    text = _environment(template).get_template(template).render(**facts)
    store.write(path, text.encode("utf-8", "backslashreplace"))


def _environment(template: str) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance.report"),
        autoescape=template.endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["cell"] = _cell
    return made


def _write(report: Report, path: Path, template: str, sections: Sequence[Section] = ()) -> None:
    found = failures(report)
    groups: dict[tuple[str, str], list[Any]] = {}
    for (subject, against, target), tally in report.tallies().items():
        groups.setdefault((subject, against), []).append((target, tally))
    write_template(
        path,
        template,
        report=report,
        good=report.exit_status() == 0,
        groups=groups,
        failures=found[:_MOST],
        more=max(0, len(found) - _MOST),
        known=_known(report),
        sections=[
            _environment(each.template).get_template(each.template).render(**each.facts)
            for each in sections
        ],
    )


def _cell(text: object) -> str:
    """Text inside a cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ").replace("`", "'")


def write_html(report: Report, path: Path, sections: Sequence[Section] = ()) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _write(report, path, "report.html", sections)


def write_markdown(report: Report, path: Path) -> None:
    """Writes a summary for a pull request, whole or not at all."""
    _write(report, path, "report.md")
