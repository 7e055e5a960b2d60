"""`explore --scheduler`: what parts find is put together; each cause is told once. See `test_executor_dask` for Dask."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from harness import Ended
from strength.planted import PLANTED
from wrong.layers.making import Keras

from conformance.cli import options
from conformance.cli.parts import KINDS
from conformance.runner.executor import ClusterGone, Task
from conformance.strength.explore import elsewhere
from conformance.strength.explore import state as states

ASKED = ("--subject", "tf_keras", "--select", "regularizers.L2", "--seconds", "600")
WORDS = ("explore", *ASKED, "--seed", "1", "--examples", "8", "--scheduler", "tcp://here:1")


class Two:
    """A cluster of two workers in this process. Of two parts the second is done first."""

    width = 2
    seconds = 10.0

    def __init__(self, most: int = 2, end: Callable[[], None] = lambda: None) -> None:
        """`end`: called when so many parts are done."""
        self.most, self.end = most, end
        self.sent: list[Any] = []

    def results(self, task: Task[Any, Any], parts: Iterable[Any]) -> Generator[Any, None, None]:
        wire = KINDS[task.kind].wire
        served = KINDS[task.kind].serves(wire.loads(wire.dumps(task.asked)), task.golden)
        waiting = iter(parts)
        with contextlib.closing(served):
            while some := [task.sent(part) for part in islice(waiting, self.width)]:
                self.sent += some
                for told in reversed([wire.dumps(each) for each in some]):
                    answer = served.answer(wire.loads(told))
                    yield task.taken(wire.loads(wire.dumps(answer)))
                self.most -= len(some)
                if not self.most:
                    self.end()


@pytest.fixture
def on(
    conformance: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    few: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Ended]:
    """An exploration of a regularizer with a mistake, by some workers. Nothing is known of it."""
    golden = Path(shutil.copytree(few, tmp_path_factory.mktemp("golden") / "few"))
    monkeypatch.setattr(elsewhere, "_PART", 300.0)
    (golden / "findings.toml").write_text("finding = []")
    (planted,) = (each for each in PLANTED if each.name == "even-sizes")
    keras = Keras(planted.dialect, planted.target)
    for path, value in planted.change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)

    def call(workers: Two, *more: str | Path) -> Ended:
        @contextlib.contextmanager
        def executor(address: str | None) -> Iterator[Two]:
            assert address == "tcp://here:1"
            yield workers

        monkeypatch.setattr(options, "executor", executor)
        return conformance(*WORDS, "--golden", golden, *more)

    return call


def test_a_cause_that_two_parts_find_is_told_once(on: Callable[..., Ended], tmp_path: Path) -> None:
    workers = Two()
    ended = on(workers, "--save", tmp_path)
    assert ended.status == 1, ended.err
    assert ended.out.count("found tf_keras: regularizers.L2: ") == 1
    state = states.read(tmp_path)
    assert len(state.discoveries) == 1
    assert state.discoveries[0].count >= 2
    assert state.asked >= 8
    assert state.rounds["tf_keras regularizers.L2"] >= 2
    assert len({each["seed"] for each in workers.sent}) == len(workers.sent)
    assert not states.is_unfinished(tmp_path)
    later = Two()
    on(later, "--save", tmp_path)
    assert states.loads(later.sent[0]["state"]).discoveries == state.discoveries


def test_ctrl_c_reports_what_was_found(on: Callable[..., Ended]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    ended = on(Two(2, interrupt))
    assert ended.status == 130
    assert "1 new causes" in ended.out
    assert "interrupted" in ended.out


def test_a_scheduler_that_goes_leaves_what_was_found(on: Callable[..., Ended]) -> None:
    def gone() -> None:
        raise ClusterGone("the scheduler tcp://here:1 is gone")

    ended = on(Two(2, gone))
    assert ended.status == 2
    assert "1 new causes" in ended.out
    assert ended.sentence().endswith("is gone: what is above was found until then")
