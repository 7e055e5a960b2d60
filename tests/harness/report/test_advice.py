"""The verdict of an upgrade: what to do, the worst first, since when, and why."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from conformance.changes.differences import Change, Group
from conformance.changes.rows import Row
from conformance.changes.severity import Severity, severity
from conformance.changes.subjects import Request, Upgrade
from conformance.expectations import Expectation
from conformance.report import advice, upgrade

DENSE = "layers.Dense"


@pytest.mark.parametrize(
    ("group", "what", "wanted"),
    [
        (Group.VALUES, "losses", Severity.TRAINING),
        (Group.VALUES, "weights after fit", Severity.TRAINING),
        (Group.VALUES, "gradient", Severity.TRAINING),
        (Group.VALUES, "value", Severity.VALUES),
        (Group.VALUES, "value: NaN or infinity", Severity.VALUES),
        (Group.VALUES, "gradient: sign of zero", Severity.COSMETICS),
        (Group.DEFAULTS, "max_value", Severity.VALUES),
        (Group.OTHER, "dtype of value", Severity.VALUES),
        (Group.OTHER, "output shape", Severity.VALUES),
        (Group.CONFIG, "ord added", Severity.COSMETICS),
        (Group.CONFIG, "ord removed", Severity.LOADING),
        (Group.CONFIG, "axis renamed axes", Severity.LOADING),
        (Group.WEIGHTS, "order of weights", Severity.LOADING),
        (Group.WEIGHTS, "name of kernel", Severity.NAMES),
        (Group.WEIGHTS, "kernel renamed weight", Severity.NAMES),
        (Group.OTHER, "resolved", Severity.LOADING),
        (Group.OTHER, "attribute units", Severity.NAMES),
        (Group.OTHER, "warned", Severity.COSMETICS),
        (Group.ACCEPTANCE, "now rejected with a value error in construct", Severity.ERRORS),
        (Group.ACCEPTANCE, "now rejected with a type error in from_config", Severity.LOADING),
    ],
)
def test_a_change_matters_as_much_as_what_it_breaks(
    group: Group, what: str, wanted: Severity
) -> None:
    assert severity(group, what) is wanted


def row(group: Group, what: str, *ids: str, target: str = DENSE) -> Row:
    return Row(group, target, what, Change(group, target, what, ids[0], "1", "2"), list(ids))


def made(golden: Path, *rows: Row, least: Severity = Severity.NAMES) -> Upgrade:
    old, new = "keras==3.12.0", "keras==3.15.1"
    request = Request(old, new, golden, fail_on=least)
    facts = {s: {"package": "keras", "version": s.partition("==")[2]} for s in (old, new)}
    return Upgrade(
        request, old, new, ("keras3", "keras3"), facts, {}, rows=list(rows), asked=9, planned=9
    )


PENALTY = row(
    Group.VALUES, "losses", "layers.Dense/penalised/batch-of-4", "layers.Dense/penalised/activity"
)
ADDED = row(Group.CONFIG, "quantization_config added", "layers.Dense/config/defaults")


def said(found: Upgrade) -> list[str]:
    out = io.StringIO()
    upgrade.summary(found, Console(file=out, width=80))
    return out.getvalue().splitlines()


def test_it_opens_with_what_to_do_and_says_since_when(golden: Path) -> None:
    lines = said(made(golden, ADDED, PENALTY))
    assert lines[0] == "keras==3.12.0 -> keras==3.15.1 (keras3)"
    told = dict(line.split(maxsplit=1) for line in lines[1:9] if line and line[0] != " ")
    assert told["training"].startswith("Dense: losses (since keras 3.14); train again")
    assert told["cosmetics"].rstrip() == "1 change in 1 case, harmless"
    assert {told[str(s)].rstrip() for s in Severity if s not in ("training", "cosmetics")} == {
        "fine"
    }
    text = "\n".join(lines)
    assert text.index("Training: what a model learns") < text.index("Cosmetics: nothing breaks")
    assert "conformance show layers.Dense/penalised/batch-of-4 --subject keras==3.15.1" in text
    assert "penalty of activity_regularizer" in text


def test_nothing_is_fine_before_every_case_was_asked(golden: Path) -> None:
    found = made(golden, ADDED)
    found.interrupted = True
    assert dict(advice.verdict(advice.Advice(found).sections(), partial=True))["values"] == "nothing so far"  # fmt: skip
    assert not any(line.endswith(" fine") for line in said(found))


def test_only_releases_between_the_two_are_told(golden: Path) -> None:
    found = made(golden, PENALTY)
    found.provenance[found.old]["version"] = "3.14.0"  # type: ignore[index]
    ((_, (told,)),) = advice.Advice(found).sections()
    assert (told.since, told.why) == ("", "")


def test_what_must_fail_is_chosen(golden: Path) -> None:
    assert made(golden, ADDED).exit_status() == 0
    assert made(golden, ADDED, least=Severity.COSMETICS).exit_status() == 1
    assert made(golden, PENALTY, least=Severity.TRAINING).exit_status() == 1
    value = row(Group.VALUES, "value", "layers.Dense/by-hand/one")
    assert made(golden, value, least=Severity.TRAINING).exit_status() == 0
    assert made(golden, value, least=Severity.VALUES).exit_status() == 1


@pytest.mark.parametrize(
    ("fails", "what", "about"),
    [
        ("lacks layers[].config.optional", "optional removed", True),
        ("lacks layers[].config.optional", "batch_input_shape renamed batch_shape", False),
        ("another number at ord", "ord", True),
        ("another number at ord", "axis as given", False),
        ("rejected in call with a type error", "axis as given", True),
    ],
)
def test_a_known_failure_is_about_the_key_that_it_names(fails: str, what: str, about: bool) -> None:
    entry = Expectation(("*",), ("config",), "reason", "link", fails=(fails,))
    assert advice._about(entry, row(Group.CONFIG, what, "layers.Dense/config/x")) == about
