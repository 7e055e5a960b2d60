"""Which case killed which mutant when all were last tried: `killers.json`.

A case is asked first that is known to fail. So a sample takes seconds, and needs no record of what cases run. It is no
evidence: a mutant counts as killed only if the case fails now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance.model.errors import UsageError
from conformance.strength.mutation.operators import Mutant
from conformance.strength.mutation.questions import Question
from conformance.strength.mutation.trial import Tried
from conformance.vectors import store

FILE: Final = Path(__file__).with_name("killers.json")
_SCHEMA: Final = "keras-conformance/killers/1"


def name(mutant: Mutant) -> str:
    """A short name that holds as long as the mutant is the same change of the same line."""
    return hashlib.sha256(f"{mutant.id}\0{mutant.after}".encode()).hexdigest()[:10]


def load(questions: Sequence[Question], path: Path = FILE) -> dict[str, int]:
    """By the name of the mutant, the position of the question that killed it."""
    try:
        data = json.loads(path.read_text())
        if data["schema"] != _SCHEMA:
            raise ValueError(f"schema must be {_SCHEMA!r}; received {data['schema']!r}")
        kept = {key: each.split() for key, each in data["killers"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    at = {_key(question): position for position, question in enumerate(questions)}
    return {each: at[key] for key, names in kept.items() if key in at for each in names}


def write(
    found: Iterable[Tried],
    questions: Sequence[Question],
    earlier: Mapping[str, int],
    mutants: Iterable[Mutant],
    path: Path = FILE,
) -> None:
    """Writes what was found, and what was known of the other mutants that there are."""
    known = {n: p for mutant in mutants if (p := earlier.get(n := name(mutant))) is not None}
    for each in found:
        if each.mutant is not None:
            known.pop(name(each.mutant), None)
            if each.case is not None:
                known[name(each.mutant)] = each.case
    by_case: dict[str, list[str]] = {}
    for each_name, position in known.items():
        by_case.setdefault(_key(questions[position]), []).append(each_name)
    killers = {key: " ".join(sorted(by_case[key])) for key in sorted(by_case)}
    data = {"schema": _SCHEMA, "killers": killers}
    store.write(path, (json.dumps(data, indent=0) + "\n").encode())


def _key(question: Question) -> str:
    return f"{question.dialect} {question.id}"
