"""How much of the domain was asked: inputs of classes, values of arguments, sequences of steps.

- inputs: of each class, pairs of rank and dtype, pairs of dtype and kind of numbers, and sizes, among all that the
  domain has;
- values: of each argument of each class, kinds of values, among all that `arguments` has;
- sequences: ordered pairs of steps that follow one another, among all pairs of the steps of the state machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Final

from conformance.model import FLOATS, Case, Input
from conformance.strength.explore import aims, traits
from conformance.strength.explore.aims import Aim
from conformance.strength.explore.arguments import kind_of, kinds_of
from conformance.strength.explore.domain import SEQUENCES, Target, ranks_of
from conformance.strength.explore.sequences import STEPS

_NUMBERS: Final = ("nan", "infinite", "huge", "tiny", "subnormal", "negative-zero", "zero", "empty")
_SIZES: Final = ("single", "small", "hundreds", "thousands", "equal-axes", "unequal-axes")
# What never follows what: an attribute of a target cannot be set on what is no layer, and so on.
_FIRST_NEEDS_COMPILE: Final = ("fit", "evaluate", "predict")
_UNCOMPILES: Final = ("roundtrip", "new")


@dataclass
class Coverage:
    """What was asked, as texts; `offered` has what there is to be asked."""

    inputs: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    sequences: set[str] = field(default_factory=set)

    def take(self, case: Case) -> None:
        """Counts what a case asks."""
        for given in case.inputs[:1]:
            self.inputs.update(f"{case.target}: {each}" for each in _of_input(given))
        for name, value in case.arguments.items():
            if (kind := kind_of(name, value)) is not None:
                self.values.add(f"{case.target}({name}): {kind}")
        for one, other in pairwise(step.do for step in case.steps):
            self.sequences.add(f"{one}, {other}")

    def add(self, other: Coverage) -> None:
        """Counts what another one has counted."""
        self.inputs |= other.inputs
        self.values |= other.values
        self.sequences |= other.sequences

    def share(self, offered: Coverage) -> dict[str, float]:
        """The parts of what is offered that were asked, from 0 to 1."""
        return {
            name: _part(getattr(self, name), getattr(offered, name))
            for name in ("inputs", "values", "sequences")
        }

    def of_target(self, target: str, offered: Coverage) -> float:
        """The part of what is offered about one target that was asked."""
        if target == SEQUENCES:
            return _part(self.sequences, offered.sequences)
        mine = {each for each in offered.inputs | offered.values if _is_of(each, target)}
        return _part(self.inputs | self.values, mine)

    def lacking(self, target: str, offered: Coverage) -> list[Aim]:
        """What of what is offered about one target was not asked."""
        every = (offered.inputs - self.inputs) | (offered.values - self.values)
        found = (aims.read(target, text) for text in sorted(every))
        return [each for each in found if each is not None]

    def as_json(self) -> dict[str, list[str]]:
        """Every text."""
        return {name: sorted(getattr(self, name)) for name in ("inputs", "values", "sequences")}

    @classmethod
    def from_json(cls, json: Mapping[str, Iterable[str]]) -> Coverage:
        """What `as_json` gave."""
        return cls(**{name: set(texts) for name, texts in json.items()})


def _part(asked: set[str], offered: set[str]) -> float:
    return len(asked & offered) / len(offered) if offered else 0.0


def _is_of(text: str, target: str) -> bool:
    return text.startswith((f"{target}: ", f"{target}("))


def offered(targets: Sequence[Target]) -> Coverage:
    """All that can be asked of these classes."""
    found = Coverage()
    for target in targets:
        if target.name == SEQUENCES:
            found.sequences.update(_pairs())
            continue
        for name in target.arguments:
            kinds = kinds_of(name)
            if kinds is not None and target.name != "layers.Layer":
                found.values.update(f"{target.name}({name}): {kind}" for kind in kinds.names)
        if target.family == "initializers":
            continue
        places = [f"rank {rank} of {dtype}" for rank, dtype in product(ranks_of(target), FLOATS)]
        places += [f"{kind} of {dtype}" for kind, dtype in product(_NUMBERS, FLOATS)]
        found.inputs.update(f"{target.name}: {each}" for each in (*places, *_SIZES))
    return found


def _pairs() -> Iterator[str]:
    for one, other in product(STEPS, repeat=2):
        impossible = one in _UNCOMPILES and other in _FIRST_NEEDS_COMPILE
        if not impossible and other != "set_weights":
            yield f"{one}, {other}"
    yield "build, set_weights"


def _of_input(given: Input) -> Iterator[str]:
    tensor = given.tensor
    yield f"rank {len(tensor.shape)} of {tensor.dtype}"
    for kind in traits.numbers(tensor):
        yield f"{kind} of {tensor.dtype}"
    if tensor.size == 1:
        yield "single"
    elif tensor.size:
        yield (
            "thousands"
            if tensor.size >= traits.LARGE
            else "hundreds"
            if tensor.size >= 100
            else "small"
        )
    if len(tensor.shape) > 1:
        yield "equal-axes" if len(set(tensor.shape)) == 1 else "unequal-axes"
