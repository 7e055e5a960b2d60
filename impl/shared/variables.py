"""Weights that are read in the dtype that their layer computes in, or whose `trainable` can be set."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import tensorflow as tf

from impl.shared.scope import CALL


def _forwarded(name: str) -> Callable[..., Any]:
    """A method that is the variable's own."""
    return lambda self, *args: getattr(self.__dict__["variable"], name)(*args)


class AutocastVariable(tf.Variable):  # type: ignore[misc]
    """A variable that is cast to `CallScope.autocast` when it is read; otherwise the variable.

    It wraps any variable, a replicated one too. Assignments are in the variable's own dtype, and
    gradients with respect to it are those of the variable. Checkpoints see the variable alone.
    """

    _should_act_as_resource_variable = True  # so that a tape takes it for a source

    def __init__(self, variable: tf.Variable) -> None:
        self.__dict__["variable"] = variable

    @property
    def dtype(self) -> tf.DType:
        """The dtype that it reads in here and now."""
        return CALL.autocast or self.variable.dtype

    def value(self) -> tf.Tensor:
        """The value, cast to `dtype`."""
        return _cast(self.variable.value())

    def read_value(self) -> tf.Tensor:
        """The value, cast to `dtype`."""
        return _cast(self.variable.read_value())

    # The value as an array of its own dtype.
    numpy = _forwarded("numpy")

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> tf.Tensor:
        return tf.convert_to_tensor(self.value(), dtype, name=name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.variable.numpy() if dtype is None else self.variable.numpy().astype(dtype)

    def __getitem__(self, key: Any) -> tf.Tensor:
        return self.value()[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["variable"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.variable, name, value)

    def _export_to_saved_model_graph(
        self, object_map: Any, tensor_map: Any, options: Any, **kwargs: Any
    ) -> Any:
        # The hook by which TensorFlow copies a variable into a SavedModel, where it looks up `self`.
        copied = self.variable._export_to_saved_model_graph(
            object_map, tensor_map, options, **kwargs
        )
        object_map[self] = object_map[self.variable]
        return copied

    def __deepcopy__(self, memo: Any) -> AutocastVariable:
        return AutocastVariable(self.variable.__deepcopy__(memo))

    def __reduce__(self) -> Any:
        return AutocastVariable, (self.variable,)

    __repr__ = _forwarded("__repr__")


def _cast(value: tf.Tensor) -> tf.Tensor:
    dtype = CALL.autocast
    return value if dtype is None else tf.cast(value, dtype)


def _delegated(name: str) -> property:
    return property(lambda self: getattr(self.__dict__["variable"], name))


# `tf.Variable` defines these for its own subclasses, so that they never reach `__getattr__`.
for _name in set(dir(tf.Variable)) - set(vars(AutocastVariable)):
    if not _name.startswith("__"):
        setattr(AutocastVariable, _name, _delegated(_name))


_KEPT = ("_trained", "path", "regularizer", "overwrite_with_gradient")


def make_settable(variable: tf.Variable) -> tf.Variable:
    """`variable`, whose `trainable` can be set from now on. To a tape it is what it was made as."""
    base: Any = type(variable)
    variable.__class__ = _settable(base)
    return variable


@cache
def _settable(base: Any) -> Any:
    def trainable(self: Any) -> bool:
        return vars(self).get("_trained", self._trainable)  # type: ignore[no-any-return]

    def set_trainable(self: Any, value: Any) -> None:
        vars(self)["_trained"] = bool(value)

    def copied(self: Any, memo: Any) -> Any:
        copy = make_settable(base.__deepcopy__(self, memo))
        vars(copy).update(_facts(self))
        return copy

    def reduced(self: Any) -> Any:
        return _restored, (*base.__reduce__(self), _facts(self))

    made = {"__deepcopy__": copied, "__reduce__": reduced}
    return type(base.__name__, (base,), {"trainable": property(trainable, set_trainable), **made})


def _facts(variable: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(variable).items() if name in _KEPT}


def _restored(make: Callable[..., Any], arguments: tuple[Any, ...], facts: dict[str, Any]) -> Any:
    variable = make_settable(make(*arguments))
    vars(variable).update(facts)
    return variable
