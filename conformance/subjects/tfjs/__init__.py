"""TensorFlow.js as a subject, in a process of Node.js."""

from __future__ import annotations

from conformance.errors import UsageError
from conformance.subjects.base import Mode, Subject
from conformance.subjects.child import Limits


def subject(mode: Mode, device: str | None, limits: Limits | None) -> Subject:
    """The subject `tfjs`; UsageError where it cannot be started."""
    raise UsageError("--subject must name what this release supports; received 'tfjs'")
