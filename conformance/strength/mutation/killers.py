"""Which case killed which mutant when all were last tried: `killers.json`.

A case is asked first that is known to fail. So a sample takes seconds, and needs no record of what cases run. It is no
evidence: a mutant counts as killed only if the case fails now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from conformance.model.errors import UsageError
from conformance.strength.mutation.operators import Mutant
from conformance.strength.mutation.questions import Question
from conformance.strength.mutation.trial import Tried
from conformance.vectors import store

FILE: Final = Path(__file__).with_name("killers.json")
_SCHEMA: Final = "keras-conformance/killers/1"
# In place of a case: the mutant cannot be imported.
_IMPORT: Final = "import"
AT_IMPORT: Final = -1


def name(mutant: Mutant) -> str:
    """A short name that holds as long as the mutant is the same change of the same line."""
    return hashlib.sha256(f"{mutant.id}\0{mutant.after}".encode()).hexdigest()[:10]


def load(questions: Sequence[Question], path: Path = FILE) -> dict[str, int]:
    """By the name of the mutant, the position of the question that killed it; `AT_IMPORT` needs none."""
    at = {_key(question): position for position, question in enumerate(questions)}
    at[_IMPORT] = AT_IMPORT
    return {each: at[key] for each, key in _kept(path).items() if key in at}


def names(path: Path = FILE) -> frozenset[str]:
    """The names of all mutants that some case killed, whichever cases are asked now."""
    return frozenset(_kept(path))


def _kept(path: Path) -> dict[str, str]:
    """By the name of the mutant, the key of the case that killed it; of all cases."""
    try:
        data = json.loads(path.read_text())
        if data["schema"] != _SCHEMA:
            raise ValueError(f"schema must be {_SCHEMA!r}; received {data['schema']!r}")
        return {each: key for key, names in data["killers"].items() for each in names.split()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def write(
    found: Iterable[Tried],
    questions: Sequence[Question],
    mutants: Iterable[Mutant],
    path: Path = FILE,
) -> None:
    """Writes what was found, and keeps what is known of the other mutants and of other cases that there are."""
    made = {name(mutant) for mutant in mutants}
    cases = store.names(store.default_directory())
    there = {_IMPORT, *(f"{dialect} {case.id}" for case in cases for dialect in case.dialects)}
    known = {each: key for each, key in _kept(path).items() if each in made and key in there}
    asked = {_key(question) for question in questions}
    for each in found:
        if each.mutant is None:
            continue
        short = name(each.mutant)
        if each.case is not None:
            known[short] = _key(questions[each.case])
        elif each.killed is not None:
            known[short] = _IMPORT
        elif known.get(short) in asked:
            del known[short]  # it was asked this case first, and lived
    by_case: dict[str, list[str]] = {}
    for short, key in known.items():
        by_case.setdefault(key, []).append(short)
    data = {
        "schema": _SCHEMA,
        "killers": {k: " ".join(sorted(by_case[k])) for k in sorted(by_case)},
    }
    store.write(path, (json.dumps(data, indent=0) + "\n").encode())


def _key(question: Question) -> str:
    return f"{question.dialect} {question.id}"
