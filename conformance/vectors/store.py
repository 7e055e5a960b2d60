"""Reads, checks and writes golden files. `golden/README.md` describes the format.

A file carries a digest of its own bytes, so that a damaged or hand-edited file is noticed before anything is
compared with it. A file is written under a temporary name in the same directory, and then renamed: at any
moment the file on disk is the old one or the new one, whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from conformance.model import DIALECTS, Alternative, Case, Json, Outcome, codec, patterns, texts
from conformance.model.errors import DamagedGolden, UsageError
from conformance.vectors import alternatives
from conformance.vectors.collecting import uncollected

SCHEMA_VERSION: Final = 2
# Version 1 had one tolerance for all tensors of a case; all else is the same.
_READABLE: Final = (1, SCHEMA_VERSION)
# In ids of cases that `conformance model --record` makes: the suite's own expectations are not about them.
OF_MODEL: Final = "/of-model/"
_DIGEST_LINE: Final = '"digest": "sha256:'


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A case and, for each of its dialects, what official Keras answered, step by step.

    `finding`: the id of the finding that explains why an answer leaves its error budget. `provenance`:
    by dialect, the facts in which the outcomes of the case differ from the file's. `alternatives`: by dialect,
    what the case permits besides these outcomes where the documentation is followed.
    """

    case: Case
    expected: Mapping[str, tuple[Outcome, ...]]
    finding: str = ""
    provenance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[Alternative, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoldenFile:
    """The cases of one target, and by dialect the provenance of their outcomes.

    `schema`: the version of the format that it was read in. It is written in the present one.
    """

    target: str
    provenance: Mapping[str, Mapping[str, Any]]
    cases: tuple[GoldenCase, ...]
    schema: int = SCHEMA_VERSION

    def recorded(self, entry: GoldenCase, dialect: str) -> Mapping[str, Any]:
        """The provenance of the outcomes of one case."""
        return {**self.provenance.get(dialect, {}), **entry.provenance.get(dialect, {})}

    @property
    def relative_path(self) -> Path:
        """Its path in the directory: `<family>/<Class>.json`."""
        return relative_path(self.target)


@dataclass(frozen=True, slots=True)
class Named:
    """What a file tells of a case before its numbers are read: its name, and whom it asks."""

    id: str
    target: str
    dialects: tuple[str, ...]
    alike: bool
    flags: tuple[str, ...]


def relative_path(target: str) -> Path:
    """The path of the golden file of a target: `<family>/<Class>.json`."""
    family, _, name = target.partition(".")
    return Path(family) / f"{name}.json"


def default_directory() -> Path:
    """The golden files of this installation: those of the checkout, or those inside the wheel."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package.parent / "golden", package / "_golden"):
        if (candidate / "schema.json").is_file():
            return candidate
    raise UsageError(
        f"golden files: neither {package.parent / 'golden'} nor {package / '_golden'} has a "
        "schema.json; give their place with --golden DIRECTORY"
    )


def paths(directory: Path) -> list[Path]:
    """All golden files under `directory`, in a fixed order."""
    if not directory.is_dir():
        raise UsageError(f"--golden must be a directory; received {str(directory)!r}")
    return sorted(directory.glob("*/*.json"))


def matches(pattern: str, case: Case | Named) -> bool:
    """Whether `--select PATTERN` takes the case: a glob over ids and targets, or a part of an id."""
    return takes(pattern, case.id, case.target)


def takes(pattern: str, case_id: str, target: str) -> bool:
    """Whether `--select PATTERN` takes the case of this id and target."""
    if patterns.is_glob(pattern):
        return patterns.covers(pattern, case_id) or patterns.covers(pattern, target)
    return pattern in case_id


def is_of_model(case: Case) -> bool:
    """Whether it was recorded of a model. Only the recorded values count then: the truth of a changed weight hides it."""
    return OF_MODEL in case.id


def dumps(golden: GoldenFile) -> bytes:
    """The canonical bytes of a golden file: one case per line, the digest last."""
    rows = []
    for entry in golden.cases:
        row = codec.case_to_json(entry.case)
        if entry.finding:
            row["finding"] = entry.finding
        if entry.provenance:
            row["provenance"] = _plain(entry.provenance)
        row["expected"] = _expected_to_json(entry.expected)
        if entry.alternatives:
            row["alternatives"] = {
                dialect: alternatives.to_json(entry.alternatives[dialect])
                for dialect in DIALECTS
                if dialect in entry.alternatives
            }
        rows.append("  " + codec.text(row))
    head = "\n".join(
        [
            "{",
            f' "schema": {SCHEMA_VERSION},',
            f' "target": {codec.text(golden.target)},',
            f' "provenance": {codec.text(_plain(golden.provenance))},',
            ' "cases": [',
            ",\n".join(rows),
            " ],",
            "",
        ]
    ).encode()
    return head + _digest_tail(head)


def loads(content: bytes, name: str) -> GoldenFile:
    """The golden file in `content`; DamagedGolden, which names the file, where it was changed by hand."""
    verify(content, name)
    with _of_this_format(name):
        return _parsed(content)


@contextlib.contextmanager
def _of_this_format(name: str) -> Iterator[None]:
    try:
        yield
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise DamagedGolden(f"{name}: not a golden file of this format: {error!r}") from error


# A process may read the same files several times: a matrix, or a test session.
@lru_cache(maxsize=1024)
def _parsed(content: bytes) -> GoldenFile:
    raw = _raw(content)
    return _file(raw, raw["cases"])


@lru_cache(maxsize=1024)
def _raw(content: bytes) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(content)
    if raw["schema"] not in _READABLE:
        raise ValueError(
            f"schema must be {' or '.join(map(str, _READABLE))}; received {raw['schema']!r}"
        )
    return raw


def _file(raw: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> GoldenFile:
    target = raw["target"]
    cases = tuple(
        GoldenCase(
            codec.case_from_json(target, row),
            _expected_from_json(row),
            row.get("finding", ""),
            row.get("provenance", {}),
            {d: alternatives.from_json(a) for d, a in row.get("alternatives", {}).items()},
        )
        for row in rows
    )
    return GoldenFile(target, raw["provenance"], cases, raw["schema"])


def _names(raw: Mapping[str, Any]) -> list[Named]:
    return [
        Named(
            row["id"],
            raw["target"],
            DIALECTS if "both" in row["expected"] else tuple(row["expected"]),
            len(row["expected"]) == 1,
            tuple(row.get("flags", ())),
        )
        for row in raw["cases"]
    ]


def verify(content: bytes, name: str) -> None:
    """Raises DamagedGolden unless the digest at the end of `content` is that of the bytes before it."""
    start = content.rfind(b" " + _DIGEST_LINE.encode())
    if start < 0 or content[start:] != _digest_tail(content[:start]):
        raise DamagedGolden(
            f"{name}: its digest does not fit its content; it was damaged or edited by hand "
            "(restore it, or delete it and run `conformance record --write`)"
        )


def check(path: Path) -> None:
    """Raises DamagedGolden unless the digest of the file fits its content."""
    verify(read(path), str(path))


def load(path: Path) -> GoldenFile:
    """The golden file at `path`, checked."""
    return loads(read(path), str(path))


def load_all(directory: Path, select: Sequence[str] = ()) -> list[GoldenFile]:
    """All files under `directory` that have a selected case, with these cases only.

    All files are verified, selected or not: a damaged set should not be trusted in part.
    """
    return load_named(directory, select)[0]


def load_named(directory: Path, select: Sequence[str] = ()) -> tuple[list[GoldenFile], list[Named]]:
    """What `load_all` gives, and the names of all cases, in the order of the files."""
    contents = _verified(directory)
    with uncollected():
        if not select:
            files = [loads(content, str(path)) for path, content in contents.items()]
            return files, [n for each in contents.values() for n in _names(_raw(each))]
        return _chosen(contents, select)


def _verified(directory: Path) -> dict[Path, bytes]:
    """The content of each file; UsageError where there is none."""
    contents = {path: read(path) for path in paths(directory)}
    if not contents:
        raise UsageError(f"--golden must hold golden files; none was found in {str(directory)!r}")
    for path, content in contents.items():
        verify(content, str(path))
    return contents


def _chosen(
    contents: Mapping[Path, bytes], select: Sequence[str]
) -> tuple[list[GoldenFile], list[Named]]:
    """As `load_named`. Of the other cases nothing but their names is looked at."""
    files: list[GoldenFile] = []
    known: list[Named] = []
    for path, content in contents.items():
        with _of_this_format(str(path)):
            raw = _raw(content)
            here = _names(raw)
            known += here
            rows = [
                row
                for name, row in zip(here, raw["cases"], strict=True)
                if any(matches(pattern, name) for pattern in select)
            ]
            if rows:
                files.append(_file(raw, rows))
    check_select(select, known)
    return files, known


def names(directory: Path, select: Sequence[str] = ()) -> list[Named]:
    """The names of the selected cases, in the order of the files; their numbers are not read."""
    found: list[Named] = []
    with uncollected():
        for path, content in _verified(directory).items():
            with _of_this_format(str(path)):
                found += _names(_raw(content))
    check_select(select, found)
    return [n for n in found if not select or any(matches(p, n) for p in select)]


def check_select(select: Sequence[str], cases: Sequence[Case | Named]) -> None:
    """UsageError for a pattern that selects no case: most likely it is misspelled. An empty one says nothing."""
    for pattern in select:
        if not pattern:
            raise UsageError("--select must be a class, a part of an id or a glob; received ''")
        if not any(matches(pattern, case) for case in cases):
            raise UsageError(
                "--select must match at least one case id or target (see `conformance list`); "
                f"received {pattern!r}{nearest(pattern, cases)}"
            )


def nearest(pattern: str, cases: Sequence[Case | Named]) -> str:
    """What a pattern without wildcards may have meant: a class, or a case of the nearest one."""
    target = pattern.partition("/")[0]
    targets = {case.target for case in cases}
    if "/" not in pattern:
        return texts.nearest(pattern, targets)
    near = texts.nearest(target, targets)
    return texts.nearest(pattern, [c.id for c in cases if repr(c.target) in near])


def selected(files: Sequence[GoldenFile], select: Sequence[str]) -> list[GoldenFile]:
    """The files that have a selected case, with these cases only; all files without a pattern."""
    if not select:
        return list(files)
    check_select(select, [entry.case for file in files for entry in file.cases])
    chosen = []
    for file in files:
        cases = tuple(e for e in file.cases if any(matches(p, e.case) for p in select))
        if cases:
            chosen.append(replace(file, cases=cases))
    return chosen


def write(path: Path, content: bytes) -> None:
    """Replaces the file at `path` in one step. Follows links, and also writes to pipes and devices."""
    path = path.resolve()
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to lose or to rename
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> bytes:
    """The bytes of a file; DamagedGolden where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedGolden(f"{path}: cannot be read: {error.strerror}") from error


def _digest_tail(head: bytes) -> bytes:
    return f' {_DIGEST_LINE}{hashlib.sha256(head).hexdigest()}"\n}}\n'.encode()


def _alike(outcomes: Iterable[Any]) -> bool:
    return len({codec.text(each) for each in outcomes}) == 1


def _plain(provenance: Mapping[str, Mapping[str, Any]]) -> dict[str, Json]:
    return {dialect: dict(facts) for dialect, facts in provenance.items()}


def _expected_to_json(expected: Mapping[str, tuple[Outcome, ...]]) -> dict[str, Json]:
    by_dialect = {d: codec.outcomes_to_json(expected[d]) for d in DIALECTS if d in expected}
    if len(by_dialect) == 2 and _alike(by_dialect.values()):
        return {"both": by_dialect["keras2"]}
    return dict(by_dialect.items())


def _expected_from_json(row: Mapping[str, Any]) -> dict[str, tuple[Outcome, ...]]:
    expected = {
        dialect: tuple(codec.outcome_from_json(o) for o in outcomes)
        for dialect, outcomes in row["expected"].items()
    }
    if "both" in expected:
        if len(expected) > 1:
            raise ValueError(f"{row['id']}: expected has `both` beside a dialect")
        return dict.fromkeys(DIALECTS, expected["both"])
    if len(expected) == 2 and _alike(row["expected"].values()):
        raise ValueError(f"{row['id']}: the outcomes of the dialects are equal; write `both`")
    return expected
