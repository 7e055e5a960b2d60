"""Reports for people and machines: terminal, HTML, Markdown, JUnit, JSON, repros.

A run has a module for each format: `terminal`, `page`, `junit`, `machine`. Everything else that is reported has
one module: `case` (one case in full), `causes` (of failures), `certificate`, `claims`, `diagnosis` (of the doctor), `difference` (of two runs), `digits`
(of activations), `explored`, `golden` (of golden files), `matrix`, `mending` (of findings), `mutants`, `published` (reports), `reach` (what
of the API is asked), `sections` (of strength, in the page of a run), `timings`, `upgrade`. `repro` writes a case as a
script. Only `cli` imports this room.
"""

__all__ = [
    "case",
    "causes",
    "certificate",
    "claims",
    "diagnosis",
    "difference",
    "digits",
    "explored",
    "golden",
    "junit",
    "machine",
    "matrix",
    "mending",
    "mutants",
    "page",
    "published",
    "reach",
    "repro",
    "sections",
    "terminal",
    "timings",
    "upgrade",
]
