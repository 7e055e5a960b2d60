"""Reads reports that `conformance run --json` has written, as far as others need them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conformance.model.errors import UsageError
from conformance.runner.baseline import SCHEMA as SMALL

SCHEMA: Final = "keras-conformance/report/1"


def read_results(path: Path) -> list[Mapping[str, Any]]:
    """The results of a report; UsageError, which names the file, where it is not one."""
    try:
        raw = json.loads(path.read_text())
        if raw["schema"] != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA!r}; received {raw['schema']!r}")
        for each in raw["results"]:
            _ = each["subject"], each["against"], each["id"], each["aspect"]
        return [
            {"dtype": "", **each}
            for each in raw["results"]
            if each["verdict"] and "message" in each
        ]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"{path} must be a report written by `conformance run --json`; it cannot be read as "
            f"one ({type(error).__name__}: {error})"
        ) from error


def read_baseline(path: Path) -> dict[str, Any]:
    """An earlier report, or a small baseline, for comparison."""
    try:
        baseline: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"--baseline {path}: cannot be read: {error}") from error
    try:
        if baseline["schema"] == SMALL:
            for row in baseline["classes"]:
                _ = row["subject"], row["against"], row["target"], row["cases"].items()
            _ = [(cause["subject"], cause["what"]) for cause in baseline["causes"]]
            return baseline
        if baseline["schema"] != SCHEMA:
            raise UsageError(
                f"--baseline {path}: schema must be {SCHEMA!r}; received {baseline['schema']!r}"
            )
        for row in baseline["counts"]["classes"]:
            _ = row["subject"], row["against"], row["target"]
            if not isinstance(row["ran"], int):
                raise TypeError(f"ran must be an integer; received {row['ran']!r}")
        for each in baseline["results"]:
            _ = each["subject"], each["against"], each["target"], each["id"], each["verdict"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"--baseline {path}: must be a report written by `conformance run --json` or `--write-baseline`; "
            f"received another file ({type(error).__name__}: {error})"
        ) from error
    return baseline
