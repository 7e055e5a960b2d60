"""What mutants are made of a module, which of them are said to be no mistakes, and what is kept of who killed them."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from rich.console import Console

from conformance.model import Case
from conformance.model.errors import UsageError
from conformance.report import mutants as report
from conformance.strength.mutation import equivalents, killers, score
from conformance.strength.mutation.operators import Mutant, mutants
from conformance.strength.mutation.questions import Killed, Question
from conformance.strength.mutation.trial import Tried
from conformance.vectors.store import GoldenCase

SOURCE = '''"""A docstring, with == and 1."""

from typing import Any, Final

LIMIT: Final = 3
__all__ = ["f"]


class C:
    """Another."""

    key = "axis"

    def f(self, x: "int" = 0, *, deep: bool = True) -> tuple[int, ...]:
        """Not 2."""
        if x < 1 and deep:
            raise ValueError(f"x must be 1 or more, got {x} {x == 2}")
        self.x = x
        for y in range(x):
            if y:
                continue
        with self.scope():
            x -= 1
        return g(x, -y, keep=not deep)


def g(a, b, keep):
    assert a
    return a[0] if a in (b, "a b") else f"{a}_{b}"
'''
EXPECTED = """
:constant:1 | LIMIT: Final = 3 | LIMIT: Final = 4
C:text:1 | key = "axis" | key = 'axisX'
C.f:constant:1 | x: "int" = 0, | x: "int" = 1,
C.f:constant:2 | deep: bool = True) | deep: bool = False)
C.f:condition:1 | if x < 1 and deep: | if (not (x < 1 and deep)):
C.f:comparison:1 | if x < 1 | if x <= 1
C.f:constant:3 | if x < 1 and | if x < 2 and
C.f:boolean:1 | 1 and deep | 1 or deep
C.f:raise:1 | raise | pass
C.f:statement:1 | self.x = x | pass
C.f:condition:2 | if y: | if (not (y)):
C.f:loop:1 | continue | break
C.f:context:1 | with self.scope(): | with __import__("contextlib").nullcontext():
C.f:statement:2 | x -= 1 | pass
C.f:operator:1 | x -= 1 | x += 1
C.f:constant:4 | x -= 1 | x -= 2
C.f:return:1 | return g(x, -y, keep=not deep) | return None
C.f:swap:1 | g(x, -y, | g(-y, x,
C.f:unary:1 | -y | +y
C.f:argument:1 | -y, keep=not deep) | -y, )
C.f:unary:2 | keep=not deep | keep= deep
g:return:1 | return a[0] if | return None
g:constant:1 | a[0] | a[1]
g:comparison:1 | a in ( | a not in (
g:text:1 | f"{a}_{b}" | f"{a}_{b}" + "X"
"""


def test_each_place_has_its_mutants_and_nothing_else_has_one() -> None:
    made = {mutant.id: mutant for mutant in mutants("some", SOURCE.encode())}
    wanted = [line.split(" | ") for line in EXPECTED.strip().splitlines()]
    assert {f"some:{name}" for name, _, _ in wanted} == made.keys()
    for name, before, after in wanted:
        mutant = made[f"some:{name}"]
        assert before in mutant.before
        assert after in mutant.after


def test_a_mutant_differs_from_its_module_in_its_place_alone() -> None:
    for mutant in mutants("some", SOURCE.encode()):
        source = mutant.source(SOURCE.encode()).decode()
        ast.parse(source)
        before, after = SOURCE.splitlines(), source.splitlines()
        assert before[: mutant.line - 1] == after[: mutant.line - 1]
        assert before != after


def test_a_mutant_matters_to_who_runs_its_statement_or_its_function() -> None:
    made = {mutant.id.removeprefix("some:"): mutant for mutant in mutants("some", SOURCE.encode())}
    lines = SOURCE.splitlines()

    def of(name: str) -> set[str]:
        return {lines[n - 1].strip() for n in made[name].reached}

    assert of("C.f:comparison:1") == {"if x < 1 and deep:"}
    assert of("C.f:loop:1") == {"continue"}
    assert {"self.x = x", "continue"} < of("C.f:constant:2")  # a default
    assert not made[":constant:1"].reached  # read at import
    assert made["C.f:loop:1"].owner == "C"


def test_impl_has_thousands_each_with_an_id_of_its_own() -> None:
    made = score.all_mutants()
    assert len({mutant.id for mutant in made}) == len(made) > 5000
    assert {mutant.module for mutant in made} > {"impl.core.fans", "impl.keras2.dense"}


def test_what_is_kept_matters_to_later_callers_too() -> None:
    source = b"@cache\ndef f():\n    return lambda: 1\n\ndef g():\n    return 1\n"
    assert {(m.owner, m.kept) for m in mutants("some", source)} == {("f", True), ("g", False)}


MUTANT = mutants("some", b"def f():\n    return 1\n")[0]
OTHER = mutants("some", b"def f():\n    return 1\n")[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_an_entry_holds_while_its_line_does(file: Path) -> None:
    file.write_text(
        '[[equivalent]]\nreason = "None is returned anyhow."\n'
        f'[equivalent.mutants]\n"{MUTANT.id}" = "{MUTANT.after}"\n'
    )
    entries = equivalents.load(file)
    assert entries[MUTANT.id].reason == "None is returned anyhow."
    assert equivalents.stale(entries, [MUTANT, OTHER]) == []
    assert equivalents.stale(entries, [OTHER]) == [
        f"{MUTANT.id}: no such mutant is made of impl; the entry must go"
    ]
    moved = mutants("some", b"def f():\n    return 1, 2\n")
    assert equivalents.stale(entries, moved) == []  # `return None` still
    other = mutants("some", b"def f():\n    return 1; x()\n")
    (said,) = equivalents.stale(entries, other)
    assert said.startswith(f"{MUTANT.id}: line must be 'return None; x()'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[[equivalent]]\n[equivalent.mutants]\na = 'b'\n",
            "reason must be a sentence; received None",
        ),
        ("[[equivalent", "cannot be read"),
        (
            "[[equivalent]]\nreason='x'\n[equivalent.mutants]\na='b'\n"
            "[[equivalent]]\nreason='y'\n[equivalent.mutants]\na='b'\n",
            "a mutant must stand once; received 'a' twice",
        ),
    ],
)
def test_a_bad_file_of_equivalents_is_told_in_a_sentence(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        equivalents.load(file)


def test_those_of_impl_are_up_to_date() -> None:
    assert equivalents.stale(equivalents.load(), score.all_mutants()) == []


def _question(name: str, dialect: str = "keras3") -> Question:
    return Question(GoldenCase(Case(id=name, target="constraints.NonNeg"), {}), dialect)


def _tried(mutant: Mutant, case: int | None) -> Tried:
    return Tried(mutant, None if case is None else Killed.VALUE, case, "", 1, 1, False)


def test_who_killed_a_mutant_is_kept_until_it_lives(file: Path) -> None:
    there = "constraints.NonNeg/value/wave-5-float16"
    asked = [_question(there), _question(there, "keras2")]
    assert killers.load(asked, file) == {}
    killers.write([_tried(MUTANT, 1), _tried(OTHER, 0)], asked, [MUTANT, OTHER], file)
    known = killers.load(asked, file)
    assert known == {killers.name(MUTANT): 1, killers.name(OTHER): 0}
    # Other cases than the one that killed it prove nothing.
    killers.write([_tried(MUTANT, None)], asked[:1], [MUTANT, OTHER], file)
    assert killers.load(asked, file) == known
    killers.write([_tried(MUTANT, None)], asked, [MUTANT, OTHER], file)
    assert killers.load(asked, file) == {killers.name(OTHER): 0}
    assert killers.load(asked[1:], file) == {}  # a case that is gone kills nobody
    gone = [_question("constraints.NonNeg/gone/case")]
    killers.write([_tried(MUTANT, 0)], gone, [MUTANT, OTHER], file)
    killers.write([], asked, [MUTANT, OTHER], file)
    assert killers.load([*asked, *gone], file) == {killers.name(OTHER): 0}


def test_the_score_counts_what_is_a_mistake() -> None:
    known = {MUTANT.id: equivalents.Equivalent(MUTANT.id, MUTANT.after, "It is none.")}
    found = score.Score(2, known, [_tried(MUTANT, None), _tried(OTHER, None)])
    assert (found.percent, len(found.survivors)) == (0.0, 1)
    found.results[1] = _tried(OTHER, 0)
    assert (found.percent, found.allclose_percent, found.survivors) == (100.0, 100.0, [])


def test_a_survivor_with_a_reason_counts_all_the_same(file: Path) -> None:
    file.write_text(
        f'[[survivor]]\nreason = "Only a trace tells."\n[survivor.mutants]\n"{MUTANT.id}" = "{MUTANT.after}"\n'
    )
    assert equivalents.load(file) == {}
    explained = equivalents.load(file, "survivor")
    found = score.Score(
        2, {}, [_tried(MUTANT, None), _tried(OTHER, 0)], explained=explained, allclose=False
    )
    assert (found.percent, len(found.survivors)) == (50.0, 1)
    (row,) = report.as_json(found, None, [])["survivors"]
    assert row["reason"] == "Only a trace tells."
    console = Console(width=200, record=True, file=io.StringIO())
    report.show(found, None, [], console)
    shown = console.export_text()
    assert "Only a trace tells." in shown
    assert "of 1 survivors 1 are explained" in shown


def test_a_sample_is_the_same_for_a_seed() -> None:
    made = score.all_mutants()
    assert score.chosen(made, (), 20, 3) == score.chosen(made, (), 20, 3)
    assert score.chosen(made, (), 20, 3) != score.chosen(made, (), 20, 4)
    assert score.chosen(made, (), 50, 3)[:20] == score.chosen(made, (), 20, 3)
    fans = score.chosen(made, ("impl.core.fans",), 0, 0)
    assert {mutant.module for mutant in fans} == {"impl.core.fans"}
