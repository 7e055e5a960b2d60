"""What AutoGraph converts in a trace: users' code alone.

It makes operations of a graph out of Python control flow on tensors. This package has no such control flow, and
converting it takes several times as long as tracing it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import tensorflow as tf

_F = TypeVar("_F", bound=Callable[..., Any])
_autograph: Final = tf.__internal__.autograph
_PACKAGE: Final = __name__.partition(".")[0]


def unconverted(function: _F) -> _F:
    """`function`, which AutoGraph leaves as it is; what it calls, too, but for what is `converted`."""
    # The mark of what AutoGraph need not convert any more. `do_not_convert` would turn it off inside.
    function.autograph_info__ = {}  # type: ignore[attr-defined]
    return function


def is_users(function: Any) -> bool:
    """Whether a function is none of this package."""
    return (getattr(function, "__module__", None) or "").partition(".")[0] != _PACKAGE


def converted(function: _F) -> _F:
    """`function`, of a user, as AutoGraph converts it in a graph, where it is not turned off."""
    if tf.executing_eagerly() or not is_users(function):
        return function
    made: _F = _autograph.tf_convert(function, _autograph.control_status_ctx())
    return made
