"""Rows of every family: questions that differ, ids that stay, tensors that are small."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases.asked import CASES, PACKAGES

from conformance.cases import families
from conformance.model import (
    DIALECTS,
    FormulaTensor,
    Input,
    Kind,
    Reference,
    Returned,
    Tensor,
    codec,
)
from conformance.vectors import store

# Public names of a family that no case looks up or calls, with the reason.
EXCUSED: dict[str, str] = {}


def test_ids_are_unique_and_start_with_their_target() -> None:
    assert [i for i, n in Counter(case.id for case in CASES).items() if n > 1] == []
    for case in CASES:
        assert case.id.startswith(f"{case.target}/"), case.id
        assert case.id.isascii(), case.id
        assert case.id.isprintable(), case.id


def test_no_question_is_asked_twice() -> None:
    asked: dict[str, str] = {}
    for case in CASES:
        json = codec.case_to_json(case)
        question = codec.text(
            {"target": case.target, **{k: json[k] for k in json if k not in ("id", "flags")}}
        )
        assert asked.setdefault(question, case.id) == case.id


def test_rows_survive_the_codec() -> None:
    for case in CASES:
        json = codec.case_to_json(case)
        assert codec.text(
            codec.case_to_json(codec.case_from_json(case.target, json))
        ) == codec.text(json)


def test_steps_use_inputs_that_the_case_has_and_no_input_is_idle() -> None:
    for case in CASES:
        used = {step.input for step in case.steps if step.input is not None}
        used |= {step.options["target"] for step in case.steps if "target" in step.options}
        assert used == set(range(len(case.inputs))), case.id
        assert case.steps, case.id


@pytest.mark.parametrize("family", ["constraints", "initializers", "regularizers"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_tested_and_excused_names_are_the_public_api(dialect: str, family: str) -> None:
    api = importlib.import_module(f"{PACKAGES[dialect]}.{family}")
    public = {name for name in dir(api) if not name.startswith("_")}
    public -= {name for name in public if inspect.ismodule(getattr(api, name))}
    tested = set()
    for case in CASES:
        if dialect in case.dialects and case.family == family:
            tested.add(case.target.partition(".")[2])
            tested |= {str(s.options["name"]) for s in case.steps if s.do == "lookup"}
    assert tested | EXCUSED.keys() >= public
    assert tested & public & EXCUSED.keys() == set()
    for name in tested - public:
        # A name that is tested though it is not public must be known to be rejected.
        assert not hasattr(api, name), name


def test_the_documented_custom_constraint_and_every_kind_of_step_are_there() -> None:
    assert {case.custom for case in CASES} >= {"CenterAround", "NonNegative"}
    steps = Counter(step.do for case in CASES for step in case.steps)
    assert {"call", "config", "roundtrip", "from_config", "set"} <= steps.keys()
    assert {"get", "serialize", "deserialize", "lookup"} <= steps.keys()
    vias = {s.options.get("via") for c in CASES for s in c.steps if s.do == "roundtrip"}
    assert vias == {"from_config", "serialize", "legacy"}
    identifiers = [s.options["identifier"] for c in CASES for s in c.steps if s.do == "get"]
    assert {type(i) for i in identifiers} >= {str, dict, Reference, type(None), int, list}


def test_what_is_not_exact_says_why() -> None:
    inexact = [case for case in CASES if case.tolerance.kind is not Kind.EXACT]
    assert len(inexact) > 100
    for case in inexact:
        assert case.tolerance.why.strip(), case.id
        if case.tolerance.kind is Kind.ULP:
            # More would be no budget for sums of 64 squares; L1 less L2 cancels, and needs most.
            assert 1 <= case.tolerance.ulp <= 128, case.id
        elif case.tolerance.kind is Kind.BOUND:
            assert 1 <= case.tolerance.eps <= 64, case.id


def elements(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Input):
        yield value.tensor
    elif isinstance(value, Reference):
        yield from elements(value.arguments)
    elif isinstance(value, dict):
        for held in value.values():
            yield from elements(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from elements(held)


# Two pairs of arguments need a kernel of 96 elements, and nothing smaller has both.
LARGER = {
    "layers.Conv2D/pairs/k3x2,s2,valid,biasTrue,tanh,f4,g1",
    "layers.Conv2D/channels-first/k3x2,s1x3,same,biasFalse,None,f4,g1",
}


def test_tensors_are_small(golden: Path) -> None:
    seen = 0
    for file in store.load_all(golden):
        for entry in file.cases:
            case = entry.case
            parts = [case.arguments, case.inputs, *(step.options for step in case.steps)]
            for outcomes in entry.expected.values():
                parts += [dict(o.values) for o in outcomes if isinstance(o, Returned)]
            for tensor in elements(parts):
                if isinstance(tensor, FormulaTensor):
                    continue  # five integers, whatever its size
                larger = case.id in LARGER or "symbolic" in case.flags
                assert tensor.size <= (512 if larger else 64), case.id
                seen += 1
    assert seen > 2000


def test_golden_files_are_small(golden: Path) -> None:
    assert sum(path.stat().st_size for path in golden.rglob("*") if path.is_file()) < 20e6


def test_rows_are_the_same_every_time() -> None:
    again = {case.id: codec.text(codec.case_to_json(case)) for f in families() for case in f.rows()}
    assert again == {case.id: codec.text(codec.case_to_json(case)) for case in CASES}
