"""Subjects in this process: any namespace with Keras-shaped submodules."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

from conformance.model import (
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
from conformance.subjects import customs, provenance
from conformance.subjects.base import Mode, NotOffered
from conformance.subjects.initializer_steps import InitializerSteps, applied
from conformance.subjects.layer_steps import LayerSteps
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary, plain, quiet

_CATEGORIES: Final = (
    (TypeError, "type"),
    (ValueError, "value"),
    (LookupError, "lookup"),
    (AttributeError, "attribute"),
    (NotImplementedError, "not-implemented"),
    (ArithmeticError, "arithmetic"),
)
_SET: Final = re.compile(r"\{('[^']*'(?:, '[^']*')+)\}")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{6,}")
# A path of this machine; not what follows a scheme, as in https://, or a device, as in _/job:0/.
_PATH: Final = re.compile(r"(?<![:/\w])(/[^\s/'\"]+){2,}/")


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
    ) -> None:
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
        self._customs: dict[str, Mapping[str, type[Any]]] = {}
        self.functions = customs.functions(library)

    @property
    def tensors(self) -> str:
        """What its tensors are: `tensorflow`, `numpy` or a backend of Keras 3."""
        return self._library.name

    @property
    def dtypes(self) -> tuple[str, ...] | None:
        """The dtypes that its tensors can have; None: all."""
        return self._library.dtypes()

    @property
    def draws(self) -> str:
        """Whose random numbers it draws; XLA's generator is another than that of TensorFlow's ops."""
        if self._draws is not None:
            return self._draws
        return "xla" if self._mode is Mode.XLA else self.tensors

    def provenance(self) -> Mapping[str, Any]:
        """Package, version, platform, mode, device and generator."""
        known = provenance.facts(self._package, self._version)
        asked = {"mode": str(self._mode), "device": self._device, "draws": self.draws}
        return {**known, **self.facts, **asked}

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and with the first that gave no values."""
        with quiet(), self._on_device():
            return _Conversation(self, case).outcomes()

    def echo(self, tensor: Tensor) -> Value:
        """The tensor as the subject's library holds it: whether that loses anything."""
        return self._library.observe(self._library.make(Input(tensor)))

    def prepared(self, case: Case) -> Callable[[], Any]:
        """The first step of a case, `call` or `initialize`, as a function of nothing: for timing."""
        conversation = _Conversation(self, case)
        conversation.construct()
        return conversation.prepared(case.steps[0])

    def member(self, path: str) -> Any:
        """What the dotted `path` names in the namespace."""
        found = self._namespace
        for part in path.split("."):
            found = getattr(found, part, None)
            if found is None:
                raise NotOffered(f"{self.name} has no {path}")
        return found

    def customs(self, family: str) -> Mapping[str, type[Any]]:
        """The user-defined classes of a family, built on the subject's base class once.

        Those of layers, and of models made of them, include the ones that layers are given.
        """
        if family == "models":
            return self.customs("layers")
        if family not in self._customs:
            base = self.member(f"{family}.{family.capitalize().removesuffix('s')}")
            made = customs.classes(base, self._library)
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


class _Conversation(InitializerSteps, LayerSteps):
    """One case put to one subject: the object under test and what the steps do with it."""

    def __init__(self, subject: NamespaceSubject, case: Case) -> None:
        self._subject = subject
        self._library = subject._library
        self._mode = subject._mode
        self._case = case
        self.target: Any = None

    def outcomes(self) -> list[Outcome]:
        """The outcome of each step, up to and with the first that gave no values."""
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
            factory = self._custom(case.custom)
        else:
            factory = self._subject.member(case.target)
        if isinstance(factory, type) or case.arguments:
            self._factory = factory
            self.target = self._build(factory, case.arguments)

    def prepared(self, step: Step) -> Callable[[], Any]:
        """A step as a function of nothing, that observes nothing."""
        if step.do == "initialize":
            return self.drawing(self.target, step)
        assert step.input is not None
        call = self._library.compiled(self.target, self._mode)
        handed = self._library.make(self._case.inputs[step.input])
        return lambda: call(handed)

    def _build(self, factory: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        return applied(factory, self._made(arguments))

    def _made(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._real(value) for name, value in arguments.items()}

    def _custom(self, name: str) -> type[Any]:
        return self._subject.customs(self._case.family)[name]

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
                    return self._build(self._custom(literal.name), literal.arguments)
                case _:
                    return self._subject.functions[literal.name]
        if isinstance(literal, list | tuple):
            return type(literal)(self._real(v) for v in literal)
        if isinstance(literal, Mapping):
            return {k: self._real(v) for k, v in literal.items()}
        return literal

    def _do(self, step: Step) -> dict[str, Value]:
        action = getattr(self, f"_do_{step.do}", None)
        if action is None:
            raise NotOffered(f"{self._subject.name} cannot do the step {step.do!r}")
        values: dict[str, Value] = action(step)
        return values

    def _do_call(self, step: Step) -> dict[str, Value]:
        assert step.input is not None
        handed = self._library.make(self._case.inputs[step.input])
        before = self._library.observe(handed)
        given = self._called(step)(handed)
        # The very object handed over may come back (an identity): that is no change of it.
        after = self._library.observe(handed)
        return {
            "value": self._library.observe(given),
            "input": "unchanged" if after == before else "changed",
        }

    def _do_config(self, step: Step) -> dict[str, Value]:
        return {"config": plain(self.target.get_config())}

    def _do_roundtrip(self, step: Step) -> dict[str, Value]:
        """Rebuilds the target from its own description; later steps use the rebuilt one."""
        via = step.options.get("via", "serialize")
        if via == "from_config":
            config = self.target.get_config()
            seen = plain(config)  # before it is read: some readers change what they are given
            self.target = type(self.target).from_config(config)
            return {"serialized": seen}
        legacy = {"use_legacy_format": True} if via == "legacy" else {}
        described = self._module("serialize")(self.target, **legacy)
        seen = plain(described)
        known = {} if self._case.custom is None else self._subject.customs(self._case.family)
        self.target = self._module("deserialize")(described, custom_objects=known, **legacy)
        return {"serialized": seen}

    def _do_from_config(self, step: Step) -> dict[str, Value]:
        config = self._real(step.options["config"])
        self.target = type(self.target).from_config(config)
        return {"config": plain(self.target.get_config())}

    def _do_set(self, step: Step) -> dict[str, Value]:
        for name, value in step.options.items():
            setattr(self.target, name, self._real(value))
        return {}

    def _do_get(self, step: Step) -> dict[str, Value]:
        identifier = self._real(step.options["identifier"])
        with self._scope(step):
            self.target = self._module("get")(identifier)
        return {"resolved": describe(self.target), "same": self.target is identifier}

    def _do_deserialize(self, step: Step) -> dict[str, Value]:
        known = self._known(step.options.get("custom_objects"))
        config = self._real(step.options["config"])
        with self._scope(step):
            self.target = self._module("deserialize")(config, custom_objects=known)
        return {"resolved": describe(self.target)}

    def _do_serialize(self, step: Step) -> dict[str, Value]:
        thing = self._real(step.options["object"])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            described = self._module("serialize")(thing)
        warned = any(issubclass(warning.category, UserWarning) for warning in caught)
        return {"serialized": plain(described), "warned": warned}

    def _do_lookup(self, step: Step) -> dict[str, Value]:
        name = step.options["name"]
        self.target = self._module(str(name))
        return {"resolved": describe(self.target)}

    def _member(self, path: str) -> Any:
        return self._subject.member(path)

    def _module(self, name: str) -> Any:
        return self._subject.member(f"{self._case.family}.{name}")

    def _known(self, names: Any) -> dict[str, Any] | None:
        if names is None:
            return None
        available = {**self._subject.functions, **self._subject.customs(self._case.family)}
        return {name: available[name] for name in names}

    def _scope(self, step: Step) -> contextlib.AbstractContextManager[Any]:
        known = self._known(step.options.get("scope"))
        if known is None:
            return contextlib.nullcontext()
        scope: contextlib.AbstractContextManager[Any] = self._subject.member(
            "utils.custom_object_scope"
            if self._subject.dialect == "keras2"
            else "saving.custom_object_scope"
        )(known)
        return scope


def describe(found: Any) -> Any:
    """What an identifier was resolved to, as JSON."""
    if found is None:
        return None
    if isinstance(found, type):
        return {"class": found.__name__}
    if hasattr(found, "get_config"):
        try:
            return {"instance": type(found).__name__, "config": plain(found.get_config())}
        except NotImplementedError:  # a class need not be one that can be saved
            return {"instance": type(found).__name__}
    if callable(found):
        # What is made inside a function is an implementation's own, whatever it is called.
        own = "<locals>" in getattr(found, "__qualname__", "")
        return {"function": None if own else getattr(found, "__name__", type(found).__name__)}
    return {"literal": plain(found)}


def category(error: BaseException) -> str:
    """The kind of an exception, in words that do not depend on the implementation."""
    # TensorFlow's errors are told by their names, so that TensorFlow need not be imported.
    name = type(error).__name__
    if name in ("InvalidArgumentError", "UnimplementedError"):
        return "value"
    return next((word for kind, word in _CATEGORIES if isinstance(error, kind)), "other")


def classes(error: BaseException) -> tuple[str, ...]:
    """The names of an exception's class and of those it derives from, nearest first."""
    return tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)


def sentence(error: BaseException) -> str:
    """The first line of an exception's message, without what differs from run to run."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # What fails while TensorFlow traces it is wrapped in an account of the trace.
    text = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]
    text = _PATH.sub("", _ADDRESS.sub("0x...", text))
    # The order of a set of strings is another in every process.
    text = _SET.sub(lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", text)
    text = text.encode(errors="backslashreplace").decode()  # no terminal takes a lone surrogate
    return text if len(text) <= 200 else text[:197] + "..."


def is_namespace(module: ModuleType) -> bool:
    """Whether a module has at least one of the submodules that cases ask about."""
    families = ("constraints", "initializers", "regularizers", "layers")
    return any(hasattr(module, family) for family in families)
