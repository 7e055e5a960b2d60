"""What holds on some platforms only, and how a process states which it is on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from harness import PLAIN, SUBJECT

from conformance.model import platforms
from conformance.model.errors import UsageError
from conformance.model.platforms import EVERYWHERE, Platform
from conformance.subjects import provenance, resolve

AVX2: dict[str, Any] = {"machine": "x86_64", "onednn": True, "cpu_features": ["X86_V3"]}
AVX512: dict[str, Any] = {**AVX2, "cpu_features": ["X86_V3", "X86_V4"]}


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        ({"onednn": True}, (True, True)),
        ({"onednn": False}, (False, False)),
        ({"machine": "x86_64", "cpu_features": ["X86_V4"]}, (False, True)),
        ({"cpu_features": ["!X86_V4"]}, (True, False)),
        ({"cpu_features": ["X86_V3", "X86_V4"]}, (False, True)),
        ({"cpu_features": ["X86_V3", "!X86_V4"], "onednn": True}, (True, False)),
        ({"cpu_features": ["X86_V3"], "machine": "aarch64"}, (False, False)),
    ],
)
def test_a_limit_holds_where_all_of_it_does(
    limit: dict[str, Any], holds: tuple[bool, bool]
) -> None:
    made = Platform.read(limit, "here")
    assert (made.holds(AVX2), made.holds(AVX512)) == holds


@pytest.mark.parametrize("feature", ["X86_V4", "!X86_V4"])
@pytest.mark.parametrize("facts", [{}, {"cpu_features": "X86_V4"}, {"cpu_features": None}])
def test_what_does_not_say_its_features_has_no_limit_by_them(
    facts: dict[str, Any], feature: str
) -> None:
    assert not Platform.read({"cpu_features": [feature]}, "here").holds(facts)
    assert EVERYWHERE.holds(facts)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ({"onednn": True}, {"machine": "x86_64"}, True),
        ({"onednn": True}, {"onednn": False}, False),
        ({"cpu_features": ["A"]}, {"cpu_features": ["!A"]}, False),
        ({"cpu_features": ["!A", "B"]}, {"cpu_features": ["A"]}, False),
        ({"cpu_features": ["A", "B"]}, {"cpu_features": ["!C"], "onednn": True}, True),
    ],
)
def test_two_limits_meet_where_a_platform_may_be_of_both(
    one: dict[str, Any], other: dict[str, Any], meet: bool
) -> None:
    first, second = Platform.read(one, "one"), Platform.read(other, "other")
    assert first.meets(second) is second.meets(first) is meet
    assert EVERYWHERE.meets(first)


@pytest.mark.parametrize(
    "limit",
    [
        *("x86_64", {}, [], None, {"onednn": "on"}, {"machine": True}, {"intra_op_threads": 2}),
        *({"cpu_features": value} for value in ("X86_V4", [], [1], [""], ["!"], ["no name"])),
    ],
)
def test_anything_else_is_refused_in_a_sentence(limit: Any) -> None:
    with pytest.raises(UsageError, match=r"^finding x: platform must be a table .*; received "):
        Platform.read(limit, "finding x")


def test_a_process_is_where_it_states_to_be(
    state: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(platforms.VARIABLE, raising=False)
    (subject,) = resolve(PLAIN, in_process=True)
    found = subject.provenance()
    assert "stated" not in found
    stated = state(machine="vax", intra_op_threads=7)
    facts = subject.provenance()
    assert facts == {**found, **stated, "stated": sorted(stated)}
    assert provenance.same_platform(facts, {**stated, "tensorflow": facts.get("tensorflow")})


def test_a_process_that_is_started_states_the_same(
    state: Callable[..., Any], python: Callable[..., Any]
) -> None:
    state(machine="vax")
    show = "from conformance.subjects.provenance import here; print(here()['machine'])"
    ended = python("-c", show)
    assert (ended.status, ended.out) == (0, "vax\n")


@pytest.mark.parametrize(
    "text",
    [
        *("vax", "[]", "3", '"machine"', '{"machine": 1}', '{"onednn": 1}', '{"version": "1"}'),
        *('{"cpu_features": "A"}', '{"cpu_features": [1]}', '{"intra_op_threads": true}'),
    ],
)
def test_what_cannot_be_stated_is_told_in_a_sentence(
    text: str, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    monkeypatch.setenv(platforms.VARIABLE, text)
    ended = conformance("run", *SUBJECT)
    assert ended.status == 2
    assert ended.sentence().startswith("conformance: CONFORMANCE_PLATFORM must be a JSON object ")
    assert ended.sentence().endswith(f"; received {text!r}")


def test_an_empty_statement_states_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(platforms.VARIABLE, "")
    assert platforms.stated() == {}
    monkeypatch.setenv(platforms.VARIABLE, json.dumps({}))
    assert platforms.stated() == {}
