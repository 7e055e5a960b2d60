from __future__ import annotations

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cases import FAMILIES, every_case
from conformance.cases.inputs import every_pair
from conformance.model import (
    DIALECTS,
    FLOATS,
    INTEGERS,
    Case,
    Given,
    Input,
    Kind,
    Reference,
    Returned,
    Tensor,
    codec,
)
from conformance.vectors import store

CASES = every_case()
NORMS = ("MaxNorm", "MinMaxNorm", "UnitNorm")
PACKAGES = {"keras2": "tf_keras", "keras3": "keras"}

# Public names of a family that no case looks up or calls, with the reason.
EXCUSED: dict[str, str] = {}


def of(name: str, group: str | None = None) -> list[Case]:
    prefix = f"constraints.{name}/" + (f"{group}/" if group else "")
    return [case for case in CASES if case.id.startswith(prefix)]


def text(value: Any) -> str:
    return codec.text(codec.literal_to_json(value))


def test_there_are_at_least_800_cases_of_constraints() -> None:
    assert sum(case.family == "constraints" for case in CASES) >= 800


def test_there_are_at_least_700_cases_of_regularizers() -> None:
    assert sum(case.family == "regularizers" for case in CASES) >= 700


def test_there_are_at_least_800_cases_of_layers() -> None:
    assert sum(case.family in ("layers", "models") for case in CASES) >= 800


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
        used |= {step.options["target"] for step in case.steps if step.do == "fit"}
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


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["Constraint", *NORMS, "NonNeg", "RadialConstraint"])
def test_every_constructor_argument_has_at_least_three_values(name: str, dialect: str) -> None:
    cls = getattr(importlib.import_module(f"{PACKAGES[dialect]}.constraints"), name, None)
    if cls is None:
        assert name == "RadialConstraint" and dialect == "keras3"  # noqa: PT018
        return
    parameters = set(inspect.signature(cls).parameters) - {"args", "kwargs"}
    values: dict[str, set[str]] = {parameter: set() for parameter in parameters}
    for case in of(name):
        if dialect in case.dialects:
            for argument, value in case.arguments.items():
                values.setdefault(argument, set()).add(text(value))
    for parameter in parameters:
        assert len(values[parameter]) >= 3, parameter
    assert parameters == {
        "MaxNorm": {"max_value", "axis"},
        "MinMaxNorm": {"min_value", "max_value", "rate", "axis"},
        "UnitNorm": {"axis"},
    }.get(name, set())


@pytest.mark.parametrize("name", ["MaxNorm", "MinMaxNorm"])
def test_every_pair_of_argument_values_meets(name: str) -> None:
    pairwise = [case.arguments for case in of(name) if "pairwise" in case.flags]
    names = list(pairwise[0])
    assert all(list(arguments) == names for arguments in pairwise)
    for one, other in combinations(names, 2):
        met = {(text(a[one]), text(a[other])) for a in pairwise}
        assert met == set(product({a for a, _ in met}, {b for _, b in met})), (one, other)
    for argument in names:
        assert len({text(a[argument]) for a in pairwise}) >= 3


PENALTIES = {
    "L1": {"l1"},
    "L2": {"l2"},
    "L1L2": {"l1", "l2"},
    "OrthogonalRegularizer": {"factor", "mode"},
}


def of_penalty(name: str, group: str) -> list[Case]:
    return [case for case in CASES if case.id.startswith(f"regularizers.{name}/{group}/")]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", PENALTIES)
def test_every_argument_of_a_penalty_has_values_and_every_pair_meets(
    name: str, dialect: str
) -> None:
    cls = getattr(importlib.import_module(f"{PACKAGES[dialect]}.regularizers"), name)
    assert set(inspect.signature(cls).parameters) - {"kwargs"} == PENALTIES[name]
    pairwise = [c.arguments for c in of_penalty(name, "arguments") if "pairwise" in c.flags]
    for argument in PENALTIES[name]:
        enough = 2 if argument == "mode" else 3
        assert len({text(a[argument]) for a in pairwise}) >= enough
    for one, other in combinations(sorted(PENALTIES[name]), 2):
        met = {(text(a[one]), text(a[other])) for a in pairwise}
        assert met == set(product({a for a, _ in met}, {b for _, b in met}))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_are_asked_for_every_rank_and_edge(name: str, dtype: str) -> None:
    tensors = [case.inputs[0].tensor for case in of_penalty(name, "dtype")]
    ranks = {len(t.shape) for t in tensors if t.dtype == dtype}
    assert ranks == ({2} if name == "OrthogonalRegularizer" else set(range(6)))
    flags = {
        flag
        for case in of_penalty(name, "edge")
        for flag in case.flags
        if case.inputs[0].tensor.dtype == dtype
    }
    assert flags >= {"zero", "negative-zero", "subnormal", "overflow", "infinity", "nan", "empty"}


def test_axes_are_given_in_every_form() -> None:
    for name in NORMS:
        axes = {text(case.arguments["axis"]) for case in of(name) if "axis" in case.arguments}
        assert axes >= {text(a) for a in (0, 1, -1, [0], [0, 1], (0, 1), None)}


@pytest.mark.parametrize("name", [*NORMS, "NonNeg"])
def test_every_rank_and_dtype_is_called(name: str) -> None:
    tensors = [given.tensor for case in of(name) for given in case.inputs]
    for dtype in FLOATS:
        ranks = {len(t.shape) for t in tensors if t.dtype == dtype and t.size > 1}
        assert ranks >= {1, 2, 3, 4, 5}, dtype
    assert {t.dtype for t in tensors} >= {*FLOATS, *INTEGERS, "bool"}
    forms = {given.given for case in of(name) for given in case.inputs}
    assert forms >= {Given.TENSOR, Given.VARIABLE, Given.ARRAY, Given.LIST}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", NORMS)
def test_every_edge_that_is_asked_for_is_there(name: str, dtype: str) -> None:
    edges = {
        flag
        for case in of(name, "edge")
        for flag in case.flags
        if case.inputs[0].tensor.dtype == dtype
    }
    assert edges >= {
        *("zero", "negative-zero", "subnormal", "bound", "epsilon", "overflow", "underflow"),
        *("infinity", "nan", "empty", "single"),
    }


def test_radial_kernels_have_every_size_form_and_dtype() -> None:
    shapes = [case.inputs[0].tensor.shape for case in of("RadialConstraint") if case.inputs]
    assert {s[0] for s in shapes if len(s) == 4 and s[0] == s[1]} >= set(range(1, 8))
    assert any(len(s) == 4 and s[0] != s[1] for s in shapes)
    sizes = {
        (case.inputs[0].tensor.dtype, case.inputs[0].tensor.shape[0])
        for case in of("RadialConstraint", "size")
    }
    assert sizes == set(product(FLOATS, range(1, 8)))
    assert all(case.dialects == ("keras2",) for case in of("RadialConstraint"))


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
                assert tensor.size <= (96 if case.id in LARGER else 64), case.id
                seen += 1
    assert seen > 2000


def test_golden_files_are_small(golden: Path) -> None:
    assert sum(path.stat().st_size for path in golden.rglob("*") if path.is_file()) < 12e6


def test_rows_are_the_same_every_time() -> None:
    again = {case.id: codec.text(codec.case_to_json(case)) for f in FAMILIES for case in f.rows()}
    assert again == {case.id: codec.text(codec.case_to_json(case)) for case in CASES}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4), min_size=2, max_size=4))
def test_every_pair_meets_in_few_combinations(sizes: dict[str, int]) -> None:
    values = {name: [f"{name}{n}" for n in range(size)] for name, size in sizes.items()}
    chosen = list(every_pair(**values))
    for one, other in combinations(values, 2):
        met = {(c[one], c[other]) for c in chosen}
        assert met == set(product(values[one], values[other]))
    first, second, *_ = sorted(sizes.values(), reverse=True)
    assert first * second <= len(chosen) <= 2 * first * second
    assert len({tuple(c.items()) for c in chosen}) == len(chosen)
    assert all(list(c) == list(values) for c in chosen)


def of_layer(target: str) -> list[Case]:
    return [case for case in CASES if case.target == target]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dense_has_values_of_every_argument_and_every_pair_meets(dialect: str) -> None:
    cls = importlib.import_module(f"{PACKAGES[dialect]}.layers").Dense
    parameters = set(inspect.signature(cls).parameters) - {"kwargs"}
    # Of Keras 3 alone, and not of the documents: adapters and quantization.
    parameters -= {"lora_rank", "lora_alpha", "quantization_config"}
    cases = [case for case in of_layer("layers.Dense") if dialect in case.dialects]
    values: dict[str, set[str]] = {name: set() for name in parameters}
    for case in cases:
        for name in parameters & case.arguments.keys():
            values[name].add(text(case.arguments[name]))
    assert {name: len(seen) >= 3 for name, seen in values.items()} == dict.fromkeys(values, True)
    pairwise = [case.arguments for case in cases if "pairwise" in case.flags]
    assert set(pairwise[0]) - {"name"} == parameters
    for one, other in combinations(sorted(parameters), 2):
        met = {(text(a[one]), text(a[other])) for a in pairwise}
        assert met == set(product({a for a, _ in met}, {b for _, b in met})), (one, other)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dense_is_asked_for_every_activation_by_name(dialect: str) -> None:
    api = importlib.import_module(f"{PACKAGES[dialect]}.activations")
    public = {name for name in dir(api) if not name.startswith("_")}
    public -= {"get", "serialize", "deserialize"}
    asked = {
        str(case.arguments.get("activation"))
        for case in of_layer("layers.Dense")
        if dialect in case.dialects and case.id.startswith("layers.Dense/activation/")
    }
    assert asked >= public


def test_dense_is_called_with_every_rank_and_dtype_and_has_gradients_there() -> None:
    cases = of_layer("layers.Dense")
    called = [c for c in cases if {"call", "gradient"} <= {s.do for s in c.steps}]
    assert {len(c.inputs[0].tensor.shape) for c in called} >= {2, 3, 4, 5}
    assert {c.inputs[0].tensor.dtype for c in called} >= set(FLOATS)
    assert any("equal-axes" in c.flags for c in called)
    assert any("empty" in c.flags for c in called)
    policies = {c.arguments.get("dtype") for c in called}
    assert policies >= {*FLOATS, "mixed_float16", "mixed_bfloat16"}


def test_layers_are_asked_for_every_step_and_training_stays_cheap() -> None:
    cases = [case for case in CASES if case.family in ("layers", "models")]
    steps = Counter(step.do for case in cases for step in case.steps)
    assert steps.keys() >= {
        *("build", "weights", "get_weights", "set_weights", "call", "losses", "gradient"),
        *("output_shape", "attributes", "fit", "config", "from_config", "roundtrip", "set"),
    }
    assert 50 <= steps["fit"] <= 120
    assert {case.custom for case in cases} >= {"SimpleDense", "ComputeSum", "MyLayer"}
