"""The repro of the example of a cause."""

from __future__ import annotations

from conformance.model import Case
from conformance.report import repro
from conformance.report.causes import Cause
from conformance.runner.report import Report


def code(report: Report, cause: Cause, case: Case) -> str:
    """Code that asks the example; it ends with a line that fails, where the answer is known."""
    example = cause.example
    held = report.evidence.get((example.subject, example.against, example.id))
    if held is None and (kept := report.repros.get((example.subject, example.id, example.aspect))):
        return kept
    aspects = [f.first.aspect for f in cause.failures if f.first.id == example.id]
    failing = repro.first(case, held.answer, held.expected, aspects) if held else None
    tensors = report.tensors.get(example.subject, "tensorflow")
    return repro.script(case, example.subject, tensors, failing)
