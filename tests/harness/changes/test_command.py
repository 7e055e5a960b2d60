"""`conformance diff` of two subjects: what it says, writes, and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import HERE, PLAIN

from conformance.changes import subjects as upgrade
from conformance.changes.differences import Answered


def test_the_command_tells_every_group(
    later: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    files = [tmp_path / name for name in ("d.json", "d.html", "d.md")]
    ended = conformance(
        *("diff", PLAIN, later, "--select", "constraints.*/value/*"),
        *("--select", "constraints.*/config/*", "--select", "constraints.*/roundtrip/*"),
        *("--select", "constraints.*/arguments/*", "--select", "constraints.NonNeg/integer/*"),
        *("--json", files[0], "--html", files[1], "--markdown", files[2]),
    )
    assert ended.status == 1
    made = json.loads(files[0].read_text())
    assert made["schema"] == "keras-conformance/upgrade/1"
    assert made["exit_status"] == 1
    rows = {(r["group"], r["target"], r["what"]): r for r in made["changes"]}
    default = rows["defaults", "constraints.MaxNorm", "max_value"]
    assert (default["example"]["old"], default["example"]["new"]) == ("2", "3")
    assert ("config", "constraints.UnitNorm", "axis renamed axes") in rows
    assert ("config", "constraints.UnitNorm", "ord added") in rows
    rejected = rows["acceptance", "constraints.NonNeg", "now rejected with a type error in call"]
    assert "integers are not weights" in rejected["example"]["new"]
    value = rows["values", "constraints.NonNeg", "value"]
    assert value["largest_ulp"] >= 1
    assert value["cases"] == len(value["ids"]) > 0
    assert {g for g, _, _ in rows} == {"values", "acceptance", "defaults", "config", "other"}
    assert ("other", "constraints.NonNeg", "dtype of value") in rows
    counts = made["counts"]
    assert counts["asked"] == counts["planned"] > counts["changed"] > 0
    assert set(made["provenance"]) == {PLAIN, later}
    for text in (ended.out, files[1].read_text(), files[2].read_text()):
        for title in (
            *("Values: what a model computes", "Loading: configurations, weights, files"),
            *("Errors: what is now rejected", "Cosmetics: nothing breaks"),
        ):
            assert title in text
        assert "axis renamed axes" in text
    # Sentences are not wrapped; they stand below what they are about.
    lines = [line for line in ended.out.splitlines() if not line.startswith("    ")]
    assert max(map(len, lines)) <= 130
    assert f"{PLAIN} 1.0 -> {later} 2.0" in ended.out


def test_a_subject_does_not_differ_from_itself(conformance: Callable[..., Any]) -> None:
    ended = conformance("diff", PLAIN, PLAIN, "--select", "constraints.*/value/*")
    assert ended.status == 0
    assert " 0 changed, 0 moved by rounding alone" in ended.out


def test_two_dialects_are_asked_what_both_have(
    golden_of: Callable[..., Path], tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    directory = golden_of(
        (
            "constraints.RadialConstraint/by-hand/*",
            *("constraints.NonNeg/value/*", "constraints.NonNeg/roundtrip/*"),
            "initializers.STFT/rejected/*",
        )
    )
    old = PLAIN.replace("keras3", "keras2")
    files = [tmp_path / name for name in ("d.json", "d.html", "d.md")]
    ended = conformance(
        *("diff", old, PLAIN, "--golden", directory),
        *("--json", files[0], "--html", files[1], "--markdown", files[2]),
    )
    assert ended.status == 0, ended
    assert "(keras2 -> keras3)" in ended.out
    for text in (ended.out, files[1].read_text(), files[2].read_text()):
        assert "gone: constraints.RadialConstraint" in text
        assert "new: initializers.STFT" in text
        assert "as the documents of keras2 say: constraints.NonNeg 1" in text
    made = json.loads(files[0].read_text())
    assert made["alone"]["keras2"] == {
        "classes": ["constraints.RadialConstraint"],
        "cases": {"constraints.NonNeg": 1},
    }
    assert 10 < made["counts"]["alike"] == made["counts"]["asked"]


def test_two_processes_find_the_same(
    later: str,
    golden_of: Callable[..., Path],
    tmp_path: Path,
    conformance: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{HERE}")
    found = []
    for jobs in ("1", "2"):
        file = tmp_path / f"{jobs}.json"
        conformance(
            *("diff", PLAIN, later, "--golden", golden_of(("constraints.MaxNorm/arguments/*",))),
            *("--jobs", jobs, "--json", file),
        )
        found.append({k: v for k, v in json.loads(file.read_text()).items() if k != "seconds"})
    assert found[0] == found[1]
    assert found[0]["counts"]["asked"] > 50


def test_interrupted(
    later: str, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    official = upgrade.Asker.answered

    def stopped(self: upgrade.Asker, position: int) -> Answered:
        if position == 5:
            raise KeyboardInterrupt
        return official(self, position)

    monkeypatch.setattr(upgrade.Asker, "answered", stopped)
    ended = conformance("diff", PLAIN, later, "--select", "constraints.MaxNorm")
    assert ended.status == 130
    assert re.search(r"interrupted: 5 of \d{3} cases", ended.out)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((PLAIN, "module:plain_numpy"), ("one subject each", "'module:plain_numpy'")),
        ((PLAIN, "there"), ("received the path 'there'", repr(PLAIN))),
        (("there", PLAIN), ("received the path 'there'", repr(PLAIN))),
        ((PLAIN, "nowhere.json"), ("must exist, or be subjects", "'nowhere.json'")),
        (("some/where", PLAIN), ("must exist, or be subjects", "'some/where'")),
        ((PLAIN, "foo"), ("must be", "'foo'")),
        (("there", "there", "--model", "m.keras"), ("--model", "two subjects", "'there'")),
        (("there", "there", "--jobs", "2"), ("--jobs", "two subjects")),
        ((PLAIN, PLAIN, "--select", "no case"), ("--select", "'no case'")),
        ((PLAIN, PLAIN, "--model", "nowhere.keras"), ("--model nowhere.keras", "cannot be read")),
    ],
)
def test_wrong_arguments_are_one_sentence(
    arguments: tuple[str, ...],
    parts: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    conformance: Callable[..., Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    ended = conformance("diff", *arguments)
    assert ended.status == 2
    for part in parts:
        assert part in ended.sentence()


def test_a_command_longer_than_a_file_name(conformance: Callable[..., Any]) -> None:
    ended = conformance("diff", "command:absent-program " + "x" * 5000, PLAIN)
    assert ended.status == 2
    assert "cannot be started" in ended.sentence()


def test_a_directory_named_like_a_subject_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "impl").mkdir()
    ended = conformance("diff", "impl", PLAIN)
    assert "'impl', which is impl.keras2 and impl.keras3" in ended.sentence()
