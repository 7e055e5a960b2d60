"""Outcome against outcome within a tolerance: a verdict for each aspect, and how a failure looks.

Modules: `compare` (one answer against the expected one), `tensors` (element by element), `documented` (what is
right where official Keras is not), `differences` (the ways to differ, each with its words), `signature` (what a
known failure is recognised by), `distribution` (are these draws of that law?), `power` (what that finds), `histogram`
(draws for the eye), `hints` (what a wrong answer would be right for). Imports `model` only.
"""

__all__ = [
    "compare",
    "differences",
    "distribution",
    "documented",
    "hints",
    "histogram",
    "power",
    "signature",
    "tensors",
    "verdicts",
]
