"""Golden files: read, checked, selected and written, whole or not at all. The format: `golden/README.md`.

One module, `store`. Imports `model` only.
"""

__all__ = ["store"]
