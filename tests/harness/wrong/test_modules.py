"""Modules that have little or nothing of Keras, and what a run says of them: never that they are right."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from conformance.model import Grade, Verdict
from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from wrong import GoldenOf, failures

NON_NEG, UNIT_NORM, ROUNDTRIP = (
    "constraints.NonNeg/value/*",
    "constraints.UnitNorm/dtype/*",
    "constraints.NonNeg/roundtrip/*",
)
# What official Keras answers, refuses, and refuses though it should not.
EVERYTHING = (
    "constraints.UnitNorm/*",
    "regularizers.L2/*",
    "regularizers.OrthogonalRegularizer/*",
    "initializers.Constant/*",
)

# Every class and function that is asked for, each of which raises.
REFUSING = """
    conformance_tensors = "numpy"

    class Anything:
        def __getattr__(self, name):
            def refuse(*arguments, **named):
                raise {error}(name)

            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {{"__init__": refuse}}) if name[0].isupper() else refuse

    constraints = regularizers = initializers = layers = Anything()
"""
EMPTY = """
    from types import SimpleNamespace

    conformance_tensors = "numpy"
    constraints = regularizers = initializers = layers = SimpleNamespace()
"""
# The NumPy subject of the tests, with one class replaced.
REPLACED = """
    from types import SimpleNamespace

    import numpy as np
    from plain_numpy import constraints as right, initializers, random, saving
    from plain_numpy.constraints import *

    conformance_tensors = "numpy"

    class {cls}(right.{cls}):
        def __call__(self, w):
            {body}

    constraints = SimpleNamespace(**{{**vars(right), "{cls}": {cls}}})
"""

Make = Callable[..., str]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A subject of the text of a module, importable from here and from the processes started here."""
    monkeypatch.syspath_prepend(tmp_path)

    def made(name: str, text: str, **filled: str) -> str:
        # Of an earlier test.
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(dedent(text).format(**filled))
        return f"module:{name}:keras3"

    return made


@pytest.fixture
def asked(golden_of: GoldenOf) -> Callable[..., Report]:
    return lambda subject, *select: run(Plan((subject,), golden_of(select), select=select))


def test_where_nothing_is_implemented_nothing_passes(
    module: Make, asked: Callable[..., Report]
) -> None:
    subject = module("unimplemented_module", REFUSING, error="NotImplementedError")
    report = asked(subject, NON_NEG, UNIT_NORM, ROUNDTRIP)
    assert report.exit_status() == 1
    assert not report.ran()
    assert {r.verdict for r in report.results} <= {Verdict.UNSUPPORTED, Verdict.BLOCKED}
    assert {tally.passed for tally in report.tallies().values()} == {0}


def test_an_empty_module_is_not_as_expected(module: Make, asked: Callable[..., Report]) -> None:
    """Steps after the first are blocked: nothing of them ran, either."""
    report = asked(module("empty_module", EMPTY.replace("{", "{{").replace("}", "}}")), ROUNDTRIP)
    assert report.exit_status() == 1
    assert {r.verdict for r in report.results} == {Verdict.UNSUPPORTED, Verdict.BLOCKED}


def test_who_refuses_everything_is_right_nowhere(
    module: Make, asked: Callable[..., Report]
) -> None:
    """Where official Keras refuses as well, a refusal passes as such: no value was compared."""
    report = asked(module("refusing_module", REFUSING, error="ValueError"), *EVERYTHING)
    assert report.exit_status() == 1
    tallies = report.tallies().values()
    assert sum(tally.rejected for tally in tallies) > 100
    assert sum(tally.bitwise + tally.within for tally in tallies) == 0
    # Of what official Keras answers, it may refuse only what a finding says.
    right = {r.id.rpartition("/")[0] for r in report.results if r.grade is Grade.TRUTH}
    assert right == {"initializers.Constant/shape"}


@pytest.mark.parametrize(
    "body", ["raise NotImplementedError", "raise NotImplementedError(w.dtype)"]
)
def test_a_class_that_is_not_implemented_is_unsupported_beside_others_that_pass(
    body: str, module: Make, asked: Callable[..., Report]
) -> None:
    subject = module("replaced_module", REPLACED, cls="UnitNorm", body=body)
    report = asked(subject, NON_NEG, UNIT_NORM)
    tallies = {target: tally for (*_, target), tally in report.tallies().items()}
    unit = tallies["constraints.UnitNorm"]
    assert (unit.ran, unit.passed) == (0, 0)
    assert unit.unsupported == unit.cases > 0
    assert tallies["constraints.NonNeg"].passed > 0


@pytest.mark.parametrize(
    ("body", "aspect"),
    [
        ("return np.maximum(w, w.dtype.type(0)).tolist()", "value"),
        ("return np.maximum(w, w.dtype.type(0)).astype(object)", "accepted"),
        ("return np.maximum(w, w.dtype.type(0)), 1", "value"),
        ("return np.maximum(w, w.dtype.type(0), out=w)", "input"),
        ("return np.maximum(w, w.dtype.type(0))[None]", "shape"),
        ("return np.maximum(w, w.dtype.type(0)).astype('float64')", "dtype"),
        ("return np.where(w > 0, w, np.nan).astype(w.dtype)", "nonfinite"),
        ("raise SystemExit(0)", "accepted"),
    ],
)
def test_whatever_else_is_returned_is_failed(
    body: str, aspect: str, module: Make, asked: Callable[..., Report]
) -> None:
    subject = module("replaced_module", REPLACED, cls="NonNeg", body=body)
    report = asked(subject, "constraints.NonNeg/value/wave-*-float32")
    assert report.exit_status() == 1
    assert aspect in failures(report)["constraints.NonNeg"]
