"""Known failures of a subject, each with its reason: `<subject>.toml` beside this file.

An entry is a promise that the subject still fails there, and still in this way. One that passes, or that
matches nothing, is an error: otherwise the list rots.
"""

from conformance.expectations.entries import Expectation, for_subject, load
from conformance.expectations.ledger import Ledger

__all__ = ["Expectation", "Ledger", "for_subject", "load"]
