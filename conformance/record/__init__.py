"""Regeneration of golden files from the official packages, and which of their answers are admitted.

Modules: `record` (asks, compares, writes), `admission` (what the oracle confirms or a finding explains),
`origins` (which platform an outcome comes from). Imports every room below `runner`.
"""

__all__ = ["admission", "origins", "record"]
