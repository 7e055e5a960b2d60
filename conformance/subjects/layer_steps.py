"""The steps about layers: weights, losses, gradients, shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conformance.model import SAMPLE, Case, Given, Input, Step, Tensor, Value
from conformance.subjects.base import Mode
from conformance.subjects.tensors import TensorLibrary, plain
from conformance.subjects.weights import full_name, held, trained


class LayerSteps:
    """The part of a conversation that takes these steps; `Conversation` has the attributes."""

    target: Any
    _case: Case
    _mode: Mode
    _library: TensorLibrary

    def _real(self, literal: Any) -> Any:
        raise NotImplementedError

    def _do_build(self, step: Step) -> dict[str, Value]:
        """Builds for an input shape, and gives the weights that exist then."""
        self.target.build(self._real(step.options["shape"]))
        return {"weights": self._described(self.target.weights)}

    def _do_weights(self, step: Step) -> dict[str, Value]:
        """Names, shapes and dtypes of the weights in their order, and which weights are trained."""
        weights, trainable = list(self.target.weights), list(self.target.trainable_weights)
        is_trained, others = trained(weights, trainable, self._library.observe)
        # What is trained but is no weight follows the weights, so that it shows.
        described = self._described([*weights, *others])
        for one, answer in zip(described, [*is_trained, *(True for _ in others)], strict=True):
            one["trained"] = answer
        return {"weights": described}

    def _described(self, weights: Sequence[Any]) -> Any:
        found = []
        for weight in weights:
            seen = held(weight, self._library.observe)
            found.append(
                {"name": last_name(weight), "shape": list(seen.shape), "dtype": seen.dtype}
            )
        return found

    def _do_get_weights(self, step: Step) -> dict[str, Value]:
        """The values of the weights; with `overwrite` the arrays are spoilt afterwards."""
        given = self.target.get_weights()
        values = self._numbered("weights", given)
        if step.options.get("overwrite"):
            spoil(given)
        return values

    def _do_set_weights(self, step: Step) -> dict[str, Value]:
        """Sets the values of the weights; with `overwrite` the arrays are spoilt afterwards."""
        given = self._real(step.options["values"])
        self.target.set_weights(given)
        if step.options.get("overwrite"):
            spoil(given)
        return {}

    def _do_losses(self, step: Step) -> dict[str, Value]:
        """The penalties of weights and activities, of this layer and of the layers inside it."""
        return self._numbered("losses", self.target.losses)

    def _do_gradient(self, step: Step) -> dict[str, Value]:
        """The gradient of the sum of output times cotangent, for the input and for each trained weight.

        Element i of the cotangent, row-major from 0, is (7 i mod 11 - 5) / 4.
        """
        assert step.input is not None
        handed = self._library.make(self._case.inputs[step.input])
        weights = list(self.target.trainable_weights)
        given = self._library.gradients(self._called(step), handed, weights, cotangent)
        names = ["input", *map(last_name, weights)]
        return {
            f"gradient:{number}-{name}": self._library.observe(each)
            for number, (name, each) in enumerate(zip(names, given, strict=True))
        }

    def _do_output_shape(self, step: Step) -> dict[str, Value]:
        """The shape that the layer predicts for its output."""
        shape = self.target.compute_output_shape(self._real(step.options["shape"]))
        return {"shape": plain(shape.as_list() if hasattr(shape, "as_list") else shape)}

    def _called(self, step: Step) -> Callable[[Any], Any]:
        """The target with the options of the call, executed as the mode says."""
        given = {name: value for name, value in step.options.items() if name != SAMPLE}
        options = {name: self._real(value) for name, value in given.items()}
        target = self.target
        call = (lambda value: target(value, **options)) if options else target
        return self._library.compiled(call, self._mode)

    def _numbered(self, name: str, values: Sequence[Any]) -> dict[str, Value]:
        found: dict[str, Value] = {"count": len(values)}
        for number, value in enumerate(values):
            found[f"{name}:{number}"] = self._library.observe(value)
        return found


def last_name(weight: Any) -> str:
    """The last part of the name of a weight; the parts before it count objects of the process."""
    return full_name(weight).rpartition("/")[2].partition(":")[0]


def spoil(arrays: Sequence[Any]) -> None:
    """Writes 77 into each array, which shows whether somebody else holds the same memory.

    An array that cannot be written to cannot spoil anything.
    """
    for array in arrays:
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = 77


def cotangent(shape: Sequence[int], dtype: str) -> Input:
    """(7 i mod 11 - 5) / 4: has both signs, and is exact in every float dtype."""
    i = np.arange(math.prod(shape))
    return Input(Tensor.of(((7 * i % 11 - 5) / 4).reshape(tuple(shape)), dtype), Given.TENSOR)
