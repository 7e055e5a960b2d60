"""The constraints that divide by a norm, and the dtypes of all."""

import tensorflow as tf

FLOATS = [tf.float16, tf.bfloat16, tf.float32, tf.float64]
NORMED = ["MaxNorm", "MinMaxNorm", "UnitNorm"]
