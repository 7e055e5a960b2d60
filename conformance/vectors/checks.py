"""What `conformance lint` looks for in a golden file: the schema, the canonical form, names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from conformance.model.errors import UsageError
from conformance.vectors import store


@cache
def schema(directory: Path) -> dict[str, Any]:
    """The JSON schema of golden files."""
    path = directory / "schema.json"
    try:
        loaded: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: must be the schema of golden files: {error}") from error
    return loaded


def problems(path: Path, directory: Path) -> Iterator[str]:
    """A sentence for each thing that `conformance lint` finds wrong in one golden file."""
    import jsonschema_rs

    content = store.read(path)
    golden = store.loads(content, str(path))
    validator = jsonschema_rs.Draft202012Validator(schema(directory))
    for error in validator.iter_errors(json.loads(content)):
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.instance_path)
        yield f"{path}: ${place}: {error.message[:200]}"
    if store.dumps(golden) != content:
        yield f"{path}: not in canonical form"
    if path != directory / golden.relative_path:
        yield f"{path}: holds {golden.target}, which belongs in {golden.relative_path}"
    seen = set()
    for entry in golden.cases:
        if entry.case.id in seen:
            yield f"{path}: two cases have the id {entry.case.id}"
        seen.add(entry.case.id)
        if not entry.case.id.startswith(f"{golden.target}/"):
            yield f"{path}: the id {entry.case.id} does not start with {golden.target}/"
        for dialect, facts in entry.provenance.items():
            if dialect not in entry.expected:
                yield f"{path}: {entry.case.id} has a provenance of {dialect}, and no outcomes of it"
            shared = golden.provenance.get(dialect, {})
            for key in (key for key, fact in facts.items() if shared.get(key) == fact):
                yield f"{path}: {entry.case.id} repeats {key} of the provenance of its file"
