"""Known failures of a subject, each with its reason: `<subject>.toml` beside this file.

An entry promises that the subject still fails there, and in the same way. A run ends with an error where a
case of an entry passes, and where an entry matches nothing: otherwise the list would rot.

Others use the names below, or a module: `checking` (for `conformance lint`), `writing` (updates a file after a
run), with its arguments `asked` (what the run found) and `triage` (which of it to write). Imports `judge`, `subjects`, `vectors` and `model`.
"""

from conformance.expectations.entries import EVERY_CASE, Expectation, for_subject, load
from conformance.expectations.ledger import Account, Ledger, unmet

__all__ = [
    "EVERY_CASE",
    "Account",
    "Expectation",
    "Ledger",
    "asked",
    "checking",
    "for_subject",
    "load",
    "triage",
    "unmet",
    "writing",
]
