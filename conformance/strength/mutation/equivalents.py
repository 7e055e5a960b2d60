"""The mutants that are no mistakes, and those that live for another reason: `equivalent.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.model.errors import UsageError
from conformance.strength.mutation.operators import Mutant

FILE = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that computes what `impl` does: its changed line, and why that changes nothing."""

    id: str
    line: str
    reason: str


def load(path: Path = FILE, kind: str = "equivalent") -> dict[str, Equivalent]:
    """The entries by the ids of their mutants. UsageError for a file that cannot be read, or has one twice.

    `kind`: `equivalent`, or `survivor` for those that are mistakes which no case shows, and count as such.
    """
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    found: dict[str, Equivalent] = {}
    for group in data.get(kind, ()):
        if not isinstance(reason := group.get("reason"), str) or not reason:
            raise UsageError(f"{path}: reason must be a sentence; received {reason!r}")
        for name, line in group.get("mutants", {}).items():
            if name in found:
                raise UsageError(f"{path}: a mutant must stand once; received {name!r} twice")
            found[name] = Equivalent(name, line, reason)
    return found


def stale(entries: Mapping[str, Equivalent], mutants: Iterable[Mutant]) -> list[str]:
    """A sentence for each entry whose mutant is not made any more, or is another one now."""
    made = {mutant.id: mutant for mutant in mutants}
    said = []
    for entry in entries.values():
        mutant = made.get(entry.id)
        if mutant is None:
            said.append(f"{entry.id}: no such mutant is made of impl; the entry must go")
        elif mutant.after != entry.line:
            said.append(f"{entry.id}: line must be {mutant.after!r}; received {entry.line!r}")
    return said
