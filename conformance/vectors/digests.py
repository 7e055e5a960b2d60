"""One digest for all golden files: which vectors a verdict is about."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conformance.vectors import store


def digest(directory: Path) -> str:
    """The SHA-256 of the names and bytes of all golden files, in hexadecimal."""
    found = hashlib.sha256()
    for path in store.paths(directory):
        content = store.read(path)
        found.update(f"{path.relative_to(directory).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()
