"""The record that names every measured difference between Keras 2 and Keras 3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class Dialect:
    """What one dialect does where the other does something else.

    Attributes:
        norm: (w, axis) to (w, its norm). Keras 2 takes floats only, Keras 3 promotes the rest.
        rectify: NonNeg. Keras 2 multiplies by a mask (-0.0, NaN for -inf), Keras 3 takes max(w, 0).
        rectify_input: how NonNeg reads its argument. Keras 2 makes float32 of float arrays.
        none_is_unbounded: a `min_value` or `max_value` of None is no bound; otherwise an error.
        get_instantiates: `get(MaxNorm)` returns `MaxNorm()`; otherwise the class as it is.
        get_needs_config: the dict given to `get` must have both `class_name` and `config`, which
            is a dict itself unless there is a `module` too.
        empty_config_may_be_anything: a false `config` (`[]`, `0`) in a saved dict counts as `{}`.
        serialize_warns: `serialize` warns about an object that is not of the family.
        read_seed: an initializer's seed at construction, None replaced by a random integer. Keras 3
            takes an int or a SeedGenerator, Keras 2 anything: a bad seed is an error of the call.
        seed_attribute_is_saved: the attribute `seed` is what a configuration holds, None if none was
            given, and to set it changes no draw (Keras 2); otherwise it is what is drawn with, and
            to set it changes no configuration.
        save_seed: the seed in a configuration. Keras 3 saves a SeedGenerator as a record.
        seed_pair: the two-element seed of a draw. Keras 2: (seed, 0). Keras 3: (seed mod 2**31 - 2,
            0), and the counter of a SeedGenerator in place of 0.
        reuse_warns: a second call of an initializer without a seed warns.
        uniform_bound: (bound, dtype) to the bound as a tensor. Keras 2 rounds to the dtype, Keras 3
            to float32 first, so float64 bounds lose bits.
        none_maxval_is_one: RandomUniform takes a `maxval` of None for 1; otherwise it is an error.
        constant: (shape, value, dtype) to a tensor. Keras 2 rounds the value to the dtype and takes
            an array of that many elements; Keras 3 casts it, by way of float32, and broadcasts.
        save_constant: Constant's value in a configuration. Keras 3 writes an array as a record.
        read_constant: a configuration to Constant's arguments. Keras 3 looks at `value` only.
        config_may_have_dtype: `from_config` leaves out a `dtype`, which TensorFlow 1 saved.
        partitions: the further keywords of a call, with which Keras 2 makes a part of a weight.
        matrices_need_floats: Identity and VarianceScaling take float dtypes only.
        fan_axes: VarianceScaling and its presets have `input_axes` and `output_axes` to save.
        absolute_penalty: (x, factor) to the L1 penalty. Keras 2 takes complex numbers and rounds the
            factor once, Keras 3 takes booleans and unsigned integers and rounds to float32 first.
        square_penalty: (x, factor) to the L2 penalty. Keras 2 sums halves of squares and takes floats
            only, Keras 3 sums squares and takes integers and complex numbers too.
        l1_l2_needs_floats: L1L2 takes float dtypes only.
        factors_may_be_negative: a regularization factor may be below zero; otherwise an error.
        factors_may_be_infinite: a factor beyond float32 is stored as infinity; otherwise an error.
        exact_factors: the regularizers that store their factors as they are, others as float32.
        orthogonal_floor: the least squared length OrthogonalRegularizer divides by.

    """

    norm: Callable[[tf.Tensor, Any], tuple[tf.Tensor, tf.Tensor]]
    rectify: Callable[[tf.Tensor], tf.Tensor]
    rectify_input: Callable[[Any], tf.Tensor]
    none_is_unbounded: bool
    get_instantiates: bool
    get_needs_config: bool
    empty_config_may_be_anything: bool
    serialize_warns: bool
    read_seed: Callable[[Any], Any]
    seed_attribute_is_saved: bool
    save_seed: Callable[[Any], Any]
    seed_pair: Callable[[Any], Any]
    reuse_warns: bool
    uniform_bound: Callable[[Any, tf.DType], Any]
    none_maxval_is_one: bool
    constant: Callable[[Any, Any, tf.DType], tf.Tensor]
    save_constant: Callable[[Any], Any]
    read_constant: Callable[[dict[str, Any]], dict[str, Any]]
    config_may_have_dtype: bool
    partitions: tuple[str, ...]
    matrices_need_floats: bool
    fan_axes: bool
    absolute_penalty: Callable[[tf.Tensor, Any], tf.Tensor]
    square_penalty: Callable[[tf.Tensor, Any], tf.Tensor]
    l1_l2_needs_floats: bool
    factors_may_be_negative: bool
    factors_may_be_infinite: bool
    exact_factors: tuple[str, ...]
    orthogonal_floor: float
