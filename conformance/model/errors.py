"""What ends the program early: one sentence for the user, and the exit status that goes with it."""

from __future__ import annotations


class ConformanceError(Exception):
    """A sentence that names the argument or file, the rule, and the value received."""

    exit_status = 2


class UsageError(ConformanceError):
    """The command line or the environment is not as it must be."""


class SubjectGone(ConformanceError):
    """A subject has ended in the middle of its work, and cannot be started again."""


class DamagedGolden(ConformanceError):
    """A golden file is not what the recorder wrote."""

    exit_status = 3
