"""Runs: cases to subjects, answers to verdicts, verdicts to a report as data.

Modules: `report` (plan and report), `run` (one run), `processes` (work in parts), `saved` (reports that were
written), `matrix` (several subjects), `doctor` (is an adapter in order?), `bench` (speed), `pytest_plugin`.
It imports `expectations` and what lies below; how a report looks is the business of `report`.
"""

__all__ = ["bench", "doctor", "matrix", "processes", "pytest_plugin", "report", "run", "saved"]
