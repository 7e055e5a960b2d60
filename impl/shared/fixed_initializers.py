"""Weight initializers that draw nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import index
from typing import Any, ClassVar, Self

import numpy as np
import tensorflow as tf

from impl.core import fourier, sampling, windows
from impl.shared.initializer import BuiltIn, Rule, require_float
from impl.shared.saving import decode, read_value


class Zeros(BuiltIn):
    """All zeros, of any dtype."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return sampling.zeros(_sizes(shape), dtype)


class Ones(BuiltIn):
    """All ones, of any numeric dtype or booleans."""

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return sampling.ones(_sizes(shape), dtype)


def _sizes(shape: Any) -> Any:
    """A size alone is a vector's; True is a size of 1 here."""
    if isinstance(shape, int | np.integer):
        return [int(shape)]
    if isinstance(shape, dict):  # official Keras takes an empty one here, not where it draws
        return tuple(shape)
    if isinstance(shape, list | tuple):
        return [1 if size is True else size for size in shape]
    return shape


@dataclass(frozen=True)
class Constants:
    """What a dialect makes of the value of Constant. The defaults are Keras 3's.

    Attributes:
        save: the value in a configuration. Keras 3 writes an array as a record.
        fill: (shape, value, dtype) to a tensor. Keras 2 rounds the value to the dtype and takes an
            array of that many elements; Keras 3 casts it, by way of float32, and broadcasts.
        read: a configuration to the constructor's arguments. Keras 3 looks at `value` only.

    """

    save: Callable[[Any], Any]
    fill: Callable[[Any, Any, tf.DType], tf.Tensor] = sampling.broadcast
    read: Callable[[dict[str, Any]], dict[str, Any]] = read_value


class Constant(BuiltIn):
    """The same `value` everywhere: a number, or an array as `Constants.fill` says."""

    _constants: ClassVar[Constants]

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        return self._constants.fill(_sizes(shape), self.value, dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"value": self._constants.save(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The initializer that `get_config` described."""
        return super().from_config(cls._constants.read(config))


class Identity(BuiltIn):
    """The identity matrix times `gain`. The shape is a pair; it need not be square."""

    partitioned = False
    _saved = ("gain",)  # which official Keras 3 loses

    def __init__(self, gain: Any = 1.0) -> None:
        self.gain = gain

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        whole = dtype.is_integer or dtype is tf.bool
        if self._rules.matrices_need_floats or (whole and type(self.gain) is float):
            require_float(dtype)
        if len(shape) != 2:
            raise Rule(f"shape must have rank 2, got {shape!r}")
        return sampling.identity(shape, self.gain, dtype)


class STFT(BuiltIn):
    """The kernel of a convolution that is one side of a short-time Fourier transform.

    The shape is (frame length, 1, bins), for `2 * (bins - 1)` frequencies; the middle size is not
    looked at. `side` is "real" or "imag". `window` is a name that `core.windows` knows, an array
    of one weight per frame, or None; `scaling` divides by its norm: "density" by the Euclidean
    one, "spectrum" by the sum of absolute values, None does not. A window with a name is symmetric
    unless `periodic`, a boolean. The dtype is float or a signed integer: see `fourier.kernel`.
    """

    _saved = ("side", "window", "periodic", "scaling")

    def __init__(
        self,
        side: Any = "real",
        window: Any = "hann",
        scaling: Any = "density",
        periodic: Any = False,
    ) -> None:
        if not isinstance(side, str) or side not in ("real", "imag"):
            raise self._refusal("side must be 'real' or 'imag'", side)
        if isinstance(window, str) and not windows.is_window(window):
            raise self._refusal("window must be the name of a window without parameters", window)
        named = isinstance(scaling, str) and scaling in ("density", "spectrum")
        if not named and scaling is not None:
            raise self._refusal("scaling must be 'density', 'spectrum' or None", scaling)
        self.side, self.window = side, window
        self.scaling, self.periodic = scaling, periodic

    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        # What official Keras returns for unsigned integers is undefined: negative values cast.
        if not dtype.is_floating and (not dtype.is_integer or dtype.is_unsigned):
            raise Rule(f"dtype must be a float dtype or a signed integer, got {dtype.name}")
        sizes = list(shape)
        if len(sizes) != 3:
            raise Rule(f"shape must hold three sizes, got {shape!r}")
        frames, _, bins = sizes
        if isinstance(frames, bool):
            raise Rule(f"shape must begin with an integer, got {shape!r}")
        weights = self._weights(frames, dtype)
        return fourier.kernel(index(frames), index(bins), self.side, weights, dtype)

    def _weights(self, frames: Any, dtype: tf.DType) -> fourier.Weights | None:
        if self.window is None:
            return None
        if not isinstance(self.window, str):
            return fourier.weights(self.window, index(frames), self.scaling, dtype)
        if not isinstance(self.periodic, bool):
            raise Rule(f"periodic must be True or False, got {self.periodic!r}")
        if isinstance(frames, tf.Tensor) or frames < 1:
            raise Rule(f"shape must begin with a positive integer, got {frames!r}")
        return fourier.named_weights(self.window, self.periodic, index(frames), self.scaling, dtype)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The initializer that `get_config` described, an array restored from its record.

        Official Keras leaves the record as it is, and then fails.
        """
        return super().from_config(decode(config))


def fixed_values(values: Any) -> Callable[..., tf.Tensor]:
    """An initializer that returns `values`, an array or tensor, cast to the dtype asked for.

    It raises ValueError for any shape but that of `values`.
    """

    def initialize(shape: Any, dtype: Any = None) -> tf.Tensor:
        if tuple(shape) != tuple(values.shape):
            raise ValueError(f"shape must be {tuple(values.shape)}, got {tuple(shape)}")
        return tf.cast(tf.convert_to_tensor(values), dtype or tf.float32)

    return initialize
