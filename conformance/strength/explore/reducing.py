"""Takes away from a failing case what its failure does not need, so that its traits are those of the cause."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conformance.cases.rows import trimmed
from conformance.cases.steps import build
from conformance.model import FLOATS, Array, Case, Given, Input, Step, Tensor, codec
from conformance.strength.explore import traits
from conformance.strength.explore.arguments import kinds_of
from conformance.strength.explore.asking import Failure

# How a case fails; None where it does not.
Fails = Callable[[Case], Failure | None]
# What a case has by rights, or what keeps chance out of it.
_NEEDED: Final = ("name", "function", "layers", "seed", "units", "filters", "kernel_size")

# Sizes whose squares are neither subnormal nor infinite: in any dtype, and in all but float16, below all floors.
_PLAIN: Final = ((2.0**-7, 2.0**7), (2.0**-40, 2.0**40))
# What is asked of an initializer, once or again.
_DRAWN: Final = ("shape", "dtype")


def reduced(case: Case, failure: Failure, fails: Fails, until: float) -> tuple[Case, Failure]:
    """The smallest case that is found, and how it fails."""
    again = True
    while again and time.monotonic() < until:
        again = False
        for smaller in _smaller(case):
            if time.monotonic() > until:
                break
            found = fails(smaller)
            if found is not None:
                case, failure, again = smaller, found, True
                break
    return case, failure


def _smaller(case: Case) -> Iterator[Case]:
    """Cases that ask less, in one place."""
    for number in range(len(case.steps) - 1, -1, -1):
        # Without it the weights would be drawn, and differ between any two subjects.
        if len(case.steps) > 1 and case.steps[number].do != "set_weights":
            steps = (*case.steps[:number], *case.steps[number + 1 :])
            yield trimmed(replace(case, steps=steps))
    for number, step in enumerate(case.steps):
        if step.do == "symbolic":
            # It builds, too: a failure that needs no more than that is that of any layer that is built.
            shape: Any = step.options["shape"]
            built = build(*shape)
            steps = (*case.steps[:number], built, *case.steps[number + 1 :])
            yield replace(case, steps=steps)
        if step.do == "repeats":
            asked = {name: step.options[name] for name in _DRAWN if name in step.options}
            steps = (*case.steps[:number], Step("initialize", options=asked))
            yield replace(case, steps=(*steps, *case.steps[number + 1 :]))
    for name in case.arguments:
        if name not in _NEEDED and not name.endswith("initializer"):
            yield replace(case, arguments={k: v for k, v in case.arguments.items() if k != name})
    for name, value in case.arguments.items():
        kinds = kinds_of(name)
        if kinds is None or name in _NEEDED:
            continue
        for simpler in next(iter(kinds.usual.values())):
            if codec.literal_to_json(value) == codec.literal_to_json(simpler):
                break
            if traits.described(simpler) != traits.described(value):
                yield replace(case, arguments={**case.arguments, name: simpler})
    seed = case.arguments.get("seed")
    if seed is not None and traits.described(seed) != "number":
        # Most failures have nothing to do with the seed, and 0 is the first that is tried.
        yield replace(case, arguments={**case.arguments, "seed": 1})
    for number, given in enumerate(case.inputs):
        alone = case.family in ("constraints", "regularizers")
        for simpler in (*_shorter(given, alone), *_simpler(given)):
            inputs = (*case.inputs[:number], simpler, *case.inputs[number + 1 :])
            yield replace(case, inputs=inputs)


def _shorter(given: Input, alone: bool) -> Iterator[Input]:
    """Of a usual shape, where the input is `alone`: where it needs to fit nothing."""
    tensor = given.tensor
    if alone and tensor.shape != (2, 2):
        some = tensor.values().reshape(-1) if tensor.size else np.ones(4)
        values = np.resize(some, 4).reshape(2, 2)
        yield Input(Tensor.of(values, tensor.dtype), given.given)


def _simpler(given: Input) -> Iterator[Input]:
    tensor = given.tensor
    if given.given is not Given.TENSOR:
        yield Input(tensor)
    if tensor.dtype not in FLOATS:
        return
    values = tensor.values().astype(np.float64)
    if tensor.dtype != "float32":
        yield Input(Tensor.of(values, "float32"), given.given)
    ones = np.ones(tensor.shape)
    if not np.array_equal(values, ones):
        yield Input(Tensor.of(ones, tensor.dtype), given.given)
        strange = ~np.isfinite(values) | (values == 0)
        partly = np.where(strange, 1.0, values)
        if not np.array_equal(values, partly):
            yield Input(Tensor.of(partly, tensor.dtype), given.given)
    for plainer in _plainer(values):
        if traits.numbers(plain := Tensor.of(plainer, tensor.dtype)) < traits.numbers(tensor):
            yield Input(plain, given.given)


def _plainer(values: Array) -> Iterator[Array]:
    """The same places with numbers that are less special: zeros without a sign, sizes whose squares are normal."""
    yield np.where(values == 0, 0.0, values)
    sizes = np.abs(values)
    for small, large in _PLAIN:
        yield np.where((sizes > 0) & (sizes < small), np.copysign(small, values), values)
        yield np.where(np.isfinite(values) & (sizes > large), np.copysign(large, values), values)
