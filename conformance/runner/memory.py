"""What failed last time, for `--last-failed`: the ids of cases, by folder and subjects, in the user's cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from conformance.model.errors import UsageError
from conformance.runner.report import WRONG, Report
from conformance.subjects import environments
from conformance.vectors import store

_NAME: Final = "last-failed.json"
# The folders and subjects that are kept: whoever runs many does not come back to all.
_MOST: Final = 200


def failed(subjects: Sequence[str]) -> frozenset[str]:
    """The cases that failed when these subjects were last asked, from this folder; UsageError for none."""
    found = _read().get(_key(subjects))
    names = ", ".join(subjects)
    if found is None:
        raise UsageError(
            f"--last-failed must come after a run of {names} in this folder; none is remembered"
        )
    if not found:
        raise UsageError(f"--last-failed: nothing failed in the last run of {names} in this folder")
    return frozenset(found)


def remember(subjects: Sequence[str], report: Report) -> None:
    """Keeps what has failed; of cases that were not asked, what was kept of them. A full disk is no error."""
    known = _read()
    asked = {result.id for result in report.results}
    before = {case_id for case_id in known.pop(_key(subjects), []) if case_id not in asked}
    now = {result.id for result in report.results if result.verdict in WRONG}
    known[_key(subjects)] = sorted(before | now)
    kept = dict(list(known.items())[-_MOST:])
    try:
        store.write(_path(), (json.dumps(kept) + "\n").encode())
    except OSError:
        return


def _path() -> Path:
    return environments.cache() / _NAME


def _key(subjects: Sequence[str]) -> str:
    return "\n".join([str(Path.cwd()), *subjects])


def _read() -> dict[str, list[str]]:
    try:
        found: Any = json.loads(_path().read_text())
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and all(isinstance(ids, list) for ids in found.values())
    return found if whole else {}
