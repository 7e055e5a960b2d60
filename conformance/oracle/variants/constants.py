"""Variants of what a definition has beside its arguments: the fuzz factor, sums and means, squares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.model import Case, Step
from conformance.oracle.variants.variant import Variant

_EPSILONS: Final = (
    *(("0", 0.0), ("1e-12", 1e-12), ("1e-10", 1e-10), ("1e-8", 1e-8), ("1e-6", 1e-6)),
    *(("1e-5", 1e-5), ("1e-4", 1e-4), ("1e-3", 1e-3)),
)
# What the sums of a penalty are multiplied with.
_FACTORS: Final = ("l1", "l2", "strength", "factor")
_PENALTIES: Final = ("L1", "L2", "L1L2", "l1", "l2", "l1_l2")


def variants(case: Case) -> Iterator[Variant]:
    """Every variant of this kind."""
    if case.family == "constraints" or any("constraint" in name for name in case.arguments):
        yield from _epsilons(case)
    if case.family == "regularizers" and case.inputs:
        yield from _penalties(case)


def _epsilons(case: Case) -> Iterator[Variant]:
    """Another fuzz factor, unless the case sets it itself."""
    if any(step.do == "setting" and "epsilon" in step.options for step in case.steps):
        return
    for text, value in _EPSILONS:
        first = Step("setting", options={"epsilon": value})
        made = replace(case, steps=(first, *case.steps))
        yield Variant(f"an epsilon of {text}, not 1e-7", made, before=1)


def _penalties(case: Case) -> Iterator[Variant]:
    """The mean in place of the sum, another power."""
    shape = case.inputs[0].tensor.shape
    size = case.inputs[0].tensor.size
    name = case.target.rpartition(".")[2]
    factors = _factors(case)
    if not factors:
        return
    if name == "OrthogonalRegularizer":
        yield from _pairs(case, shape, factors)
        return
    if name not in _PENALTIES:
        return
    if size > 1:
        yield Variant("the mean, not the sum", _scaled(case, factors, 1 / size))
    if shape and shape[0] > 1:
        text = "divided by the size of the first axis, as of a batch"
        yield Variant(text, _scaled(case, factors, 1 / shape[0]))
    yield Variant("exactly half of the expected value", _scaled(case, factors, 0.5))
    yield Variant(
        "the factor is squared",
        replace(case, arguments={**case.arguments, **{k: v * v for k, v in factors.items()}}),
    )
    yield Variant(
        "the factor is ignored",
        replace(case, arguments={**case.arguments, **dict.fromkeys(factors, 1.0)}),
    )
    for mine, other, text in (
        ("L1", "L2", "squares in place of absolute values"),
        ("L2", "L1", "absolute values in place of squares"),
    ):
        if name.upper() == mine:
            changed = {other.lower(): case.arguments.get(mine.lower(), 0.01)}
            target = f"regularizers.{other}"
            yield Variant(text, replace(case, target=target, arguments=changed))
    if name == "L1L2":
        for kept, text in (("l1", "the squares are"), ("l2", "the absolute values are")):
            rest = {k: v for k, v in case.arguments.items() if k == kept}
            yield Variant(f"{text} left out", replace(case, arguments=rest))


def _factors(case: Case) -> dict[str, float]:
    """The factors of a penalty; 0.01 where a class has one by default."""
    name = case.target.rpartition(".")[2]
    found: dict[str, Any] = {k: v for k, v in case.arguments.items() if k in _FACTORS}
    if not case.arguments:
        defaults: Mapping[str, Mapping[str, float]] = {
            "L1": {"l1": 0.01},
            "L2": {"l2": 0.01},
            "l1": {"l1": 0.01},
            "l2": {"l2": 0.01},
        }
        found = dict(defaults.get(name, {}))
    if name == "OrthogonalRegularizer":
        found.setdefault("factor", 0.01)
    plain = all(type(value) in (int, float) for value in found.values())
    return {k: float(v) for k, v in found.items()} if plain else {}


def _scaled(case: Case, factors: Mapping[str, float], by: float) -> Case:
    return replace(
        case, arguments={**case.arguments, **{name: value * by for name, value in factors.items()}}
    )


def _pairs(case: Case, shape: tuple[int, ...], factors: Mapping[str, float]) -> Iterator[Variant]:
    """Of the mean over pairs of rows or columns."""
    if len(shape) != 2:
        return
    rows = case.arguments.get("mode", "rows") == "rows"
    count = shape[0] if rows else shape[1]
    if count < 2:
        return
    pairs = count * (count - 1)
    yield Variant("the sum over the pairs, not their mean", _scaled(case, factors, pairs))
    yield Variant(
        "each pair is counted once in the sum, twice in the number", _scaled(case, factors, 0.5)
    )
    text = "the mean over all products, that of a row with itself included"
    yield Variant(text, _scaled(case, factors, (count - 1) / count))
