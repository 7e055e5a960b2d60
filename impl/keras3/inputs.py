"""`InputLayer` and `Input` of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from impl.keras3.layer import Layer
from impl.shared import input_spec
from impl.shared import models as shared
from impl.shared.symbolic import SymbolicTensor


class InputSpec(input_spec.InputSpec):
    """See `impl.shared.input_spec.InputSpec`. An input that is `optional` may be None."""

    _saved = (*input_spec.InputSpec._saved, "optional")

    def __init__(
        self, dtype: Any = None, shape: Any = None, ndim: int | None = None,
        max_ndim: int | None = None, min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None, allow_last_axis_squeeze: bool = False,
        name: str | None = None, optional: bool = False,
    ) -> None:  # fmt: skip  # as the documents list them
        super().__init__(
            dtype, shape, ndim, max_ndim, min_ndim, axes, allow_last_axis_squeeze, name
        )
        self.optional = optional


class InputLayer(shared.InputLayer, Layer):
    """See `impl.shared.models.InputLayer`.

    Args:
        shape: the shape of one sample.
        batch_size: the size of the batch; None for any.
        dtype: None for `config.floatx()`.
        batch_shape: both in one.
        name: None for input_layer, numbered.
        kwargs: `sparse`, `ragged` and `optional`, which must be false.

    Raises ValueError where there is no shape, and for other keywords.

    """

    _shape_names = ("shape", "batch_shape")

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Any = None,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(shape, batch_size, batch_shape, dtype, name, kwargs)
        self.input_spec = InputSpec(ndim=len(vars(self)["batch_shape"]))

    @classmethod
    def of(cls, batch_shape: Any, layer: Layer) -> Self:
        """The inputs of a first layer that names their shape."""
        return cls(batch_shape=batch_shape)

    @classmethod
    def built_for(cls, batch_shape: Any, layer: Layer) -> Self:
        """The inputs of a first layer of a model that is built for their shape."""
        return cls(batch_shape=batch_shape, dtype=layer.compute_dtype)


def Input(*args: Any, **kwargs: Any) -> SymbolicTensor:  # noqa: N802 because Keras has it so
    """The first entry of a `Sequential`, or a symbolic tensor to call layers on: see `InputLayer`."""
    return InputLayer(*args, **kwargs).symbolic()
