"""Hints in the words of an error: what Python and NumPy say when something common is not handled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conformance.judge.hints.hint import Hint
from conformance.model import Crashed, Outcome, Raised, Returned, TimedOut

# What a message says, and what that is for. `{0}` is the first group.
_MESSAGES: Final = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"unexpected keyword argument '(\w+)'", "the argument {0!r} is not taken"),
        (
            r"missing \d+ required positional argument.*: '(\w+)'",
            "the argument {0!r} has no default",
        ),
        (r"takes (?:from )?\d+.* positional arguments? but", "arguments are not taken by position"),
        (r"multiple values for argument '\w+'", "arguments by position are in another order"),
        (
            r"'list' object cannot be interpreted as an integer|unhashable type: 'list'",
            "a list is not taken where NumPy wants a tuple or a number",
        ),
        (
            r"only (?:integer|length-1|0-dimensional|size-1) .*(?:scalar|array)",
            "an array is not taken for a number",
        ),
        (r"truth value of an? array", "an array is compared with if, or with and, or, not"),
        (r"'NoneType' object|not supported between instances of .*'NoneType'", "None is not taken"),
        (
            r"axis (-?\d+) is out of bounds",
            "an axis is out of bounds: axes may count from the end, or be none",
        ),
        (
            r"could not be broadcast|not be broadcast together",
            "shapes do not broadcast: keepdims may be missing",
        ),
        (
            r"unsupported operand|ufunc .* not supported|No loop matching"
            r"|not supported between instances of|'(?:list|float|int)' object has no attribute",
            "an operand is not converted to a tensor first",
        ),
        (r"object is not callable", "what was found is not callable"),
        (r"[Uu]nknown (\w+)|[Cc]ould not (?:locate|interpret)|^'\w+'$", "a name is not known"),
        (r"not (?:JSON )?serializable", "the configuration holds what JSON cannot"),
        (r"[Dd]ata ?type '?([\w.]+)'? not understood", "the dtype {0!r} is not known"),
        (
            r"'bfloat16'? not understood|module 'numpy' has no attribute 'bfloat16'",
            "bfloat16 is not known: NumPy needs ml_dtypes for it",
        ),
        (r"has no attribute '(\w+)'", "the attribute {0!r} does not exist"),
        (r"maximum recursion depth", "it calls itself without end"),
    )
)


def hints(got: Outcome, wanted: Outcome) -> Iterator[Hint]:
    """What the error of a step says that should have been answered; what came of one that should be refused."""
    if isinstance(got, Raised) and isinstance(wanted, Returned):
        for pattern, text in _MESSAGES:
            if found := pattern.search(got.message):
                groups = [group or "" for group in found.groups()]
                yield Hint(text.format(*groups, ""))
                return
    elif isinstance(got, Crashed) and isinstance(wanted, Returned):
        yield Hint("the process ends: see what it wrote with `conformance show`")
    elif isinstance(got, TimedOut):
        yield Hint("no answer in time: --case-timeout gives it more")
    elif isinstance(got, Returned) and isinstance(wanted, Raised):
        yield Hint(f"not refused, as official Keras does in {wanted.phase}: {_kind(wanted)}", False)


def _kind(wanted: Raised) -> str:
    return f"a {wanted.category} error"
