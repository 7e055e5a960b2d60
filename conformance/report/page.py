"""The report as a page: HTML for a browser, Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

from conformance.judge.histogram import Histogram
from conformance.model import Case, Fault, Result, Verdict
from conformance.model.texts import cut
from conformance.report import causes as causing
from conformance.report import example, explain, plots
from conformance.report.causes import Cause
from conformance.runner.report import WRONG, Report, by_case, case_ending
from conformance.vectors import store


@dataclass(frozen=True, slots=True)
class Row:
    """A failure in a line. `findings`: the ids of those about its case."""

    id: str
    aspect: str
    message: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A cause as the page tells it: in a sentence, with an example in full, and each of its cases in a line."""

    cause: Cause
    sentence: str
    hints: tuple[str, ...]
    command: str
    fault: str
    against: tuple[str, ...]
    example: tuple[Result, ...]
    code: str
    rows: tuple[Row, ...]
    known: causing.Attached


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a template, and what fills it in."""

    template: str
    facts: Mapping[str, Any]


def told(report: Report) -> list[Told]:
    """Every cause, the first ones first."""
    found = causing.causes(report)
    cases = report.cases or (_cases(report) if found else {})
    by_id: dict[tuple[str, str], dict[str, list[Result]]] = {}
    for (subject, against, case_id), results in by_case(report.results).items():
        by_id.setdefault((subject, case_id), {})[against] = results
    made = []
    beside = causing.beside(report.plan)
    for cause in found:
        subject, case_id = cause.subject, cause.example.id
        compared = by_id[subject, case_id]
        failed = [name for name, results in compared.items() if case_ending(results) == "failed"]
        here = [result for name in failed for result in compared[name]]
        made.append(
            Told(
                cause,
                causing.sentence(cause),
                cause.hints,
                causing.command(cause, report.plan),
                fault(subject, failed, list(compared), here),
                tuple(failed),
                tuple(result for result in here if result.verdict in WRONG),
                example.code(report, cause, cases[case_id]),
                _rows(cause, beside),
                beside.of(cause),
            )
        )
    return made


def _rows(cause: Cause, beside: causing.Beside) -> tuple[Row, ...]:
    return tuple(
        Row(
            failure.first.id,
            failure.first.aspect,
            failure.first.message,
            tuple(finding.id for finding in beside.findings(failure)),
        )
        for failure in cause.failures
    )


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


def drawn(report: Report) -> dict[tuple[str, str], list[tuple[str, Histogram, list[str]]]]:
    """By subject and class, each sample: its case, how its draws are distributed, what is wrong with them."""
    wrong: dict[tuple[str, str], dict[str, None]] = {}
    for result in report.results:
        if result.verdict in WRONG and result.aspect in ("distribution", "contract"):
            wrong.setdefault((result.subject, result.id), {})[result.message] = None
    found: dict[tuple[str, str], list[tuple[str, Histogram, list[str]]]] = {}
    for (subject, case_id), histogram in report.drawn.items():
        told = case_id, histogram, list(wrong.get((subject, case_id), ()))
        found.setdefault((subject, case_id.partition("/")[0]), []).append(told)
    return dict(sorted(found.items()))


def _known(report: Report) -> list[tuple[str, str, list[str]]]:
    """Known failures by subject and reason, with their cases."""
    seen: dict[tuple[str, str], dict[str, None]] = {}
    for r in report.results:
        if r.verdict is Verdict.KNOWN_FAILURE:
            reason = r.message.partition("; ")[0].removeprefix("known: ")
            seen.setdefault((r.subject, reason), {})[r.id] = None
    return [(subject, reason, list(ids)) for (subject, reason), ids in sorted(seen.items())]


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
    made.filters["ulp"] = _ulp
    return made


def _write(report: Report, path: Path, template: str, sections: Sequence[Section] = ()) -> None:
    text = _rendered(report, template, sections)
    store.write(path, text.encode("utf-8", "backslashreplace"))


def _rendered(report: Report, template: str, sections: Sequence[Section] = ()) -> str:
    groups: dict[tuple[str, str], list[Any]] = {}
    for (subject, against, target), tally in report.tallies().items():
        groups.setdefault((subject, against), []).append((target, tally))
    return (
        _environment(template)
        .get_template(template)
        .render(
            report=report,
            good=report.exit_status() == 0,
            groups=groups,
            several=len(report.provenance) > 1,
            columns=_COLUMNS,
            totals=_totals(report),
            levels=", ".join(
                f"{level} {100 * passed // ran}%"
                for level, (passed, ran) in report.levels().items()
            ),
            plots=plots,
            drawn=drawn(report),
            causes=told(report),
            heading=causing.heading,
            what=causing.what,
            classes=causing.classes,
            absent=causing.absent(report),
            when=explain.when,
            identity=explain.identity,
            owner=causing.owner,
            known=_known(report),
            sections=[
                _environment(each.template).get_template(each.template).render(**each.facts)
                for each in sections
            ],
        )
    )


_COLUMNS: Final = (
    *("cases", "ran", "bitwise", "within", "truth", "rejected", "failed", "unsupported", "known"),
)


def _totals(report: Report) -> list[tuple[str, int]]:
    """What counts most, over all classes and subjects."""
    tallies = report.tallies().values()
    names = ("cases", "passed", "failed", "known", "unsupported")
    return [(name, sum(getattr(tally, name) for tally in tallies)) for name in names]


def _cell(text: object) -> str:
    """Text inside a cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ").replace("`", "'")


def _ulp(distance: float | None) -> str:
    """A distance in ULP, of which the magnitude alone says anything where it is large."""
    if distance is None:
        return ""
    return cut(distance, ",.0f")


def write_html(report: Report, path: Path, sections: Sequence[Section] = ()) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _write(report, path, "report.html", sections)


def write_markdown(report: Report, path: Path) -> None:
    """Writes a summary for a pull request, whole or not at all."""
    _write(report, path, "report.md")


def append_markdown(report: Report, path: Path) -> None:
    """Adds the summary to a file, as services of CI want it that show one for each job."""
    text = _rendered(report, "report.md")
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
