"""Golden files: reads, checks, selects and writes them. `golden/README.md` describes the format.

One module, `store`. Imports `model` only.
"""

__all__ = ["store"]
