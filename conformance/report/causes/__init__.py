"""What failed in a run, by cause: what reports show first.

Failures are of one cause if a hint accounts for all of them, in whichever class and aspect, or if they are of one
family, aspect and signature, and share what cases that pass do not have. Modules: `finding` (which are of one cause),
`shared` (what they share), `words` (how it is said), `beside` (what is known of them).
"""

from conformance.report.causes.beside import Attached, Beside, beside, owner
from conformance.report.causes.finding import Cause, absent, causes, foremost
from conformance.report.causes.words import classes, command, heading, sentence, what

__all__ = [
    "Attached",
    "Beside",
    "Cause",
    "absent",
    "beside",
    "causes",
    "classes",
    "command",
    "foremost",
    "heading",
    "owner",
    "sentence",
    "what",
]
