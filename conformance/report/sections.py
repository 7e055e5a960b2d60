"""Tables of `conformance strength` in the page of a run, read from the JSON that it wrote.

Each kind of table has a reader and a template; `_KINDS` lists them by the `kind` that the JSON says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.model.errors import UsageError
from conformance.report import digits
from conformance.report.page import Section

# The counts of a row of the mutation table, in the order of the columns.
_COLUMNS: Final = (
    *("mutants", "killed", "by_value", "by_other", "by_crash", "by_timeout", "survivors"),
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """What `conformance strength mutation` found: a row for each file and class, and every survivor."""

    score: float
    files: Sequence[Mapping[str, Any]]
    allclose: Mapping[str, Any]
    survivors: Sequence[Mapping[str, Any]]
    columns: Sequence[str] = _COLUMNS


def read(path: Path) -> Section:
    """The section that a file holds; UsageError, which names the file, where it holds none."""
    try:
        found = json.loads(path.read_text())
        kind = found["kind"]
        if kind not in _KINDS:
            raise ValueError(f"kind must be among {', '.join(_KINDS)}; received {kind!r}")
        return _KINDS[kind](found)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"--strength {path}: must be JSON that `conformance strength ulp` or `mutation` wrote; "
            f"it cannot be read as such ({type(error).__name__}: {error})"
        ) from error


def _ulp(found: Mapping[str, Any]) -> Section:
    return Section("ulp_section.html", digits.facts(digits.from_json(found)))


def _mutation(found: Mapping[str, Any]) -> Section:
    made = Mutation(
        _of(found, "score", int, float),
        _of(found, "files", list),
        _of(found, "allclose", dict),
        _of(found, "survivors", list),
    )
    for row in made.files:
        for name in _COLUMNS:
            _of(row, name, int)
        for name in ("file", "class"):
            _of(row, name, str)
    for row in made.survivors:
        for name in ("id", "file", "diff"):
            _of(row, name, str)
        _of(row, "line", int)
        _of(row, "reason", str, type(None))
    return Section("mutation_section.html", {"mutation": made})


def _of(found: Mapping[str, Any], name: str, *kinds: type) -> Any:
    """The value of a key; TypeError where it is of none of the kinds."""
    value = found[name]
    if type(value) not in kinds:
        words = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{name} must be {words}; received {value!r}")
    return value


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Section]]] = {
    "ulp": _ulp,
    "mutation": _mutation,
}
