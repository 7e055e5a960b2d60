"""Known failures of a subject, each with its reason: `<subject>.toml` beside this file.

An entry is a promise that the subject still fails there. One that passes, or that matches nothing,
is an error: otherwise the list rots.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from conformance import patterns
from conformance.errors import UsageError
from conformance.model import Case, Result, Verdict
from conformance.subjects.base import Mode

# The names of subjects with their dialects, of this release and of those that DESIGN foresees.
_SUBJECT: Final = re.compile(
    r"impl\.keras[23]|(tf_)?keras(==[^@]+)?(@\w+)?|module:[\w.]+:keras[23]|command:.+"
)
_KEYS: Final = {"cases", "aspects", "reason", "link", "strict", "modes", "subjects"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """Cases (a glob over ids) and the aspects in which they are known to fail, and why.

    `strict`: a pass is an error; without it the entry covers what sometimes fails. `modes`: the
    modes of execution it is about; empty means all.
    """

    cases: str
    aspects: tuple[str, ...]
    reason: str
    link: str
    strict: bool = True
    modes: tuple[str, ...] = ()
    source: str = ""

    def covers(self, case_id: str) -> bool:
        """Whether the entry is about this case."""
        return patterns.covers(self.cases, case_id)


def load(path: Path) -> list[tuple[Expectation, tuple[str, ...]]]:
    """The entries of a file, each with the subjects it names (none: whatever subject runs)."""
    try:
        parsed = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"expectations {path}: cannot be read: {error}") from error
    entries = parsed.get("expectation", [])
    if set(parsed) - {"expectation"} or not isinstance(entries, list):
        raise UsageError(
            f"expectations {path}: must hold [[expectation]] tables only; "
            f"received {', '.join(parsed)}"
        )
    return [_entry(entry, f"{path.name} entry {n}") for n, entry in enumerate(entries, start=1)]


def _entry(entry: Any, source: str) -> tuple[Expectation, tuple[str, ...]]:
    if not isinstance(entry, Mapping):
        raise UsageError(f"expectations {source}: must be a table; received {entry!r}")
    if unknown := set(entry) - _KEYS:
        raise UsageError(
            f"expectations {source}: keys must be among {', '.join(sorted(_KEYS))}; "
            f"received {', '.join(sorted(unknown))}"
        )
    for key in ("cases", "reason", "link"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise UsageError(
                f"expectations {source}: {key} must be a text that is not empty; "
                f"received {entry.get(key)!r}"
            )
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("aspects", "modes", "subjects"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise UsageError(
                f"expectations {source}: {key} must be a list of texts; received {value!r}"
            )
        lists[key] = tuple(value)
    if unknown := set(lists["modes"]) - set(Mode):
        raise UsageError(
            f"expectations {source}: modes must be among {', '.join(Mode)}; "
            f"received {', '.join(sorted(unknown))}"
        )
    for name in lists["subjects"]:
        if not _SUBJECT.fullmatch(name):
            raise UsageError(
                f"expectations {source}: subjects must be names as reports show them, "
                f"impl.keras3 or module:my.package:keras3 for example; received {name!r}"
            )
    if not lists["aspects"]:
        raise UsageError(
            f"expectations {source}: aspects must name at least one aspect, or a failure of "
            "another kind would hide behind the entry; received none"
        )
    strict = entry.get("strict", True)
    if not isinstance(strict, bool):
        raise UsageError(
            f"expectations {source}: strict must be true or false; received {strict!r}"
        )
    return (
        Expectation(
            entry["cases"],
            lists["aspects"],
            entry["reason"],
            entry["link"],
            strict,
            lists["modes"],
            source,
        ),
        lists["subjects"],
    )


def for_subject(name: str, mode: str, extra: Iterable[Path] = ()) -> list[Expectation]:
    """The entries for a subject: its own file, if there is one, and those of `extra` files."""
    own = Path(__file__).parent / f"{name}.toml"
    files = [*([own] if own.is_file() else []), *extra]
    return [
        expectation
        for file in files
        for expectation, subjects in load(file)
        if (not subjects or name in subjects)
        and (not expectation.modes or mode in expectation.modes)
    ]


class Ledger:
    """Applies the expectations of one subject to its results, and keeps count of their use."""

    def __init__(self, expectations: Sequence[Expectation]) -> None:
        self._expectations = expectations
        self._used: set[int] = set()
        self._asked: set[int] = set()

    def judge(self, case: Case, results: Sequence[Result]) -> list[Result]:
        """The results of one case, with what was expected to fail marked as known."""
        relevant = [(n, e) for n, e in enumerate(self._expectations) if e.covers(case.id)]
        if not relevant:
            return list(results)
        self._asked |= {n for n, _ in relevant}
        return [self._judge(result, relevant) for result in results]

    def _judge(self, result: Result, relevant: Sequence[tuple[int, Expectation]]) -> Result:
        for number, expectation in relevant:
            if result.aspect not in expectation.aspects:
                continue
            if result.verdict is Verdict.FAIL:
                self._used.add(number)
                message = f"known: {expectation.reason} ({expectation.link}); {result.message}"
                return replace(result, verdict=Verdict.KNOWN_FAILURE, message=message)
            if result.verdict is Verdict.PASS:
                self._used.add(number)
                if not expectation.strict:
                    return result
                message = f"expected to fail: {expectation.reason} ({expectation.source})"
                return replace(result, verdict=Verdict.UNEXPECTED_PASS, message=message)
        return result

    def stale(self, every_id: Iterable[str]) -> list[str]:
        """A sentence for each entry that matched nothing: no case at all, or no aspect of one."""
        ids = list(every_id)
        found = []
        for number, expectation in enumerate(self._expectations):
            if not any(expectation.covers(case_id) for case_id in ids):
                found.append(f"{expectation.source}: cases {expectation.cases!r} matches no case")
            elif number in self._asked and number not in self._used:
                found.append(
                    f"{expectation.source}: no case that {expectation.cases!r} matches has an "
                    f"aspect {', '.join(expectation.aspects)} to fail in"
                )
        return found
