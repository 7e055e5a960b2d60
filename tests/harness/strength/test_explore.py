"""`explore`: planted mistakes are found and named; causes are told once; what is saved can be read."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from strength.planted import PLANTED, Planted
from wrong import OFFICIAL
from wrong.layers.making import Keras

from conformance.cases.rows import Rows
from conformance.cases.steps import CALL
from conformance.claims import claims
from conformance.expectations import checking
from conformance.model import Case, Fault, Input, Tensor, codec
from conformance.report import explored as explored_report
from conformance.strength.explore import asking, causes, domain, reducing
from conformance.strength.explore import state as states
from conformance.strength.explore.exploring import Exploration, Limits
from conformance.strength.explore.state import Discovery
from conformance.subjects import resolve


class Enough(KeyboardInterrupt):
    """What was sought is found."""


def explored(planted: Planted, seed: int = 1) -> list[Discovery]:
    """The discoveries of a short exploration, up to the one that names the mistake."""
    lanes = asking.lanes(resolve(OFFICIAL[planted.dialect]))
    for lane in lanes:
        lane.traced = None
    limits = Limits(60.0, seed, planted.examples, (planted.target,))
    exploration = Exploration(lanes, (), (), limits)
    found: list[Discovery] = []

    def tell(each: Discovery) -> None:
        found.append(each)
        if names(planted, each):
            raise Enough

    exploration.run(tell, lambda done, total: None)
    return found


def names(planted: Planted, found: Discovery) -> bool:
    return found.failure.aspect in planted.aspects and (
        not planted.needs or planted.needs in found.cause.needs
    )


def plant(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    keras = Keras(planted.dialect, planted.target)
    for path, value in planted.change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_found(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(planted, monkeypatch)
    found = explored(planted)
    assert found
    assert names(planted, found[-1])
    assert found[-1].failure.target == planted.target
    assert found[-1].fails_again


def first(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> Discovery:
    plant(planted, monkeypatch)
    return explored(planted)[-1]


BY_NAME = {planted.name: planted for planted in PLANTED}


def test_what_is_found_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    found = first(BY_NAME["float16"], monkeypatch)
    assert found.cause.needs == {"dtype:float16"}
    assert found.case.arguments == {}
    assert [step.do for step in found.case.steps] == ["call"]


def saved(found: Discovery, directory: Path) -> dict[str, Path]:
    explored_report.save(found, directory, "tensorflow")
    return {path.name.removeprefix(found.slug): path for path in directory.glob(f"{found.slug}*")}


def test_a_discovery_is_saved_as_case_row_and_repro(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = first(BY_NAME["even-sizes"], monkeypatch)
    files = saved(found, tmp_path)
    assert set(files) == {".json", "-row.py", "-repro.py"}
    held = json.loads(files[".json"].read_text())
    assert codec.case_from_json(held["target"], held["case"]) == found.case
    assert (held["aspect"], held["fault"]) == ("value", "official")
    names: dict[str, Any] = {}
    exec(files["-row.py"].read_text(), names)
    assert replace(names["ROW"], tolerance=found.case.tolerance) == found.case
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(files["-repro.py"].read_text(), {})
    assert printed.getvalue()


@pytest.mark.parametrize("target", ["layers.Conv2D", "initializers.STFT", "layers.Layer"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_drawn_case_has_a_row_that_makes_it(target: str, seed: int) -> None:
    asked: list[Case] = []
    (wanted,) = (each for each in domain.targets("keras3") if each.name == target)
    options = hypothesis.settings(max_examples=25, database=None, deadline=None)

    @hypothesis.seed(seed)
    @options
    @hypothesis.given(domain.cases(wanted))
    def draw(case: Case) -> None:
        asked.append(case)

    draw()
    for case in asked:
        names: dict[str, Any] = {}
        exec(explored_report.row(case), names)
        made = replace(names["ROW"], tolerance=case.tolerance)
        assert codec.case_to_json(made) == codec.case_to_json(case)
        assert (
            codec.case_from_json(target, json.loads(json.dumps(codec.case_to_json(case)))) == made
        )


def test_another_exploration_goes_on_and_tells_nothing_twice(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(BY_NAME["even-sizes"], monkeypatch)
    words = ("explore", "--subject", "tf_keras", "--select", "regularizers.L2", "--seed", "1")
    limits = ("--seconds", "600", "--examples", "12", "--save", str(tmp_path))
    ended = conformance(*words, *limits)
    assert ended.status == 1, ended.err
    assert "found tf_keras: regularizers.L2: " in ended.out
    assert len([*tmp_path.glob("*.json")]) >= 2
    state = states.read(tmp_path)
    assert (state.asked, state.rounds["tf_keras regularizers.L2"]) >= (12, 1)
    again = conformance(*words, *limits)
    assert again.status == 0, again.out
    assert "found" not in again.out
    later = states.read(tmp_path)
    assert later.asked >= state.asked + 12
    assert len(later.discoveries) == len(state.discoveries)
    counted = [sum(each.count for each in known.discoveries) for known in (state, later)]
    assert counted[1] >= counted[0]


def test_a_case_that_ended_the_process_is_told_by_the_next_exploration(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    case = Case(
        "constraints.NonNeg/explored/case", "constraints.NonNeg", ("keras3",), steps=(CALL,)
    )
    states.asking(tmp_path, "impl.keras3", case)
    ended = conformance(
        *("explore", "--subject", "impl.keras3", "--select", "constraints.NonNeg"),
        *("--examples", "5", "--save", str(tmp_path)),
    )
    assert ended.status == 1
    assert "the process ended while it was asked this" in ended.out
    assert not (tmp_path / "asking.json").exists()
    assert [each.case.target for each in states.read(tmp_path).discoveries] == [case.target]


def test_impl_is_like_official_keras_as_far_as_it_is_asked(conformance: Callable[..., Any]) -> None:
    words = ("--select", "constraints.*", "--select", "regularizers.*", "--examples", "100")
    ended = conformance("explore", "--subject", "impl", *words, "--seconds", "300")
    assert ended.status == 0, ended.out
    assert "0 new causes" in ended.out
    assert "impl.keras2: asked of what there is: inputs of layers" in ended.out


WRONG = {
    "select": (("--select", "layers.Nothing"), "--select must match at least one class"),
    "seconds": (("--seconds", "0"), "'--seconds'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_usage_is_one_sentence(what: str, conformance: Callable[..., Any]) -> None:
    given, said = WRONG[what]
    ended = conformance("explore", "--subject", "impl.keras3", *given)
    assert ended.status == 2
    assert said in ended.sentence()


def test_a_damaged_state_is_one_sentence(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    (tmp_path / "state.json").write_text("{}")
    ended = conformance("explore", "--subject", "impl.keras3", "--save", str(tmp_path))
    assert ended.status == 2
    assert "must be the state of an exploration" in ended.sentence()


def test_without_hypothesis_it_says_what_to_install(
    conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    ended = conformance("explore")
    assert ended.status == 2
    assert "the extra `explore`" in ended.sentence()


def test_what_is_held_is_a_finding(golden: Path) -> None:
    known = {f"{causes.FINDINGS}, {finding.id}" for finding in claims.load_findings(golden)}
    for each in causes.held():
        assert each.families
        assert each.aspects
        assert each.needs
        if each.subject:
            page, _, section = each.link.partition(", ")
            assert page == f"{each.subject}.md"
            assert section in checking.sections(Path(checking.__file__).with_name(page))
        else:
            assert each.link in known


@pytest.mark.parametrize(("number", "plain"), [(-0.0, 0.0), (1e-30, 2.0**-7), (1e30, 2.0**7)])
def test_numbers_that_a_failure_does_not_need_become_plain(number: float, plain: float) -> None:
    given = Input(Tensor.of(np.array([[number, 3.0], [0.0, 1.0]]), "float32"))
    case = Rows("constraints.NonNeg")("explored", "one", CALL, inputs=(given,))
    failure = asking.Failure("", "keras3", asking.OFFICIAL_LIVE, "value", (), Fault.SUBJECT, "")

    def fails(smaller: Case) -> asking.Failure | None:
        x = smaller.inputs[0].tensor.values()
        return failure if 3.0 in x and 0.0 in x else None

    smallest, _ = reducing.reduced(case, failure, fails, time.monotonic() + 60)
    values = smallest.inputs[0].tensor.values()
    assert values[0, 0] == plain
    assert not np.signbit(values[0, 0])


@pytest.mark.parametrize(("phrase", "held"), [("accepted", True), ("0.0 instead of -0.0", False)])
def test_who_accepts_what_official_keras_refuses_meets_the_finding(phrase: str, held: bool) -> None:
    failure = asking.Failure(
        "layers.Dense",
        "keras2",
        asking.OFFICIAL_LIVE,
        "accepted",
        (phrase,),
        Fault.UNKNOWN,
        "",
    )
    has = frozenset({"copy:pickle", "kernel_regularizer=L2"})
    links = {each.link for each in causes.held() if each.explains("impl.keras2", failure, has)}
    assert (f"{causes.FINDINGS}, pickle-of-built" in links) == held
