"""Reading without the garbage collector."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from functools import cache


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector, which would look again and again through what is read, and find nothing.

    What the first of these in a process leaves stays for as long as the process, and is never looked through;
    what comes after it is looked through less often than Python would.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        _settle()
        gc.enable()


@cache
def _settle() -> None:
    """Once in a process: what is garbage by then stays, too."""
    gc.freeze()
    # A case makes some ten thousand objects, or a trace a hundred thousand, and few of them are in circles.
    gc.set_threshold(50_000, 20, 10)
