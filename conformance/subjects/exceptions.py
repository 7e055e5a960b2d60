"""What is told of an exception: its kind, its classes and its message, alike in every run."""

from __future__ import annotations

import re
from typing import Final

from conformance.model.texts import clipped

_CATEGORIES: Final = (
    (TypeError, "type"),
    (ValueError, "value"),
    (LookupError, "lookup"),
    (AttributeError, "attribute"),
    (NotImplementedError, "not-implemented"),
    (ArithmeticError, "arithmetic"),
)
_SET: Final = re.compile(r"\{('[^']*'(?:, '[^']*')+)\}")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{6,}")
# A path of this machine; not what follows a scheme, as in https://, or a device, as in _/job:0/.
_PATH: Final = re.compile(r"(?<![:/\w])(/[^\s/'\"]+){2,}/")


def category(error: BaseException) -> str:
    """The kind of an exception, in words that do not depend on the implementation."""
    # TensorFlow's errors are told by their names, so that TensorFlow need not be imported.
    name = type(error).__name__
    if name in ("InvalidArgumentError", "UnimplementedError"):
        return "value"
    return next((word for kind, word in _CATEGORIES if isinstance(error, kind)), "other")


def classes(error: BaseException) -> tuple[str, ...]:
    """The names of an exception's class and of those it derives from, nearest first."""
    return tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)


def sentence(error: BaseException) -> str:
    """The first line of an exception's message, without what differs from run to run."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # What fails while TensorFlow traces it is wrapped in an account of the trace.
    text = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]
    text = _PATH.sub("", _ADDRESS.sub("0x...", text))
    # The order of a set of strings is another in every process.
    text = _SET.sub(lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", text)
    text = text.encode(errors="backslashreplace").decode()  # no terminal takes a lone surrogate
    return clipped(text, 200)
