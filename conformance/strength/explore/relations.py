"""What holds of a subject by itself, whatever the numbers are.

- `kept`: looking at an object, copying it or writing it to a file and reading it again change nothing that it answers.
- `described`: a thing that is rebuilt from its configuration has the same configuration.
- `predicted`: `compute_output_shape`, and a call on a symbolic input, tell the shape and dtype of what a call gives.
- `unseen`: the answers after a copy, or after a file was written and read, are those without it.
- `eagerly`: a model that is compiled to run eagerly trains and answers as one that is traced.
- `batch`: the outputs for the first rows of a batch are the first rows of the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.judge import signature, tensors
from conformance.judge.compare import stem
from conformance.judge.differences import OtherShape, describe, of_records
from conformance.judge.verdicts import failed
from conformance.model import (
    FLOATS,
    Case,
    Comparison,
    Fault,
    Input,
    Json,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    Tolerance,
    Value,
    Verdict,
)
from conformance.oracle.tolerance import computed
from conformance.strength.explore.names import unnumbered
from conformance.subjects import Subject

# Steps after which a thing answers as before. A clone has other weights, and a configuration none.
_LOOKING: Final = (
    *("call", "config", "weights", "get_weights", "losses", "gradient", "attributes"),
    "initialize",  # with a number as seed
)
_ASKING: Final = (*_LOOKING, "output_shape", "predict", "evaluate")
# Steps that build what is not built yet, which may change what there is to look at.
_BUILDING: Final = ("call", "gradient", "predict", "evaluate", "output_shape")
# Steps whose answer follows from what a thing is, not from what was done last.
_REPEATED: Final = (
    *("call", "config", "weights", "get_weights", "predict", "evaluate", "gradient"),
    "initialize",
)
# How many rows are asked again by themselves.
_ROWS: Final = 2
_NO_TRACE: Final = "refused"
EAGERLY: Final = "eagerly"


@dataclass(frozen=True, slots=True)
class Refused:
    """A step was refused that what is documented defines, or never came back."""

    got: Outcome

    @property
    def message(self) -> str:
        """How the step ended."""
        return f"{describe(self.got)}; the documents define it"

    @property
    def phrases(self) -> Sequence[str]:
        """In which step, with which kind of error."""
        return (signature.answer(self.got, Returned({})),)


@dataclass(frozen=True, slots=True)
class Mispredicted:
    """What was told of a call is not what it gives."""

    what: str
    told: Any
    given: Any
    refused: Outcome | None = None

    @property
    def message(self) -> str:
        """Both."""
        return f"{self.what} says {self.told!r}; the call gives {self.given!r}"

    @property
    def phrases(self) -> Sequence[str]:
        """Which of them, and how; a refusal is as any other of the same call."""
        if self.refused is not None:
            return (signature.answer(self.refused, Returned({})),)
        ranks = (
            isinstance(self.told, list)
            and isinstance(self.given, list)
            and len(self.told) != len(self.given)
        )
        return (f"{self.what} tells another {'rank' if ranks else 'answer'}",)


def broken(
    case: Case, answer: Sequence[Outcome], subject: Subject, *, eagerly: bool = False
) -> Iterator[tuple[str, Comparison]]:
    """The relations that an answer breaks, each with the aspect in which it does.

    `eagerly`: that one is asked, too, which takes long.
    """
    yield from (("unseen", each) for each in _unseen(case, answer, subject))
    if eagerly:
        yield from ((EAGERLY, each) for each in _eagerly(case, answer, subject))
    tolerance = None
    given = [each.values for each in answer if isinstance(each, Returned)]
    if _repeats(case):
        tolerance = computed(case, {subject.dialect: answer})
        yield from (("kept", each) for each in _kept(case, given, tolerance))
    yield from (("described", each) for each in _described(case, given))
    yield from (("predicted", each) for each in _predicted(case, answer))
    yield from (("batch", each) for each in _batch(case, answer, subject))


def _repeats(case: Case) -> bool:
    asked = [(step.do, step.input) for step in case.steps if step.do in _REPEATED]
    return len(set(asked)) < len(asked)


def _key(step: Step) -> Any:
    return (step.do, step.input, repr(step.options))


def _keeps(step: Step) -> bool:
    """Whether a step leaves a thing as it is."""
    if step.do in _ASKING:
        return not step.options.get("overwrite")
    if step.do == "copy":
        return step.options.get("via") != "clone"
    return step.do == "save" and step.options.get("format") != "weights"


def _kept(
    case: Case, given: Sequence[Mapping[str, Value]], tolerance: Tolerance
) -> Iterator[Comparison]:
    """Steps that are asked twice, with nothing but looking, copying and files between."""
    seen: dict[Any, tuple[int, Mapping[str, Value]]] = {}
    built = case.family not in ("layers", "models")
    for number, (step, values) in enumerate(zip(case.steps, given, strict=False)):
        if not _keeps(step) or (not built and step.do in _BUILDING):
            seen.clear()
        built = built or step.do in ("build", "symbolic", *_BUILDING)
        if not _keeps(step):
            continue
        if step.do not in _REPEATED:
            continue
        before = seen.setdefault(_key(step), (number, values))
        if before[0] == number:
            continue
        yield from _same(values, before[1], tolerance.at(number), f"step {before[0]}")


def _same(
    values: Mapping[str, Value], before: Mapping[str, Value], tolerance: Tolerance, where: str
) -> Iterator[Comparison]:
    for name, value in before.items():
        now = values.get(name)
        if isinstance(value, Tensor) and isinstance(now, Tensor):
            for each in tensors.tensor(now, value, tolerance.of(name), lambda: None):
                if each.verdict is Verdict.FAIL:
                    aspect = stem(name) if each.aspect == "value" else each.aspect
                    message = f"{each.message}; it was so in {where}"
                    yield replace(each, aspect=aspect, message=message)
        elif name != "input" and (found := list(of_records(now, _record(value)))):
            yield failed(stem(name), found)


def _copies(step: Step) -> bool:
    """Whether a step puts something of the same in the place of a thing."""
    return (step.do == "copy" and step.options.get("via") != "clone") or (
        step.do == "save" and step.options.get("format") != "weights"
    )


def _unseen(case: Case, answer: Sequence[Outcome], subject: Subject) -> Iterator[Comparison]:
    """The same conversation without copies and files; compared as far as both go."""
    first = next((n for n, step in enumerate(case.steps) if _copies(step)), None)
    if first is None or first + 1 >= len(answer):
        return
    does = [step.do for step in case.steps[:first]]
    if case.family == "layers" and "compile" in does:
        return  # the model around a layer is not copied with it
    kept = [n for n, step in enumerate(case.steps) if not _copies(step)]
    without = replace(case, steps=tuple(case.steps[n] for n in kept))
    other = unnumbered(case, subject.answer(without))
    pairs = [(n, answer[n], each) for n, each in zip(kept, other, strict=False) if n < len(answer)]

    def meant(number: int) -> bool:
        # Penalties of outputs are those of the last call, which a copy may not have had.
        return number > first and case.steps[number].do != "losses"

    yield from _alike(case, answer, pairs, subject, meant)


def _eagerly(case: Case, answer: Sequence[Outcome], subject: Subject) -> Iterator[Comparison]:
    """The same conversation, with models that are compiled to run eagerly."""
    if not any(step.do == "compile" for step in case.steps):
        return
    steps = tuple(
        replace(step, options={**step.options, "run_eagerly": True})
        if step.do == "compile"
        else step
        for step in case.steps
    )
    other = unnumbered(case, subject.answer(replace(case, steps=steps)))
    pairs = [(n, one, two) for n, (one, two) in enumerate(zip(answer, other, strict=False))]
    # A description says how a model was compiled.
    told = ("config", "roundtrip")
    for each in _alike(case, answer, pairs, subject, lambda n: case.steps[n].do not in told):
        yield replace(each, fault=Fault.UNKNOWN)


def _alike(
    case: Case,
    answer: Sequence[Outcome],
    pairs: Sequence[tuple[int, Outcome, Outcome]],
    subject: Subject,
    meant: Callable[[int], bool],
) -> Iterator[Comparison]:
    """Where two answers to the same steps differ; what is refused by one alone is told once."""
    tolerance = computed(case, {subject.dialect: answer})
    for number, outcome, other in pairs:
        if isinstance(outcome, Returned) and isinstance(other, Returned):
            if meant(number):
                where = f"step {number} otherwise"
                yield from _same(outcome.values, other.values, tolerance.at(number), where)
            continue
        if isinstance(outcome, Returned) != isinstance(other, Returned) and meant(number):
            refused = other if isinstance(outcome, Returned) else outcome
            yield failed("accepted", [Refused(refused)])
        return


def _described(case: Case, given: Sequence[Mapping[str, Value]]) -> Iterator[Comparison]:
    """The configuration before a round trip, and after it."""
    before: Value = None
    rebuilt = False
    for step, values in zip(case.steps, given, strict=False):
        if step.do == "config":
            if rebuilt and before is not None:
                after = _unbuilt(values.get("config"))
                if found := list(of_records(after, _unbuilt(before))):
                    yield failed("config", found)
                return
            before, rebuilt = values.get("config"), False
        elif step.do == "roundtrip" or (step.do == "copy"):
            rebuilt = True
        elif step.do in ("set", "setting", "new") or (
            # A model that is built has its inputs in its configuration.
            case.target.startswith("models.") and step.do in ("build", "symbolic", *_BUILDING)
        ):
            before = None


def _unbuilt(config: Any) -> Json:
    """A configuration without what says for which shape a layer in it is built."""
    if isinstance(config, Mapping):
        return {name: _unbuilt(each) for name, each in config.items() if name != "build_config"}
    return [_unbuilt(each) for each in config] if isinstance(config, list) else config


def _predicted(case: Case, answer: Sequence[Outcome]) -> Iterator[Comparison]:
    """What was told of the outputs before the first call, and the call."""
    told: list[tuple[str, Mapping[str, Value]]] = []
    for step, outcome in zip(case.steps, answer, strict=False):
        if step.do in ("output_shape", "symbolic") and isinstance(outcome, Returned):
            told.append((step.do, outcome.values))
        elif step.do == "call" and told:
            for what, values in told:
                # `compute_output_shape` is not told the dtype of the inputs.
                floats = case.inputs[0].tensor.dtype in FLOATS
                knows = what == "symbolic" or floats
                yield from _told(what, values, outcome, knows_dtype=knows)
            return
        elif step.do not in ("build", "set_weights"):
            return


def _record(value: Value) -> Json:
    assert not isinstance(value, Tensor)
    return value


def _told(
    what: str, values: Mapping[str, Value], outcome: Outcome, *, knows_dtype: bool
) -> Iterator[Comparison]:
    told: Any = values.get("shape")
    # Of sizes that are not known nobody can say whether they fit.
    if isinstance(outcome, Raised) and knows_dtype and None not in told[1:]:
        yield failed("accepted", [Mispredicted(what, told, _NO_TRACE, outcome)])
    if not isinstance(outcome, Returned):
        return
    value = outcome.values.get("value")
    if not isinstance(value, Tensor):
        return
    shape = list(value.shape)
    fits = len(told) == len(shape) and all(
        one is None or one == other for one, other in zip(told, shape, strict=True)
    )
    if not fits:
        yield failed("shape", [Mispredicted(what, told, shape)])
    dtype = values.get("dtype")
    if dtype is not None and dtype != value.dtype:
        yield failed("dtype", [Mispredicted(what, dtype, value.dtype)])


def _batch(case: Case, answer: Sequence[Outcome], subject: Subject) -> Iterator[Comparison]:
    """The first rows of a batch, asked by themselves. Of layers alone: others see the whole tensor."""
    if case.family != "layers" or case.custom or not case.inputs or len(answer) < len(case.steps):
        return
    if [step.do for step in case.steps].count("call") != 1 or case.steps[-1].do != "call":
        return
    tensor, last = case.inputs[0].tensor, answer[-1]
    if not tensor.shape or tensor.shape[0] <= _ROWS or not isinstance(last, Returned):
        return
    rows = tensor.storage()[:_ROWS]
    few = Tensor(tensor.dtype, tuple(rows.shape), rows.tobytes())
    smaller = replace(case, inputs=(Input(few, case.inputs[0].given), *case.inputs[1:]))
    other = subject.answer(smaller)
    whole = last.values.get("value")
    if len(other) < len(answer) or not isinstance(whole, Tensor):
        return
    if not isinstance(other[-1], Returned):
        yield failed("accepted", [Refused(other[-1])])
        return
    part = other[-1].values.get("value")
    assert isinstance(part, Tensor)
    cut = whole.storage()[:_ROWS]
    expected = Tensor(whole.dtype, tuple(cut.shape), cut.tobytes())
    if part.shape != expected.shape:
        yield failed("shape", [OtherShape(part.shape, expected.shape)])
        return
    tolerance = computed(smaller, {subject.dialect: other}).at(len(other) - 1).of("value")
    for each in tensors.tensor(part, expected, tolerance, lambda: None):
        if each.verdict is Verdict.FAIL:
            yield replace(each, message=f"{each.message}, in a batch of {tensor.shape[0]}")
