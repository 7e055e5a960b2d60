"""What a worker of a cluster makes its part of an exploration of. It imports no Hypothesis, which not all have."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.model.errors import UsageError
from conformance.runner.executor import Served
from conformance.runner.executor_serving import Kind
from conformance.runner.executor_wire import Wire
from conformance.subjects.child import Timeouts


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom an exploration asks, and how they are run: see `resolve_all`."""

    subjects: tuple[str, ...]
    device: str | None
    timeouts: Timeouts
    in_process: bool


def need_hypothesis() -> None:
    """UsageError where the package is not installed."""
    if importlib.util.find_spec("hypothesis") is None:
        raise UsageError(
            "explore must have the package hypothesis, which the extra `explore` of this distribution "
            "installs; it is not installed"
        )


def _serves(asked: Asked, golden: Path) -> Served:
    need_hypothesis()
    from conformance.strength.explore import elsewhere

    return elsewhere.served(asked, golden)


# Parts of explorations, for the workers of a cluster.
KIND: Final = Kind(_serves, Wire(Asked, Timeouts))
