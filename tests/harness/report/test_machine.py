"""The JSON report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN, SUBJECT
from report.made import NASTY, SOME, TALLY, every_ending

from conformance.model import Verdict
from conformance.report import machine


def test_json_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    report = every_ending()
    machine.write(report, tmp_path / "new" / "report.json")
    content = (tmp_path / "new" / "report.json").read_bytes()
    read = json.loads(content)
    assert {"schema", "subject", "provenance", "counts", "results"} <= read.keys()
    assert read["schema"] == "keras-conformance/report/1"
    assert (read["subject"], read["provenance"]) == (["toy.keras3"], report.provenance)
    assert read["exit_status"] == 1
    for row in read["results"]:
        assert row.keys() >= {
            *("id", "target", "aspect", "verdict", "grade", "error_ulp", "headroom", "message"),
        }
    third = next(row for row in read["results"] if row["id"].endswith("/3"))
    assert (third["verdict"], third["grade"]) == ("fail", None)
    assert (third["error_ulp"], third["headroom"]) == (9.0, 2.25)
    assert read["counts"]["results"] == dict(Counter(str(r.verdict) for r in report.results))
    assert next(c for c in read["counts"]["classes"] if c["target"].endswith("Toy")) == {
        "subject": "toy.keras3", "against": "golden", "target": "constraints.Toy", **TALLY, "blocked": 1, "missing": 1,
    }  # fmt: skip
    assert content.isascii()
    assert next(r for r in read["results"] if r["id"].endswith("/8"))["message"] == NASTY


def test_json_of_a_run_has_one_result_for_each_case_and_aspect(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "report.json"
    ended = conformance("run", *SUBJECT, *SOME, "--json", path)
    read = json.loads(path.read_text())
    assert read["exit_status"] == ended.status == 1
    rows = Counter((r["subject"], r["against"], r["id"], r["aspect"]) for r in read["results"])
    assert set(rows.values()) == {1}
    assert len({case_id for _, _, case_id, _ in rows}) == sum(
        row["cases"] for row in read["counts"]["classes"]
    )
    assert {r["verdict"] for r in read["results"]} <= {str(v) for v in Verdict}
    provenance = read["provenance"][PLAIN]
    assert (provenance["package"], provenance["version"]) == ("plain_numpy", "1.0")
    assert "tensorflow" not in provenance or isinstance(provenance["tensorflow"], str)
    # Standard JSON: no NaN, no Infinity.
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))
