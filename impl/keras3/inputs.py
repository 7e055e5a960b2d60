"""`InputLayer` and `Input` of Keras 3."""

from __future__ import annotations

from typing import Any, Self

from impl.keras3.layer import Layer
from impl.shared import models as shared
from impl.shared.input_spec import InputSpec
from impl.shared.symbolic import SymbolicTensor


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


def Input(*args: Any, **kwargs: Any) -> SymbolicTensor:  # noqa: N802 because Keras has it so
    """The first entry of a `Sequential`, or a symbolic tensor to call layers on: see `InputLayer`."""
    return InputLayer(*args, **kwargs).symbolic()
