"""Other versions of the official packages, and Keras 3 on other backends: `keras==3.5.0@jax`."""

from __future__ import annotations

from conformance.errors import UsageError
from conformance.subjects.base import Mode, Subject
from conformance.subjects.child import Limits


def subject(spec: str, mode: Mode, device: str | None, limits: Limits | None) -> Subject:
    """The subject that `spec` names; UsageError where there is none."""
    raise UsageError(f"--subject must name what this release supports; received {spec!r}")
