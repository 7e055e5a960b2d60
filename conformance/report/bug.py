"""A failed case as a bug report in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.differences import describe
from conformance.model.texts import clipped
from conformance.report import case as cases
from conformance.report import explain

# What a reader wants to know of where it was seen.
_FACTS = (
    "package",
    "version",
    "keras",
    "tensorflow",
    "torch",
    "jax",
    "numpy",
    "python",
    "system",
    "machine",
    "device",
)
_MOST = 400


def markdown(shown: cases.Shown) -> str:
    """Title, versions, code, expected and actual answers, whose fault it is, and what is known of it."""
    return "\n".join(_lines(shown))


def _lines(shown: cases.Shown) -> Iterator[str]:
    case, subject = shown.case, shown.subject
    yield f"# {_title(shown)}"
    yield ""
    yield "```sh" if subject.name.startswith("command:") else "```python"
    yield cases.code(shown)
    yield "```"
    yield ""
    for number, step in enumerate(case.steps):
        if number < len(shown.expected):
            yield f"- expected of step {number} ({step.do}): `{_code(describe(shown.expected[number]))}`"
        if number < len(shown.answer):
            yield f"- actual: `{_code(describe(shown.answer[number]))}`"
    for result in shown.failed:
        yield f"- {result.aspect}: {result.message}"
    for hint in shown.hints[:3]:
        yield f"- hint: {hint}"
    if shown.fault is not None:
        meaning = explain.glossary.meaning(shown.plan.golden, str(shown.fault), "fault")
        yield f"- fault: {shown.fault}. {meaning}"
    for part in explain.attached(case.id, shown.known, subject.dialect):
        yield f"- {part.head}: {part.text}"
    for entry in shown.entries:
        yield f"- known: {entry.reason}"
    yield ""
    facts = subject.provenance()
    told = [f"{name} {facts[name]}" for name in _FACTS if facts.get(name) not in (None, "")]
    yield f"Seen with {subject.name}{': ' if told else ''}{', '.join(told)}."
    yield f"Case `{case.id}` of keras-conformance; expected is what official Keras answered."


def _title(shown: cases.Shown) -> str:
    what = shown.hints[0] if shown.hints else ""
    if shown.failed and not what:
        first = shown.failed[0]
        what = f"{first.aspect}: {clipped(first.message, 90)}"
    return f"{shown.case.target.rpartition('.')[2]}: {what or 'as expected'}"


def _code(text: str) -> str:
    return clipped(text.replace("`", "'"), _MOST)
