"""Weight initializers: callables that give a weight its first values.

Source: https://keras.io/api/layers/initializers/ and its Keras 2 edition. Every class is called
with a `shape` (sizes, or an integer tensor) and a `dtype` (None: float32) and returns a tensor of
them. Random ones return the same values on each call for the same seed; see `Dialect.read_seed`
for what a seed may be. A bad argument is a TypeError or ValueError, of the constructor where the
value alone tells, otherwise of the call.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import tensorflow as tf

from impl.core import sampling
from impl.core.fans import fan_of_mode, fans, fans_of_axes
from impl.shared.dialect import Dialect

_BAD_ARGUMENT = (
    TypeError,
    ValueError,
    IndexError,
    OverflowError,
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,
)
_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


def fresh_seed() -> int:
    """A seed for who gave none, from Python's generator: `random.seed` makes it repeatable."""
    return random.randint(1, 10**9)


def any_seed(seed: Any) -> Any:
    """`seed` itself, which only a draw looks at, or a random one for None."""
    return fresh_seed() if seed is None else seed


def as_given(seed: Any) -> Any:
    """`seed` itself."""
    return seed


class Initializer:
    """Base class. A subclass overrides `__call__(shape, dtype)`, and `get_config`."""

    dialect: ClassVar[Dialect]

    def __call__(self, shape: Any, dtype: Any = None, **partition: Any) -> Any:
        """A tensor of `shape` and `dtype`."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype)")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The initializer that `get_config` described."""
        if cls.dialect.config_may_have_dtype:
            config = {key: value for key, value in config.items() if key != "dtype"}
        return cls(**config)


class BuiltIn(Initializer):
    """A built-in initializer: subclasses define `_values`, errors are explained here."""

    partitioned: ClassVar[bool] = True

    def __call__(self, shape: Any, dtype: Any = None, **partition: Any) -> tf.Tensor:
        """A tensor of `shape` and `dtype`; with `Dialect.partitions`, of a part of `shape`.

        `partition_shape` is the shape of the part, `partition_offset` where it begins. Raises
        TypeError for any other keyword, ValueError where the class cannot be partitioned.
        """
        offset = None
        if partition:
            shape, offset = self._part(shape, partition)
        try:
            found = tf.float32 if dtype is None else _DTYPES.get(dtype) or tf.as_dtype(dtype)
            return self._values(shape, found, offset)
        except _BAD_ARGUMENT as error:
            raise self._explain(shape, dtype, error) from None

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        raise NotImplementedError

    def _part(self, shape: Any, partition: dict[str, Any]) -> tuple[Any, Any]:
        name = type(self).__name__
        for key in partition:
            if key not in self.dialect.partitions:
                raise TypeError(f"{name}: a call takes shape and dtype, got {key!r}")
        if partition.get("layout") is not None:
            raise ValueError(f"{name}: layout must be None, got {partition['layout']!r}")
        part, offset = partition.get("partition_shape"), partition.get("partition_offset")
        if not self.partitioned and (part is not None or offset is not None):
            raise ValueError(f"{name}: a partition must not be asked for, got {partition!r}")
        return shape if part is None else part, offset

    def _explain(self, shape: Any, dtype: Any, error: Exception) -> Exception:
        name = type(self).__name__
        try:
            found = tf.float32 if dtype is None else _DTYPES.get(dtype) or tf.as_dtype(dtype)
        except TypeError:
            return TypeError(f"{name}: dtype must be a dtype or the name of one, got {dtype!r}")
        problem = _shape_problem(shape)
        if problem is not None:
            return type(error if isinstance(error, TypeError) else ValueError())(
                f"{name}: shape must {problem}, got {shape!r}"
            )
        kind = TypeError if isinstance(error, TypeError) else ValueError
        reason = " ".join(str(error.args[-1] if error.args else error).split())
        if isinstance(error, _Rule) or reason.startswith(("seed must", "dtype must")):
            return kind(f"{name}: {reason}")
        arguments = {key: value for key, value in vars(self).items() if key[0] != "_"}
        for key in _NUMBERS & arguments.keys():
            try:
                sampling.scalar(arguments[key], found)
            except _BAD_ARGUMENT:
                return kind(
                    f"{name}: {key} must be a number, or numbers, of dtype {found.name}, "
                    f"got {arguments[key]!r}"
                )
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        return kind(f"{name}: with {given or 'no arguments'} and dtype {found.name}: {reason}")

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class _Rule(ValueError):
    """An error whose message names argument, rule and value already."""


_DTYPES = {int: tf.int64}
_NUMBERS = {"mean", "stddev", "minval", "maxval", "gain"}


def _shape_problem(shape: Any) -> str | None:
    if isinstance(shape, tf.Tensor):
        return None if shape.dtype.is_integer and shape.shape.rank == 1 else "be a vector"
    try:
        sizes = list(shape)
    except (TypeError, ValueError):
        return "be a sequence of sizes"
    for size in sizes:
        if isinstance(size, tf.Tensor):
            continue
        if not hasattr(size, "__index__") or isinstance(size, bool):
            return "hold integers only"
        if size < 0:
            return "hold no negative size"
    return None


def _require_float(dtype: tf.DType) -> None:
    if not dtype.is_floating:
        raise _Rule(f"dtype must be a float dtype, got {dtype.name}")


class Zeros(BuiltIn):
    """All zeros, of any dtype."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return sampling.zeros(_sizes(shape), dtype)


class Ones(BuiltIn):
    """All ones, of any numeric dtype or booleans."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return sampling.ones(_sizes(shape), dtype)


def _sizes(shape: Any) -> Any:
    return [shape] if type(shape) is int else shape


class Constant(BuiltIn):
    """The same `value` everywhere: a number, or an array as `Dialect.constant` says."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return self.dialect.constant(_sizes(shape), self.value, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"value": self.value}


class Identity(BuiltIn):
    """The identity matrix times `gain`. The shape is a pair; it need not be square."""

    partitioned = False

    def __init__(self, gain: Any = 1.0) -> None:
        self.gain = gain

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        whole = dtype.is_integer or dtype is tf.bool
        if self.dialect.matrices_need_floats or (whole and type(self.gain) is float):
            _require_float(dtype)
        if len(shape) != 2:
            raise _Rule(f"shape must have rank 2, got {shape!r}")
        return sampling.identity(shape, self.gain, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name. Official Keras 3 loses the gain."""
        return {"gain": self.gain}


class Random(BuiltIn):
    """An initializer with a seed, which is fixed at construction if none is given."""

    def __init__(self, seed: Any = None) -> None:
        self._argument = seed
        self._called = False
        try:
            self.seed = self.dialect.read_seed(seed)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{type(self).__name__}: {error}") from None

    def _next_seed(self, offset: Any) -> Any:
        if self._argument is None and self.dialect.reuse_warns:
            if self._called:
                warnings.warn(
                    f"{type(self).__name__} has no seed and is called again: it returns the same "
                    "values. Give it a seed, or make one initializer for each weight.",
                    stacklevel=4,
                )
            self._called = True
        seed = self.dialect.seed_pair(self.seed)
        return seed if offset is None else sampling.part_seed(seed, offset)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, a generator as its record."""
        return {"seed": self.dialect.save_seed(self._argument)}


class RandomUniform(Random):
    """Uniform draws from [minval, maxval)."""

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        none_is_one = self.maxval is None and self.dialect.none_maxval_is_one
        high = 1.0 if none_is_one else self.maxval
        bound, seed = self.dialect.uniform_bound, self._next_seed(offset)
        return sampling.uniform(shape, self.minval, high, bound, seed, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


class RandomNormal(Random):
    """Normal draws, of a float dtype."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        _require_float(dtype)
        seed = self._next_seed(offset)
        return sampling.untruncated_normal(shape, self.mean, self.stddev, seed, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


class TruncatedNormal(RandomNormal):
    """Normal draws, of a float dtype, repeated while over two `stddev` from the `mean`."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        _require_float(dtype)
        seed = self._next_seed(offset)
        return sampling.truncated_normal(shape, self.mean, self.stddev, seed, dtype)


class VarianceScaling(Random):
    """Draws whose variance is `scale` over the fan that `mode` names.

    `mode` is "fan_in", "fan_out" or "fan_avg"; `distribution`, in any case, is "truncated_normal"
    (or "normal", which Keras means the same by), "untruncated_normal" or "uniform". Keras 3 may
    name the `input_axes` and `output_axes` that the fans are counted over; both, or neither counts.
    """

    def __init__(
        self,
        scale: Any = 1.0,
        mode: Any = "fan_in",
        distribution: Any = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        name = type(self).__name__
        try:
            positive = not scale <= 0.0
        except TypeError:
            raise TypeError(f"{name}: scale must be a positive number, got {scale!r}") from None
        if not positive:
            raise ValueError(f"{name}: scale must be a positive number, got {scale!r}")
        if mode not in _MODES:
            raise ValueError(f"{name}: mode must be one of {', '.join(_MODES)}, got {mode!r}")
        chosen = distribution.lower() if isinstance(distribution, str) else distribution
        chosen = "truncated_normal" if chosen == "normal" else chosen
        if chosen not in _DISTRIBUTIONS:
            raise ValueError(
                f"{name}: distribution must be one of {', '.join(_DISTRIBUTIONS)}, "
                f"got {distribution!r}"
            )
        self.scale = scale
        self.mode = mode
        self.distribution = chosen
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        if self.dialect.matrices_need_floats or self.distribution != "uniform":
            _require_float(dtype)
        if self.input_axes is None or self.output_axes is None:
            counts = fans(shape)
        else:
            counts = fans_of_axes(shape, self.input_axes, self.output_axes)
        fan = fan_of_mode(self.mode, *counts)
        bound, seed = self.dialect.uniform_bound, self._next_seed(offset)
        return sampling.variance_scaling(
            shape, self.scale, fan, self.distribution, bound, seed, dtype
        )

    def _axes(self) -> dict[str, Any]:
        if not self.dialect.fan_axes:
            return {}
        return {"input_axes": self.input_axes, "output_axes": self.output_axes}

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            **super().get_config(),
            **self._axes(),
        }


class Preset(VarianceScaling):
    """A `VarianceScaling` with everything but the seed (and the axes) fixed."""

    fixed: ClassVar[tuple[float, str, str]]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {**Random.get_config(self), **self._axes()}


class GlorotNormal(Preset):
    """Variance 2 / (fan_in + fan_out), truncated normal (Glorot and Bengio, 2010)."""

    fixed = (1.0, "fan_avg", "truncated_normal")


class GlorotUniform(Preset):
    """Variance 2 / (fan_in + fan_out), uniform (Glorot and Bengio, 2010)."""

    fixed = (1.0, "fan_avg", "uniform")


class HeNormal(Preset):
    """Variance 2 / fan_in, truncated normal (He et al., 2015, https://arxiv.org/abs/1502.01852)."""

    fixed = (2.0, "fan_in", "truncated_normal")


class HeUniform(Preset):
    """Variance 2 / fan_in, uniform (He et al., 2015, https://arxiv.org/abs/1502.01852)."""

    fixed = (2.0, "fan_in", "uniform")


class LecunNormal(Preset):
    """Variance 1 / fan_in, truncated normal (Klambauer et al., 2017)."""

    fixed = (1.0, "fan_in", "truncated_normal")


class LecunUniform(Preset):
    """Variance 1 / fan_in, uniform (Klambauer et al., 2017)."""

    fixed = (1.0, "fan_in", "uniform")


class Orthogonal(Random):
    """Orthonormal columns, or rows where there are fewer, times `gain`: `sampling.orthogonal`."""

    partitioned = False

    def __init__(self, gain: Any = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        _require_float(dtype)
        if len(shape) < 2:
            raise _Rule(f"shape must have rank 2 or more, got {shape!r}")
        return sampling.orthogonal(shape, self.gain, self._next_seed(None), dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"gain": self.gain, **super().get_config()}


def fixed_values(values: Any) -> Callable[..., tf.Tensor]:
    """An initializer that returns `values`, an array or tensor, cast to the dtype asked for.

    It raises ValueError for any shape but that of `values`.
    """

    def initialize(shape: Any, dtype: Any = None) -> tf.Tensor:
        if tuple(shape) != tuple(values.shape):
            raise ValueError(f"shape must be {tuple(values.shape)}, got {tuple(shape)}")
        return tf.cast(tf.convert_to_tensor(values), dtype or tf.float32)

    return initialize
