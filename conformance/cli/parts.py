"""The program that a worker of a cluster starts for the parts of a task: `python -m conformance.cli.parts`.

Standard output belongs to the answers; what a subject prints goes to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

from conformance.changes import subjects
from conformance.runner import run
from conformance.runner.executor_serving import Kind, serve
from conformance.strength.explore import travelling
from conformance.strength.mutation import elsewhere

KINDS: Final[Mapping[str, Kind]] = {
    "run": run.KIND,
    "diff": subjects.KIND,
    "mutation": elsewhere.KIND,
    "explore": travelling.KIND,
}


def main() -> None:
    """Serves one task."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    with os.fdopen(requests, "rb") as lines, os.fdopen(answers, "wb") as answered:
        serve(KINDS, lines, answered)


if __name__ == "__main__":
    main()
