"""How many cases each class has, by dialect: `counts.toml`, so that none is lost without a word.

`conformance record --write` adds classes and raises numbers, and never lowers one: a case that is taken out of the
rows and of the golden file alike would leave no trace. Who takes one out lowers the number by hand, and
a reviewer sees it. `conformance lint` holds the golden files to the numbers.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from conformance.model import DIALECTS
from conformance.model.errors import UsageError
from conformance.vectors import store
from conformance.vectors.store import GoldenFile

PATH: Final = Path(__file__).with_name("counts.toml")
# By class, then by dialect.
Counts: TypeAlias = Mapping[str, Mapping[str, int]]
_HEAD: Final = (
    "# How many cases each class has, by dialect. `conformance record --write` raises these numbers. Nothing\n"
    "# lowers them but an edit, which says that a case was taken out on purpose.\n\n"
)


def of(files: Iterable[GoldenFile]) -> Counts:
    """The numbers of golden files."""
    return {
        file.target: Counter(dialect for entry in file.cases for dialect in entry.expected)
        for file in files
    }


def load(path: Path = PATH) -> Counts:
    """The recorded numbers; UsageError where the file is damaged."""
    try:
        found = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"counts {path}: cannot be read: {error}") from error
    for target, numbers in found.items():
        # bool is an int, and no number of cases.
        if not isinstance(numbers, Mapping) or any(
            dialect not in DIALECTS or type(count) is not int or count < 0
            for dialect, count in numbers.items()
        ):
            raise UsageError(
                f"counts {path}: {target} must have a number of cases for each of "
                f"{', '.join(DIALECTS)}; received {numbers!r}"
            )
    return found


def problems(files: Iterable[GoldenFile], path: Path = PATH) -> list[str]:
    """A sentence for each class and dialect whose golden file has another number of cases."""
    now, recorded = of(files), load(path)
    found = []
    for target in {**recorded, **now}:
        for dialect in DIALECTS:
            has, had = (each.get(target, {}).get(dialect, 0) for each in (now, recorded))
            if has == had:
                continue
            said = f"{target}: has {has} golden cases of {dialect}, {had} in {path.name}; "
            if has < had:
                said += "where cases were taken out on purpose, lower the number by hand"
            else:
                said += f"`conformance record --select {target} --write` raises it"
            found.append(said)
    return found


def update(files: Iterable[GoldenFile], path: Path = PATH) -> bool:
    """Raises the recorded numbers to those of golden files; whether any was raised."""
    now, recorded = of(files), load(path) if path.is_file() else {}
    highest = {
        target: {
            dialect: most
            for dialect in DIALECTS
            if (most := max(each.get(target, {}).get(dialect, 0) for each in (now, recorded)))
        }
        for target in sorted({**recorded, **now})
    }
    lines = [
        f'"{target}" = {{ {", ".join(f"{d} = {n}" for d, n in numbers.items())} }}\n'
        for target, numbers in highest.items()
    ]
    text = _HEAD + "".join(lines)
    if path.is_file() and text == path.read_text():
        return False
    store.write(path, text.encode())
    return True
