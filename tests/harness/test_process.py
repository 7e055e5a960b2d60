"""Subjects in another process: the protocol, and programs that break it in every way."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import (
    STORAGE,
    Case,
    Crashed,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Unsupported,
    codec,
)
from conformance.model.errors import UsageError
from conformance.report import repro
from conformance.runner.matrix import matrix
from conformance.runner.report import Plan
from conformance.runner.run import run as run_plan
from conformance.subjects import process, protocol, resolve
from conformance.subjects.child import Limits
from conformance.subjects.process import ProcessSubject
from conformance.vectors import store

TEMPLATES = Path(process.__file__).parent / "templates"
LIMITS = Limits(start=5.0, case=0.5, line=1 << 20)
BAD, GOOD = "constraints.NonNeg/value/wave-5-float32", "constraints.NonNeg/value/wave-3x4-float32"
LATER = "constraints.NonNeg/value/least-normals-float32"

# A right subject for NonNeg, with a place for what a hostile one does: `hostile(request)` is called
# before each answer, and may write one of its own.
PROGRAM = """
import json, os, signal, sys, time
BAD = {bad!r}
PIDS = {pids!r}
with open(PIDS, "a") as file:
    print(os.getpid(), file=file)
STARTS = sum(1 for _ in open(PIDS))
def say(message):
    print(json.dumps(message), flush=True)
def hello(**more):
    say({{"protocol": 1, "dialect": "keras3", "provenance": {{"package": "hostile"}}, **more}})
def right(request):
    w = request["case"]["inputs"][0]
    value = {{**w, "data": [max(v, 0.0) for v in w["data"]]}}
    return {{"id": request["id"], "outcomes": [{{"returned": {{"value": value, "input": "unchanged"}}}}]}}
def hostile(request):
    return False
{hostile}
if "hello" not in globals().get("DONE", ""):
    hello()
for line in sys.stdin:
    request = json.loads(line)
    if not hostile(request):
        say(right(request))
{after}
"""
IN_BAD = "def hostile(request):\n    if request['case']['id'] != BAD:\n        return False\n    "


class Program:
    """A hostile program as a file, and the processes that it was."""

    def __init__(self, folder: Path, hostile: str, after: str = "") -> None:
        self.pids = folder / "pids"
        self.file = folder / "program.py"
        source = PROGRAM.format(bad=BAD, pids=str(self.pids), hostile=hostile, after=after)
        self.file.write_text(source)

    def subject(self, limits: Limits = LIMITS) -> ProcessSubject:
        return ProcessSubject("command:it", [sys.executable, "-S", str(self.file)], limits=limits)

    def command(self) -> str:
        return f"command:{shlex.join([sys.executable, '-S', str(self.file)])}"

    def starts(self) -> int:
        return len(self.pids.read_text().split())

    def left(self, seconds: float = 5.0) -> list[int]:
        """Those of its processes that live on after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            living = [int(pid) for pid in self.pids.read_text().split() if lives(int(pid))]
            if not living or time.monotonic() > deadline:
                return living
            time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Makes a program, and afterwards looks that nothing is left of it."""
    made: list[Program] = []

    def make(hostile: str, after: str = "") -> Program:
        made.append(Program(tmp_path, hostile, after))
        return made[-1]

    yield make
    for each in made:
        assert each.left() == []


@pytest.fixture(scope="module")
def few(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden files of two classes: a run need not read the rest."""
    directory = tmp_path_factory.mktemp("golden")
    (directory / "constraints").mkdir()
    for name in ("NonNeg", "UnitNorm"):
        shutil.copy(golden / "constraints" / f"{name}.json", directory / "constraints")
    return directory


@pytest.fixture(scope="module")
def cases(few: Path) -> dict[str, Case]:
    return {entry.case.id: entry.case for file in store.load_all(few) for entry in file.cases}


def is_right(outcomes: list[Outcome]) -> bool:
    (outcome,) = outcomes
    return isinstance(outcome, Returned) and isinstance(outcome.values["value"], Tensor)


# What a program does in one case, and what the reason must say.
CRASHES = {
    "ends": ("os._exit(3)", "ended with status 3"),
    "ends with words": ("print('no such device', file=sys.stderr); os._exit(3)", "no such device"),
    "is killed": ("os.kill(os.getpid(), signal.SIGSEGV)", "was ended by SIGSEGV"),
    "raises": ("raise RuntimeError('boom')", "RuntimeError: boom"),
    "closes its output": ("os.close(1); time.sleep(60)", "closed its standard output"),
    "writes garbage": ("print('Hello, world', flush=True)", "'Hello, world'"),
    "writes binary": ("os.write(1, bytes(range(128, 255)) + b'\\n')", "not JSON"),
    "writes a list": ("say([1, 2])", "not an object"),
    "writes NaN": ("print('{\"id\": NaN}', flush=True)", "NaN is not JSON"),
    "writes half a surrogate pair": ("say({'id': request['id'], 'x': '\\ud800'})", "not JSON"),
    "writes what is nested too deep": ("print('[' * 100000, flush=True)", "not JSON"),
    "writes half a line": (
        "os.write(1, json.dumps(right(request)).encode()[:40]); os._exit(0)",
        "in the middle of a line",
    ),
    "floods its output": ("[os.write(1, b'x' * 65536) for _ in range(10**9)]", "1048576 bytes"),
    "answers another request": ("say({**right(request), 'id': 999})", "'999' instead of"),
    "answers without an id": ("say({'outcomes': []})", "'null' instead of"),
}
# The same for answers to the right request, which do not end the process.
WRONG = {
    "no outcomes": ("{}", "without a list of outcomes"),
    "outcomes that are none": ("{'outcomes': 7}", "without a list of outcomes"),
    "too few": ("{'outcomes': []}", "0 of 1 steps"),
    "too many": ("{'outcomes': right(request)['outcomes'] * 2}", "2 of 1 steps"),
    "unknown kind": ("{'outcomes': [{'perhaps': 1}]}", "returned, raised or unsupported"),
    "its own crash": ("{'outcomes': [{'crashed': 'x'}]}", "returned, raised or unsupported"),
    "raised without a phase": ("{'outcomes': [{'raised': {'message': 'x'}}]}", "phase"),
    "an error": ("{'error': 'I cannot\\x1b[31m'}", "I cannot\ufffd[31m"),
}
VALUES = {
    "too few numbers": ("{'dtype': 'float32', 'shape': [3], 'data': [1.0]}", "must have 3 numbers"),
    "unknown dtype": ("{'dtype': 'float31', 'shape': [], 'data': [1.0]}", "'float31'"),
    "dtype that is a list": ("{'dtype': [], 'shape': [], 'data': [1.0]}", "dtype"),
    "negative shape": ("{'dtype': 'int8', 'shape': [-1, -1], 'data': [1]}", "lengths from 0"),
    "shape of words": ("{'dtype': 'int8', 'shape': ['1'], 'data': [1]}", "lengths from 0"),
    "huge empty shape": ("{'dtype': 'int8', 'shape': [0, 10**30], 'data': []}", "wrong value"),
    "out of range": ("{'dtype': 'int8', 'shape': [], 'data': [300]}", "wrong value"),
    "fractions of integers": ("{'dtype': 'int8', 'shape': [], 'data': [1.5]}", "1.5"),
    "null": ("{'dtype': 'float32', 'shape': [], 'data': [None]}", "None"),
    "a tag": ("{'$class': 'constraints.MaxNorm'}", "$class"),
    "a huge integer": ("10**400", "300 digits"),
    "a deep list": ("eval('[' * 60 + ']' * 60)", "32 deep"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_case_that_breaks_its_process_is_struck_twice_and_no_other(
    name: str, program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    action, said = CRASHES[name]
    made = program(f"{IN_BAD}{action}\n    return True")
    subject = made.subject()
    assert is_right(subject.answer(cases[GOOD]))
    (outcome,) = subject.answer(cases[BAD])
    assert isinstance(outcome, Crashed)
    assert said in outcome.reason
    assert outcome.reason.isprintable()
    assert is_right(subject.answer(cases[GOOD]))
    assert made.starts() == 3
    subject.close()


def test_answers_of_a_wrong_shape_are_the_case_s_own(
    program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    wrong = [(f"{{'id': request['id'], **{answer}}}", said) for answer, said in WRONG.values()]
    for value, said in VALUES.values():
        returned = f"[{{'returned': {{'value': {value}, 'input': 'unchanged'}}}}]"
        wrong.append((f"{{'id': request['id'], 'outcomes': {returned}}}", said))
    answers = ", ".join(f"lambda request: {answer}" for answer, _ in wrong)
    made = program(
        f"ANSWERS = iter([{answers}])\n{IN_BAD}say(next(ANSWERS)(request))\n    return True"
    )
    subject = made.subject()
    for answer, said in wrong:
        (outcome,) = subject.answer(cases[BAD])
        assert isinstance(outcome, Crashed), answer
        assert said in outcome.reason, answer
        assert is_right(subject.answer(cases[GOOD]))
    assert made.starts() == 1
    subject.close()


def test_a_wrong_dtype_is_a_wrong_answer_and_no_broken_one(
    program: Callable[..., Program], few: Path
) -> None:
    change = "answer = json.dumps(right(request)).replace('float32', 'float64')"
    made = program(f"{IN_BAD}{change}\n    say(json.loads(answer))\n    return True")
    report = run_plan(Plan((made.command(),), few, select=(BAD, GOOD)))
    wrong = [r for r in report.results if r.verdict != "pass"]
    assert [(r.id, r.aspect, r.message) for r in wrong] == [
        (BAD, "dtype", "must be float32; got float64")
    ]


def test_a_case_that_hangs_is_timed_out(
    program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    made = program(f"{IN_BAD}time.sleep(60)")
    subject = made.subject()
    assert subject.answer(cases[BAD]) == [TimedOut(0.5)]
    assert is_right(subject.answer(cases[GOOD]))
    assert made.starts() == 3
    subject.close()


def test_a_case_that_is_answered_at_the_second_time_is_answered(
    program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    made = program(f"{IN_BAD}STARTS == 1 and os._exit(1)")
    subject = made.subject()
    assert is_right(subject.answer(cases[BAD]))
    assert made.starts() == 2
    subject.close()


@pytest.mark.parametrize("action", ["os._exit(0)", "say({'id': 0})", "print('bye', flush=True)"])
def test_what_a_program_does_after_an_answer_is_no_case_s_fault(
    action: str, program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    made = program(f"{IN_BAD}say(right(request))\n    {action}\n    return True")
    subject = made.subject()
    assert is_right(subject.answer(cases[BAD]))
    assert is_right(subject.answer(cases[GOOD]))
    assert made.starts() == 2
    subject.close()


def test_standard_error_may_be_flooded(
    program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    made = program(f"{IN_BAD}[os.write(2, b'x' * 65535 + b'\\n') for _ in range(100)]")
    subject = made.subject()
    assert is_right(subject.answer(cases[BAD]))
    assert made.starts() == 1
    subject.close()


def test_a_child_of_the_program_ends_with_it(program: Callable[..., Program]) -> None:
    made = program(
        "if os.fork() == 0:\n    open(PIDS, 'a').write(f'{os.getpid()}\\n')\n    time.sleep(60)"
    )
    subject = made.subject()
    subject.close()
    assert made.left() == []


def test_a_program_that_ignores_the_end_of_its_input_is_ended(
    program: Callable[..., Program],
) -> None:
    made = program("signal.signal(signal.SIGTERM, signal.SIG_IGN)", after="time.sleep(60)")
    subject = made.subject()
    started = time.monotonic()
    subject.close()
    assert time.monotonic() - started < 3
    assert made.left(0) == []


STARTS = {
    "ends": ("print('no licence', file=sys.stderr); os._exit(4)", "status 4; it wrote: no licence"),
    "says garbage": ("print('Welcome!', flush=True)", "'Welcome!'"),
    "says nothing": ("time.sleep(60)", "did not say hello within 0.5 s"),
    "another version": ("hello(protocol=2)", "hello with protocol 1"),
    "no dialect": ("hello(dialect='keras4')", "'keras4'"),
    "no package": ("hello(provenance={})", "the package at least"),
    "classes as a word": ("hello(capabilities={'classes': 'all'})", "capabilities.classes"),
    "draws that are no name": ("hello(capabilities={'draws': 7})", "capabilities.draws"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_program_that_does_not_say_hello_is_a_usage_error(
    name: str, program: Callable[..., Program]
) -> None:
    action, said = STARTS[name]
    made = program(action)
    with pytest.raises(UsageError, match="--subject must be a program") as raised:
        made.subject(Limits(start=0.5))
    assert said in str(raised.value)
    assert "'command:it'" in str(raised.value)


def test_a_wrong_selection_is_told_before_a_program_is_started(
    program: Callable[..., Program], few: Path, conformance: Callable[..., Any]
) -> None:
    made = program("")
    made.pids.touch()
    ended = conformance("run", "--subject", made.command(), "--select", "no case", "--golden", few)
    assert ended.status == 2
    assert "--select" in ended.sentence()
    assert made.starts() == 0


IN_LATER = IN_BAD.replace("BAD", repr(LATER))
STARTED_NO_MORE = ("must start again", "3 starts failed", "status 5", "cases were finished")


def test_a_program_that_starts_no_more_ends_the_run_with_what_was_finished(
    program: Callable[..., Program], few: Path, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    file = tmp_path / "report.json"
    select = ("--select", "constraints.NonNeg/value/*float32", "--golden", few, "--json", file)
    ended = conformance("run", "--subject", made.command(), *select)
    assert (ended.status, ended.err) == (1, "")
    for word in STARTED_NO_MORE:
        assert word in " ".join(ended.out.split())
    every = [e.case.id for f in store.load_all(few, (select[1],)) for e in f.cases]
    kept = list(dict.fromkeys(result["id"] for result in json.loads(file.read_text())["results"]))
    assert kept == every[: every.index(LATER)]
    assert kept


def test_processes_keep_what_was_finished_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path
) -> None:
    """The first start is the parent's, the next is that of the process which so few cases need."""
    made = program("if STARTS > 2: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    select = ("constraints.NonNeg/value/*float32",)
    report = run_plan(Plan((made.command(),), few, select=select), jobs=2)
    assert report.exit_status() == 1
    for word in STARTED_NO_MORE:
        assert word in report.crashed
    every = [e.case.id for f in store.load_all(few, select) for e in f.cases]
    kept = {result.id for result in report.results}
    assert {*every[: every.index(LATER)]} <= kept
    assert LATER not in kept


def test_an_upgrade_keeps_what_was_asked_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path, conformance: Callable[..., Any]
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    select = ("--select", "constraints.NonNeg/value/*float32", "--golden", few)
    ended = conformance("diff", "module:plain_numpy:keras3", made.command(), *select)
    assert (ended.status, ended.err) == (1, "")
    said = " ".join(ended.out.split())
    assert "3 starts failed" in said
    assert re.search(r"[1-9]\d* of 16 cases were asked", said)


def test_the_matrix_keeps_what_was_finished_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    plan = Plan((made.command(),), few, select=("constraints.NonNeg/value/*float32",))
    (column,) = matrix(plan).columns
    assert "3 starts failed" in column.error
    assert column.total().bitwise > 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_loses_no_case(jobs: int, program: Callable[..., Program], few: Path) -> None:
    made = program(f"{IN_BAD}os._exit(9)")
    select = ("constraints.NonNeg/value/*float32",)
    report = run_plan(Plan((made.command(),), few, select=select), jobs=jobs)
    assert {r.id for r in report.results} == ids(few, select)
    failed = {
        r.id: r.message for r in report.results if r.verdict == "fail" and r.aspect == "accepted"
    }
    assert "ended with status 9" in failed[BAD]
    assert report.provenance[made.command()]["package"] == "hostile"
    assert not report.crashed


def ids(few: Path, select: tuple[str, ...]) -> set[str]:
    return {e.case.id for file in store.load_all(few, select) for e in file.cases}


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(("jobs", "children"), [("1", 1), ("2", 2)])
def test_nothing_is_left_when_the_harness_is_killed(
    ending: signal.Signals,
    jobs: str,
    children: int,
    program: Callable[..., Program],
    environment: Callable[..., dict[str, str]],
) -> None:
    made = program(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nSTAY = 1", after="time.sleep(60)"
    )
    made.file.write_text(made.file.read_text().replace("say(right(request))", "time.sleep(60)"))
    harness = subprocess.Popen(
        [
            *(sys.executable, "-m", "conformance", "run", "--subject", made.command()),
            *("--select", BAD, "--jobs", jobs, "--start-timeout", "60", "--case-timeout", "60"),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    # One that the process asks which was started, and one for the process that asks cases.
    while time.monotonic() < deadline:
        if made.pids.exists() and len(made.left(0)) == children:
            break
        time.sleep(0.05)
    time.sleep(0.2)
    assert len(made.left(0)) == children
    harness.send_signal(ending)
    # The output ends when the last process that holds it has: those of the harness too.
    assert harness.communicate(timeout=30)[0] == b""
    assert made.left() == []


def test_capabilities_decide_what_is_asked(
    program: Callable[..., Program], cases: dict[str, Case]
) -> None:
    listed = {"classes": ["constraints.NonNeg"], "dtypes": ["float32"], "steps": ["call"]}
    made = program(f"hello(capabilities={listed})\nDONE = 'hello'\n")
    subject = made.subject()
    assert is_right(subject.answer(cases[GOOD]))
    for case_id, said in {
        "constraints.UnitNorm/arguments/defaults": "class constraints.UnitNorm",
        "constraints.NonNeg/value/wave-5-float64": "dtype float64",
    }.items():
        (outcome,) = subject.answer(cases[case_id])
        assert isinstance(outcome, Unsupported)
        assert said in outcome.reason
    both = replace(cases[GOOD], steps=(Step("call", 0), Step("config")))
    returned, missing = subject.answer(both)
    assert is_right([returned])
    assert missing == Unsupported("the worker does not list the step config")
    subject.close()


def worker(subject: str = "module:plain_numpy:keras3") -> list[str]:
    return [sys.executable, "-m", "conformance.subjects.worker", "--subject", subject]


@pytest.fixture(scope="module")
def served(environment: Callable[..., dict[str, str]]) -> Iterator[ProcessSubject]:
    """The NumPy subject of these tests, in another process."""
    subject = ProcessSubject("served", worker(), environment=environment())
    yield subject
    subject.close()


def test_a_subject_answers_alike_here_and_there(
    served: ProcessSubject, cases: dict[str, Case]
) -> None:
    (here,) = resolve("module:plain_numpy:keras3")
    kinds: set[type[Outcome]] = set()
    for case in cases.values():
        if "keras3" in case.dialects:
            there = served.answer(case)
            assert [codec.text(o) for o in codec.outcomes_to_json(there)] == [
                codec.text(o) for o in codec.outcomes_to_json(here.answer(case))
            ], case.id
            kinds |= {type(outcome) for outcome in there}
    assert {Returned, Raised} <= kinds
    assert (served.dialect, served.draws, served.tensors) == ("keras3", here.draws, "numpy")
    assert served.provenance()["package"] == "plain_numpy"


def test_errors_carry_their_classes(served: ProcessSubject, cases: dict[str, Case]) -> None:
    (outcome,) = served.answer(cases["constraints.UnitNorm/rejected/unknown-keyword"])
    assert isinstance(outcome, Raised)
    assert (outcome.phase, outcome.category) == ("construct", "type")
    assert outcome.classes == ("TypeError", "Exception", "BaseException")


def test_every_dtype_is_echoed_bit_for_bit(served: ProcessSubject) -> None:
    values = np.array([[0.0, 1.0, 2.0], [100.0, 7.0, 1.0]])
    tensors = {dtype: Tensor.of(values, dtype) for dtype in STORAGE}
    for dtype in ("float16", "bfloat16", "float32", "float64", "complex64"):
        odd = np.array([-0.0, np.nan, np.inf, -np.inf, 1 / 3, 1e-41])
        tensors[f"{dtype}-odd"] = Tensor.of(odd, dtype)
    given = served.echo(tensors)
    for name, tensor in tensors.items():
        assert protocol.tensor(given[name]) == tensor, name


def test_what_a_subject_prints_and_reads_stays_out_of_the_protocol(
    tmp_path: Path, environment: Callable[..., dict[str, str]], cases: dict[str, Case]
) -> None:
    (tmp_path / "loud.py").write_text(
        "import os, sys\nfrom plain_numpy import constraints\nfrom types import SimpleNamespace\n"
        "print('importing')\n"
        "class NonNeg(constraints.NonNeg):\n"
        "    def __call__(self, w):\n"
        "        print('calling'); os.write(1, b'from below\\n'); assert sys.stdin.read() == ''\n"
        "        return super().__call__(w)\n"
        "constraints = SimpleNamespace(**{**vars(constraints), 'NonNeg': NonNeg})\n"
        "conformance_tensors = 'numpy'\n"
    )
    subject = ProcessSubject(
        "loud", worker("module:loud:keras3"), environment=environment(tmp_path)
    )
    assert is_right(subject.answer(cases[GOOD]))
    subject.close()


@pytest.mark.parametrize(
    "command", [f"{sys.executable} {TEMPLATES}/subject.py", f"node {TEMPLATES}/subject.mjs"]
)
def test_the_templates_pass_what_they_support(
    command: str, few: Path, conformance: Callable[..., Any]
) -> None:
    file = TEMPLATES / Path(command.split("/")[-1])
    assert len(file.read_text().splitlines()) <= 80
    select = ("constraints.NonNeg", "constraints.UnitNorm")
    report = run_plan(Plan((f"command:{command}",), few, select=select))
    verdicts = [str(r.verdict) for r in report.results if r.aspect == "value"]
    assert verdicts.count("pass") > 100
    assert {str(r.verdict) for r in report.results} <= {"pass", "unsupported", "blocked"}
    assert report.exit_status() == 0


def test_a_run_of_a_program_does_not_import_tensorflow(
    few: Path, python: Callable[..., Any]
) -> None:
    command = f"command:{sys.executable} {TEMPLATES}/subject.py"
    ended = python(
        "-c",
        "import sys\nfrom conformance import cli\n"
        f"sys.argv = ['conformance', 'run', '--subject', {command!r}, '--golden', {str(few)!r}]\n"
        "try: cli.main()\nexcept SystemExit as end: print('status', end.code)\n"
        "print('loaded', *sorted({m.split('.')[0] for m in sys.modules}))",
    )
    assert "status 0" in ended.out
    loaded = set(ended.out.rpartition("loaded")[2].split())
    assert "numpy" in loaded
    assert loaded & {"tensorflow", "keras", "tf_keras", "impl", "jax", "torch"} == set()


def test_a_program_that_has_not_the_mode_is_refused(conformance: Callable[..., Any]) -> None:
    command = f"command:{sys.executable} {TEMPLATES}/subject.py"
    for option, said in ((("--mode", "xla"), "eager"), (("--device", "GPU:0"), "own options")):
        ended = conformance("run", "--subject", command, "--select", GOOD, *option)
        assert ended.status == 2
        assert option[1] in ended.sentence()
        assert said in ended.sentence()


@pytest.mark.parametrize("spec", ["command:", "command:'x", "command:/no/such/program"])
def test_a_command_must_name_a_program(spec: str) -> None:
    with pytest.raises(UsageError, match="--subject must") as raised:
        resolve(spec)
    assert repr(spec) in str(raised.value)


def test_the_repro_of_a_program_is_a_line_for_a_shell(cases: dict[str, Case]) -> None:
    script = repro.script(cases[GOOD], f"command:{sys.executable} {TEMPLATES}/subject.py")
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[1])
    assert "returned" in answer["outcomes"][0]
