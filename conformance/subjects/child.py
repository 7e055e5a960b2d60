"""Runs a program that is not trusted as a child process: writes lines, reads lines, and ends it."""

from __future__ import annotations

import atexit
import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from conformance.subjects import guardian
from conformance.subjects.protocol import tidy

_CHUNK: Final = 1 << 16
# In seconds: how long a child may take to end by itself after its input has ended.
_GRACE: Final = 1.0
_LINES_OF_ERROR: Final = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a child: seconds to start, seconds per case, bytes per line, bytes of stderr that are kept."""

    start: float = 30.0
    case: float = 10.0
    line: int = 16 << 20
    stderr: int = 1 << 16


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The limits that the user chooses, in seconds; None leaves a limit to the subject."""

    start: float | None = None
    case: float | None = None

    def over(self, limits: Limits) -> Limits:
        """The limits of a subject, replaced where the user chose others."""
        start = limits.start if self.start is None else self.start
        return replace(limits, start=start, case=limits.case if self.case is None else self.case)


class Lost(Exception):
    """The child ended or broke the protocol and cannot be used any more. The message says how."""


class Refused(Lost):
    """The child said that it cannot run here. The message is what it said."""


class Silent(Exception):
    """The child did not answer in time."""


class Child:
    """One run of a program, in its own process group; the group ends with this object."""

    def __init__(
        self, command: Sequence[str], limits: Limits, environment: Mapping[str, str] | None = None
    ) -> None:
        """OSError where there is no such program."""
        self._limits = limits
        process = self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
        _guarded("+", process.pid)
        self._finalizer = weakref.finalize(self, _end, process, _GRACE)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._stdin = process.stdin.fileno()
        self._stdout = process.stdout.fileno()
        self._stderr = process.stderr.fileno()
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(descriptor, False)
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._selector.register(self._stderr, selectors.EVENT_READ)
        self._received = bytearray()
        self._error = b""

    @property
    def pid(self) -> int:
        """The id of the process and of its group."""
        return self._process.pid

    def quiet(self) -> bool:
        """Whether the child lives and has written nothing unasked."""
        ready = {key.fd for key, _ in self._selector.select(0)}
        return not self._received and self._stdout not in ready

    def exchange(self, line: bytes, seconds: float) -> bytes:
        """Writes `line`, newline included (b"" writes nothing), and reads the next line, without its newline.

        Lost where the child ends first or its line is too long; Silent where `seconds` pass without one.
        """
        deadline = time.monotonic() + seconds
        self._error = b""
        left = memoryview(line)
        left = left[self._write(left) :]
        if left:
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        looked = 0
        while (end := self._received.find(b"\n", looked)) < 0:
            looked = len(self._received)
            if looked > self._limits.line:
                raise Lost(self._reason(f"wrote a line of more than {self._limits.line} bytes"))
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise Silent
            for key, _ in self._selector.select(remaining):
                if key.fd == self._stdin:
                    left = left[self._write(left) :]
                    if not left:
                        self._selector.unregister(self._stdin)
                else:
                    self._read(key.fd)
        if left:
            self._selector.unregister(self._stdin)
        answer = bytes(self._received[:end])
        del self._received[: end + 1]
        return answer

    def close(self, *, kill: bool = False) -> int | None:
        """Ends the child and its group, gently unless `kill`; returns its exit status, if it has one."""
        self._selector.close()
        self._finalizer.detach()
        return _end(self._process, 0.0 if kill else _GRACE)

    def ends_by_itself(self, seconds: float) -> bool:
        """Closes its standard input; returns whether it ends within `seconds`. It cannot be used afterwards."""
        assert self._process.stdin
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None

    def _write(self, data: memoryview) -> int:
        """The number of bytes that need not be written again: all, if nobody reads them any more."""
        try:
            return os.write(self._stdin, data) if data else 0
        except BlockingIOError:
            return 0
        except OSError:  # the child's output tells what it did instead of reading
            return len(data)

    def _read(self, descriptor: int) -> None:
        data = os.read(descriptor, _CHUNK)
        if descriptor == self._stderr:
            self._error = (self._error + data)[-self._limits.stderr :]
            if not data:
                self._selector.unregister(descriptor)
        elif data:
            self._received += data
        else:
            raise Lost(self._reason(self._ending()))

    def _ending(self) -> str:
        """How the process ended, once it has closed its standard output."""
        half = " in the middle of a line" if self._received else ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        status = self._process.returncode
        if status is None:
            return f"closed its standard output{half}"
        if status < 0:
            return f"was ended by {_signal(-status)}{half}"
        return f"ended with status {status}{half}"

    def _reason(self, what: str) -> str:
        """`what`, with the last words of the child on standard error."""
        told = self.told()
        return f"{what}; it wrote: {told}" if told else what

    def told(self) -> str:
        """The last lines of what the child has written to standard error since the last exchange began."""
        with contextlib.suppress(OSError):
            while data := os.read(self._stderr, _CHUNK):
                self._error = (self._error + data)[-self._limits.stderr :]
                if len(data) < _CHUNK:
                    break
        lines = [tidy(line) for line in self._error.decode(errors="replace").splitlines()]
        return " | ".join([line for line in lines if line.strip()][-_LINES_OF_ERROR:])


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end(process: subprocess.Popen[bytes], grace: float) -> int | None:
    """Closes the child's input, waits `grace` seconds, and kills what is left of its group."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    own = None
    with contextlib.suppress(OSError):
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        own = process.wait(grace)
    with contextlib.suppress(OSError):  # no process of the group is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _guarded("-", process.pid)
    process.stdout.close()
    process.stderr.close()
    return own


# The guardian of this process, by process id, so that a fork does not use its parent's.
_guardians: dict[int, subprocess.Popen[bytes]] = {}


def _guarded(change: str, group: int) -> None:
    """Tells the guardian that a group has begun (`+`) or ended (`-`)."""
    mine = _guardians.get(os.getpid())
    if mine is None:
        mine = _guardians[os.getpid()] = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(guardian.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C must end this process, not the guardian
        )
        atexit.register(_dismiss, mine)
    assert mine.stdin
    with contextlib.suppress(OSError, ValueError):  # dismissed: the last children end alone
        mine.stdin.write(f"{change}{group}\n".encode())


def _dismiss(mine: subprocess.Popen[bytes]) -> None:
    assert mine.stdin
    mine.stdin.close()
    mine.wait()
