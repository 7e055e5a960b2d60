"""The jobs for CI that `conformance init` writes: right for the services that read them, and in themselves.

That their commands have the options that they name is seen in `test_documents`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from check_jsonschema import main as check
from click.testing import CliRunner
from harness import ROOT

HERE = ROOT / "conformance" / "cli" / "templates"
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
# What commands of the suite write, and what they read.
WRITES = ("--json", "--junit", "--html", "--markdown", "--write-baseline")


def refused(kind: str, text: str, folder: Path) -> str:
    """What the schema of the service has against a file; empty where it has nothing."""
    path = folder / f"{kind}.yml"
    path.write_text(text)
    ended = CliRunner().invoke(check, ["--builtin-schema", SCHEMAS[kind], str(path)])
    return "" if ended.exit_code == 0 else ended.output


def source(kind: str) -> str:
    return (HERE / f"{kind}.yml").read_text()


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_template_keeps_to_the_schema_of_its_service(kind: str, tmp_path: Path) -> None:
    assert refused(kind, source(kind), tmp_path) == ""
    wrong = {
        "github": source(kind).replace("runs-on:", "run-on:", 1),
        "gitlab": source(kind).replace("junit: report.xml", "junit: {file: report.xml}"),
    }
    assert "Schema validation errors" in refused(kind, wrong[kind], tmp_path)


def files(command: str) -> Iterator[str]:
    """The files that a command of the suite writes."""
    for option in WRITES:
        yield from re.findall(rf"{option} (\S+)", command)


def commands(steps: list[dict[str, Any]]) -> list[str]:
    return [step["run"] for step in steps if "run" in step]


def test_the_workflow_asks_every_shard_and_merges_all_of_them() -> None:
    jobs = yaml.safe_load(source("github"))["jobs"]
    run, report = jobs["run"], jobs["report"]
    shards = run["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    (asked,) = [c for c in commands(run["steps"]) if c.startswith("conformance run")]
    assert "--shard ${{ matrix.shard }}/" + f"{len(shards)} " in asked
    assert report["needs"] == "run"
    (merged,) = [c for c in commands(report["steps"]) if c.startswith("conformance merge")]
    each = [name for n in shards for name in files(asked.replace("${{ matrix.shard }}", str(n)))]
    assert re.findall(r"report-\d+\.json", merged) == each
    (uploaded,) = [s["with"] for s in run["steps"] if "upload-artifact" in s.get("uses", "")]
    assert uploaded["path"].replace("${{ matrix.shard }}", "2") == each[1]
    (kept,) = [s for s in report["steps"] if "upload-artifact" in s.get("uses", "")]
    assert kept["if"] == "always()"
    assert kept["with"]["path"].split() == list(files(merged))
    first = {name: job["steps"][0]["uses"] for name, job in jobs.items()}
    assert all(uses.startswith("actions/checkout@v") for uses in first.values())


def test_the_gitlab_job_keeps_what_its_command_writes() -> None:
    job = yaml.safe_load(source("gitlab"))["conformance"]
    (asked,) = [line for line in job["script"] if line.startswith("conformance run")]
    kept = job["artifacts"]
    assert kept["when"] == "always"
    assert sorted([*kept["paths"], kept["reports"]["junit"]]) == sorted(files(asked))
