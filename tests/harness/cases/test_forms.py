"""The forms in which cases are written, and the flags that say what a case is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import every_case
from conformance.cases.inputs import listed
from conformance.cases.rows import ALL_WAYS, EXACT, KERAS2, Rows, cell
from conformance.cases.steps import CALL, CONFIG, get, roundtrip
from conformance.model import COMPUTED, DIALECTS, Case, Step
from conformance.vectors import checks

X = listed([1.0, 2.0])
ROW = Rows("layers.Toy")


def details(cases: list[Case]) -> list[str]:
    return [case.id.removeprefix("layers.Toy/group/") for case in cases]


def test_a_row_is_one_case_whose_single_input_and_flag_need_no_tuple() -> None:
    case = ROW("group", "detail", CALL, arguments={"units": 2}, inputs=X, flags="nan")
    expected = Case(
        "layers.Toy/group/detail",
        "layers.Toy",
        DIALECTS,
        {"units": 2},
        (X,),
        (CALL,),
        COMPUTED,
        ("nan",),
    )
    assert case == expected
    exact = ROW("group", "detail", CALL, inputs=(X, X), flags=("nan", "zero"), tolerance=EXACT)
    assert (exact.inputs, exact.flags, exact.tolerance) == ((X, X), ("nan", "zero"), EXACT)


def test_rows_that_are_given_keywords_merge_arguments_and_replace_the_rest() -> None:
    row = ROW.given(arguments={"a": 1, "b": 2}, flags="nan").given(arguments={"b": 3}, flags="zero")
    case = row("group", "detail", CONFIG, arguments={"c": 4})
    assert list(case.arguments.items()) == [("a", 1), ("b", 3), ("c", 4)]
    assert case.flags == ("zero",)
    assert ROW("group", "detail", CONFIG).arguments == {}


def test_a_table_puts_its_cells_where_it_says_or_where_their_type_belongs() -> None:
    row = ROW.given(arguments={"a": 1})
    named = list(row.table("group", {"x": 2, "y": X}, CONFIG, argument="b", prefix="b-"))
    assert details(named) == ["b-x", "b-y"]
    assert [case.arguments for case in named] == [{"a": 1, "b": 2}, {"a": 1, "b": X}]
    typed = list(row.table("group", {"x": X, "y": {"b": 2}}, CONFIG, suffix="-z"))
    assert details(typed) == ["x-z", "y-z"]
    assert [case.inputs for case in typed] == [(X,), ()]
    assert [case.arguments for case in typed] == [{"a": 1}, {"a": 1, "b": 2}]
    made = list(row.table("group", {"x": "relu", "y": {}}, get, CALL, inputs=X))
    assert [case.steps for case in made] == [(get("relu"), CALL), (get({}), CALL)]
    assert [case.arguments for case in made] == [{"a": 1}, {"a": 1}]


def test_cells_without_a_detail_are_named_by_their_values() -> None:
    assert details(list(ROW.table("group", (1, None, ""), CONFIG, argument="a"))) == [
        *("1", "None", "empty")
    ]
    cells = ({}, {"a": (1, 2), "b": "c d"})
    assert details(list(ROW.table("group", cells, CONFIG))) == ["defaults", "a=(1,2),b=c_d"]


def test_a_cell_may_have_keywords_of_its_own() -> None:
    cells = {"x": 1, "y": cell(2, flags="nan", tolerance=EXACT)}
    one, other = ROW.table("group", cells, CONFIG, argument="a", flags="zero")
    assert (one.flags, one.tolerance) == (("zero",), COMPUTED)
    assert (other.flags, other.tolerance, other.arguments) == (("nan",), EXACT, {"a": 2})
    ways = list(ROW.table("group", ALL_WAYS, roundtrip))
    assert details(ways) == ["from_config", "serialize", "legacy"]
    assert [case.dialects for case in ways] == [DIALECTS, DIALECTS, KERAS2]


MISUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "an unknown keyword": (
        lambda: ROW("group", "detail", CONFIG, flag="nan"),
        "layers.Toy/group/detail: a keyword of a row must be one of arguments, custom, dialects, "
        "flags, inputs, tolerance; received 'flag'",
    ),
    "a step of an input that is none": (
        lambda: ROW("group", "detail", Step("call", 1), inputs=X),
        "layers.Toy/group/detail: call must be of one of the 1 inputs, counted from 0; received 1",
    ),
    "a table of nothing": (
        lambda: list(ROW.table("group", {}, CONFIG)),
        "layers.Toy/group: a table must have a cell; received none",
    ),
    "a cell without a place": (
        lambda: list(ROW.table("group", {"x": 5}, CONFIG)),
        "layers.Toy/group/x: a cell must be an input or arguments, unless `argument` or a step "
        "says what it is; received 5",
    ),
    "a cell with two places": (
        lambda: list(ROW.table("group", {"x": 5}, get, argument="a")),
        "layers.Toy/group: a cell must be the argument or a step; received the argument 'a' and a "
        "function that makes a step",
    ),
    "two cells of one name": (
        lambda: list(ROW.table("group", (1, "1"), CONFIG, argument="a")),
        "layers.Toy/group: a table must tell its cells apart; received '1' twice",
    ),
}


@pytest.mark.parametrize("misuse", MISUSED)
def test_misuse_is_refused_with_one_sentence(misuse: str) -> None:
    use, sentence = MISUSED[misuse]
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        use()


def documented_flags(golden: Path) -> dict[str, str]:
    flags = checks.schema(golden)["$defs"]["flag"]["oneOf"]
    return {each["const"]: each["description"] for each in flags}


def test_every_flag_is_documented_and_every_documented_one_is_used(golden: Path) -> None:
    used = {flag for case in every_case() for flag in case.flags}
    documented = documented_flags(golden)
    assert used == documented.keys()
    assert list(documented) == sorted(documented)


def test_the_page_of_the_format_lists_the_flags_of_the_schema(golden: Path) -> None:
    page = (golden / "README.md").read_text()
    section = page.partition("### Flags")[2].partition("###")[0]
    listed_there = re.findall(r"^\| `(\S+)` \| (.+) \|$", section, re.MULTILINE)
    assert listed_there == list(documented_flags(golden).items())
