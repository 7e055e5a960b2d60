"""Which failures `--write-expectations` takes, and what it says of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.expectations import blocks
from conformance.expectations.entries import UNTRIAGED, read
from conformance.model import Result, patterns
from conformance.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Triage:
    """Which failures to write, and with which reason and link; by default all failures, untriaged.

    `aspects` and `fails` (globs over phrases of signatures) select failures; empty means all. With a
    `reason`, selected failures are also taken out of untriaged entries.
    """

    reason: str = ""
    link: str = ""
    aspects: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()

    def check(self, path: Path | None) -> None:
        """UsageError where this cannot be done to the file. To be called before a long run, not after it."""
        if path is None:
            given = {"reason": self.reason, "link": self.link, "aspect": self.aspects}
            for name, value in {**given, "fails": self.fails}.items():
                if value:
                    raise UsageError(f"--{name} must go with --write-expectations; it does not")
            return
        if self.link and not self.reason:
            raise UsageError(f"--link must go with --reason; received {self.link!r} alone")
        if self.reason and not self.link:
            raise UsageError(f"--reason must go with --link; received {self.reason!r} alone")
        if self.reason.startswith(UNTRIAGED.strip()):
            raise UsageError(f"--reason must be a reason; received {self.reason!r}")
        if path.is_file():
            blocks.split(read(path), path)

    def takes(self, result: Result) -> bool:
        """Whether the failure is selected."""
        return (not self.aspects or result.aspect in self.aspects) and (
            not self.fails
            or any(patterns.covers(f, phrase) for f in self.fails for phrase in result.signature)
        )
