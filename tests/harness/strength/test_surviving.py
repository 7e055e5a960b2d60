"""Explorations outlive what kernels do to their process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases.steps import CALL
from conformance.model import Case, Fault, Given, Input, Step, Tensor
from conformance.model.errors import UsageError
from conformance.strength.explore import asking, fatal, surviving
from conformance.subjects import resolve


@pytest.fixture
def times(tmp_path: Path) -> Callable[[], int]:
    """Counts its calls, across processes."""
    path = tmp_path / "times"

    def called() -> int:
        with path.open("a") as file:
            file.write("x")
        return path.stat().st_size

    return called


def test_work_that_a_signal_ends_is_begun_again(times: Callable[[], int]) -> None:
    def work() -> int:
        if times() < 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return 7

    assert surviving.survive(work, lambda: True) == 7
    assert times() == 4


def test_work_that_ends_before_it_begins_is_not_begun_again(times: Callable[[], int]) -> None:
    def work() -> int:
        times()
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    with pytest.raises(UsageError, match="SIGKILL ended it before"):
        surviving.survive(work, lambda: False)
    assert times() == 2


def test_an_error_is_told_by_the_process_that_waits() -> None:
    def work() -> int:
        raise UsageError("seconds must be more; received 0")

    with pytest.raises(UsageError, match="received 0"):
        surviving.survive(work, lambda: True)


def test_an_interruption_reaches_the_work_once(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    def work() -> int:
        # As where a shell starts a command in the background: it is not interrupted by itself.
        try:
            os.kill(os.getpid(), signal.SIGINT)
            return 0
        except KeyboardInterrupt:
            seen.write_text("once" if not seen.exists() else "twice")
        return 130

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert surviving.survive(work, lambda: True) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen.read_text() == "once"


def test_whoever_waits_hands_an_interruption_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *told: sent.append(told))
    said = iter((KeyboardInterrupt(), 130))

    class Interrupted:
        def recv(self) -> int:
            if isinstance(each := next(said), BaseException):
                raise each
            return each

    assert surviving.received(Interrupted(), 17) == 130
    assert sent == [(17, signal.SIGINT)]


def _short(length: int) -> Case:
    image = Input(Tensor("float32", (1, length, 1, 1), bytes(4 * length)), Given.TENSOR)
    return Case(
        "layers.Conv2D/explored/short",
        "layers.Conv2D",
        ("keras2",),
        arguments={
            "filters": 1,
            "kernel_size": (3, 1),
            "strides": 3,
            "kernel_initializer": "ones",
        },
        inputs=(image,),
        steps=(CALL, Step("gradient", 0)),
    )


def test_nothing_like_a_fatal_case_is_asked_again() -> None:
    (lane,) = asking.lanes(resolve("impl.keras2"))
    asked: list[Case] = []
    lane.before = asked.append
    lane.fatal = {fatal.key(_short(1))}
    assert lane.failures(_short(2)) == []
    assert not asked
    assert lane.failures(_short(3)) == []
    assert asked == [_short(3)]


def test_nobody_is_blamed_where_no_process_may_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fatal, "forkable", lambda asked: False)
    (lane,) = asking.lanes(resolve("impl.keras2"))
    assert lane.ends(_short(1)) is Fault.UNKNOWN
