"""The command `conformance`: options to plans, and what was found to a report and an exit status.

A file for each group of commands; `program` holds them together. It may import every room, and nobody
imports it but `python -m conformance`.
"""

from conformance.cli.program import cli, main

__all__ = ["cli", "main"]
