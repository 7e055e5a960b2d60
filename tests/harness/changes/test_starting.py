"""Subjects of a saved model are started before it runs; what they answered stays when they do not start again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Ended

from conformance.changes.deployed import asking
from conformance.changes.deployed.files import Source
from conformance.changes.used import Model
from conformance.model.errors import UsageError
from conformance.subjects import environments
from conformance.subjects.saved import client
from conformance.subjects.versions import Launch


def known(path: Path, code: bool) -> Source:
    return Source(path, "keras", "3.15.1", Model(str(path)))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes that the model runs, which it does not; whatever the file, it is a model."""
    found: list[str] = []
    monkeypatch.setattr(asking, "source", known)
    monkeypatch.setattr(asking.Examination, "recorded", lambda made: found.append("recorded"))
    return found


def test_a_subject_that_cannot_start_is_told_before_the_model_runs(
    ran: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[str] = []
    running: list[str] = []

    class Worker:
        def __init__(self, name: str, place: object) -> None:
            self.name, self.hello = name, dict[str, Any]()
            if name.startswith("module:broken"):
                raise UsageError("--subject module:broken cannot run: it is broken")
            started.append(name)
            running.append(name)

        def close(self) -> None:
            running.remove(self.name)

    monkeypatch.setattr(asking, "Worker", Worker)
    request = asking.Request(tmp_path / "m.keras", ("module:right", "module:broken"))
    with pytest.raises(UsageError, match="it is broken"):
        asking.examine(request, lambda done, total: None)
    assert len(started) == 1
    assert (ran, running) == ([], [])


def test_without_a_registry_a_missing_environment_ends_in_a_sentence(
    ran: list[str],
    conformance: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def pip(command: list[str], **options: Any) -> Any:
        target = Path(command[command.index("--target") + 1])
        (target / "half.py").write_text("")
        said = "WARNING: Retrying\nERROR: Could not find a version (from versions: none)\nERROR: No match\n"
        return type("Done", (), {"returncode": 1, "stderr": said})

    monkeypatch.setattr(environments.subprocess, "run", pip)
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "m.keras").write_bytes(b"")
    ended = conformance("model", tmp_path / "m.keras", "--subject", "onnx")
    assert ended.status == 2
    *_, why = ended.err.splitlines()
    assert why == (
        "conformance: what onnx needs cannot be installed: pip found no version of it "
        "(is there a network, and the right index?)"
    )
    assert ran == []
    left = [each for each in (tmp_path / "cache").rglob("*") if each.name != "py3.11"]
    assert [each for each in left if each.is_file() and each.suffix != ".lock"] == []
    assert [each for each in left if ".partial" in each.name] == []


def test_what_does_not_start_again_raises_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[str] = []

    class Child:
        def __init__(self, *arguments: object) -> None:
            starts.append("")
            if len(starts) > 1:
                raise OSError("no such program")

        def exchange(self, line: bytes, seconds: float) -> bytes:
            if line:
                raise client.Lost("ended")
            return b"{}"

        def close(self, *, kill: bool) -> None:
            pass

    monkeypatch.setattr(client, "Child", Child)
    monkeypatch.setattr(client, "launch", lambda name, place: Launch((), {}))
    worker = client.Worker("module:fragile")
    assert worker.ask("layers") == {"raised": "the process ended"}
    for _ in range(2):
        (why,) = worker.ask("layers").values()
        assert why.startswith("the process does not start again: --subject module:fragile cannot")
    assert len(starts) == 2
