"""The worker: a subject in another process answers as it does in this one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from harness import PLAIN
from subjects.programs import GOOD, is_right

from conformance.model import STORAGE, Case, Outcome, Raised, Returned, Tensor, codec
from conformance.subjects import protocol, resolve
from conformance.subjects.process import ProcessSubject


def worker(subject: str = PLAIN) -> list[str]:
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
    (here,) = resolve(PLAIN, in_process=True)
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
