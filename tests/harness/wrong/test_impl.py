"""Changes of `impl` that its known failures must not hide: entries that match any failure would.

A mutant is a file, since TensorFlow reads from files what it traces.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness import ROOT

from conformance.runner import saved


class Mutant(NamedTuple):
    """A change of one place in `impl`, and which dialects and aspects it spoils where."""

    file: str
    old: str
    new: str
    select: str
    spoils: set[tuple[str, str]]
    mode: str = "eager"


_SQUARES = "_op.Mul(x=_total(_op.Square(x=x)), y=recast_scalar(factor, x.dtype))"
_CALL = "outputs = call(*args, **kwargs)"
_DOUBLED = (
    "[(p if tf.executing_eagerly() else lambda v, p=p: 2 * p(v), w) for p, w in losses.of_layer]"
)
MUTANTS = {
    "no gradient through the lengths of OrthogonalRegularizer": Mutant(
        "core/penalties.py",
        "unit = _op.Mul(x=x, y=invert(squares))",
        "unit = _op.Mul(x=x, y=tf.stop_gradient(invert(squares)))",
        "layers.Dense/fit-penalties/*Orthogonal*",
        {("keras2", "weights"), ("keras3", "weights")},
    ),
    "no penalties in training": Mutant(
        "core/penalties.py",
        f"return {_SQUARES}",
        f"return tf.stop_gradient({_SQUARES})",
        "layers.Dense/fit-penalties/*L2*",
        {("keras3", "weights")},
    ),
    "weights penalised twice, by a traced call only": Mutant(
        "shared/layer.py",
        _CALL,
        f"losses.of_layer[:] = {_DOUBLED}\n            {_CALL}",
        "layers.Dense/losses/*",
        {("keras2", "losses"), ("keras3", "losses")},
        mode="graph",
    ),
}


def run_of(
    changed: Mutant | None,
    golden: Path,
    mode: str,
    tmp_path: Path,
    python: Callable[..., Any],
) -> tuple[int, set[tuple[str, str]]]:
    """The exit status of a run of a copy of `impl`, and which aspects of which dialects it fails."""
    shutil.copytree(ROOT / "impl", tmp_path / "impl", ignore=shutil.ignore_patterns("__pycache__"))
    if changed:
        path = tmp_path / "impl" / changed.file
        source = path.read_text()
        assert source.count(changed.old) == 1
        path.write_text(source.replace(changed.old, changed.new))
    report = tmp_path / "report.json"
    assert python("-c", "import impl; print(impl.__file__)").out.startswith(str(tmp_path))
    asked = ("run", "--subject", "impl", "--golden", golden, "--mode", mode, "--json", report)
    ended = python("-m", "conformance", *asked)
    results = saved.read_results(report)
    return ended.status, {(r["dialect"], r["aspect"]) for r in results if r["verdict"] == "fail"}


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_without_a_change_the_same_cases_are_as_expected(
    mode: str, golden_of: Callable[..., Path], tmp_path: Path, python: Callable[..., Any]
) -> None:
    golden = golden_of(tuple(each.select for each in MUTANTS.values() if each.mode == mode))
    assert run_of(None, golden, mode, tmp_path, python) == (0, set())


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_failed(
    name: str, golden_of: Callable[..., Path], tmp_path: Path, python: Callable[..., Any]
) -> None:
    changed = MUTANTS[name]
    status, failed = run_of(changed, golden_of((changed.select,)), changed.mode, tmp_path, python)
    assert status == 1
    assert failed >= changed.spoils
