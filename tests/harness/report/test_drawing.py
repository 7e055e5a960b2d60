"""What repros assert of random values: the last line fails for wrong draws, and passes for those of the law."""

from __future__ import annotations

import traceback
from typing import Any

import numpy as np
import pytest
from harness import PLAIN
from report.test_asserting import asked, changed, ended

from conformance.judge import distribution
from conformance.model import Law, Returned, Tensor
from conformance.report import repro
from conformance.report.repro import drawing
from conformance.vectors import store

COUNT = 20_000
RANDOM = np.random.default_rng(5)
UNIFORM = Law("uniform", {"low": -1.0, "high": 3.0})
NORMAL = Law("normal", {"mean": 1.0, "stddev": 2.0})
CUT = Law("truncated_normal", {"mean": 0.0, "stddev": 0.5})
INTEGERS = Law("integers", {"low": -3.0, "high": 4.0})
ORTHOGONAL = Law("orthogonal", {"gain": 2.0})


def cut() -> Any:
    drawn = RANDOM.standard_normal(2 * COUNT)
    return 0.5 * drawn[abs(drawn) < 2][:COUNT]


def orthogonal() -> Any:
    return 2 * np.linalg.qr(RANDOM.standard_normal((3, 4, 4)))[0]


RIGHT = {
    "uniform": RANDOM.uniform(-1, 3, COUNT),
    "normal": RANDOM.normal(1, 2, COUNT),
    "truncated_normal": cut(),
    "integers": RANDOM.integers(-3, 4, COUNT),
    "orthogonal": orthogonal(),
}
HALF = RANDOM.uniform(-1, 3, COUNT // 2)
# By what is wrong, the law, draws that break it, and what the last line is about.
WRONG = {
    "wider": (UNIFORM, RANDOM.uniform(-1.1, 3.1, COUNT), "sample.max()"),
    "deviation": (NORMAL, RANDOM.normal(1, 2.1, COUNT), ".std()"),
    "mean": (NORMAL, RANDOM.normal(1.2, 2, COUNT), ".mean()"),
    "repeats": (UNIFORM, np.concatenate([HALF, HALF]), "corrcoef"),
    "neighbours": (UNIFORM, np.repeat(HALF, 2), "corrcoef"),
    "shape": (NORMAL, 1 + 2 * np.sqrt(3) * RANDOM.uniform(-1, 1, COUNT), "kstest"),
    "uncut": (CUT, RANDOM.normal(0, 0.44, COUNT), "sample.max()"),
    "one-more": (INTEGERS, RANDOM.integers(-3, 5, COUNT), "sample.max()"),
    "no-more": (INTEGERS, RANDOM.integers(-3, 2, COUNT), ".std()"),
    "nan": (NORMAL, np.full(9, np.nan), "isfinite"),
    "columns": (ORTHOGONAL, 1.01 * orthogonal(), "q.T @ q"),
}


def tensor(values: Any) -> Tensor:
    return Tensor.of(np.asarray(values)[None].astype(np.float32), "float32")


def passes(lines: list[str], sample: Tensor) -> bool:
    """Whether lines pass for draws; AssertionError where another one than the last fails."""
    try:
        exec("\n".join(lines), {"np": np, "sample": sample.values()})
    except AssertionError as error:
        frames = traceback.extract_tb(error.__traceback__)
        assert next(f.lineno for f in frames if f.filename == "<string>") == len(lines)
        return False
    return True


@pytest.mark.parametrize("kind", WRONG)
def test_the_last_line_fails_for_wrong_draws_and_passes_for_right_ones(kind: str) -> None:
    law, wrong, about = WRONG[kind]
    got, right = (Tensor.of(np.asarray(v, np.float32), "float32") for v in (wrong, RIGHT[law.name]))
    if law.name != "orthogonal":
        got, right = tensor(wrong), tensor(RIGHT[law.name])
    assert distribution.judge(got, law)[0], "the suite must see it, too"
    lines = list(drawing.samples(law, got))
    assert about in lines[-1]
    assert not passes(lines, got)
    assert passes(lines, right)
    assert list(drawing.samples(law, right)) == []


def test_draws_that_must_repeat_are_asserted_and_so_are_warnings() -> None:
    golden = store.default_directory()
    case, right = asked(golden, "initializers.GlorotNormal/repeats/int-instance")
    for name, value in (("repeats", [0, 1, 2]), ("warned", [True, True, True])):
        wrong = (changed(right[0], name, value), *right[1:])
        for answer, wanted, good in ((wrong, right, True), (right, wrong, False)):
            failing = repro.first(case, answer, wanted, [name])
            code = repro.script(case, PLAIN, "numpy", failing)
            assert ended(code) == (good, True), code
            held = wanted[0]
            assert isinstance(held, Returned)
            assert code.endswith(f" == {held.values[name]!r}")


def test_a_record_that_is_equal_and_of_another_type_is_asserted() -> None:
    golden = store.default_directory()
    case, right = asked(golden, "constraints.MaxNorm/config/defaults")
    wrong = (changed(right[0], "config", {"max_value": 2, "axis": False}), *right[1:])
    for answer, wanted, good in ((wrong, right, True), (right, wrong, False)):
        code = repro.script(case, PLAIN, "numpy", repro.first(case, answer, wanted, ["config"]))
        assert ended(code) == (good, True), code
