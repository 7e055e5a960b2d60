"""Recording: each difference from the golden files is told as what it is, and repaired."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import NON_NEG
from record.changed import (
    MOVED,
    as_recorded,
    contents,
    first_case,
    moved_by,
    of_one_platform,
    rewrite,
    row,
)

from conformance.model import Returned
from conformance.record import record
from conformance.vectors import store
from conformance.vectors.store import GoldenCase, GoldenFile


def test_the_committed_golden_files_are_what_the_official_packages_answer(
    golden: Path, conformance: Callable[..., Any]
) -> None:
    before = contents(golden)
    # All: `conformance run --subject keras --subject tf_keras --strict`.
    ended = conformance("record", "--check", "--select", "constraints.MaxNorm/*")
    assert ended.status == 0, ended.out
    assert re.search(r"as recorded: \d{3,} cases, \d{3,} outcomes, \d+ elements", ended.out)
    assert contents(golden) == before


def test_two_recordings_are_identical_byte_for_byte(
    golden: Path,
    tmp_path: Path,
    conformance: Callable[..., Any],
    python: Callable[..., Any],
    state: Callable[..., Any],
) -> None:
    state()
    one, other = tmp_path / "one", tmp_path / "other"
    classes = ("constraints.NonNeg", "constraints.get", "constraints.serialize")
    select = [option for name in classes for option in ("--select", f"{name}/*")]
    assert conformance("record", "--write", *select, "--golden", one).status == 0
    done = python("-m", "conformance", "record", "--write", *select, "--golden", other)
    assert (done.status, done.err) == (0, "")
    assert contents(one) == contents(other)
    assert len(contents(one)) == len(classes)
    for name, recorded in contents(one).items():
        assert recorded == of_one_platform((golden / name).read_bytes()), name


def test_a_moved_value_is_reported_in_ulp_and_repaired_by_write(
    constraints_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    original, count = rewrite(path, moved_by(3)), str(len(store.load(path).cases))
    wrong = contents(constraints_copy)
    for options, status in ((["--check"], 1), ([], 0)):
        ended = conformance("record", *options, *NON_NEG, "--golden", constraints_copy)
        assert ended.status == status
        assert row(ended.out, "constraints.NonNeg") == [count, "0", "0", "0", "1", "3"]
        assert f"moved {MOVED}: keras3: step 0: " in ended.out
        assert "nothing was written" in ended.out
        assert contents(constraints_copy) == wrong
    ended = conformance("record", "--write", *NON_NEG, "--golden", constraints_copy)
    assert (ended.status, "1 files written" in ended.out) == (0, True)
    assert path.read_bytes() == as_recorded(original, platform, {MOVED: ["keras3"]})
    ended = conformance("record", "--write", *NON_NEG, "--golden", constraints_copy)
    assert (ended.status, "nothing to write" in ended.out) == (0, True)


def test_redefined_added_and_removed_cases_are_told_apart(
    constraints_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"

    def change(golden: GoldenFile) -> GoldenFile:
        first, second, *rest = golden.cases
        redefined = replace(first, case=replace(first.case, flags=("nan", "zero")))
        stranger = replace(second, case=replace(second.case, id="constraints.NonNeg/old/x"))
        return replace(golden, cases=(redefined, stranger, *rest))

    original, count = rewrite(path, change), str(len(store.load(path).cases))
    ended = conformance("record", "--check", *NON_NEG, "--golden", constraints_copy)
    assert ended.status == 1
    assert row(ended.out, "constraints.NonNeg") == [count, "1", "1", "1", "0", "-"]
    redefined, added, *_ = store.loads(original, "x").cases
    assert f"redefined {redefined.case.id}\n" in ended.out
    assert conformance("record", "--write", *NON_NEG, "--golden", constraints_copy).status == 0
    # The question of the former is the same as before, and so is the answer.
    assert path.read_bytes() == as_recorded(original, platform, {added.case.id: added.expected})


@pytest.mark.parametrize("damage", ["order", "versions", "gone", "dialect"])
def test_other_differences_are_noticed_and_repaired(
    damage: str,
    constraints_copy: Path,
    conformance: Callable[..., Any],
    platform: Mapping[str, Any],
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    golden = store.load(path)
    one = next(e for e in golden.cases if len(e.expected) == 2)
    half = GoldenCase(one.case, {"keras2": one.expected["keras2"]})
    older = {d: {**p, "version": "1.0"} for d, p in golden.provenance.items()}
    changes: dict[str, tuple[GoldenFile | None, str]] = {
        "order": (replace(golden, cases=golden.cases[::-1]), "the order"),
        "versions": (replace(golden, provenance=older), "the versions"),
        "gone": (None, "constraints.NonNeg"),
        "dialect": (
            replace(golden, cases=tuple(half if e is one else e for e in golden.cases)),
            f"moved {one.case.id}: keras3: appeared",
        ),
    }
    changed, told = changes[damage]
    original = path.read_bytes()
    if changed is None:
        path.unlink()
    else:
        path.write_bytes(store.dumps(changed))
    ended = conformance("record", "--check", *NON_NEG, "--golden", constraints_copy)
    assert ended.status == 1
    assert told in ended.out
    assert conformance("record", "--write", *NON_NEG, "--golden", constraints_copy).status == 0
    here = {d: {**p, **platform} for d, p in golden.provenance.items()}
    made = {
        "order": original,
        "versions": store.dumps(replace(golden, provenance=here)),
        "gone": store.dumps(replace(golden, provenance=here)),
        "dialect": as_recorded(original, platform, {one.case.id: ["keras3"]}),
    }
    assert path.read_bytes() == made[damage]


def test_a_file_of_an_older_format_is_to_be_written_again(golden: Path) -> None:
    present = store.load(golden / "constraints" / "NonNeg.json")
    assert not record.change_between(present, present)
    change = record.change_between(replace(present, schema=1), present)
    assert (bool(change), change.other) == (True, "the version of the format")


def test_a_selection_leaves_everything_else_alone(
    constraints_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
) -> None:
    directory = constraints_copy / "constraints"
    original = rewrite(directory / "NonNeg.json", moved_by(1))

    def stranger(golden: GoldenFile) -> GoldenFile:
        case = replace(golden.cases[0].case, id=f"{golden.target}/old/x")
        return first_case(golden, case=case)

    def older(golden: GoldenFile) -> GoldenFile:
        provenance = {d: {**p, "version": "1.0"} for d, p in golden.provenance.items()}
        return replace(golden, provenance=provenance)

    rewrite(directory / "UnitNorm.json", stranger)
    rewrite(directory / "MaxNorm.json", older)
    rewrite(directory / "get.json", lambda golden: replace(golden, cases=golden.cases[:1]))
    # Every case of a class may have been renamed since.
    rewrite(
        directory / "serialize.json",
        lambda golden: stranger(replace(golden, cases=golden.cases[:1])),
    )
    before = contents(constraints_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", constraints_copy)
    assert (ended.status, "1 files written" in ended.out) == (0, True)
    made = as_recorded(original, platform, {MOVED: ["keras3"]})
    assert contents(constraints_copy) == {**before, "constraints/NonNeg.json": made}


def test_within_a_class_a_selection_asks_about_its_cases_only(
    constraints_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    rewrite(path, moved_by(1))
    select = ("--select", "constraints.NonNeg/integer/*")
    ended = conformance("record", "--check", *select, "--golden", constraints_copy)
    assert ended.status == 0, ended.out


def test_the_golden_file_of_a_class_without_rows_goes(
    constraints_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = store.load(constraints_copy / "constraints" / "NonNeg.json")
    rows = [entry.case for entry in golden.cases]
    monkeypatch.setattr(record, "every_case", lambda: tuple(rows))
    found = record.regenerate(constraints_copy)
    assert [file.target for file in found.files] == ["constraints.NonNeg"]
    assert {path.name for path in found.obsolete} == {
        path.name for path in store.paths(constraints_copy) if path.name != "NonNeg.json"
    }
    assert not found.changes[0]
    assert all(found.changes[1:])
    assert len(found.write()) == len(found.obsolete)
    assert [path.name for path in store.paths(constraints_copy)] == ["NonNeg.json"]


def test_an_unstable_official_answer_is_not_recorded(
    constraints_copy: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Moody:
        name = "moody"
        dialect = "keras3"
        asked = 0

        def provenance(self) -> dict[str, Any]:
            return {}

        def answer(self, case: Any) -> list[Any]:
            self.asked += 1
            return [Returned({"v": self.asked})]

    monkeypatch.setattr(record, "resolve", lambda package: [Moody()])
    before = contents(constraints_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", constraints_copy)
    assert ended.status == 2
    assert "moody must answer alike when asked twice; it did not" in ended.sentence()
    assert contents(constraints_copy) == before


def test_wrong_usage_of_record(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("record", "--check", "--write", "--golden", tmp_path)
    assert (ended.status, "received both" in ended.sentence()) == (2, True)
    ended = conformance("record", "--select", "constraints.Foo", "--golden", tmp_path)
    assert (ended.status, "'constraints.Foo'" in ended.sentence()) == (2, True)
    assert contents(tmp_path) == {}


def test_damaged_golden_files_are_not_recorded_over(
    constraints_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = constraints_copy / "constraints" / "MaxNorm.json"
    path.write_bytes(path.read_bytes()[:-1])
    before = contents(constraints_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", constraints_copy)
    assert ended.status == 3
    assert str(path) in ended.sentence()
    assert contents(constraints_copy) == before


def test_a_class_is_not_recorded_in_part_with_other_versions(
    constraints_copy: Path, conformance: Callable[..., Any]
) -> None:
    def of_yore(golden: GoldenFile) -> GoldenFile:
        facts = {d: {**p, "version": "0.0.1"} for d, p in golden.provenance.items()}
        return replace(golden, provenance=facts)

    rewrite(constraints_copy / "constraints" / "NonNeg.json", of_yore)
    before = contents(constraints_copy)
    part = ("--select", "constraints.NonNeg/complex/*", "--golden", constraints_copy)
    ended = conformance("record", "--write", *part)
    assert ended.status == 2
    assert "--select must take all of constraints.NonNeg" in ended.sentence()
    assert contents(constraints_copy) == before
