"""Subjects in another process, over the worker protocol: any program, in any language.

The program is not trusted. If it breaks the protocol, hangs or crashes, that is the outcome of the case that it
was asked, and the run goes on with a new process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.model import Case, Crashed, Outcome, Returned, Tensor, TimedOut, Unsupported
from conformance.model.errors import SubjectGone, UsageError
from conformance.subjects import protocol
from conformance.subjects.base import Mode
from conformance.subjects.child import Child, Limits, Lost, Refused, Silent
from conformance.subjects.protocol import Breach, Hello, Refusal

# A case that ends its process is asked again, once, of a new process.
_STRIKES: Final = 2
# How many starts in a row may fail before the run ends.
_STARTS: Final = 3


class ProcessSubject:
    """A program that speaks the worker protocol, as a subject."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        mode: Mode = Mode.EAGER,
        limits: Limits | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Starts the program; UsageError where it does not say hello, or does not offer this mode."""
        self.name = name
        self.wrote = ""
        """The last lines that it wrote to standard error during the last case."""
        self._command = tuple(command)
        self._mode = mode
        self._limits = limits or Limits()
        self._environment = environment
        self._number = 0
        self._child: Child | None = None
        # The classes of the cases that were not answered in time.
        self._slow: set[str] = set()
        try:
            self._child, self.hello = self._started()
        except Refused as refused:
            raise UsageError(f"--subject {name} cannot run: {refused}") from refused
        except Lost as lost:
            raise UsageError(
                f"--subject must be a program that speaks the worker protocol; received {name!r}, "
                f"which {lost}"
            ) from lost
        if str(mode) not in self.hello.modes:
            raise UsageError(
                f"--mode must be one that {name} offers ({', '.join(self.hello.modes)}); "
                f"received {str(mode)!r}"
            )
        self.modes = self.hello.modes

    @property
    def dialect(self) -> str:
        """As the worker said."""
        return self.hello.dialect

    @property
    def tensors(self) -> str:
        """As the worker said."""
        return self.hello.tensors

    @property
    def draws(self) -> str:
        """As the worker said."""
        return self.hello.draws

    def provenance(self) -> Mapping[str, Any]:
        """As the worker said, and the command that runs it."""
        asked = {"protocol": self.hello.version, "mode": str(self._mode), "draws": self.draws}
        return {**self.hello.provenance, **asked}

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and including the first that has no values.

        SubjectGone where the program has ended and cannot be started again.
        """
        if lacking := self.hello.lacks(case):
            return [Unsupported(lacking)]
        asked, missing = self.hello.shortened(case)
        outcomes = self._asked(asked)
        if missing and all(isinstance(outcome, Returned) for outcome in outcomes):
            outcomes.append(Unsupported(missing))
        return outcomes

    def echo(self, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        """The tensors that the worker returns for these; Lost, Silent or Breach where it returns none."""
        number = self._next()
        received = self._ready().exchange(protocol.echo(number, tensors), self._limits.case)
        message = protocol.addressed(received, number)
        if not isinstance(message.get("echo"), dict):
            said = protocol.tidy(str(message.get("error", "no echo")))
            raise Breach(f"answered the echo request with: {said}")
        given: dict[str, Any] = message["echo"]
        return given

    def ask(self, case: Case) -> list[Outcome]:
        """The outcomes of a case, which is asked once; Lost, Silent or Breach where there are none."""
        number = self._next()
        request = protocol.question(number, case, str(self._mode))
        received = self._ready().exchange(request, self._limits.case)
        message = protocol.addressed(received, number)
        return protocol.outcomes(message, case)

    def close(self, *, kill: bool = False) -> None:
        """Ends the process. It is started again when it is needed."""
        if self._child is not None:
            self._child.close(kill=kill)
            self._child = None

    def ends_with_input(self, seconds: float) -> bool:
        """Whether the process ends within `seconds` once its input has ended."""
        ended = self._ready().ends_by_itself(seconds)
        self.close(kill=True)
        return ended

    def _asked(self, case: Case) -> list[Outcome]:
        lost: Outcome = Crashed("was not asked")
        # Of a class that hangs again and again, each case is waited for once.
        for _ in range(1 if case.target in self._slow else _STRIKES):
            number = self._next()
            child = self._ready()
            try:
                request = protocol.question(number, case, str(self._mode))
                received = child.exchange(request, self._limits.case)
                message = protocol.addressed(received, number)
            except Silent:
                lost = TimedOut(self._limits.case)
                self._slow.add(case.target)
            except (Lost, Breach) as error:
                lost = Crashed(f"the subject {error}")
            else:
                self.wrote = child.told()
                try:
                    return protocol.outcomes(message, case)
                except Breach as breach:  # the line has the right form: the process can go on
                    return [Crashed(f"the subject {breach}")]
            self.wrote = child.told()
            self.close(kill=True)
        return [lost]

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _ready(self) -> Child:
        """A process that waits for a request: the present one, or a new one."""
        if self._child is not None and self._child.quiet():
            return self._child
        # It has ended since its last answer, or has written more.
        self.close(kill=True)
        for attempt in range(1, _STARTS + 1):
            try:
                self._child, hello = self._started()
            except Lost as lost:
                if attempt == _STARTS:
                    raise SubjectGone(
                        f"--subject {self.name} must start again after it has ended; {_STARTS} "
                        f"starts failed, the last one {lost}"
                    ) from lost
                time.sleep(0.1 * attempt)
            else:
                self.hello = hello
                return self._child
        raise AssertionError("the last start is returned or raised")

    def _started(self) -> tuple[Child, Hello]:
        """A new process and its hello; Lost where there is none."""
        try:
            child = Child(self._command, self._limits, self._environment)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Lost(f"cannot be started: {reason}") from error
        try:
            said = protocol.hello(child.exchange(b"", self._limits.start))
            known = getattr(self, "hello", said)
            if (said.dialect, said.draws) != (known.dialect, known.draws):
                raise Breach("said another hello than before")
            return child, said
        except Silent as silent:
            child.close(kill=True)
            raise Lost(f"did not say hello within {self._limits.start:g} s") from silent
        except Refusal as refusal:
            child.close(kill=True)
            raise Refused(str(refusal)) from refusal
        except (Lost, Breach) as error:
            child.close(kill=True)
            raise Lost(str(error)) from error
