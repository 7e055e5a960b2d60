"""What was found, for people and machines: terminal, HTML, Markdown, JUnit, JSON, repros.

A module for each kind of thing that is reported (`claims`, `matrix`, `upgrade`, a run), or for each format
(`junit`, `machine`, `page`, `terminal`, `repro`). Nobody imports it but `cli`.
"""

__all__ = [
    "claims",
    "diagnosis",
    "junit",
    "machine",
    "matrix",
    "page",
    "repro",
    "terminal",
    "upgrade",
]
