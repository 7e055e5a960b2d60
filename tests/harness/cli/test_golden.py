"""`conformance list` and `conformance lint`: what golden files hold, and what is wrong with them."""

from __future__ import annotations

import shutil
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


def told(ended: Any) -> list[str]:
    """The problems that lint tells, which are those that it counts."""
    lines = ended.out.splitlines()
    count = int(lines[-1].rpartition(": ")[2].removesuffix(" problems"))
    assert (ended.status, ended.err) == (1, "")
    return list(lines[:count])


# A part of the golden files, since to judge all of them takes half a minute: `make lint` does. Of the rest
# lint tells that it is missing.
EXCERPT = ("constraints.NonNeg", "constraints.get", "layers.Dense/config/*")


def test_lint_tells_what_is_wrong_and_passes_the_rest(
    golden_of: Callable[..., Path], tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    copied = Path(shutil.copytree(golden_of(EXCERPT), tmp_path / "golden"))
    whole = told(conformance("lint", "--golden", copied))
    ids = {entry.case.id for file in store.load_all(copied) for entry in file.cases}
    assert len(ids) > 200
    assert not [line for line in whole if line.partition(": ")[0] in ids or str(copied) in line]
    path = copied / "constraints" / "NonNeg.json"
    golden = store.load(path)
    first, second, third, *rest = golden.cases
    renamed = replace(first, case=replace(first.case, id="constraints.NonNeg/old/x"))
    outcome = {"keras2": (Returned({"surprise": 1}),), "keras3": (Raised("call", "odd", ""),)}
    forbidden = replace(second, expected=outcome)
    loose = replace(third, case=replace(third.case, tolerance=Tolerance(Kind.ULP, 9, "typed")))
    cases = (renamed, forbidden, loose, *rest)
    path.write_bytes(store.dumps(replace(golden, cases=cases)))
    damaged = told(conformance("lint", "--golden", copied))
    assert [line for line in whole if line not in damaged] == []
    # An expectation about the case that is renamed is another matter.
    told_anew = (line for line in damaged if line not in whole)
    schema, *found = (line for line in told_anew if ".toml entry " not in line)
    assert schema.startswith(f"{path}: $.cases[1].expected")
    computed = "alternatives must be those that `record` computes; they are others"
    assert found == [
        f"{first.case.id}: a row without golden outcomes",
        "constraints.NonNeg/old/x: golden outcomes without a row",
        f"{third.case.id}: the golden case must be that of its row; it is another",
        f"constraints.NonNeg/old/x: {computed}",
        f"{second.case.id}: {computed}",
    ]


def test_lint_needs_the_schema(golden_copy: Path, conformance: Callable[..., Any]) -> None:
    (golden_copy / "schema.json").unlink()
    ended = conformance("lint", "--golden", golden_copy)
    assert ended.status == 2
    assert str(golden_copy / "schema.json") in ended.sentence()
