"""Causes: which failures belong together, what they share, and in which words they are told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import plain_numpy.constraints as plain
import pytest
from report.made import result, summary

from conformance.judge.hints import Hint
from conformance.model import Case, Input, Result, Step, Tensor, Verdict
from conformance.report import causes, explain
from conformance.report.causes import words
from conformance.runner.report import Plan, Report
from conformance.vectors import store

OFF = ("value off, relative error up to 1",)
TYPE = ("rejected in call with a type error",)


def report(*results: Result, cases: tuple[Case, ...] = ()) -> Report:
    made = Report(Plan(subjects=("toy",), golden=Path()), results=list(results))
    made.provenance = {"toy.keras3": {}}
    made.cases = {case.id: case for case in cases}
    return made


def failed(number: int, signature: tuple[str, ...] = OFF, **changes: Any) -> Result:
    return result(number, Verdict.FAIL, signature=signature, **changes)


def case(number: int, **arguments: Any) -> Case:
    given = Input(Tensor.of(np.ones((2, 3), np.float32)))
    name = f"constraints.Toy/group/{number}"
    return Case(
        name, "constraints.Toy", arguments=arguments, inputs=(given,), steps=(Step("call", 0),)
    )


def told(made: Report) -> list[str]:
    return [causes.sentence(cause) for cause in causes.causes(made)]


def hint(made: Report, number: int, *hints: Hint, aspect: str = "value") -> None:
    made.hints["toy.keras3", "golden", f"constraints.Toy/group/{number}", aspect] = hints


def test_what_looks_alike_is_one_cause_over_classes_unless_values_are_off() -> None:
    refused = [
        failed(n, TYPE, aspect="accepted", target=f"constraints.{name}")
        for n, name in enumerate(("A", "A", "B"))
    ]
    assert told(report(*refused)) == [
        "3 x constraints.A 2, constraints.B 1: rejected in call with a type error"
    ]
    off = [failed(n, target=f"constraints.{name}") for n, name in enumerate(("A", "A", "B"))]
    assert told(report(*off)) == [f"2 x constraints.A: {OFF[0]}", f"1 x constraints.B: {OFF[0]}"]


def test_a_hint_joins_what_looks_otherwise_and_what_was_not_examined() -> None:
    above = failed(9, ("value off, relative error above 1",))
    made = report(*(failed(n) for n in range(7)), above)
    for number in (0, 1, 2, 3, 9):
        hint(made, number, Hint("half"))
    hint(made, 4, Hint("twice"))
    assert told(made) == ["7 x constraints.Toy: half", "1 x constraints.Toy: twice"]


def test_an_accident_is_no_cause_and_two_hints_that_always_go_together_are_one() -> None:
    made = report(*(failed(n) for n in range(30)))
    for number in range(30):
        hint(made, number, *((Hint("first"), Hint("second")) if number < 20 else ()))
    hint(made, 29, Hint("accident"))
    assert told(made) == [
        "20 x constraints.Toy: first or second",
        f"10 x constraints.Toy: {OFF[0]}",
    ]


def test_an_unsure_hint_counts_beside_a_sure_one_only() -> None:
    made = report(failed(1), failed(2, aspect="contract"))
    hint(made, 2, Hint("normal", sure=False), aspect="contract")
    assert len(told(made)) == 2
    hint(made, 1, Hint("normal"))
    assert told(made) == ["2 x constraints.Toy: normal"]


def test_what_an_error_says_is_one_cause_over_families_however_few_have_it() -> None:
    others = [failed(n, TYPE, aspect="accepted") for n in range(30)]
    lacking = [
        failed(40 + n, ("rejected in config",), aspect="accepted", target=f"{family}.Toy")
        for n, family in enumerate(("constraints", "regularizers"))
    ]
    made = report(*others, *lacking)
    for number in (40, 41):
        hint(made, number, Hint("the attribute 'get_config' does not exist"), aspect="accepted")
    assert told(made) == [
        f"30 x constraints.Toy: {TYPE[0]}",
        "2 x constraints.Toy 1, regularizers.Toy 1: the attribute 'get_config' does not exist",
    ]


def test_what_looks_otherwise_in_another_aspect_does_not_join() -> None:
    whole = [failed(n) for n in range(10)]
    whole += [failed(n, ("int32 instead of float32",), aspect="dtype") for n in range(10)]
    made = report(*whole, *(failed(n) for n in range(20, 24)))
    for number in range(10):
        hint(made, number, Hint("zero everywhere"))
    hint(made, 20, Hint("half"))
    assert told(made) == [
        "10 x constraints.Toy: zero everywhere",
        "10 x constraints.Toy: dtype: int32 instead of float32",
        "4 x constraints.Toy: half",
    ]


def test_of_each_class_a_wrong_value_is_told_however_few_cases_have_it() -> None:
    refused = [
        failed(100 * n + k, (f"rejected {n}",), aspect="accepted") for n in range(9) for k in (0, 1)
    ]
    rare = [failed(5000 + n, target=f"constraints.Rare{n}") for n in range(3)]
    cases = tuple(replace(case(0), id=r.id, inputs=(), flags=()) for r in (*refused, *rare))
    found = causes.causes(report(*refused, *rare, cases=cases))
    first = causes.foremost(found, 5)
    assert [number for number, _ in first] == [1, 2, 10, 11, 12]
    assert [cause.example.target for _, cause in first[2:]] == [r.target for r in rare]
    assert all(found[number - 1] is cause for number, cause in first)
    assert [number for number, _ in causes.foremost(found, 2)] == [10, 11]
    assert len(causes.foremost(found, 99)) == 12


def test_what_the_failing_cases_share_is_told() -> None:
    lists = [case(n, axis=[0, n]) for n in range(4)]
    others = [case(n, axis=n) for n in range(4, 8)]
    results = [failed(n, TYPE, aspect="accepted") for n in range(4)]
    results += [result(n, Verdict.PASS, aspect="accepted") for n in range(4, 8)]
    assert told(report(*results, cases=(*lists, *others))) == [
        "4 x constraints.Toy: rejected in call with a type error, where axis is a list"
    ]
    # Where as many cases with a list pass, it says nothing.
    more = [case(n, axis=[n]) for n in range(10, 14)]
    results += [result(n, Verdict.PASS, aspect="accepted") for n in range(10, 14)]
    (said,) = told(report(*results, cases=(*lists, *others, *more)))
    assert "where" not in said


def test_documented_cases_come_first_then_what_is_most() -> None:
    made = report(
        *(failed(n, ("float64 instead of float32",), aspect="dtype") for n in range(9)),
        *(failed(n, TYPE, aspect="accepted") for n in range(20, 25)),
        *(failed(n) for n in range(30, 32)),
    )
    made.cases = {
        result.id: replace(case(0), id=result.id, flags=("by-hand",) if number > 13 else ())
        for number, result in enumerate(made.results)
    }
    found = causes.causes(made)
    assert [len(cause.ids) for cause in found] == [2, 9, 5]
    assert [str(cause.level) for cause in found] == ["documented", "common", "common"]


def test_the_example_is_the_simplest_case_and_its_command_can_be_pasted() -> None:
    cases = (case(1, axis=[0], rate=0.5), case(2, axis=[0]))
    made = report(failed(1), failed(2), cases=cases)
    (cause,) = causes.causes(made)
    assert cause.example.id == "constraints.Toy/group/2"
    odd = failed(3, id="constraints.Toy/arguments/axis=[0, 1]")
    (cause,) = causes.causes(report(odd))
    assert words.command(cause, made.plan) == (
        "conformance show 'constraints.Toy/arguments/axis=[0, 1]' --subject toy.keras3"
    )


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plain NumPy with two mistakes: another epsilon, and no list of axes."""

    class UnitNorm(plain.UnitNorm):
        def __call__(self, w: Any) -> Any:
            w = np.asarray(w, getattr(w, "dtype", "float32"))
            return w / (w.dtype.type(1e-3) + plain._norms(w, self.axis))

    class MaxNorm(plain.MaxNorm):
        def __call__(self, w: Any) -> Any:
            w = plain._floats(w)
            norms = np.sqrt(np.sum(w * w, axis=self.axis, keepdims=True))
            return w * (np.clip(norms, 0, self.max_value) / (w.dtype.type(1e-7) + norms))

    module = ModuleType("mistaken")
    module.conformance_tensors = "numpy"  # type: ignore[attr-defined]
    changed = {**vars(plain), "UnitNorm": UnitNorm, "MaxNorm": MaxNorm}
    module.constraints = SimpleNamespace(**changed)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mistaken", module)
    return "module:mistaken:keras3"


def test_every_report_of_a_run_tells_its_causes(
    mistaken: str,
    tmp_path: Path,
    golden_of: Callable[..., Path],
    conformance: Callable[..., Any],
) -> None:
    files = {name: tmp_path / f"r.{name}" for name in ("json", "html", "markdown", "junit")}
    ended = conformance(
        *("run", "--subject", mistaken, "--in-process"),
        *("--golden", golden_of(("constraints.MaxNorm", "constraints.UnitNorm"))),
        *(word for name, file in files.items() for word in (f"--{name}", file)),
    )
    assert ended.status == 1
    epsilon = "constraints.UnitNorm: an epsilon of 1e-3, not 1e-7"
    lists = "a list is not taken where NumPy wants a tuple or a number"
    assert epsilon in ended.out
    assert lists in ended.out
    texts = {name: file.read_text() for name, file in files.items()}
    for name, text in texts.items():
        for said in ("an epsilon of 1e-3, not 1e-7", lists):
            assert said in text, name
    found = json.loads(texts["json"])
    first = found["causes"][0]
    assert first["hints"][0] == "an epsilon of 1e-3, not 1e-7"
    assert first["classes"] == {"constraints.UnitNorm": first["cases"]}
    assert first["example"] in first["ids"]
    # No failure is lost, neither in JSON nor on the page.
    wrong = {r["id"] for r in found["results"] if r["verdict"] == "fail"}
    assert {i for cause in found["causes"] for i in cause["ids"]} == wrong
    for case_id in wrong:
        assert f"<code>{case_id}</code>" in texts["html"].replace("&#39;", "'")


NON_NEG = "constraints.NonNeg/by-hand/called-thrice"


def known_of(case_id: str, **changes: Any) -> list[str]:
    """What is told beside the cause of a failure of this case, on the terminal as well."""
    made = report(failed(0, id=case_id, target=case_id.partition("/")[0], **changes))
    made.plan = replace(made.plan, golden=store.default_directory())
    (cause,) = causes.causes(made)
    lines = causes.beside(made.plan).of(cause).lines()
    text = summary(made, 300)
    assert all(f"    {line}\n" in text for line in lines)
    return lines


def test_a_cause_that_another_subject_has_as_well_says_so() -> None:
    looks = ("-0.0 instead of 0.0",)
    (line,) = known_of(NON_NEG, signature=looks, aspect="zero-sign")
    assert line.startswith("as expected of keras==3.10.0: NonNeg multiplies negative weights by")
    assert "(keras==3.10.0.toml:" in line
    assert known_of(NON_NEG, signature=looks, aspect="value") == []
    (line,) = known_of(NON_NEG, signature=("0.0 instead of -0.0",), aspect="zero-sign")
    assert line.startswith("as expected of tfjs: NonNeg is a relu: -0.0 becomes 0.0")
    own = {"signature": looks, "aspect": "zero-sign", "subject": "keras==3.10.0"}
    assert all("as expected of keras==3.10.0:" not in line for line in known_of(NON_NEG, **own))


def test_a_cause_whose_cases_a_finding_is_about_names_it() -> None:
    known = explain.Known(store.default_directory())
    finding = next(f for f in known.claims.findings if f.id == "norm-overflow")
    case_id = next(n.id for n in known.names if finding in known.findings(n.id, "keras3"))
    (line,) = known_of(case_id)
    assert re.fullmatch(r"known: finding norm-overflow \((since|in) [^;]+\)", line)
