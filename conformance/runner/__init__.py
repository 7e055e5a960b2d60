"""Runs: asks subjects the cases, judges their answers, and collects the verdicts in a report.

Modules: `report` (plan and report), `run` (one run), `baseline` (against an earlier report), `parts` and `processes` (its work, in several processes),
`saved` (reports that were written), `hints` (what failures are near to),
`judging` (expectations applied), `memory` (what failed last time), `matrix` (several subjects), `doctor` (is an adapter in order?), `bench` (speed),
`pytest_plugin`.
It imports `expectations` and what lies below. How a report looks is the business of the room `report`.
"""

__all__ = [
    "baseline",
    "bench",
    "doctor",
    "hints",
    "judging",
    "matrix",
    "memory",
    "processes",
    "pytest_plugin",
    "report",
    "run",
    "saved",
]
