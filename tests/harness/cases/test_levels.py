"""Levels: how far from daily use a case lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import SUBJECT

from conformance.cases import every_case, levels
from conformance.cases.levels import Level
from conformance.model import Case, Given, Input, Step, Tensor

PLAIN = Case(
    "constraints.MaxNorm/arguments/max_value=1",
    "constraints.MaxNorm",
    arguments={"max_value": 1.0},
    inputs=(Input(Tensor.of(np.ones(3, np.float32))),),
    steps=(Step("call", 0),),
)


@pytest.mark.parametrize(
    ("level", "changes"),
    [
        (Level.COMMON, {}),
        (Level.COMMON, {"arguments": {"axis": -1}}),
        (Level.COMMON, {"flags": ("config",)}),
        (Level.DOCUMENTED, {"flags": ("by-hand",)}),
        (Level.DOCUMENTED, {"flags": ("documented-example", "nan")}),
        (Level.DOCUMENTED, {"id": "layers.Layer/losses-documented/one"}),
        (Level.EDGE, {"flags": ("nan",)}),
        (Level.EDGE, {"id": "constraints.MaxNorm/rejected/axis"}),
        (Level.EDGE, {"arguments": {"max_value": float("nan")}}),
        (Level.EDGE, {"arguments": {"max_value": 10**400}}),
        (Level.EDGE, {"arguments": {"max_value": [1e30]}}),
        (Level.EDGE, {"inputs": (Input(Tensor.of(np.ones(3, np.float16))),)}),
        (Level.EDGE, {"inputs": (Input(Tensor.of(np.ones(3, np.float32)), Given.LIST),)}),
        (
            Level.COMMON,
            {"inputs": (Input(Tensor.of(np.ones(3, np.float16))),), "flags": ("policy",)},
        ),
        (Level.QUIRK, {"flags": ("nan", "complex")}),
        (Level.QUIRK, {"flags": ("unusual-argument",)}),
        (Level.QUIRK, {"id": "layers.Dense/misuse/name"}),
    ],
)
def test_a_case_has_the_level_of_what_it_asks(level: Level, changes: dict[str, Any]) -> None:
    assert levels.of(replace(PLAIN, **changes)) is level


def test_every_level_has_cases_and_each_class_begins_with_documented_or_common_ones() -> None:
    cases = every_case()
    counts = Counter(levels.of(case) for case in cases)
    assert all(counts[level] > 300 for level in Level)
    near = {case.target for case in cases if levels.of(case).rank < Level.EDGE.rank}
    assert near == {case.target for case in cases}
    assert [level.rank for level in Level] == [0, 1, 2, 3]


def test_a_run_of_a_level_asks_that_and_nearer_ones(
    conformance: Callable[..., Any], few: Path
) -> None:
    asked = []
    for level in Level:
        ended = conformance("run", *SUBJECT, "--golden", str(few), "--level", level)
        assert ended.status in (0, 1), ended.err
        said = next(line for line in ended.out.splitlines() if line.startswith("passed, of what"))
        told = said.removeprefix("passed, of what ran: ").split(", ")
        assert [each.split()[0] for each in told] == list(Level)[: level.rank + 1]
        asked.append(int(ended.out.partition(" comparisons of ")[2].split()[0]))
    assert asked == sorted(set(asked))
