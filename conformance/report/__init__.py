"""Reports for people and machines: terminal, HTML, Markdown, JUnit, JSON, repros.

A run has a module for each format: `terminal`, `page`, `junit`, `machine`. Everything else that is reported has
one module: `case` (one case in full), `claims`, `diagnosis` (of the doctor), `difference` (of two runs), `golden`
(of golden files), `matrix`, `published` (reports), `timings`, `upgrade`. `repro` writes a case as a script. Only `cli` imports this
room.
"""

__all__ = [
    "case",
    "claims",
    "diagnosis",
    "difference",
    "golden",
    "junit",
    "machine",
    "matrix",
    "page",
    "published",
    "repro",
    "terminal",
    "timings",
    "upgrade",
]
