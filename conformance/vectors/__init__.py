"""Golden files: reads, checks, selects and writes them. `golden/README.md` describes the format.

Modules: `store`, `checks` (what lint looks for), `collecting` (reading without the garbage collector), `digests` (of all files), and `alternatives`
(what a case permits beside the official answer, as JSON). Imports `model` only.
"""

__all__ = ["alternatives", "checks", "collecting", "digests", "store"]
