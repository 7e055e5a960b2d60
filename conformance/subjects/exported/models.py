"""What an exported model is asked: the layer of a case in a model, exported once, and called."""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from conformance.model import SAMPLE, Array, Case, Given, Outcome, Step, Unsupported, Value
from conformance.subjects.base import OFFICIAL_DRAWS, OUTSIDE, NotOffered
from conformance.subjects.exceptions import sentence
from conformance.subjects.exported.formats import (
    ExportError,
    Format,
    NoKernel,
    Runner,
    RuntimeFault,
)
from conformance.subjects.namespace import Conversation, NamespaceSubject
from conformance.subjects.tensors import TensorFlowTensors, observe_plain, python_form

# What a model consists of.
_FAMILIES: Final = ("layers", "models")
# The steps that ask the exported model.
_ASKING: Final = ("call", "predict")
# The steps by which Keras prepares what is exported. Their answers are Keras' own.
# In the ids of golden vectors of a model.
_OF_MODEL: Final = "/of-model/"
# What asks for the weights again that a layer was given: they are looked for in the file.
_WEIGHTS: Final = ["build", "set_weights", "get_weights"]
_PREPARING: Final = ("build", "set_weights", "set", "setting", "new", "symbolic")
# Options of a call that become part of the model. All others would be further inputs.
_KEPT: Final = {"training"}
# More than that many units in the last place of the largest value are no rounding.
_ROUNDING: Final = 64


class ExportedSubject(NamespaceSubject):
    """Keras 3, whose calls are those of exported models."""

    def __init__(self, name: str, exported: Format, keras: ModuleType) -> None:
        library = TensorFlowTensors()
        super().__init__(
            name,
            "keras3",
            keras,
            library,
            package=exported.package,
            version=exported.version,
            draws=OFFICIAL_DRAWS,  # the weights that Keras draws
            facts={"keras": keras.__version__, **exported.facts()},
        )
        self.format = exported

    @property
    def tensors(self) -> str:
        """The runtime."""
        return self.format.package

    def conversation(self, case: Case) -> Conversation:
        """One case, asked of this subject."""
        return _Exported(self, case)


class _Exported(Conversation):
    """One case: Keras prepares the layer, and each call is one of the exported model."""

    def __init__(self, subject: ExportedSubject, case: Case) -> None:
        super().__init__(subject, case)
        self._format = subject.format
        # What was exported since the target was last changed, by all that the model depends on.
        self._runners: dict[Any, tuple[Runner, Any]] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def outcomes(self) -> list[Outcome]:
        """The outcome of each step; of a case that calls nothing, that it is not asked."""
        if self._case.family not in _FAMILIES:
            return [Unsupported(f"the family {self._case.family} {OUTSIDE}")]
        if not self._asks_weights() and not any(s.do in _ASKING for s in self._case.steps):
            return [Unsupported("what is never called shows nothing of an exported model")]
        try:
            return super().outcomes()
        finally:
            self._forget()

    def _do(self, step: Step) -> dict[str, Value]:
        if step.do == "get_weights" and self._asks_weights():
            return self._exported_weights()
        if step.do not in (*_ASKING, *_PREPARING):
            raise NotOffered(f"the step {step.do} {OUTSIDE}")
        if step.do in _PREPARING:
            self._forget()
        return super()._do(step)

    def _asks_weights(self) -> bool:
        """Whether this is a vector of a model (`conformance model --record`) about its weights."""
        asked = [step.do for step in self._case.steps]
        return asked == _WEIGHTS and _OF_MODEL in self._case.id

    def _exported_weights(self) -> dict[str, Value]:
        """The weights of the layer, as the file has them."""
        shape: Any = self._case.steps[0].options["shape"]
        dtype = self.target.compute_dtype
        given = np.zeros([1, *(n or 1 for n in shape[1:])], dtype)
        folder = Path(self._files().name) / "weights"
        folder.mkdir(exist_ok=True)
        try:
            _, model = self._runner(given, {})
            constants = self._format.constants(model, folder)
        except (NoKernel, ExportError, RuntimeFault) as missing:
            # A call shows that; there is no file whose weights could be wrong.
            raise NotOffered(str(missing)) from missing
        found = [held(np.asarray(each), constants) for each in self.target.get_weights()]
        if any(each is None for each in found):
            raise NotOffered(
                f"{self._format.exporter} joins weights with others, or leaves them out"
            )
        return self._numbered("weights", found)

    def _do_call(self, step: Step) -> dict[str, Value]:
        options = {k: self._real(v) for k, v in step.options.items() if k != SAMPLE}
        given, before = self._given(step), self._given(step)
        value = self._ran(given, options)
        same = given.tobytes() == before.tobytes()
        return {"value": value, "input": "unchanged" if same else "changed"}

    def _do_predict(self, step: Step) -> dict[str, Value]:
        given, size = self._given(step), step.options["batch_size"]
        assert isinstance(size, int)
        starts = range(0, len(given), size) if given.size else (0,)
        parts = [self._outputs(given[start : start + size], {}) for start in starts]
        joined = [np.concatenate(each) for each in zip(*parts, strict=True)]
        return {"value": observe_plain(joined[0] if len(joined) == 1 else joined)}

    def _given(self, step: Step) -> Array:
        assert step.input is not None
        given = self._case.inputs[step.input]
        if given.given in (Given.LIST, Given.SCALAR):
            raise NotOffered("a runtime takes arrays alone")
        array: Array = np.asarray(python_form(given))
        if array.ndim == 0:
            raise NotOffered("an input of an exported model has a batch axis")
        return array

    def _ran(self, given: Array, options: Mapping[str, Any]) -> Value:
        """What the exported model gives for an input."""
        found = self._outputs(given, options)
        (output,) = found if len(found) == 1 else (list(found),)
        return observe_plain(output)

    def _outputs(self, given: Array, options: Mapping[str, Any]) -> Sequence[Array]:
        """Each output of the exported model for an input."""
        if surplus := sorted(options.keys() - _KEPT):
            raise NotOffered(f"a call with {', '.join(surplus)} {OUTSIDE}")
        try:
            runner, model = self._runner(given, options)
            found = runner.run(given)
        except NoKernel as missing:
            raise NotOffered(str(missing)) from missing
        if said := self._opinion(runner, model, given, found):
            print(said, file=sys.stderr)
        return found

    def _runner(self, given: Array, options: Mapping[str, Any]) -> tuple[Runner, Any]:
        """The target in a model for inputs like this one, exported; and the model."""
        key = (given.shape[1:], given.dtype.name, tuple(sorted(options.items())))
        if key not in self._runners:
            model = self._model_of(given, options)
            # Keras exports no model to ONNX that was never called.
            if not _same(_arrays(model(given)), _arrays(model(given))):
                raise NotOffered("what differs from call to call is not what an exported model has")
            folder = Path(self._files().name) / str(len(self._runners))
            folder.mkdir()
            self._runners[key] = self._format.exported(model, folder, given), model
        return self._runners[key]

    def _model_of(self, given: Array, options: Mapping[str, Any]) -> Any:
        """The target in a model, whose batch is open as in most models.

        What Keras does not even call is refused as by Keras. What it calls, but makes no model of, is not offered.
        """
        dtype = given.dtype.name
        ways: tuple[dict[str, Any], ...] = (
            {"shape": given.shape[1:]},
            {"batch_shape": given.shape},
        )
        for number, way in enumerate(ways):
            try:
                asked = self._member("Input")(**way, dtype=dtype)
                return self._member("Model")(asked, self.target(asked, **options))
            except Exception as error:  # layers raise whatever they like
                if number == 0:
                    self.target(given, **options)
                else:
                    raise NotOffered(f"Keras makes no model of it: {sentence(error)}") from error
        raise AssertionError("the last way returns or raises")

    def _opinion(
        self, runner: Runner, model: Any, given: Array, found: Sequence[Array]
    ) -> str | None:
        """Whose fault it is where the exported model differs from the model; None where it does not."""
        kept = _arrays(model(given))
        if alike(found, kept):
            return None
        try:
            second = runner.second(given)
        except Exception as error:
            return opinion(self._format, None, f"{type(error).__name__}: {error}")
        return opinion(self._format, alike(second, kept), "")

    def _files(self) -> tempfile.TemporaryDirectory[str]:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
        return self._folder

    def _forget(self) -> None:
        """Exports anew from here on."""
        self._runners.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def opinion(of: Format, right: bool | None, why: str) -> str:
    """What the second evaluator says of outputs that differ from those of Keras: whether it has those of Keras."""
    differs = f"{of.runtime} gives other values than Keras"
    if right is None:
        return f"{differs}; {of.other} cannot be asked ({why})"
    if right:
        return f"{differs}, and {of.other} gives those of Keras: the fault of {of.runtime}"
    return f"{differs}, and so does {of.other}: the fault of {of.exporter}"


def held(weight: Array, constants: Sequence[Array]) -> Array | None:
    """A weight as one of the constants of a file has it, whatever the order of the axes there; None where none does."""
    for each in constants:
        if each.size != weight.size or each.dtype != weight.dtype:
            continue
        for axes in itertools.permutations(range(weight.ndim)):
            turned = weight.transpose(axes)
            if np.array_equal(turned.reshape(-1), each.reshape(-1), equal_nan=True):
                back: Array = each.reshape(turned.shape).transpose(np.argsort(axes))
                return back
    # Exporters leave out a bias of zeros: nothing in the file can then be wrong about it.
    return None if weight.any() else weight


def _same(some: Sequence[Array], others: Sequence[Array]) -> bool:
    return [each.tobytes() for each in some] == [each.tobytes() for each in others]


def alike(some: Sequence[Array], others: Sequence[Array]) -> bool:
    """Whether arrays have the same shapes and dtypes, and values that agree but for rounding."""
    if len(some) != len(others):
        return False
    for one, other in zip(some, others, strict=True):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        wide, truth = one.astype(np.complex128), other.astype(np.complex128)
        finite = np.abs(truth[np.isfinite(truth)])
        size = float(finite.max(initial=0.0))
        near = _ROUNDING * _epsilon(other) * size
        if not np.allclose(wide, truth, rtol=0, atol=near, equal_nan=True):
            return False
    return True


def _epsilon(array: Array) -> float:
    import ml_dtypes

    return float(ml_dtypes.finfo(array.dtype).eps) if array.dtype.kind in "fcV" else 0.0


def _arrays(outputs: Any) -> list[Array]:
    each = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [np.asarray(output) for output in each]
