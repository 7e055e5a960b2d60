"""Values as JSON and back: tensors bit for bit, and text that is always the same."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.model import (
    DIALECTS,
    STORAGE,
    Case,
    Crashed,
    Given,
    Input,
    Kind,
    Over,
    Raised,
    Reference,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Tolerance,
    Unsupported,
    codec,
)


def through_text(value: Any) -> Any:
    return json.loads(codec.text(value))


@st.composite
def tensors(draw: st.DrawFn, dtype: str | None = None) -> Tensor:
    """Any bit pattern of any dtype, so NaN payloads, subnormals and both zeros too."""
    name = dtype or draw(st.sampled_from(sorted(STORAGE)))
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    size = math.prod(shape) * STORAGE[name].itemsize
    data = draw(st.binary(min_size=size, max_size=size))
    if name == "bool":
        data = bytes(byte & 1 for byte in data)
    return Tensor(name, shape, data)


def parts(tensor: Tensor) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Bit patterns of the numbers, real and imaginary parts apart, and which of them are NaN."""
    width = STORAGE[tensor.dtype].itemsize
    values = tensor.values().reshape(-1)
    if values.dtype.kind == "c":
        width //= 2
        values = values.view(values.real.dtype)
    nan = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    return np.frombuffer(tensor.data, dtype=f"<u{width}"), nan


@pytest.mark.parametrize("dtype", sorted(STORAGE))
def test_tensors_survive_bit_for_bit_and_nan_as_nan(dtype: str) -> None:
    @given(tensors(dtype))
    def check(tensor: Tensor) -> None:
        read = codec.tensor_from_json(through_text(codec.tensor_to_json(tensor)))
        assert (read.dtype, read.shape) == (tensor.dtype, tensor.shape)
        (was, was_nan), (now, now_nan) = parts(tensor), parts(read)
        assert (was_nan == now_nan).all()
        assert (was[~was_nan] == now[~was_nan]).all()

    check()


def as_float32(value: Decimal) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(float(value))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False).filter(bool))
@example(0.1)
@example(2.0**-149)
@example(2.0**-126)
@example((2 - 2.0**-23) * 2.0**127)
@example(16777216.0)
def test_decimals_of_float32_are_the_shortest_that_read_back(value: float) -> None:
    tensor = Tensor.of(np.array([value], np.float32))
    (token,) = through_text(codec.tensor_to_json(tensor))["data"]
    written, exact, number = Decimal(repr(token)), Decimal(value), np.float32(value)
    assert as_float32(written) == number
    digits = len(written.normalize().as_tuple().digits)
    if digits == 1:
        return
    quantum = Decimal(1).scaleb(exact.adjusted() - (digits - 2))
    for rounding in (ROUND_FLOOR, ROUND_CEILING):
        assert as_float32(exact.quantize(quantum, rounding)) != number


@given(st.integers(-(2**63), 2**63 - 1))
@example(2**53)
@example(2**53 + 1)
@example(-(2**53))
@example(-(2**53) - 1)
def test_integers_that_a_double_may_miss_are_strings(value: int) -> None:
    written = codec.tensor_to_json(Tensor.of(np.array([value], np.int64)))["data"]
    assert written == [value if abs(value) <= 2**53 else str(value)]
    assert type(written[0]) is (int if abs(value) <= 2**53 else str)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_sign_of_zero_and_what_is_not_finite_have_their_spelling(dtype: str) -> None:
    values = np.array([0.0, -0.0, math.nan, math.inf, -math.inf])
    written = codec.text(codec.tensor_to_json(Tensor.of(values, dtype))["data"])
    assert written == '[0.0, -0.0, "NaN", "Infinity", "-Infinity"]'


def test_a_signalling_nan_is_a_nan() -> None:
    signalling = {"float16": 0x7C01, "bfloat16": 0x7F81, "float32": 0x7F800001}
    for dtype, bits in signalling.items():
        data = bits.to_bytes(STORAGE[dtype].itemsize, "little")
        assert codec.tensor_to_json(Tensor(dtype, (1,), data))["data"] == ["NaN"]


def test_half_precision_is_written_by_value() -> None:
    assert codec.tensor_to_json(Tensor.of(np.array([0.1]), "float16"))["data"] == [0.0999755859375]
    assert codec.tensor_to_json(Tensor.of(np.array([0.1]), "bfloat16"))["data"] == [0.10009765625]


def test_complex_numbers_are_two_numbers_each_real_part_first() -> None:
    written = codec.tensor_to_json(Tensor.of(np.array([1 + 2j, -3 - 0.5j], np.complex64)))
    assert written == {"dtype": "complex64", "shape": [2], "data": [1.0, 2.0, -3.0, -0.5]}


keys = st.text(max_size=5).filter(lambda key: not key.startswith("$"))
names = st.text(min_size=1, max_size=8)


def mappings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(keys.filter(lambda key: key not in ("do", "input")), values, max_size=3)


inputs = st.builds(Input, tensors(), st.sampled_from(Given))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
literals = st.recursive(
    scalars | inputs | st.builds(Reference, st.sampled_from(["class", "function"]), names),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | mappings(inner)
        | st.builds(Reference, st.sampled_from(["instance", "custom"]), names, mappings(inner))
    ),
    max_leaves=6,
)
steps = st.builds(Step, names, st.none() | st.integers(0, 3), mappings(literals))
sized = st.builds(
    Tolerance,
    st.just(Kind.ULP),
    st.integers(1, 100),
    names,
    over=st.none() | st.sampled_from(Over),
) | st.builds(
    Tolerance,
    st.just(Kind.BOUND),
    why=names,
    eps=st.floats(1e-3, 1e3),
    scale=st.floats(0, allow_nan=False),
)
tolerances = (
    st.just(Tolerance())
    | sized
    | st.builds(
        Tolerance,
        st.just(Kind.EACH),
        why=names,
        tensors=st.dictionaries(names, sized, min_size=1, max_size=3),
    )
)
# What a subject is seen to give: tensors, and JSON with any float.
values = tensors() | st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | mappings(inner), max_leaves=6
)
outcomes = (
    st.builds(Returned, mappings(values))
    | st.builds(Raised, names, names, st.text())
    | st.builds(Unsupported, names)
    | st.builds(Crashed, names)
    | st.builds(TimedOut, st.floats(0, 1e6))
)
cases = st.builds(
    Case,
    id=names,
    target=st.just("family.Class"),
    dialects=st.sampled_from([DIALECTS, ("keras2",), ("keras3",)]),
    arguments=mappings(literals),
    inputs=st.lists(inputs, max_size=2).map(tuple),
    steps=st.lists(steps, max_size=2).map(tuple),
    tolerance=tolerances,
    flags=st.lists(names, max_size=2).map(tuple),
    custom=st.none() | names,
)


def spelled(value: Any) -> str:
    """A text that tells apart what `==` does not: 1 and True, 0.0 and -0.0, tuples and lists.

    NaN patterns inside of tensors are made one, since the format keeps NaN as NaN only.
    """
    if isinstance(value, Tensor):
        bits, nan = parts(value)
        return f"{value.dtype}{value.shape}{np.where(nan, 0, bits).tolist()}{nan.tolist()}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(spelled, value))})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k!r}: {spelled(v)}" for k, v in value.items()) + "}"
    if hasattr(value, "__dataclass_fields__"):
        fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
        return f"{type(value).__name__}{spelled(fields)}"
    return repr(value)


@given(literals)
def test_literals_survive(literal: Any) -> None:
    read = codec.literal_from_json(through_text(codec.literal_to_json(literal)))
    assert spelled(read) == spelled(literal)


@given(steps)
def test_steps_survive(step: Step) -> None:
    assert spelled(codec.step_from_json(through_text(codec.step_to_json(step)))) == spelled(step)


@given(outcomes)
def test_outcomes_survive(outcome: Any) -> None:
    read = codec.outcome_from_json(through_text(codec.outcome_to_json(outcome)))
    assert spelled(read) == spelled(outcome)


@given(cases)
def test_cases_survive(case: Case) -> None:
    read = codec.case_from_json(case.target, through_text(codec.case_to_json(case)))
    assert spelled(read) == spelled(case)


@pytest.mark.parametrize(
    ("dtype", "shape", "data", "sentence"),
    [
        ("float32", [2, 3], [1.0] * 5, r"data must have 6 numbers for shape \[2, 3\].*received 5"),
        ("float32", [2], [1.0] * 3, "data must have 2 numbers"),
        ("float32", [], [], "data must have 1 numbers"),
        ("complex64", [2], [1.0] * 2, "data must have 4 numbers"),
        ("int8", [0], [1], "data must have 0 numbers"),
        ("float8", [1], [1.0], "dtype must be one of .*received 'float8'"),
        ("", [1], [1.0], "dtype must be one of .*received ''"),
        ("float32", [1], ["one"], "an element of float32 must be a number; received 'one'"),
        ("int32", [1], ["NaN"], "an element of int32 must be a number; received 'NaN'"),
        # What JSON.stringify makes of a NaN, and what Python and NumPy would quietly convert.
        ("float32", [1], [None], "an element of float32 must be a number; received None"),
        ("float32", [1], [True], "an element of float32 must be a number; received True"),
        ("float32", [1], ["1.5"], "an element of float32 must be a number; received '1.5'"),
        ("int32", [1], [1.5], "an element of int32 must be a number; received 1.5"),
        ("int32", [1], [True], "an element of int32 must be a number; received True"),
        ("bool", [1], ["x"], "an element of bool must be a number; received 'x'"),
        ("bool", [1], [1], "an element of bool must be a number; received 1"),
        ("int8", [2], "12", "data must be a list; received '12'"),
        ("float16", [1], [1e6], "every number must lie in the range of float16"),
        ("float32", [1], [1e39], "every number must lie in the range of float32"),
    ],
)
def test_bad_tensors_are_refused(dtype: str, shape: Any, data: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        codec.tensor_from_json({"dtype": dtype, "shape": shape, "data": data})


def test_an_array_of_a_dtype_that_the_format_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dtype must be one of .*received 'datetime64"):
        Tensor.of(np.array(["2024-01-01"], dtype="datetime64[D]"))


def test_unknown_tags_and_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a tag must be .*received '\$set'"):
        codec.literal_from_json([{"$set": [1]}])
    with pytest.raises(ValueError, match=r"an outcome must be .*received 'invented'"):
        codec.outcome_from_json({"invented": 1})
    with pytest.raises(ValueError, match="not a valid Given"):
        codec.input_from_json({"dtype": "bool", "shape": [], "data": [True], "given": "borrowed"})
    with pytest.raises(ValueError, match="not a valid Kind"):
        codec.tolerance_from_json({"kind": "roughly"})


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be written as JSON: .* of type object"):
        codec.literal_to_json([object()])  # type: ignore[list-item]
    for key in ("$float", 1):
        with pytest.raises(ValueError, match="a key must be a string that does not start with"):
            codec.literal_to_json({key: 1})  # type: ignore[dict-item]


def test_the_canonical_text_tells_apart_what_python_calls_equal() -> None:
    assert codec.text([0.0, -0.0, 1, True, 1.0]) == "[0.0, -0.0, 1, true, 1.0]"
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.text(math.nan)


def test_bfloat16_is_rounded_once() -> None:
    # Just over a tie: rounded to float32 first, it would fall on the tie, and from there to even.
    over = np.array([1 + 2.0**-8 + 2.0**-40, -(1 + 2.0**-8 + 2.0**-40), 1 + 2.0**-8])
    assert Tensor.of(over, "bfloat16").values().tolist() == [1.0078125, -1.0078125, 1.0]


def test_a_tag_stands_alone() -> None:
    with pytest.raises(ValueError, match=r"a tag must be one that the format defines, alone"):
        codec.literal_from_json({"$tuple": [1], "b": 2})
