"""What an exploration has found and done, in memory and as a file: so that another goes on where it stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.model import Case, Fault, Json, codec
from conformance.model.errors import UsageError
from conformance.strength.explore.asking import Failure
from conformance.strength.explore.causes import Cause
from conformance.strength.explore.coverage import Coverage
from conformance.strength.explore.names import digest
from conformance.vectors import store

SCHEMA: Final = "keras-conformance/explore/1"
_FILE: Final = "state.json"
_ASKING: Final = "asking.json"


@dataclass
class Discovery:
    """A cause that nothing held: its smallest example, and how many examples failed for it.

    Attributes:
        shrunk: whether there was time to make the example small.
        fails_again: whether the example failed when it was asked once more.

    """

    subject: str
    case: Case
    failure: Failure
    cause: Cause
    count: int = 1
    shrunk: bool = True
    fails_again: bool = True

    @property
    def slug(self) -> str:
        """A name for files: target, aspect and a digest of the case."""
        return f"{self.case.target}-{self.failure.aspect}-{digest(self.case)}"


@dataclass
class State:
    """Everything that the next exploration of the same directory needs.

    Attributes:
        causes: by subject, those that are told or known.
        rounds, spent: by subject and class, how many searches were made, and the seconds that they took.
        asked: how many cases were asked.
        fatal: keys of cases that ended the process: nothing like them is asked again.

    """

    causes: dict[str, list[Cause]] = field(default_factory=dict)
    discoveries: list[Discovery] = field(default_factory=list)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    rounds: Counter[str] = field(default_factory=Counter)
    spent: dict[str, float] = field(default_factory=dict)
    asked: int = 0
    fatal: set[str] = field(default_factory=set)


def asking(directory: Path, subject: str, case: Case) -> None:
    """Notes which case is asked now."""
    noted = {"subject": subject, "target": case.target, "case": codec.case_to_json(case)}
    (directory / _ASKING).write_text(json.dumps(noted), encoding="utf-8")


def unfinished(directory: Path) -> tuple[str, Case] | None:
    """The case that ended the process of the last exploration, and the subject that was asked."""
    path = directory / _ASKING
    if not path.is_file():
        return None
    noted = json.loads(path.read_text(encoding="utf-8"))
    finished(directory)
    return noted["subject"], codec.case_from_json(noted["target"], noted["case"])


def is_unfinished(directory: Path) -> bool:
    """Whether a case was being asked when the process ended."""
    return (directory / _ASKING).is_file()


def finished(directory: Path) -> None:
    """Notes that no case is asked any more."""
    (directory / _ASKING).unlink(missing_ok=True)


def write(state: State, directory: Path) -> None:
    """Writes the state of an exploration, whole or not at all."""
    store.write(directory / _FILE, dumps(state).encode())


def dumps(state: State) -> str:
    """The state as the text that `loads` reads."""
    json_state = {
        "schema": SCHEMA,
        "causes": {name: [_cause(each) for each in found] for name, found in state.causes.items()},
        "discoveries": [_discovery(each) for each in state.discoveries],
        "coverage": {name: found.as_json() for name, found in state.coverage.items()},
        "rounds": dict(state.rounds),
        "spent": state.spent,
        "asked": state.asked,
        "fatal": sorted(state.fatal),
    }
    return json.dumps(json_state, indent=1) + "\n"


def read(directory: Path) -> State:
    """The state that stands in a directory; a new one where none does. UsageError where it cannot be read."""
    path = directory / _FILE
    if not path.is_file():
        return State()
    try:
        return loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: must be the state of an exploration: {error}") from error


def loads(text: str) -> State:
    """The state that `dumps` wrote; what a damaged text raises is of many kinds."""
    given = json.loads(text)
    if given.pop("schema", None) != SCHEMA:
        raise ValueError(f"schema must be {SCHEMA!r}")
    return State(
        {name: list(map(_cause_from, found)) for name, found in given["causes"].items()},
        [_discovery_from(each) for each in given["discoveries"]],
        {name: Coverage.from_json(found) for name, found in given["coverage"].items()},
        Counter(given["rounds"]),
        dict(given["spent"]),
        int(given["asked"]),
        set(given["fatal"]),
    )


def _cause(cause: Cause) -> dict[str, Json]:
    return {**asdict(cause), "signature": list(cause.signature), "needs": sorted(cause.needs)}


def _cause_from(given: Mapping[str, Any]) -> Cause:
    lists = {"signature": tuple(given["signature"]), "needs": frozenset(given["needs"])}
    return Cause(**{**given, **lists})


def _discovery(each: Discovery) -> dict[str, Json]:
    failure = {**asdict(each.failure), "signature": list(each.failure.signature)}
    return {
        "subject": each.subject,
        "target": each.case.target,
        "case": codec.case_to_json(each.case),
        "failure": failure,
        "cause": _cause(each.cause),
        "count": each.count,
        "shrunk": each.shrunk,
        "fails_again": each.fails_again,
    }


def _discovery_from(given: Mapping[str, Any]) -> Discovery:
    failure = given["failure"]
    known = {"signature": tuple(failure["signature"]), "fault": Fault(failure["fault"])}
    return Discovery(
        given["subject"],
        codec.case_from_json(given["target"], given["case"]),
        Failure(**{**failure, **known}),
        _cause_from(given["cause"]),
        given["count"],
        given["shrunk"],
        given["fails_again"],
    )
