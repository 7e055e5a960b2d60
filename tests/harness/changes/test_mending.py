"""Which findings another version of Keras closes: a Keras of a few lines, repros about it, a run that is made up."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.changes import mending
from conformance.changes.mending import State
from conformance.claims.findings import Finding
from conformance.model import Result, Verdict
from conformance.model.errors import UsageError
from conformance.report import mending as report
from conformance.runner.report import Follow, Plan, Report
from conformance.subjects import versions

KERAS = "value = 3\nprint('not for the reader')\n"
REPROS = {
    "stands": ("import keras\nassert keras.value == 3", "constraints.Toy/stands/*"),
    "closed": ("import keras\nassert keras.value == 2", "constraints.Toy/closed/*"),
    "moved-away": ("import keras\nkeras.gone()", ""),
    "dies": ("import os, keras\nos._exit(3)", ""),
    "after": ("import keras\nkeras.value = 9; assert keras.value == 9", ""),
    "first": ("import os; os.environ['TOY'] = '1'\nimport keras\nassert keras.value == 3", ""),
    "of-two": ("import tf_keras\nassert False", ""),
    "source": ("import inspect, keras\ndef f(): pass\nassert inspect.getsource(f)", ""),
    "no-more": ("import keras\ntry: keras.value\nexcept Exception: raised = 1\nassert raised", ""),
    "typo": ("import keras\nassert kerras", ""),
    "elsewhere": ("import keras\nassert False", ""),
}


def finding(name: str, repro: str, cases: str) -> Finding:
    return Finding(name, (), 1, (), claim=f"what {name} says", repro=repro, cases=cases)


def failed(group: str, number: int, verdict: Verdict = Verdict.FAIL) -> Result:
    return Result(
        f"constraints.Toy/{group}/{number}", "keras==nightly", "keras3", "constraints.Toy", "golden",
        "value", verdict, message="9 ULP", signature=("off",),
    )  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., mending.Mended]:
    """Asks a version that is this Python with a Keras of two lines."""
    (tmp_path / "keras.py").write_text(KERAS)

    def launch(spec: str) -> versions.Launch:
        return versions.Launch((sys.executable,), {"PYTHONPATH": str(tmp_path)})

    def run(plan: Plan, **options: Any) -> Report:
        assert plan.follow is Follow.OFFICIAL
        made = Report(plan, provenance={plan.subjects[0]: {"version": "3.16.0.dev1"}})
        made.results = [
            *(failed("closed", n) for n in range(3)),
            failed("stands", 1, Verdict.KNOWN_FAILURE),
            *(failed("other", n) for n in range(2)),
            failed("known", 1, Verdict.KNOWN_FAILURE),
            failed("good", 1, Verdict.PASS),
        ]
        return made

    def call(spec: str) -> mending.Mended:
        found = [finding(name, *given) for name, given in REPROS.items()]
        monkeypatch.setattr(mending, "load_findings", lambda directory: found)
        monkeypatch.setattr(mending, "elsewhere", lambda findings, facts: ["elsewhere"])
        monkeypatch.setattr(mending, "run", run)
        monkeypatch.setattr(mending.versions, "launch", launch)
        return mending.mended(Plan((spec,), tmp_path), jobs=1, progress=lambda done, total: None)

    return call


def test_what_is_closed_what_stands_and_what_is_new(
    ask: Callable[..., mending.Mended], tmp_path: Path
) -> None:
    made = ask("keras==nightly")
    states = {state: [f.id for f in made.of(state)] for state in State}
    assert states[State.STANDS] == ["stands", "after", "first", "source"]
    assert states[State.CLOSED] == ["closed", "no-more"]
    assert states[State.UNTOLD] == ["moved-away", "dies", "typo"]
    assert made.states["moved-away"][1].startswith(
        "AttributeError: module 'keras' has no attribute"
    )
    assert made.states["dies"][1] == "it ends its process"
    assert made.elsewhere == ["of-two", "elsewhere"]
    assert {name: len(ids) for name, ids in made.moved.items()} == {"closed": 3, "stands": 1}
    assert made.new() == [f"constraints.Toy/other/{n}" for n in range(2)]
    assert made.exit_status() == 1
    said = io.StringIO()
    report.summary(made, Console(file=said, width=120))
    report.write_markdown(made, tmp_path / "m.md")
    closing = (
        "9 findings asked of keras==nightly 3.16.0.dev1: 2 closed, 4 stand, 3 cannot be told; 2 are about "
        "another package or platform; 2 cases differ that no finding is about"
    )
    for text in (said.getvalue(), (tmp_path / "m.md").read_text()):
        assert closing in text
        assert "what closed says" in text
        assert "constraints.Toy/other/0" in text
        assert "constraints.Toy/closed/0" not in text


def test_keras_2_is_asked_what_tf_keras_is(ask: Callable[..., mending.Mended]) -> None:
    made = ask("keras==2.15.0")
    assert made.states == {"of-two": (State.CLOSED, "")}


def test_what_does_not_end_is_told_and_the_rest_goes_on(
    ask: Callable[..., mending.Mended], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {"hangs": ("import keras, time\ntime.sleep(60)", ""), **REPROS}
    monkeypatch.setattr(mending, "PATIENCE", 2.0)
    monkeypatch.setitem(globals(), "REPROS", slow)
    made = ask("keras==nightly")
    assert made.states["hangs"] == (State.UNTOLD, "it takes over 2 s")
    assert made.states["dies"] == (State.UNTOLD, "it ends its process")
    assert made.states["closed"] == (State.CLOSED, "")


def test_only_versions_of_keras_are_asked() -> None:
    assert [
        mending.is_asked(name)
        for name in ("keras==3.10.0", "tf_keras==2.16.0", "keras", "keras@jax", "impl", "tfjs")
    ] == [True, True, False, False, False, False]
    with pytest.raises(UsageError, match="asked of a version of Keras; received 'impl'"):
        mending.mended(Plan(("impl",), Path()), jobs=1, progress=lambda done, total: None)
