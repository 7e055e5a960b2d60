"""Known failures of a subject, each with its reason: `<subject>.toml` beside this file.

An entry is a promise that the subject still fails there, and still in this way. One that passes, or that
matches nothing, is an error: otherwise the list rots.

Others use the names below, or the modules `checking` (for `conformance lint`) and `writing` (entries that a
run writes). Imports `judge`, `subjects`, `vectors` and `model`.
"""

from conformance.expectations.entries import Expectation, for_subject, load
from conformance.expectations.ledger import Ledger

__all__ = ["Expectation", "Ledger", "checking", "for_subject", "load", "writing"]
