"""What the rows of layers and models ask: every argument, activation, step."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from itertools import combinations, product

import pytest
from cases.asked import CASES, PACKAGES, of, text

from conformance.model import DIALECTS, FLOATS


def test_there_are_at_least_800_cases_of_layers() -> None:
    assert sum(case.family in ("layers", "models") for case in CASES) >= 800


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dense_has_values_of_every_argument_and_every_pair_meets(dialect: str) -> None:
    cls = importlib.import_module(f"{PACKAGES[dialect]}.layers").Dense
    parameters = set(inspect.signature(cls).parameters) - {"kwargs"}
    # Of Keras 3 alone, and not of the documents: adapters and quantization.
    parameters -= {"lora_rank", "lora_alpha", "quantization_config"}
    cases = [case for case in of("layers.Dense") if dialect in case.dialects]
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
        for case in of("layers.Dense")
        if dialect in case.dialects and case.id.startswith("layers.Dense/activation/")
    }
    assert asked >= public


def test_dense_is_called_with_every_rank_and_dtype_and_has_gradients_there() -> None:
    cases = of("layers.Dense")
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
