"""Which findings about official Keras stand in another version of it, which are closed there, and what is new.

A finding has a repro whose last line asserts what is wrong. It runs with the packages of that version: where the
assertion fails, the behaviour is gone. What is new is where the version differs from the golden answers, in cases of
no finding.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from conformance.claims.findings import Finding, elsewhere, load_findings, taking
from conformance.model import Result, Verdict
from conformance.model.errors import UsageError
from conformance.runner.processes import Progress
from conformance.runner.report import WRONG, Follow, Plan, Report, by_case
from conformance.runner.run import run
from conformance.subjects import is_official, versions

# Programs by id in; a line of JSON out as each ends. What they share is imported once.
_RUNNER: Final = """
import json, os, sys, warnings

said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
if asked["alias"]:  # Keras 2 was keras before it was tf_keras
    import keras
    sys.modules["tf_keras"] = keras
for name, script in asked["scripts"].items():
    place = os.path.join(os.getcwd(), name + ".py")  # a saved function needs its source
    with open(place, "w") as file:
        file.write(script)
    try:
        exec(compile(script, place, "exec"), {"__name__": "repro"})
        ended = ["stands", ""]
    except AssertionError:
        ended = ["closed", ""]
    except NameError as error:  # what a repro calls so is set where Keras raises
        ended = ["closed", ""] if error.name == "raised" else ["untold", str(error)]
    except BaseException as error:
        ended = ["untold", f"{type(error).__name__}: {error}".splitlines()[0]]
    said.write(json.dumps([name, *ended]) + "\\n")
    said.flush()
"""
# Seconds that a repro may take; the first of a process also imports TensorFlow.
PATIENCE: Final = 120.0
_PACKAGES: Final = re.compile(r"\b(tf_keras|keras)\b")


class State(StrEnum):
    """What the repro of a finding shows with another version."""

    STANDS = "stands"
    CLOSED = "closed"
    UNTOLD = "untold"  # it ends otherwise: what it asks is not there any more, for example


@dataclass(slots=True)
class Mended:
    """What was found of one version.

    Attributes:
        states: of each finding whose repro was run, what it shows, and why where it shows nothing.
        elsewhere: the ids of findings about another package or platform.
        moved: by finding, the cases of it in which the version differs from the golden answers.
        fresh: the report of the run, with the failures alone that no finding is about.

    """

    subject: str
    version: str
    findings: Sequence[Finding]
    states: Mapping[str, tuple[State, str]]
    elsewhere: Sequence[str]
    report: Report
    moved: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fresh: Report | None = None

    def of(self, state: State) -> list[Finding]:
        """The findings in this state."""
        return [f for f in self.findings if f.id in self.states and self.states[f.id][0] is state]

    def new(self) -> list[str]:
        """The ids of cases in which the version differs, and that no finding is about."""
        results = self.fresh.results if self.fresh else []
        return list(dict.fromkeys(r.id for r in results if r.verdict in WRONG))

    def exit_status(self) -> int:
        """0 if nothing is new, 1 if something is, 130 if interrupted."""
        if self.report.interrupted:
            return 130
        return int(bool(self.new() or self.report.crashed))


def is_asked(spec: str) -> bool:
    """Whether the name is that of a version of official Keras."""
    return versions.is_version(spec) and is_official(spec)


def mended(plan: Plan, *, jobs: int, progress: Progress) -> Mended:
    """Runs the repros and the suite with the one version that the plan names."""
    (spec,) = plan.subjects
    if not is_asked(spec):
        raise UsageError(f"what is mended is asked of a version of Keras; received {spec!r}")
    report = run(replace(plan, follow=Follow.OFFICIAL), jobs=jobs, progress=progress)
    found = load_findings(plan.golden)
    facts = next(iter(report.provenance.values()), {})
    here = set(elsewhere(found, facts))
    about = [f for f in found if f.id not in here and _is_about(f, spec)]
    states = _states(spec, about)
    made = Mended(
        spec,
        str(facts.get("version")),
        found,
        states,
        [f.id for f in found if f.id not in states],
        report,
    )
    _sort(made)
    return made


def _imported(finding: Finding) -> set[str]:
    lines = [line for line in finding.repro.splitlines() if line.startswith(("import", "from"))]
    return set(_PACKAGES.findall("\n".join(lines)))


def _is_about(finding: Finding, spec: str) -> bool:
    """Whether the repro asks the package of this version."""
    asked = versions.named(spec)
    wanted = "tf_keras" if asked.is_keras_2 or asked.package == "tf_keras" else "keras"
    found = _imported(finding)
    return wanted in found and not (asked.is_keras_2 and "keras" in found)


def _states(spec: str, findings: Iterable[Finding]) -> dict[str, tuple[State, str]]:
    """What each repro shows; those that set variables of the environment have processes of their own."""
    alike: dict[str, dict[str, str]] = {}
    for finding in findings:
        first = "".join(line for line in finding.repro.splitlines() if "os.environ" in line)
        alike.setdefault(first, {})[finding.id] = finding.repro
    states: dict[str, tuple[State, str]] = {}
    for scripts in alike.values():
        left = dict(scripts)
        while left:
            ended, silence = _run(spec, left)
            for name, state, why in ended:
                states[name] = State(state), why
                del left[name]
            if left:  # the process ended in the middle of one
                name = next(iter(left))
                states[name] = State.UNTOLD, silence
                del left[name]
    return states


def _run(spec: str, scripts: Mapping[str, str]) -> tuple[list[Any], str]:
    """What the repros show, up to the first that shows nothing; and why it does not."""
    start = versions.launch(spec)
    asked = {"scripts": scripts, "alias": versions.named(spec).is_keras_2}
    shown: list[Any] = []
    with (
        tempfile.TemporaryDirectory() as folder,  # where a repro that saves a model leaves it
        subprocess.Popen(
            [start.command[0], "-c", _RUNNER],
            cwd=folder,
            env={"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3", **start.variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(BrokenPipeError):  # it ended at once, and says nothing
            process.stdin.write(json.dumps(asked))
            process.stdin.close()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        line = "first"
        while line:
            timer = threading.Timer(PATIENCE, stop)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if line.endswith("\n"):
                shown.append(json.loads(line))
    return shown, f"it takes over {PATIENCE:g} s" if late.is_set() else "it ends its process"


def _sort(made: Mended) -> None:
    """Sorts what fails: by the finding that is about it, or as new."""
    moved: dict[str, list[str]] = {}
    fresh: list[Result] = []
    for (_, _, case_id), results in by_case(made.report.results).items():
        if not any(r.verdict in (*WRONG, Verdict.KNOWN_FAILURE) for r in results):
            continue
        finding = taking(case_id, made.findings, attrgetter("globs"))
        if finding is None:
            fresh += results
        else:
            moved.setdefault(finding.id, []).append(case_id)
    made.moved = moved
    made.fresh = replace(made.report, results=fresh)
