"""Subjects in another process: programs that break the protocol in every way, case by case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from subjects.programs import BAD, GOOD, IN_BAD, Program, ids, is_right

from conformance.model import Case, Crashed, Step, TimedOut, Unsupported
from conformance.runner.report import Plan
from conformance.runner.run import run as run_plan

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
    # What a setting or a policy computes in is a dtype that is asked for, too.
    for options, lacking in (
        ({"floatx": "float64"}, "float64"),
        ({"dtype_policy": "mixed_bfloat16"}, "bfloat16"),
    ):
        set_before = replace(cases[GOOD], steps=(Step("setting", None, options), Step("call", 0)))
        (outcome,) = subject.answer(set_before)
        assert outcome == Unsupported(f"the worker does not list the dtype {lacking}")
    both = replace(cases[GOOD], steps=(Step("call", 0), Step("config")))
    returned, missing = subject.answer(both)
    assert is_right([returned])
    assert missing == Unsupported("the worker does not list the step config")
    subject.close()
