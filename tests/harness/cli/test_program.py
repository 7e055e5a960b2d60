"""Wrong usage of any command is one sentence and a status; help says which statuses there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import NON_NEG, PLAIN, SUBJECT

from conformance.runner import saved
from conformance.vectors import store

MODULES = {
    "raises": "raise RuntimeError('no such device\\nand more')",
    "exits": "import sys; sys.exit(0)",
    "misspelled": "import plain_nunpy",
    "broken": "def (:",
    "familyless": "answer = 42",
    "odd": "from plain_numpy import constraints\nconformance_tensors = 'abacus'",
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Importable modules that are no subjects."""
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def run(*arguments: str) -> tuple[str, ...]:
    return ("run", *arguments)


# The arguments, and what the sentence must say: the argument, the rule and the value received.
WRONG: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unknown class": (
        run(*SUBJECT, "--select", "constraints.Foo"),
        ("--select", "at least one", "'constraints.Foo'"),
    ),
    "one of two selects matches nothing": (
        run(*SUBJECT, *NON_NEG, "--select", "*/none/*"),
        ("--select", "at least one", "'*/none/*'"),
    ),
    "list of an unknown class": (("list", "--select", "Foo"), ("--select", "'Foo'")),
    "unknown subject": (run("--subject", "foo"), ("--subject", "must be", "'foo'")),
    "empty subject": (run("--subject", ""), ("--subject", "must be", "''")),
    "subject of another case": (run("--subject", "Keras"), ("--subject", "must be", "'Keras'")),
    "one of two subjects": (run(*SUBJECT, "--subject", "foo"), ("--subject", "'foo'")),
    "no version": (run("--subject", "keras==three"), ("--subject", "must be a version", "'three'")),
    "no backend": (run("--subject", "keras@mxnet"), ("--subject", "jax", "'mxnet'")),
    "a program": (run("--subject", "command:x"), ("--subject", "'command:x'")),
    "module without a name": (run("--subject", "module:"), ("--subject module:", "''")),
    "module that is a path": (
        run("--subject", "module:a/b.py:keras3"),
        ("must name a module", "'a/b.py'"),
    ),
    "module that does not exist": (
        run("--subject", "module:absent_module:keras3"),
        ("--subject module:absent_module:keras3", "cannot be imported", "ModuleNotFoundError"),
    ),
    "module that raises": (
        run("--subject", "module:raises"),
        ("--subject module:raises", "cannot be imported", "RuntimeError: no such device"),
    ),
    "module that exits": (run("--subject", "module:exits"), ("--subject module:exits", "SystemExit")),
    "module that imports what is not there": (
        run("--subject", "module:misspelled"),
        ("--subject module:misspelled", "'plain_nunpy'"),
    ),
    "module that is no Python": (run("--subject", "module:broken"), ("SyntaxError",)),
    "module without families": (
        run("--subject", "module:familyless:keras3"),
        ("module:familyless:keras3", "must have a submodule constraints"),
    ),
    "module of unknown tensors": (
        run("--subject", "module:odd"),
        ("conformance_tensors", "'numpy' or 'tensorflow'", "'abacus'"),
    ),
    "bad dialect": (
        run("--subject", "module:plain_numpy:keras4"),
        ("the dialect must be keras2 or keras3", "'keras4'"),
    ),
    "jobs 0": (run(*SUBJECT, "--jobs", "0"), ("'--jobs'", "0 is not in the range x>=1")),
    "jobs that are no number": (run(*SUBJECT, "--jobs", "two"), ("'--jobs'", "'two'")),
    "unknown option": (run("--sbuject", "impl"), ("No such option", "--sbuject")),
    "option without a value": (run("--subject"), ("--subject", "requires an argument")),
    "unknown mode": (run(*SUBJECT, "--mode", "lazy"), ("'--mode'", "'lazy'", "'eager'")),
    "unknown against": (run(*SUBJECT, "--against", "both2"), ("'--against'", "'both2'")),
    "unknown command": (("walk",), ("No such command", "'walk'")),
    "stray argument": (run(*SUBJECT, "extra"), ("extra",)),
    "golden that is not there": (
        run(*SUBJECT, "--golden", "nowhere"),
        ("--golden must be a directory", "'nowhere'"),
    ),
    "golden that is a file": (
        run(*SUBJECT, "--golden", "raises.py"),
        ("--golden must be a directory", "'raises.py'"),
    ),
    "golden that is empty": (
        run(*SUBJECT, "--golden", "empty"),
        ("--golden must hold golden files", "'empty'"),
    ),
    "lint of no directory": (("lint", "--golden", "nowhere"), ("--golden", "'nowhere'")),
    "unreadable baseline": (
        run(*SUBJECT, "--baseline", "nowhere.json"),
        ("--baseline nowhere.json", "cannot be read"),
    ),
    "unreadable expectations": (
        run(*SUBJECT, "--expectations", "nowhere.toml"),
        ("expectations nowhere.toml", "cannot be read"),
    ),
    "unknown id": (("show", "constraints.NonNeg/no", *SUBJECT), ("'constraints.NonNeg/no'",)),
    "part of an id": (
        ("show", "constraints.NonNeg", *SUBJECT),
        ("CASE must be the id", "'constraints.NonNeg'", "constraints.NonNeg/value/"),
    ),
    "case of another dialect": (
        ("show", "constraints.RadialConstraint/place/3x3", *SUBJECT),
        ("--subject must speak a dialect of the case (keras2)", PLAIN),
    ),
    "show without a case": (("show",), ("CASE",)),
    **{
        f"shard {value}": (run(*SUBJECT, "--shard", value), ("'--shard'", "must be I/N", repr(value)))
        for value in ("0/4", "5/4", "1/0", "1", "1/", "/2", "a/b", "-1/2", "1/2/3", "1.0/2", "²/2", "")
    },
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_usage_is_one_sentence(
    what: str,
    modules: Path,
    conformance: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (modules / "empty").mkdir()
    monkeypatch.chdir(modules)
    arguments, said = WRONG[what]
    ended = conformance(*arguments)
    assert ended.status == 2
    sentence = ended.sentence()
    assert sentence.startswith("conformance: ")
    assert "Traceback" not in sentence
    for part in said:
        assert part in sentence
    assert ended.out == ""


BASELINES = {
    "not JSON": b"golden",
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "nothing": b"",
    "another schema": b'{"schema": "junit"}',
    "no counts": json.dumps({"schema": saved.SCHEMA}).encode(),
    "no classes": json.dumps({"schema": saved.SCHEMA, "counts": 5}).encode(),
    "a class without a count": json.dumps(
        {"schema": saved.SCHEMA, "counts": {"classes": [{"subject": "a"}]}}
    ).encode(),
    "a count that is a text": json.dumps(
        {
            "schema": saved.SCHEMA,
            "counts": {"classes": [{"subject": "a", "against": "b", "target": "c", "ran": "5"}]},
        }
    ).encode(),
}


@pytest.mark.parametrize("what", BASELINES)
def test_a_baseline_that_is_no_report_is_refused(
    what: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(BASELINES[what])
    ended = conformance(*run(*SUBJECT, *NON_NEG, "--baseline", str(path)))
    assert ended.status == 2
    assert f"--baseline {path}" in ended.sentence()
    assert ended.out == ""


def test_a_report_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    (tmp_path / "file").touch()
    ended = conformance(*run(*SUBJECT, *NON_NEG, "--json", str(tmp_path / "file" / "r.json")))
    assert ended.status == 2
    assert str(tmp_path / "file") in ended.sentence()


def test_every_report_that_can_be_written_is(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk may be full only when the reports are written: each has its own place."""
    write = store.write
    full = tmp_path / "full"

    def refuse(path: Path, content: bytes) -> None:
        if path.parent == full:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(store, "write", refuse)
    places = {
        "--json": full / "r.json",
        "--junit": tmp_path / "r.xml",
        "--html": full / "r.html",
        "--markdown": tmp_path / "r.md",
    }
    options = [word for option, path in places.items() for word in (option, str(path))]
    ended = conformance(*run(*SUBJECT, *NON_NEG, *options))
    assert ended.status == 2
    assert ended.sentence() == (
        f"conformance: {full / 'r.json'}: cannot be written: No space left on device; "
        f"{full / 'r.html'}: cannot be written: No space left on device"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"r.xml", "r.md"}


@pytest.mark.parametrize("option", ["--json", "--junit", "--html", "--markdown"])
def test_where_reports_go_is_checked_before_anything_runs(
    option: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "deep" / "report"
    ended = conformance("run", "--subject", "keras==0.0.1@none", option, place)
    assert ended.status == 2
    assert ended.sentence() == (
        f"conformance: {place}: cannot be written: {tmp_path / 'file'} must be a directory; it is none"
    )


def test_a_model_is_read_before_anything_is_installed(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    model = tmp_path / "model.keras"
    ended = conformance("diff", "keras==3.0.99", "keras==3.0.98", "--model", model)
    assert ended.status == 2
    assert str(model) in ended.sentence()


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_a_mode_that_a_subject_does_not_have_is_refused(
    mode: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance(*run(*SUBJECT, *NON_NEG, "--mode", mode))
    assert ended.status == 2
    assert ended.sentence() == (
        "conformance: --mode must be eager for module:plain_numpy:keras3, whose tensors are "
        f"NumPy's: the others are TensorFlow's; received {mode!r}"
    )


def test_the_process_itself_ends_so_too(python: Callable[..., Any]) -> None:
    for arguments in (run("--subject", "foo"), run(*SUBJECT, "--select", "constraints.Foo")):
        ended = python("-m", "conformance", *arguments)
        assert (ended.status, ended.out) == (2, "")
        assert ended.sentence().startswith("conformance: --s")


def test_every_command_has_help_with_the_exit_statuses(conformance: Callable[..., Any]) -> None:
    ended = conformance("--help")
    assert ended.status == 0
    for line in ("0    everything as expected", "3    damaged golden data", "130  interrupted"):
        assert line in ended.out
    for command in ("run", "record", "show", "list", "lint"):
        assert f"\n  {command} " in ended.out
        assert conformance(command, "--help").status == 0
