"""What the rows of initializers ask: every argument, seed, dtype, rank, mode, law."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest
import scipy.stats
from cases.asked import PACKAGES, of, text

from conformance.cases.initializers import common, rows
from conformance.model import DIALECTS, FLOATS, INTEGERS, Case, Kind, Step

CASES = list(rows())


def steps(cases: list[Case], do: str) -> Iterator[Step]:
    for case in cases:
        yield from (step for step in case.steps if step.do == do)


def test_there_are_at_least_1700_cases() -> None:
    assert len(CASES) >= 1700
    assert sum(case.id.split("/")[1] == "sample" for case in CASES) >= 100


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", [*common.CLASSES, "STFT", "Initializer"])
def test_every_constructor_argument_has_at_least_three_values(name: str, dialect: str) -> None:
    cls = getattr(importlib.import_module(f"{PACKAGES[dialect]}.initializers"), name, None)
    if cls is None:
        assert (name, dialect) == ("STFT", "keras2")
        return
    parameters = set(inspect.signature(cls).parameters) - {"args", "kwargs"}
    values: dict[str, set[str]] = {parameter: set() for parameter in parameters}
    for case in of(f"initializers.{name}", dialect=dialect):
        for argument, value in case.arguments.items():
            values.setdefault(argument, set()).add(text(value))
    few = {"periodic": 2}
    for parameter in parameters:
        assert len(values[parameter]) >= few.get(parameter, 3), parameter


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("RandomUniform", {"minval", "maxval", "seed"}),
        ("RandomNormal", {"mean", "stddev", "seed"}),
        ("TruncatedNormal", {"mean", "stddev", "seed"}),
        ("VarianceScaling", {"scale", "mode", "distribution", "seed"}),
        ("STFT", {"side", "window", "scaling", "periodic"}),
    ],
)
def test_every_pair_of_argument_values_dtypes_and_shapes_meets(
    name: str, arguments: set[str]
) -> None:
    choices = [
        {
            **case.arguments,
            "dtype": case.steps[-1].options["dtype"],
            "shape": case.steps[-1].options["shape"],
        }
        for case in of(f"initializers.{name}")
        if "pairwise" in case.flags
    ]
    assert all(choice.keys() == arguments | {"dtype", "shape"} for choice in choices)
    for one, other in combinations(choices[0], 2):
        met = {(text(c[one]), text(c[other])) for c in choices}
        assert met == set(product({a for a, _ in met}, {b for _, b in met})), (one, other)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", common.RANDOM)
def test_seeds_have_every_edge_and_every_meaning(name: str, dialect: str) -> None:
    seeds = {text(c.arguments["seed"]) for c in of(f"initializers.{name}", "seed", dialect)}
    edges = (0, 1, -1, 2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -(2**40))
    assert seeds >= {text(seed) for seed in (*edges, 2**63, 3.0)}
    asked = {c.id.rpartition("/")[2] for c in of(f"initializers.{name}", "repeats", dialect)}
    assert asked >= {
        *("int-instance", "int-fresh", "int-config"),
        *("none-instance", "none-fresh", "none-config"),
    }
    if dialect == "keras3":
        ways = ("instance", "fresh", "config", "shared")
        assert asked >= {f"generator-{way}" for way in ways}
        assert len(of(f"initializers.{name}", "generator", dialect)) >= 3


@pytest.mark.parametrize("name", [*common.CLASSES])
def test_every_rank_and_dtype_is_drawn(name: str) -> None:
    drawn = list(steps(of(f"initializers.{name}"), "initialize"))
    ranks = {len(s.options["shape"]) for s in drawn if isinstance(s.options["shape"], list)}
    assert ranks >= {0, 1, 2, 3, 4, 5}
    assert any(0 in s.options["shape"] for s in drawn if isinstance(s.options["shape"], list))
    dtypes = {s.options["dtype"] for s in drawn if isinstance(s.options.get("dtype"), str)}
    assert dtypes >= {*FLOATS, "int32", "bool", "complex64"}
    if name in (*common.FIXED, "RandomUniform"):
        assert dtypes >= {*INTEGERS, "string"}
    assert any("dtype" not in s.options for s in drawn)


def test_every_mode_meets_every_distribution_in_samples() -> None:
    met = {
        (
            case.arguments.get("mode"),
            case.arguments.get("distribution"),
            bool("scale" in case.arguments),
        )
        for case in of("initializers.VarianceScaling", "sample")
    }
    assert met >= set(product(common.MODES, common.DISTRIBUTIONS, (True, False)))


@pytest.mark.parametrize("name", common.RANDOM)
def test_every_random_class_is_sampled_with_a_law(name: str) -> None:
    samples = of(f"initializers.{name}", "sample")
    assert samples
    for case in samples:
        assert case.tolerance.kind is Kind.DISTRIBUTION
        assert case.tolerance.law is not None
        (step,) = case.steps
        shape: Any = step.options["shape"]
        count: Any = step.options.get("calls", step.options.get("seeds"))
        assert math.prod(shape) * count <= 2**19, case.id


def test_laws_are_those_of_the_documents() -> None:
    law = common.law("GlorotUniform", {}, (3, 3, 5, 7))
    assert law is not None
    assert law.name == "uniform"
    assert law.parameters["high"] == pytest.approx(math.sqrt(6 / (9 * 5 + 9 * 7)), rel=1e-15)
    law = common.law("HeNormal", {}, (40, 10))
    assert law is not None
    assert law.name == "truncated_normal"
    cut = scipy.stats.truncnorm(-2, 2)
    assert law.parameters["stddev"] * cut.std() == pytest.approx(math.sqrt(2 / 40), rel=1e-12)
    axes = {"scale": 3.0, "mode": "fan_out", "distribution": "untruncated_normal"}
    law = common.law("VarianceScaling", {**axes, "input_axes": [0], "output_axes": [1]}, (2, 6, 9))
    assert law is not None
    assert law.name == "normal"
    assert law.parameters["stddev"] == pytest.approx(math.sqrt(3 / 6), rel=1e-15)


@pytest.mark.parametrize("name", common.RANDOM)
def test_plain_draws_have_a_law_and_what_is_not_random_has_none(name: str) -> None:
    for group in ("rank", "empty", "shape", "generator", "fan", "partition", "seed"):
        for case in of(f"initializers.{name}", group):
            # A bad shape has no fans, but is mostly rejected.
            if "bad-input" not in case.flags:
                assert case.tolerance.law is not None, case.id
    for other in (*common.FIXED, "STFT"):
        assert all(case.tolerance.law is None for case in of(other)), other
