"""Every finding is well-formed, and official Keras still does what it says."""

from __future__ import annotations

import io
import json
import re
import runpy
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claims.answers import FILES
from rich.console import Console

from conformance.claims.claims import Judged, load
from conformance.claims.findings import SEVERITIES, Finding, elsewhere, load_findings
from conformance.model.errors import UsageError
from conformance.model.platforms import EVERYWHERE
from conformance.report import claims as report
from conformance.subjects import provenance
from conformance.vectors import store

_KEYS = {
    *("id", "claim", "documented", "official", "versions", "severity"),
    *("repro", "impl", "rule", "cases", "claims"),
}
_OPTIONAL = {
    *("beyond", "platform", "answers", "rejections", "fault", "since", "until"),
    *("links", "novel"),
}
_DIRECTORY = store.default_directory()
_WRITTEN: list[dict[str, Any]] = tomllib.loads((_DIRECTORY / "findings.toml").read_text())[
    "finding"
]
_FINDINGS = load_findings(_DIRECTORY)
_CASES = [entry.case for file in FILES for entry in file.cases]
_ELSEWHERE = elsewhere(_FINDINGS, provenance.here())
_HERE = [finding for finding in _FINDINGS if finding.id not in _ELSEWHERE]


# Scripts by name in, what each ended with by name out: "" or a traceback. As in the process of this test,
# what they share is imported once.
_RUNNER = """
import json, sys, traceback, warnings

warnings.simplefilter("ignore")
ended = {}
for name, script in json.load(sys.stdin).items():
    try:
        exec(compile(script, name, "exec"), {"__name__": "repro"})
        ended[name] = ""
    except BaseException:
        ended[name] = traceback.format_exc()
print(json.dumps(ended))
"""


@pytest.fixture(scope="module")
def ended_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Finding], str]:
    """How a repro ends in a process whose environment it may set: one for all that set the same."""
    ended: dict[str, str] = {}

    def of(finding: Finding) -> str:
        if finding.id not in ended:
            first = _environment(finding)
            alike = {f.id: f.repro for f in _HERE if _environment(f) == first}
            done = subprocess.run(
                [sys.executable, "-c", _RUNNER],
                input=json.dumps(alike),
                cwd=tmp_path_factory.mktemp("repros"),
                capture_output=True,
                text=True,
                check=True,
            )
            ended.update(json.loads(done.stdout.splitlines()[-1]))
        return ended[finding.id]

    return of


def _environment(finding: Finding) -> str:
    """The line of a repro that sets environment variables, which TensorFlow reads once; "" without."""
    lines = [line for line in finding.repro.splitlines() if "os.environ" in line]
    assert lines == finding.repro.splitlines()[: len(lines)][:1], "it must come first"
    return "".join(lines)


@pytest.mark.parametrize("finding", _HERE, ids=lambda finding: finding.id)
def test_the_repro_runs_and_shows_it(
    finding: Finding,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended_elsewhere: Callable[[Finding], str],
) -> None:
    # Its last line asserts; a failure means that the behaviour is gone, and the finding is closed.
    if _environment(finding):
        assert ended_elsewhere(finding) == ""
        return
    monkeypatch.chdir(tmp_path)  # where a repro that saves a model leaves it
    script = tmp_path / "repro.py"
    script.write_text(finding.repro)
    with warnings.catch_warnings(action="ignore"):
        runpy.run_path(str(script))


def test_findings_of_another_platform_are_counted(state: Callable[..., Any]) -> None:
    """Of findings that need AVX-512, or a processor of a kind, none is of a platform without."""
    limited = {finding.id for finding in _FINDINGS if finding.platform != EVERYWHERE}
    named = {finding.id for finding in _FINDINGS if finding.id.startswith("onednn-")}
    assert limited == named
    for facts, absent in (
        ({"cpu_features": ["X86_V3", "X86_V4", "AVX512_SPR"]}, set()),
        ({"cpu_features": ["X86_V3", "X86_V4"]}, {"onednn-relu-float16"}),
        (
            {"cpu_features": ["X86_V3"]},
            {"onednn-bfloat16-sums", "onednn-relu-float16", "onednn-unequal-strides"},
        ),
        ({"machine": "aarch64"}, named),
    ):
        state(**facts)
        assert set(elsewhere(_FINDINGS, provenance.here())) == absent
        judged = Judged(load(_DIRECTORY), (), elsewhere=sorted(absent))
        console = Console(file=io.StringIO(), width=200)
        report.summary(judged, console)
        assert isinstance(console.file, io.StringIO)
        told = [
            line for line in console.file.getvalue().splitlines() if "not of this platform" in line
        ]
        count = "1 of them is" if len(absent) == 1 else f"{len(absent)} of them are"
        assert told == [
            f"{count} not of this platform, where the repro does not run: "
            f"{', '.join(sorted(absent))}"
        ] * bool(absent)


@pytest.mark.parametrize("finding", _WRITTEN, ids=lambda f: f["id"])
def test_it_is_well_formed(finding: dict[str, Any]) -> None:
    assert finding.keys() - _OPTIONAL == _KEYS
    assert finding.get("beyond", ["*"]), "an empty list says nothing: leave it out"
    lines = finding["repro"].strip().splitlines()
    assert len(lines) <= 6
    assert lines[-1].startswith("assert ")
    assert finding["severity"] in SEVERITIES
    assert finding["rule"] in (1, 2)
    for bound in ("since", "until"):
        assert re.match(r"(keras|tf_keras|keras-nightly) \d+\.\d+", finding.get(bound, "keras 3.0"))
    if finding["cases"]:
        store.check_select([finding["cases"]], _CASES)


def test_ids_are_unique() -> None:
    assert len({finding.id for finding in _FINDINGS}) == len(_FINDINGS)


def test_links_are_addresses_and_what_is_linked_is_not_novel(tmp_path: Path) -> None:
    """A finding that is written wrong is refused in one sentence that names it."""
    first = (_DIRECTORY / "findings.toml").read_text().split("[[finding]]")[1]
    assert "links" not in first
    for line, says in (
        ('links = "https://example.org/1"', "links must be a list of addresses"),
        ('links = ["http://example.org/1"]', "links must be a list of addresses"),
        ('links = ["https://example.org/1 and more"]', "links must be a list of addresses"),
        ("links = []", "links must be a list of addresses"),
        ("links = [1]", "links must be a list of addresses"),
        ('links = ["https://example.org/1", "https://example.org/1"]', "links must differ"),
        ('novel = "yes"', "novel must be true or false"),
        ('novel = true\nlinks = ["https://example.org/1"]', "novel must not be true where links"),
    ):
        (tmp_path / "findings.toml").write_text(f"[[finding]]{first}\n{line}\n")
        with pytest.raises(UsageError, match=f"^finding {_FINDINGS[0].id}: {says}") as error:
            load_findings(tmp_path)
        assert "\n" not in str(error.value)
    (tmp_path / "findings.toml").write_text(
        f'[[finding]]{first}\nlinks = ["https://example.org/1"]\nnovel = false\n'
    )
    (only,) = load_findings(tmp_path)
    assert (only.links, only.novel) == (("https://example.org/1",), False)


def test_every_report_tells_which_findings_are_known_in_public(tmp_path: Path) -> None:
    linked = [finding for finding in _FINDINGS if finding.links]
    novel = [finding for finding in _FINDINGS if finding.novel]
    assert linked
    assert novel
    judged = Judged(load(_DIRECTORY), ())
    console = Console(file=io.StringIO(), width=200)
    report.summary(judged, console)
    report.write_html(judged, tmp_path / "page.html")
    report.write_markdown(judged, tmp_path / "page.md")
    said = f"{len(linked)} of them have been reported in public (links), {len(novel)} have not"
    assert isinstance(console.file, io.StringIO)
    page, text = ((tmp_path / f"page.{kind}").read_text() for kind in ("html", "md"))
    for told in (console.file.getvalue(), page, text):
        assert said in told
    for link in (link for finding in linked for link in finding.links):
        assert f'<a href="{link}">{link}</a>' in page
        assert link in text
    assert page.count(">novel</span>") == len(novel)
