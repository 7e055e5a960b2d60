"""Asks one subject a case, and judges the answer: by official Keras, by the truth, and by itself.

A lane is one subject in one dialect. A subject that is not official is compared with official Keras live. Official
Keras is judged by the truth, by what it does when it is traced, and by relations that hold whatever the numbers are:
see `relations`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from conformance import oracle
from conformance.judge import signature
from conformance.judge.compare import compare, stem
from conformance.judge.documented import Permitted, by_truth
from conformance.judge.verdicts import failed
from conformance.model import (
    Case,
    Comparison,
    Crashed,
    Fault,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Verdict,
)
from conformance.oracle.judge import worst
from conformance.oracle.tolerance import coarsest, computed
from conformance.strength.explore import fatal, relations, traits
from conformance.strength.explore.arguments import is_odd, kind_of
from conformance.strength.explore.names import unnumbered
from conformance.subjects import OFFICIAL, OFFICIAL_DRAWS, Mode, Subject, is_official, resolve
from conformance.subjects.process import ProcessSubject

# What an answer was held against.
OFFICIAL_LIVE = "official"
TRUTH = "truth"
TRACED = "traced"
# What takes longer than all else: another trace of the same.
RETRACED = (TRACED, relations.EAGERLY)
SUITE = "the suite"
# The steps in which a layer checks what it is given, before it computes anything.
_EARLY = ("construct", "build", "symbolic")
_GIVING = ("call", "gradient", "initialize", "losses", "fit", "evaluate", "predict")
_ROUNDED = "value off, relative error up to 1e-4"
_ROUNDED_NARROW = "value off, relative error up to 1e-1"
_OF_NUMBERS = ("value", "nonfinite", "zero-sign")
_FAILED = (Verdict.FAIL, Verdict.MISSING)


@dataclass(frozen=True, slots=True)
class Failure:
    """One aspect of one case in which a subject fails.

    Attributes:
        against: what it was held against: official Keras, the truth, itself when traced, or a relation.
        fault: who is wrong, as far as the truth says.

    """

    target: str
    dialect: str
    against: str
    aspect: str
    signature: tuple[str, ...]
    fault: Fault
    message: str

    @property
    def family(self) -> str:
        """The first part of the target; models are layers."""
        return family(self.target)


def family(target: str) -> str:
    """The family of a target, in which causes are shared; models are layers."""
    name = target.partition(".")[0]
    return "layers" if name == "models" else name


@dataclass
class Lane:
    """One subject in one dialect, and whom it is held against.

    Attributes:
        before: told each case that is asked.
        fatal: keys of what ended the process, of which nothing is asked any more.

    """

    subject: Subject
    official: Subject | None = None
    traced: Subject | None = None
    documented: bool = True
    before: Callable[[Case], None] = field(default=lambda case: None)
    fatal: Collection[str] = ()

    @property
    def name(self) -> str:
        """That of the subject."""
        return self.subject.name

    @property
    def dialect(self) -> str:
        """That of the subject."""
        return self.subject.dialect

    def failures(self, case: Case, *, traced: bool = True) -> list[Failure]:
        """Every aspect in which the subject fails; where the suite itself fails to judge, that.

        `traced`: official Keras is traced too, which takes longer than all else.
        """
        if self.fatal and fatal.key(case) in self.fatal:
            return []
        self.before(case)
        try:
            found = self._unlike_official(case) if self.official else self._alone(case, traced)
        except Exception as error:  # a mistake of the oracle or the judge must not end the search
            text = f"{type(error).__name__}: {error}"
            kind = (type(error).__name__,)
            return [Failure(case.target, self.dialect, SUITE, "suite", kind, Fault.UNKNOWN, text)]
        return [each for each in found if each.signature and not _may_be_rounding(each, case)]

    def ends(self, case: Case) -> Fault:
        """Whose process ends where a case is asked of it alone."""
        if self.official is None:
            asks: dict[Fault, Sequence[fatal.Ask]] = {
                Fault.OFFICIAL: (self.subject.answer, self.failures)
            }
        else:
            asks = {Fault.OFFICIAL: (self.official.answer,), Fault.SUBJECT: (self.subject.answer,)}
        if isinstance(self.subject, ProcessSubject):
            asks.pop(Fault.SUBJECT, None)
        asked = (self.official, self.subject, self.traced)
        here = [each for each in asked if each and not isinstance(each, ProcessSubject)]
        return fatal.whose(asks, here, case)

    def _unlike_official(self, case: Case) -> list[Failure]:
        assert self.official is not None
        expected = unnumbered(case, self.official.answer(case))
        answer = unnumbered(case, self.subject.answer(case))
        refused = isinstance(expected[-1], Raised)
        if refused:
            # What follows a step that official Keras refuses is asked by smaller cases.
            answer = answer[: len(expected)]
        compared = self._compared(case, answer, expected, official=self.official)
        if refused and self.subject.draws == OFFICIAL_DRAWS:
            # Who follows official Keras computes as inexactly as that, with NaN where that has it; of what it refuses
            # nobody can tell. Smaller cases, which it takes, do.
            compared = [each for each in compared if each.aspect not in _OF_NUMBERS]
        if odd(case):
            # Who refuses what nobody means, and when, is not documented.
            compared = [each for each in compared if each.aspect != "accepted"]
        if beyond(case) and not self.documented:
            compared = [each for each in compared if each.aspect not in _OF_NUMBERS]
        if self.subject.draws != OFFICIAL_DRAWS and drawn(case, self.dialect, expected):
            # Other numbers, of which no law says more than `run` asks with samples.
            compared = [each for each in compared if each.aspect not in _OF_NUMBERS]
        return [
            self._failure(case, OFFICIAL_LIVE, each, self._fault(case, each, answer, expected))
            for each in compared
        ]

    def _alone(self, case: Case, traced: bool) -> list[Failure]:
        answer = unnumbered(case, self.subject.answer(case))
        found = self.untrue(case, answer)
        refused = any(each.aspect == "accepted" for each in found)
        found += [
            self._failure(case, name, each, each.fault or Fault.OFFICIAL)
            for name, each in relations.broken(case, answer, self.subject, eagerly=traced)
            # That a call is refused which something told of is the refusal once more.
            if not ((refused or odd(case)) and each.aspect == "accepted")
        ]
        if traced and self.traced is not None and traceable(case):
            other = unnumbered(case, self.traced.answer(case))
            found += [
                self._failure(case, TRACED, each, each.fault or Fault.UNKNOWN)
                for each in self._compared(case, other, answer)
                if not (each.aspect == "accepted" and odd(case))
            ]
        return found

    def untrue(self, case: Case, answer: Sequence[Outcome]) -> list[Failure]:
        """What of an answer of official Keras the truth contradicts.

        Nobody documents what is computed with a number that no dtype has.
        """
        if beyond(case):
            return []
        return [
            self._failure(case, TRUTH, each, Fault.OFFICIAL)
            for each in (*ended(answer), *untrue(case, self.dialect, answer))
            if each.signature
        ]

    def _compared(
        self,
        case: Case,
        answer: Sequence[Outcome],
        expected: Sequence[Outcome],
        official: Subject | None = None,
    ) -> list[Comparison]:
        """The aspects that fail where an answer is compared with an expected one."""
        tolerance = computed(case, {self.dialect: expected})
        other = self.subject.draws != OFFICIAL_DRAWS and official is not None
        permitted = Permitted(
            truths=lambda: oracle.known(case, self.dialect, answer, expected),
            followed=self.documented,
            flags=case.flags,
        )
        compared = compare(
            answer,
            expected,
            tolerance,
            other_draws=other,
            budgets=lambda: oracle.budgets(
                case, self.dialect, expected, tolerance, other_draws=other
            ),
            permitted=permitted,
        )
        return [each for each in compared if each.verdict in _FAILED]

    def _fault(
        self, case: Case, each: Comparison, answer: Sequence[Outcome], expected: Sequence[Outcome]
    ) -> Fault:
        """Who is wrong; where one refuses what the documents define, it is that one."""
        if each.fault is not None or each.aspect != "accepted":
            return each.fault or Fault.SUBJECT
        told = oracle.told(case, self.dialect)
        for number, (got, wanted) in enumerate(zip(answer, expected, strict=False)):
            if isinstance(got, Returned) == isinstance(wanted, Returned):
                continue
            giving, refusing = (answer, Fault.OFFICIAL)
            if isinstance(wanted, Returned):
                giving, refusing = expected, Fault.SUBJECT
            if right(case, self.dialect, giving, number) and any(told[number:]):
                return refusing
            return Fault.UNKNOWN
        return Fault.UNKNOWN

    def _failure(self, case: Case, against: str, each: Comparison, fault: Fault) -> Failure:
        return Failure(
            case.target,
            self.dialect,
            against,
            each.aspect,
            each.signature,
            fault,
            each.message,
        )


def lanes(
    subjects: Sequence[Subject], *, device: str | None = None, mode: Mode = Mode.EAGER
) -> list[Lane]:
    """A lane for each subject."""
    made = []
    for subject in subjects:
        if subject.name in OFFICIAL.values():
            traced = None
            if mode is Mode.EAGER:
                (traced,) = resolve(subject.name, mode=Mode.GRAPH, device=device)
            made.append(Lane(subject, traced=traced))
        else:
            (official,) = resolve(OFFICIAL[subject.dialect], mode=mode, device=device)
            made.append(Lane(subject, official, documented=not is_official(subject.name)))
    return made


def untrue(case: Case, dialect: str, answer: Sequence[Outcome]) -> Iterator[Comparison]:
    """What of an answer the truth contradicts: values beyond their budgets, and refusals of what is defined."""
    known = oracle.truths(case, dialect, answer)
    for number, (outcome, step) in enumerate(zip(answer, known, strict=True)):
        if not isinstance(outcome, Returned):
            # Nobody documents what becomes of arguments that nobody means, or of inputs that no kernel fits in.
            told = [] if odd(case) or traits.short(case) else oracle.told(case, dialect)
            # A layer may refuse combinations and sizes, for which the oracle has a number all the same.
            # A step without a value of its own is defined where what follows it is.
            here = isinstance(outcome, Raised) and outcome.phase in (*_EARLY, *_GIVING)
            defined = any(told[number : number + 1] if here else told[number:])
            if isinstance(outcome, Raised) and defined:
                yield failed("accepted", [relations.Refused(outcome)])
            return
        for name, truth in step.items():
            value = outcome.values[name]
            if isinstance(truth, oracle.Unknown) or not isinstance(value, Tensor):
                continue
            retyped = "float" not in value.dtype
            for each in by_truth(name, value, truth, retyped=retyped):
                if each.verdict is Verdict.FAIL:
                    aspect = stem(name) if each.aspect == "value" else each.aspect
                    yield Comparison(
                        aspect,
                        each.verdict,
                        message=f"step {number}: {each.message}",
                        signature=each.signature,
                        fault=each.fault,
                    )


def right(case: Case, dialect: str, answer: Sequence[Outcome], number: int) -> bool:
    """Whether the values of a step are as the truth says, and the truth says something."""
    known = oracle.truths(case, dialect, answer)
    outcome = answer[number]
    if not isinstance(outcome, Returned):
        return False
    judged = [
        worst(truth, value) <= 1
        for name, truth in known[number].items()
        if not isinstance(truth, oracle.Unknown)
        and isinstance(value := outcome.values[name], Tensor)
    ]
    return bool(judged) and all(judged)


def _may_be_rounding(failure: Failure, case: Case) -> bool:
    """Whether nobody knows the truth of what is off by so little that rounding may explain it."""
    narrow = coarsest(case, ()) in ("float16", "bfloat16")
    return failure.fault is Fault.UNKNOWN and any(
        signature.covers((_ROUNDED_NARROW if narrow else _ROUNDED,), (phrase,))
        for phrase in failure.signature
    )


def drawn(case: Case, dialect: str, expected: Sequence[Outcome]) -> bool:
    """Whether a value of a case is a random draw."""
    return any(
        isinstance(truth, oracle.Unknown) and truth.drawn
        for step in oracle.truths(case, dialect, expected)
        for truth in step.values()
    )


def odd(case: Case) -> bool:
    """Whether an argument has a value that nobody means."""
    return any(is_odd(name, value) for name, value in case.arguments.items())


def beyond(case: Case) -> bool:
    """Whether an argument is a number that no dtype has."""
    return any(kind_of(name, value) == "beyond" for name, value in case.arguments.items())


def ended(answer: Sequence[Outcome]) -> Iterator[Comparison]:
    """A subject whose process ended, or that gave no answer in time."""
    for outcome in answer:
        if isinstance(outcome, Crashed | TimedOut):
            yield failed("accepted", [relations.Refused(outcome)])


def traceable(case: Case) -> bool:
    """Whether a trace can change the answer: where something is called, or drawn, in this mode."""
    steps: Sequence[Step] = case.steps
    return any(step.do in ("call", "initialize", "gradient", "repeats") for step in steps)
