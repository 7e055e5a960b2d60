"""The garbage collector while golden files are read, and after it."""

from __future__ import annotations

import gc

from conformance.vectors.collecting import uncollected


def test_the_collector_rests_in_the_block_and_leaves_alone_what_the_first_block_left() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_later_blocks_leave_is_collected() -> None:
    with uncollected():
        pass
    frozen = gc.get_freeze_count()
    with uncollected():
        kept: list[list[int]] = [[] for _ in range(1000)]
    assert gc.get_freeze_count() <= frozen
    assert len(kept) == 1000
