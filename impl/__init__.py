"""Clean reimplementation of the documented Keras classes on TensorFlow, in two dialects.

Use `impl.keras2` (what tf.keras 2 documents) or `impl.keras3`. No Keras is imported anywhere.
"""
