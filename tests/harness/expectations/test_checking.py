"""lint: the files that come with the suite name cases that there are, causes and findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from expectations import known

from conformance.claims.findings import load_findings
from conformance.expectations import checking
from conformance.vectors import store

CASES_OF_A_FILE = {f"constraints.NonNeg/value/{n}": ("keras2", "keras3") for n in range(3)}
LINT = "constraints.NonNeg/value/"
# As many cases as an entry may be about without a cause that is described, and one more.
TWENTY = {f"{LINT}{n:02}": ("keras2", "keras3") for n in range(20)}
MANY = {**TWENTY, f"{LINT}20": ("keras2", "keras3")}
entry = partial(known.entry, fails=known.OFF)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([entry(f"{LINT}*")], None),
        ([entry(f"{LINT}0"), entry(f"{LINT}1")], None),
        ([entry(f"{LINT}*"), entry(f"{LINT}*", ("shape",))], None),
        ([entry(f"{LINT}*", modes=["xla"]), entry(f"{LINT}*", modes=["graph"])], None),
        ([entry(f"{LINT}*", against=[each]) for each in ("golden", "official")], None),
        ([entry(f"{LINT}*", against=["golden"]), entry(f"{LINT}*")], "already"),
        ([entry(f"{LINT}*", versions="<3"), entry(f"{LINT}*", versions=">=3")], None),
        ([entry(f"{LINT}*", platform={"onednn": on}) for on in (False, True)], None),
        ([entry(f"{LINT}*", platform={"onednn": True}), entry(f"{LINT}*")], "already"),
        ([entry(f"{LINT}9")], "matches no case"),
        ([entry([f"{LINT}1", f"{LINT}9"])], f"'{LINT}9' matches no case"),
        ([entry(f"{LINT}1", reason="untriaged: x", link="")], "is untriaged"),
        ([known.entry(f"{LINT}1")], "keras@torch.toml entry 1: fails must say how its cases fail"),
        ([entry(f"{LINT}1"), known.entry(f"{LINT}2", modes=["xla"])], "entry 2: fails must say"),
        ([entry(f"{LINT}*"), entry(f"{LINT}1")], "entry 2: constraints.NonNeg/value/1 has its aspect"),
    ],
)  # fmt: skip
def test_lint_checks_the_files_that_come_with_the_suite(
    written: list[str], says: str | None, tmp_path: Path
) -> None:
    (tmp_path / "keras@torch.toml").write_text("\n".join(written))
    found = checking.problems(CASES_OF_A_FILE, (), tmp_path)
    assert len(found) == (says is not None)
    assert says is None or says in found[0]


def test_lint_knows_the_dialect_of_a_subject_and_refuses_other_names(tmp_path: Path) -> None:
    cases = {f"{LINT}0": ("keras2",), f"{LINT}1": ("keras3",)}
    (tmp_path / "tf_keras==2.16.0.toml").write_text(entry(f"{LINT}0"))
    (tmp_path / "keras@torch.toml").write_text(entry(f"{LINT}1"))
    assert checking.problems(cases, (), tmp_path) == []
    (tmp_path / "tfjs.toml").write_text(entry(f"{LINT}1"))
    (tmp_path / "something.toml").write_text("")
    assert ["something.toml: must" in f or "matches no case" in f for f in checking.problems(cases, (), tmp_path)] == [True, True]  # fmt: skip


def test_the_files_that_come_with_the_suite_are_in_order(golden: Path) -> None:
    cases = {e.case.id: tuple(e.expected) for f in store.load_all(golden) for e in f.cases}
    findings = {finding.id for finding in load_findings(golden)}
    assert checking.problems(cases, findings) == []


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("keras@torch.md, a-cause-of-16-bits", []),
        ("https://example.org/1", ["keras@torch.md: no entry links to the section"]),
        ("golden/findings.toml, found", ["keras@torch.md: no entry links to the section"]),
        ("golden/findings.toml, lost", ["entry 1: link must be a URL", "no entry links"]),
        ("keras@torch.md, causes", ["entry 1: link must be a URL", "no entry links"]),
        ("keras@jax.md, a-cause-of-16-bits", ["entry 1: link must be a URL", "no entry links"]),
        ("we know", ["entry 1: link must be a URL", "no entry links"]),
    ],
)
def test_links_lead_somewhere_and_causes_are_linked(
    link: str, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "keras@torch.toml").write_text(entry(f"{LINT}1", link=link))
    page = "# Keras on PyTorch\n\n## Causes\n\n### A cause, of 16 bits\n\nText.\n"
    (tmp_path / "keras@torch.md").write_text(page)
    found = checking.problems(CASES_OF_A_FILE, {"found"}, tmp_path)
    assert len(found) == len(told)
    for sentence, part in zip(found, told, strict=True):
        assert part in sentence


@pytest.mark.parametrize(
    ("cases", "link", "refused"),
    [
        (TWENTY, "https://example.org/1", False),
        (MANY, "https://example.org/1", True),
        (MANY, "golden/findings.toml, found", False),
        (MANY, "keras@torch.md, a-cause", False),
    ],
)
def test_an_entry_about_many_cases_names_its_cause(
    cases: Mapping[str, tuple[str, ...]], link: str, refused: bool, tmp_path: Path
) -> None:
    file = tmp_path / "keras@torch.toml"
    (tmp_path / "keras@torch.md").write_text("# Keras on PyTorch\n\n## A cause\n\nText.\n")
    linked = entry(f"{LINT}00", ("shape",), link="keras@torch.md, a-cause")
    file.write_text(linked + "\n" + entry(f"{LINT}*", link=link))
    found = checking.problems(cases, {"found"}, tmp_path)
    assert len(found) == refused
    assert not refused or found[0].startswith(
        "keras@torch.toml entry 2: covers 21 cases; an entry about more than 20 must link to its cause"
    )


def test_both_dialects_of_ours_share_a_page(tmp_path: Path) -> None:
    (tmp_path / "impl.md").write_text("# Ours\n\n## A cause\n\n## Another\n")
    (tmp_path / "impl.keras2.toml").write_text(entry(f"{LINT}1", link="impl.md, a-cause"))
    (tmp_path / "impl.keras3.toml").write_text(entry(f"{LINT}1", link="impl.md, another"))
    assert checking.problems(CASES_OF_A_FILE, (), tmp_path) == []
    (tmp_path / "impl.keras3.toml").write_text(entry(f"{LINT}1", link="impl.keras3.md, another"))
    one, other = checking.problems(CASES_OF_A_FILE, (), tmp_path)
    assert "a section of impl.md" in one
    assert other == "impl.md: no entry links to the section another"


def test_versions_of_a_package_share_their_causes(tmp_path: Path) -> None:
    (tmp_path / "keras==3.1.md").write_text("# One\n\n## A cause\n")
    (tmp_path / "keras==3.1.toml").write_text(entry(f"{LINT}1", link="keras==3.1.md, a-cause"))
    (tmp_path / "keras==3.2.toml").write_text(entry(f"{LINT}1", link="keras==3.1.md, a-cause"))
    assert checking.problems(CASES_OF_A_FILE, (), tmp_path) == []
    (tmp_path / "keras@torch.toml").write_text(entry(f"{LINT}1", link="keras==3.1.md, a-cause"))
    (problem,) = checking.problems(CASES_OF_A_FILE, (), tmp_path)
    assert problem.startswith("keras@torch.toml entry 1: link must be a URL, a section of keras@")


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_what_official_keras_answers_in_two_ways_is_a_finding(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.toml"
    cases = {f"{LINT}1": ("keras2", "keras3")}
    file.write_text(entry(f"{LINT}1", modes=["xla"], link="golden/findings.toml, found"))
    assert checking.problems(cases, {"found"}, tmp_path) == []
    file.write_text(entry(f"{LINT}1", modes=["xla"], link="https://example.org/1"))
    (problem,) = checking.problems(cases, {"found"}, tmp_path)
    assert "is a finding; received 'https://example.org/1'" in problem
