"""What the rows of constraints ask: every argument, axis, rank, dtype, edge and kernel."""

from __future__ import annotations

import importlib
import inspect
from itertools import combinations, product

import pytest
from cases.asked import CASES, PACKAGES, of, text

from conformance.model import DIALECTS, FLOATS, INTEGERS, Given

NORMS = ("MaxNorm", "MinMaxNorm", "UnitNorm")


def test_there_are_at_least_800_cases_of_constraints() -> None:
    assert sum(case.family == "constraints" for case in CASES) >= 800


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["Constraint", *NORMS, "NonNeg", "RadialConstraint"])
def test_every_constructor_argument_has_at_least_three_values(name: str, dialect: str) -> None:
    cls = getattr(importlib.import_module(f"{PACKAGES[dialect]}.constraints"), name, None)
    if cls is None:
        assert name == "RadialConstraint" and dialect == "keras3"  # noqa: PT018
        return
    parameters = set(inspect.signature(cls).parameters) - {"args", "kwargs"}
    values: dict[str, set[str]] = {parameter: set() for parameter in parameters}
    for case in of(f"constraints.{name}"):
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
    pairwise = [case.arguments for case in of(f"constraints.{name}") if "pairwise" in case.flags]
    names = list(pairwise[0])
    assert all(list(arguments) == names for arguments in pairwise)
    for one, other in combinations(names, 2):
        met = {(text(a[one]), text(a[other])) for a in pairwise}
        assert met == set(product({a for a, _ in met}, {b for _, b in met})), (one, other)
    for argument in names:
        assert len({text(a[argument]) for a in pairwise}) >= 3


def test_axes_are_given_in_every_form() -> None:
    for name in NORMS:
        axes = {
            text(case.arguments["axis"])
            for case in of(f"constraints.{name}")
            if "axis" in case.arguments
        }
        assert axes >= {text(a) for a in (0, 1, -1, [0], [0, 1], (0, 1), None)}


@pytest.mark.parametrize("name", [*NORMS, "NonNeg"])
def test_every_rank_and_dtype_is_called(name: str) -> None:
    tensors = [given.tensor for case in of(f"constraints.{name}") for given in case.inputs]
    for dtype in FLOATS:
        ranks = {len(t.shape) for t in tensors if t.dtype == dtype and t.size > 1}
        assert ranks >= {1, 2, 3, 4, 5}, dtype
    assert {t.dtype for t in tensors} >= {*FLOATS, *INTEGERS, "bool"}
    forms = {given.given for case in of(f"constraints.{name}") for given in case.inputs}
    assert forms >= {Given.TENSOR, Given.VARIABLE, Given.ARRAY, Given.LIST}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", NORMS)
def test_every_edge_that_is_asked_for_is_there(name: str, dtype: str) -> None:
    edges = {
        flag
        for case in of(f"constraints.{name}", "edge")
        for flag in case.flags
        if case.inputs[0].tensor.dtype == dtype
    }
    assert edges >= {
        *("zero", "negative-zero", "subnormal", "bound", "epsilon", "overflow", "underflow"),
        *("infinity", "nan", "empty", "single"),
    }


def test_radial_kernels_have_every_size_form_and_dtype() -> None:
    shapes = [
        case.inputs[0].tensor.shape for case in of("constraints.RadialConstraint") if case.inputs
    ]
    assert {s[0] for s in shapes if len(s) == 4 and s[0] == s[1]} >= set(range(1, 8))
    assert any(len(s) == 4 and s[0] != s[1] for s in shapes)
    sizes = {
        (case.inputs[0].tensor.dtype, case.inputs[0].tensor.shape[0])
        for case in of("constraints.RadialConstraint", "size")
    }
    assert sizes == set(product(FLOATS, range(1, 8)))
    assert all(case.dialects == ("keras2",) for case in of("constraints.RadialConstraint"))
