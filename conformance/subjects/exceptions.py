"""What an outcome tells of an exception: its kind, its classes and its message, the same in every run."""

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
# A path of this machine, but not the part after a scheme (https://) or a device (_/job:0/).
_PATH: Final = re.compile(r"(?<![:/\w])(/[^\s/'\"]+){2,}/")


def category(error: BaseException) -> str:
    """The kind of an exception, in a word that does not depend on the implementation."""
    # By name, so that TensorFlow need not be imported.
    name = type(error).__name__
    if name in ("InvalidArgumentError", "UnimplementedError"):
        return "value"
    return next((word for kind, word in _CATEGORIES if isinstance(error, kind)), "other")


def classes(error: BaseException) -> tuple[str, ...]:
    """The names of an exception's class and of its base classes, nearest first."""
    return tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)


def sentence(error: BaseException) -> str:
    """The first line of an exception's message, without the parts that differ from run to run."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # TensorFlow wraps an error of a traced function in an account of the trace.
    text = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]
    text = _PATH.sub("", _ADDRESS.sub("0x...", text))
    # The order of a set of strings differs between processes.
    text = _SET.sub(lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", text)
    text = text.encode(errors="backslashreplace").decode()  # no terminal prints a lone surrogate
    return clipped(text, 200)
