"""Outcome against outcome within a tolerance: a verdict for each aspect, and how a failure looks.

Modules: `compare` (one answer against the expected one), `signature` (how it fails, in phrases without
numbers), `distribution` (are these draws of that law?), `power` (what that finds). Imports `model` only.
"""

__all__ = ["compare", "distribution", "power", "signature"]
