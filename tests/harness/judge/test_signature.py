"""How a failure looks: the same words for the same mistake, other words for another one."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.judge import signature
from conformance.judge.compare import compare
from conformance.judge.distribution import contract, judge
from conformance.model import (
    Crashed,
    Kind,
    Law,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Tolerance,
    Value,
    Verdict,
)

NORMAL = Law("normal", {"mean": 0.0, "stddev": 1.0})


def of(got: Outcome, wanted: Outcome, aspect: str, tolerance: Tolerance | None = None) -> list[str]:
    (found,) = (c for c in compare([got], [wanted], tolerance or Tolerance()) if c.aspect == aspect)
    assert bool(found.signature) == (found.verdict in (Verdict.FAIL, Verdict.MISSING))
    return list(found.signature)


def tensor(*values: float, dtype: str = "float32") -> Tensor:
    return Tensor.of(np.array(values, dtype=np.float64), dtype)


def value(what: Value) -> Returned:
    return Returned({"value": what})


ONE = value(tensor(1.0))


@pytest.mark.parametrize(
    ("got", "wanted", "phrase"),
    [
        (Raised("call", "value", "no"), ONE, "rejected in call with a value error"),
        (Raised("call", "index", "no"), ONE, "rejected in call with an index error"),
        (Raised("construct", "value", "no"), ONE, "rejected in construct with a value error"),
        (Raised("call", "value", "no"), Raised("construct", "value", ""), "rejected in call instead of construct"),
        (ONE, Raised("construct", "value", ""), "accepted"),
        (Crashed("segmentation fault"), ONE, "crashed"),
        (Crashed("segmentation fault"), Raised("call", "value", ""), "crashed"),
        (TimedOut(3.0), ONE, "timed out"),
    ],
)  # fmt: skip
def test_of_how_a_step_ends(got: Outcome, wanted: Outcome, phrase: str) -> None:
    assert of(got, wanted, "accepted") == [phrase]


def test_of_answers_that_are_too_few_or_too_many() -> None:
    (few,) = (c for c in compare([ONE], [ONE, ONE], Tolerance()) if c.verdict is Verdict.MISSING)
    (many,) = (c for c in compare([ONE, ONE], [ONE], Tolerance()) if c.verdict is Verdict.FAIL)
    assert (few.signature, many.signature) == (("no answer",), ("more answers than steps",))


@pytest.mark.parametrize(
    ("got", "aspect", "phrase"),
    [
        (tensor(1.0, dtype="float64"), "dtype", "float64 instead of float32"),
        (tensor(1.0, dtype="bfloat16"), "dtype", "bfloat16 instead of float32"),
        (tensor(1.0, 2.0), "shape", "another shape"),
        (Tensor.of(np.float32(1.0)), "shape", "rank 0 instead of 1"),
        (None, "value", "null instead of a tensor"),
        (1.0, "value", "a number instead of a tensor"),
        (tensor(np.nan), "nonfinite", "NaN instead of a number"),
        (tensor(-np.inf), "nonfinite", "-Infinity instead of a number"),
        (tensor(np.nextafter(np.float32(1), np.float32(2))), "value", "value off, up to 16 ULP"),
        (tensor(1 + 2.0**-18), "value", "value off, relative error up to 1e-5"),
        (tensor(1.001), "value", "value off, relative error up to 1e-2"),
        (tensor(0.0), "value", "value off, relative error up to 1"),
        (tensor(-1.0), "value", "value off, relative error above 1"),
    ],
)
def test_of_a_tensor(got: Value, aspect: str, phrase: str) -> None:
    assert of(value(got), ONE, aspect) == [phrase]


@pytest.mark.parametrize(
    ("got", "wanted", "phrases"),
    [
        ((1.0, 2.0), (np.nan, np.inf), ["a number instead of Infinity", "a number instead of NaN"]),
        ((np.inf, np.nan), (-np.inf, 1), ["Infinity instead of -Infinity", "NaN instead of a number"]),
    ],
)  # fmt: skip
def test_of_what_is_not_finite_every_kind(
    got: tuple[float, ...], wanted: tuple[float, ...], phrases: list[str]
) -> None:
    assert of(value(tensor(*got)), value(tensor(*wanted)), "nonfinite") == phrases


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_of_the_sign_of_zero(sign: float) -> None:
    found = of(value(tensor(sign * 0.0)), value(tensor(-sign * 0.0)), "zero-sign")
    assert found == ["0.0 instead of -0.0" if sign > 0 else "-0.0 instead of 0.0"]


def test_of_integers_that_are_off_by_how_much() -> None:
    got, wanted = (value(tensor(n, dtype="int32")) for n in (1001, 1000))
    assert of(got, wanted, "value") == ["value off, relative error up to 1e-3"]


def test_the_error_is_relative_to_the_largest_element() -> None:
    """Of what is nearly zero by cancellation, the relative error says nothing that is stable."""
    for tiny in (1e-9, 3e-8):
        got, wanted = value(tensor(1.0, tiny)), value(tensor(1.0, 1e-7))
        assert of(got, wanted, "value") == ["value off, relative error up to 1e-7"]


CONFIG = {"rate": 1.0, "axis": [0], "kernel": {"name": "zeros", "seed": None}, "flag": True}


@pytest.mark.parametrize(
    ("change", "phrases"),
    [
        ({"more": 1}, ["has more"]),
        ({"rate": 2.0}, ["another number at rate"]),
        ({"rate": "1"}, ["a text instead of a number at rate"]),
        ({"rate": float("nan")}, ["NaN instead of a number at rate"]),
        ({"axis": [1]}, ["another number at axis[]"]),
        ({"axis": [0, 1]}, ["a list of another length at axis"]),
        ({"axis": 0}, ["a number instead of a list at axis"]),
        ({"flag": False}, ["false instead of true at flag"]),
        ({"kernel": {"name": "ones", "seed": 3}}, ["a number instead of null at kernel.seed", "another text at kernel.name"]),
        ({"kernel": {"name": "zeros"}}, ["lacks kernel.seed"]),
        ({"kernel": None, "rate": 3}, ["another number at rate", "null instead of a record at kernel"]),
    ],
)  # fmt: skip
def test_of_a_config_every_place(change: dict[str, Value], phrases: list[str]) -> None:
    got: dict[str, Value] = {**CONFIG, **change}
    assert of(Returned({"config": got}), Returned({"config": CONFIG}), "config") == phrases  # type: ignore[dict-item]


def test_of_many_differences_some() -> None:
    wanted = {f"key{n}": n for n in range(20)}
    found = of(Returned({"config": {}}), Returned({"config": dict(wanted)}), "config")
    assert len(found) == 8
    assert found[-1] == "and more"


def test_of_a_value_that_is_missing_which() -> None:
    wanted = Returned({"gradient:0-kernel": tensor(1.0)})
    assert of(Returned({}), wanted, "gradient") == ["no gradient"]


def test_of_steps_that_share_an_aspect_all() -> None:
    got = [value(tensor(1.0, dtype=dtype)) for dtype in ("float16", "float64")]
    (found,) = (c for c in compare(got, [ONE, ONE], Tolerance()) if c.aspect == "dtype")
    assert found.signature == ("float16 instead of float32", "float64 instead of float32")


def test_of_several_magnitudes_the_largest() -> None:
    got = [value(tensor(x)) for x in (1.001, 1.5, 1.01)]
    (found,) = (c for c in compare(got, [ONE] * 3, Tolerance()) if c.aspect == "value")
    assert found.signature == ("value off, relative error up to 1",)


def test_of_a_broken_law_which_promise_without_its_numbers() -> None:
    drawn = [Tensor.of(np.full(100, x, dtype=np.float32)) for x in (3.0, np.nan)]
    uniform = Law("uniform", {"low": -1.0, "high": 1.0})
    sentences = [contract(each, uniform) or "" for each in drawn]
    assert [signature.law(sentence) for sentence in sentences] == [
        "law broken: every draw must lie in [#, #]",
        "law broken: every draw must be finite",
    ]
    wide = np.linspace(-2, 2, 10_000, dtype=np.float32)
    phrases = {signature.law(sentence) for sentence in judge(Tensor.of(wide), NORMAL)[0]}
    assert "law broken: standard deviation, relative to its law's, must be in [#, #]" in phrases
    assert not any(any(c.isdigit() for c in phrase) for phrase in phrases)


def test_of_other_draws_of_the_right_law() -> None:
    generator = np.random.default_rng(1)
    mine, theirs = (
        Returned({"sample": Tensor.of(generator.normal(size=10_000).astype(np.float32))})
        for _ in range(2)
    )
    found = of(mine, theirs, "distribution", Tolerance(Kind.EXACT, law=NORMAL))
    assert found == ["not the draws of official Keras"]


@pytest.mark.parametrize(
    ("expected", "seen", "covers"),
    [
        (["lacks a"], ["lacks a"], True),
        (["lacks a", "has b"], ["lacks a"], True),
        (["lacks a"], ["has b", "lacks a"], False),
        (["lacks a"], ["lacks b"], False),
        (["value off, relative error up to 1e-3"], ["value off, relative error up to 1e-3"], True),
        (["value off, relative error up to 1e-3"], ["value off, relative error up to 1e-5"], True),
        (["value off, relative error up to 1e-3"], ["value off, up to 16 ULP"], True),
        (["value off, relative error up to 1e-3"], ["value off, relative error up to 1e-2"], False),
        (["value off, up to 16 ULP"], ["value off, relative error up to 1e-7"], False),
        (["value off, relative error up to 1"], ["value off, relative error above 1"], False),
        (["value off, relative error above 1"], ["value off, relative error up to 1"], True),
        (["value off, up to 16 ULP"], ["NaN instead of a number"], False),
        (["value off, whatever"], ["value off, up to 16 ULP"], False),
    ],
)
def test_an_expected_signature_covers_what_it_says_and_a_smaller_error(
    expected: list[str], seen: list[str], covers: bool
) -> None:
    assert signature.covers(expected, seen) is covers


@pytest.mark.parametrize(
    ("got", "wanted", "phrase"),
    [
        (("value", ("ValueError",)), ("value", ("ValueError",)), None),
        (("value", ("MyError", "ValueError", "Exception")), ("value", ("ValueError",)), None),
        (("value", ()), ("value", ("ValueError",)), None),
        (("value", ("ValueError",)), ("value", ()), None),
        (("type", ()), ("value", ()), "type error instead of value error"),
        (("value", ("ValueError",)), ("value", ("MyError", "ValueError")), "ValueError instead of MyError"),
    ],
)  # fmt: skip
def test_kinds_of_errors_are_compared_on_request(
    got: tuple[str, tuple[str, ...]], wanted: tuple[str, tuple[str, ...]], phrase: str | None
) -> None:
    mine, theirs = (Raised("call", category, "no", classes) for category, classes in (got, wanted))
    assert [c.aspect for c in compare([mine], [theirs], Tolerance())] == ["accepted"]
    _, found = compare([mine], [theirs], Tolerance(), exceptions=True)
    assert found.aspect == "exception"
    assert found.verdict is (Verdict.FAIL if phrase else Verdict.PASS)
    assert found.signature == ((phrase,) if phrase else ())


def test_the_kind_of_an_error_is_blocked_where_there_is_none() -> None:
    wanted = Raised("call", "value", "no")
    for got in (ONE, Crashed("gone"), TimedOut(1.0)):
        _, found = compare([got], [wanted], Tolerance(), exceptions=True)
        assert (found.aspect, found.verdict) == ("exception", Verdict.BLOCKED)
    assert not [
        c for c in compare([ONE], [ONE], Tolerance(), exceptions=True) if c.aspect == "exception"
    ]
