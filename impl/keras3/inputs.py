"""`InputLayer` and `Input` of Keras 3."""

from __future__ import annotations

from typing import Any, Self

from impl.keras3.layer import Layer
from impl.shared import models as shared


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

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Any = None,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        wrong = [k for k, x in kwargs.items() if k not in ("sparse", "ragged", "optional") or x]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} must not be given to InputLayer")
        if batch_shape is None:
            if shape is None:
                raise ValueError("shape must be given to InputLayer, got None")
            batch_shape = (batch_size, *shape)
        super().__init__(batch_shape, dtype, name)

    @classmethod
    def of(cls, batch_shape: Any, layer: Layer) -> Self:
        """The inputs of a first layer that names their shape."""
        return cls(batch_shape=batch_shape, dtype=layer.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {
            "batch_shape": vars(self)["batch_shape"],
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": False,
        }


def Input(*args: Any, **kwargs: Any) -> InputLayer:  # noqa: N802 because Keras has it so
    """The first entry of a `Sequential`: see `InputLayer`."""
    return InputLayer(*args, **kwargs)
