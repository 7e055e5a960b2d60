"""Modules run in processes of their own: what they do there harms neither the run nor its output."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN
from subjects.programs import BAD, GOOD, LATER, is_right, lives

from conformance.model import STORAGE, Case, Outcome, Returned, Step, Tensor, TimedOut, Verdict
from conformance.model.errors import UsageError
from conformance.runner.report import NOT_ASKED, Plan, Report, case_ending
from conformance.runner.run import run
from conformance.subjects import protocol, resolve
from conformance.subjects.base import Mode
from conformance.subjects.child import Timeouts
from conformance.subjects.process import ProcessSubject

# plain_numpy, but for what NonNeg does with five elements first. It notes its processes.
MODULE = """
import ctypes, os, sys, threading, time
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"



def note():
    with open({pids!r}, "a") as file:
        print(os.getpid(), file=file)


note()
{importing}


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        if w.size == 5:
            {action}
        return super().__call__(w)


constraints = SimpleNamespace(**{{**vars(plain), "NonNeg": NonNeg}})
"""
SPEC = "module:foreign:keras3"
SELECT = (BAD, GOOD, LATER)
Foreign = Callable[..., Path]


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Foreign:
    """Writes the module `foreign`; gives the file with the ids of its processes."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(action: str = "pass", importing: str = "") -> Path:
        pids = tmp_path / "pids"
        source = MODULE.format(pids=str(pids), action=action, importing=importing)
        (tmp_path / "foreign.py").write_text(source)
        return pids

    return make


def asked(few: Path, **more: Any) -> Report:
    plan = Plan((SPEC,), few, select=SELECT, timeouts=Timeouts(case=2.0))
    return run(replace(plan, **more))


def left(pids: Sequence[str]) -> list[str]:
    """Those that live on after five seconds."""
    end = time.monotonic() + 5
    while living := [pid for pid in pids if lives(int(pid))]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return living


def messages(report: Report) -> dict[str, str]:
    """What failed, by case."""
    return {r.id: r.message for r in report.results if r.verdict is Verdict.FAIL}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("os._exit(3)", "ended with status 3"),
        ("ctypes.string_at(0)", "was ended by SIGSEGV"),
        ("time.sleep(60)", "gave no answer in 2 s"),
        ("print('words', end=''); sys.stdout.flush(); os._exit(1)", "it wrote: words"),
    ],
    ids=["exits", "segfault", "hangs", "prints and exits"],
)
def test_what_ends_its_process_fails_its_case_alone(
    action: str, said: str, foreign: Foreign, few: Path
) -> None:
    pids = foreign(action)
    report = asked(few)
    found = messages(report)
    assert set(found) == {BAD}
    assert said in found[BAD], found
    assert {r.id for r in report.results if r.verdict is Verdict.PASS} == {GOOD, LATER}
    assert not report.crashed
    started = pids.read_text().split()
    assert len(started) == 3
    assert str(os.getpid()) not in started
    assert left(started) == []


@pytest.mark.parametrize(
    "action",
    [
        "print('{\"id\": 1}'); os.write(1, b'garbage\\n' * 9999)",
        "sys.stdin.close(); os.close(0); os.close(1)",
        "sys.stdout.close(); sys.stderr.close()",
        "threading.Thread(target=time.sleep, args=(60,)).start()",
        "os.fork() or (note(), time.sleep(60))",
    ],
    ids=["prints garbage", "closes input and output", "closes errors", "threads", "forks"],
)
def test_what_does_not_end_its_process_harms_nobody(
    action: str, foreign: Foreign, few: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pids = foreign(action)
    report = asked(few)
    assert messages(report) == {}
    assert report.exit_status() == 0
    assert capfd.readouterr() == ("", "")
    started = pids.read_text().split()
    assert len(started) == (2 if "fork" in action else 1)
    assert left(started) == []


@pytest.mark.parametrize(
    ("importing", "said"),
    [
        ("time.sleep(60)", "cannot be imported: .* did not say hello within 1 s"),
        ("os._exit(0)", "cannot be imported: .* ended with status 0"),
        ("ctypes.string_at(0)", "cannot be imported: .* was ended by SIGSEGV"),
        ("print('x' * 9999); raise RuntimeError('no such device')", "RuntimeError: no such device"),
        ("conformance_tensors = 'abacus'", "conformance_tensors must be .*'abacus'"),
    ],
)
def test_an_import_that_fails_is_told_in_a_sentence(
    importing: str, said: str, foreign: Foreign, few: Path
) -> None:
    foreign(importing=importing)
    with pytest.raises(UsageError, match=rf"^--subject {SPEC}.*{said}") as error:
        asked(few, timeouts=Timeouts(start=1.0 if "sleep" in importing else None))
    assert "\n" not in str(error.value)


def test_on_request_it_runs_in_this_process(foreign: Foreign, few: Path) -> None:
    pids = foreign()
    assert asked(few, in_process=True).exit_status() == 0
    assert pids.read_text().split() == [str(os.getpid())]


# UnitNorm hangs, the other constraints do not.
HANGS = """
import time
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"


class UnitNorm(plain.UnitNorm):
    def __call__(self, w):
        time.sleep(60)


constraints = SimpleNamespace(**{**vars(plain), "UnitNorm": UnitNorm})
"""
KNOWN = """
[[expectation]]
cases = "constraints.UnitNorm/*"
aspects = ["accepted"]
fails = "timed out"
reason = "it hangs"
link = "https://example.org/issue/7"
strict = false
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_five_timeouts_the_rest_of_the_class_is_not_asked(
    jobs: int, tmp_path: Path, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hangs.py").write_text(HANGS)
    monkeypatch.syspath_prepend(str(tmp_path))
    plan = Plan(
        ("module:hangs:keras3",),
        few,
        select=("constraints.UnitNorm/dtype/*", GOOD),
        timeouts=Timeouts(case=0.5),
    )
    report = run(plan, jobs=jobs)
    accepted = {r.id: r for r in report.results if r.aspect == "accepted"}
    assert accepted.pop(GOOD).verdict is Verdict.PASS
    late = [r for r in accepted.values() if r.verdict is Verdict.FAIL]
    left = [r for r in accepted.values() if r.verdict is Verdict.UNSUPPORTED]
    # Two processes may each be waiting for one when the fifth is counted.
    assert 5 <= len(late) < 5 + jobs
    assert all("gave no answer in 0.5 s" in r.message for r in late)
    assert len(left) == len(accepted) - len(late) > 5
    assert {r.message for r in left} == {NOT_ASKED}
    assert all(case_ending([r]) == "unsupported" for r in left)
    (note,) = report.notes()
    assert note == (
        f"module:hangs:keras3: {len(left)} cases of constraints.UnitNorm were not asked: 5 cases "
        "of the class gave no answer in time"
    )
    assert report.exit_status() == 1
    # Whatever becomes of the late ones.
    assert Report(plan, results=[r for r in report.results if r not in late]).exit_status() == 1


def test_what_is_known_to_give_no_answer_ends_no_class(
    tmp_path: Path, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hangs.py").write_text(HANGS)
    (tmp_path / "known.toml").write_text(KNOWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    plan = Plan(
        ("module:hangs:keras3",),
        few,
        select=(
            "constraints.UnitNorm/dtype/float32-?-*",
            "constraints.UnitNorm/dtype/float32-3x?-*",
        ),
        timeouts=Timeouts(case=0.3),
        expectations=(tmp_path / "known.toml",),
    )
    report = run(plan)
    known = [r for r in report.results if r.verdict is Verdict.KNOWN_FAILURE]
    assert len(known) == len({r.id for r in report.results}) > 5
    assert (report.notes(), report.exit_status()) == ([], 0)


def test_a_case_of_a_class_that_hangs_is_waited_for_once(
    foreign: Foreign, few: Path, cases: dict[str, Case]
) -> None:
    pids = foreign("time.sleep(60)")
    (subject,) = resolve(SPEC, timeouts=Timeouts(case=0.5))
    assert isinstance(subject, ProcessSubject)
    starts = []
    for case_id in (BAD, BAD, GOOD):
        outcomes: list[Outcome] = subject.answer(cases[case_id])
        starts.append(len(pids.read_text().split()))
        assert outcomes == [TimedOut(0.5)] if case_id == BAD else is_right(outcomes)
    assert starts == [2, 3, 4]
    subject.close()


def test_show_tells_what_the_module_printed(
    foreign: Foreign, few: Path, conformance: Callable[..., Any]
) -> None:
    foreign("print('\\x1b[31mlooking', w.shape)")
    show = ("show", "--subject", SPEC, "--golden", few)
    ended = conformance(*show, BAD)
    assert (ended.status, ended.err) == (0, "")
    assert "it wrote: \ufffd[31mlooking (5,)" in ended.out
    assert "it wrote" not in conformance(*show, GOOD).out


def test_packed_tensors_keep_every_bit() -> None:
    """NaN payloads too, which decimals cannot keep."""
    for dtype, storage in STORAGE.items():
        bits = bytes(i % 2 for i in range(96)) if dtype == "bool" else os.urandom(96)
        tensor = Tensor(dtype, (3, 32 // storage.itemsize), bits)
        case = Case("a", "constraints.NonNeg", steps=())
        sent = protocol.parse(protocol.answer(1, [Returned({"value": tensor})], packed=True))
        (outcome,) = protocol.outcomes(sent, replace(case, steps=(Step("call", 0),)))
        assert outcome == Returned({"value": tensor}), dtype


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        ({"dtype": "float32", "shape": [2], "base64": "AAAA"}, "must hold 8 bytes"),
        ({"dtype": "float31", "shape": [2], "base64": "AAAA"}, "'float31'"),
        ({"dtype": "float32", "shape": [-1], "base64": ""}, "lengths from 0"),
        ({"dtype": "float32", "shape": [1], "base64": "A&=="}, "value"),
        ({"dtype": "float32", "shape": [1], "base64": 7}, "value"),
        ({"dtype": "bool", "shape": [3], "base64": "AAEC"}, "0 or 1"),
    ],
)
def test_wrongly_packed_tensors_are_the_case_s_own(packed: Any, said: str) -> None:
    message = {"id": 1, "outcomes": [{"returned": {"value": packed}}]}
    with pytest.raises(protocol.Breach, match=said):
        protocol.outcomes(message, Case("a", "constraints.NonNeg", steps=(Step("call", 0),)))


def test_a_module_answers_alike_here_and_there(golden: Path) -> None:
    """Constraints, and every initializer of a dtype: values, rejections, messages."""
    select = (
        "constraints.Max*",
        "constraints.get",
        "initializers.*/dtype/*",
        "initializers.*/seed/*",
    )
    plan = Plan((PLAIN,), golden, select=select)
    there, here = (run(replace(plan, in_process=each)) for each in (False, True))
    assert there.results == here.results
    assert len({r.id for r in there.results}) > 500
    # The process of the tests may have loaded TensorFlow, which the worker need not.
    stated = {**here.provenance[PLAIN], "protocol": protocol.VERSION}
    assert there.provenance[PLAIN].items() <= stated.items()


def test_a_module_on_tensorflow_answers_alike_here_and_there(golden: Path) -> None:
    """In a compiled mode, on a device: both are those of its process."""
    select = (
        "layers.Dense/dtype/*16-wave-2x3",
        "constraints.MaxNorm/dtype/*",
        "regularizers.L2/dtype/*",
    )
    plan = Plan(("module:impl.keras3:keras3",), golden, select=select, device="CPU:0")
    onednn = os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"  # tests always have it set
    for mode in ("eager", "graph"):
        found = [run(replace(plan, in_process=each, mode=Mode(mode))) for each in (False, True)]
        there, here = found
        assert there.results == here.results
        (facts,) = there.provenance.values()
        assert (facts["mode"], facts["device"], facts["onednn"]) == (mode, "CPU:0", onednn)
        assert there.modes == here.modes
        assert list(there.modes.values()) == [("eager", "graph", "xla")]


def test_a_module_is_refused_what_it_does_not_have(few: Path) -> None:
    plan = Plan((PLAIN,), few)
    with pytest.raises(UsageError, match="--mode must be eager for module:plain_numpy:keras3"):
        run(replace(plan, mode=Mode.GRAPH))
    with pytest.raises(UsageError, match=r"--device must be .*it runs on numpy"):
        run(replace(plan, device="CPU:0"))
