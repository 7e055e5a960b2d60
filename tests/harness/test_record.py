from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import Grade, Returned, Tensor
from conformance.record import record
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects import OFFICIAL
from conformance.vectors import store
from conformance.vectors.store import GoldenCase, GoldenFile

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


def as_recorded(
    original: bytes, platform: Mapping[str, Any], fresh: Mapping[str, Sequence[str]]
) -> bytes:
    """The golden file once it is recorded on the platform, `fresh` outcomes alone: dialects by case."""
    golden = store.loads(original, "original")
    facts = {
        dialect: {
            key: platform[key] for key in known if platform.get(key, known[key]) != known[key]
        }
        for dialect, known in golden.provenance.items()
    }
    cases = [
        replace(e, provenance={d: facts[d] for d in fresh.get(e.case.id, ()) if facts[d]})
        for e in golden.cases
    ]
    return store.dumps(replace(golden, cases=tuple(cases)))


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
    classes = ("constraints.RadialConstraint", "constraints.get", "constraints.serialize")
    select = [option for name in classes for option in ("--select", f"{name}/*")]
    assert conformance("record", "--write", *select, "--golden", one).status == 0
    done = python("-m", "conformance", "record", "--write", *select, "--golden", other)
    assert (done.status, done.err) == (0, "")
    assert contents(one) == contents(other)
    committed = contents(golden)
    assert len(contents(one)) == len(classes)
    assert contents(one).items() <= committed.items()


NON_NEG = ("--select", "constraints.NonNeg")
MOVED = "constraints.NonNeg/value/wave-3x4-float32"


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
        entry = next(e for e in golden.cases if e.case.id == MOVED)
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
    golden_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    original = rewrite(path, moved_by(3))
    wrong = contents(golden_copy)
    for options, status in ((["--check"], 1), ([], 0)):
        ended = conformance("record", *options, *NON_NEG, "--golden", golden_copy)
        assert ended.status == status
        assert row(ended.out, "constraints.NonNeg") == ["103", "0", "0", "0", "1", "3"]
        assert f"moved {MOVED}: keras3: step 0: " in ended.out
        assert "nothing was written" in ended.out
        assert contents(golden_copy) == wrong
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert (ended.status, "1 files written" in ended.out) == (0, True)
    assert path.read_bytes() == as_recorded(original, platform, {MOVED: ["keras3"]})
    ended = conformance("record", "--write", *NON_NEG, "--golden", golden_copy)
    assert (ended.status, "nothing to write" in ended.out) == (0, True)


def test_redefined_added_and_removed_cases_are_told_apart(
    golden_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
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
    redefined, added, *_ = store.loads(original, "x").cases
    assert f"redefined {redefined.case.id}\n" in ended.out
    assert conformance("record", "--write", *NON_NEG, "--golden", golden_copy).status == 0
    # The question of the former is the same as before, and so is the answer.
    assert path.read_bytes() == as_recorded(original, platform, {added.case.id: added.expected})


@pytest.mark.parametrize("damage", ["order", "versions", "gone", "dialect"])
def test_other_differences_are_noticed_and_repaired(
    damage: str,
    golden_copy: Path,
    conformance: Callable[..., Any],
    platform: Mapping[str, Any],
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
    here = {d: {**p, **platform} for d, p in golden.provenance.items()}
    made = {
        "order": original,
        "versions": store.dumps(replace(golden, provenance=here)),
        "gone": store.dumps(replace(golden, provenance=here)),
        "dialect": as_recorded(original, platform, {one.case.id: ["keras3"]}),
    }
    assert path.read_bytes() == made[damage]


def test_a_selection_leaves_everything_else_alone(
    golden_copy: Path, conformance: Callable[..., Any], platform: Mapping[str, Any]
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
    made = as_recorded(original, platform, {MOVED: ["keras3"]})
    assert contents(golden_copy) == {**before, "constraints/NonNeg.json": made}


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
    provenance = {d: {**p, "machine": "pdp11"} for d, p in golden.provenance.items()}
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


UNIT_NORM = "constraints.UnitNorm/arguments/defaults"


def unit_norm_moved(golden: GoldenFile, ulps: int) -> GoldenFile:
    """The first value of a case with a tolerance moved."""
    entry = next(e for e in golden.cases if e.case.id == UNIT_NORM)
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


def test_rounding_of_another_platform_is_let_pass_within_the_tolerance(
    golden_copy: Path, conformance: Callable[..., Any], state: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "UnitNorm.json"
    check = ("record", "--check", "--select", UNIT_NORM, "--golden", golden_copy)
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
    golden_copy: Path, conformance: Callable[..., Any], state: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "UnitNorm.json"
    golden = store.load(path)
    added = golden.cases[3]
    without = unit_norm_moved(replace(golden, cases=(*golden.cases[:3], *golden.cases[4:])), 1)
    path.write_bytes(store.dumps(without))
    platform = state(machine="vax", python="3.99")
    whole = ("--select", "constraints.UnitNorm", "--golden", golden_copy)
    for select in (("--select", added.case.id, "--golden", golden_copy), whole):
        # The second time all are asked again, and each value is that of a platform that has it.
        assert conformance("record", "--write", *select).status == 0
        (again,) = [e for e in store.load(path).cases if e.case.id == added.case.id]
        facts = {"machine": platform["machine"], "python": platform["python"]}
        assert again == replace(added, provenance=dict.fromkeys(added.expected, facts))
        assert list(store.problems(path, golden_copy)) == []
        others = [e for e in store.load(path).cases if e.case.id != added.case.id]
        assert tuple(others) == without.cases
        assert store.load(path).provenance == golden.provenance
    # Bits are asked for where a case was recorded on a like platform, and nowhere else.
    report = run(Plan(("keras",), golden_copy, select=(added.case.id, UNIT_NORM), strict=True))
    assert {r.id: r.grade for r in report.results if r.aspect == "value"} == {
        UNIT_NORM: Grade.WITHIN,
        added.case.id: Grade.BITWISE,
    }
    assert report.notes() == [
        "keras: 1 cases were recorded on another platform (machine vax, not x86_64); "
        "values were held against these within their tolerance, not bit for bit"
    ]


def test_what_a_file_says_of_its_cases_is_checked(golden_copy: Path) -> None:
    path = golden_copy / "constraints" / "UnitNorm.json"
    file = store.load(path)
    one = next(e for e in file.cases if len(e.expected) == 1)

    def problems(**facts: Mapping[str, Any]) -> list[str]:
        store.write(path, store.dumps(replace(file, cases=(replace(one, provenance=facts),))))
        return [line.partition(": ")[2] for line in store.problems(path, golden_copy)]

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
    from conformance import cli
    from conformance.record import record

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
    tmp_path: Path,
    environment: Callable[..., dict[str, str]],
    interruptible: tuple[str, ...],
) -> Callable[..., tuple[int, str]]:
    """Records in another process, sends it a signal at a moment; gives status and stderr."""
    script = tmp_path / "wrapper.py"
    script.write_text(WRAPPER)

    def call(moment: str, number: int, *options: Any, official: bool = False) -> tuple[int, str]:
        # A held back Ctrl-C must not wait long; what is killed may wait for ever.
        seconds = 0.3 if number == signal.SIGINT else 60
        process = subprocess.Popen(
            [
                *interruptible,
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
