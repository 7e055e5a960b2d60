"""Which golden values are admitted: those that the oracle confirms, and those that a finding explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from statistics import median

from conformance.claims.findings import Finding, taking
from conformance.model import Case, Kind, Outcome, patterns
from conformance.oracle.judge import Judged, judged_outcomes
from conformance.oracle.tolerance import computed
from conformance.record import alternatives
from conformance.vectors.store import GoldenCase, GoldenFile


@dataclass(slots=True)
class Coverage:
    """What the oracle says of a set of golden files.

    Attributes:
        known: by class and dtype, the headroom of each value: its error over its budget.
        unknown: the reasons why values have no truth, with the number of values.
        found: the cases that leave their budget, with the finding that they name.
        problems: a sentence for each thing that is wrong.

    """

    known: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def table(self) -> Iterator[tuple[str, str, int, float, float]]:
        """Rows of class, dtype, number of values, median and worst headroom."""
        for (target, dtype), used in sorted(self.known.items()):
            yield target, dtype, len(used), median(used), max(used)


def beyond(case: Case, answers: Mapping[str, Sequence[Outcome]]) -> Iterator[Judged]:
    """The values of official Keras that leave their error budget."""
    for dialect, outcomes in answers.items():
        for each in judged_outcomes(case, dialect, tuple(outcomes)):
            if each.headroom is not None and each.headroom > 1:
                yield each


def explained(case_id: str, findings: Sequence[Finding]) -> str:
    """The id of the first finding whose `beyond` covers the case, or ""."""
    found = taking(case_id, findings, attrgetter("beyond"))
    return found.id if found else ""


def sentence(each: Judged) -> str:
    """Why a value is not admitted."""
    what = (
        "differs from the truth, which its budget does not allow"
        if each.headroom == float("inf")
        else f"errs {each.headroom:.3g} times as much as its budget allows"
    )
    return (
        f"{each.id}: {each.dialect}: {each.name} of step {each.step} {what}: "
        "mend the oracle, or write a finding whose `beyond` takes the case"
    )


def covered(
    files: Sequence[GoldenFile],
    findings: Sequence[Finding],
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    rows: Mapping[str, Case] | None = None,
) -> Coverage:
    """Judges every value of the golden files, and checks that each case names its finding.

    `rows`: cases by id; for these it also checks that the golden case is the one that would be recorded.
    """
    made = Coverage()
    total = sum(len(file.cases) for file in files)
    done = 0
    for file in files:
        for entry in file.cases:
            _take(made, file.target, entry, findings)
            if (
                rows is not None
                and entry.case.id in rows
                and not _is_of(entry, rows[entry.case.id])
            ):
                made.problems.append(
                    f"{entry.case.id}: the golden case must be that of its row; it is another"
                )
            done += 1
            progress(done, total)
    # Of a case that is wrong otherwise the alternatives would be wrong as well.
    wrong = {problem.partition(": ")[0] for problem in made.problems}
    entries = [e for file in files for e in file.cases if e.case.id not in wrong]
    made.problems += alternatives.problems(entries, findings)
    for finding in findings:
        for glob in finding.beyond:
            if not any(patterns.covers(glob, case_id) for case_id in made.found):
                made.problems.append(
                    f"finding {finding.id}: beyond {glob!r} takes no case that leaves its budget"
                )
    return made


def _is_of(entry: GoldenCase, row: Case) -> bool:
    """Whether the golden case is the one that would be recorded from the row."""
    if row.tolerance.kind is Kind.COMPUTED:
        # From the golden case, because its truth is known already; it differs from the row in its tolerance only.
        row = replace(row, tolerance=computed(entry.case, entry.expected))
    return row == entry.case


def _take(made: Coverage, target: str, entry: GoldenCase, findings: Sequence[Finding]) -> None:
    over = []
    for dialect, outcomes in entry.expected.items():
        for each in judged_outcomes(entry.case, dialect, outcomes):
            if each.headroom is None:
                made.unknown[each.reason] += 1
            elif each.headroom > 1:
                over.append(each)
            else:
                made.known.setdefault((target, each.dtype), []).append(each.headroom)
    if not over and entry.finding:
        made.problems.append(
            f"{entry.case.id}: names the finding {entry.finding}, and keeps to its budget"
        )
    if over:
        made.found[entry.case.id] = entry.finding
        if not entry.finding:
            made.problems += map(sentence, over[:1])
        elif entry.finding != explained(entry.case.id, findings):
            made.problems.append(
                f"{entry.case.id}: must name the finding that takes it, "
                f"{explained(entry.case.id, findings) or 'and none does'}; names {entry.finding}"
            )
