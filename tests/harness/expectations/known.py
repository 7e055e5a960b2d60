"""A subject that is known to fail, entries that say so, and the verdicts of a run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import tomlkit

from conformance.model import Verdict
from conformance.runner.report import Report

SUBJECT = "module:known_failures:keras3"
NONNEG = "constraints.NonNeg"
CASES = f"{NONNEG}/value/"
# What the subject gets wrong, rejects, and gets right.
CLIPPED = f"{CASES}wave-5-float32"
REJECTED = f"{CASES}rank-0-float32"
RIGHT = f"{CASES}least-normals-float32"
# How it fails where it clips.
OFF = "value off, relative error up to 1"
Run = Callable[..., Report]


class NonNeg:
    """On NumPy, clipped at 1 by mistake; a number without a shape is refused."""

    most: float | None = 1.0

    def __call__(self, w: Any) -> Any:
        if w.ndim == 0:
            raise ValueError("weights must have a shape")
        return np.clip(w, w.dtype.type(0), self.most and w.dtype.type(self.most))


def entry(
    cases: str | list[str] = CLIPPED, aspects: tuple[str, ...] = ("value",), **more: Any
) -> str:
    fields = {
        "cases": cases,
        "aspects": list(aspects),
        "reason": "clipped at 1",
        "link": "https://example.org/1",
        **more,
    }
    return tomlkit.dumps({"expectation": [fields]})


# One whose cause is nothing in particular.
some_entry = partial(entry, reason="because", link="there")


def read(text: str) -> list[dict[str, Any]]:
    """The entries of a file."""
    found: list[dict[str, Any]] = tomllib.loads(text).get("expectation", [])
    return found


def verdicts(report: Report, case_id: str = CLIPPED) -> dict[str, Verdict]:
    """By aspect."""
    return {r.aspect: r.verdict for r in report.results if r.id == case_id}
