"""Subjects in this process: any namespace with Keras-shaped submodules."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from conformance.model import (
    SAMPLE,
    Case,
    Input,
    Outcome,
    Raised,
    Reference,
    Returned,
    Step,
    Tensor,
    Unsupported,
    Value,
)
from conformance.model.errors import UsageError
from conformance.model.formulas import sampled
from conformance.subjects import customs, provenance
from conformance.subjects.base import OUTSIDE, Mode, NotOffered
from conformance.subjects.description_steps import DescriptionSteps
from conformance.subjects.exceptions import category, classes, sentence
from conformance.subjects.initializer_steps import InitializerSteps, applied
from conformance.subjects.layer_steps import LayerSteps
from conformance.subjects.method_steps import MethodSteps
from conformance.subjects.sequence_steps import SequenceSteps
from conformance.subjects.settings import Settings
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary, quiet
from conformance.subjects.timed import TimedWork


class NamespaceSubject:
    """A module whose submodules are shaped like Keras': `constraints`, `initializers`, ..."""

    def __init__(
        self,
        name: str,
        dialect: str,
        namespace: Any,
        library: TensorLibrary,
        *,
        mode: Mode = Mode.EAGER,
        device: str | None = None,
        package: str | None = None,
        version: str | None = None,
        draws: str | None = None,
        facts: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        """`without`: the steps that it does not set out to do."""
        tensorflow = library if isinstance(library, TensorFlowTensors) else None
        if device is not None and not (tensorflow and tensorflow.has_device(device)):
            raise UsageError(
                f"--device must be a device that {name} can run on; received {device!r}, and "
                + (
                    "TensorFlow has no such device here"
                    if tensorflow
                    else f"it runs on {library.name}"
                )
            )
        self.name = name
        self.dialect = dialect
        self._namespace = namespace
        self._library = library
        self._mode = mode
        self._device = device
        self._package = package or name
        self._version = version
        self._draws = draws
        self.facts = dict(facts or {})
        self.without = without
        self._settings = Settings(namespace)
        self._customs: dict[str, Mapping[str, type[Any]]] = {}
        self.functions = customs.functions(library)

    @property
    def library(self) -> TensorLibrary:
        """Makes its tensors, and reads them."""
        return self._library

    @property
    def namespace(self) -> Any:
        """The module."""
        return self._namespace

    @property
    def tensors(self) -> str:
        """The library of its tensors: `tensorflow`, `numpy` or a backend of Keras 3."""
        return self._library.name

    @property
    def dtypes(self) -> tuple[str, ...] | None:
        """The dtypes that its tensors can have; None means all."""
        return self._library.dtypes()

    @property
    def draws(self) -> str:
        """The generator of its random numbers; XLA has another than TensorFlow's ops."""
        if self._draws is not None:
            return self._draws
        return "xla" if self._mode is Mode.XLA else self.tensors

    def provenance(self) -> Mapping[str, Any]:
        """Package, version, platform, mode, device and generator."""
        known = provenance.facts(self._package, self._version)
        device = self._device or self.facts.get("device")
        asked = {"mode": str(self._mode), "device": device, "draws": self.draws}
        return {**known, **self.facts, **asked}

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and including the first that has no values."""
        with quiet(), self._settings.kept(), self._on_device():
            return self.conversation(case).outcomes()

    def conversation(self, case: Case) -> Conversation:
        """One case, asked of this subject."""
        return Conversation(self, case)

    def echo(self, tensor: Tensor) -> Value:
        """The tensor as the subject's library holds it, so that a loss shows."""
        return self._library.observe(self._library.make(Input(tensor)))

    def prepared(self, case: Case, work: str) -> Callable[[], Any]:
        """A kind of work (`timed.WORKS`) on a case, as a function without arguments, for timing."""
        conversation = self.conversation(case)
        conversation.construct()
        return conversation.prepared(work)

    def member(self, path: str) -> Any:
        """The object that the dotted `path` names in the namespace; NotOffered where there is none."""
        found = self._namespace
        for part in path.split("."):
            found = getattr(found, part, None)
            if found is None:
                raise NotOffered(f"{self.name} has no {path}")
        return found

    def customs(self, family: str) -> Mapping[str, type[Any]]:
        """The user-defined classes of a family, made once from the subject's base class.

        For layers, models and activations they include the constraints, initializers and regularizers.
        """
        if family in ("models", "activations"):
            return self.customs("layers")
        if family not in self._customs:
            base = self.member(f"{family}.{family.capitalize().removesuffix('s')}")
            operations = getattr(self._namespace, "ops", None)
            made = customs.classes(base, self._library, operations, self._namespace)
            if family == "layers":
                for given in ("constraints", "initializers", "regularizers"):
                    if hasattr(self._namespace, given):
                        made = {**self.customs(given), **made}
            self._customs[family] = made
        return self._customs[family]

    def _on_device(self) -> contextlib.AbstractContextManager[Any]:
        if self._device is None:
            return contextlib.nullcontext()
        import tensorflow as tf

        context: contextlib.AbstractContextManager[Any] = tf.device(self._device)
        return context


class Conversation(
    DescriptionSteps, InitializerSteps, LayerSteps, SequenceSteps, MethodSteps, TimedWork
):
    """One case asked of one subject: the object under test, and what the steps do with it."""

    def __init__(self, subject: NamespaceSubject, case: Case) -> None:
        self._subject = subject
        self._library = subject._library
        self._mode = subject._mode
        self._dialect = subject.dialect
        self._functions = subject.functions
        self._settings = subject._settings
        self._case = case
        self._shared: dict[str, Any] = {}
        self.target: Any = None

    def outcomes(self) -> list[Outcome]:
        """The outcome of each step, up to and including the first that has no values."""
        answered: list[Outcome] = []
        phase = "construct"
        try:
            self.construct()
            for step in self._case.steps:
                phase = step.do
                answered.append(Returned(self._do(step)))
        except NotOffered as missing:
            answered.append(Unsupported(str(missing)))
        except (Exception, SystemExit) as error:  # sys.exit(0) must not end the run as a success
            answered.append(Raised(phase, category(error), sentence(error), classes(error)))
        return answered

    def construct(self) -> None:
        """Builds the object under test from the arguments of the case."""
        case = self._case
        if case.custom is not None:
            factory = self._customs()[case.custom]
        else:
            factory = self._subject.member(case.target)
        if isinstance(factory, type) or case.arguments:
            self._factory = factory
            self.target = self._build(factory, case.arguments)

    def _build(self, factory: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        return applied(factory, self._made(arguments))

    def _made(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._real(value) for name, value in arguments.items()}

    def _customs(self) -> Mapping[str, type[Any]]:
        return self._subject.customs(self._case.family)

    def _real(self, literal: Any) -> Any:
        """The Python object that a literal of the case stands for."""
        if isinstance(literal, Input):
            return self._library.make(literal)
        if isinstance(literal, Reference):
            match literal.kind:
                case "class":
                    return self._subject.member(literal.name)
                case "instance":
                    return self._build(self._subject.member(literal.name), literal.arguments)
                case "custom":
                    return self._build(self._customs()[literal.name], literal.arguments)
                case "shared":
                    if literal.name not in self._shared:
                        self._shared[literal.name] = self._real(literal.arguments["object"])
                    return self._shared[literal.name]
                case _:
                    return self._functions[literal.name]
        if isinstance(literal, list | tuple):
            return type(literal)(self._real(v) for v in literal)
        if isinstance(literal, Mapping):
            return {k: self._real(v) for k, v in literal.items()}
        return literal

    def _do(self, step: Step) -> dict[str, Value]:
        if step.do in self._subject.without:
            raise NotOffered(f"the step {step.do} {OUTSIDE}")
        action = getattr(self, f"_do_{step.do}", None)
        if action is None:
            raise NotOffered(f"{self._subject.name} cannot do the step {step.do!r}")
        values: dict[str, Value] = action(step)
        count = step.options.get(SAMPLE)
        return sampled(values, count) if isinstance(count, int) else values

    def _do_call(self, step: Step) -> dict[str, Value]:
        assert step.input is not None
        handed = self._library.make(self._case.inputs[step.input])
        before = self._library.observe(handed)
        given = self._called(step)(handed)
        # An identity may return the very object that it was given; that does not change the object.
        after = self._library.observe(handed)
        return {
            "value": self._library.observe(given),
            "input": "unchanged" if after == before else "changed",
        }

    def _member(self, path: str) -> Any:
        return self._subject.member(path)


def is_namespace(module: ModuleType) -> bool:
    """Whether a module has at least one of the submodules that cases ask about."""
    families = ("constraints", "initializers", "regularizers", "layers")
    return any(hasattr(module, family) for family in families)
