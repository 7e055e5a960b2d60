"""`conformance explain`: every id and word of a report, in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import SUBJECT

from conformance import expectations
from conformance.cases import levels
from conformance.changes.differences import Group
from conformance.judge.compare import aspects
from conformance.model import Fault, Grade, Verdict
from conformance.report import explain
from conformance.vectors import store


def test_every_word_of_a_report_is_in_the_glossary(golden: Path) -> None:
    known = {(term.kind, term.name) for term in explain.glossary.terms(golden)}
    for kind, words in (
        ("verdict", Verdict),
        ("grade", Grade),
        ("fault", Fault),
        ("level", levels.Level),
    ):
        assert {(kind, str(word)) for word in words} <= known
    flags = json.loads((golden / "schema.json").read_text())["$defs"]["flag"]["oneOf"]
    assert {("flag", flag["const"]) for flag in flags} <= known
    # One file for each kind of answer there is.
    files = ("constraints/get", "constraints/MaxNorm", "layers/Layer", "models/Sequential")
    asked = {
        ("aspect", aspect)
        for name in (*files, "initializers/GlorotNormal", "layers/Dense")
        for entry in store.load(golden / f"{name}.json").cases
        for outcomes in entry.expected.values()
        for outcome in outcomes
        for by_law in (False, True)
        for aspect in aspects(outcome, by_law)
    }
    assert asked <= known
    assert Group  # whose words `diff` explains itself


def heads(name: str, golden: Path) -> list[str]:
    return [parts[0].text for parts in explain.explain(name, golden)]


@pytest.fixture
def some(golden_of: Callable[[tuple[str, ...]], Path]) -> Path:
    return golden_of(("constraints.NonNeg", "constraints.RadialConstraint"))


def test_each_kind_of_id_is_explained(some: Path) -> None:
    golden = some
    assert heads("radial-order", golden)[0].startswith("radial-order: a finding about official")
    assert heads("constraints-keras2/radial-example", golden)[0].endswith("a claim of a document")
    assert heads("keras@jax.toml:3", golden) == ["keras@jax.toml:3: a known failure"]
    assert heads("keras@jax.toml entry 3", golden) == heads("keras@jax.toml:3", golden)
    assert heads("slope-of-abs", golden) == [
        "keras@jax.md, slope-of-abs: a cause of known failures"
    ]
    assert heads("zero-sign", golden) == ["zero-sign: an aspect"]
    assert heads("gradient", golden) == ["gradient: an aspect", "gradient: a flag"]
    assert heads("constraints.NonNeg", golden)[0].startswith("constraints.NonNeg: a class")
    case = "constraints.NonNeg/value/nan-float32"
    assert heads(case, golden) == [f"{case}: a case of constraints.NonNeg (keras2, keras3)"]


def test_a_finding_says_since_when_and_what_to_do(some: Path) -> None:
    (parts,) = explain.explain("radial-order", some)
    told = {part.head: part.text for part in parts if part.head}
    assert told["seen in"] == "tf_keras 2.21.0"
    assert told["to do"].startswith("Trust what official Keras does")
    assert told["cases"].startswith("50: ")
    assert parts[-1].code
    assert "RadialConstraint()(w)" in parts[-1].text


def test_every_entry_that_comes_with_the_suite_has_an_id_that_leads_to_it() -> None:
    known = explain.Known(store.default_directory())
    for entry in list(known.every_entry())[::97]:
        found = known.entry(explain.identity(entry))
        assert found is not None
        assert found.source == entry.source


def test_a_link_to_a_page_leads_to_its_section(some: Path) -> None:
    folder = Path(expectations.__file__).parent
    entry = next(e for e in expectations.load(folder / "keras@jax.toml") if "@jax.md" in e.link)
    (parts,) = explain.explain(entry.link, some)
    assert parts[0].text.startswith(entry.link)


def test_an_unknown_id_is_one_sentence(conformance: Callable[..., Any], few: Path) -> None:
    ended = conformance("explain", "zero-sgin", "--golden", str(few))
    assert ended.status == 2
    assert ended.sentence().endswith("received 'zero-sgin'; did you mean 'zero-sign'?")
    assert conformance("explain").sentence().endswith("received neither")


def test_of_a_subject_it_says_why(conformance: Callable[..., Any], few: Path) -> None:
    case = "constraints.NonNeg/value/nan-float32"
    ended = conformance("explain", case, *SUBJECT, "--golden", str(few))
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(f"module:plain_numpy:keras3 passes {case}")


@pytest.mark.parametrize(
    ("text", "source", "when"),
    [
        ("It is refused; since Keras 3.15 it must be a dict.", "", "3.15"),
        ("It is not divided, which Keras does since 3.14.", "", "3.14"),
        ("There is none; both came with Keras 3.13.1.", "", "3.13.1"),
        ("Keras 3.15 keeps it.", "keras==3.10.0.toml entry 1", "3.15"),
        ("Keras 3.10.0 on JAX does so.", "keras@jax.toml entry 1", ""),
    ],
)
def test_the_release_is_found_in_a_reason(text: str, source: str, when: str) -> None:
    assert explain.since(text, source) == when


def test_show_says_what_is_known(
    conformance: Callable[..., Any], few: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    case = "constraints.NonNeg/integer/bool"
    mine.write_text(
        f'[[expectation]]\ncases = "{case}"\naspects = ["dtype"]\nreason = "bools stay"\nlink = "x"\n'
    )
    ended = conformance("show", case, *SUBJECT, "--golden", str(few), "--expectations", str(mine))
    assert ended.status == 0, ended.err
    assert "bools stay (mine.toml:1)" in ended.out
    assert "must be int32; got bool" in ended.out
    assert ended.out.splitlines()[-1].endswith(".dtype.name == 'int32'")


def test_a_bug_report_is_markdown(conformance: Callable[..., Any], few: Path) -> None:
    case = "constraints.NonNeg/integer/bool"
    ended = conformance("show", case, *SUBJECT, "--golden", str(few), "--copy-as", "markdown")
    assert ended.status == 0, ended.err
    assert ended.out.startswith("# NonNeg: ")
    for part in (
        "```python",
        "assert ",
        "- expected of step 0",
        "- actual",
        f"Case `{case}`",
        "numpy",
    ):
        assert part in ended.out
