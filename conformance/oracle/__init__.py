"""The truth: each definition in float64, and for each element how far rounding can move a correct result.

Written from the documents, with NumPy and SciPy; it shares no code with any implementation, and imports
`model` only. Others ask `truths` and `budgets`, or the modules `curves` (activations), `judge` (answers against the truth),
`tolerance` (what golden files carry of it) and `variants` (definitions with one thing changed).
"""

from conformance.oracle.bounded import Bounded
from conformance.oracle.truths import Truth, Unknown, budgets, known, told, truths

__all__ = [
    "Bounded",
    "Truth",
    "Unknown",
    "budgets",
    "curves",
    "judge",
    "known",
    "told",
    "tolerance",
    "truths",
    "variants",
]
