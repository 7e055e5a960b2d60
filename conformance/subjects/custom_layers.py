"""User-defined layers, most of which do what few do: several shapes, several outputs, a mask that ends, a mistake."""

from __future__ import annotations

from typing import Any

from conformance.subjects.base import NotOffered
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary


def unusual(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
    """These layers, derived from the subject's `Layer`."""

    class Times(base):  # type: ignore[misc]
        """`inputs * factor`; it has no `get_config` of its own."""

        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    class Forgot(base):  # type: ignore[misc]
        """Returns its inputs; its `__init__` does not call that of `Layer`."""

        def __init__(self) -> None:
            pass

        def call(self, inputs: Any) -> Any:
            return inputs

    class TwoShapes(base):  # type: ignore[misc]
        """`inputs @ w + other`; `build` is given the shapes of both by name."""

        def build(self, inputs_shape: Any, other_shape: Any) -> None:
            self.w = self.add_weight(
                shape=(inputs_shape[-1], other_shape[-1]), initializer="ones", name="w"
            )

        def call(self, inputs: Any, other: Any) -> Any:
            return inputs @ self.w + other

    class Halves(base):  # type: ignore[misc]
        """The list of its inputs times 2, and of the first elements along the last axis."""

        def call(self, inputs: Any) -> Any:
            return [inputs * 2, inputs[..., :1]]

        def compute_output_shape(self, input_shape: Any) -> Any:
            return [tuple(input_shape), (*input_shape[:-1], 1)]

    class EndsMask(base):  # type: ignore[misc]
        """Its inputs, for which its `compute_mask` gives none, though it supports masking."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs: Any) -> Any:
            return inputs * 1

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    class Remembers(base):  # type: ignore[misc]
        """`inputs * w`; its `get_config` adds the shape that it was built for, and the dtype of `w`, as they are."""

        def __init__(self, seen: Any = None, kept: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.seen, self.kept = seen, kept

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="w")
            self.seen, self.kept = input_shape, self.w.dtype

        def call(self, inputs: Any) -> Any:
            return inputs * self.w

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "seen": self.seen, "kept": self.kept}

    class OnRead(base):  # type: ignore[misc]
        """`inputs * w`, where replicas synchronize `w` when it is read; TensorFlow's layers have such weights."""

        def __init__(self, trained: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if not isinstance(library, TensorFlowTensors):
                raise NotOffered(
                    "weights that are synchronized when they are read are TensorFlow's"
                )
            import tensorflow as tf

            self.w = self.add_weight(
                name="w",
                shape=(3,),
                initializer="ones",
                trainable=trained,
                synchronization=tf.VariableSynchronization.ON_READ,
            )

        def call(self, inputs: Any) -> Any:
            return inputs * self.w

    class Narrows(base):  # type: ignore[misc]
        """The first elements along the last axis in training, which it takes to be so; otherwise its inputs."""

        def call(self, inputs: Any, training: Any = True) -> Any:
            return inputs[..., :1] if training else inputs

    class Hands(base):  # type: ignore[misc]
        """Calls the layer that it is given, with None in the places of training and mask."""

        def __init__(self, inner: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs, None, None)

    class Decides(base):  # type: ignore[misc]
        """Twice its inputs if their sum is positive; in a graph it takes AutoGraph to decide, which is TensorFlow's."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if not isinstance(library, TensorFlowTensors):
                raise NotOffered("a tensor that decides in a graph is TensorFlow's")

        def call(self, inputs: Any) -> Any:
            if library.total(inputs) > 0:
                return inputs * 2
            return inputs

    few = (Times, Forgot, TwoShapes, Halves, EndsMask, Remembers, OnRead)
    return (*few, Narrows, Hands, Decides)
