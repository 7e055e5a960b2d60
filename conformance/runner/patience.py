"""Stops asking a class of which a subject leaves case after case without an answer in time."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from multiprocessing.sharedctypes import RawArray
from typing import Final, TypeAlias

from conformance.model import Case, Outcome, TimedOut, Unsupported
from conformance.subjects import Subject

# How many cases of a class may give no answer in time before the rest is not asked.
_MOST: Final = 5
# The reason of what is not asked. No run passes in which it occurs.
NOT_ASKED: Final = f"not asked: {_MOST} cases of the class gave no answer in time"
# A count for each subject and class. The processes of a run share it.
Counts: TypeAlias = "ctypes.Array[ctypes.c_int]"


class Patience:
    """Asks, and counts the cases that gave no answer in time."""

    def __init__(
        self, subjects: Sequence[Subject], targets: Sequence[str], counts: Counts | None = None
    ) -> None:
        """`counts`: those of the Patience of another process, for the same subjects and targets."""
        keys = [(subject.name, target) for subject in subjects for target in dict.fromkeys(targets)]
        self._places = {key: place for place, key in enumerate(keys)}
        self.counts: Counts = RawArray(ctypes.c_int, len(keys)) if counts is None else counts

    def answer(self, subject: Subject, case: Case) -> list[Outcome]:
        """What the subject answers; `Unsupported`, for the reason `NOT_ASKED`, where it is not asked any more."""
        place = self._places[subject.name, case.target]
        if self.counts[place] >= _MOST:
            return [Unsupported(NOT_ASKED)]
        answered = subject.answer(case)
        if any(isinstance(outcome, TimedOut) for outcome in answered):
            # Two processes may count at once and lose one: then one case more is asked.
            self.counts[place] += 1
        return answered
