"""`pytest conformance`: its tests in the order of a seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import PLAIN, ROOT

COLLECT = ("-m", "pytest", "-p", "no:cacheprovider", "-q", "--collect-only")


def test_cases_are_tests_in_the_order_of_the_seed(few: Path, python: Callable[..., Any]) -> None:
    options = (
        "--golden",
        few,
        "--subject",
        PLAIN,
        "--select",
        "constraints.NonNeg/value/wave-*",
        "--in-process",
    )
    found = []
    for order in ((), ("--random-order", "1"), ("--random-order", "1"), ("--random-order", "2")):
        ended = python(*COLLECT, ROOT / "conformance", *options, *order)
        assert ended.status == 0, ended.out
        found.append([line for line in ended.out.splitlines() if f"[{PLAIN}-" in line])
    usual, one, again, two = found
    assert len(usual) > 10
    assert one == again
    assert sorted(one) == sorted(two) == sorted(usual)
    assert len({tuple(order) for order in found}) == 3


def test_a_module_has_its_own_process(few: Path, python: Callable[..., Any]) -> None:
    options = (
        "--golden",
        few,
        "--subject",
        PLAIN,
        "--select",
        "constraints.NonNeg/value/wave-5-float32",
    )
    ended = python(*COLLECT[:-1], ROOT / "conformance", *options)
    assert ended.status == 0, ended.out
    assert "2 passed" in ended.out
