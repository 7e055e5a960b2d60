"""Golden files: reads, checks, selects and writes them. `golden/README.md` describes the format.

Modules: `store`, `checks` (what lint looks for), `digests` (of all files), and `alternatives` (what a case permits beside the official answer, as
JSON). Imports `model` only.
"""

__all__ = ["alternatives", "checks", "digests", "store"]
