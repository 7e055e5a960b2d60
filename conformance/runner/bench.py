"""Speed of a subject against official Keras, as ratios. Both run in one process, in turn.

A time depends on the machine. A ratio of two times that were taken within a second hardly does. They are
seconds of computing, on all cores: what else the machine does does not count.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from conformance.cases.inputs import thirds
from conformance.model import DIALECTS, Case, Literal, Reference, Step
from conformance.model.errors import UsageError
from conformance.model.patterns import covers, is_glob
from conformance.subjects import OFFICIAL, Mode, Subject, modules, resolve, resolve_all
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.process import ProcessSubject

# In seconds: how long a subject is timed for a row, and the least length of one timing. A timing is long
# enough for the clock, and short enough that both subjects see the machine in the same state.
_BUDGET: Final = 0.1
_BATCH: Final = 0.004


@dataclass(frozen=True, slots=True)
class Row:
    """Work to time, in float32: of `target` on weights of `shape`, or with that shape."""

    target: str
    size: str
    shape: tuple[int, ...]
    arguments: Mapping[str, Literal] = field(default_factory=dict)
    dialects: tuple[str, ...] = DIALECTS
    work: str = "call"


_SIZES: Final = (("small", (3, 4)), ("medium", (64, 64)), ("large", (1024, 1024)))
_KERNELS: Final = (("small", (3, 3, 4, 8)), ("medium", (5, 5, 8, 8)), ("large", (7, 7, 16, 16)))
_CALLS: Final[Mapping[str, Mapping[str, Literal]]] = {
    "MaxNorm": {"max_value": 1.5},
    "MinMaxNorm": {"min_value": 0.5, "max_value": 1.5, "rate": 0.5},
    "NonNeg": {},
    "UnitNorm": {},
}


_PENALTIES: Final[Mapping[str, Mapping[str, Literal]]] = {
    "L1": {"l1": 0.3},
    "L2": {"l2": 0.3},
    "L1L2": {"l1": 0.3, "l2": 0.7},
    "OrthogonalRegularizer": {"factor": 0.3},
}
_SEED: Final[Mapping[str, Literal]] = {"seed": 7}
_INITIALIZERS: Final[Mapping[str, Mapping[str, Literal]]] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": 0.5},
    "Identity": {"gain": 2.0},
    "RandomUniform": _SEED,
    "RandomNormal": _SEED,
    "TruncatedNormal": _SEED,
    "VarianceScaling": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 7},
    "GlorotNormal": _SEED,
    "GlorotUniform": _SEED,
    "HeNormal": _SEED,
    "HeUniform": _SEED,
    "LecunNormal": _SEED,
    "LecunUniform": _SEED,
    "Orthogonal": _SEED,
}
# By size: the batch; the lengths of one, two and three axes; the channels of inputs and of outputs.
_IMAGES: Final = (
    ("small", 2, {1: (6,), 2: (5, 4), 3: (4, 3, 2)}, 4),
    ("medium", 8, {1: (64,), 2: (12, 12), 3: (6, 6, 4)}, 16),
    ("large", 16, {1: (512,), 2: (32, 32), 3: (12, 12, 8)}, 32),
)
_CONVOLUTIONS: Final = (
    *(f"Conv{rank}D{kind}" for kind in ("", "Transpose") for rank in (1, 2, 3)),
    *(f"{kind}Conv{rank}D" for kind in ("Separable", "Depthwise") for rank in (1, 2)),
)


# By kind of work, the families that it is timed of, and in which sizes.
_WORKS: Final = {
    "gradient": (("constraints", "regularizers", "layers", "models"), ("small", "large")),
    "build": (("layers", "models"), ("small", "large")),
    "losses": (("layers",), ("small", "large")),
    "config": (("constraints", "regularizers", "initializers", "layers", "models"), ("small",)),
    "training": (("layers", "models"), ("small", "large")),
}


def rows() -> Iterator[Row]:
    """All rows, by kind of work and class by class."""
    calls = [*_constraint_rows(), *_regularizer_rows(), *_initializer_rows(), *_layer_rows()]
    yield from calls
    for work, (families, sizes) in _WORKS.items():
        for row in calls:
            family = row.target.partition(".")[0]
            if family in families and row.size in sizes:
                # Every layer has a bias, which may have a penalty.
                more = {"bias_regularizer": "l2"} if work == "losses" else {}
                yield replace(row, work=work, arguments={**row.arguments, **more})


def _regularizer_rows() -> Iterator[Row]:
    for name, arguments in _PENALTIES.items():
        for size, shape in _SIZES:
            # For a large matrix of cosines the matrix product takes all the time.
            shape = (256, 256) if name == "OrthogonalRegularizer" and size == "large" else shape
            yield Row(f"regularizers.{name}", size, shape, arguments)


def _initializer_rows() -> Iterator[Row]:
    for name, arguments in _INITIALIZERS.items():
        for size, shape in _SIZES:
            # For a large orthogonal matrix LAPACK takes all the time.
            shape = (256, 256) if name == "Orthogonal" and size == "large" else shape
            yield Row(f"initializers.{name}", size, shape, arguments)
    for size, kernel in (("small", (5, 1, 6)), ("large", (256, 1, 258))):
        yield Row("initializers.STFT", size, kernel, {"window": "hann"}, ("keras3",))


def _constraint_rows() -> Iterator[Row]:
    for name, arguments in _CALLS.items():
        for size, shape in _SIZES:
            yield Row(f"constraints.{name}", size, shape, arguments)
    for size, kernel in _KERNELS:
        yield Row("constraints.RadialConstraint", size, kernel, dialects=("keras2",))


def _layer_rows() -> Iterator[Row]:
    for size, batch, lengths, channels in _IMAGES:
        rows, units = (256, 1024) if size == "large" else (batch, channels)
        dense: Mapping[str, Literal] = {"units": units, "activation": "relu"}
        yield Row("layers.Dense", size, (rows, units), dense)
        stack: list[Literal] = [Reference("instance", "layers.Dense", dense) for _ in range(3)]
        yield Row("models.Sequential", size, (rows, units), {"layers": stack})
        for name in _CONVOLUTIONS:
            rank = next(rank for rank in lengths if f"{rank}D" in name)
            arguments: dict[str, Literal] = {"kernel_size": 3, "padding": "same"}
            if not name.startswith("Depthwise"):
                arguments["filters"] = channels
            yield Row(f"layers.{name}", size, (batch, *lengths[rank], channels), arguments)


@dataclass(frozen=True, slots=True)
class Timing:
    """The least seconds of computing per call."""

    row: Row
    subject: str
    official: float
    own: float

    @property
    def ratio(self) -> float:
        """How many times as fast as official Keras."""
        return self.official / self.own


def measure(
    specs: Sequence[str],
    mode: Mode = Mode.EAGER,
    progress: Callable[[int, int], None] = lambda done, total: None,
    select: Sequence[str] = (),
) -> Iterator[Timing]:
    """Times every selected row for every subject that speaks its dialect."""
    subjects = resolve_all(specs, mode=mode, in_process=True)
    officials = {d: resolve(OFFICIAL[d], mode=mode)[0] for d in {s.dialect for s in subjects}}
    chosen = [row for row in rows() if not select or any(_selects(p, row) for p in select)]
    if not chosen:
        raise UsageError(f"--select must match a class that is timed; received {select[0]!r}")
    work = [(s, r) for s in subjects for r in chosen if s.dialect in r.dialects]
    for done, (subject, row) in enumerate(work):
        progress(done, len(work))
        yield _time(row, subject, officials[subject.dialect])


def _selects(pattern: str, row: Row) -> bool:
    return covers(pattern, row.target) if is_glob(pattern) else pattern in row.target


def prepared(subject: Subject, row: Row) -> Callable[[], Any]:
    """The work of a row as a function without arguments. UsageError for a subject in another process."""
    draws = row.target.startswith("initializers.")
    step = Step("initialize", options={"shape": list(row.shape), "dtype": "float32"})
    case = Case(
        f"{row.target}/bench",
        row.target,
        arguments=row.arguments,
        inputs=() if draws else (thirds(row.shape),),
        steps=(step,) if draws else (Step("call", 0),),
    )
    if not isinstance(subject, NamespaceSubject):
        raise UsageError(f"bench --subject must run in this process; received {subject.name!r}")
    return subject.prepared(case, row.work)


def _time(row: Row, subject: Subject, official: Subject) -> Timing:
    own, theirs = prepared(subject, row), prepared(official, row)
    own_count, theirs_count = _batch_size(own), _batch_size(theirs)
    officials: list[float] = []
    owns: list[float] = []
    enabled = gc.isenabled()
    gc.disable()
    try:
        started = time.process_time()
        while not owns or time.process_time() - started < 2 * _BUDGET:
            officials.append(_seconds(theirs, theirs_count))
            owns.append(_seconds(own, own_count))
    finally:
        if enabled:
            gc.enable()
    return Timing(row, subject.name, min(officials), min(owns))


def _batch_size(call: Callable[[], Any]) -> int:
    call()  # the first call builds what later calls reuse
    return max(1, math.ceil(_BATCH / min(_seconds(call, 1) for _ in range(3))))


def _seconds(
    call: Callable[[], Any], count: int, clock: Callable[[], float] = time.process_time
) -> float:
    started = clock()
    for _ in range(count):
        call()
    return (clock() - started) / count


def geometric_mean(timings: Sequence[Timing]) -> float:
    """The geometric mean of the ratios, first within each class, so that each class has the same weight."""
    by_class: dict[str, list[float]] = {}
    for timing in timings:
        by_class.setdefault(timing.row.target, []).append(timing.ratio)
    return statistics.geometric_mean([statistics.geometric_mean(r) for r in by_class.values()])


def protocol_cost(rounds: int = 2000) -> tuple[float, float]:
    """Median seconds that a small case takes in a Python worker and in this process."""
    spec = "module:conformance.subjects.blank:keras3"
    there = ProcessSubject("the worker", modules.worker(spec))
    (here,) = resolve(spec, in_process=True)
    step = Step("call", 0)
    case = Case("bench/protocol", "constraints.NonNeg", inputs=(thirds((3, 4)),), steps=(step,))
    times: dict[Subject, list[float]] = {there: [], here: []}
    try:
        for _ in range(rounds):
            for subject, taken in times.items():
                taken.append(_seconds(partial(subject.answer, case), 1, time.perf_counter))
    finally:
        there.close()
    return statistics.median(times[there]), statistics.median(times[here])
