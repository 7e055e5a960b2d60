"""Shards put together, and baselines that are small."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import SUBJECT

from conformance.runner.baseline import _short
from conformance.vectors import store

# Few cases, and no process: what is asked is not what these tests are about.
RUN = (
    "run",
    *SUBJECT,
    "--in-process",
    "--select",
    "constraints.NonNeg/value/*",
    "--select",
    "constraints.UnitNorm/roundtrip/*",
)


def shards(conformance: Callable[..., Any], few: Path, folder: Path) -> list[Path]:
    files = [folder / f"{number}.json" for number in (1, 2)]
    for number, file in enumerate(files, 1):
        conformance(*RUN, "--golden", str(few), "--shard", f"{number}/2", "--json", str(file), "-q")
    return files


def told(out: str) -> list[str]:
    """Classes, causes and verdict, without the seconds and how the random draws are told."""
    lines = [line.partition(" in ")[0] for line in out.splitlines() if "draws with" not in line]
    return [line.rstrip() for line in lines]


def test_merged_shards_say_what_the_whole_run_says(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    report, merged = tmp_path / "whole.json", tmp_path / "merged.json"
    alone = conformance(*RUN, "--golden", str(few), "--json", str(report))
    files = shards(conformance, few, tmp_path)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    ended = conformance(
        *("merge", *reversed(list(map(str, files))), "--golden", str(few)),
        *("--json", str(merged), "--junit", str(tmp_path / "j.xml"), "--summary", str(summary)),
        *("--html", str(tmp_path / "page.html")),
    )
    assert ended.status == alone.status, ended.err
    assert sorted(told(ended.out)) == sorted(told(alone.out))
    mine, right = (json.loads(path.read_text()) for path in (merged, report))
    assert mine["counts"] == right["counts"]
    assert [cause["sentence"] for cause in mine["causes"]] == [
        cause["sentence"] for cause in right["causes"]
    ]
    assert mine["results"] == right["results"]
    assert mine["repros"] == right["repros"]
    ends = {code.splitlines()[-1] for *_, code in right["repros"]}
    assert ends
    assert [end for end in ends if "assert" not in end and "# must be accepted" not in end] == []
    page = html.unescape((tmp_path / "page.html").read_text())
    assert all(code in page for *_, code in right["repros"])
    text = summary.read_text()
    assert text.startswith("before\n## keras-conformance: ")


def test_a_missing_shard_fails_and_a_shard_twice_is_refused(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    first, second = map(str, shards(conformance, few, tmp_path))
    ended = conformance("merge", second, "--golden", str(few))
    assert ended.status == 1
    assert "the shards 1/2 are missing" in ended.out
    twice = conformance("merge", first, first, "--golden", str(few))
    assert twice.status == 2
    assert twice.sentence().endswith("takes each shard of one run once; received 1/2, 1/2")


def test_parts_of_other_runs_and_other_files_are_refused(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    first, second = shards(conformance, few, tmp_path)
    made = json.loads(second.read_text())
    made["options"]["mode"] = "graph"
    second.write_text(json.dumps(made))
    ended = conformance("merge", str(first), str(second), "--golden", str(few))
    assert ended.sentence().endswith(f"{second} has mode 'graph', {first} 'eager'")
    second.write_text("{}")
    ended = conformance("merge", str(first), str(second), "--golden", str(few))
    assert ended.status == 2
    assert "must be a report written by `conformance run --json`" in ended.sentence()


def baseline(conformance: Callable[..., Any], few: Path, folder: Path, *more: str) -> Path:
    file = folder / "baseline.json"
    conformance(*RUN, "--golden", str(few), "--write-baseline", str(file), "-q", *more)
    return file


def test_a_small_baseline_finds_what_is_lost(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    file = baseline(conformance, few, tmp_path)
    again = ("--golden", str(few), "--baseline", str(file), "-q")
    assert "baseline" not in conformance(*RUN, *again).out
    made = json.loads(file.read_text())
    # As if a case with an aspect that an earlier failure blocks had passed before.
    row = next(row for row in made["classes"] if row["cases"].get("blocked"))
    lost = row["cases"].pop("blocked")
    row["cases"]["pass"] += lost
    made["causes"] = []
    file.write_text(json.dumps(made))
    ended = conformance(*RUN, *again)
    assert ended.status == 1
    assert f"{row['target']} {len(lost) // 4} cases are blocked that were not" in ended.out
    assert "(not in the baseline)" in ended.out


def test_a_small_baseline_understands_select_shard_and_level(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    file = baseline(conformance, few, tmp_path)
    narrow = ("run", *SUBJECT, "--in-process", "--select", "constraints.NonNeg/value/*")
    ended = conformance(*narrow, "--golden", str(few), "--baseline", str(file), "-q")
    assert "in the baseline" not in ended.out
    for part in (
        ("--shard", "2/3"),
        ("--level", "documented"),
    ):
        ended = conformance(*RUN, "--golden", str(few), "--baseline", str(file), "-q", *part)
        assert "in the baseline" not in ended.out, part
    gone = json.loads(file.read_text())
    gone["classes"][0]["cases"]["pass"] += "AAAA"  # a case that there is no more
    file.write_text(json.dumps(gone))
    whole = ("run", *SUBJECT, "--in-process", "--select", "constraints.NonNeg")
    ended = conformance(*whole, "--golden", str(few), "--baseline", str(file), "-q")
    assert ended.status == 1
    ended = conformance(*RUN, "--golden", str(few), "--baseline", str(file), "-q")
    assert "in the baseline" not in ended.out


def test_a_small_baseline_is_small(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    file = baseline(conformance, few, tmp_path)
    cases = sum(
        len(ids) // 4
        for row in json.loads(file.read_text())["classes"]
        for ids in row["cases"].values()
    )
    # 14,347 cases in two dialects have to fit into 200 KB, causes included.
    assert cases > 20
    assert file.stat().st_size < 6 * cases + 5_000


def test_no_two_cases_of_a_class_are_one_to_a_small_baseline(golden: Path) -> None:
    shorts = Counter((name.target, _short(name.id)) for name in store.names(golden))
    assert [key for key, count in shorts.items() if count > 1] == []


def test_another_file_is_no_baseline(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b.json"
    file.write_text('{"schema": "keras-conformance/baseline/1", "classes": [{}]}')
    ended = conformance(*RUN, "--golden", str(few), "--baseline", str(file))
    assert ended.status == 2
    assert "must be a report written by" in ended.sentence()


EXPECTED = """
[[expectation]]
cases = "constraints.NonNeg/value/*"
aspects = ["losses"]
reason = "in no shard"
link = "https://example.org"

[[expectation]]
cases = "constraints.NonNeg/*"
aspects = ["losses"]
reason = "of which the shards asked a part"
link = "https://example.org"

[[expectation]]
cases = ["{met}", "constraints.NonNeg/value/*"]
aspects = ["value", "dtype", "zero-sign", "accepted", "nonfinite"]
reason = "fails in one of the shards"
link = "https://example.org"
strict = false
"""


def test_an_expectation_that_no_shard_has_met_is_stale(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    files = shards(conformance, few, tmp_path)
    rows = [row for file in files for row in json.loads(file.read_text())["results"]]
    failed = next(row["id"] for row in rows if row["verdict"] == "fail")
    expected = tmp_path / "known.toml"
    expected.write_text(EXPECTED.format(met=failed))
    known = ("--expectations", str(expected))
    for number, file in enumerate(files, 1):
        part = ("--shard", f"{number}/2", "--json", str(file), "-q")
        ended = conformance(*RUN, "--golden", str(few), *known, *part)
        assert "known.toml" not in ended.out
    ended = conformance("merge", *map(str, files), "--golden", str(few))
    stale = [line for line in ended.out.splitlines() if "known.toml" in line]
    assert len(stale) == 1, ended.out
    assert "known.toml entry 1: no case that 'constraints.NonNeg/value/*' matches" in stale[0]
    one = conformance("merge", str(files[0]), "--golden", str(few))
    assert "known.toml" not in one.out
