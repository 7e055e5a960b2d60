"""Changes of `impl` where official Keras raises: that an answer is known to be given must not hide a wrong one.

The changes are of different classes, so that one run shows them all.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from harness import ROOT

from conformance.model import patterns
from conformance.runner import saved


class Mutant(NamedTuple):
    """A change of one place in `impl`, and the cases in which each `aspect` of each dialect must fail."""

    file: str
    old: str
    new: str
    cases: str
    aspect: str = "value"
    dialects: tuple[str, ...] = ("keras2", "keras3")


MUTANTS = {
    "zeros where the channels are first": Mutant(
        "core/convolution.py",
        "return _op.Transpose(x=y, perm=_TO_FIRST[window.rank]) if window.channels_first else y",
        "return tf.zeros_like(tf.transpose(y, _TO_FIRST[window.rank])) if window.channels_first else y",
        "layers.Conv2D/channels-first/*s1,*",
    ),
    "dilation ignored": Mutant(
        "core/convolution.py",
        "kernel = _spread(kernel, window.dilation)\n    op =",
        "kernel = _spread(kernel, [1] * len(window.dilation))\n    op =",
        "layers.Conv1DTranspose/dilation/*padding=same",
    ),
    "the first stride for both": Mutant(
        "core/convolution.py",
        "[:, ::down, ::across]",
        "[:, ::down, ::down]",
        "layers.DepthwiseConv2D/unequal-strides/*-valid",
        "shape",
    ),
    "a thousandth more in float64": Mutant(
        "core/penalties.py",
        "scalar(0.5 * factor, dtype)",
        "scalar((0.5005 if dtype == tf.float64 else 0.5) * factor, dtype)",
        "regularizers.OrthogonalRegularizer/dtype/float64-*-3x4-*",
    ),
    "zeros for a kernel of one element": Mutant(
        "core/projections.py",
        "if 0 in w.shape or rows == 1:\n        return w",
        "if 0 in w.shape or rows == 1:\n        return tf.zeros_like(w)",
        "constraints.RadialConstraint/size/1x1*",
        dialects=("keras2",),
    ),
    "negative numbers kept": Mutant(
        "core/projections.py",
        "_op.GreaterEqual(x=w, y=0)",
        "_op.GreaterEqual(x=w, y=dtype.min if dtype == tf.float64 else 0)",
        "constraints.NonNeg/value/wave-*-float64",
        dialects=("keras2",),
    ),
}


def test_wrong_answers_where_official_keras_raises_are_failed(
    tmp_path: Path, python: Callable[..., Any]
) -> None:
    shutil.copytree(ROOT / "impl", tmp_path / "impl", ignore=shutil.ignore_patterns("__pycache__"))
    for mutant in MUTANTS.values():
        path = tmp_path / "impl" / mutant.file
        source = path.read_text()
        assert source.count(mutant.old) == 1, mutant
        path.write_text(source.replace(mutant.old, mutant.new))
    assert python("-c", "import impl; print(impl.__file__)").out.startswith(str(tmp_path))
    report = tmp_path / "report.json"
    options = [word for mutant in MUTANTS.values() for word in ("--select", mutant.cases)]
    ended = python("-m", "conformance", "run", "--subject", "impl", *options, "--json", report)
    assert ended.status == 1, ended.out
    results = saved.read_results(report)
    for name, mutant in MUTANTS.items():
        asked = [r for r in results if patterns.covers(mutant.cases, r["id"])]
        asked = [r for r in asked if r["dialect"] in mutant.dialects]
        ids = {(r["id"], r["dialect"]) for r in asked}
        assert {dialect for _, dialect in ids} == set(mutant.dialects), name
        failed = {
            (r["id"], r["dialect"])
            for r in asked
            if (r["aspect"], r["verdict"]) == (mutant.aspect, "fail")
        }
        assert failed == ids, name
