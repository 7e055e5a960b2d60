"""Hints: for each a wrong answer that is planted, of which it is told, and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge.outcomes import tensor

from conformance.judge.hints import (
    Hint,
    Pair,
    draws,
    near,
    numbers,
    places,
    records,
    refusals,
    special,
)
from conformance.judge.hints.draws import CORRECTION
from conformance.model import (
    Array,
    Case,
    Crashed,
    Input,
    Json,
    Kind,
    Law,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Tolerance,
)

# Numbers of either sign and of several sizes; no two have one size, and none is whole.
W = np.array(
    [[0.3, -1.7, 2.45, 0.81], [-0.62, 1.13, -2.9, 0.47], [1.99, -0.35, 0.74, -1.26]], np.float32
)
CUBE = np.linspace(-3.1, 4.7, 24).astype(np.float32).reshape(2, 3, 4) ** 3 / 7
SQUARE = np.array([[0.3, -1.7, 2.45], [-0.62, 1.13, -2.9], [1.99, -0.35, 0.74]], np.float32)


def pair(got: Any, wanted: Any, dtype: str = "float32", **more: Any) -> Pair:
    return Pair(tensor(got, dtype), tensor(wanted, dtype), **more)


def told(of: Any, given: Pair) -> list[str]:
    return [hint.text for hint in of.hints(given)]


NUMBERS: dict[str, tuple[Any, Any]] = {
    "exactly half of the expected value": (W / 2, W),
    "exactly twice the expected value": (W * 2, W),
    "the expected value with the other sign": (-W, W),
    "the square of the expected value": (W * W, W),
    "the square root of the expected value": (np.sqrt(abs(W)), abs(W)),
    "one over the expected value": (1 / W, W),
    "one minus the expected value": (1 - W, W),
    "the absolute value of the expected one": (abs(W), W),
    "the exponential of the expected value": (np.exp(W), W),
    "the logarithm of the expected value": (np.log(abs(W)), abs(W)),
    "negative values are set to zero (as by relu)": (np.maximum(W, 0), W),
    "positive values are set to zero": (np.minimum(W, 0), W),
    "cut to whole numbers": (np.trunc(W * 3), W * 3),
    "rounded to whole numbers": (np.rint(W * 3), W * 3),
    "the square root of 2 times the expected value": (W * np.float32(2**0.5), W),
    "the expected value over the square root of 2": (W / np.float32(2**0.5), W),
    "the square root of 3 times the expected value": (W * np.float32(3**0.5), W),
    "without the correction for the deviation of a truncated normal": (W * np.float32(CORRECTION), W),
    "1.25 times the expected value": (W * 1.25, W),
    "the expected value plus 0.125": (W + 0.125, W),
    "the expected value minus 0.25": (W - 0.25, W),
    "values above 1 are clipped": (np.minimum(W, 1), W),
    "values below -1 and above 1 are clipped": (np.clip(W, -1, 1), W),
    "rounded to bfloat16": (tensor(W, "bfloat16").values(), W),
    "rounded to float16": (W.astype(np.float16), W),
    "zero everywhere": (W * 0, W),
    "one everywhere": (W * 0 + 1, W),
    "the same number everywhere": (W * 0 + 0.7, W),
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_number_for_number(text: str) -> None:
    got, wanted = NUMBERS[text]
    assert told(numbers, pair(got, wanted)) == [text]
    # The right answer needs no hint, and one with a single element that does not fit gets none of these.
    assert told(numbers, pair(wanted, wanted)) == []
    spoilt = np.array(got, np.float32)
    spoilt[1, 2] += 0.37
    assert text not in told(numbers, pair(spoilt, wanted))


def test_rounded_to_float32() -> None:
    wide = W.astype(np.float64) / 3
    given = pair(wide.astype(np.float32), wide, "float64")
    assert told(numbers, given) == ["rounded to float32"]


def test_counts_and_inputs_of_the_case() -> None:
    counts = {"the size of the batch": 5.0}
    divided = pair(W / 5, W, counts=counts)
    assert told(numbers, divided)[0] == "the expected value divided by the size of the batch"
    times = pair(W * 5, W, counts=counts)
    assert told(numbers, times)[0] == "the expected value times the size of the batch"
    inputs = [tensor(W * W - 2)]
    assert told(numbers, pair(W * W - 2, W, inputs=inputs)) == ["the input as it was given"]
    other = told(numbers, pair(2 - W * W, W, inputs=inputs))
    assert other == ["the input with the other sign"]


PLACES: dict[str, tuple[Any, Any]] = {
    "transposed: the last two axes are exchanged": (SQUARE.T, SQUARE),
    "the channels are first, not last": (np.moveaxis(CUBE.reshape(2, 2, 3, 2), -1, 1), CUBE.reshape(2, 2, 3, 2)),
    "the channels are last, not first": (np.moveaxis(CUBE.reshape(2, 2, 3, 2), 1, -1), CUBE.reshape(2, 2, 3, 2)),
    "all axes are in reverse order": (CUBE.T, CUBE),
    "the first two axes are exchanged": (np.swapaxes(CUBE, 0, 1), CUBE),
    "reversed along axis 1": (W[:, ::-1], W),
    "reversed along axes 0, 1": (W[::-1, ::-1], W),
    "one place too late along axis 1": (np.concatenate([W[:, :1] * 0, W[:, :-1]], 1), W),
    "one place too early along axis 0": (np.concatenate([W[1:], W[:1] * 0], 0), W),
    "filled column by column, not row by row": (W.ravel(order="F").reshape(3, 4), W),
    "the expected numbers, sorted along the last axis": (np.sort(W, -1), W),
    "the expected numbers in another order": (W.ravel()[[5, 2, 0, 7, 1, 3, 4, 6, 11, 8, 10, 9]].reshape(3, 4), W),
    "the first row in place of every row": (np.broadcast_to(W[:1], W.shape), W),
    "the right numbers with missing axes of size 1": (W, W.reshape(1, 3, 4)),
    "the right numbers with surplus axes of size 1": (W.reshape(3, 1, 4), W),
    "the right numbers in another shape": (W.reshape(2, 6), W),
    "several numbers where their sum is expected": (W, W.sum()),
    "several numbers where their mean is expected": (W, W.mean()),
    "the sum of the expected numbers": (W.sum(), W),
    "the mean of the expected numbers": (W.mean(), W),
    "the expected numbers, added up along axis 1": (W.sum(1), W),
    "the expected numbers, averaged along axis 0": (W.mean(0), W),
    "only the first of axis 0": (W[0], W),
    "right as far as it goes: the end is cut off": (W[:, :3], W),
    "right as far as it goes: the end is too long": (W, W[:2]),
}  # fmt: skip


@pytest.mark.parametrize("text", PLACES)
def test_the_same_numbers_elsewhere(text: str) -> None:
    got, wanted = PLACES[text]
    said = told(places, pair(got, wanted))
    assert said[0] == text
    assert len(said) == 1
    assert told(places, pair(wanted, wanted)) == []
    spoilt = np.array(got, np.float32)
    spoilt.flat[-1] += 0.37
    spoilt.flat[0] -= 0.41
    assert told(places, pair(spoilt, wanted)) == []


INF, NAN = np.inf, np.nan
SPECIAL: dict[str, tuple[Any, Any]] = {
    "NaN where 0 is expected (0 divided by 0)": ([NAN, 1.5, NAN], [0, 1.5, 0]),
    "0 where NaN is expected: NaN is not passed on": ([0, 1.5], [NAN, 1.5]),
    "a number where NaN is expected: NaN is not passed on": ([2.5, 1.5], [NAN, 1.5]),
    "NaN where a number is expected": ([NAN, 1.5], [0.5, 1.5]),
    "NaN where an infinity is expected": ([NAN, 1.5], [INF, 1.5]),
    "an infinity where NaN is expected": ([INF, 1.5], [NAN, 1.5]),
    "the largest number of the dtype where an infinity is expected": (
        [3.4028235e38, 1.5],
        [INF, 1.5],
    ),
    "a number where an infinity is expected: it does not overflow": ([5e37, 1.5], [INF, 1.5]),
    "0 where an infinity is expected": ([0, 1.5], [INF, 1.5]),
    "an infinity where a number is expected: something overflows on the way": (
        [INF, 1.5],
        [3e38, 1.5],
    ),
    "an infinity where 0 is expected": ([INF, 1.5], [0, 1.5]),
    "an infinity of the other sign": ([-INF, 1.5], [INF, 1.5]),
    "numbers below the least normal one are flushed to zero": ([0, 1.5], [1e-40, 1.5]),
    "numbers below the least normal one are kept": ([1e-40, 1.5], [0, 1.5]),
    "numbers where NaN is expected: NaN is not passed on": ([2.5, 0.0, 1.5], [NAN, NAN, 1.5]),
    "NaN where numbers are expected": ([NAN, NAN, 1.5], [0.0, 2.5, 1.5]),
    "no zero is negative: the sign of -0.0 is lost": ([0.0, 0.0, 1.5], [-0.0, 0.0, 1.5]),
    "every zero is negative": ([-0.0, -0.0, 1.5], [-0.0, 0.0, 1.5]),
    "every zero has the other sign": ([0.0, -0.0, 1.5], [-0.0, 0.0, 1.5]),
}


@pytest.mark.parametrize("text", SPECIAL)
def test_what_stands_where_what_is_expected(text: str) -> None:
    got, wanted = SPECIAL[text]
    assert told(special, pair(got, wanted)) == [text]
    assert told(special, pair(wanted, wanted)) == []
    # What else is wrong, it does not account for.
    if "zero" not in text.partition(":")[0]:
        assert told(special, pair([*got, 7.0], [*wanted, 9.0])) == []


RECORDS: dict[str, tuple[Any, Json]] = {
    "the key 'axis' is missing": ({}, {"axis": 0}),
    "the key 'extra' is surplus": ({"axis": 0, "extra": 1}, {"axis": 0}),
    "the key 'max_value' is spelt 'maxValue'": ({"maxValue": 2}, {"max_value": 2}),
    "the key 'max_value' is spelt 'limit'": ({"limit": 2.5}, {"max_value": 2.5}),
    "the values of 'l1' and 'l2' are exchanged": ({"l1": 0.5, "l2": 0.1}, {"l1": 0.1, "l2": 0.5}),
    "a number as text for 'rate'": ({"rate": "0.5"}, {"rate": 0.5}),
    "null where a number is expected for 'rate'": ({"rate": None}, {"rate": 0.5}),
    "a list of the number for 'axis'": ({"axis": [1]}, {"axis": 1}),
    "a single entry where a list of it is expected for 'axis'": ({"axis": 1}, {"axis": [1]}),
    "the right entries in another order for 'axis'": ({"axis": [1, 0]}, {"axis": [0, 1]}),
    "numbers are rounded to float32": ({"rate": float(np.float32(0.1))}, {"rate": 0.1}),
    "numbers are not rounded to float32, as official Keras does": ({"rate": 0.1}, {"rate": float(np.float32(0.1))}),
    "the number with the other sign for 'rate'": ({"rate": -0.5}, {"rate": 0.5}),
    "a number cut to a whole one for 'rate'": ({"rate": 2}, {"rate": 2.75}),
    "a bool where a number is expected for 'axis'": ({"axis": True}, {"axis": 1}),
    "a number where a bool is expected for 'trainable'": ({"trainable": 1}, {"trainable": True}),
    "other case of letters for 'class_name'": ({"class_name": "Maxnorm"}, {"class_name": "MaxNorm"}),
    "another spelling (underscores, case) for 'class_name'": ({"class_name": "max_norm"}, {"class_name": "MaxNorm"}),
    "another module for 'name'": ({"name": "mine.MaxNorm"}, {"name": "keras.MaxNorm"}),
    "another package before the name for 'registered_name'": ({"registered_name": "MaxNorm"}, {"registered_name": "builtins>MaxNorm"}),
    "null where a text is expected for 'name'": ({"name": None}, {"name": "dense"}),
    "a text where the description of an object is expected for 'init'": ({"init": "zeros"}, {"init": {"class_name": "Zeros"}}),
    "null where the description of an object is expected for 'init'": ({"init": None}, {"init": {"class_name": "Zeros"}}),
    "a value where null is expected for 'seed'": ({"seed": 7}, {"seed": None}),
    "the right entries in another order": ([{"n": 1}, {"n": 2}], [{"n": 2}, {"n": 1}]),
    "the key 'axis' is missing; the key 'rate' is missing": ({}, {"axis": 0, "rate": 1.0}),
}  # fmt: skip


@pytest.mark.parametrize("text", RECORDS)
def test_configurations(text: str) -> None:
    got, wanted = RECORDS[text]
    assert [hint.text for hint in records.hints(got, wanted)] == [text]
    assert list(records.hints(wanted, wanted)) == []
    # A difference that looks like nothing takes the hint away.
    if isinstance(got, dict) and isinstance(wanted, dict):
        assert list(records.hints({**got, "z": 3.25}, {**wanted, "z": 7.5})) == []


MESSAGES = {
    "the argument 'axis' is not taken": "MaxNorm() got an unexpected keyword argument 'axis'",
    "the argument 'shape' has no default": "__call__() missing 1 required positional argument: 'shape'",
    "arguments are not taken by position": "MaxNorm() takes 1 positional argument but 2 were given",
    "arguments by position are in another order": "Dense.__init__() got multiple values for argument 'name'",
    "a list is not taken where NumPy wants a tuple or a number": "'list' object cannot be interpreted as an integer",
    "an array is not taken for a number": "only integer scalar arrays can be converted to a scalar index",
    "an array is compared with if, or with and, or, not": "The truth value of an array with more than one element is ambiguous",
    "None is not taken": "'>' not supported between instances of 'int' and 'NoneType'",
    "an axis is out of bounds: axes may count from the end, or be none": "axis 2 is out of bounds for array of dimension 2",
    "shapes do not broadcast: keepdims may be missing": "operands could not be broadcast together with shapes (3,4) (3,)",
    "an operand is not converted to a tensor first": "unsupported operand type(s) for *: 'list' and 'float'",
    "the attribute 'units' does not exist": "'Dense' object has no attribute 'units'",
    "what was found is not callable": "'dict' object is not callable",
    "a name is not known": "Unknown constraint: 'max_norm'",
    "the configuration holds what JSON cannot": "Object of type ndarray is not JSON serializable",
    "the dtype 'bfloat16' is not known": "data type 'bfloat16' not understood",
    "bfloat16 is not known: NumPy needs ml_dtypes for it": "module 'numpy' has no attribute 'bfloat16'",
    "it calls itself without end": "maximum recursion depth exceeded",
}  # fmt: skip
ANSWER = Returned({"value": tensor(W)})


@pytest.mark.parametrize("text", MESSAGES)
def test_what_an_error_message_is_for(text: str) -> None:
    raised = Raised("call", "type", MESSAGES[text])
    assert [hint.text for hint in refusals.hints(raised, ANSWER)] == [text]
    assert list(refusals.hints(Raised("call", "value", "sorry"), ANSWER)) == []


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("'elu'", "a name is not known"),
        (
            "'>=' not supported between instances of 'list' and 'int'",
            "an operand is not converted to a tensor first",
        ),
        (
            "'list' object has no attribute 'dtype'",
            "an operand is not converted to a tensor first",
        ),
    ],
)
def test_other_words_for_it(message: str, text: str) -> None:
    (hint,) = refusals.hints(Raised("call", "type", message), ANSWER)
    assert hint.text == text


@pytest.mark.parametrize(
    ("got", "wanted", "said"),
    [
        (Crashed("signal 11"), ANSWER, "the process ends: see what it wrote with `conformance show`"),
        (TimedOut(3.0), ANSWER, "no answer in time: --case-timeout gives it more"),
        (ANSWER, Raised("construct", "value", ""), "not refused, as official Keras does in construct: a value error"),
    ],
)  # fmt: skip
def test_other_endings(got: Outcome, wanted: Outcome, said: str) -> None:
    (hint,) = refusals.hints(got, wanted)
    assert hint.text == said
    assert hint.sure is not isinstance(wanted, Raised)


COUNT = 40_000
NORMAL = np.random.default_rng(3).normal(size=4 * COUNT)
CUT = NORMAL[abs(NORMAL) <= 2][:COUNT]
FULL = NORMAL[:COUNT]
EVEN = np.random.default_rng(4).uniform(-1, 1, COUNT)
FANS = {"fan_in": 50.0, "fan_out": 200.0, "fan_avg": 125.0}


def truncated(spread: float = 0.1, mean: float = 0.0) -> Law:
    return Law("truncated_normal", {"mean": mean, "stddev": spread / CORRECTION})


def uniform(limit: float = 0.1) -> Law:
    return Law("uniform", {"low": -limit, "high": limit})


DRAWS: dict[str, tuple[Array, Law]] = {
    "a truncated normal without the correction of its deviation (divide by 0.8796)": (CUT * 0.1, truncated()),
    "normal, not truncated, of the deviation before it is cut": (FULL * 0.1 / CORRECTION, truncated()),
    "a truncated normal that is corrected twice": (CUT * 0.1 / CORRECTION**2, truncated()),
    "normal instead of truncated normal": (FULL * 0.1, truncated()),
    "uniform instead of truncated normal": (EVEN * 0.1 * 3**0.5, truncated()),
    "truncated normal instead of uniform": (CUT * 0.1 / 3**0.5 / CORRECTION, uniform()),
    "normal instead of uniform": (FULL * 0.1 / 3**0.5, uniform()),
    "fan_out instead of fan_in": (EVEN * 0.1 / 2, uniform()),
    "fan_avg instead of fan_in": (EVEN * 0.1 * (50 / 125) ** 0.5, uniform()),
    "the variance is half as large: a limit of sqrt(3 / fan), not sqrt(6 / fan)": (EVEN * 0.1 * 0.5**0.5, uniform()),
    "the variance is twice as large: a deviation of sqrt(2 / fan), not sqrt(1 / fan)": (CUT * 0.1 / CORRECTION * 2**0.5, truncated()),
    "the deviation is twice as large": (EVEN * 0.2, uniform()),
    "the deviation is smaller by the square root of 3: a deviation where a limit is meant": (EVEN * 0.1 / 3**0.5, uniform()),
    "the variance in place of the deviation": (CUT * 0.01 / CORRECTION, truncated()),
    "the root of the deviation in place of it": (CUT * 0.1**0.5 / CORRECTION, truncated()),
    "uniform from 0: the lower limit is ignored": (abs(EVEN) * 0.1, uniform()),
    "uniform between 0 and 1": (abs(EVEN), uniform()),
    "uniform between -1 and 1": (EVEN, uniform()),
    "the mean is ignored": (CUT * 0.1 / CORRECTION, truncated(mean=0.3)),
    "deviation 1: the scale is ignored": (CUT / CORRECTION, truncated()),
    "deviation 0.05, the default": (CUT * 0.05 / CORRECTION, truncated(0.3)),
    "every draw is the same number": (EVEN * 0 + 0.03, uniform()),
}  # fmt: skip


@pytest.mark.parametrize("text", DRAWS)
def test_draws_of_another_law(text: str) -> None:
    values, law = DRAWS[text]
    drawn = tensor(values[None], "float32")
    fans = FANS if "fan_" in text else {}
    assert [hint.text for hint in draws.hints(drawn, law, fans, "fan_in")] == [text]


def test_few_draws_prove_nothing() -> None:
    drawn = tensor(FULL[:12], "float32")
    found = list(draws.hints(drawn, uniform(3.0), {}))
    assert found
    assert not any(hint.sure for hint in found)


DTYPES = {
    "float64, which NumPy computes in unless told otherwise": ("float64", "float32", "float32"),
    "float32 whatever the input: float64 is not kept": ("float32", "float64", "float64"),
    "float32: what is computed in it is not converted back to the dtype of the input": ("float32", "float16", "float16"),
    "the dtype of whole numbers is kept, which must become a float": ("int32", "float32", "int32"),
    "not the dtype of the input": ("float32", "int8", "int8"),
}  # fmt: skip


def asked(*inputs: Tensor, tolerance: Tolerance = Tolerance()) -> Case:  # noqa: B008  (frozen)
    return Case("a.B/c/d", "a.B", inputs=tuple(map(Input, inputs)), tolerance=tolerance)


@pytest.mark.parametrize("text", DTYPES)
def test_dtypes(text: str) -> None:
    got, wanted, given = DTYPES[text]
    right, wrong = (Returned({"value": tensor([1, 2], dtype)}) for dtype in (wanted, got))
    case = asked(tensor([3, 4], given))
    assert near.hints(case, [wrong], [right], ["dtype"]) == {"dtype": [Hint(text)]}


def test_of_whole_numbers_the_dtype_says_all() -> None:
    case = asked(tensor([3, 4], "int8"))
    wrong, right = tensor([0, 0], "int8"), tensor([0.6, 0.8])
    found = near.hints(case, [Returned({"value": wrong})], [Returned({"value": right})], ["value"])
    assert [hint.text for hint in found["value"]] == [near.KEPT_WHOLE]
    # The same zeros in a float are just that.
    zeros = Returned({"value": tensor([0, 0, 0, 0])})
    found = near.hints(case, [zeros], [Returned({"value": tensor([1, 2, 3, 4])})], ["value"])
    assert [hint.text for hint in found["value"]] == ["zero everywhere"]


def test_a_number_that_float32_has_not_is_compared_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(records.hints({"l1": 1e300}, {"l1": 2.5})) == []
        assert list(records.hints({"l1": 2.5}, {"l1": 1e300})) == []


def test_all_tensors_of_an_aspect_must_have_the_hint() -> None:
    def outcome(first: Any, second: Any) -> list[Outcome]:
        return [Returned({"gradient:0-input": tensor(first), "gradient:1-kernel": tensor(second)})]

    case = asked(tensor(W))
    ask: Callable[[list[Outcome]], dict[str, list[Hint]]]
    ask = lambda got: near.hints(case, got, outcome(W, W * 3 + 1), ["gradient"])  # noqa: E731
    assert ask(outcome(W / 2, (W * 3 + 1) / 2)) == {
        "gradient": [Hint("exactly half of the expected value")]
    }
    assert ask(outcome(W / 2, W * 7)) == {}
    # What is right needs no hint.
    assert ask(outcome(W / 2, W * 3 + 1))["gradient"][0].text.startswith("exactly half")


def test_the_tolerance_of_the_tensor_is_room_for_a_guess() -> None:
    loose = Tolerance(Kind.BOUND, why="for this test", eps=1000.0, scale=3.0)
    noise = W / 2 + np.float32(5e-5)
    assert told(numbers, pair(noise, W)) == []
    assert told(numbers, pair(noise, W, tolerance=loose)) == ["exactly half of the expected value"]
