"""Tolerances of named tensors, and tolerances as numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import OVER, Kind, Over, Tolerance, allowance, codec

SMALL = Tolerance(Kind.ULP, 2, "for this test")
WIDE = Tolerance(Kind.BOUND, why="for another", eps=8.0, scale=2.0, over=Over.BFLOAT16)
EACH = Tolerance(
    Kind.EACH,
    why="for this test",
    tensors={"value": SMALL, "gradient:1-kernel": WIDE, "3/value": WIDE},
)


def test_each_tensor_has_its_own_in_each_step() -> None:
    assert EACH.at(1).of("value") == SMALL
    assert EACH.at(3).of("value") == WIDE
    assert EACH.at(33).of("value") == SMALL
    assert EACH.at(3).of("gradient:1-kernel") == WIDE
    assert EACH.at(3).of("gradient:2-bias") == Tolerance()
    # That of a step knows no steps any more.
    assert EACH.at(3).at(0).of("value") == WIDE


def test_where_a_step_has_none_of_its_own_it_is_exact() -> None:
    only = Tolerance(Kind.EACH, why="w", tensors={"2/value": SMALL})
    assert only.at(1) == Tolerance()
    assert only.at(2).of("value") == SMALL


def test_one_for_all_is_that_of_each() -> None:
    assert SMALL.at(3).of("anything") is SMALL


def test_a_tensor_repeats_no_reason() -> None:
    written: Any = codec.tolerance_to_json(EACH)
    assert written["tensors"]["value"] == {"kind": "ulp", "ulp": 2}
    assert written["tensors"]["3/value"]["why"] == "for another"
    assert codec.tolerance_from_json(json.loads(json.dumps(written))) == EACH


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Tolerance(Kind.EACH, why="w"), "must have tensors where it is of kind each"),
        (lambda: Tolerance(tensors={"value": SMALL}), "must have tensors where it is of kind each"),
        (
            lambda: Tolerance(Kind.EACH, why="w", tensors={"value": Tolerance()}),
            "of the tensor 'value' must be of kind ulp or bound; received exact",
        ),
        (lambda: Tolerance(Kind.EACH, why="w", tensors={"a": EACH}), "received each"),
        (lambda: Tolerance(Kind.EACH, tensors={"a": SMALL}), "must say why"),
        (lambda: Tolerance(Kind.EACH, ulp=1, why="w", tensors={"a": SMALL}), "an each tolerance"),
        (lambda: Tolerance(over=Over.KINK), "to be over 1%; received exact"),
    ],
)
def test_tolerances_of_tensors_must_make_sense(made: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_unit_in_the_last_place_is_that_of_numpy(dtype: str) -> None:
    kind = np.dtype(dtype)
    tiny = np.finfo(kind).smallest_subnormal
    numbers = np.array([1, 1.99, 2, -3, 1e-3, 0.0, tiny, 7 * tiny, np.finfo(kind).max], kind)
    with np.errstate(over="ignore"):
        wanted = np.spacing(np.abs(numbers)).astype(np.float64)
    found = allowance.spacing(numbers, dtype)
    assert found[:-1].tolist() == wanted[:-1].tolist()
    assert found[-1] == float(np.finfo(kind).max) - float(np.nextafter(numbers[-1], kind.type(0)))


def test_what_is_allowed_is_what_the_format_says() -> None:
    numbers = np.array([1.0, -4.0, 0.0, np.inf, np.nan])
    assert allowance.allowed(SMALL, numbers[:2], "bfloat16").tolist() == [2**-6, 2**-4]
    assert allowance.allowed(WIDE, numbers, "float32").tolist() == [
        2**-19, 2**-18, 2**-19, 2**-19, 2**-19,
    ]  # fmt: skip
    assert allowance.allowed(SMALL, numbers[:1], "complex64").tolist() == [2**-22]
    for exactly, dtype in ((Tolerance(), "float32"), (SMALL, "int32")):
        assert not allowance.allowed(exactly, numbers, dtype).any()
    with pytest.raises(ValueError, match="must be of one tensor to be a number; received each"):
        allowance.allowed(EACH, numbers, "float32")


def test_the_page_of_the_format_lists_the_reasons_of_the_schema(golden: Path) -> None:
    page = (golden / "README.md").read_text()
    section = page.partition("### Tolerances")[2].partition("###")[0]
    table = section.partition("| `over` |")[2]
    assert dict(re.findall(r"^\| `(\S+)` \| (.+) \|$", table, re.MULTILINE)) == OVER
    assert json.loads((golden / "schema.json").read_text())["$defs"]["over"]["enum"] == list(Over)
