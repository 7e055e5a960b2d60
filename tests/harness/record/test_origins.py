"""Recordings on several platforms: what stays, what is replaced, and where it is said to come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import NON_NEG
from record.changed import UNIT_NORM, contents, elsewhere, moved_by, rewrite, unit_norm_moved

from conformance.model import Grade, Returned
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects import OFFICIAL
from conformance.vectors import checks, store


def test_a_file_of_another_platform_stays_while_its_values_agree(
    constraints_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    rewrite(path, elsewhere)
    before = path.read_bytes()
    for options in ("--check", "--write"):
        ended = conformance("record", options, *NON_NEG, "--golden", constraints_copy)
        assert ended.status == 0, ended.out
        assert path.read_bytes() == before
    rewrite(path, moved_by(1))
    # The cases of NonNeg are exact on every platform: one ULP is a difference there too.
    ended = conformance("record", "--check", *NON_NEG, "--golden", constraints_copy)
    assert ended.status == 1


def test_rounding_of_another_platform_is_let_pass_within_the_tolerance(
    constraints_copy: Path, conformance: Callable[..., Any], state: Callable[..., Any]
) -> None:
    path = constraints_copy / "constraints" / "UnitNorm.json"
    check = ("record", "--check", "--select", UNIT_NORM, "--golden", constraints_copy)
    state()
    before = rewrite(path, lambda golden: unit_norm_moved(golden, 1))
    assert conformance(*check).status == 1
    path.write_bytes(before)
    rewrite(path, lambda golden: elsewhere(unit_norm_moved(golden, 1)))
    assert conformance(*check).status == 0
    # What is beyond the tolerance is a difference everywhere.
    rewrite(path, lambda golden: unit_norm_moved(golden, 1000))
    assert conformance(*check).status == 1


def test_a_case_that_is_added_elsewhere_relabels_no_other(
    constraints_copy: Path, conformance: Callable[..., Any], state: Callable[..., Any]
) -> None:
    path = constraints_copy / "constraints" / "UnitNorm.json"
    golden = store.load(path)
    added = golden.cases[3]
    without = unit_norm_moved(replace(golden, cases=(*golden.cases[:3], *golden.cases[4:])), 1)
    path.write_bytes(store.dumps(without))
    platform = state(machine="vax", python="3.99")
    whole = ("--select", "constraints.UnitNorm", "--golden", constraints_copy)
    for select in (("--select", added.case.id, "--golden", constraints_copy), whole):
        # The second time all are asked again, and each value is that of a platform that has it.
        assert conformance("record", "--write", *select).status == 0
        (again,) = [e for e in store.load(path).cases if e.case.id == added.case.id]
        facts = {"machine": platform["machine"], "python": platform["python"]}
        assert again == replace(added, provenance=dict.fromkeys(added.expected, facts))
        assert list(checks.problems(path, constraints_copy)) == []
        others = [e for e in store.load(path).cases if e.case.id != added.case.id]
        assert tuple(others) == without.cases
        assert store.load(path).provenance == golden.provenance
    # Bits are asked for where a case was recorded on a like platform, and nowhere else.
    report = run(Plan(("keras",), constraints_copy, select=(added.case.id, UNIT_NORM), strict=True))
    assert {r.id: r.grade for r in report.results if r.aspect == "value"} == {
        UNIT_NORM: Grade.WITHIN,
        added.case.id: Grade.BITWISE,
    }
    assert report.notes() == [
        "keras: 1 cases were recorded on another platform (machine vax, not x86_64); "
        "values were held against these within their tolerance, not bit for bit"
    ]


def test_what_a_file_says_of_its_cases_is_checked(constraints_copy: Path) -> None:
    path = constraints_copy / "constraints" / "UnitNorm.json"
    file = store.load(path)
    one = next(e for e in file.cases if len(e.expected) == 1)

    def problems(**facts: Mapping[str, Any]) -> list[str]:
        store.write(path, store.dumps(replace(file, cases=(replace(one, provenance=facts),))))
        return [line.partition(": ")[2] for line in checks.problems(path, constraints_copy)]

    (mine,) = one.expected
    (other,) = set(OFFICIAL) - {mine}
    here = file.provenance[mine]["machine"]
    assert problems(**{mine: {"machine": "vax"}}) == []
    assert problems(**{mine: {"machine": here}}) == [
        f"{one.case.id} repeats machine of the provenance of its file"
    ]
    assert problems(**{other: {"machine": "vax"}}) == [
        f"{one.case.id} has a provenance of {other}, and no outcomes of it"
    ]
    (unknown,) = problems(**{mine: {"stated": ["machine"]}})
    assert "provenance" in unknown


def test_stated_platforms_are_not_written_into_the_golden_files_of_the_suite(
    golden: Path, conformance: Callable[..., Any], state: Callable[..., Any]
) -> None:
    state()
    before = contents(golden)
    ended = conformance("record", "--write", *NON_NEG)
    assert ended.status == 2
    assert "CONFORMANCE_PLATFORM must not be set" in ended.sentence()
    assert contents(golden) == before


def test_a_sample_of_another_platform_stays_while_it_keeps_the_law(
    tmp_path: Path, conformance: Callable[..., Any], golden: Path
) -> None:
    """Of many draws a file keeps a digest only: other draws are judged before they become one."""
    known = store.load(golden / "initializers" / "RandomUniform.json")
    one = next(e for e in known.cases if "/sample/" in e.case.id)
    (drawn,) = one.expected["keras3"]
    assert isinstance(drawn, Returned)
    sample = drawn.values["sample"]
    assert isinstance(sample, dict)
    other = Returned({**drawn.values, "sample": {**sample, "sha256": 64 * "0"}})
    moved = replace(one, expected=dict.fromkeys(one.expected, (other,)))
    path = tmp_path / "initializers" / "RandomUniform.json"
    check = ("record", "--check", "--select", one.case.id, "--golden", tmp_path)
    file = replace(known, cases=(moved,))
    store.write(path, store.dumps(elsewhere(file)))
    ended = conformance(*check)
    assert ended.status == 0, ended.out
    short = {**sample, "shape": [1], "sha256": 64 * "0"}
    wrong = Returned({**drawn.values, "sample": short})
    moved = replace(one, expected=dict.fromkeys(one.expected, (wrong,)))
    store.write(path, store.dumps(elsewhere(replace(file, cases=(moved,)))))
    assert conformance(*check).status == 1
