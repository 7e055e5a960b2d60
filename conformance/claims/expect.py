"""What a claim expects of the answers to a case: small tests, each with a name.

Each test gives None where the answers are as documented. Otherwise it gives one clause that says what was
received.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from conformance.claims import facts, tensors
from conformance.claims.answers import Answered, Undecided
from conformance.judge.differences import describe
from conformance.model import Crashed, Raised, TimedOut, Unsupported
from conformance.model.errors import UsageError

Test: TypeAlias = "Callable[[Answered, Any, Mapping[str, Any]], str | None]"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of expectation: its test, and the options that may go with the argument."""

    test: Test
    options: frozenset[str] = frozenset()
    takes_argument: bool = True


@dataclass(frozen=True, slots=True)
class Expectation:
    """The name of a kind, its argument and its options."""

    kind: str
    argument: Any
    options: Mapping[str, Any]

    def broken(self, answered: Answered) -> str | None:
        """What was received instead; None where the answers are as expected.

        Undecided where the subject does not have what the case asks about.
        """
        last = answered.outcomes[-1]
        if isinstance(last, Unsupported):
            raise Undecided(last.reason)
        failed = isinstance(last, Raised | Crashed | TimedOut)
        if failed and not (self.kind == "rejected" and isinstance(last, Raised)):
            return describe(last)
        return KINDS[self.kind].test(answered, self.argument, self.options)


def parse(given: Any, where: str) -> Expectation:
    """Reads the `expect` of a claim; UsageError where it is not valid."""
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


def _accepted(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    return None  # an answer in which a step failed never comes here


def _rejected(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    last = answered.outcomes[-1]
    return None if isinstance(last, Raised) else f"accepted: {describe(last)}"


_OF: Final = frozenset({"of"})
KINDS: Final[Mapping[str, Kind]] = {
    "oracle": Kind(tensors.off_the_truth, takes_argument=False),
    "accepted": Kind(_accepted, takes_argument=False),
    "rejected": Kind(_rejected, takes_argument=False),
    "preserves": Kind(tensors.not_preserved, takes_argument=False),
    "law": Kind(tensors.breach_of_law, _OF, takes_argument=False),
    "form": Kind(tensors.wrong_form, _OF),
    "values": Kind(tensors.wrong_values, _OF | {"shape", "dtype", "decimals"}),
    "sum": Kind(tensors.wrong_sum, _OF | {"decimals"}),
    "elements": Kind(tensors.wrong_elements, _OF),
    "norms": Kind(tensors.wrong_norms, _OF),
    "config": Kind(facts.wrong_config, frozenset({"exact"})),
    "returned": Kind(facts.wrong_facts, frozenset({"exact"})),
    "same": Kind(facts.not_the_same),
    "differs": Kind(facts.not_different),
    "equals": Kind(facts.not_equal, _OF),
    "moments": Kind(tensors.wrong_moments),
}
