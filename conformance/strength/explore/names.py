"""What a case is called: the names that a package makes up, whose numbers tell nothing about it, and its digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.model import Case, Outcome, Returned, Tensor, codec

_NUMBER: Final = re.compile(r"(?<=[a-z])_\d+(?=$|/)")


def unnumbered(case: Case, answer: Sequence[Outcome]) -> list[Outcome]:
    """The answer without the numbers of names that the case does not give."""
    given = repr(case.arguments) + repr([step.options for step in case.steps])
    return [
        replace(each, values={key: _without(value, given) for key, value in each.values.items()})
        if isinstance(each, Returned)
        else each
        for each in answer
    ]


def _without(value: Any, given: str) -> Any:
    if isinstance(value, str):
        return value if f"'{value}'" in given else _NUMBER.sub("", value)
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Mapping):
        return {key: _without(each, given) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [_without(each, given) for each in value]
    return value


def digest(case: Case) -> str:
    """Eight letters that tell a question from others."""
    text = codec.text({"target": case.target, **codec.case_to_json(case)})
    return hashlib.sha256(text.encode()).hexdigest()[:8]
