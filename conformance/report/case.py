"""One case in full on the terminal: question, answers, error budgets, verdicts, hints and a repro."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance import oracle
from conformance.cases import levels
from conformance.expectations import Expectation
from conformance.judge.differences import describe
from conformance.judge.tensors import ulp_distance
from conformance.model import (
    FLOATS,
    Alternative,
    Case,
    Fault,
    Kind,
    Outcome,
    Result,
    Returned,
    Tensor,
    Unsupported,
    Verdict,
)
from conformance.model.texts import cut
from conformance.oracle import judge
from conformance.report import explain, repro
from conformance.runner.hints import any_hints
from conformance.runner.report import WRONG, Evidence, Plan
from conformance.subjects import Subject

_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red"}


@dataclass(frozen=True)
class Shown:
    """A case as a subject answered it, and what is known of it.

    `alternatives`: what the case permits beside the expected outcomes, for this subject.
    """

    case: Case
    subject: Subject
    answer: Sequence[Outcome]
    expected: Sequence[Outcome]
    results: Sequence[Result]
    alternatives: Sequence[Alternative]
    plan: Plan

    @cached_property
    def failed(self) -> list[Result]:
        """The aspects that fail, known or not."""
        return [result for result in self.results if result.verdict in WRONG]

    @cached_property
    def hints(self) -> list[str]:
        """What the answer would be right for, each once."""
        if not self.failed:
            return []
        evidence = Evidence(self.answer, self.expected)
        aspects = [result.aspect for result in self.failed]
        found = any_hints(self.case, self.subject.dialect, evidence, aspects)
        told = [hint for each in aspects for hint in found.get(each, ())]
        sure = [hint.text for hint in told if hint.sure]
        unsure = [f"perhaps {hint.text}" for hint in told if not hint.sure]
        return list(dict.fromkeys([*sure, *unsure]))

    @cached_property
    def fault(self) -> Fault | None:
        """Who is wrong, where the truth says so of everything that fails."""
        found = {result.fault for result in self.failed}
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def known(self) -> explain.Known:
        """Findings and known failures."""
        return explain.Known(self.plan.golden)

    @cached_property
    def entries(self) -> list[Expectation]:
        """The known failures of the subject that this case is one of."""
        plan, subject = self.plan, self.subject
        every = self.known.entries(
            subject.name, subject.provenance(), str(plan.mode), plan.expectations
        )
        return [entry for entry in every if entry.covers(self.case.id)]


def code(shown: Shown) -> str:
    """The repro: it ends with a line that fails, where something does."""
    aspects = [result.aspect for result in shown.failed]
    failing = repro.first(shown.case, shown.answer, shown.expected, aspects)
    return repro.script(shown.case, shown.subject.name, shown.subject.tensors, failing)


def show(shown: Shown, console: Console) -> None:
    """Prints the question, both answers, where they differ, what is known of that, and a repro."""
    case, subject = shown.case, shown.subject
    console.print(f"[bold]{escape(case.id)}[/]  [dim]{escape(subject.name)}[/]", soft_wrap=True)
    _head(shown, console)
    _steps(shown, console)
    _verdicts(shown, console)
    found = list(_why(shown))
    if found:
        console.print()
        parts(found, console)
    console.print(f"\n[bold]repro[/]{', its last line fails' if shown.failed else ''}")
    _print_code(code(shown), console)


def why(shown: Shown, console: Console) -> None:
    """Prints why the subject fails the case, or that it passes, and what is known of it."""
    case, subject = shown.case, shown.subject
    verdict = "fails" if shown.failed else "passes"
    if all(r.verdict in (Verdict.UNSUPPORTED, Verdict.BLOCKED) for r in shown.results):
        verdict = "does not answer"
    console.print(f"[bold]{escape(subject.name)} {verdict} {escape(case.id)}[/]", soft_wrap=True)
    _head(shown, console)
    for result in shown.failed or shown.results[:1]:
        if result.message:
            parts([explain.Part(result.message, result.aspect)], console)
    parts(_why(shown), console)
    parts([explain.Part(f"conformance show {case.id} --subject {subject.name}", "to do")], console)


def parts(found: Sequence[explain.Part] | Iterator[explain.Part], console: Console) -> None:
    """Prints an explanation: its head, then lines in two columns, and blocks of code as they stand."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for part in found:
        if part.code:
            if table.row_count:
                console.print(table, highlight=False)
            console.print()
            _print_code(part.text, console)
            table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        elif part.head:
            table.add_row(escape(part.head), escape(part.text))
        else:
            console.print(f"[bold]{escape(part.text)}[/]", soft_wrap=True, highlight=False)
    if table.row_count:
        console.print(table, highlight=False)


def _head(shown: Shown, console: Console) -> None:
    """The level of the case and what it is for, how near an answer has to be, what the subject wrote."""
    case = shown.case
    level = str(levels.of(case))
    flags = ", ".join(case.flags)
    console.print(f"  {level}{f': {flags}' if flags else ''}", soft_wrap=True, highlight=False)
    tolerance = case.tolerance
    if tolerance.kind in (Kind.ULP, Kind.BOUND):
        far = f"{tolerance.ulp} ULP" if tolerance.kind is Kind.ULP else f"{tolerance.eps:g} eps"
        console.print(
            f"  allowed: {far} ({escape(tolerance.why)})", soft_wrap=True, highlight=False
        )
    if wrote := getattr(shown.subject, "wrote", ""):
        console.print(f"  it wrote: {escape(wrote)}", soft_wrap=True, highlight=False)


def _why(shown: Shown) -> Iterator[explain.Part]:
    """Hints, fault, findings and known failures."""
    golden = shown.plan.golden
    for hint in shown.hints[:3]:
        yield explain.Part(hint, "hint")
    if shown.fault is not None:
        meaning = explain.glossary.meaning(golden, str(shown.fault), "fault")
        yield explain.Part(f"{shown.fault}: {meaning}", "fault")
    if shown.failed or shown.entries:
        yield from explain.attached(shown.case.id, shown.known, shown.subject.dialect)
    for entry in shown.entries:
        yield explain.Part(f"{entry.reason} ({explain.identity(entry)})", "known")


def _steps(shown: Shown, console: Console) -> None:
    """Of each step the expected and the actual outcome, and how they differ."""
    case, answer, expected = shown.case, shown.answer, shown.expected
    known = oracle.truths(case, shown.subject.dialect, expected)
    for number, step in enumerate(case.steps):
        wanted = _told(expected[number]) if number < len(expected) else "(not reached)"
        got = _told(answer[number]) if number < len(answer) else "(not reached)"
        console.print(f"[bold]step {number}: {step.do}[/]")
        console.print(f"  expected  {escape(wanted)}", soft_wrap=True, highlight=False)
        for each in shown.alternatives:
            if each.step == number:
                console.print(f"  or        {_alternative(each)}", soft_wrap=True, highlight=False)
        console.print(f"  actual    {escape(got)}", soft_wrap=True, highlight=False)
        if number < min(len(expected), len(answer)):
            _ulp_maps(answer[number], expected[number], console)
            _truths(known[number], answer[number], expected[number], console)


def _told(outcome: Outcome) -> str:
    if isinstance(outcome, Unsupported):
        return f"unsupported: {outcome.reason}"
    return describe(outcome)


def _verdicts(shown: Shown, console: Console) -> None:
    """A table of the aspects: those that pass in one row."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("aspect", "verdict", "grade", "ULP", "headroom"):
        table.add_column(name, justify="right" if name in ("ULP", "headroom") else "left")
    table.add_column("message", overflow="fold")
    for r in shown.results:
        colour = _COLOURS.get(r.verdict, "yellow")
        table.add_row(
            r.aspect,
            f"[{colour}]{r.verdict}[/]",
            str(r.grade or ""),
            "" if r.error_ulp is None else cut(r.error_ulp, "g"),
            "" if r.headroom is None else cut(r.headroom, ".2f"),
            escape(r.message),
        )
    console.print(table, highlight=False)


def _alternative(alternative: Alternative) -> str:
    """What is permitted too, and why."""
    if alternative.returned is None:
        what = "a rejection"
    elif alternative.returned:
        what = f"the true {', '.join(alternative.returned)}"
    else:
        what = "any answer"
    return f"{what} (golden/findings.toml, {alternative.finding}: fault of {alternative.fault})"


def _print_code(code: str, console: Console) -> None:
    """Prints code for copying: neither wrapped nor highlighted."""
    console.print(code, soft_wrap=True, highlight=False, markup=False)


def _ulp_maps(got: Outcome, wanted: Outcome, console: Console) -> None:
    if not (isinstance(got, Returned) and isinstance(wanted, Returned)):
        return
    for name, value in wanted.values.items():
        mine = got.values.get(name)
        if not (isinstance(value, Tensor) and isinstance(mine, Tensor)):
            continue
        if value.dtype not in FLOATS or value.shape != mine.shape or not value.size:
            continue
        distance = ulp_distance(Tensor.of(mine.values(), value.dtype), value)
        with np.printoptions(formatter={"float_kind": _units}, linewidth=100):
            console.print(
                f"  ULP of {name}\n  {np.array2string(distance, prefix='  ')}", highlight=False
            )


def _units(distance: Any) -> str:
    return cut(float(distance), ".0f")


def _truths(
    known: Mapping[str, oracle.Truth], got: Outcome, wanted: Outcome, console: Console
) -> None:
    """Prints how much of the error budget the expected and the actual value use, or why there is no budget."""
    for name, truth in known.items():
        if isinstance(truth, oracle.Unknown):
            console.print(f"  oracle has no {name}: {escape(truth.reason)}", soft_wrap=True)
            continue
        used = [
            f"{who} {_use(judge.worst(truth, value))}"
            for who, outcome in (("expected", wanted), ("actual", got))
            if isinstance(outcome, Returned)
            and isinstance(value := outcome.values.get(name), Tensor)
        ]
        console.print(f"  oracle of {name}: {', '.join(used)}", highlight=False)


def _use(headroom: float) -> str:
    if np.isinf(headroom):
        return "differs from the truth, where nothing may"
    if headroom > 1:
        return f"{cut(headroom)} times over its error budget"
    return f"uses {headroom:.3g} of its error budget"
