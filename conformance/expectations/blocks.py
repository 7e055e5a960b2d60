"""The text of an expectations file, entry by entry. Text that is not changed keeps every character."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import tomlkit

from conformance.expectations.entries import Expectation, parse
from conformance.model.errors import UsageError

_HEADER: Final = re.compile(r"[ \t]*\[\[[ \t]*expectation[ \t]*\]\]")
_WIDTH: Final = 100
Fields: TypeAlias = Mapping[str, "str | bool | Sequence[str]"]


@dataclass(frozen=True, slots=True)
class Block:
    """The text of one entry, with the comment right above it, and the entry itself."""

    text: str
    entry: Expectation


def split(text: str, path: Path) -> tuple[str, list[Block]]:
    """The text before the first entry, and the entries. UsageError where they are not tables."""
    entries = parse(text, path)
    lines = text.splitlines(keepends=True)
    starts = []
    for number, line in enumerate(lines):
        if _HEADER.match(line):
            while number and lines[number - 1].lstrip().startswith("#"):
                number -= 1
            starts.append(number)
    ends = [*starts, len(lines)][1:]
    blocks = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    if len(blocks) != len(entries):
        raise UsageError(
            f"expectations {path}: every entry must be a table that starts with a line "
            "[[expectation]], where the file is to be updated; received another form"
        )
    head = "".join(lines[: starts[0]]) if starts else text
    return head, [Block(*each) for each in zip(blocks, entries, strict=True)]


def join(head: str, blocks: Sequence[str]) -> str:
    """The text of a file: a blank line between entries, and one newline at the end."""
    text = head
    for block in blocks:
        if text.strip() and not text.endswith("\n\n"):
            text = text.rstrip("\n") + "\n\n"
        text += block
    return text.rstrip("\n") + "\n" if text.strip() else ""


def changed(block: str, fields: Fields) -> str:
    """The block with new values for some keys; "" and () remove a key. Comments stay."""
    document = tomlkit.parse(block)
    (table,) = document["expectation"]
    for key, value in fields.items():
        if value in ("", ()):
            table.pop(key, None)
        else:
            table[key] = _item(key, value)
    return tomlkit.dumps(document)


def new(fields: Fields) -> str:
    """The block of a new entry."""
    table = tomlkit.table()
    for key, value in fields.items():
        if value not in ("", ()) or key == "link":
            table.add(key, _item(key, value))
    array = tomlkit.aot()
    array.append(table)
    document = tomlkit.document()
    document.add("expectation", array)
    return tomlkit.dumps(document)


def _item(key: str, value: str | bool | Sequence[str]) -> Any:
    if isinstance(value, str | bool):
        return tomlkit.item(value)
    if key in ("cases", "fails") and len(value) == 1:
        return tomlkit.item(value[0])
    array = tomlkit.array()
    array.extend(value)
    array.multiline(len(array.as_string()) + len(key) > _WIDTH)
    return array


def texts(value: str | bool | Sequence[str]) -> Sequence[str]:
    """The value of a field that holds a list of texts."""
    assert not isinstance(value, str | bool)
    return value
