"""What goes to a worker of a cluster and back, the program that answers there, and processes that are replaced."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import Fault, Grade, Result, Returned, Tensor, Verdict
from conformance.model.errors import SubjectGone, UsageError
from conformance.runner import executor_serving
from conformance.runner.executor import Processes, Served, Task
from conformance.runner.executor_run import WIRE
from conformance.runner.executor_serving import Kind, job, serve
from conformance.runner.executor_wire import Wire
from conformance.runner.processes import ProcessEnded, Spare
from conformance.runner.report import Evidence, Follow, Plan


def pid(part: int) -> int:
    return os.getpid()


def leave(part: int) -> int:
    if part == 1:
        os._exit(0)
    if part == 2:
        raise LookupError("two")
    return os.getpid()


def nothing() -> None:
    """Prepares nothing."""


@pytest.mark.parametrize(
    "value",
    [
        Plan(("impl",), Path("golden"), only=frozenset({"a"}), follow=Follow.OFFICIAL),
        [None, True, 1, -0.5, "text", (1, (2,)), {1: [2], ("a", "b"): {}}, frozenset({3})],
        Evidence(
            [Returned({"y": Tensor.of(np.array([np.nan, -0.0], np.float32))})], [Returned({})]
        ),
        Result(
            "i", "s", "keras3", "t", "golden", "value", Verdict.FAIL, Grade.TRUTH, 0.1, math.inf
        ),
        {"$": 1, "$Result": [Fault.SUBJECT]},
    ],
)
def test_what_goes_to_a_worker_comes_back(value: Any) -> None:
    text = WIRE.dumps(value)
    assert "\n" not in text
    again = WIRE.loads(text)
    assert again == value
    assert repr(again) == repr(value)  # types, too, and the sign of zero


@pytest.mark.parametrize("value", [object(), Fault.SUBJECT, Path, {"a": [np.float32(1)]}])
def test_what_no_wire_has_does_not_go(value: Any) -> None:
    with pytest.raises(TypeError, match="does not go to a worker"):
        Wire(Result).dumps(value)


def test_only_known_classes_are_made_of_text() -> None:
    with pytest.raises(KeyError):
        Wire(Result).loads('{"$Popen":["true"]}')


def test_processes_are_replaced_after_so_many_parts() -> None:
    task = Task("x", None, Path(), pid, nothing, forked=True, renewed=2)
    found = list(Processes(1).results(task, range(5)))
    assert [found.count(each) for each in dict.fromkeys(found)] == [2, 2, 1]


def test_a_spare_process_that_ended_is_replaced() -> None:
    spare = Spare(leave, renewed=2)
    one = spare.do(0)
    assert spare.do(0) == one
    assert spare.do(0) != one  # it had its two parts
    with pytest.raises(ProcessEnded):
        spare.do(1)
    with pytest.raises(LookupError, match="two"):
        spare.do(2)
    last = spare.do(0)
    spare.close()
    assert not Path(f"/proc/{last}").exists()


def answered(
    golden: Path,
    answer: Callable[[Any], Any],
    *parts: Any,
    told: Mapping[str, Any] | None = None,
    **served: Any,
) -> list[dict[str, Any]]:
    """What the program says of a task, and of its parts."""
    kind = Kind(lambda asked, directory: Served(answer, **served), Wire())
    line = json.loads(job("x", "null", golden, {"s": {"version": "1", "machine": "vax"}}))
    lines = [{**line, **(told or {})}, *parts]
    requests = io.BytesIO("".join(json.dumps(each) + "\n" for each in lines).encode())
    answers = io.BytesIO()
    serve({"x": kind}, requests, answers)
    return [json.loads(each) for each in answers.getvalue().splitlines()]


SAME = {"facts": {"s": {"version": "1", "machine": "pdp"}}}


def test_parts_are_answered_in_another_process(few: Path) -> None:
    ready, one, left, wrong, again = answered(few, leave, 0, 1, 2, 3, forked=True, **SAME)
    assert ready == {"ready": True}
    assert json.loads(one["result"]) not in (os.getpid(), json.loads(again["result"]))
    assert left == {"ended": True}
    assert "LookupError: two" in wrong["error"]


def test_a_part_that_ends_its_process_goes_on_in_another_where_it_can(
    few: Path, tmp_path: Path
) -> None:
    def leave_once(part: int) -> int:
        if not (tmp_path / str(part)).exists():
            (tmp_path / str(part)).touch()
            os._exit(0)
        return part

    left, closed = [], []

    def again(part: int) -> bool:
        left.append(part)
        return True

    said = answered(
        few,
        leave_once,
        5,
        again=again,
        close=lambda: closed.append(True),
        forked=True,
        **SAME,
    )
    assert said[1:] == [{"result": "5"}]
    assert (left, closed) == ([5], [True])


def test_what_cannot_be_forked_ends_after_so_many_parts(few: Path) -> None:
    said = answered(few, lambda part: part, 5, 6, 7, renewed=2, **SAME)
    assert said[1:] == [{"result": "5"}, {"result": "6", "last": True}]


def test_a_subject_that_is_gone_is_told(few: Path) -> None:
    def gone(part: int) -> None:
        raise SubjectGone("the worker ended")

    assert answered(few, gone, 0, **SAME)[1] == {"gone": "the worker ended"}


def test_other_code_goldens_and_versions_are_refused_in_a_sentence(
    few: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(told: Mapping[str, Any], **served: Any) -> str:
        (said,) = answered(few, pid, 0, told=told, **{**SAME, **served})
        return str(said["refused"])

    own = executor_serving.code()
    assert f"digest {own}, not abc" in refusal({"code": "abc"})
    assert "other golden files" in refusal({"golden": [str(few), "abc"]})
    assert "not abc" in refusal({"golden": ["/nowhere", "abc"]})
    assert "s with version 2, not 1" in refusal({}, facts={"s": {"version": "2"}})
    assert "s with backend 3, not None" in refusal(
        {}, facts={"s": {"version": "1", "backend": "3"}}
    )
    assert "s with version None, not 1" in refusal({}, facts={})


def test_what_a_worker_lacks_is_refused_in_its_sentence(few: Path) -> None:
    def lacking(asked: Any, directory: Path) -> Served:
        raise UsageError("--subject keras must be installed")

    answers = io.BytesIO()
    line = job("x", "null", few, {}).encode() + b"\n"
    serve({"x": Kind(lacking, Wire())}, io.BytesIO(line), answers)
    assert json.loads(answers.getvalue()) == {"refused": "--subject keras must be installed"}
