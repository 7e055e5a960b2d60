"""What came of mutants of `impl`, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.strength.mutation.operators import Mutant
from conformance.strength.mutation.questions import Killed, Question
from conformance.strength.mutation.reach import Arc
from conformance.strength.mutation.score import Score, idle, share
from conformance.strength.mutation.trial import Tried

# By module: the lines that no case runs, the branches that no case takes.
Untaken = Sequence[tuple[str, list[int], list[Arc]]]


def show(
    score: Score, untaken: Untaken | None, questions: Sequence[Question], console: Console
) -> None:
    """Prints a row for each module, the survivors with what they change, and the score."""
    columns = ("mutants", "killed", "%", *(str(kind) for kind in Killed), "equivalent")
    table = table_of(("module",), columns, box=box.SIMPLE_HEAD, pad_edge=False)
    equivalent = _equivalent(score)
    for (module,), results in score.by(lambda mutant: (mutant.module,)).items():
        kinds = [sum(r.killed is kind for r in results) for kind in Killed]
        killed = sum(kinds)
        cells = (len(results), killed, f"{share(results):.0f}", *kinds, equivalent.get(module, 0))
        table.add_row(module.removeprefix("impl."), *(str(cell or "-") for cell in cells))
    console.print(table)
    for each in sorted(score.survivors, key=_place):
        assert each.mutant is not None
        console.print(f"[yellow]{escape(each.mutant.id)}[/] {_asked(score, each)}", highlight=False)
        console.print(f"  - {each.mutant.before}", style="red", markup=False, highlight=False)
        console.print(f"  + {each.mutant.after}", style="green", markup=False, highlight=False)
        if reason := _reason(score, each.mutant):
            console.print(f"  {reason}", style="dim", markup=False, highlight=False)
    for module, lines, branches in untaken or ():
        console.print(_untaken(module, lines, branches), markup=False, highlight=False)
    for sentence in score.problems:
        console.print(f"[red]{escape(sentence)}[/]", highlight=False)
    console.print(_summary(score, questions), markup=False, highlight=False)


def _summary(score: Score, questions: Sequence[Question]) -> str:
    counted = score.counted
    kinds = score.kinds()
    killed = sum(kinds.values())
    explained = sum(bool(_reason(score, r.mutant)) for r in score.survivors if r.mutant)
    by = ", ".join(f"{kinds[kind]:,} by {_BY[kind]}" for kind in Killed)
    said = (
        f"mutation score {score.percent:.1f}%: {killed:,} of {len(counted):,} mutants killed ({by}); "
        f"of {len(score.survivors):,} survivors {explained:,} are explained; "
        f"{sum(_equivalent(score).values()):,} equivalent ones do not count; impl has {score.made:,} in all"
    )
    if score.allclose:
        never = sum(1 for _ in idle(score, questions))
        said += (
            f"\nwith allclose at 1e-6 in place of the computed tolerances {score.allclose_percent:.1f}%; "
            f"{never:,} cases were asked of ten mutants or more, and killed none"
        )
    return said + ("\ninterrupted: this is about what was finished" if score.interrupted else "")


_BY = {
    Killed.VALUE: "a value",
    Killed.OTHER: "another assertion",
    Killed.CRASH: "a crash",
    Killed.TIMEOUT: "a timeout",
}


def _place(each: Tried) -> tuple[str, int, str]:
    assert each.mutant is not None
    return each.mutant.module, each.mutant.line, each.mutant.id


def _asked(score: Score, each: Tried) -> str:
    assert each.mutant is not None
    if each.mutant.id in score.unreached:
        return "no case runs it"
    return f"asked {each.asked:,} of {each.possible:,}"


def _equivalent(score: Score) -> dict[str, int]:
    """By module, how many mutants were tried, or would have been, that do not count."""
    tried: dict[str, int] = {}
    for each in score.results:
        if each.mutant is not None and each.mutant.id in score.equivalents:
            tried[each.mutant.module] = tried.get(each.mutant.module, 0) + 1
    return tried


def _untaken(module: str, lines: Sequence[int], branches: Sequence[Arc]) -> str:
    said = []
    if lines:
        said.append(f"lines {', '.join(map(str, lines))}")
    if branches:
        said.append("branches " + ", ".join(f"{a} to {b if b > 0 else 'end'}" for a, b in branches))
    return f"{module}: no case runs {'; '.join(said)}"


def as_json(score: Score, untaken: Untaken | None, questions: Sequence[Question]) -> dict[str, Any]:
    """The score, by module and class; the survivors, each with its change, and why it is no mistake; the idle cases."""

    def counts(results: Sequence[Tried]) -> dict[str, Any]:
        kinds = {f"by_{kind}": sum(r.killed is kind for r in results) for kind in Killed}
        killed = sum(kinds.values())
        alive = len(results) - killed
        return {"mutants": len(results), "killed": killed, **kinds, "survivors": alive}

    def change(mutant: Mutant) -> dict[str, Any]:
        return {
            "id": mutant.id,
            "file": mutant.module.replace(".", "/") + ".py",
            "line": mutant.line,
            "diff": f"- {mutant.before}\n+ {mutant.after}",
        }

    return {
        "schema": "keras-conformance/mutation/1",
        "kind": "mutation",
        "score": score.percent,
        "allclose": {"score": score.allclose_percent} if score.allclose else {},
        "made": score.made,
        "counts": counts(score.counted),
        "equivalent": sum(_equivalent(score).values()),
        "files": [
            {"file": module.replace(".", "/") + ".py", "class": owner, **counts(results)}
            for (module, owner), results in score.by(lambda m: (m.module, m.owner)).items()
        ],
        "survivors": [
            {
                **change(each.mutant),
                "asked": each.asked,
                "of": each.possible,
                "reason": _reason(score, each.mutant),
            }
            for each in sorted(score.results, key=_place)
            if each.mutant is not None and each.killed is None
        ],
        "untaken": [
            {"module": module, "lines": lines, "branches": branches}
            for module, lines, branches in untaken or ()
        ],
        "idle": list(idle(score, questions)),
        "problems": score.problems,
    }


def _reason(score: Score, mutant: Mutant) -> str | None:
    known = score.equivalents.get(mutant.id) or score.explained.get(mutant.id)
    return known.reason if known else None
