"""The last line of a repro: it passes for the right answer and fails, itself, for the wrong one."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import PLAIN

from conformance.model import Case, Outcome, Raised, Returned, Tensor
from conformance.report import repro
from conformance.vectors import store


def asked(golden: Path, case_id: str) -> tuple[Case, tuple[Outcome, ...]]:
    file = store.load(golden / store.relative_path(case_id.partition("/")[0]))
    (entry,) = (each for each in file.cases if each.case.id == case_id)
    return entry.case, entry.expected["keras3"]


def ended(code: str) -> tuple[bool, bool]:
    """Whether a script passes, and whether it got to its last line."""
    try:
        exec(compile(code, "repro", "exec"), {"__name__": "repro"})
    except Exception as error:
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "repro"
        ]
        return False, lines[0] == len(code.splitlines())
    return True, True


def changed(outcome: Outcome, name: str, value: Any) -> Outcome:
    assert isinstance(outcome, Returned)
    return Returned({**outcome.values, name: value})


def doubled(value: Any) -> Tensor:
    assert isinstance(value, Tensor)
    return Tensor.of(value.values() * 2 + 1, value.dtype)


WRONG = {
    "value": ("constraints.MaxNorm/by-hand/columns", "value", doubled),
    "half": ("constraints.MaxNorm/by-hand/rows", "value", doubled),
    "float16": ("constraints.NonNeg/value/wave-5-float16", "value", doubled),
    "shape": (
        "constraints.NonNeg/value/wave-5-float32",
        "value",
        lambda v: Tensor.of(v.values()[:1], v.dtype),
    ),
    "dtype": (
        "constraints.NonNeg/value/wave-5-float32",
        "value",
        lambda v: Tensor.of(v.values(), "float64"),
    ),
    "zero-sign": (
        "constraints.NonNeg/value/wave-5-float32",
        "value",
        lambda v: Tensor.of(np.where(v.values() == 0, -v.values(), v.values()), v.dtype),
    ),
    "nonfinite": (
        "constraints.NonNeg/value/nan-float32",
        "value",
        lambda v: Tensor.of(np.nan_to_num(v.values()), v.dtype),
    ),
    "config": ("constraints.MaxNorm/config/defaults", "config", lambda v: {**v, "axis": 3}),
    "lacks": ("constraints.MaxNorm/config/defaults", "config", lambda v: {}),
    "surplus": ("constraints.MaxNorm/config/defaults", "config", lambda v: {**v, "more": 1}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_value_fails_on_the_last_line_and_the_right_one_passes(
    kind: str, golden: Path
) -> None:
    case_id, name, change = WRONG[kind]
    case, right = asked(golden, case_id)
    number = next(n for n, o in enumerate(right) if isinstance(o, Returned) and name in o.values)
    held = right[number]
    assert isinstance(held, Returned)
    wrong = (*right[:number], changed(held, name, change(held.values[name])), *right[number + 1 :])
    aspects = [kind if kind in ("shape", "dtype", "zero-sign", "nonfinite") else name]
    # The subject is right: what it answers is the first answer of each pair, and must not be the wanted one.
    for answer, wanted, passes in ((wrong, right, True), (right, wrong, False)):
        failing = repro.first(case, answer, wanted, aspects)
        assert failing is not None
        assert (failing.step, failing.name) == (number, name)
        code = repro.script(case, PLAIN, "numpy", failing)
        assert ended(code) == (passes, True), code
        assert "assert" in code.splitlines()[-1]


def test_zeros_of_complex_numbers_have_two_signs(golden: Path) -> None:
    case_id = "constraints.RadialConstraint/complex/complex64-negative-zero"
    file = store.load(golden / store.relative_path("constraints.RadialConstraint"))
    (entry,) = (each for each in file.cases if each.case.id == case_id)
    (right,) = entry.expected["keras2"]
    assert isinstance(right, Returned)
    value = right.values["value"]
    assert isinstance(value, Tensor)
    parts = value.values().view("float32")
    flipped = np.where(parts == 0, -parts, parts).astype("float32").view("complex64")
    wrong = Tensor.of(flipped, "complex64")
    failing = repro.first(entry.case, [changed(right, "value", wrong)], [right], ["zero-sign"])
    last = repro.script(entry.case, "tf_keras", failing=failing).splitlines()[-1]
    signs = np.signbit(np.stack([value.values().real, value.values().imag], -1)).tolist()
    assert last.startswith("np.testing.assert_array_equal(np.signbit(np.stack([")
    assert last.endswith(f"{signs!r})")


def test_what_must_be_refused_or_accepted_is_the_last_line(golden: Path) -> None:
    case, refused = asked(golden, "constraints.MaxNorm/rejected/axis-too-large")
    assert isinstance(refused[-1], Raised)
    answered = (*refused[:-1], Returned({}))
    for answer, wanted, passes in ((answered, refused, True), (refused, answered, False)):
        failing = repro.first(case, answer, wanted, ["accepted"])
        code = repro.script(case, PLAIN, "numpy", failing)
        assert ended(code) == (passes, True), code
    assert code.splitlines()[-1].endswith("# must be accepted")


def test_a_draw_outside_its_law_fails(golden: Path) -> None:
    case, right = asked(golden, "initializers.GlorotUniform/documented/2x2")
    held = right[0]
    assert isinstance(held, Returned)
    failing = repro.first(
        case, (changed(held, "value", doubled(held.values["value"])),), right, ["contract"]
    )
    code = repro.script(case, PLAIN, "numpy", failing)
    assert ended(code) == (True, True), code
    law = case.tolerance.law
    assert law is not None
    narrow = replace(law, parameters={"low": 0.0, "high": 1e-9})
    narrowed = replace(case, tolerance=replace(case.tolerance, law=narrow))
    assert ended(repro.script(narrowed, PLAIN, "numpy", failing)) == (False, True)


def test_a_case_that_passes_has_no_assertion(golden: Path) -> None:
    case, right = asked(golden, "constraints.MaxNorm/by-hand/columns")
    assert repro.first(case, right, right, []) is None
    assert "assert" not in repro.script(case, PLAIN, "numpy")


def test_a_program_is_told_what_it_must_answer(golden: Path) -> None:
    case, right = asked(golden, "constraints.MaxNorm/by-hand/columns")
    held = right[0]
    assert isinstance(held, Returned)
    wrong = (changed(held, "value", doubled(held.values["value"])), *right[1:])
    failing = repro.first(case, wrong, right, ["value"])
    code = repro.script(case, "command:node mine.mjs", "numpy", failing)
    assert (
        code.splitlines()[-1]
        == "# value of step 0 must be: float32[2, 2] [1.2, 0.29999995, 1.6, 0.39999992]"
    )
