"""Which case runs which line of `impl`, how long it takes, and how its answer is judged without any mutant.

Recorded once by `coverage`, in forked processes, and kept in the user's cache under the digest of all that it depends
on. What no case runs is told, too: lines, and branches never taken.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from conformance.model import Array
from conformance.model.errors import UsageError
from conformance.strength.mutation import forks
from conformance.strength.mutation.questions import Question, judged
from conformance.subjects import environments, resolve
from conformance.subjects.base import Subject
from conformance.vectors import store

# By module and line, the positions of the questions that run it.
Lines: TypeAlias = Mapping[str, Mapping[int, Array]]
Progress: TypeAlias = Callable[[int, int], None]
Arc: TypeAlias = tuple[int, int]
# The package `impl`, found without importing it.
_IMPL: Final = Path(__file__).parents[3] / "impl"
# Questions of one process. So few that its memory stays small, so many that its start costs little.
_PART: Final = 500
# How many records are kept: of all cases, and of a few selections.
_KEPT: Final = 6
# Seconds that a part may take; there is no mistake in it that could make it longer.
_PATIENCE: Final = 600.0


@dataclass(frozen=True)
class Reach:
    """What the questions do without a mutant.

    Attributes:
        lines: which questions run which line.
        seconds: by position, what asking and judging takes.
        wrong: by position, the aspects in which `impl` is known to fail; no entry where there is none.
        far: the positions where `impl` itself fails an `allclose`.
        arcs: by module, which line followed which.

    """

    lines: Lines
    seconds: Array
    wrong: Mapping[int, frozenset[str]]
    far: frozenset[int]
    arcs: Mapping[str, frozenset[Arc]]

    def of(self, module: str, lines: frozenset[int]) -> set[int]:
        """The positions of the questions that run one of these lines."""
        known = self.lines.get(module, {})
        return {int(n) for line in lines if line in known for n in known[line]}

    def reaches(self, module: str, lines: frozenset[int]) -> bool:
        """Whether any question runs one of these lines."""
        return not lines.isdisjoint(self.lines.get(module, {}))

    def at_import(self, module: str, lines: frozenset[int]) -> bool:
        """Whether one of these lines runs, though for no question: then it does while modules are imported."""
        runs = {line for arc in self.arcs.get(module, ()) for line in arc}
        return not self.reaches(module, lines) and not lines.isdisjoint(runs)

    def whole(self, module: str) -> set[int]:
        """The positions of the questions that run any line of a module, after its import."""
        return {int(n) for positions in self.lines.get(module, {}).values() for n in positions}


def sources() -> dict[str, Path]:
    """The files of `impl`, by module."""
    found = {}
    for path in sorted(_IMPL.rglob("*.py")):
        parts = path.relative_to(_IMPL.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def subjects() -> dict[str, Subject]:
    """`impl`, by dialect. Only in a forked process: it imports it."""
    return {each.dialect: each for each in resolve("impl")}


def reach(
    questions: Sequence[Question], golden: Path, jobs: int, progress: Progress, *, fresh: bool
) -> Reach:
    """What the questions run, from the cache, or recorded. `fresh`: recorded in any case."""
    kept = environments.cache() / "reach" / f"{_digest(golden, questions)}.npz"
    if kept.is_file() and not fresh:
        return _read(kept)
    if importlib.util.find_spec("coverage") is None:
        raise UsageError(
            "strength mutation needs the package `coverage`, to record which case runs which line; it is not "
            "installed (with --recorded it does without)"
        )
    found = _record(questions, jobs, progress)
    kept.parent.mkdir(parents=True, exist_ok=True)
    _write(kept, found)
    by_age = sorted(kept.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
    for old in by_age[:-_KEPT]:
        old.unlink(missing_ok=True)
    return found


def _digest(golden: Path, questions: Sequence[Question]) -> str:
    """Of what the reach depends on: `impl`, the cases, how they are asked, and who computes."""
    found = hashlib.sha256()
    harness = Path(__file__).parents[2]
    asking = [p for room in ("model", "subjects") for p in sorted((harness / room).rglob("*.py"))]
    for path in (*sources().values(), *asking, *store.paths(golden)):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    from importlib import metadata

    versions = [metadata.version(name) for name in ("tensorflow", "numpy")]
    asked = [f"{question.dialect} {question.id}" for question in questions]
    found.update(json.dumps([sys.version, versions, asked]).encode())
    return found.hexdigest()[:16]


def _record(questions: Sequence[Question], jobs: int, progress: Progress) -> Reach:
    order = list(range(len(questions)))
    random.Random(0).shuffle(order)  # so that parts take about as long
    parts = [order[first : first + _PART] for first in range(0, len(order), _PART)]
    lines: dict[str, dict[int, list[int]]] = {}
    arcs: dict[str, set[Arc]] = {}
    seconds = np.zeros(len(questions))
    wrong: dict[int, frozenset[str]] = {}
    far: set[int] = set()
    done = 0

    def work(part: list[int], send: forks.Send) -> None:
        send(_asked(questions, part))

    for part, said in forks.in_forks(jobs, parts, work, lambda *_: _PATIENCE):
        if isinstance(said, forks.Ended):
            _check_ended(said)
            continue
        _take(said["answers"], seconds, wrong, far)
        for module, found in said["lines"].items():
            own = lines.setdefault(module, {})
            for line, positions in found.items():
                own.setdefault(line, []).extend(positions)
        for module, taken in said["arcs"].items():
            arcs.setdefault(module, set()).update(map(tuple, taken))
        done += len(part)
        progress(done, len(order))
    return Reach(
        {m: {n: np.array(sorted(p)) for n, p in own.items()} for m, own in lines.items()},
        seconds,
        wrong,
        frozenset(far),
        {module: frozenset(taken) for module, taken in arcs.items()},
    )


def _asked(questions: Sequence[Question], part: Sequence[int]) -> dict[str, Any]:
    """Asks a part of the questions, and notes what each runs."""
    import coverage

    tracer = coverage.Coverage(
        data_file=None, branch=True, include=[f"{_IMPL}/*"], config_file=False
    )
    tracer.start()
    answers = list(_answers(questions, part, tracer.switch_context))
    tracer.stop()
    data = tracer.get_data()
    modules = {str(path): module for module, path in sources().items()}
    lines = {
        modules[file]: {
            line: [int(name) for name in names if name]
            for line, names in data.contexts_by_lineno(file).items()
            if any(names)
        }
        for file in data.measured_files()
    }
    arcs = {modules[file]: sorted(data.arcs(file) or ()) for file in data.measured_files()}
    return {"answers": answers, "lines": lines, "arcs": arcs}


def _answers(
    questions: Sequence[Question], part: Sequence[int], begin: Callable[[str], object]
) -> Iterator[tuple[int, float, list[str], bool]]:
    """By position: the seconds that it takes, what fails, and whether `allclose` passes."""
    asked = subjects()
    for position in part:
        question = questions[position]
        begin(str(position))
        started = time.process_time()
        found = judged(question, asked[question.dialect].answer(question.entry.case))
        yield position, time.process_time() - started, list(found.wrong), found.close


def unmutated(questions: Sequence[Question], positions: Sequence[int], jobs: int) -> Reach:
    """How `impl` itself does at these positions; which lines run is not recorded."""
    seconds = np.zeros(len(questions))
    wrong: dict[int, frozenset[str]] = {}
    far: set[int] = set()

    def work(part: Sequence[int], send: forks.Send) -> None:
        send(list(_answers(questions, part, lambda _: None)))

    parts = [positions[start::jobs] for start in range(jobs)]
    for _, said in forks.in_forks(jobs, parts, work, lambda *_: _PATIENCE):
        if isinstance(said, forks.Ended):
            _check_ended(said)
            continue
        _take(said, seconds, wrong, far)
    return Reach({}, seconds, wrong, frozenset(far), {})


def _take(
    answers: Sequence[tuple[int, float, list[str], bool]],
    seconds: Array,
    wrong: dict[int, frozenset[str]],
    far: set[int],
) -> None:
    """Enters what `_answers` gave."""
    for position, took, bad, is_close in answers:
        seconds[position] = took
        if bad:
            wrong[position] = frozenset(bad)
        if not is_close:
            far.add(position)


def _check_ended(said: forks.Ended) -> None:
    if not said.finished:
        raise RuntimeError(f"a process that asked impl its cases ended: {said.why or 'silently'}")


def never(found: Reach) -> Iterator[tuple[str, list[int], list[Arc]]]:
    """By module, the lines that no case runs, and the branches that no case takes."""
    import coverage

    files = sources()
    with tempfile.TemporaryDirectory() as folder:
        data = coverage.CoverageData(str(Path(folder) / "data"))
        data.add_arcs({str(files[module]): taken for module, taken in found.arcs.items()})
        data.write()
        report = coverage.Coverage(
            data_file=str(Path(folder) / "data"),
            branch=True,
            source=[str(_IMPL)],
            config_file=False,
        )
        report.load()
        out = Path(folder) / "report.json"
        with contextlib.redirect_stdout(io.StringIO()):
            report.json_report(outfile=str(out))
        told = json.loads(out.read_text())["files"]
    names = {os.path.realpath(path): module for module, path in files.items()}
    for file, each in sorted(told.items()):
        branches = [(a, b) for a, b in each.get("missing_branches", ())]
        if each["missing_lines"] or branches:
            yield names[os.path.realpath(file)], each["missing_lines"], branches


def _write(path: Path, found: Reach) -> None:
    arrays: dict[str, Array] = {"seconds": found.seconds, "far": np.array(sorted(found.far))}
    for module, own in found.lines.items():
        lines = sorted(own)
        arrays[f"{module}:lines"] = np.array(lines)
        arrays[f"{module}:counts"] = np.array([len(own[line]) for line in lines])
        joined = np.concatenate([own[line] for line in lines]) if lines else np.array([])
        arrays[f"{module}:questions"] = joined.astype(np.int32)
    for module, taken in found.arcs.items():
        arrays[f"{module}:arcs"] = np.array(sorted(taken)).reshape(-1, 2)
    arrays["wrong"] = np.array(json.dumps({n: sorted(a) for n, a in found.wrong.items()}))
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    store.write(path, content.getvalue())


def _read(path: Path) -> Reach:
    with np.load(path, allow_pickle=False) as kept:
        lines: dict[str, dict[int, Array]] = {}
        arcs: dict[str, frozenset[Arc]] = {}
        for name in kept.files:
            module, _, what = name.partition(":")
            if what == "lines":
                split = np.split(kept[f"{module}:questions"], np.cumsum(kept[f"{module}:counts"]))
                lines[module] = dict(zip(kept[name].tolist(), split, strict=False))
            elif what == "arcs":
                arcs[module] = frozenset((int(a), int(b)) for a, b in kept[name])
        wrong = {int(n): frozenset(a) for n, a in json.loads(str(kept["wrong"])).items()}
        far = frozenset(map(int, kept["far"]))
        return Reach(lines, kept["seconds"], wrong, far, arcs)
