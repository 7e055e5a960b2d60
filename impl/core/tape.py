"""Whether somebody may ask for a gradient of what is computed now."""

# There is no public way to ask.
from tensorflow.python.eager.record import could_possibly_record as may_be_differentiated

__all__ = ["may_be_differentiated"]
