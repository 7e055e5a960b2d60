"""The steps about what follows the first call: settings, compiling, files, copies, symbolic calls."""

from __future__ import annotations

import copy
import pickle
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance.model import Case, Step, Tensor, Value
from conformance.subjects.base import NotOffered
from conformance.subjects.settings import Settings
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary, plain

# By the format of a `save` step: the ending of the file, which tells Keras the format.
_ENDINGS: Final = {"keras": ".keras", "weights": ".weights.h5", "h5": ".h5"}


class SequenceSteps:
    """The part of a conversation that takes these steps; `Conversation` has the attributes."""

    target: Any
    _case: Case
    _library: TensorLibrary
    _settings: Settings
    _wrapped: Any = None

    def construct(self) -> None:
        """Builds the object under test from the arguments of the case."""
        raise NotImplementedError

    def _real(self, literal: Any) -> Any:
        raise NotImplementedError

    def _member(self, path: str) -> Any:
        raise NotImplementedError

    def _customs(self) -> Mapping[str, type[Any]]:
        raise NotImplementedError

    def _model(self) -> Any:
        """The target, or a model around it that is kept for as long as the target is the same object."""
        if hasattr(self.target, "fit"):
            return self.target
        if self._wrapped is None or self._wrapped.layers[-1] is not self.target:
            self._wrapped = self._member("models.Sequential")([self.target])
        return self._wrapped

    def _owner(self, path: str) -> tuple[Any, str]:
        """The object that has the last part of a dotted path, and this part.

        A path starts at the target, or, as `model.optimizer.learning_rate`, at the model around it. A part
        that is a number is a place in a list.
        """
        *parts, last = path.split(".")
        found = self.target
        if parts[:1] == ["model"]:
            found, parts = self._model(), parts[1:]
        for part in parts:
            found = found[int(part)] if part.isdecimal() else getattr(found, part)
        return found, last

    def _do_set(self, step: Step) -> dict[str, Value]:
        """Sets attributes."""
        for path, value in step.options.items():
            owner, name = self._owner(path)
            setattr(owner, name, self._real(value))
        return {}

    def _do_attributes(self, step: Step) -> dict[str, Value]:
        """The values of attributes."""
        names: Any = step.options["names"]
        return {"attributes": {path: attribute(*self._owner(path)) for path in names}}

    def _do_new(self, step: Step) -> dict[str, Value]:
        """Builds the target once more."""
        self.construct()
        return {}

    def _do_setting(self, step: Step) -> dict[str, Value]:
        """Changes global settings, which are put back after the case."""
        for name, value in step.options.items():
            self._settings.change(name, self._real(value))
        return {}

    def _do_compile(self, step: Step) -> dict[str, Value]:
        """Compiles the target, or the model around it."""
        self._library.check_training()
        options = {name: self._real(value) for name, value in step.options.items()}
        self._model().compile(**options)
        return {}

    def _do_fit(self, step: Step) -> dict[str, Value]:
        """Trains, and gives loss and weights after every epoch. With an optimizer: compiles before."""
        assert step.input is not None
        self._library.check_training()
        options = {name: self._real(value) for name, value in step.options.items()}
        model = self._model()
        if "optimizer" in options:
            model.compile(optimizer=options["optimizer"], loss=options["loss"])
        x, y = (self._library.make(self._case.inputs[n]) for n in (step.input, options["target"]))
        values: dict[str, Value] = {}
        for epoch in range(options["epochs"]):
            history = model.fit(
                x, y, batch_size=options["batch_size"], epochs=1, shuffle=False, verbose=0
            )
            # Keras averages over batches in float32, whatever the dtype of the loss.
            loss = np.asarray(history.history["loss"], dtype=np.float32)
            values[f"losses:{epoch}"] = Tensor.of(loss)
            for number, weight in enumerate(model.get_weights()):
                values[f"weights:{epoch}-{number}"] = self._library.observe(weight)
        return values

    def _do_evaluate(self, step: Step) -> dict[str, Value]:
        """The loss of inputs and targets, in float32 as Keras averages it."""
        assert step.input is not None
        self._library.check_training()
        target: Any = step.options["target"]
        x, y = (self._library.make(self._case.inputs[n]) for n in (step.input, target))
        loss = self._model().evaluate(x, y, batch_size=step.options["batch_size"], verbose=0)
        return {"loss": Tensor.of(np.asarray(loss, dtype=np.float32))}

    def _do_predict(self, step: Step) -> dict[str, Value]:
        """The outputs for an input, batch by batch."""
        assert step.input is not None
        x = self._library.make(self._case.inputs[step.input])
        given = self._model().predict(x, batch_size=step.options["batch_size"], verbose=0)
        return {"value": self._library.observe(given)}

    def _do_symbolic(self, step: Step) -> dict[str, Value]:
        """Shape and dtype of the output for a symbolic input."""
        batch, *shape = self._real(step.options["shape"])
        given = self._member("Input")(
            shape=tuple(shape), batch_size=batch, dtype=step.options["dtype"]
        )
        return shapes_and_dtypes(self.target(given))

    def _do_copy(self, step: Step) -> dict[str, Value]:
        """Copies the target; later steps use the copy."""
        match step.options["via"]:
            case "clone":
                self.target = self._member("models.clone_model")(self.target)
            case "pickle":
                self.target = pickle.loads(pickle.dumps(self.target))
            case _:
                self.target = copy.deepcopy(self.target)
        return {}

    def _do_save(self, step: Step) -> dict[str, Value]:
        """Writes the model to a file and reads it again; later steps use what was read.

        Of a file of weights alone: the target built anew for the input shape `shape`, with these weights.
        """
        kind = str(step.options["format"])
        model, is_layer = self._model(), self._model() is not self.target
        save = self._offered(model, "save_weights" if kind == "weights" else "save")
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / f"saved{_ENDINGS[kind]}")
            if kind == "weights":
                save(path)
                self.construct()
                self.target.build(self._real(step.options["shape"]))
                self._model().load_weights(path)
                return {}
            load = self._member("models.load_model")
            save(path)
            read = load(path, custom_objects=dict(self._customs()))
        self.target = read.layers[-1] if is_layer else read
        self._wrapped = read if is_layer else None
        return {}

    def _do_export(self, step: Step) -> dict[str, Value]:
        """The target's call through a SavedModel, as it is deployed; all that later steps can do is call it."""
        if not isinstance(self._library, TensorFlowTensors):
            raise NotOffered("a SavedModel is TensorFlow's")
        import tensorflow as tf

        module, target = tf.Module(), self.target
        module.target = target
        given = tf.TensorSpec(self._real(step.options["shape"]), step.options["dtype"])
        module.call = tf.function(lambda x: target(x), input_signature=[given])
        with tempfile.TemporaryDirectory() as folder:
            tf.saved_model.save(module, folder)
            read = tf.saved_model.load(folder)
        self.target = read.call
        self._wrapped = read  # which holds the weights
        return {}

    def _offered(self, thing: Any, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] | None = getattr(thing, name, None)
        if found is None:
            raise NotOffered(f"a {type(thing).__name__} of it has no {name}")
        return found


def attribute(owner: Any, name: str) -> Any:
    """An attribute as JSON; a policy or a dtype by its name."""
    value = getattr(owner, name)
    if type(value).__name__.endswith(("Policy", "DType")):
        return str(value.name)
    if hasattr(value, "as_list"):
        return plain(value.as_list())
    return plain(value)


def shapes_and_dtypes(output: Any) -> dict[str, Value]:
    """Of a symbolic tensor, or of each in a list of them."""
    if isinstance(output, list):
        return {"shape": [_shape(x) for x in output], "dtype": [_dtype(x) for x in output]}
    return {"shape": _shape(output), "dtype": _dtype(output)}


def _shape(tensor: Any) -> Any:
    return plain(tensor.shape.as_list() if hasattr(tensor.shape, "as_list") else tensor.shape)


def _dtype(tensor: Any) -> str:
    return str(getattr(tensor.dtype, "name", tensor.dtype))
