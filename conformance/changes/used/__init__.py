"""Which of the suite's classes a saved model uses, and with which arguments.

Modules: `models` (reads the file), `described` (objects in configurations), `matching` (values of arguments),
`relevance` (which cases concern the model), `coverage` (what of the model the suite covers, and what not).
"""

from conformance.changes.used.coverage import Coverage, coverage
from conformance.changes.used.described import described_in, is_official, named_by
from conformance.changes.used.matching import matches, normal
from conformance.changes.used.models import MOST_BYTES, Model, of, read
from conformance.changes.used.relevance import is_relevant

__all__ = [
    "MOST_BYTES",
    "Coverage",
    "Model",
    "coverage",
    "described_in",
    "is_official",
    "is_relevant",
    "matches",
    "named_by",
    "normal",
    "of",
    "read",
]
