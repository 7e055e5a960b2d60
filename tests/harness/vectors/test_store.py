"""Golden files: damage, edits and other formats are noticed, writing is atomic, selections match."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import SUBJECT

from conformance.model import Case, Returned, codec
from conformance.model.errors import DamagedGolden, UsageError
from conformance.vectors import checks, store
from conformance.vectors.store import GoldenCase, GoldenFile

FILES = [
    path.relative_to(store.default_directory()).as_posix()
    for path in store.paths(store.default_directory())
]
CORRUPTIONS_PER_FILE = 36  # of nine files: more than 300


def corrupted(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """`content` with one byte flipped, inserted or deleted, and what was done."""
    # Every fourth one lies in the digest itself and the closing brackets.
    tail = chance.random() < 0.25
    at = chance.randrange(len(content) - 100 if tail else 0, len(content))
    kind = chance.choice(("flip", "insert", "delete"))
    if kind == "flip":
        changed = bytes([content[at] ^ chance.randrange(1, 256)])
    elif kind == "insert":
        changed = bytes([chance.randrange(256)]) + content[at : at + 1]
    else:
        changed = b""
    return f"{kind} at {at}", content[:at] + changed + content[at + 1 :]


def signed(raw: dict[str, Any]) -> bytes:
    """A file with the digest that its content asks for, whatever the content."""
    head = (json.dumps({k: v for k, v in raw.items() if k != "digest"})[:-1] + ",\n").encode()
    return head + store._digest_tail(head)


@pytest.mark.parametrize("name", FILES)
def test_every_single_byte_corruption_is_noticed(
    name: str, golden: Path, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    content = (golden / name).read_bytes()
    chance = random.Random(f"2024 {name}")
    path = tmp_path / name
    path.parent.mkdir()
    for _ in range(CORRUPTIONS_PER_FILE):
        what, damaged = corrupted(content, chance)
        assert damaged != content
        path.write_bytes(damaged)
        ended = conformance("run", *SUBJECT, "--golden", tmp_path)
        assert ended.status == 3, what
        assert ended.out == "", what
        assert ended.sentence().startswith(f"conformance: {path}: its digest does not fit"), what


def test_enough_corruptions_are_tried() -> None:
    assert CORRUPTIONS_PER_FILE * len(FILES) >= 300


@pytest.mark.parametrize("name", FILES)
def test_one_damaged_file_stops_the_run_even_if_it_is_not_selected(
    name: str, golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / name
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    get = "constraints/get.json"
    select = "constraints.get" if name != get else "constraints.NonNeg"
    for command in (("run", *SUBJECT), ("list",)):
        ended = conformance(*command, "--select", select, "--golden", golden_copy)
        assert ended.status == 3
        assert str(path) in ended.sentence()


@pytest.mark.parametrize(
    "words", [("run", *SUBJECT), ("list",), ("list", "--ids"), ("matrix", "impl"), ("show", "x")]
)
def test_a_folder_without_golden_files_is_refused(
    words: tuple[str, ...], tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance(*words, "--golden", tmp_path)
    assert ended.status == 2
    assert "--golden must hold golden files" in ended.sentence()


@pytest.mark.parametrize("command", ["run", "list", "lint", "show"])
def test_every_command_that_reads_golden_files_refuses_damaged_ones(
    command: str, golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    path.write_bytes(path.read_bytes()[:-1])
    more = [*SUBJECT] if command in ("run", "show") else []
    more += ["constraints.get/name/get"] if command == "show" else []
    ended = conformance(command, *more, "--golden", golden_copy)
    assert ended.status == 3
    assert str(path) in ended.sentence()


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "a value changed": lambda c: c.replace(b"0.5", b"0.6", 1),
    "the digest of another file": lambda c: (
        c.replace(b"0.5", b"0.6", 1)[: c.rindex(b"sha256:")]
        + b"sha256:"
        + b"0123456789abcdef" * 4
        + b'"\n}\n'
    ),
    "the digest left out": lambda c: c[: c.rindex(b',\n "digest"')] + b"\n}\n",
    "a digest in capitals": lambda c: (
        c[: c.rindex(b"sha256:") + 7] + c[c.rindex(b"sha256:") + 7 :].upper()
    ),
    "a blank line at the end": lambda c: c + b"\n",
    "a second digest": lambda c: c[:-3] + c[c.rindex(b' "digest"') :],
    "Windows line ends": lambda c: c.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda c: b"\xef\xbb\xbf" + c,
    "another indentation": lambda c: json.dumps(json.loads(c), indent=2).encode(),
    "the first half": lambda c: c[: len(c) // 2],
    "all but the last byte": lambda c: c[:-1],
    "nothing": lambda c: b"",
    "not JSON": lambda c: b"golden values\n",
    "twice the same": lambda c: c + c[1:],
    "zeros": lambda c: bytes(len(c)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_hand_edits_are_noticed(
    edit: str, golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    content = path.read_bytes()
    assert EDITS[edit](content) != content
    path.write_bytes(EDITS[edit](content))
    ended = conformance("run", *SUBJECT, "--golden", golden_copy)
    assert ended.status == 3
    assert f"{path}: its digest does not fit" in ended.sentence()


def test_files_that_cannot_be_read_are_named(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "MaxNorm.json"
    path.unlink()
    path.mkdir()
    ended = conformance("run", *SUBJECT, "--golden", golden_copy)
    assert (ended.status, f"{path}: cannot be read: Is a" in ended.sentence()) == (3, True)
    path.rmdir()
    path.symlink_to(golden_copy / "gone")
    ended = conformance("run", *SUBJECT, "--golden", golden_copy)
    assert (ended.status, f"{path}: cannot be read: No such" in ended.sentence()) == (3, True)


def forged(path: tuple[str | int, ...], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        held: Any = raw
        for key in path[:-1]:
            held = held[key]
        held[path[-1]] = value

    return change


FIRST = ("cases", 0)
FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "schema of tomorrow": (forged(("schema",), 3), "schema must be 1 or 2; received 3"),
    "schema as text": (forged(("schema",), "1"), "schema must be 1 or 2; received '1'"),
    "no target": (lambda raw: raw.pop("target"), "KeyError('target')"),
    "cases missing": (forged(("cases",), None), "not iterable"),
    "a case that is a number": (forged(FIRST, 5), "not subscriptable"),
    "a list of everything": (forged((*FIRST, "expected"), []), "AttributeError"),
    "unknown outcome": (
        forged((*FIRST, "expected"), {"both": [{"guessed": 1}]}),
        "an outcome must be",
    ),
    "both and one": (
        forged((*FIRST, "expected"), {"both": [{"returned": {}}], "keras2": [{"returned": {}}]}),
        "expected has `both` beside a dialect",
    ),
    "equal dialects": (
        forged(
            (*FIRST, "expected"),
            {d: [{"returned": {"value": -0.0}}] for d in ("keras2", "keras3")},
        ),
        "the outcomes of the dialects are equal; write `both`",
    ),
    "a tolerance without a reason": (
        forged((*FIRST, "tolerance"), {"kind": "ulp", "ulp": 3}),
        "must say why",
    ),
    "an exact tolerance that is not": (
        forged((*FIRST, "tolerance"), {"kind": "exact", "ulp": 3}),
        "an exact tolerance must have ulp 0",
    ),
    "tolerances of tensors that are none": (
        forged((*FIRST, "tolerance"), {"kind": "each", "tensors": {}, "why": "w"}),
        "must have tensors",
    ),
    "an unlisted reason": (
        forged((*FIRST, "tolerance"), {"kind": "ulp", "ulp": 3, "why": "w", "over": "size"}),
        "'size' is not a valid Over",
    ),
    "a tensor that is too short": (
        forged((*FIRST, "inputs"), [{"dtype": "int8", "shape": [2], "data": [1]}]),
        "data must have 2 numbers",
    ),
    "an integer that does not fit": (
        forged((*FIRST, "inputs"), [{"dtype": "int8", "shape": [1], "data": [300]}]),
        "OverflowError",
    ),
    "an unknown tag": (forged((*FIRST, "arguments"), {"axis": {"$set": []}}), "a tag must be"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_signed_file_of_another_format_is_refused(
    forgery: str, golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    change, reason = FORGERIES[forgery]
    path = golden_copy / "constraints" / "NonNeg.json"
    raw = json.loads(path.read_bytes())
    change(raw)
    path.write_bytes(signed(raw))
    ended = conformance("run", *SUBJECT, "--golden", golden_copy)
    assert ended.status == 3
    assert f"{path}: not a golden file of this format" in ended.sentence()
    assert reason in ended.err


def test_a_signed_text_that_is_no_json_is_refused() -> None:
    for head in (b"no JSON at all\n", b'{"schema": 1, "x": ' + b"[" * 100_000 + b"\n"):
        with pytest.raises(DamagedGolden, match=r"x\.json: not a golden file of this format"):
            store.loads(head + store._digest_tail(head), "x.json")


def test_zeros_of_unlike_sign_are_not_equal_outcomes(golden: Path) -> None:
    raw = json.loads((golden / "constraints" / "NonNeg.json").read_bytes())
    expected = {"keras2": [{"returned": {"v": 0.0}}], "keras3": [{"returned": {"v": -0.0}}]}
    raw["cases"][0]["expected"] = expected
    read = store.loads(signed(raw), "x.json")
    outcomes = read.cases[0].expected.values()
    assert not store._alike(map(codec.outcomes_to_json, outcomes))
    assert list(json.loads(store.dumps(read))["cases"][0]["expected"]) == ["keras2", "keras3"]


def test_files_of_version_1_are_read_and_written_in_the_present_one(golden: Path) -> None:
    path = golden / "constraints" / "NonNeg.json"
    old = store.loads(signed(json.loads(path.read_bytes()) | {"schema": 1}), "x.json")
    present = store.load(path)
    assert (old.schema, present.schema) == (1, store.SCHEMA_VERSION)
    assert old.cases == present.cases
    assert store.dumps(old) == path.read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_golden_files_are_in_canonical_form(name: str, golden: Path) -> None:
    path = golden / name
    content = path.read_bytes()
    read = store.loads(content, str(path))
    assert store.dumps(read) == content
    assert golden / read.relative_path == path
    assert content.count(b"\n") == len(read.cases) + 8  # one case a line
    assert content.isascii()


def example(value: float) -> GoldenFile:
    case = Case("constraints.Toy/a/b", "constraints.Toy")
    expected = {"keras2": (Returned({"v": value}),), "keras3": (Returned({"v": value}),)}
    return GoldenFile("constraints.Toy", {}, (GoldenCase(case, expected),))


def test_outcomes_that_are_alike_are_written_once() -> None:
    written = json.loads(store.dumps(example(1.5)))
    assert written["cases"][0]["expected"] == {"both": [{"returned": {"v": 1.5}}]}
    assert store.loads(store.dumps(example(1.5)), "x").cases == example(1.5).cases


class _Stopped(BaseException):
    """As KeyboardInterrupt: nothing but `except BaseException` sees it."""


@pytest.mark.parametrize("function", ["replace", "fsync", "chmod", "fdopen"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), _Stopped()])
def test_a_failing_write_leaves_the_old_file_whole_and_nothing_else(
    function: str,
    error: BaseException,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "constraints" / "Toy.json"
    store.write(path, store.dumps(example(1.0)))
    before = path.read_bytes()

    def fail(*arguments: Any, **options: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, function, fail)
        with pytest.raises(type(error)):
            store.write(path, store.dumps(example(2.0)))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    store.write(path, store.dumps(example(2.0)))
    assert store.load(path) == example(2.0)
    assert list(path.parent.iterdir()) == [path]


def test_a_half_written_temporary_file_is_no_golden_file(golden_copy: Path) -> None:
    # What a process that was killed while it wrote leaves behind.
    (golden_copy / "constraints" / ".MaxNorm.json.k3x7").write_bytes(b'{"schema"')
    assert [p.relative_to(golden_copy).as_posix() for p in store.paths(golden_copy)] == FILES


def test_written_files_can_be_read_by_everybody(tmp_path: Path) -> None:
    path = tmp_path / "constraints" / "Toy.json"
    store.write(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("layout", ["golden", "conformance/_golden"])
def test_golden_files_are_found_in_a_checkout_and_in_a_wheel(
    layout: str, golden: Path, tmp_path: Path, python: Callable[..., Any]
) -> None:
    package = Path(str(store.__file__)).parents[1]
    shutil.copytree(package, tmp_path / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    show = "from conformance.vectors import checks, store; print(store.default_directory())"
    nowhere = python("-c", "import conformance.cli as c, sys; sys.argv[1:] = ['list']; c.main()")
    assert nowhere.status == 2
    assert f"neither {tmp_path / 'golden'} nor" in nowhere.sentence()
    shutil.copytree(golden, tmp_path / layout)
    found = python("-c", show)
    assert (found.status, found.out, found.err) == (0, f"{tmp_path / layout}\n", "")


def test_a_selection_must_match_and_an_id_always_selects_itself(golden: Path) -> None:
    files = store.load_all(golden)
    entries = [entry.case for file in files for entry in file.cases]
    for case in entries:
        assert store.matches(case.id, case), case.id
    assert any("[" in case.id for case in entries)
    for bad in ("constraints.Foo", "constraints.Foo/*", "no such case", "MAXNORM"):
        with pytest.raises(UsageError, match="--select must match at least one"):
            store.load_all(golden, ["constraints.NonNeg", bad])


def test_a_selection_is_a_glob_or_a_part_of_an_id(golden: Path) -> None:
    def chosen(*patterns: str) -> dict[str, int]:
        return {file.target: len(file.cases) for file in store.load_all(golden, patterns)}

    every = chosen()
    assert chosen("constraints.NonNeg") == {"constraints.NonNeg": every["constraints.NonNeg"]}
    assert chosen("constraints.M*") == {t: n for t, n in every.items() if ".M" in t}
    assert set(chosen("/edge/nan-")) >= {"constraints.MaxNorm", "constraints.UnitNorm"}
    assert set(chosen("NonNeg/", "constraints.get")) == {"constraints.NonNeg", "constraints.get"}


def test_lint_holds_against_a_file_what_loading_lets_pass(
    golden_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    assert list(checks.problems(path, golden_copy)) == []
    good = store.load(path)

    def found(changed: GoldenFile, at: Path = path) -> str:
        at.write_bytes(store.dumps(changed))
        return "\n".join(checks.problems(at, golden_copy))

    first = good.cases[0]
    twice = replace(good, cases=(first, first))
    assert f"two cases have the id {first.case.id}" in found(twice)
    stray = replace(first, case=replace(first.case, id="constraints.Foo/a"))
    assert "does not start with constraints.NonNeg/" in found(replace(good, cases=(stray,)))
    flagged = replace(first, case=replace(first.case, flags=("zero", "zeroes")))
    assert "$.cases[0].flags[1]" in found(replace(good, cases=(flagged,)))
    unknown = replace(good, provenance={"keras4": {}})
    assert "$.provenance" in found(unknown)
    assert f"which belongs in {good.relative_path}" in found(good, path.with_name("Other.json"))
    path.write_bytes(signed(json.loads(store.dumps(good))))
    assert f"{path}: not in canonical form" in "\n".join(checks.problems(path, golden_copy))
