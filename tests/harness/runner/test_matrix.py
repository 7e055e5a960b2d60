"""The matrix: each subject by itself, and what differs of what ran."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN

from conformance.model import Grade, Result, Verdict
from conformance.runner import matrix as matrices
from conformance.runner.matrix import ENDINGS, Cell, matrix
from conformance.runner.report import Plan
from conformance.runner.run import run as official_run
from conformance.vectors import store

SELECT = ("constraints.NonNeg/value/*", "constraints.MaxNorm/arguments/*")

# plain_numpy with a NonNeg whose zeros are negative, and without a MaxNorm.
WRONG = """
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"
__version__ = "0.1"


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        return -super().__call__(w)


constraints = SimpleNamespace(**{**vars(plain), "NonNeg": NonNeg})
del constraints.MaxNorm
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "odd_numpy.py").write_text(WRONG)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "module:odd_numpy:keras3"
    sys.modules.pop("odd_numpy", None)


def plan(*subjects: str, **more: Any) -> Plan:
    return Plan(subjects, store.default_directory(), select=SELECT, **more)


def test_each_subject_is_a_column_and_says_what_differs(odd: str) -> None:
    made = matrix(plan(PLAIN, odd))
    right, wrong = made.columns
    assert [right.subject, wrong.subject] == [PLAIN, odd]
    assert (right.dialect, right.error) == ("keras3", "")
    assert right.provenance["version"] == "1.0"
    cell = right.cells["constraints.NonNeg"]
    alone = official_run(plan(PLAIN)).tallies()[PLAIN, "golden", "constraints.NonNeg"]
    assert (cell.cases, cell.ran, cell.bitwise, cell.within, cell.differ) == (
        *(alone.cases, alone.ran, alone.bitwise, alone.within, alone.failed),
    )
    cell = wrong.cells["constraints.NonNeg"]
    assert cell.differ > 5
    assert cell.differ <= cell.ran == cell.cases
    assert set(cell.aspects) >= {"value", "zero-sign"}
    assert cell.aspects["value"] <= cell.differ == len(cell.differing)
    assert all(case.aspects for case in cell.differing)
    absent = wrong.cells["constraints.MaxNorm"]
    assert absent.ran == absent.differ == 0
    assert absent.unsupported == absent.cases > 50
    assert made.exit_status() == 0  # a matrix reports; it does not gate


def result(verdict: Verdict, aspect: str = "value", grade: Grade | None = None) -> Result:
    return Result("a/b/c", "s", "keras3", "t", "golden", aspect, verdict, grade, message="m")


@pytest.mark.parametrize(
    ("results", "counted"),
    [
        ([result(Verdict.PASS, grade=Grade.BITWISE)], "bitwise"),
        ([result(Verdict.PASS, grade=Grade.WITHIN)], "within"),
        ([result(Verdict.PASS, grade=Grade.REJECTED)], "rejected"),
        ([result(Verdict.PASS, grade=Grade.TRUTH)], "truth"),
        ([result(Verdict.UNEXPECTED_PASS, grade=Grade.BITWISE)], "bitwise"),
        ([result(Verdict.UNEXPECTED_PASS, grade=Grade.WITHIN)], "within"),
        ([result(Verdict.UNSUPPORTED, "accepted")], "unsupported"),
        ([result(Verdict.FAIL)], "differ"),
        ([result(Verdict.KNOWN_FAILURE)], "differ"),
        ([result(Verdict.MISSING)], "differ"),
        ([result(Verdict.UNSUPPORTED, "accepted"), result(Verdict.FAIL)], "differ"),
        ([result(Verdict.FAIL, "accepted"), result(Verdict.BLOCKED)], "differ"),
    ],
)
def test_how_a_case_is_counted(results: list[Result], counted: str) -> None:
    cell = Cell()
    cell.take(results)
    names = ENDINGS
    assert {name: getattr(cell, name) for name in names} == {n: int(n == counted) for n in names}
    assert cell.cases == 1
    assert sum(cell.aspects.values()) == int(counted == "differ")  # what is blocked is no finding


def test_what_is_expected_to_fail_differs_all_the_same(odd: str, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(
        '[[expectation]]\ncases = "constraints.NonNeg/*"\naspects = ["value", "zero-sign"]\n'
        'reason = "negative"\nlink = "https://example.org/1"\nstrict = false\n'
    )
    (bare,), (excused,) = (
        matrix(plan(odd, expectations=files)).columns for files in ((), (known,))
    )
    cells = bare.cells["constraints.NonNeg"], excused.cells["constraints.NonNeg"]
    assert cells[0].differ == cells[1].differ > 0
    assert cells[0].aspects == cells[1].aspects


def test_a_subject_that_cannot_start_is_a_column_with_the_reason(
    odd: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    file = tmp_path / "m.json"
    selected = [word for pattern in SELECT for word in ("--select", pattern)]
    ended = conformance(
        *(
            "matrix",
            "module:absent",
            PLAIN,
            "command:absent-program",
            odd,
            *selected,
            "--json",
            file,
        )
    )
    assert ended.status == 1
    made = json.loads(file.read_text())
    assert made["exit_status"] == 1
    errors = {each["subject"]: each["error"] for each in made["subjects"]}
    assert list(errors) == ["module:absent", PLAIN, "command:absent-program", odd]
    assert "ModuleNotFoundError" in errors["module:absent"]
    assert "cannot be started" in errors["command:absent-program"]
    assert errors[PLAIN] is None
    assert errors[odd] is None
    assert {cell["subject"] for cell in made["cells"]} == {PLAIN, odd}
    assert ended.out.count("could not run") == 2


def test_a_subject_is_run_once(odd: str) -> None:
    assert [c.subject for c in matrix(plan(PLAIN, PLAIN, "module:plain_numpy")).columns] == [
        PLAIN,
        "module:plain_numpy:keras2",
    ]


def test_dialects_stand_side_by_side(conformance: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    ended = conformance(
        *("matrix", "module:plain_numpy", "--select", "constraints.NonNeg/value/*"),
        *("--select", "constraints.RadialConstraint", "--json", file),
    )
    made = json.loads(file.read_text())
    assert [each["dialect"] for each in made["subjects"]] == ["keras2", "keras3"]
    cells = {(c["subject"].rpartition(":")[2], c["target"]) for c in made["cells"]}
    assert cells == {
        ("keras2", "constraints.RadialConstraint"),  # Keras 3 has no such class
        ("keras2", "constraints.NonNeg"),
        ("keras3", "constraints.NonNeg"),
    }
    assert re.search(r"RadialConstraint +\S+ *$", ended.out, re.MULTILINE)


def test_interrupted_keeps_what_was_finished(
    odd: str, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    def stopped(asked: Plan, **options: Any) -> Any:
        if asked.subjects == (odd,):
            raise KeyboardInterrupt
        return official_run(asked, **options)

    monkeypatch.setattr(matrices, "run", stopped)
    ended = conformance("matrix", PLAIN, odd, "module:plain_numpy:keras2", "--select", SELECT[0])
    assert ended.status == 130
    assert "interrupted" in ended.out
    assert "2 subjects were not reached" in ended.out
    assert re.search(r"NonNeg\s+\d+/\d+", ended.out)


def test_interrupted_within_a_subject(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(asked: Plan, **options: Any) -> Any:
        made = official_run(asked, **options)
        made.interrupted = asked.subjects == (PLAIN,)
        return made

    monkeypatch.setattr(matrices, "run", stopped)
    made = matrix(plan(PLAIN, odd))
    assert [c.subject for c in made.columns] == [PLAIN]
    assert made.columns[0].cells
    assert (made.interrupted, made.exit_status()) == (True, 130)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ("SUBJECT",)),
        ((PLAIN, "--select", "no case"), ("--select", "'no case'")),
        ((PLAIN, "--golden", "nowhere"), ("--golden must be a directory", "'nowhere'")),
        ((PLAIN, "--jobs", "0"), ("'--jobs'",)),
        ((PLAIN, "kreas==3.5.0"), ("--subject must be keras or tf_keras", "'kreas==3.5.0'")),
        ((PLAIN, "keras@Jax!"), ("the backend must be one of", "'Jax!'")),
        ((PLAIN, "tf.js"), ("--subject must be impl, ", "'tf.js'")),
    ],
)
def test_wrong_arguments_are_one_sentence(
    arguments: tuple[str, ...], parts: tuple[str, ...], conformance: Callable[..., Any]
) -> None:
    ended = conformance("matrix", *arguments)
    assert ended.status == 2
    for part in parts:
        assert part in ended.sentence()
