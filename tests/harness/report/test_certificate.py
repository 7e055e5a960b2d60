"""What is certified: explained deviations, counted and told; and what certifies nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from harness import SUBJECT
from report.made import every_ending, result

from conformance.model import Fault, Grade, Verdict
from conformance.report import certificate
from conformance.runner.report import Plan, Report
from conformance.subjects.base import Mode
from conformance.vectors import digests

KNOWN = """
[[expectation]]
cases = {cases}
aspects = {aspects}
reason = "NumPy {why}; <so>"
link = "https://example.org/{number}"
"""


def good(golden: Path, *select: str, **changes: Any) -> Report:
    """Of 2001 comparisons all but one pass, and one of these is unsupported."""
    report = Report(Plan(subjects=("toy",), golden=golden, select=select))
    report.provenance = {"toy.keras3": {"package": "toy", "version": "2|3", "machine": "vax"}}
    report.planned = 2001
    passed = [result(n, Verdict.PASS, grade=Grade.BITWISE) for n in range(2000)]
    report.results = [*passed, result(2000, Verdict.UNSUPPORTED, **changes)]
    return report


def test_a_page_and_a_badge_say_what_passed_and_why_the_rest_does_not(
    conformance: Callable[..., Any], golden_of: Callable[..., Path], tmp_path: Path
) -> None:
    directory = golden_of(("constraints.MaxNorm/arguments/*", "constraints.MaxNorm/value/*"))
    known, html, markdown, badge = (
        tmp_path / name for name in ("known.toml", "c.html", "c.md", "c.svg")
    )
    asked = (*SUBJECT, "--golden", directory, "--in-process")
    files = ("--html", html, "--markdown", markdown, "--badge", badge)
    refused = conformance("certify", *asked, *files)
    assert refused.status == 1
    assert re.fullmatch(
        r"conformance: nothing is certified for module:plain_numpy:keras3: \d+ comparisons fail and "
        r"no expectation says why \(.*\)",
        refused.sentence(),
    )
    assert not any(file.exists() for file in (html, markdown, badge))
    conformance("run", *asked, "--write-expectations", known)
    untriaged = conformance("certify", *asked, *files, "--expectations", known)
    assert untriaged.status == 1
    assert "without a reason (it is untriaged)" in untriaged.sentence()
    text = re.sub(r'reason = "untriaged.*"', 'reason = "NumPy rounds; <so>"', known.read_text())
    known.write_text(re.sub(r'link = ""', 'link = "https://example.org/1"', text))
    ended = conformance("certify", *asked, *files, "--expectations", known)
    assert ended.status == 0, ended
    said = re.fullmatch(
        r"Keras conformance of module:plain_numpy:keras3: (\d+\.\d) %, 1 deviation(?:, \d+ unsupported)?\n",
        ended.out,
    )
    assert said
    passed, cases = map(
        int, re.findall(r"(\d+) of (\d+) comparisons passed", markdown.read_text())[0]
    )
    assert 50 < passed < cases
    assert float(said[1]) == int(1000 * passed / cases) / 10
    assert "NumPy rounds; &lt;so&gt;" in html.read_text()
    assert digests.digest(directory) in html.read_text()
    assert digests.digest(directory) in markdown.read_text()
    drawn = ElementTree.fromstring(badge.read_text())
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["Keras conformance", ended.out.strip().partition("keras3: ")[2]]


def test_all_means_all_and_a_part_is_told(golden: Path, tmp_path: Path) -> None:
    whole = certificate.certificate(good(golden), "toy")
    assert whole.words == "99.9 %, 0 deviations, 1 unsupported"
    part = certificate.certificate(good(golden, "constraints*"), "toy")
    assert part.words.endswith("(of 2001 selected cases)")
    certificate.write_markdown(part, tmp_path / "c.md")
    assert "**Only a part of the suite was asked**" in (tmp_path / "c.md").read_text()
    assert "2\\|3" in (tmp_path / "c.md").read_text()
    other = certificate.certificate(good(golden, aspect="shape"), "toy")
    assert other.goldens == whole.goldens
    assert other.answers != whole.answers


def test_deviations_are_told_by_cause_with_their_faults(golden: Path, tmp_path: Path) -> None:
    entries = [
        ('["*/3"]', '["value"]', "rounds", 1),
        ('["*/4"]', '["value"]', "rounds; and more", 1),
        ('["*/5"]', '["value"]', "flushes", 2),
    ]
    known = tmp_path / "known.toml"
    known.write_text(
        "".join(KNOWN.format(cases=c, aspects=a, why=w, number=n) for c, a, w, n in entries)
    )
    report = good(golden)
    report.plan = replace(report.plan, expectations=(known,))
    for number, (*_, why, link), fault in zip(
        (3, 4, 5), entries, ("subject", None, "platform"), strict=True
    ):
        report.results[number] = result(
            number,
            Verdict.KNOWN_FAILURE,
            message=f"known: NumPy {why}; <so> (https://example.org/{link}); 9 ULP",
            fault=fault and Fault(fault),
        )
    one, two = certificate.certificate(report, "toy").deviations
    assert (one.link, one.ids) == (
        "https://example.org/1",
        {f"constraints.Toy/group/{n}" for n in (3, 4)},
    )
    assert one.reasons == ["NumPy rounds; <so>", "NumPy rounds; and more; <so>"]
    assert one.faults == {"subject": 1, "no truth to ask": 1}
    assert (two.reasons, two.faults) == (["NumPy flushes; <so>"], {"platform": 1})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"crashed": "toy has ended"}, "toy has ended"),
        ({"interrupted": True}, "the run was interrupted"),
        ({"stale": ["an entry matches nothing"]}, "an entry matches nothing"),
        ({"untriaged": {"toy.keras3": {"a", "b"}}}, "2 cases have an expectation without a reason"),
        ({"results": [result(1, Verdict.UNSUPPORTED)]}, "the subject answered nothing"),
        ({"results": every_ending().results}, "4 comparisons fail"),
    ],
)
def test_what_certifies_nothing_says_why(golden: Path, changes: dict[str, Any], why: str) -> None:
    report = good(golden)
    for name, value in changes.items():
        setattr(report, name, value)
    with pytest.raises(certificate.NotCertified) as refused:
        certificate.certificate(report, "toy")
    assert str(refused.value).startswith(f"nothing is certified for toy: {why}")
    assert refused.value.exit_status == 1


def test_another_golden_file_is_another_digest(few: Path, tmp_path: Path) -> None:
    (tmp_path / "constraints").mkdir()
    for path in (few / "constraints").iterdir():
        (tmp_path / "constraints" / path.name).write_bytes(path.read_bytes())
    assert digests.digest(tmp_path) == digests.digest(few)
    (tmp_path / "constraints" / "NonNeg.json").rename(tmp_path / "constraints" / "NonNag.json")
    assert digests.digest(tmp_path) != digests.digest(few)


def test_the_page_tells_the_command_that_asks_the_same(golden: Path, tmp_path: Path) -> None:
    known = tmp_path / "my known.toml"
    known.write_text("")
    report = good(golden, "constraints.*")
    report.plan = replace(report.plan, expectations=(known,), mode=Mode.GRAPH)
    made = certificate.certificate(report, "toy")
    certificate.write_markdown(made, tmp_path / "c.md")
    text = (tmp_path / "c.md").read_text()
    assert (
        "`conformance certify --subject toy --mode graph --select 'constraints.*' "
        f"--expectations '{known}'`"
    ) in text
    assert "None deviates." in text
    plain = certificate.certificate(good(golden), "toy")
    assert plain.command == "conformance certify --subject toy"
