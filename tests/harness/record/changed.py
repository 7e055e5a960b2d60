"""Golden files that are changed and signed again, and what a recording makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from conformance.model import Returned, Tensor
from conformance.vectors import store
from conformance.vectors.store import GoldenFile

Snapshot = Mapping[str, bytes]
# The cases whose values are moved: an exact one, and one with a tolerance.
MOVED = "constraints.NonNeg/value/wave-3x4-float32"
UNIT_NORM = "constraints.UnitNorm/arguments/defaults"


def contents(directory: Path) -> dict[str, bytes]:
    """Every file under `directory`, hidden ones too."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def of_one_platform(content: bytes) -> bytes:
    """A golden file whose cases have all been recorded where the file says."""
    golden = store.loads(content, "golden")
    cases = tuple(replace(entry, provenance={}) for entry in golden.cases)
    return store.dumps(replace(golden, cases=cases))


def as_recorded(
    original: bytes, platform: Mapping[str, Any], fresh: Mapping[str, Sequence[str]]
) -> bytes:
    """The golden file once it is recorded on the platform, `fresh` outcomes alone: dialects by case."""
    golden = store.loads(original, "original")
    facts = {
        dialect: {
            key: platform[key] for key in known if platform.get(key, known[key]) != known[key]
        }
        for dialect, known in golden.provenance.items()
    }
    cases = [
        replace(e, provenance={d: facts[d] for d in fresh.get(e.case.id, ()) if facts[d]})
        for e in golden.cases
    ]
    return store.dumps(replace(golden, cases=tuple(cases)))


def rewrite(path: Path, change: Callable[[GoldenFile], GoldenFile]) -> bytes:
    """The file changed by `change` and signed again, as the bytes that it had before."""
    before = path.read_bytes()
    path.write_bytes(store.dumps(change(store.load(path))))
    assert path.read_bytes() != before
    return before


def first_case(golden: GoldenFile, **changes: Any) -> GoldenFile:
    entry = golden.cases[0]
    return replace(golden, cases=(replace(entry, **changes), *golden.cases[1:]))


def moved_by(ulps: int) -> Callable[[GoldenFile], GoldenFile]:
    """The first expected value of keras3 moved away from zero."""

    def change(golden: GoldenFile) -> GoldenFile:
        entry = next(e for e in golden.cases if e.case.id == MOVED)
        (outcome,) = entry.expected["keras3"]
        assert isinstance(outcome, Returned)
        value = outcome.values["value"]
        assert isinstance(value, Tensor)
        bits = value.storage().copy().view(np.int32)
        at = tuple(np.argwhere(value.values() > 0)[0])
        bits[at] += ulps
        wrong = Returned({**outcome.values, "value": Tensor.of(bits.view(np.float32))})
        expected = {**entry.expected, "keras3": (wrong,)}
        cases = [replace(entry, expected=expected) if e is entry else e for e in golden.cases]
        return replace(golden, cases=tuple(cases))

    return change


def row(out: str, target: str) -> list[str]:
    """The cells of a class in the table of differences."""
    (line,) = [line for line in out.splitlines() if f" {target} " in line]
    return [cell.strip() for cell in line.split("│")[2:8]]


def elsewhere(golden: GoldenFile) -> GoldenFile:
    provenance = {d: {**p, "machine": "pdp11"} for d, p in golden.provenance.items()}
    return replace(golden, provenance=provenance)


def unit_norm_moved(golden: GoldenFile, ulps: int) -> GoldenFile:
    """The first value of a case with a tolerance moved."""
    entry = next(e for e in golden.cases if e.case.id == UNIT_NORM)
    outcome, *rest = entry.expected["keras3"]
    assert isinstance(outcome, Returned)
    value = outcome.values["value"]
    assert isinstance(value, Tensor)
    bits = value.storage().copy().view(np.int32)
    bits[0, 0] += ulps
    wrong = Returned({**outcome.values, "value": Tensor.of(bits.view(np.float32))})
    expected = dict.fromkeys(entry.expected, (wrong, *rest))
    cases = [replace(entry, expected=expected) if e is entry else e for e in golden.cases]
    return replace(golden, cases=tuple(cases))
