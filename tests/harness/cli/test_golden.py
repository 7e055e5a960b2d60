"""`conformance list` and `conformance lint`: what golden files hold, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import NON_NEG

from conformance.model import Kind, Raised, Returned, Tolerance
from conformance.vectors import store


def test_list_gives_every_id_once(golden: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("list", "--ids")
    assert (ended.status, ended.err) == (0, "")
    ids = [entry.case.id for file in store.load_all(golden) for entry in file.cases]
    assert ended.out.splitlines() == ids
    ended = conformance("list", "--ids", *NON_NEG)
    assert ended.out.splitlines() == [i for i in ids if i.startswith("constraints.NonNeg/")]
    assert f"{len(ids)} cases in" in conformance("list").out


def test_lint_tells_what_is_wrong_and_passes_the_rest_of_what_is_committed(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    golden = store.load(path)
    first, second, third, *rest = golden.cases
    renamed = replace(first, case=replace(first.case, id="constraints.NonNeg/old/x"))
    outcome = {"keras2": (Returned({"surprise": 1}),), "keras3": (Raised("call", "odd", ""),)}
    forbidden = replace(second, expected=outcome)
    loose = replace(third, case=replace(third.case, tolerance=Tolerance(Kind.ULP, 9, "typed")))
    cases = (renamed, forbidden, loose, *rest)
    path.write_bytes(store.dumps(replace(golden, cases=cases)))
    ended = conformance("lint", "--golden", golden_copy)
    assert ended.status == 1
    assert f"{path}: $.cases[1].expected" in ended.out
    assert f"{first.case.id}: a row without golden outcomes\n" in ended.out
    assert "constraints.NonNeg/old/x: golden outcomes without a row\n" in ended.out
    assert f"{third.case.id}: the golden case must be that of its row; it is another\n" in ended.out
    for case_id in ("constraints.NonNeg/old/x", second.case.id):
        assert f"{case_id}: alternatives must be those that `record` computes" in ended.out
    assert ended.out.rstrip().endswith(": 6 problems")


def test_lint_needs_the_schema(golden_copy: Path, conformance: Callable[..., Any]) -> None:
    (golden_copy / "schema.json").unlink()
    ended = conformance("lint", "--golden", golden_copy)
    assert ended.status == 2
    assert str(golden_copy / "schema.json") in ended.sentence()
