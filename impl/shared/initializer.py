"""The base classes of weight initializers, and what is wrong with an argument of theirs.

Source: https://keras.io/api/layers/initializers/ and its Keras 2 edition. An initializer is a
callable that gives a weight its first values: called with a `shape` (sizes, or an integer tensor)
and a `dtype` (None: `floatx`) it returns a tensor of them. Random ones return the same values on
each call for the same seed; see `Draws.read_seed` for what a seed may be. A bad argument is a
TypeError or ValueError, of the constructor where the value alone tells, otherwise of the call.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import tensorflow as tf

from impl.core import sampling
from impl.core.convert import REFUSALS
from impl.shared.policies import Settings
from impl.shared.saving import Configured

BAD_ARGUMENT = (*REFUSALS, IndexError, OverflowError)


@dataclass(frozen=True)
class Rules:
    """What the initializers of a dialect take. The defaults are Keras 3's.

    Attributes:
        settings: the dialect's: a draw without a dtype is of its `floatx`.
        config_may_have_dtype: `from_config` leaves out a `dtype`, which TensorFlow 1 saved.
        partitions: the further keywords of a call, with which Keras 2 makes a part of a weight.
        matrices_need_floats: Identity and VarianceScaling take float dtypes only.

    """

    settings: Settings
    config_may_have_dtype: bool = False
    partitions: tuple[str, ...] = ()
    matrices_need_floats: bool = False


class Initializer(Configured):
    """Base class. A subclass overrides `__call__(shape, dtype)`, and `get_config`."""

    _rules: ClassVar[Rules]

    def __call__(self, shape: Any, dtype: Any = None, **partition: Any) -> Any:
        """A tensor of `shape` and `dtype`."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype)")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The initializer that `get_config` described."""
        if cls._rules.config_may_have_dtype:
            config = {key: value for key, value in config.items() if key != "dtype"}
        return cls(**config)


class BuiltIn(Initializer):
    """A built-in initializer: subclasses define `_values`, errors are explained here."""

    partitioned: ClassVar[bool] = True

    def __call__(self, shape: Any, dtype: Any = None, **partition: Any) -> tf.Tensor:
        """A tensor of `shape` and `dtype`; with `Rules.partitions`, of a part of `shape`.

        `partition_shape` is the shape of the part, `partition_offset` where it begins. Raises
        TypeError for any other keyword, ValueError where the class cannot be partitioned.
        """
        offset = None
        if partition:
            shape, offset = self._part(shape, partition)
        try:
            return self._values(shape, self._dtype(dtype), offset)
        except BAD_ARGUMENT as error:
            raise self._explain(shape, dtype, error) from None

    @abstractmethod
    def _values(self, shape: Any, dtype: tf.DType, offset: Any) -> tf.Tensor:
        """The tensor, or any error."""

    def _part(self, shape: Any, partition: dict[str, Any]) -> tuple[Any, Any]:
        for key in partition:
            if key not in self._rules.partitions:
                raise self._refusal("a call takes shape and dtype", key, TypeError)
        if partition.get("layout") is not None:
            raise self._refusal("layout must be None", partition["layout"])
        if not self.partitioned and partition.keys() - {"layout"}:
            raise self._refusal("a partition must not be asked for", partition)
        return partition.get("partition_shape", shape), partition.get("partition_offset")

    def _dtype(self, dtype: Any) -> tf.DType:
        if dtype is None:
            dtype = self._rules.settings.floatx()
        return tf.int64 if dtype is int else tf.as_dtype(dtype)

    def _explain(self, shape: Any, dtype: Any, error: Exception) -> Exception:
        try:
            found = self._dtype(dtype)
        except TypeError:
            return self._refusal("dtype must be a dtype or the name of one", dtype, TypeError)
        kind = TypeError if isinstance(error, TypeError) else ValueError
        problem = _shape_problem(shape)
        if problem is not None:
            return self._refusal(f"shape must {problem}", shape, kind)
        reason = " ".join(str(error.args[-1] if error.args else error).split())
        if isinstance(error, Rule) or reason.startswith(("seed must", "dtype must", "window must")):
            return kind(f"{type(self).__name__}: {reason}")
        arguments = {key: value for key, value in vars(self).items() if key[0] != "_"}
        for key in {"mean", "stddev", "minval", "maxval", "gain"} & arguments.keys():
            try:
                sampling.scalar(arguments[key], found)
            except BAD_ARGUMENT:
                rule = f"{key} must be a number, or numbers, of dtype {found.name}"
                return self._refusal(rule, arguments[key], kind)
        given = ", ".join(f"{k}={x!r}" for k, x in arguments.items()) or "no arguments"
        return kind(f"{type(self).__name__}: with {given} and dtype {found.name}: {reason}")


class Rule(ValueError):
    """An error whose message names argument, rule and value already."""


def _shape_problem(shape: Any) -> str | None:
    if isinstance(shape, tf.Tensor):
        return None if shape.dtype.is_integer and shape.shape.rank == 1 else "be a vector"
    try:
        sizes = [size for size in shape if not isinstance(size, tf.Tensor)]
    except (TypeError, ValueError):
        return "be a sequence of sizes"
    if any(isinstance(size, bool) or not hasattr(size, "__index__") for size in sizes):
        return "hold integers only"
    return "hold no negative size" if any(size < 0 for size in sizes) else None


def require_float(dtype: tf.DType) -> None:
    """`Rule` for any but a float dtype."""
    if not dtype.is_floating:
        raise Rule(f"dtype must be a float dtype, got {dtype.name}")
