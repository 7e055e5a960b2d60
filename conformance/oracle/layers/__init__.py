"""Truth about layers and models: what they compute, their gradients, penalties and training.

Convolutions are direct sums, gradients their adjoints, both in float64; see `products` for what
rounding can do to a sum. What a case does step by step is done to a layer of the oracle's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, SAMPLE, Case, Given, Input, Reference, Step
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers import gradients, losses, sequences
from conformance.oracle.layers.custom import Sequential, layer_of
from conformance.oracle.layers.dense import Layer, Weight
from conformance.oracle.layers.products import cast
from conformance.oracle.layers.training import Training
from conformance.oracle.layers.world import Untold, World
from conformance.oracle.truths import Truth, Unknown

__all__ = ["answer"]

_NO_TENSORS: Final = Unknown("the oracle does not do this step")


def answer(case: Case, dialect: str) -> list[dict[str, Truth]] | Unknown:
    """For each step the truth of its tensors; Unknown where the layer is none that it has."""
    if case.family == "activations":
        return Unknown("no tensor comes of a name")
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
        self.world = World(dialect)
        self.tape = self.world.tape
        self.broken: Unknown | None = None
        # Whether the last call was inside a function that a model compiles.
        self.inside = False
        self.shape: Sequence[int | None] | None = None
        self.changes: list[tuple[str, Any]] = []
        self.made_of = (case.custom or case.target, case.arguments)
        self.layer = self._made()
        self.training = Training(self.layer)

    def _made(self) -> Layer:
        if "weights" in self.case.arguments:
            raise Untold("the oracle has no weights among the arguments")
        return layer_of(*self.made_of, self.world)

    def _rebuilt(self) -> Layer:
        """From a description, which has the arguments and the attributes set since, not the weights."""
        self.world.shared.clear()
        layer = self._made()
        for here, there in zip(self.layer.layers(), layer.layers(), strict=False):
            # A description has the policy of a layer, whatever the global one is now.
            if not isinstance(here, Sequential):
                there.compute, there.variable = here.compute, here.variable
        sequences.replay(layer, self.changes)
        if self.layer.built and self.shape is not None and isinstance(layer, Sequential):
            layer.build(self.shape)
        return layer

    def step(self, step: Step) -> dict[str, Truth]:
        """The tensors that a step gives, by name; under every name there is where it has none."""
        if self.broken is not None:
            return _Always(self.broken)
        action: Callable[[Step], Mapping[str, Truth]] | None = getattr(self, f"_{step.do}", None)
        if action is None:
            return {}
        self.tape.clear()
        if step.do in ("call", "gradient", "fit", "evaluate", "predict"):
            self.inside = step.do not in ("call", "gradient")
        try:
            return dict(action(step))
        except Untold as told:
            if step.do in ("compile", "fit", "evaluate", "predict", "method"):
                # Nobody knows either what it leaves behind.
                self.broken = Unknown(str(told))
            return _Always(Unknown(str(told)))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            self.broken = Unknown(
                f"the step {step.do} or an earlier one is not possible: {type(error).__name__}"
            )
            return _Always(self.broken)

    def _build(self, step: Step) -> Mapping[str, Truth]:
        shape: Any = step.options["shape"]
        self.shape = tuple(shape)
        self.layer.build(self.shape)
        return {}

    def _roundtrip(self, step: Step) -> Mapping[str, Truth]:
        self.layer = self._rebuilt()
        self.training = Training(self.layer)
        return {}

    def _new(self, step: Step) -> Mapping[str, Truth]:
        self.changes.clear()
        self.layer = self._made()
        self.training = Training(self.layer)
        return {}

    def _setting(self, step: Step) -> Mapping[str, Truth]:
        self.world.settings.update(step.options)
        if step.options.keys() - {"seed"}:
            self.training.outdated()
        return {}

    def _copy(self, step: Step) -> Mapping[str, Truth]:
        """A clone has new weights; other copies are the same in everything, and compiled when they are made."""
        if step.options["via"] == "clone":
            return self._roundtrip(step)
        self.training.moved()
        return {}

    def _save(self, step: Step) -> Mapping[str, Truth]:
        """The same model once more, with what it was compiled with; of a file of weights, these alone."""
        before = self.layer
        if any(weight.flagged for part in before.layers() for weight in part.own):
            self.broken = Unknown(
                "the documents do not say whether a file has the flag of a weight"
            )
        if step.options["format"] != "weights":
            self.training.moved()
            return {}
        self._new(step)
        self._build(step)
        for weight, read in sequences.together(before, self.layer):
            read.value = weight.value
        return {}

    def _register(self, step: Step) -> Mapping[str, Truth]:
        options: Any = step.options
        self.made_of = (options["custom"], options.get("arguments", {}))
        return self._new(step)

    def _symbolic(self, step: Step) -> Mapping[str, Truth]:
        return self._build(step)

    def _compile(self, step: Step) -> Mapping[str, Truth]:
        self.training.compile(step.options)
        return {}

    def _evaluate(self, step: Step) -> Mapping[str, Truth]:
        return self.training.evaluate(self.case, step)

    def _predict(self, step: Step) -> Mapping[str, Truth]:
        return self.training.predict(self.case, step)

    def _set(self, step: Step) -> Mapping[str, Truth]:
        for path, value in step.options.items():
            try:
                if sequences.put(self.layer, self.training, path, value):
                    self.changes.append((path, value))
            except Untold as told:
                self.broken = Unknown(str(told))
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
        if self.inside and any(part.added for part in self.layer.layers()):
            raise Untold("the documents do not say what remains of the losses inside a training")
        many = sum(len(part.added) for part in self.layer.layers()) > 1
        if many and self.world.dialect == "keras3" and self.layer.depth() > 3:
            raise Untold("the documents do not say in which order deeply nested losses come")
        return {f"losses:{n}": loss for n, loss in enumerate(self.layer.losses())}

    def _call(self, step: Step) -> Mapping[str, Truth]:
        return {"value": self._called(step)}

    def _called(self, step: Step) -> Bounded:
        assert step.input is not None
        options = {name: value for name, value in step.options.items() if name != SAMPLE}
        x = given(self.case.inputs[step.input])
        self.shape = x.shape
        return self.layer.called(x, **sequences.options_of(options))

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

    def _method(self, step: Step) -> Mapping[str, Truth]:
        of, name = step.options.get("of"), str(step.options["name"])
        arguments: Any = step.options.get("arguments", {})
        if "batches" in step.options:
            arguments = {**arguments, "batch_size": step.options["batches"]}
        if of is None:
            return self.training.method(self.case, name.removeprefix("model."), arguments)
        if not isinstance(of, Reference) or not of.name.startswith("losses."):
            return {}
        if name != "__call__":
            return {}
        return {"value": losses.called(of, arguments, self.world.dialect)}

    def _fit(self, step: Step) -> Mapping[str, Truth]:
        return self.training.fit(self.case, step)


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
