"""One case in full on the terminal: question, answers, error budgets, verdicts and a repro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance import oracle
from conformance.judge.differences import describe
from conformance.judge.tensors import ulp_distance
from conformance.model import (
    FLOATS,
    Alternative,
    Case,
    Outcome,
    Result,
    Returned,
    Tensor,
    Verdict,
    codec,
)
from conformance.oracle import judge
from conformance.report import repro
from conformance.subjects import Subject


def show(
    case: Case,
    subject: Subject,
    answer: Sequence[Outcome],
    expected: Sequence[Outcome],
    results: Sequence[Result],
    console: Console,
    alternatives: Sequence[Alternative] = (),
) -> None:
    """Prints the question, the expected and the actual outcomes, where they differ, and a repro.

    `alternatives`: what the case permits beside the expected outcomes, for this subject.
    """
    console.print(f"[bold]{escape(case.id)}[/]  [dim]{escape(subject.name)}[/]", soft_wrap=True)
    for key, value in codec.case_to_json(case).items():
        if key != "id":
            console.print(f"  {key}: {escape(str(value))}", soft_wrap=True, highlight=False)
    if wrote := getattr(subject, "wrote", ""):
        console.print(f"  it wrote: {escape(wrote)}", soft_wrap=True, highlight=False)
    known = oracle.truths(case, subject.dialect, expected)
    for number, step in enumerate(case.steps):
        wanted = describe(expected[number]) if number < len(expected) else "(not reached)"
        got = describe(answer[number]) if number < len(answer) else "(not reached)"
        console.print(f"[bold]step {number}: {step.do}[/]")
        console.print(f"  expected  {escape(wanted)}", soft_wrap=True, highlight=False)
        for each in alternatives:
            if each.step == number:
                console.print(f"  or        {_alternative(each)}", soft_wrap=True, highlight=False)
        console.print(f"  actual    {escape(got)}", soft_wrap=True, highlight=False)
        if number < min(len(expected), len(answer)):
            _ulp_maps(answer[number], expected[number], console)
            _truths(known[number], answer[number], expected[number], console)
    table = Table(box=None, pad_edge=False)
    for name in ("aspect", "verdict", "grade", "ULP", "headroom", "message"):
        table.add_column(name)
    for r in results:
        colour = {Verdict.PASS: "green", Verdict.FAIL: "red"}.get(r.verdict, "yellow")
        table.add_row(
            r.aspect,
            f"[{colour}]{r.verdict}[/]",
            str(r.grade or ""),
            "" if r.error_ulp is None else f"{r.error_ulp:g}",
            "" if r.headroom is None else f"{r.headroom:.2f}",
            escape(r.message),
        )
    console.print(table)
    console.print("[bold]repro[/]")
    _print_code(repro.script(case, subject.name, subject.tensors), console)


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
        with np.printoptions(formatter={"float_kind": lambda v: f"{v:.0f}"}, linewidth=100):
            console.print(
                f"  ULP of {name}\n  {np.array2string(distance, prefix='  ')}", highlight=False
            )


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
    return f"uses {headroom:.3g} of its error budget"
