"""`conformance strength`: how much the suite catches."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.cli import options
from conformance.model import DIALECTS
from conformance.vectors import store


@click.group()
def strength() -> None:
    """How much the suite catches."""


@strength.command()
@click.option("--json", "json_file", type=options.file(), help="Write it as JSON, with every item.")
@options.golden
def api(json_file: Path | None, golden: Path | None) -> int:
    """Which names, arguments, methods and properties of both official packages the cases ask.

    Ends with 1 where one is neither asked nor excused, as after a release that adds one.
    """
    from conformance.report import reach
    from conformance.strength import api as measured

    options.check_files(json_file)
    files = store.load_all(golden or store.default_directory())
    cases = {
        dialect: [e.case for file in files for e in file.cases if dialect in e.expected]
        for dialect in DIALECTS
    }
    excuses = measured.excuses()
    found = measured.measure(cases, excuses)
    wrong = measured.problems(found, excuses)
    reach.show(found, wrong, options.console)
    if json_file is not None:
        store.write(json_file, (json.dumps(reach.as_json(found, wrong), indent=1) + "\n").encode())
    return int(bool(wrong))
