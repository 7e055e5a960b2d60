from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance import record, store
from conformance.model import Returned, Tensor
from conformance.store import GoldenCase, GoldenFile
from conformance.subjects import OFFICIAL, resolve
from conformance.subjects.provenance import same_platform

Snapshot = Mapping[str, bytes]


@pytest.fixture
def golden_copy(golden: Path, tmp_path: Path) -> Path:
    """A copy of the golden files of one family, to be damaged: 40 recordings need not read the rest."""
    others = shutil.ignore_patterns("initializers", "regularizers", "layers", "models")
    return Path(shutil.copytree(golden, tmp_path / "golden", ignore=others))


def contents(directory: Path) -> dict[str, bytes]:
    """Every file under `directory`, hidden ones too."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def recorded_here(golden: Path) -> bool:
    (official,) = resolve(OFFICIAL["keras3"])
    known = store.load(golden / "constraints" / "NonNeg.json").provenance["keras3"]
    return same_platform(known, official.provenance())


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
    golden: Path, tmp_path: Path, conformance: Callable[..., Any], python: Callable[..., Any]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    classes = ("constraints.RadialConstraint", "constraints.get", "constraints.serialize")
    select = [option for name in classes for option in ("--select", f"{name}/*")]
    assert conformance("record", "--write", *select, "--golden", one).status == 0
    done = python("-m", "conformance", "record", "--write", *select, "--golden", other)
    assert (done.status, done.err) == (0, "")
    assert contents(one) == contents(other)
    committed = contents(golden)
    assert len(contents(one)) == len(classes)
    if recorded_here(golden):
        assert contents(one).items() <= committed.items()


NON_NEG = ("--select", "constraints.NonNeg")


def rewrite(path: Path, change: Callable[[GoldenFile], GoldenFile]) -> bytes:
    """The file changed by `change` and signed again, as the bytes that it had before."""
    before = path.read_bytes()
    path.write_bytes(store.dumps(change(store.load(path))))
    assert path.read_bytes() != before
    return before


def first_case(golden: GoldenFile, **changes: Any) -> GoldenFile:
    entry = golden.cases[0]
    return replace(golden, cases=(replace(entry, **changes), *golden.cases[1:]))


def moved_by(ulps: int) -> Callable[[GoldenFile], GoldenFile]:
    """The first expected value of keras3 moved away from zero."""

    def change(golden: GoldenFile) -> GoldenFile:
        entry = next(e for e in golden.cases if e.case.id.endswith("/value/wave-3x4-float32"))
        (outcome,) = entry.expected["keras3"]
        assert isinstance(outcome, Returned)
        value = outcome.values["value"]
        assert isinstance(value, Tensor)
        bits = value.storage().copy().view(np.int32)
        at = tuple(np.argwhere(value.values() > 0)[0])
        bits[at] += ulps
        wrong = Returned({**outcome.values, "value": Tensor.of(bits.view(np.float32))})
        expected = {**entry.expected, "keras3": (wrong,)}
        cases = [replace(entry, expected=expected) if e is entry else e for e in golden.cases]
        return replace(golden, cases=tuple(cases))

    return change


def row(out: str, target: str) -> list[str]:
    """The cells of a class in the table of differences."""
    (line,) = [line for line in out.splitlines() if f" {target} " in line]
    return [cell.strip() for cell in line.split("│")[2:8]]


def test_a_moved_value_is_reported_in_ulp_and_repaired_by_write(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    original = rewrite(path, moved_by(3))
    wrong = contents(golden_copy)
    for options, status in ((["--check"], 1), ([], 0)):
        ended = conformance("record", *options, *NON_NEG, "--golden", golden_copy)
        assert ended.status == status
        assert row(ended.out, "constraints.NonNeg") == ["103", "0", "0", "0", "1", "3"]
        assert "moved constraints.NonNeg/value/wave-3x4-float32: keras3: step 0: " in ended.out
        assert "nothing was written" in ended.out
        assert contents(golden_copy) == wrong
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert (ended.status, "1 files written" in ended.out) == (0, True)
    assert path.read_bytes() == original
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert (ended.status, "nothing to write" in ended.out) == (0, True)


def test_redefined_added_and_removed_cases_are_told_apart(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"

    def change(golden: GoldenFile) -> GoldenFile:
        first, second, *rest = golden.cases
        redefined = replace(first, case=replace(first.case, flags=("nan", "zero")))
        stranger = replace(second, case=replace(second.case, id="constraints.NonNeg/old/x"))
        return replace(golden, cases=(redefined, stranger, *rest))

    original = rewrite(path, change)
    ended = conformance("record", "--check", *NON_NEG, "--golden", golden_copy)
    assert ended.status == 1
    assert row(ended.out, "constraints.NonNeg") == ["103", "1", "1", "1", "0", "-"]
    assert f"redefined {store.loads(original, 'x').cases[0].case.id}\n" in ended.out
    assert conformance("record", "--write", *NON_NEG, "--golden", golden_copy).status == 0
    assert path.read_bytes() == original


@pytest.mark.parametrize("damage", ["order", "versions", "gone", "dialect"])
def test_other_differences_are_noticed_and_repaired(
    damage: str, golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
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
    ended = conformance("record", "--check", *NON_NEG, "--golden", golden_copy)
    assert ended.status == 1
    assert told in ended.out
    assert conformance("record", "--write", *NON_NEG, "--golden", golden_copy).status == 0
    assert path.read_bytes() == original


def test_a_selection_leaves_everything_else_alone(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    directory = golden_copy / "constraints"
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
    before = contents(golden_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert (ended.status, "1 files written" in ended.out) == (0, True)
    assert contents(golden_copy) == {**before, "constraints/NonNeg.json": original}


def test_within_a_class_a_selection_asks_about_its_cases_only(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    rewrite(path, moved_by(1))
    select = ("--select", "constraints.NonNeg/integer/*")
    ended = conformance("record", "--check", *select, "--golden", golden_copy)
    assert ended.status == 0, ended.out


def test_the_golden_file_of_a_class_without_rows_goes(
    golden_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = store.load(golden_copy / "constraints" / "NonNeg.json")
    rows = [entry.case for entry in golden.cases]
    monkeypatch.setattr(record, "every_case", lambda: tuple(rows))
    found = record.regenerate(golden_copy)
    assert [file.target for file in found.files] == ["constraints.NonNeg"]
    assert {path.name for path in found.obsolete} == {
        path.name for path in store.paths(golden_copy) if path.name != "NonNeg.json"
    }
    assert not found.changes[0]
    assert all(found.changes[1:])
    assert len(found.write()) == len(found.obsolete)
    assert [path.name for path in store.paths(golden_copy)] == ["NonNeg.json"]


def elsewhere(golden: GoldenFile) -> GoldenFile:
    provenance = {d: {**p, "machine": "vax"} for d, p in golden.provenance.items()}
    return replace(golden, provenance=provenance)


def test_a_file_of_another_platform_stays_while_its_values_agree(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    rewrite(path, elsewhere)
    before = path.read_bytes()
    for options in ("--check", "--write"):
        ended = conformance("record", options, *NON_NEG, "--golden", golden_copy)
        assert ended.status == 0, ended.out
        assert path.read_bytes() == before
    rewrite(path, moved_by(1))
    # The cases of NonNeg are exact on every platform: one ULP is a difference there too.
    ended = conformance("record", "--check", *NON_NEG, "--golden", golden_copy)
    assert ended.status == 1


def test_rounding_of_another_platform_is_let_pass_within_the_tolerance(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "UnitNorm.json"
    name = "constraints.UnitNorm/arguments/defaults"

    def move(golden: GoldenFile, ulps: int) -> GoldenFile:
        entry = next(e for e in golden.cases if e.case.id == name)
        outcome, *rest = entry.expected["keras3"]
        assert isinstance(outcome, Returned)
        value = outcome.values["value"]
        assert isinstance(value, Tensor)
        bits = value.storage().copy().view(np.int32)
        bits[0, 0] += ulps
        wrong = Returned({**outcome.values, "value": Tensor.of(bits.view(np.float32))})
        expected = dict.fromkeys(entry.expected, (wrong, *rest))
        cases = [replace(entry, expected=expected) if e is entry else e for e in golden.cases]
        return replace(golden, cases=tuple(cases))

    tolerance = next(e for e in store.load(path).cases if e.case.id == name).case.tolerance
    check = ("record", "--check", "--select", name, "--golden", golden_copy)
    rewrite(path, lambda golden: elsewhere(move(golden, tolerance.ulp)))
    assert conformance(*check).status == 0
    rewrite(path, lambda golden: move(golden, 1))
    assert conformance(*check).status == 1


def test_an_unstable_official_answer_is_not_recorded(
    golden_copy: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
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
    before = contents(golden_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert ended.status == 2
    assert "moody must answer alike when asked twice; it did not" in ended.sentence()
    assert contents(golden_copy) == before


def test_wrong_usage_of_record(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("record", "--check", "--write", "--golden", tmp_path)
    assert (ended.status, "received both" in ended.sentence()) == (2, True)
    ended = conformance("record", "--select", "constraints.Foo", "--golden", tmp_path)
    assert (ended.status, "'constraints.Foo'" in ended.sentence()) == (2, True)
    assert contents(tmp_path) == {}


def test_damaged_golden_files_are_not_recorded_over(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "MaxNorm.json"
    path.write_bytes(path.read_bytes()[:-1])
    before = contents(golden_copy)
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert ended.status == 3
    assert str(path) in ended.sentence()
    assert contents(golden_copy) == before


# Says where the recorder is and, at the moment that its first argument names, waits to be killed.
# Without the second argument `official`, plain NumPy stands in for the official packages: the
# files are then rewritten with other values, and no test waits for TensorFlow.
WRAPPER = textwrap.dedent(
    """
    import os, sys, time
    from conformance import cli, record

    moment, official = sys.argv[1], sys.argv[2] == "official"
    seconds = float(sys.argv[3])
    counts = {"asking": 0, "renaming": 0, "renamed": 0}

    def reached(what):
        counts[what] += 1
        if f"{what} {counts[what]}" == moment:
            print("reached", flush=True)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(0.01)

    def replace(source, target, real=os.replace):
        reached("renaming")
        real(source, target)
        reached("renamed")

    def ask(official, case, real=record._ask):
        reached("asking")
        return real(official, case)

    os.replace, record._ask = replace, ask
    if not official:
        import plain_numpy
        from conformance.subjects.namespace import NamespaceSubject
        from conformance.subjects.tensors import NumpyTensors

        dialects = {"tf_keras": "keras2", "keras": "keras3"}
        record.resolve = lambda package: [
            NamespaceSubject(package, dialects[package], plain_numpy, NumpyTensors())
        ]
    sys.argv[1:] = ["record", "--write", *sys.argv[4:]]
    cli.main()
    """
)


@pytest.fixture
def interrupted(
    tmp_path: Path, environment: Callable[..., dict[str, str]]
) -> Callable[..., tuple[int, str]]:
    """Records in another process, sends it a signal at a moment; gives status and stderr."""
    script = tmp_path / "wrapper.py"
    script.write_text(WRAPPER)

    def call(moment: str, number: int, *options: Any, official: bool = False) -> tuple[int, str]:
        # A held back Ctrl-C must not wait long; what is killed may wait for ever.
        seconds = 0.3 if number == signal.SIGINT else 60
        process = subprocess.Popen(
            [
                *(sys.executable, script, moment, "official" if official else "plain"),
                *(str(seconds), *map(str, options)),
            ],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line == "reached\n":
                os.kill(process.pid, number)
                break
        else:
            assert moment == "never", "the moment did not come"
        _, err = process.communicate(timeout=60)
        return process.returncode, err

    return call


def assert_whole(directory: Path, old: Snapshot, new: Snapshot) -> int:
    """Every golden file is the old or the new one; how many are new."""
    now = {n: data for n, data in contents(directory).items() if not Path(n).name.startswith(".")}
    assert now.keys() == old.keys()
    for name, data in now.items():
        assert data in (old[name], new[name]), name
    assert len(store.load_all(directory)) == len(store.paths(directory))
    return sum(now[name] == new[name] != old[name] for name in now)


# All of them: a class cannot be recorded in part with other packages than the rest of it.
EVERY_CLASS = ("--select", "constraints.*")


@pytest.fixture
def recordings(
    golden_copy: Path, interrupted: Callable[..., tuple[int, str]]
) -> tuple[Snapshot, Snapshot]:
    """What is in `golden_copy`, and what a whole recording makes of it."""
    old = contents(golden_copy)
    assert interrupted("never", 0, *EVERY_CLASS, "--golden", golden_copy) == (0, "")
    new = contents(golden_copy)
    for name, data in old.items():
        (golden_copy / name).write_bytes(data)
    return old, new


def test_a_recording_that_is_killed_leaves_every_file_whole(
    golden_copy: Path,
    recordings: tuple[Snapshot, Snapshot],
    interrupted: Callable[..., tuple[int, str]],
) -> None:
    old, new = recordings
    changed = sum(old[name] != new[name] for name in old)
    assert changed >= 8
    for moment, written in {
        "asking 100": 0,
        "renaming 1": 0,
        "renaming 4": 3,
        f"renaming {changed}": changed - 1,
        f"renamed {changed}": changed,
    }.items():
        for name, data in old.items():
            (golden_copy / name).write_bytes(data)
        status, err = interrupted(moment, signal.SIGKILL, *EVERY_CLASS, "--golden", golden_copy)
        assert (status, err) == (-signal.SIGKILL, ""), moment
        assert assert_whole(golden_copy, old, new) == written, moment
    # What was left half done is finished by the next recording.
    status, err = interrupted("never", 0, *EVERY_CLASS, "--golden", golden_copy)
    assert (status, err) == (0, "")
    assert assert_whole(golden_copy, old, new) == changed


def test_ctrl_c_ends_a_recording_between_two_states(
    golden_copy: Path,
    recordings: tuple[Snapshot, Snapshot],
    interrupted: Callable[..., tuple[int, str]],
) -> None:
    old, new = recordings
    changed = sum(old[name] != new[name] for name in old)
    for moment, written in {"asking 100": 0, "renaming 1": changed, "renamed 4": changed}.items():
        for name, data in old.items():
            (golden_copy / name).write_bytes(data)
        status, err = interrupted(moment, signal.SIGINT, *EVERY_CLASS, "--golden", golden_copy)
        assert status == 130, err
        assert err.strip() == "conformance: interrupted; every golden file is whole"
        # Once renaming has begun it is finished first: no set of old and new files.
        assert assert_whole(golden_copy, old, new) == written, moment


@pytest.mark.parametrize(
    ("moment", "number"), [("asking 20", signal.SIGINT), ("renaming 1", signal.SIGKILL)]
)
def test_an_official_recording_that_is_stopped_leaves_every_file_whole(
    moment: str,
    number: signal.Signals,
    golden_copy: Path,
    interrupted: Callable[..., tuple[int, str]],
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    original = rewrite(path, moved_by(1))
    old = contents(golden_copy)
    new = {**old, "constraints/NonNeg.json": original}
    options = (*NON_NEG, "--golden", golden_copy)
    status, _ = interrupted(moment, number, *options, official=True)
    assert status == (130 if number == signal.SIGINT else -number)
    assert assert_whole(golden_copy, old, new) == 0


def test_a_class_is_not_recorded_in_part_with_other_versions(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    def of_yore(golden: GoldenFile) -> GoldenFile:
        facts = {d: {**p, "version": "0.0.1"} for d, p in golden.provenance.items()}
        return replace(golden, provenance=facts)

    rewrite(golden_copy / "constraints" / "NonNeg.json", of_yore)
    before = contents(golden_copy)
    part = ("--select", "constraints.NonNeg/complex/*", "--golden", golden_copy)
    ended = conformance("record", "--write", *part)
    assert ended.status == 2
    assert "--select must take all of constraints.NonNeg" in ended.sentence()
    assert contents(golden_copy) == before
