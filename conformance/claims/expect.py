"""What a claim expects of the answers to a case: small tests by name.

Each gives None where the answers are as documented, and otherwise one clause that says what was
received. `of` names the tensors that a test is about, by a glob over their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from conformance import oracle
from conformance.judge import distribution
from conformance.judge.differences import describe, shown
from conformance.model import (
    EPSILON,
    Array,
    Case,
    Crashed,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Unsupported,
    patterns,
)
from conformance.model.errors import UsageError
from conformance.oracle import Bounded
from conformance.oracle.judge import worst

# Documents print float32 numbers: two are the same number when these many digits are.
_DIGITS: Final = 6
_NO_FACT: Final = ("input", "same", "warned")


@dataclass(frozen=True, slots=True)
class Answered:
    """A case, what one subject answered, and how to ask it another one."""

    case: Case
    dialect: str
    outcomes: Sequence[Outcome]
    other: Callable[[str], Answered]


class Undecided(Exception):
    """The subject does not have what the case asks about."""


Test: TypeAlias = "Callable[[Answered, Any, Mapping[str, Any]], str | None]"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to expect something: the test, and the options that go beside its argument."""

    test: Test
    options: frozenset[str] = frozenset()
    takes_argument: bool = True


@dataclass(frozen=True, slots=True)
class Expectation:
    """A kind by its name, with its argument and its options."""

    kind: str
    argument: Any
    options: Mapping[str, Any]

    def broken(self, answered: Answered) -> str | None:
        """What was received instead; None where it is as expected. Undecided if not offered."""
        last = answered.outcomes[-1]
        if isinstance(last, Unsupported):
            raise Undecided(last.reason)
        failed = isinstance(last, Raised | Crashed | TimedOut)
        if failed and not (self.kind == "rejected" and isinstance(last, Raised)):
            return describe(last)
        return KINDS[self.kind].test(answered, self.argument, self.options)


def parse(given: Any, where: str) -> Expectation:
    """The expectation that a claim's `expect` stands for; UsageError where it is none."""
    if isinstance(given, str):
        given = {given: None}
    named = [key for key in given if key in KINDS] if isinstance(given, Mapping) else []
    if len(named) != 1:
        raise UsageError(
            f"{where}: expect must name exactly one of {', '.join(KINDS)}; received {given!r}"
        )
    name, kind = named[0], KINDS[named[0]]
    options = {key: value for key, value in given.items() if key != name}
    if unknown := options.keys() - kind.options:
        raise UsageError(
            f"{where}: expect {name} must have no options but {', '.join(sorted(kind.options))}; "
            f"received {', '.join(sorted(unknown))}"
        )
    if kind.takes_argument == (given[name] is None):
        rule = "have an argument" if kind.takes_argument else "stand alone, as a word"
        raise UsageError(f"{where}: expect {name} must {rule}; received {given[name]!r}")
    return Expectation(name, given[name], options)


def _tensors(answered: Answered, options: Mapping[str, Any]) -> list[tuple[str, Tensor]]:
    """Every tensor that the expectation is about, in the order of the steps."""
    glob = options.get("of", "value")
    return [
        (name, value)
        for outcome in answered.outcomes
        if isinstance(outcome, Returned)
        for name, value in outcome.values.items()
        if isinstance(value, Tensor) and patterns.covers(glob, name)
    ]


def _none(answered: Answered, options: Mapping[str, Any]) -> str:
    names = ", ".join(n for o in answered.outcomes if isinstance(o, Returned) for n in o.values)
    return f"no tensor {options.get('of', 'value')!r} among {names or 'nothing'}"


def _oracle(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    known = 0
    truths = oracle.truths(answered.case, answered.dialect, answered.outcomes)
    for outcome, here in zip(answered.outcomes, truths, strict=True):
        assert isinstance(outcome, Returned)
        for name, truth in here.items():
            value = outcome.values[name]
            if not isinstance(truth, Bounded) or not isinstance(value, Tensor):
                continue
            known += 1
            if value.shape != truth.shape:
                return f"{name} of shape {list(value.shape)} instead of {list(truth.shape)}"
            used = worst(truth, value)
            if used > 1:
                return f"{name} {shown(value)}, {used:.3g} times its error budget from the truth"
    if not any(truths):
        return _none(answered, {"of": "*"})
    if not known:
        raise UsageError(
            f"{answered.case.id}: an oracle claim must have a case whose tensors the oracle knows; "
            "it knows none of them"
        )
    return None


def _accepted(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    return None  # what did not return every step never comes here


def _rejected(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    last = answered.outcomes[-1]
    return None if isinstance(last, Raised) else f"accepted: {describe(last)}"


def _preserves(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    """Each call gives a tensor of the shape and dtype of what it was given."""
    seen = 0
    for step, outcome in zip(answered.case.steps, answered.outcomes, strict=True):
        if step.do != "call" or step.input is None or not isinstance(outcome, Returned):
            continue
        given, value = answered.case.inputs[step.input].tensor, outcome.values.get("value")
        seen += 1
        if not isinstance(value, Tensor):
            return f"no tensor but {shown(value)}"
        if (value.dtype, value.shape) != (given.dtype, given.shape):
            return _form_of(value) + f" for {_form_of(given)}"
    return None if seen else _none(answered, {})


def _form_of(value: Tensor) -> str:
    return f"{value.dtype}{list(value.shape)}"


def _form(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Shape and dtype of every tensor."""
    found = _tensors(answered, options)
    for name, value in found:
        if list(value.shape) != wanted.get("shape", list(value.shape)):
            return f"{name} {_form_of(value)}"
        if value.dtype != wanted.get("dtype", value.dtype):
            return f"{name} {_form_of(value)}"
    return None if found else _none(answered, options)


def _near(got: Array, wanted: Array, options: Mapping[str, Any]) -> Array:
    """Where two are the same number to the digits that the document prints."""
    if "decimals" in options:
        room = np.full(wanted.shape, 0.5 * 10.0 ** -options["decimals"])
    else:
        room = 0.5 * 10.0 ** (1 - _DIGITS) * np.where(np.isfinite(wanted), np.abs(wanted), 0.0)
    with np.errstate(invalid="ignore"):
        near: Array = (got == wanted) | (np.abs(got - wanted) <= room * (1 + 1e-9))
    return near


def _values(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The elements of the last tensor, row-major, to the printed digits."""
    found = _tensors(answered, options)
    if not found:
        return _none(answered, options)
    name, value = found[-1]
    form = {key: options[key] for key in ("shape", "dtype") if key in options}
    if (wrong := _form(answered, form, options)) is not None:
        return wrong
    numbers = np.asarray(wanted, dtype=np.float64).reshape(-1)
    flat = value.values().astype(np.float64).reshape(-1)
    if flat.shape == numbers.shape and _near(flat, numbers, options).all():
        return None
    return f"{name} {shown(value)}"


def _sum(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The sum of all elements of all the tensors."""
    found = _tensors(answered, options)
    total = np.asarray(sum(float(v.values().astype(np.float64).sum()) for _, v in found))
    good = bool(found) and bool(_near(total, np.asarray(float(wanted)), options))
    return None if good else f"{float(total):.8g} in {', '.join(n for n, _ in found) or 'nothing'}"


def _elements(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Every element of every tensor lies in [least, most]."""
    found = _tensors(answered, options)
    for name, value in found:
        if (wrong := _outside(value.values().astype(np.float64), wanted, 0.0)) is not None:
            return f"{name} has the element {wrong:.9g}"
    return None if found else _none(answered, options)


def _norms(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Every norm along `axis` of every tensor lies in [least, most], but for rounding."""
    found = _tensors(answered, options)
    for name, value in found:
        axis = wanted["axis"]
        over = tuple(axis) if isinstance(axis, list) else axis
        numbers = value.values().astype(np.float64)
        norms = np.sqrt(np.square(numbers).sum(axis=over))
        terms = numbers.size // max(norms.size, 1)
        if (wrong := _outside(norms, wanted, (terms + 8) * EPSILON[value.dtype])) is not None:
            return f"{name} has the norm {wrong:.9g} along axis {axis}"
    return None if found else _none(answered, options)


def _outside(numbers: Array, wanted: Mapping[str, float], room: float) -> float | None:
    low, high = wanted.get("least", -np.inf), wanted.get("most", np.inf)
    if room:  # not where there is none: the product with an infinity would be NaN
        low, high = low - room * abs(low), high + room * abs(high)
    inside = (numbers >= low) & (numbers <= high)
    return None if inside.all() else float(numbers[~inside].reshape(-1)[0])


def _facts(answered: Answered) -> Iterator[tuple[str, Any]]:
    for outcome in answered.outcomes:
        if isinstance(outcome, Returned):
            yield from outcome.values.items()


def _config(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The entries are in what some step says of the object: its config, record, or attributes."""
    exact = options.get("exact", False)
    seen = []
    for name, value in _facts(answered):
        if name in ("config", "serialized", "attributes", "resolved"):
            inner = value.get("config") if isinstance(value, Mapping) else None
            if _holds(value, wanted, exact) or _holds(inner, wanted, exact):
                return None
            seen.append(f"{name} {shown(value)}")
    return "; ".join(seen) or "no config"


def _returned(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """For each name a value, of some step, that holds what is expected of it."""
    exact = options.get("exact", False)
    for name, part in wanted.items():
        seen = [value for key, value in _facts(answered) if key == name]
        if not any(_holds(value, part, exact) for value in seen):
            return f"{name} " + (", ".join(map(shown, seen)) or "missing")
    return None


def _holds(got: Any, wanted: Any, exact: bool) -> bool:
    """Whether `got` has all entries of `wanted`; numbers to the printed digits unless `exact`."""
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and _holds(got[key], value, exact) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(_holds(g, w, exact) for g, w in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(got, bool):
        return got is wanted
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        near = _near(np.asarray(float(got)), np.asarray(float(wanted)), {})
        return got == wanted or (not exact and bool(near))
    if wanted == "null":  # TOML has no null
        return got is None
    return type(got) is type(wanted) and bool(got == wanted)


def _shared(answered: Answered, other: str) -> list[tuple[str, Any, Any]]:
    """What both cases gave under one name, last."""
    theirs = answered.other(other)
    if isinstance(theirs.outcomes[-1], Unsupported):
        raise Undecided(theirs.outcomes[-1].reason)
    mine, facts = dict(_facts(answered)), dict(_facts(theirs))
    return [(n, mine[n], facts[n]) for n in mine if n in facts and n not in _NO_FACT]


def _same(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """Whatever both cases give is the same, bit for bit."""
    shared = _shared(answered, other)
    for name, mine, theirs in shared:
        if mine != theirs:
            return f"{name} {shown(mine)}, but {shown(theirs)} in {other}"
    return None if shared else f"nothing that {other} gives as well"


def _differs(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """Something that both cases give is not the same."""
    shared = _shared(answered, other)
    same = [n for n, mine, theirs in shared if mine == theirs]
    if len(same) < len(shared):
        return None
    return f"the same {', '.join(same) or 'nothing'} as {other}"


def _equals(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """The tensor that `of` names is the last `value` of the other case, bit for bit."""
    theirs = answered.other(other)
    if isinstance(theirs.outcomes[-1], Unsupported):
        raise Undecided(theirs.outcomes[-1].reason)
    mine, wanted = _tensors(answered, options), _tensors(theirs, {})
    if not mine or not wanted:
        return _none(answered, options) if not mine else f"no value in {other}"
    (name, value), (_, expected) = mine[-1], wanted[-1]
    return None if value == expected else f"{name} {shown(value)}, but {shown(expected)} in {other}"


def _moments(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Mean and standard deviation of a sample, to six standard errors of what is at most normal."""
    found = _tensors(answered, {"of": "sample"})
    for name, drawn in found:
        numbers = drawn.values().astype(np.float64)
        seen = {"mean": float(numbers.mean()), "stddev": float(numbers.std())}
        spread = wanted.get("stddev", seen["stddev"])
        room = {
            "mean": 6 * spread / np.sqrt(drawn.size),
            "stddev": 6 * spread / np.sqrt(2 * drawn.size),
        }
        for moment, value in wanted.items():
            if not abs(seen[moment] - value) <= room[moment]:
                return f"{name} of {drawn.size} with the {moment} {seen[moment]:.6g}"
    return None if found else _none(answered, {"of": "sample"})


def _law(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    """Every draw keeps what its law promises; samples also as a whole."""
    law = answered.case.tolerance.law
    if law is None:
        raise UsageError(f"{answered.case.id}: a claim about a law must have a case with one")
    found = _tensors(answered, {"of": options.get("of", "*")})
    for name, drawn in found:
        if name == "sample":
            broken, _ = distribution.judge(drawn, law)
        else:
            broken = list(filter(None, [distribution.contract(drawn, law)]))
        if broken:
            return f"{name}: {broken[0]}"
    return None if found else _none(answered, {"of": options.get("of", "*")})


_OF: Final = frozenset({"of"})
KINDS: Final[Mapping[str, Kind]] = {
    "oracle": Kind(_oracle, takes_argument=False),
    "accepted": Kind(_accepted, takes_argument=False),
    "rejected": Kind(_rejected, takes_argument=False),
    "preserves": Kind(_preserves, takes_argument=False),
    "law": Kind(_law, _OF, takes_argument=False),
    "form": Kind(_form, _OF),
    "values": Kind(_values, _OF | {"shape", "dtype", "decimals"}),
    "sum": Kind(_sum, _OF | {"decimals"}),
    "elements": Kind(_elements, _OF),
    "norms": Kind(_norms, _OF),
    "config": Kind(_config, frozenset({"exact"})),
    "returned": Kind(_returned, frozenset({"exact"})),
    "same": Kind(_same),
    "differs": Kind(_differs),
    "equals": Kind(_equals, _OF),
    "moments": Kind(_moments),
}
