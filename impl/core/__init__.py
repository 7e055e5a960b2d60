"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""
