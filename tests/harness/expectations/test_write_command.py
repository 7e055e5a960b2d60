"""`--write-expectations`: a run right after it is as expected, and says the same of everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from expectations.known import NONNEG, SUBJECT, NonNeg, read
from harness import Ended

from conformance.expectations import entries


def test_a_run_right_after_it_is_as_expected_and_writes_the_same(
    command: Callable[..., Ended], tmp_path: Path
) -> None:
    first = command()
    assert first.status == 0
    assert "entries added for" in first.out
    text = (tmp_path / "known.toml").read_bytes()
    assert read(text.decode())
    second = command()
    assert second.status == 0
    assert "nothing to change" in second.out
    assert "untriaged" in second.out
    assert (tmp_path / "known.toml").read_bytes() == text
    in_parts = command("--jobs", "1", "--shard", "1/3")
    assert in_parts.status == 0
    assert (tmp_path / "known.toml").read_bytes() == text


def test_what_was_mended_leaves_the_file(
    command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command()
    clipped = f"{NONNEG}/value/wave-5-float32"
    assert [e for e in entries.load(tmp_path / "known.toml") if e.covers(clipped)]
    monkeypatch.setattr(NonNeg, "most", None)
    assert command().status == 0
    assert not [e for e in entries.load(tmp_path / "known.toml") if e.covers(clipped)]


def test_a_selection_is_triaged(command: Callable[..., Ended], tmp_path: Path) -> None:
    command()
    select = f"{NONNEG}/value/wave-5-float32"
    ended = command("--select", select, "--reason", "clipped", "--link", "issue 1")
    assert ended.status == 0
    known = [e for e in read((tmp_path / "known.toml").read_text()) if e["reason"] == "clipped"]
    assert [e["cases"] for e in known] == [select]
    assert command().status == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--reason", "because"), "--reason must go with --link"),
        (("--link", "there"), "--link must go with --reason"),
        (("--reason", "untriaged: x", "--link", "there"), "--reason must be a reason"),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], says: str, command: Callable[..., Ended]
) -> None:
    ended = command(*options)
    assert ended.status == 2
    assert says in ended.sentence()


@pytest.mark.parametrize("option", ["--reason", "--link", "--aspect", "--fails"])
def test_options_without_a_file(option: str, conformance: Callable[..., Ended]) -> None:
    ended = conformance("run", "--subject", SUBJECT, option, "x")
    assert ended.status == 2
    assert f"{option} must go with --write-expectations" in ended.sentence()


def test_an_interrupted_run_writes_nothing(
    command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def interrupted(self: NonNeg, w: Any) -> Any:
        calls.append(w)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return np.zeros_like(w)

    monkeypatch.setattr(NonNeg, "__call__", interrupted)
    ended = command()
    assert ended.status == 130
    assert "was not written: the run was interrupted" in ended.sentence()
    assert not (tmp_path / "known.toml").exists()


def test_a_file_that_cannot_be_updated_is_refused_before_the_run(
    command: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "known.toml").write_text("expectation = [1]\n")
    ended = command()
    assert ended.status == 2
    assert ended.out == ""
    assert "known.toml" in ended.sentence()
