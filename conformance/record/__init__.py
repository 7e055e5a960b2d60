"""Regenerates golden files from the official packages, and decides which answers are admitted.

Modules: `record` (asks, compares, writes), `admission` (admits what the oracle confirms or a finding explains),
`alternatives` (what a case permits beside the official answer), `origins` (the platform that each outcome comes
from), `counts` (how many cases there are), `spread` (how wide tolerances are). Imports every room below `runner`.
"""

__all__ = ["admission", "alternatives", "counts", "origins", "record", "spread"]
