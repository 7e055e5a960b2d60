"""`keras.layers` of Keras 3."""

from impl.keras3.dense import Dense
from impl.keras3.layer import Layer
from impl.shared.input_spec import InputSpec

__all__ = ["Dense", "InputSpec", "Layer"]
