"""`tf.keras.layers` of Keras 2."""

from impl.keras2.dense import Dense
from impl.keras2.layer import Layer
from impl.shared.input_spec import InputSpec

__all__ = ["Dense", "InputSpec", "Layer"]
