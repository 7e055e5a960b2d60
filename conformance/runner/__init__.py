"""Runs: asks subjects the cases, judges their answers, and collects the verdicts in a report.

Modules: `report` (plan and report), `run` (one run), `judging` (with expectations), `baseline` (against an earlier
report), `parts` and `processes` (its work, in several processes), `executor` and its modules (who does that work: processes here, or a
cluster), `saved` (reports that were written), `merging` (of shards), `matrix`
(several subjects), `doctor` (is an adapter in order?), `bench` and `suite_bench` (speed), `hints` (what failures are near to),
`memory` (what failed last time), `pytest_plugin`.
It imports `expectations` and what lies below. How a report looks is the business of the room `report`.
"""

__all__ = [
    "baseline",
    "bench",
    "doctor",
    "executor",
    "executor_dask",
    "executor_serving",
    "executor_wire",
    "hints",
    "judging",
    "matrix",
    "memory",
    "merging",
    "processes",
    "pytest_plugin",
    "report",
    "run",
    "saved",
    "suite_bench",
]
