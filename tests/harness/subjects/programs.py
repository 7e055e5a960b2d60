"""Programs that answer right, but for what a test has them do."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

from conformance.model import Outcome, Returned, Tensor
from conformance.subjects import process
from conformance.subjects.child import Limits
from conformance.subjects.process import ProcessSubject
from conformance.vectors import store

TEMPLATES = Path(process.__file__).parent / "templates"
LIMITS = Limits(start=5.0, case=0.5, line=1 << 20)
BAD, GOOD = "constraints.NonNeg/value/wave-5-float32", "constraints.NonNeg/value/wave-3x4-float32"
LATER = "constraints.NonNeg/value/least-normals-float32"

# A right subject for NonNeg, with a place for what a hostile one does: `hostile(request)` is called
# before each answer, and may write one of its own.
PROGRAM = """
import json, os, signal, sys, time
BAD = {bad!r}
PIDS = {pids!r}
with open(PIDS, "a") as file:
    print(os.getpid(), file=file)
STARTS = sum(1 for _ in open(PIDS))
def say(message):
    print(json.dumps(message), flush=True)
def hello(**more):
    say({{"protocol": 1, "dialect": "keras3", "provenance": {{"package": "hostile"}}, **more}})
def right(request):
    w = request["case"]["inputs"][0]
    value = {{**w, "data": [max(v, 0.0) for v in w["data"]]}}
    return {{"id": request["id"], "outcomes": [{{"returned": {{"value": value, "input": "unchanged"}}}}]}}
def hostile(request):
    return False
{hostile}
if "hello" not in globals().get("DONE", ""):
    hello()
for line in sys.stdin:
    request = json.loads(line)
    if not hostile(request):
        say(right(request))
{after}
"""

IN_BAD = "def hostile(request):\n    if request['case']['id'] != BAD:\n        return False\n    "
IN_LATER = IN_BAD.replace("BAD", repr(LATER))


class Program:
    """A hostile program as a file, and the processes that it was."""

    def __init__(self, folder: Path, hostile: str, after: str = "") -> None:
        self.pids = folder / "pids"
        self.file = folder / "program.py"
        source = PROGRAM.format(bad=BAD, pids=str(self.pids), hostile=hostile, after=after)
        self.file.write_text(source)

    def subject(self, limits: Limits = LIMITS) -> ProcessSubject:
        return ProcessSubject("command:it", [sys.executable, "-S", str(self.file)], limits=limits)

    def command(self) -> str:
        return f"command:{shlex.join([sys.executable, '-S', str(self.file)])}"

    def starts(self) -> int:
        return len(self.pids.read_text().split())

    def left(self, seconds: float = 5.0) -> list[int]:
        """Those of its processes that live on after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            living = [int(pid) for pid in self.pids.read_text().split() if lives(int(pid))]
            if not living or time.monotonic() > deadline:
                return living
            time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def is_right(outcomes: list[Outcome]) -> bool:
    (outcome,) = outcomes
    return isinstance(outcome, Returned) and isinstance(outcome.values["value"], Tensor)


def ids(few: Path, select: tuple[str, ...]) -> set[str]:
    return {e.case.id for file in store.load_all(few, select) for e in file.cases}
