"""What a run certifies: a page with counts, faults and explained deviations, and a badge with its sum."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conformance.expectations import Expectation, for_subject
from conformance.model import Result, Verdict
from conformance.model.errors import UsageError
from conformance.report import page
from conformance.runner.report import Against, Report, Tally, by_case, case_ending
from conformance.subjects.base import Mode
from conformance.vectors import digests

# From which share of passed cases on the badge has this colour.
_COLOURS: Final = ((0.99, "#2e7d32"), (0.95, "#558b2f"), (0.8, "#b07d00"), (0.0, "#b04a1e"))
# About as wide as a character of the badge's font is, and the space at both sides of a text.
_CHARACTER, _SIDE = 6.6, 7
_FACTS: Final = (
    *("package", "version", "backend", "tensorflow", "jax", "torch", "numpy", "python"),
    *("system", "machine", "cpu_features", "device", "mode", "onednn", "settings", "draws"),
    "generator",
)


@dataclass(slots=True)
class Deviation:
    """One explained cause of known failures: where it is explained, why, and how many cases show it."""

    subject: str
    link: str
    reasons: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found out about the subjects of a run that ended as expected."""

    report: Report
    name: str
    total: Tally
    deviations: Sequence[Deviation]
    goldens: str
    answers: str
    date: str

    @property
    def share(self) -> float:
        """Which part of all comparisons passed; what is unsupported has not passed."""
        return self.total.passed / self.total.cases

    @property
    def percent(self) -> str:
        """The share, rounded down, so that 100.0 % means all."""
        return f"{int(1000 * self.total.passed / self.total.cases) / 10:.1f} %"

    @property
    def whole(self) -> bool:
        """Whether all cases were asked."""
        plan = self.report.plan
        return not plan.select and plan.shard == (1, 1)

    @property
    def command(self) -> str:
        """What asks the same again."""
        plan = self.report.plan
        words = ["conformance", "certify", "--subject", self.name]
        for option, given, usual in (
            ("--against", plan.against, Against.GOLDEN),
            ("--follow", plan.follow, None),
            ("--mode", plan.mode, Mode.EAGER),
            ("--device", plan.device, None),
        ):
            words += [option, str(given)] if given != usual else []
        words += [word for each in plan.select for word in ("--select", each)]
        words += [word for each in plan.expectations for word in ("--expectations", str(each))]
        return shlex.join(words)

    @property
    def words(self) -> str:
        """The text of the badge."""
        count = len(self.deviations)
        known = f"{count} deviation{'s' if count != 1 else ''}"
        lacking = f", {self.total.unsupported} unsupported" if self.total.unsupported else ""
        part = "" if self.whole else f" (of {self.report.planned} selected cases)"
        return f"{self.percent}, {known}{lacking}{part}"


def certificate(report: Report, name: str) -> Certificate:
    """The certificate of a run; UsageError, with the reason, where the run certifies nothing."""
    if why := refusal(report):
        raise NotCertified(f"nothing is certified for {name}: {why}")
    tallies = report.tallies().values()
    fields = Tally.__dataclass_fields__
    total = Tally(**{key: sum(getattr(t, key) for t in tallies) for key in fields})
    return Certificate(
        report,
        name,
        total,
        _deviations(report),
        digests.digest(report.plan.golden),
        _digest(report.results),
        datetime.now(UTC).date().isoformat(),
    )


class NotCertified(UsageError):
    """A run that certifies nothing; that is a verdict, no mistake of the user."""

    exit_status = 1


def refusal(report: Report) -> str:
    """Why a run certifies nothing; "" where it does."""
    if report.interrupted:
        return "the run was interrupted"
    if report.crashed:
        return report.crashed
    endings = Counter(case_ending(results) for results in by_case(report.results).values())
    if endings["failed"]:
        return (
            f"{endings['failed']} comparisons fail and no expectation says why "
            "(`conformance run --write-expectations` writes them, for you to explain)"
        )
    if untriaged := sum(map(len, report.untriaged.values())):
        return f"{untriaged} cases have an expectation without a reason (it is untriaged)"
    if errors := [*report.errors(), *report.unasked()]:
        return errors[0]
    return "" if report.ran() else "the subject answered nothing"


def _deviations(report: Report) -> list[Deviation]:
    """The causes of known failures, those with the most cases first."""
    found: dict[tuple[str, str], Deviation] = {}
    plan = report.plan
    for name, facts in report.provenance.items():
        entries = for_subject(name, str(plan.mode), plan.expectations, facts=facts)
        # The longest first: a reason may begin as another one does.
        heads = sorted({_head(e): e for e in entries}.items(), key=lambda item: -len(item[0]))
        for result in report.results:
            if result.subject == name and result.verdict is Verdict.KNOWN_FAILURE:
                _note(found, result, next(e for h, e in heads if result.message.startswith(h)))
    return sorted(found.values(), key=lambda each: (-len(each.ids), each.subject, each.link))


def _head(entry: Expectation) -> str:
    """How the message of a known failure begins that the entry explains."""
    return f"known: {entry.reason} ({entry.link}); "


def _note(found: dict[tuple[str, str], Deviation], result: Result, entry: Expectation) -> None:
    place = (result.subject, entry.link)
    noted = found.setdefault(place, Deviation(result.subject, entry.link))
    if entry.reason not in noted.reasons:
        noted.reasons.append(entry.reason)
    noted.ids.add(result.id)
    noted.faults[str(result.fault) if result.fault else "no truth to ask"] += 1


def _digest(results: Sequence[Result]) -> str:
    """The SHA-256 of all verdicts, so that whoever repeats the run can tell that it is the same."""
    lines = sorted(
        f"{r.subject} {r.against} {r.id} {r.aspect} {r.verdict} {r.grade}" for r in results
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _written(made: Certificate, path: Path, template: str) -> None:
    groups: dict[tuple[str, str], list[Any]] = {}
    for (subject, against, target), tally in made.report.tallies().items():
        groups.setdefault((subject, against), []).append((target, tally))
    facts: dict[str, Mapping[str, Any]] = {
        name: {key: given[key] for key in _FACTS if given.get(key) not in (None, [], "")}
        for name, given in made.report.provenance.items()
    }
    page.write_template(path, template, made=made, groups=groups, facts=facts)


def write_html(made: Certificate, path: Path) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _written(made, path, "certificate.html")


def write_markdown(made: Certificate, path: Path) -> None:
    """Writes the page as Markdown, whole or not at all."""
    _written(made, path, "certificate.md")


def write_badge(made: Certificate, path: Path) -> None:
    """Writes an SVG for a README, whole or not at all."""
    texts = ("Keras conformance", made.words)
    widths = [round(_CHARACTER * len(text)) + 2 * _SIDE for text in texts]
    colour = next(colour for least, colour in _COLOURS if made.share >= least)
    page.write_template(path, "badge.svg", texts=texts, widths=widths, colour=colour)
