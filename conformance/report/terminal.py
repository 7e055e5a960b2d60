"""What a person sees: the table per class, what failed, and one case in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance import oracle
from conformance.changes.reports import Difference
from conformance.expectations.writing import Written
from conformance.judge.differences import describe
from conformance.judge.tensors import ulp_distance
from conformance.model import FLOATS, Case, Outcome, Result, Returned, Tensor, Verdict, codec
from conformance.oracle import judge
from conformance.record.admission import Coverage
from conformance.record.record import Change, Regeneration
from conformance.report import repro
from conformance.runner.bench import Timing, geometric_mean
from conformance.runner.report import Report, Tally, by_case, case_ending
from conformance.subjects import Subject

_COLUMNS = ("cases", "ran", "bitwise", "within", "failed", "unsupported", "known")


def summary(report: Report, console: Console, *, most: int = 20) -> None:
    """The table per class, then each failure in a line or two, then the verdict."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("class", overflow="fold")
    for name in (*_COLUMNS, "headroom"):
        table.add_column(name, justify="right", no_wrap=True)
    last = ("", "")
    total: dict[str, int] = dict.fromkeys(_COLUMNS, 0)
    for (subject, against, target), tally in report.tallies().items():
        if last != (subject, against):
            table.add_section()
            table.add_row(f"[bold]{escape(subject)}[/] against {against}")
        last = (subject, against)
        table.add_row(f"  {target}", *_cells(tally), _headroom(report, last, target))
        for name in _COLUMNS:
            total[name] += getattr(tally, name)
    table.add_section()
    table.add_row("all", *_cells(Tally(**total)), style="bold")
    console.print(table)
    _headrooms(report, console)
    for line in report.notes():
        console.print(escape(line), soft_wrap=True, highlight=False)
    _failures(report, console, most)
    for line in (*report.stale, *report.shrunk):
        console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)
    _closing(report, console, total)


def _cells(tally: Tally) -> list[str]:
    cells = []
    for name in _COLUMNS:
        count = getattr(tally, name)
        style = {"failed": "red", "unsupported": "yellow", "known": "yellow"}.get(name)
        cells.append(f"[{style}]{count}[/]" if style and count else str(count))
    return cells


def _headroom(report: Report, where: tuple[str, str], target: str) -> str:
    used = [
        r.headroom
        for r in report.results
        if (r.subject, r.against) == where and r.target == target and r.headroom is not None
    ]
    return f"{max(used):.2f}" if used else "-"


def _headrooms(report: Report, console: Console) -> None:
    found = report.headrooms()
    if not found:
        return
    table = Table(
        title="Headroom: error over budget, of values that pass, but not bit for bit",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("class", "dtype"):
        table.add_column(name, no_wrap=True)
    for name in ("values", "median", "worst"):
        table.add_column(name, justify="right")
    for subject in dict.fromkeys(row.subject for row in found):
        table.add_section()
        table.add_row(f"[bold]{escape(subject)}[/]")
        for row in (row for row in found if row.subject == subject):
            cells = (str(row.values), f"{row.median:.3g}", f"{row.worst:.3g}")
            table.add_row(f"  {row.target}", row.dtype, *cells)
    console.print(table)


def _failures(report: Report, console: Console, most: int) -> None:
    cases = {
        key: results
        for key, results in by_case(report.results).items()
        if case_ending(results) == "failed"
    }
    for (subject, against, case_id), results in list(cases.items())[:most]:
        console.print(
            f"[red]failed[/] {escape(case_id)} [dim]({escape(subject)} against {against})[/]",
            soft_wrap=True,
        )
        for result in results:
            if result.verdict in (Verdict.FAIL, Verdict.UNEXPECTED_PASS, Verdict.MISSING):
                console.print(
                    f"       {result.aspect}: {escape(result.message)}",
                    soft_wrap=True,
                    highlight=False,
                )
    if len(cases) > most:
        console.print(f"       and {len(cases) - most} more (--json has all of them)")
    if cases:
        console.print("`conformance show ID --subject S` shows one of them with a repro.")


def _closing(report: Report, console: Console, total: dict[str, int]) -> None:
    if report.crashed:
        console.print(f"[red]not as expected[/]: {escape(report.crashed)}", soft_wrap=True)
        return
    if report.interrupted:
        done = len({result.id for result in report.results})
        console.print(
            f"[yellow]interrupted[/]: {done} of {report.planned} cases were finished; "
            "what is above is about these",
            soft_wrap=True,
        )
        return
    passed = total["bitwise"] + total["within"]
    good = report.exit_status() == 0
    verdict = "[green]as expected[/]" if good else "[red]not as expected[/]"
    known = f", {total['known']} failed as known" if total["known"] else ""
    if untriaged := sum(map(len, report.untriaged.values())):
        known += f" ({untriaged} of them untriaged: no reason is given yet)"
    unsupported = f", {total['unsupported']} unsupported" if total["unsupported"] else ""
    console.print(
        f"{verdict}: {total['cases']} comparisons of {report.planned} cases in "
        f"{report.seconds:.1f} s: {passed} passed ({total['bitwise']} bit for bit), "
        f"{total['failed']} failed{known}{unsupported}",
        soft_wrap=True,
    )


def written(done: Written, after: Report, console: Console) -> None:
    """What became of an expectations file, and what a run right after would end with."""
    parts = [f"{done.added} entries added for {done.failures} failures"] if done.added else []
    parts += [f"{done.changed} changed"] if done.changed else []
    parts += [f"{done.removed} removed"] if done.removed else []
    said = ", ".join(parts) or "nothing to change"
    console.print(f"{escape(str(done.path))}: {said}", soft_wrap=True, highlight=False)
    if after.exit_status():
        left = sum(case_ending(results) == "failed" for results in by_case(after.results).values())
        console.print(
            f"[red]not as expected[/] even so: {left} cases still fail, {len(after.stale)} entries "
            "of this or other files are stale",
            soft_wrap=True,
        )
        _failures(after, console, 5)
        for line in after.stale[:5]:
            console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)


def case_in_full(
    case: Case,
    subject: Subject,
    answer: Sequence[Outcome],
    expected: Sequence[Outcome],
    results: Sequence[Result],
    console: Console,
) -> None:
    """The question, what was expected, what came, where they differ, and a repro."""
    console.print(f"[bold]{escape(case.id)}[/]  [dim]{escape(subject.name)}[/]", soft_wrap=True)
    for key, value in codec.case_to_json(case).items():
        if key != "id":
            console.print(f"  {key}: {escape(str(value))}", soft_wrap=True, highlight=False)
    known = oracle.truths(case, subject.dialect, expected)
    for number, step in enumerate(case.steps):
        wanted = describe(expected[number]) if number < len(expected) else "(not reached)"
        got = describe(answer[number]) if number < len(answer) else "(not reached)"
        console.print(f"[bold]step {number}: {step.do}[/]")
        console.print(f"  expected  {escape(wanted)}", soft_wrap=True, highlight=False)
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
    print_code(repro.script(case, subject.name, subject.tensors), console)


def print_code(code: str, console: Console) -> None:
    """Code as it is, to be copied: neither wrapped nor highlighted."""
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
    """What the expected and the actual value use of the error budget, or why there is none."""
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


def regeneration(found: Regeneration, console: Console, *, most: int = 10) -> None:
    """What `record` would change: per class, in ULP."""
    sizes = {file.target: len(file.cases) for file in found.files}
    title = "Golden files: recorded now against recorded before"
    golden_changes(found.changes, sizes, title, console, most=most)


def golden_changes(
    changes: Sequence[Change],
    sizes: Mapping[str, int],
    title: str,
    console: Console,
    *,
    most: int = 10,
) -> None:
    """A row for each class of golden files, then what moved, case by case."""
    table = Table(title=title, title_justify="left")
    table.add_column("class", no_wrap=True)
    for name in ("cases", "added", "removed", "redefined", "moved", "largest ULP"):
        table.add_column(name, justify="right")
    for change in changes:
        table.add_row(
            change.target,
            str(sizes.get(change.target, 0)),
            str(len(change.added)),
            str(len(change.removed)),
            str(len(change.redefined)),
            str(len(change.moved)),
            f"{change.largest_ulp:g}" if change.moved else "-",
            style=None if change else "dim",
        )
    console.print(table)
    for change in changes:
        listed = [f"moved {i}: {what}" for i, what in change.moved.items()]
        listed += [f"redefined {i}" for i in change.redefined]
        listed += [f"{change.target}: {change.other}"] if change.other else []
        for line in listed[:most]:
            console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
        if len(listed) > most:
            console.print(f"  and {len(listed) - most} more of {change.target}")


def coverage(found: Coverage, console: Console, *, every_class: bool) -> None:
    """How many golden values have a truth; with `every_class`, what they use of their budgets."""
    if every_class:
        table = Table(
            title="Official values: error over budget", title_justify="left", box=box.SIMPLE_HEAD
        )
        for name in ("class", "dtype"):
            table.add_column(name, no_wrap=True)
        for name in ("values", "median", "worst"):
            table.add_column(name, justify="right")
        for target, dtype, count, middle, worst in found.table():
            table.add_row(target, dtype, str(count), f"{middle:.3g}", f"{worst:.3g}")
        console.print(table)
        for reason, count in found.unknown.most_common():
            console.print(f"  {count:5} without: {escape(reason)}", soft_wrap=True)
    known = sum(len(used) for used in found.known.values())
    console.print(
        f"oracle: {known} values within their budgets; {len(found.found)} cases leave them, as "
        f"findings say; {found.unknown.total()} values without a truth, for "
        f"{len(found.unknown)} reasons",
        soft_wrap=True,
    )


def difference(found: Difference, console: Console, *, most: int = 20) -> None:
    """What two runs tell differently, and the trend of the headroom by class and dtype."""
    kinds = (
        ("appeared", "red", found.appeared),
        ("fixed", "green", found.fixed),
        ("changed", "yellow", found.changed),
    )
    for name, colour, moved in kinds:
        for each in moved[:most]:
            where = f"{each.key.id} {each.key.aspect}: {each.before} -> {each.after}"
            console.print(
                f"[{colour}]{name}[/] {escape(where)} "
                f"[dim]({escape(each.key.subject)} against {each.key.against})[/]",
                soft_wrap=True,
            )
            if each.message:
                console.print(f"       {escape(each.message)}", soft_wrap=True, highlight=False)
        if len(moved) > most:
            console.print(f"       and {len(moved) - most} more {name}")
    if found.trends:
        table = Table(
            title="Headroom: error over budget, of values that pass, but not bit for bit",
            title_justify="left",
            box=box.SIMPLE_HEAD,
        )
        for name in ("class", "dtype"):
            table.add_column(name, no_wrap=True)
        for name in ("median", "now", "worst", "now", "trend"):
            table.add_column(name, justify="right")
        for subject in dict.fromkeys(trend.subject for trend in found.trends):
            table.add_section()
            table.add_row(f"[bold]{escape(subject)}[/]")
            for trend in (trend for trend in found.trends if trend.subject == subject):
                old, new = trend.before or ("-", "-"), trend.after or ("-", "-")
                cells = [old[0], new[0], old[1], new[1]]
                table.add_row(
                    f"  {trend.target}",
                    trend.dtype,
                    *(c if isinstance(c, str) else f"{c:.3g}" for c in cells),
                    {"up": "[yellow]up[/]", "down": "[green]down[/]"}.get(trend.direction, "="),
                )
        console.print(table)
    for name, ids in (("old", found.only_old), ("new", found.only_new)):
        if ids:
            console.print(f"{len(ids)} cases only in the {name} run, as {escape(ids[0])}")
    console.print(
        f"{len(found.appeared)} appeared, {len(found.fixed)} fixed, {len(found.changed)} changed"
    )


def timings(found: Sequence[Timing], console: Console) -> None:
    """Ratios by subject, class and size: above 1 the subject is the faster."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("class", no_wrap=True)
    for name in ("size", "shape", "official us", "subject us", "ratio"):
        table.add_column(name, justify="right")
    for subject in dict.fromkeys(timing.subject for timing in found):
        own = [timing for timing in found if timing.subject == subject]
        table.add_section()
        table.add_row(f"[bold]{escape(subject)}[/]")
        for timing in own:
            table.add_row(
                f"  {timing.row.target}",
                timing.row.size,
                "x".join(map(str, timing.row.shape)),
                f"{timing.official * 1e6:,.1f}",
                f"{timing.own * 1e6:,.1f}",
                f"{timing.ratio:,.2f}",
            )
        for size in dict.fromkeys(timing.row.size for timing in own):
            mean = geometric_mean([timing for timing in own if timing.row.size == size])
            table.add_row("  geometric mean over classes", size, "", "", "", f"{mean:,.2f}")
    console.print(table)
