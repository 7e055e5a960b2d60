"""The report as JUnit XML, which every CI system shows: one test per case, one suite per subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from conformance.model import Result, Verdict
from conformance.report import causes
from conformance.runner.report import Report, by_case, case_ending
from conformance.vectors import store

# Characters that XML 1.0 cannot hold, but that a subject's message may have.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, path: Path) -> None:
    """Writes the report to `path`, whole or not at all."""
    store.write(path, to_xml(report))


def to_xml(report: Report) -> bytes:
    """The XML document."""
    root = ElementTree.Element("testsuites", name="keras-conformance")
    suites: dict[tuple[str, str], ElementTree.Element] = {}
    beside = causes.beside(report.plan)
    told: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for cause in causes.causes(report):
        said = causes.what(cause), beside.of(cause).lines()
        for name in cause.ids:
            told.setdefault((cause.subject, name), said)
    for (subject, against, case_id), results in by_case(report.results).items():
        suite = suites.get((subject, against))
        if suite is None:
            name = f"{subject} against {against}"
            suite = ElementTree.SubElement(root, "testsuite", name=name)
            suites[subject, against] = suite
        _case(suite, case_id, results, *told.get((subject, case_id), ("", ())))
    if errors := report.errors():
        suite = ElementTree.SubElement(root, "testsuite", name="expectations and baseline")
        for line in errors:
            test = ElementTree.SubElement(suite, "testcase", classname="gate", name=_clean(line))
            ElementTree.SubElement(test, "failure", message=_clean(line))
    for suite in root:
        for attribute, tag in (("failures", "failure"), ("skipped", "skipped")):
            suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
        suite.set("tests", str(len(suite)))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(
    suite: ElementTree.Element,
    case_id: str,
    results: Sequence[Result],
    why: str,
    known: Sequence[str],
) -> None:
    """A case: `why` and `known` are what is said of the cause of its failure."""
    test = ElementTree.SubElement(
        suite, "testcase", classname=results[0].target, name=_clean(case_id)
    )
    ending = case_ending(results)
    lines = [
        f"{r.aspect}: {r.verdict}: {r.message}"
        for r in results
        if r.verdict not in (Verdict.PASS, Verdict.BLOCKED)
    ]
    text = _clean("\n".join(lines))
    if ending == "failed":
        failed = [r.aspect for r in results if r.verdict in (Verdict.FAIL, Verdict.MISSING)]
        aspects = ", ".join(failed) or str(Verdict.UNEXPECTED_PASS)
        # Services that show tests group them by this message: it is that of the cause.
        message = _clean(f"{aspects}: {why}" if why else aspects)
        ElementTree.SubElement(test, "failure", message=message).text = _clean(
            "\n".join([text, *known])
        )
    elif ending in ("unsupported", "known"):
        ElementTree.SubElement(test, "skipped", message=ending).text = text


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
