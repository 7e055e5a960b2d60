"""Weight initializers that draw, and their seeds."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from impl.core import sampling
from impl.core.fans import fan_of_mode, fans, fans_of_axes
from impl.shared.initializer import BuiltIn, Rule, require_float

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


def fresh_seed(source: Any = random) -> int:
    """A seed for who gave none, from Python's generator: `random.seed` makes it repeatable."""
    return int(source.randint(1, 10**9))


def set_seeds(seed: Any) -> None:
    """Seeds the generators of Python, NumPy and TensorFlow.

    Raises ValueError unless `seed` is a Python integer of 32 bits, 0 or more.
    """
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer from 0 to 2**32 - 1, got {seed!r}")
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)


@dataclass(frozen=True)
class Draws:
    """How the initializers of a dialect read their seeds and draw. The defaults are Keras 3's.

    Attributes:
        read_seed: a seed at construction. Keras 3 takes an int or a SeedGenerator, and a random
            integer for None; Keras 2 takes anything: a bad seed is an error of the call.
        save_seed: the seed in a configuration. Keras 3 saves a SeedGenerator as a record.
        seed_pair: the two-element seed of a draw. Keras 2: (seed, 0). Keras 3: (seed mod 2**31 - 2,
            0), and the counter of a SeedGenerator in place of 0.
        fresh: gives the seed for None at the first call, where `read_seed` did not.
        seed_attribute_is_saved: `seed` is the seed of the configuration, None if none was given;
            assigning it does not change the draws (Keras 2). Otherwise `seed` is what the draws
            use; assigning it does not change the configuration.
        reuse_warns: a second call of an initializer without a seed warns.
        uniform_bound: (bound, dtype) to the bound as a tensor. Keras 2 rounds to the dtype, Keras 3
            to float32 first, so float64 bounds lose bits.
        none_maxval_is_one: RandomUniform takes a `maxval` of None for 1; otherwise it is an error.
        fan_axes: VarianceScaling and its presets have `input_axes` and `output_axes` to save.

    """

    read_seed: Callable[[Any], Any]
    save_seed: Callable[[Any], Any]
    seed_pair: Callable[[Any], Any]
    fresh: Callable[[], Any] = fresh_seed
    seed_attribute_is_saved: bool = False
    reuse_warns: bool = False
    uniform_bound: sampling.Bound = sampling.recast_scalar
    none_maxval_is_one: bool = False
    fan_axes: bool = True


class Random(BuiltIn):
    """An initializer with a seed. If none is given it gets one, at construction or the first call."""

    _draws: ClassVar[Draws]
    _fan_axes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, seed: Any = None) -> None:
        self._given, self._called = seed, False
        try:
            self._drawn = self._draws.read_seed(seed)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{type(self).__name__}: {error}") from None
        self.seed = seed if self._draws.seed_attribute_is_saved else self._drawn

    def _next_seed(self, offset: Any) -> Any:
        if self._called and self._given is None and self._draws.reuse_warns:
            warnings.warn(
                f"{type(self).__name__} has no seed and is called again: it returns the same "
                "values. Give it a seed, or make one initializer for each weight.",
                stacklevel=4,
            )
        self._called = True
        draws = self._draws
        if self._drawn is None:
            self._drawn = draws.fresh()
        seed = draws.seed_pair(self._drawn if draws.seed_attribute_is_saved else self.seed)
        return seed if offset is None else sampling.part_seed(seed, offset)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, a generator as its record."""
        seed = self.seed if self._draws.seed_attribute_is_saved else self._given
        axes = self._fan_axes if self._draws.fan_axes else ()
        rest = {name: getattr(self, name) for name in axes}
        return {**super().get_config(), "seed": self._draws.save_seed(seed), **rest}


class RandomUniform(Random):
    """Uniform draws from [minval, maxval)."""

    _saved = ("minval", "maxval")

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        none_is_one = dtype.is_floating and self._draws.none_maxval_is_one
        high = 1.0 if none_is_one and self.maxval is None else self.maxval
        bound, seed = self._draws.uniform_bound, self._next_seed(offset)
        return sampling.uniform(shape, self.minval, high, bound, seed, dtype)


class RandomNormal(Random):
    """Normal draws, of a float dtype."""

    _saved = ("mean", "stddev")
    _sample = staticmethod(sampling.untruncated_normal)

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        require_float(dtype)
        return self._sample(shape, self.mean, self.stddev, self._next_seed(offset), dtype)


class TruncatedNormal(RandomNormal):
    """Normal draws, of a float dtype, repeated while over two `stddev` from the `mean`."""

    _sample = staticmethod(sampling.truncated_normal)


class VarianceScaling(Random):
    """Draws whose variance is `scale` over the fan that `mode` names.

    `mode` is "fan_in", "fan_out" or "fan_avg"; `distribution`, in any case, is "truncated_normal"
    (or "normal", which Keras means the same by), "untruncated_normal" or "uniform". Keras 3 may
    name the `input_axes` and `output_axes` that the fans are counted over; both, or neither counts.
    """

    _saved: ClassVar[tuple[str, ...]] = ("scale", "mode", "distribution")
    _fan_axes = ("input_axes", "output_axes")

    def __init__(
        self,
        scale: Any = 1.0,
        mode: Any = "fan_in",
        distribution: Any = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        try:
            positive = not scale <= 0.0
        except TypeError:
            raise self._refusal("scale must be a positive number", scale, TypeError) from None
        if not positive:
            raise self._refusal("scale must be a positive number", scale)
        if mode not in _MODES:
            raise self._refusal(f"mode must be one of {', '.join(_MODES)}", mode)
        chosen = distribution.lower() if isinstance(distribution, str) else distribution
        chosen = "truncated_normal" if chosen == "normal" else chosen
        if chosen not in _DISTRIBUTIONS:
            rule = f"distribution must be one of {', '.join(_DISTRIBUTIONS)}"
            raise self._refusal(rule, distribution)
        self.scale, self.mode, self.distribution = scale, mode, chosen
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        if self._rules.matrices_need_floats or self.distribution != "uniform":
            require_float(dtype)
        axes = self.input_axes, self.output_axes
        named = axes[0] is not None and axes[1] is not None
        counts = fans_of_axes(shape, *axes) if named else fans(shape)
        fan = fan_of_mode(self.mode, *counts)
        bound, seed = self._draws.uniform_bound, self._next_seed(offset)
        return sampling.variance_scaling(
            shape, self.scale, fan, self.distribution, bound, seed, dtype
        )


class Preset(VarianceScaling):
    """A `VarianceScaling` with everything but the seed (and the axes) fixed."""

    _saved: ClassVar[tuple[str, ...]] = ()
    fixed: ClassVar[tuple[float, str, str]]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.fixed, seed, input_axes, output_axes)


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
    _saved = ("gain",)

    def __init__(self, gain: Any = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        require_float(dtype)
        if len(shape) < 2:
            raise Rule(f"shape must have rank 2 or more, got {shape!r}")
        return sampling.orthogonal(shape, self.gain, self._next_seed(None), dtype)
