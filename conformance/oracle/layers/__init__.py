"""Truth about layers and models: what they compute, their gradients, penalties and training.

Convolutions are direct sums, gradients their adjoints, both in float64; see `products` for what
rounding can do to a sum. What a case does step by step is done to a layer of the oracle's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, SAMPLE, Case, Given, Input, Step
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers import gradients, training
from conformance.oracle.layers.attached import Untold
from conformance.oracle.layers.custom import layer_of
from conformance.oracle.layers.dense import Layer, Pull, Weight
from conformance.oracle.layers.products import cast
from conformance.oracle.truths import Truth, Unknown

__all__ = ["answer"]

_NO_TENSORS: Final = Unknown("the oracle does not do this step")


def answer(case: Case, dialect: str) -> list[dict[str, Truth]] | Unknown:
    """For each step the truth of its tensors; Unknown where the layer is none that it has."""
    try:
        asked = _Asked(case, dialect)
    except Untold as told:
        return Unknown(str(told))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Unknown(f"the arguments make no layer: {type(error).__name__}")
    return [asked.step(step) for step in case.steps]


class _Asked:
    """A case put to the oracle."""

    def __init__(self, case: Case, dialect: str) -> None:
        self.case = case
        self.dialect = dialect
        self.tape: list[Pull] = []
        self.broken: Unknown | None = None
        self.layer = self._made()

    def _made(self) -> Layer:
        name = self.case.custom or self.case.target
        return layer_of(name, self.case.arguments, self.dialect, self.tape)

    def step(self, step: Step) -> dict[str, Truth]:
        """The tensors that a step gives, by name; under every name there is where it has none."""
        if self.broken is not None:
            return _Always(self.broken)
        action: Callable[[Step], Mapping[str, Truth]] | None = getattr(self, f"_{step.do}", None)
        if action is None:
            return {}
        self.tape.clear()
        try:
            return dict(action(step))
        except Untold as told:
            return _Always(Unknown(str(told)))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            self.broken = Unknown(
                f"the step {step.do} or an earlier one is not possible: {type(error).__name__}"
            )
            return _Always(self.broken)

    def _build(self, step: Step) -> Mapping[str, Truth]:
        shape: Any = step.options["shape"]
        self.layer.build(tuple(shape))
        return {}

    def _new(self, step: Step) -> Mapping[str, Truth]:
        """The layer as its arguments make it."""
        self.layer = self._made()
        return {}

    def _setting(self, step: Step) -> Mapping[str, Truth]:
        """Of the settings the oracle follows none; a seed changes draws only, of which it knows nothing."""
        if step.options.keys() - {"seed"}:
            self.broken = Unknown("a global setting was changed")
        return {}

    def _roundtrip(self, step: Step) -> Mapping[str, Truth]:
        """A description has the arguments, not the weights."""
        self.layer = self._made()
        return {}

    def _set(self, step: Step) -> Mapping[str, Truth]:
        for name, value in step.options.items():
            if name == "trainable":
                self.layer.freeze(not value)
            elif name == "activity_regularizer":
                self.layer.activity_regularizer = value
            # A regularizer of a weight is that of the moment when the weight was made.
        return {}

    def _set_weights(self, step: Step) -> Mapping[str, Truth]:
        values: Any = step.options["values"]
        weights = self.layer.weights()
        if [v.tensor.shape for v in values] != [w.shape for w in weights]:
            raise ValueError("the values do not fit the weights")
        for weight, value in zip(weights, values, strict=True):
            weight.value = given(value, weight.dtype)
        return {}

    def _get_weights(self, step: Step) -> Mapping[str, Truth]:
        return {f"weights:{n}": _told(w) for n, w in enumerate(self.layer.weights())}

    def _losses(self, step: Step) -> Mapping[str, Truth]:
        return {f"losses:{n}": loss for n, loss in enumerate(self.layer.losses())}

    def _call(self, step: Step) -> Mapping[str, Truth]:
        return {"value": self._called(step)}

    def _called(self, step: Step) -> Bounded:
        assert step.input is not None
        options = {name: value for name, value in step.options.items() if name != SAMPLE}
        return self.layer(given(self.case.inputs[step.input]), **options)

    def _gradient(self, step: Step) -> Mapping[str, Truth]:
        assert step.input is not None
        for weight in self.layer.weights():
            weight.gradient = None
        y = self._called(step)
        g = gradients.back(self.tape, gradients.cotangent(y.shape, y.dtype))
        found: dict[str, Truth] = {"gradient:0-input": g}
        for number, weight in enumerate(self.layer.trained(), 1):
            if weight.gradient is not None:
                found[f"gradient:{number}-{weight.name}"] = weight.gradient
        return found

    def _fit(self, step: Step) -> Mapping[str, Truth]:
        return training.fit(self.layer, self.case, step, self.tape)


class _Always(dict[str, Truth]):
    """The same for every name."""

    def __init__(self, reason: Unknown) -> None:
        super().__init__()
        self._reason = reason

    def get(self, name: str, default: Any = None) -> Any:
        """The reason."""
        return self._reason


def _told(weight: Weight) -> Truth:
    return Unknown(str(weight.value)) if isinstance(weight.value, Untold) else weight.value


def given(value: Input, dtype: str | None = None) -> Bounded:
    """A tensor of a case, exactly, or converted to `dtype` as a weight is."""
    tensor = value.tensor
    if tensor.dtype.startswith("complex"):
        raise Untold("complex numbers are none that the documents speak of")
    # Python's numbers become tensors of the default dtype.
    own = "float32" if value.given is Given.LIST and tensor.dtype == "float64" else tensor.dtype
    if own not in FLOATS:
        x = Bounded(tensor.values().astype(np.float64), np.zeros(tensor.shape), own)
        return cast(Bounded(x.value, x.error, "float64"), dtype) if dtype else x
    x = cast(exact(tensor), own)
    return cast(x, dtype) if dtype else x
