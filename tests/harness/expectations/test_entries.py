"""Entries: what a file must be, and which subjects, versions and platforms an entry is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from expectations.known import CLIPPED, RIGHT, SUBJECT, entry
from harness import Ended

from conformance.expectations import Expectation, entries
from conformance.model.platforms import Platform


def test_an_id_with_brackets_covers_its_own_case() -> None:
    """`axis=[0]` is part of an id, though a glob reads it as a set of characters."""
    bracketed = "constraints.UnitNorm/arguments/axis=[0]"
    entry = Expectation((bracketed,), ("value",), "reason", "link")
    assert entry.covers(bracketed)
    assert not entry.covers("constraints.UnitNorm/arguments/axis=[0,1]")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[expectation]\n", "cannot be read"),
        ("a = \n", "cannot be read"),
        ("\xff".encode("latin-1"), "cannot be read"),
        ("[[expectations]]\n", "expectations"),
        ("[expectation]\ncases = '*'\n", "[[expectation]]"),
        ("expectation = 'all'\n", "[[expectation]]"),
        ("expectation = [1]\n", "entry 1"),
        ("expectation = ['constraints.*']\n", "entry 1"),
        (entry(because="of that"), "because"),
        (entry(cases=""), "cases"),
        (entry(cases=3), "cases"),  # type: ignore[arg-type]
        (entry(reason=" "), "reason"),
        (entry(link=["https://example.org"]), "link"),
        (entry().replace("reason", "#reason"), "reason"),
        (entry().replace("link", "#link"), "link"),
        (entry().replace("cases", "#cases"), "cases"),
        (entry().replace("aspects", "#aspects"), "aspects"),
        (entry(aspects=()), "aspects"),
        (entry().replace('["value"]', '"value"'), "aspects"),
        (entry().replace('["value"]', "[1]"), "aspects"),
        (entry(cases=[]), "cases"),
        (entry(cases=[""]), "cases"),
        (entry(link=""), "link"),
        (entry(fails=""), "fails"),
        (entry(fails=[]), "fails"),
        (entry(fails=[1]), "fails"),
        (entry(versions=3), "versions"),
        (entry(versions=""), "versions"),
        (entry(versions="3.13"), "versions"),
        (entry(platform="x86_64"), "platform"),
        (entry(platform={}), "platform"),
        (entry(platform={"onednn": "on"}), "platform"),
        (entry(platform={"intra_op_threads": 2}), "platform"),
        (entry(subjects=["torch"]), "subjects"),
        (entry(modes="graph"), "modes"),
        (entry(subjects=[1]), "subjects"),
        (entry(against=["live"]), "against"),
        (entry(against=[]), "against"),
        (entry(against="golden"), "against"),
        (entry(strict="no"), "strict"),
        (entry(strict=1), "strict"),
        (entry(unsupported=1), "unsupported must be true or false"),
        (entry(unsupported=True), "takes no aspects"),
        (entry(unsupported=True, fails="x", strict=False), "takes no aspects, fails, strict"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_ends_in_one_sentence(
    text: str | bytes, names: str, tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ended = conformance(
        "run", "--subject", SUBJECT, "--in-process", "--select", CLIPPED, "--expectations", file
    )
    assert ended.status == 2
    sentence = ended.sentence()
    assert sentence.startswith("conformance: expectations ")
    assert "known.toml" in sentence
    assert names in sentence


def test_a_file_that_is_not_there_ends_in_one_sentence(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "missing.toml"
    ended = conformance(
        "run", "--subject", SUBJECT, "--in-process", "--select", CLIPPED, "--expectations", file
    )
    assert ended.status == 2
    assert ended.sentence().startswith(f"conformance: expectations {file}: ")


@pytest.mark.parametrize(
    ("text", "status", "shows"),
    [
        (entry(), 0, "as expected"),
        (entry(RIGHT), 1, "expected to fail"),
        (entry() + entry("constraints.NonNeg/nothing/*"), 1, "matches no case"),
    ],
)
def test_the_command_line_ends_and_says_so(
    text: str, status: int, shows: str, tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text)
    select = RIGHT if RIGHT in text else CLIPPED
    ended = conformance(
        "run", "--subject", SUBJECT, "--in-process", "--select", select, "--expectations", file
    )
    assert ended.status == status
    assert ended.err == ""
    assert shows in " ".join(ended.out.split())


REFUSED = "rejected in call with a value error"


@pytest.mark.parametrize(
    ("versions", "version", "applies"),
    [
        ("", None, True),
        ("", "3.10.0", True),
        (">=3.13", "3.15.1", True),
        (">=3.13", "3.10.0", False),
        (">=3.13,!=3.15.1", "3.15.1", False),
        (">=3.13", "3.16.0rc1", True),
        (">=3.13", None, False),
        (">=3.13", "from a checkout", False),
    ],
)
def test_an_entry_holds_for_its_versions_only(
    versions: str, version: str | None, applies: bool
) -> None:
    known = Expectation(("*",), ("value",), "reason", "link", versions=versions)
    assert known.applies("keras", "eager", {"version": version}) is applies


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("keras", ["keras"]),
        ("keras==3.10.0", ["keras", "keras==3.10.0"]),
        ("keras@jax", ["keras@jax"]),
        ("keras==3.10.0@jax", ["keras@jax", "keras==3.10.0@jax"]),
        ("tf_keras==2.16.0", ["tf_keras", "tf_keras==2.16.0"]),
        ("keras==2.15.0", ["tf_keras", "keras==2.15.0"]),
        ("tfjs", ["tfjs"]),
        ("impl.keras3", ["impl.keras3"]),
        ("module:keras:keras3", []),
        ("command:keras", []),
        ("command:../keras", []),
    ],
)
def test_the_files_of_a_subject(
    name: str, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "HERE", tmp_path)
    for each in ("keras", "keras==3.10.0", "keras@jax", "keras==3.10.0@jax", "tfjs", "impl.keras3",
                 "tf_keras", "tf_keras==2.16.0", "keras==2.15.0", "module:keras:keras3", "command:keras"):  # fmt: skip
        (tmp_path / f"{each}.toml").write_text("")
    assert [file.stem for file in entries.shipped_files(name)] == files


def test_an_entry_about_a_subject_is_about_all_its_versions() -> None:
    known = Expectation(("*",), ("value",), "reason", "link", subjects=("keras@jax",))
    assert known.applies("keras==3.10.0@jax", "eager", {"version": "3.10.0"})
    assert not known.applies("keras==3.10.0", "eager", {"version": "3.10.0"})


def test_an_entry_holds_on_its_platform_only() -> None:
    known = Expectation(("*",), ("value",), "reason", "link", platform=Platform({"onednn": True}))
    assert known.applies("keras", "eager", {"onednn": True, "machine": "x86_64"})
    assert not known.applies("keras", "eager", {"onednn": False})
    assert not known.applies("keras@numpy", "eager", {"version": "3.15.1"})
