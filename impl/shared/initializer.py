"""The base classes of weight initializers, and what is wrong with an argument of theirs."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import tensorflow as tf

from impl.core import sampling
from impl.shared.dialect import Dialect

BAD_ARGUMENT = (
    TypeError,
    ValueError,
    IndexError,
    OverflowError,
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,
)


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
        except BAD_ARGUMENT as error:
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
        if not self.partitioned and partition.keys() - {"layout"}:
            raise ValueError(f"{name}: a partition must not be asked for, got {partition!r}")
        return partition.get("partition_shape", shape), partition.get("partition_offset")

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
        if isinstance(error, Rule) or reason.startswith(("seed must", "dtype must", "window must")):
            return kind(f"{name}: {reason}")
        arguments = {key: value for key, value in vars(self).items() if key[0] != "_"}
        for key in _NUMBERS & arguments.keys():
            try:
                sampling.scalar(arguments[key], found)
            except BAD_ARGUMENT:
                return kind(
                    f"{name}: {key} must be a number, or numbers, of dtype {found.name}, "
                    f"got {arguments[key]!r}"
                )
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        return kind(f"{name}: with {given or 'no arguments'} and dtype {found.name}: {reason}")

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class Rule(ValueError):
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


def require_float(dtype: tf.DType) -> None:
    """`Rule` for any but a float dtype."""
    if not dtype.is_floating:
        raise Rule(f"dtype must be a float dtype, got {dtype.name}")
