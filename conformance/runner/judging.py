"""Expectations applied to the results of a run, and the report of the same answers judged with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from conformance import expectations
from conformance.model import Result
from conformance.runner.report import WRONG, Report, by_case


class Judge:
    """Applies the expectations of each subject of a run as results come in."""

    def __init__(self, report: Report) -> None:
        """`report`: one that `introduce` has filled."""
        plan = report.plan
        self._report = report
        self._ledgers = {
            name: expectations.Ledger(
                expectations.for_subject(name, str(plan.mode), plan.expectations, facts=facts)
            )
            for name, facts in report.provenance.items()
        }

    @property
    def stale(self) -> list[str]:
        """What `finish` found: a sentence for each stale entry."""
        return self._report.stale

    def apply(self, subject: str, results: Sequence[Result]) -> list[Result]:
        """The results of one case; known failures are marked."""
        return self._ledgers[subject].judge(results)

    def may_lack(self, subject: str, case_id: str) -> bool:
        """Whether the subject may leave a case, which was judged, without an answer."""
        excused = self._ledgers[subject].excused
        return case_id in excused or not self._report.must_answer(subject)

    def take(self, subject: str, results: Sequence[Result]) -> None:
        """Adds the results of one case to the report."""
        self._report.unjudged += results
        self._report.results += self.apply(subject, results)

    def finish(self) -> None:
        """Looks for entries that matched nothing; not after a part of a run, which would prove nothing."""
        report = self._report
        for subject, ledger in self._ledgers.items():
            report.untriaged[subject] = ledger.untriaged
            report.excused[subject] = ledger.excused
            report.accounts[subject] = ledger.account(report.every_id[subject])
            if not (report.interrupted or report.crashed):
                found = ledger.stale(report.every_id[subject])
                report.stale += [f"{subject}: {line}" for line in found]


def judged_again(report: Report, expected: tuple[Path, ...]) -> Report:
    """The report of the same answers, judged with other expectation files."""
    plan = replace(report.plan, expectations=expected)
    again = replace(
        report,
        plan=plan,
        results=[],
        unjudged=[],
        untriaged={},
        excused={},
        accounts={},
        stale=[],
    )
    judge = Judge(again)
    for (subject, _, _), results in by_case(report.unjudged).items():
        judge.take(subject, results)
    judge.finish()
    return again


def judge_in_order(
    judge: Judge, finished: Mapping[int, Sequence[tuple[str, list[Result]]]]
) -> None:
    """Judges results, by position, in the order of the files, whatever the order of asking was."""
    for position in sorted(finished):
        for subject, results in finished[position]:
            judge.take(subject, results)
    judge.finish()


class Stopped(Exception):
    """A run has as many failures as were asked for."""


class Stop:
    """Ends a run after so many failed cases that are not known to fail; never for None.

    `tell`: is told how many there are so far, after each case.
    """

    def __init__(
        self, most: int | None, judge: Judge, tell: Callable[[int], None] | None = None
    ) -> None:
        self._most = most
        self._judge = judge
        self._tell = tell
        self._failed = 0

    def after(self, found: Sequence[tuple[str, Sequence[Result]]]) -> None:
        """Counts the results of one case, by subject; Stopped where these are enough failures."""
        if self._most is None and self._tell is None:
            return
        for subject, results in found:
            judged = self._judge.apply(subject, results)
            self._failed += any(result.verdict in WRONG for result in judged)
        if self._tell is not None:
            self._tell(self._failed)
        if self._most is not None and self._failed >= self._most:
            raise Stopped(f"stopped after {self._failed} failures (--maxfail {self._most})")
