"""Weight initializers that draw, and their seeds."""

from __future__ import annotations

import random
import warnings
from typing import Any, ClassVar

import tensorflow as tf

from impl.core import sampling
from impl.core.fans import fan_of_mode, fans, fans_of_axes
from impl.shared.initializer import BuiltIn, Rule, require_float

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


class Random(BuiltIn):
    """An initializer with a seed, which is fixed at construction if none is given."""

    def __init__(self, seed: Any = None) -> None:
        self._given = seed
        self._called = False
        try:
            self._drawn = self.dialect.read_seed(seed)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{type(self).__name__}: {error}") from None
        self.seed = seed if self.dialect.seed_attribute_is_saved else self._drawn

    def _next_seed(self, offset: Any) -> Any:
        if self._given is None and self.dialect.reuse_warns:
            if self._called:
                warnings.warn(
                    f"{type(self).__name__} has no seed and is called again: it returns the same "
                    "values. Give it a seed, or make one initializer for each weight.",
                    stacklevel=4,
                )
            self._called = True
        saved = self.dialect.seed_attribute_is_saved
        seed = self.dialect.seed_pair(self._drawn if saved else self.seed)
        return seed if offset is None else sampling.part_seed(seed, offset)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, a generator as its record."""
        saved = self.seed if self.dialect.seed_attribute_is_saved else self._given
        return {"seed": self.dialect.save_seed(saved)}


class RandomUniform(Random):
    """Uniform draws from [minval, maxval)."""

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        none_is_one = dtype.is_floating and self.dialect.none_maxval_is_one
        high = 1.0 if none_is_one and self.maxval is None else self.maxval
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
        require_float(dtype)
        seed = self._next_seed(offset)
        return sampling.untruncated_normal(shape, self.mean, self.stddev, seed, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


class TruncatedNormal(RandomNormal):
    """Normal draws, of a float dtype, repeated while over two `stddev` from the `mean`."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        require_float(dtype)
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
            require_float(dtype)
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
        require_float(dtype)
        if len(shape) < 2:
            raise Rule(f"shape must have rank 2 or more, got {shape!r}")
        return sampling.orthogonal(shape, self.gain, self._next_seed(None), dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"gain": self.gain, **super().get_config()}
