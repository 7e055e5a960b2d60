"""How wide tolerances are: what lint counts, and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import Case, Input, Kind, Over, Returned, Step, Tensor, Tolerance
from conformance.record.spread import Spread, spread
from conformance.vectors import store
from conformance.vectors.store import GoldenCase, GoldenFile


def measured(
    tolerance: Tolerance, values: Any, dtype: str = "float32", do: str = "call", given: float = 1.0
) -> Spread:
    case = Case(
        "layers.X/a/b",
        "layers.X",
        inputs=(Input(Tensor.of(np.full(2, given), "float64")),),
        steps=(Step(do),),
        tolerance=tolerance,
    )
    expected = (Returned({"value": Tensor.of(np.array(values), dtype)}),)
    entry = GoldenCase(case, {"keras2": expected, "keras3": expected})
    return spread([GoldenFile("layers.X", {}, (entry,))])


def bound(size: float, dtype_eps: float = 2.0**-23, over: Over | None = None) -> Tolerance:
    return Tolerance(Kind.BOUND, why="w", eps=size / dtype_eps, scale=1.0, over=over)


def test_tensors_are_counted_by_the_size_of_their_tolerance() -> None:
    assert measured(Tolerance(), [1.0, 2.0]).exact == 1
    assert measured(Tolerance(Kind.ULP, 1, "w"), [1.0, 2.0]).within == {-6: 1}
    assert measured(Tolerance(Kind.ULP, 1, "w"), [1.9]).within == {-7: 1}
    assert measured(bound(1e-3), [1.0, 0.1]).within == {-3: 1}
    # Of both dialects once; what has no elements or no fractions not at all.
    for nothing, dtype in (([], "float32"), ([1, 2], "int32")):
        assert measured(bound(1e-3), nothing, dtype) == Spread()


@pytest.mark.parametrize(
    ("tolerance", "values", "options"),
    [
        (bound(0.02), [1.0, 0.5], {}),
        (bound(1e-6), [0.0], {}),
        (bound(0.02, over=Over.BFLOAT16), [1.0], {}),
        (bound(0.1, 2.0**-7, Over.BFLOAT16), [1.0], {"dtype": "bfloat16"}),
        (bound(0.02, over=Over.CANCELS), [1.0], {}),
        (bound(1e-3, over=Over.FLUSHED), [0.0], {}),
        (bound(0.5, over=Over.KINK), [1.0], {}),
        (bound(1.5, over=Over.KINK), [1.0], {"do": "gradient"}),
    ],
)
def test_more_than_a_hundredth_needs_a_reason_that_holds(
    tolerance: Tolerance, values: Any, options: Any
) -> None:
    (problem,) = measured(tolerance, values, **options).problems
    assert problem.startswith("layers.X/a/b: keras2: value of step 0: its tolerance must be 1% of")


@pytest.mark.parametrize(
    ("tolerance", "values", "options"),
    [
        (bound(0.06, 2.0**-7, Over.BFLOAT16), [1.0], {"dtype": "bfloat16"}),
        (bound(0.02, over=Over.CANCELS), [1.0], {"given": 3.0}),
        (bound(1e-6, over=Over.CANCELS), [0.0], {}),
        (bound(1e-37, over=Over.FLUSHED), [1e-38], {}),
        (bound(0.5, over=Over.KINK), [1.0], {"do": "gradient"}),
    ],
)
def test_a_reason_that_holds_is_counted(tolerance: Tolerance, values: Any, options: Any) -> None:
    found = measured(tolerance, values, **options)
    assert not found.problems
    assert found.over == {tolerance.over: 1}


def test_a_tolerance_of_no_tensor_is_refused() -> None:
    tensors = {"value": Tolerance(Kind.ULP, 1, "w"), "1/value": Tolerance(Kind.ULP, 2, "w")}
    (problem,) = measured(Tolerance(Kind.EACH, why="w", tensors=tensors), [1.0]).problems
    assert (
        problem == "layers.X/a/b: its tolerance of 1/value must be of a tensor; none has this name"
    )


def test_every_golden_tensor_keeps_to_it(golden: Path) -> None:
    found = spread(store.load_all(golden))
    assert found.problems == []
    assert found.exact > 3000
    assert set(found.over) == set(Over)
    # Eight units of bfloat16, and a handful of other tensors.
    assert found.over.total() - found.over[Over.BFLOAT16] < 35


def test_lint_refuses_and_shows_them(
    golden: Path,
    golden_of: Callable[..., Path],
    tmp_path: Path,
    conformance: Callable[..., Any],
) -> None:
    """In a part of the golden files: lint judges what it reads."""
    kink = next(
        entry.case.id
        for file in store.load_all(golden)
        for entry in file.cases
        if any(t.over is Over.KINK for t in (entry.case.tolerance.tensors or {}).values())
    )
    select = ("constraints.UnitNorm", "initializers.HeNormal", kink)
    copied = Path(shutil.copytree(golden_of(select), tmp_path / "golden"))
    path = copied / "constraints" / "UnitNorm.json"
    excerpt = store.load(path)
    entry = next(e for e in excerpt.cases if e.case.tolerance.kind is Kind.ULP)
    wide = Tolerance(Kind.BOUND, why="typed", eps=1e6, scale=1.0)
    typed = replace(entry, case=replace(entry.case, tolerance=wide))
    cases = [typed if e is entry else e for e in excerpt.cases]
    path.write_bytes(store.dumps(replace(excerpt, cases=tuple(cases))))
    ended = conformance("lint", "--golden", copied)
    assert ended.status == 1
    assert f"{entry.case.id}: keras2: value of step 0: its tolerance must be 1%" in ended.out
    assert "up to 1e-6" in ended.out
    assert "over 1%, kink" in ended.out
