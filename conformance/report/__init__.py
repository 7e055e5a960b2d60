"""Reports for people and machines: terminal, HTML, Markdown, JUnit, JSON, repros.

A run has a module for each format: `terminal`, `page`, `junit`, `machine`. Everything else that is reported has
one module: `advice` (for an upgrade), `bug` (a case as a bug report), `case` (one case in full), `causes` (of failures),
`certificate`, `claims`, `diagnosis` (of the doctor), `difference` (of two runs), `digits` (of activations), `explain`
(any id or word), `explored`, `golden` (of golden files), `matrix`, `mending` (of findings), `mutants`, `published`
(reports), `reach` (what
of the API is asked), `sections` (of strength, in the page of a run), `timings`, `upgrade`. `repro` writes a case as a
script. Only `cli` imports this room.
"""

__all__ = [
    "advice",
    "bug",
    "case",
    "causes",
    "certificate",
    "claims",
    "deployed",
    "diagnosis",
    "difference",
    "digits",
    "explain",
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
