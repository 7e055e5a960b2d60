"""Stops asking a class of which a subject leaves case after case without an answer in time."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from multiprocessing.sharedctypes import RawArray
from typing import TypeAlias

from conformance import expectations
from conformance.model import Case, Outcome, TimedOut, Unsupported
from conformance.runner.report import MOST_LATE, NOT_ASKED, Plan
from conformance.subjects import Subject

# A count for each subject and class. The processes of a run share it.
Counts: TypeAlias = "ctypes.Array[ctypes.c_int]"


class Patience:
    """Asks, and counts the cases that gave no answer in time, but for those that are known to."""

    def __init__(
        self,
        plan: Plan,
        subjects: Sequence[Subject],
        targets: Sequence[str],
        counts: Counts | None = None,
    ) -> None:
        """`counts`: those of the Patience of another process, for the same subjects and targets."""
        self._plan = plan
        keys = [(subject.name, target) for subject in subjects for target in dict.fromkeys(targets)]
        self._places = {key: place for place, key in enumerate(keys)}
        self.counts: Counts = RawArray(ctypes.c_int, len(keys)) if counts is None else counts

    def answer(self, subject: Subject, case: Case) -> list[Outcome]:
        """What the subject answers; `Unsupported`, for the reason `NOT_ASKED`, where it is not asked any more."""
        place = self._places[subject.name, case.target]
        if self.counts[place] >= MOST_LATE:
            return [Unsupported(NOT_ASKED)]
        answered = subject.answer(case)
        late = any(isinstance(outcome, TimedOut) for outcome in answered)
        if late and not self._is_known(subject, case):
            # Two processes may count at once and lose one: then one case more is asked.
            self.counts[place] += 1
        return answered

    def _is_known(self, subject: Subject, case: Case) -> bool:
        """Whether an entry says of this case that it gives no answer in time."""
        plan = self._plan
        entries = expectations.for_subject(
            subject.name, str(plan.mode), plan.expectations, facts=subject.provenance()
        )
        return any(
            "accepted" in entry.aspects
            and (not entry.fails or "timed out" in entry.fails)
            and entry.covers(case.id)
            for entry in entries
        )
