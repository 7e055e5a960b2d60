"""Changes of `impl` that its known failures must not hide: entries that match any failure would.

A mutant is a file, since TensorFlow reads from files what it traces.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT

from conformance.runner import saved

MUTANTS = {
    "no gradient through the lengths of OrthogonalRegularizer": (
        "core/penalties.py",
        "unit = _op.Mul(x=x, y=inverse)",
        "unit = _op.Mul(x=x, y=tf.stop_gradient(inverse))",
        "layers.Dense/fit-penalties/*Orthogonal*",
        {("keras2", "weights"), ("keras3", "weights")},
    ),
    "no penalties in training": (
        "core/penalties.py",
        "return _op.Mul(x=_total(_op.Square(x=x)), y=recast_scalar(factor, x.dtype))",
        "return tf.stop_gradient(_op.Mul(x=_total(_op.Square(x=x)), y=recast_scalar(factor, x.dtype)))",
        "layers.Dense/fit-penalties/*L2*",
        {("keras3", "weights")},
    ),
}


@pytest.mark.parametrize("name", [None, *MUTANTS])
def test_a_mutant_is_failed(name: str | None, tmp_path: Path, python: Callable[..., Any]) -> None:
    """The control: without a change the same cases are as expected."""
    shutil.copytree(ROOT / "impl", tmp_path / "impl", ignore=shutil.ignore_patterns("__pycache__"))
    file, old, new, *_ = MUTANTS[name] if name else ("core/penalties.py", "", "")
    path = tmp_path / "impl" / file
    source = path.read_text()
    assert name is None or source.count(old) == 1
    path.write_text(source.replace(old, new) if name else source)
    select = [MUTANTS[name][3]] if name else [select for *_, select, _ in MUTANTS.values()]
    options = [word for pattern in select for word in ("--select", pattern)]
    report = tmp_path / "report.json"
    assert python("-c", "import impl; print(impl.__file__)").out.startswith(str(tmp_path))
    ended = python("-m", "conformance", "run", "--subject", "impl", *options, "--json", report)
    assert ended.status == (0 if name is None else 1), ended.out
    failed = {
        (r["dialect"], r["aspect"]) for r in saved.read_results(report) if r["verdict"] == "fail"
    }
    assert failed == set() if name is None else failed >= MUTANTS[name][4]
