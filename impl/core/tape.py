"""Whether somebody may ask for a gradient of what is computed now."""

from __future__ import annotations

try:
    # There is no public way to ask.
    from tensorflow.python.eager.record import could_possibly_record as may_be_differentiated
except ImportError:

    def may_be_differentiated() -> bool:
        """Always true: the slower way is right in any case."""
        return True


__all__ = ["may_be_differentiated"]
