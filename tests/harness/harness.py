"""What tests of every room need: where things are, whom they ask, how a command ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The subject of most tests: NumPy, so that none of them waits for TensorFlow.
PLAIN = "module:plain_numpy:keras3"
SUBJECT = ("--subject", PLAIN)
NON_NEG = ("--select", "constraints.NonNeg")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    def sentence(self) -> str:
        """The one line on standard error; AssertionError where there is more or less."""
        assert self.err.endswith("\n"), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.rstrip("\n")
