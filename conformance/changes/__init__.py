"""What differs between two runs, two sets of golden files, two subjects, and for whom.

Modules: `reports` (two runs or golden sets), `subjects` (an upgrade, asked case by case), `used` (what of it
matters to a model). Imports `runner`, `record` and what lies below.
"""

__all__ = ["reports", "subjects", "used"]
