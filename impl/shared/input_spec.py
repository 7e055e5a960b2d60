"""What a layer expects of its inputs. Source: https://keras.io/api/layers/base_layer/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import tensorflow as tf

from impl.shared.saving import Configured


class InputSpec(Configured):
    """Rank, shape, dtype and sizes of single axes of one input; None leaves a thing open.

    Args:
        dtype: the dtype.
        shape: the shape, where None is any size. It sets `ndim`.
        ndim: the rank.
        max_ndim: the largest rank.
        min_ndim: the smallest rank.
        axes: sizes by axis; an axis may count from the end, and a size may be None.
        allow_last_axis_squeeze: an input may lack, or have too much, a last axis of size 1.
        name: the key of the input in a dict of inputs.

    Raises TypeError where `axes` are no such dict, ValueError for an axis beyond the rank.

    """

    _saved: ClassVar[tuple[str, ...]] = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
    ) -> None:
        self.dtype = None if dtype is None else tf.as_dtype(dtype).name
        self.shape = None if shape is None else tuple(tf.TensorShape(shape))
        self.ndim = ndim if shape is None else len(tuple(self.shape or ()))
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.name = name
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        try:
            self.axes = {int(axis): axes[axis] for axis in axes} if axes else {}
        except (TypeError, ValueError, IndexError):
            raise TypeError(f"axes must be a dict with integer keys, got {axes!r}") from None
        rank = self.ndim if self.ndim is not None else self.max_ndim
        if self.axes and rank is not None and max(self.axes) > rank - 1:
            raise ValueError(f"axes must be below the rank {rank}, got {max(self.axes)}")

    def check(self, x: Any, layer: str) -> None:
        """Raises ValueError, which names `layer`, where the tensor `x` is not as specified."""
        shape = x.shape
        rank = shape.rank
        if rank is None:
            raise ValueError(f"the input of layer {layer!r} must have a known rank, got {x}")
        problem = None
        if self.min_ndim is not None and rank < self.min_ndim:
            problem = f"rank {self.min_ndim} or more"
        elif self.max_ndim is not None and rank > self.max_ndim:
            problem = f"rank {self.max_ndim} or less"
        elif self.ndim is not None and rank != self.ndim and not self.allow_last_axis_squeeze:
            problem = f"rank {self.ndim}"
        elif self.dtype is not None and x.dtype != self.dtype:
            raise ValueError(
                f"the input of layer {layer!r} must have dtype {self.dtype}, got {x.dtype.name}"
            )
        else:
            for axis, size in self.axes.items():
                actual = shape[axis] if -rank <= axis < rank else -1
                if size is not None and actual is not None and actual != size:
                    problem = f"size {size} on axis {axis}"
        if problem is None and self.shape is not None:
            problem = self._shape_problem(tuple(shape))
        if problem is not None:
            raise ValueError(f"the input of layer {layer!r} must have {problem}, got shape {shape}")

    def _shape_problem(self, actual: tuple[int | None, ...]) -> str | None:
        expected = tuple(self.shape or ())
        if self.allow_last_axis_squeeze:
            expected, actual = (s[:-1] if s[-1:] == (1,) else s for s in (expected, actual))
        pairs = zip(expected, actual, strict=False)  # where an axis may be missing, so may others
        agree = all(e is None or a is None or e == a for e, a in pairs)
        return None if agree else f"the shape {expected}"

    def __repr__(self) -> str:
        given = {name: getattr(self, name) for name in InputSpec._saved}
        facts = [f"{key}={value}" for key, value in given.items() if value not in (None, {})]
        return f"InputSpec({', '.join(facts)})"
