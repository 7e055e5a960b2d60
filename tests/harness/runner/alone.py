"""Asks cases one by one, each in a process that has been asked nothing before.

`python -m runner.alone SPEC DIRECTORY ID...` prints, as JSON, the results of each case by id. What the subject
imports is imported once. Then each case has a fork of that process, which ends with it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.model import Result
from conformance.runner.report import Plan
from conformance.runner.run import Runner


def plain(result: Result) -> dict[str, Any]:
    """A result in JSON's types."""
    read: dict[str, Any] = json.loads(json.dumps(asdict(result)))
    return read


def main(spec: str, directory: str, *ids: str) -> None:
    """Prints the results of the cases, by id."""
    plan = Plan((spec,), Path(directory), in_process=True)
    runner = Runner(
        plan
    )  # nothing has been computed yet: TensorFlow has no threads, and can be forked
    positions = {entry.case.id: position for position, (_, entry) in enumerate(runner.entries)}
    found = {}
    for case_id in ids:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            results = [
                plain(result)
                for _, _, several in runner.results(positions[case_id])
                for result in several
            ]
            with os.fdopen(theirs, "w") as answer:
                json.dump(results, answer)
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours) as answer:
            found[case_id] = json.load(answer)
        assert os.waitpid(child, 0)[1] == 0, case_id
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
