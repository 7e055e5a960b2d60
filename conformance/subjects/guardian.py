"""Ends the process groups that are left when the harness is killed.

It is started as a program whose standard input is a pipe from the harness. A line `+N` puts group N under
guard, and `-N` takes it out. When the pipe closes, however the harness ended, the guardian kills the groups
that are left. It needs the standard library only, so that it starts in milliseconds.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable


def guard(lines: Iterable[bytes]) -> None:
    """Reads to the end, then kills every group under guard."""
    groups: set[int] = set()
    for line in lines:
        change = groups.add if line.startswith(b"+") else groups.discard
        change(int(line[1:]))
    for group in groups:
        with contextlib.suppress(OSError):  # the group has ended by itself
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    guard(sys.stdin.buffer)
