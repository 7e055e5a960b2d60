"""Is the adapter in order? What `conformance doctor` checks in a subject, before a run is worth it.

In a report of failures a broken adapter and a wrong implementation look alike. The doctor tells them apart:
an answer that breaks the worker protocol is a fault of the adapter; a well-formed answer that differs from
official Keras is a fault of the implementation.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from conformance import oracle
from conformance.judge.compare import compare
from conformance.model import (
    FLOATS,
    INTEGERS,
    STORAGE,
    Case,
    Input,
    Outcome,
    Raised,
    Step,
    Tensor,
    Unsupported,
    Verdict,
    codec,
)
from conformance.model.errors import SubjectGone, UsageError
from conformance.subjects import OFFICIAL_DRAWS, exported, modules, protocol, tfjs, versions
from conformance.subjects.child import Limits, Lost, Silent, Timeouts
from conformance.subjects.process import ProcessSubject
from conformance.subjects.protocol import Breach
from conformance.vectors.store import GoldenCase, GoldenFile

# How many cases of each class are asked.
_CASES: Final = 2
_PATIENCE: Final = 5.0
_T = TypeVar("_T")


class State(StrEnum):
    """The result of a check."""

    OK = "ok"
    BROKEN = "broken"  # the adapter
    DIFFERS = "differs"  # the implementation
    UNKNOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, and the result."""

    name: str
    state: State
    detail: str


class _Broken(Exception):
    """The adapter did not answer, or broke the protocol."""


def command(spec: str) -> list[str]:
    """The program of a `command:` subject or of `tfjs`; for any other subject the Python worker."""
    if spec in tfjs.BACKENDS:
        return tfjs.command(spec)
    if not spec.startswith("command:"):
        return modules.worker(spec)
    try:
        words = shlex.split(spec.removeprefix("command:"))
    except ValueError:
        words = []
    if not words:
        raise UsageError(f"SUBJECT must name a program after command:; received {spec!r}")
    return words


def examine(
    spec: str, files: Sequence[GoldenFile], timeouts: Timeouts | None = None
) -> Iterator[Check]:
    """All checks, in order; only that of the hello where there is no hello."""
    variables = None
    if is_version := versions.is_version(spec):
        launch = versions.launch(spec)
        words, variables = list(launch.command), launch.variables
    elif spec in exported.FORMATS:
        words, variables = exported.command(spec), exported.variables()
    else:
        words = command(spec)
    slow = is_version or spec in exported.FORMATS
    allowed = (timeouts or Timeouts()).over(versions.LIMITS if slow else Limits())
    try:
        subject = ProcessSubject(spec, words, limits=allowed, environment=variables)
    except UsageError as error:
        yield Check("hello", State.BROKEN, str(error.__cause__ or error))
        return
    try:
        yield _hello(subject)
        for name, look in _LOOKS.items():
            yield _looked(name, subject, look)
        yield from _answers(subject, files)
        ended = subject.ends_with_input(_PATIENCE)
        said = "ends with it" if ended else f"still runs {_PATIENCE:g} s after it"
        yield Check("end of input", State.OK if ended else State.BROKEN, said)
    except (UsageError, SubjectGone) as error:  # it cannot be started any more
        yield Check("restart", State.BROKEN, str(error))
    finally:
        subject.close(kill=True)


def _looked(
    name: str, subject: ProcessSubject, look: Callable[[ProcessSubject], tuple[State, str]]
) -> Check:
    try:
        return Check(name, *look(subject))
    except _Broken as broken:
        return Check(name, State.BROKEN, str(broken))


def _asked(subject: ProcessSubject, question: Callable[[], _T]) -> _T:
    """The answer. Where there is none: _Broken, and a new process for the next question."""
    try:
        return question()
    except Silent as silent:
        subject.close(kill=True)
        raise _Broken("did not answer in time") from silent
    except (Lost, Breach) as error:
        subject.close(kill=True)
        raise _Broken(str(error)) from error


def _hello(subject: ProcessSubject) -> Check:
    hello = subject.hello
    strange = [dtype for dtype in hello.dtypes or () if dtype not in STORAGE]
    if strange:
        said = f"lists dtypes that the protocol has not: {', '.join(strange)}"
        return Check("hello", State.BROKEN, said)
    facts = hello.provenance
    known = f"{facts['package']} {facts.get('version') or ''}".strip()
    return Check("hello", State.OK, f"{known}, {hello.dialect}, draws: {hello.draws}")


def samples(dtype: str) -> Tensor:
    """Numbers of a dtype that adapters tend to lose: signed zeros, extremes, NaN and infinities."""
    if dtype == "bool":
        return Tensor.of(np.array([[True, False]]))
    if dtype in INTEGERS:
        limits = np.iinfo(STORAGE[dtype])
        return Tensor.of(
            np.array([limits.min, -1 if limits.min else 1, 0, limits.max], STORAGE[dtype])
        )
    third = 1 / 3
    odd = np.array([0.0, -0.0, third, -third, 1e-41, 1e38, np.nan, np.inf, -np.inf, 1.0])
    if dtype == "float16":
        odd[4:6] = 2.0**-24, 65504.0
    if dtype == "float64":
        odd[4:6] = 5e-324, sys.float_info.max
    if dtype in FLOATS:
        return Tensor.of(odd.reshape(2, 5), dtype)
    return Tensor.of(odd.view(np.complex128), dtype)


def _echo(subject: ProcessSubject) -> tuple[State, str]:
    """Checks bit for bit, except for NaN payloads, which JSON cannot express."""
    dtypes = subject.hello.dtypes or tuple(STORAGE)
    for dtype in dtypes:
        empty = Tensor(dtype, (0, 3), b"")
        sent = {"odd": samples(dtype), "empty": empty}
        given = _asked(subject, lambda sent=sent: subject.echo(sent))  # type: ignore[misc]
        for name, tensor in sent.items():
            if said := _unlike(given.get(name), tensor):
                raise _Broken(f"{dtype}: {said}")
    return State.OK, f"{len(dtypes)} dtypes, bit for bit"


def _unlike(given: Any, sent: Tensor) -> str | None:
    try:
        back = codec.tensor_to_json(protocol.tensor(given))
    except (ValueError, TypeError, OverflowError, LookupError) as error:
        return f"gave back no tensor ({protocol.tidy(str(error))})"
    there: Any = codec.tensor_to_json(sent)
    for key in ("dtype", "shape"):
        if back[key] != there[key]:
            return f"{key} must be {there[key]}; got {back[key]}"
    back_data: Any = back["data"]
    for i, (got, must) in enumerate(zip(back_data, there["data"], strict=True)):
        if codec.text(got) != codec.text(must):
            return f"element {i} must be {codec.text(must)}; got {codec.text(got)}"
    return None


def _classes(subject: ProcessSubject) -> Sequence[str]:
    return subject.hello.classes or ("constraints.NonNeg", "regularizers.L2", "layers.Dense")


def _error(subject: ProcessSubject) -> tuple[State, str]:
    for target in _classes(subject)[:3]:
        case = Case("doctor/error", target, arguments={"no_such_argument": 1})
        outcomes = _asked(subject, lambda case=case: subject.ask(case))  # type: ignore[misc]
        if outcomes and isinstance(outcomes[-1], Raised):
            raised = outcomes[-1]
            if raised.phase != "construct":
                raise _Broken(f"a wrong argument has the phase construct; got {raised.phase!r}")
            return State.OK, f"{target}(no_such_argument=1) is raised: {raised.message}"
    return State.UNKNOWN, "no class that was tried rejects the argument no_such_argument"


def _absent(subject: ProcessSubject) -> tuple[State, str]:
    if subject.hello.classes is not None:
        return State.OK, "hello lists its classes, others are not asked for"
    inputs = (Input(Tensor.of(np.array([1.0, 2.0], np.float32))),)
    case = Case("doctor/absent", "constraints.NoSuchClass", inputs=inputs, steps=(Step("call", 0),))
    last = _asked(subject, lambda: subject.ask(case))[-1]
    if isinstance(last, Unsupported):
        return State.OK, f"a class that is not there is unsupported: {last.reason}"
    raise _Broken(f"a class that is not there must be unsupported; got {_kind(last)}")


def _kind(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


_Look: TypeAlias = Callable[[ProcessSubject], tuple[State, str]]
_LOOKS: Final[dict[str, _Look]] = {"echo": _echo, "an error": _error, "a class it lacks": _absent}


def _answers(subject: ProcessSubject, files: Sequence[GoldenFile]) -> Iterator[Check]:
    """Checks whether the first cases of each class are answered, and whether the answers are right."""
    asked = unlike = 0
    example = broken = ""
    for entry in _first(subject, files):
        case, _ = subject.hello.shortened(entry.case)
        try:
            answer = _asked(subject, lambda case=case: subject.ask(case))  # type: ignore[misc]
        except _Broken as error:
            broken = broken or f"{case.id}: {error}"
            continue
        if answer and isinstance(answer[-1], Unsupported):
            continue
        asked += 1
        if case.steps == entry.case.steps and _differs(subject, entry, answer):
            unlike += 1
            example = example or case.id
    if broken:
        yield Check("answers", State.BROKEN, broken)
    elif not asked:
        yield Check("answers", State.UNKNOWN, "every case that was tried is unsupported")
    else:
        yield Check("answers", State.OK, f"{asked} cases answered as the protocol says")
    if unlike:
        said = f"{unlike} of {asked} differ from official Keras, as {example}"
        yield Check("values", State.DIFFERS, said)
    elif asked:
        yield Check("values", State.OK, f"{asked} of {asked} as those of official Keras")


def _first(subject: ProcessSubject, files: Sequence[GoldenFile]) -> Iterator[GoldenCase]:
    for file in files:
        able = [
            entry
            for entry in file.cases
            if subject.dialect in entry.expected and not subject.hello.lacks(entry.case)
        ]
        yield from able[:_CASES]


def _differs(subject: ProcessSubject, entry: GoldenCase, answer: Sequence[Outcome]) -> bool:
    case, expected = entry.case, entry.expected[subject.dialect]
    other = subject.draws != OFFICIAL_DRAWS
    compared = compare(
        answer,
        expected,
        case.tolerance,
        other_draws=other,
        budgets=lambda: oracle.budgets(
            case, subject.dialect, expected, case.tolerance, other_draws=other
        ),
    )
    bad = {Verdict.FAIL, Verdict.MISSING}
    return any(each.verdict in bad for each in compared)


def verdict(checks: Sequence[Check]) -> str:
    """The conclusion, in a sentence."""
    states = {check.state for check in checks}
    if State.BROKEN in states:
        return "your adapter is broken: mend it before you trust a run"
    if State.DIFFERS in states:
        return "your adapter is in order; what differs is your implementation: run the suite"
    return "your adapter is in order: run the suite"
