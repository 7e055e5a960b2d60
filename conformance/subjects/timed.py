"""What `bench` times: kinds of work as functions without arguments, whose results nobody observes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from conformance.model import Case, Given, Input, Step, Tensor
from conformance.subjects.base import Mode, NotOffered
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary

# A call (of an initializer: a draw); its gradient for the input and each weight; making an object and its
# weights; reading the penalties of its weights; describing it as data, and making it anew from these; one
# step of training of a compiled model, or of a model around a layer.
WORKS: Final = ("call", "gradient", "build", "losses", "config", "training")


class TimedWork:
    """The part of a conversation that times; `Conversation` has the attributes."""

    target: Any
    _case: Case
    _mode: Mode
    _library: TensorLibrary

    def construct(self) -> None:
        """Builds the object under test from the arguments of the case."""
        raise NotImplementedError

    def drawing(self, target: Any, step: Step) -> Callable[[], Any]:
        """The call of an initializer that a step asks for."""
        raise NotImplementedError

    def _model(self) -> Any:
        raise NotImplementedError

    def _module(self, name: str) -> Any:
        raise NotImplementedError

    def prepared(self, work: str) -> Callable[[], Any]:
        """One of `WORKS` on the first step of the case. What need not be done each time is done here."""
        target, step = self.target, self._case.steps[0]
        if work == "config":
            serialize, deserialize = self._module("serialize"), self._module("deserialize")
            return lambda: deserialize(serialize(target))
        if step.do == "initialize":
            return self.drawing(target, step)
        shape = self._case.inputs[0].tensor.shape
        handed = self._library.make(self._case.inputs[0])
        match work:
            case "build":
                return lambda: self._built(shape)
            case "losses":
                target.build(shape)
                return lambda: target.losses
            case "gradient":
                return self._gradient(handed)
            case "training":
                return self._training(handed)
        call = self._library.compiled(target, self._mode)
        return lambda: call(handed)

    def _built(self, shape: tuple[int, ...]) -> None:
        self.construct()
        self.target.build(shape)

    def _gradient(self, handed: Any) -> Callable[[], Any]:
        if not isinstance(self._library, TensorFlowTensors):
            raise NotOffered("gradients and training are timed on TensorFlow alone")
        import tensorflow as tf

        target = self.target
        target(handed)  # which makes the weights
        call = self._library.compiled(target, self._mode)
        sources = [handed, *getattr(target, "trainable_weights", ())]

        def gradient() -> Any:
            with tf.GradientTape() as tape:
                tape.watch(handed)
                given = call(handed)
            return tape.gradient(given, sources)

        return gradient

    def _training(self, handed: Any) -> Callable[[], Any]:
        if not isinstance(self._library, TensorFlowTensors):
            raise NotOffered("gradients and training are timed on TensorFlow alone")
        model = self._model()
        shape = tuple(model(handed).shape)
        targets = self._library.make(Input(Tensor.of(np.zeros(shape, np.float32)), Given.TENSOR))
        model.compile(optimizer="sgd", loss="mse")
        return lambda: model.train_on_batch(handed, targets)
