"""What the rows of layers and models ask: every argument, activation, step."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from itertools import combinations, product

import pytest
from cases.asked import CASES, PACKAGES, of, text

from conformance.cases.coverage import asked
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
    later = ("sequence-", "mask/", "nested/", "setting-", "shared/")
    sequences = [case for case in cases if case.id.partition("/")[2].startswith(later)]
    of_sequences = [step for case in sequences for step in case.steps if step.do == "fit"]
    assert 50 <= steps["fit"] - len(of_sequences) <= 125
    assert all(step.options["epochs"] <= 3 for step in of_sequences)
    sizes = [given.tensor.values().size for case in sequences for given in case.inputs]
    assert max(sizes) <= 64
    assert {case.custom for case in cases} >= {"SimpleDense", "ComputeSum", "MyLayer"}


def test_every_integer_argument_of_a_layer_is_asked_with_at_least_four_values() -> None:
    integral = [a for a in asked(CASES) if a.target.startswith("layers.") and a.integral]
    found = {(each.target, each.argument): each.integers for each in integral}
    # Of Keras 2 before 2.0: a constructor that takes anything by name ignores it.
    found.pop(("layers.Layer", "implementation"))
    assert {key: sorted(values) for key, values in found.items() if len(values) < 4} == {}
    # Each is there, and the larger values as well.
    layers = {target for target, _ in found}
    assert len(layers) == 11
    for target in layers - {"layers.Dense"}:
        assert found[target, "kernel_size"] >= set(range(1, 8)), target
        assert found[target, "strides"] >= set(range(1, 5)), target
        assert found[target, "dilation_rate"] >= set(range(1, 5)), target
    assert found["layers.Dense", "units"] >= set(range(1, 10))
    assert found["layers.SeparableConv2D", "depth_multiplier"] >= set(range(1, 5))
    assert found["layers.Conv3D", "groups"] >= set(range(1, 5))
    assert found["layers.Conv2DTranspose", "output_padding"] >= set(range(4))


def test_layers_are_asked_at_realistic_sizes_in_every_float_dtype() -> None:
    large = [c for c in CASES if "large" in c.flags and c.family == "layers"]
    for target in {case.target for case in large}:
        cases = [c for c in large if c.target == target and "/large/" in c.id]
        shapes = {c.inputs[0].tensor.shape for c in cases}
        assert len(shapes) >= 2, target
        for shape in shapes:
            dtypes = {c.arguments["dtype"] for c in cases if c.inputs[0].tensor.shape == shape}
            assert dtypes >= set(FLOATS), target
    assert len({case.target for case in large}) == 11
