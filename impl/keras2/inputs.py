"""`InputLayer` and `Input` of Keras 2."""

from __future__ import annotations

from typing import Any, Self

from impl.keras2.layer import Layer
from impl.shared import models as shared
from impl.shared.input_spec import InputSpec
from impl.shared.symbolic import SymbolicTensor


class InputLayer(shared.InputLayer, Layer):
    """See `impl.shared.models.InputLayer`.

    Args:
        input_shape: the shape of one sample.
        batch_size: the size of the batch; None for any.
        dtype: None for `backend.floatx()`.
        name: None for input, numbered.
        batch_input_shape: the shape with the batch.
        kwargs: `sparse`, `ragged` and `optional`, which must be false.

    Raises ValueError where there is no shape, and for other keywords.

    """

    supports_masking = True
    _shape_names = ("input_shape", "batch_input_shape")

    def __init__(
        self,
        input_shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        name: Any = None,
        batch_input_shape: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(input_shape, batch_size, batch_input_shape, dtype, name, kwargs)
        sizes = vars(self)["batch_shape"][1:]
        self.input_spec = InputSpec(shape=(None, *sizes))

    @classmethod
    def of(cls, batch_shape: Any, layer: Layer) -> Self:
        """The inputs of a first layer that names their shape."""
        name = f"{layer.name}_input"
        return cls(batch_input_shape=batch_shape, dtype=layer.dtype, name=name)

    @classmethod
    def built_for(cls, batch_shape: Any, layer: Layer) -> Self:
        """The inputs of a first layer of a model that is built for their shape: in `floatx`, or any other."""
        inputs = cls(batch_input_shape=batch_shape, name=f"{layer.name}_input")
        inputs.input_spec = None
        return inputs


def Input(shape: Any = None, batch_size: int | None = None, **kwargs: Any) -> SymbolicTensor:  # noqa: N802 because Keras has it so
    """The first entry of a `Sequential`, or a symbolic tensor to call layers on.

    See `InputLayer`, of which `shape` is `input_shape`, and `batch_shape` `batch_input_shape`.
    """
    if "batch_shape" in kwargs:
        kwargs["batch_input_shape"] = kwargs.pop("batch_shape")
    return InputLayer(shape, batch_size, **kwargs).symbolic()
