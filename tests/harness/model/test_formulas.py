"""Tensors by formula, and samples of tensors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from conformance.cases.inputs import large
from conformance.model import FLOATS, Formula, FormulaTensor, Given, Input, Tensor, codec
from conformance.model.formulas import places, sampled


def test_elements_are_those_of_the_formula_whatever_the_language() -> None:
    formula = Formula(7, 3, 11, 5, 4)
    tensor = FormulaTensor("float32", (2, 4), formula)
    by_hand = [((7 * i + 3) % 11 - 5) / 4 for i in range(8)]
    assert tensor.values().reshape(-1).tolist() == by_hand
    assert (tensor.size, tensor.storage().shape) == (8, (2, 4))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("over", [1, 16])
def test_the_formulas_of_cases_are_exact_and_use_all_bits_of_the_dtype(
    dtype: str, over: int
) -> None:
    tensor = large((70, 60), dtype, over=over).tensor
    assert isinstance(tensor, FormulaTensor)
    exact = tensor.formula.elements(tensor.size).reshape(tensor.shape)
    assert (tensor.values().astype(np.float64) == exact).all()
    assert np.abs(exact).max() * over <= 1
    assert abs(exact.mean()) * over < 0.01
    # Spread evenly: no value is much more frequent than others.
    counts = np.unique(exact, return_counts=True)[1]
    assert counts.max() <= 2 + exact.size / tensor.formula.modulo


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((7, 3, 0, 5, 4), "modulo must be 1 or more"),
        ((7, 3, 11, 5, 3), "over must be a power of two"),
        ((7, -3, 11, 5, 4), "plus must be an integer from 0"),
        ((7, 3, True, 5, 4), "modulo must be an integer from 0"),
    ],
)
def test_what_is_no_formula_is_refused(fields: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Formula(*fields)


@pytest.mark.parametrize(
    ("dtype", "formula", "said"),
    [
        ("bfloat16", Formula(7, 3, 1000, 5, 4), "exact in bfloat16; one is 994"),
        ("float16", Formula(7, 3, 11, 5, 2**15), "over must be 16384 at most for float16"),
        ("float64", Formula(2**52, 3, 11, 5, 4), "must be 2\\^53 at most"),
        ("int32", Formula(7, 3, 11, 5, 4), "over must be 1 at most for int32"),
        ("uint8", Formula(7, 3, 11, 5, 1), "the least is -5"),
        ("complex64", Formula(7, 3, 11, 5, 4), "real numbers or integers"),
    ],
)
def test_a_dtype_that_does_not_hold_the_elements_is_refused(
    dtype: str, formula: Formula, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        FormulaTensor(dtype, (2, 4), formula)


def test_a_tensor_by_formula_survives_json_and_pickle_as_its_formula() -> None:
    for given in Given:
        one = Input(FormulaTensor("bfloat16", (3, 1000), Formula(7, 3, 251, 125, 128)), given)
        json = codec.input_to_json(one)
        assert "data" not in json
        for again in (
            codec.input_from_json(json),
            codec.literal_from_json(codec.literal_to_json(one)),
            pickle.loads(pickle.dumps(one)),
        ):
            assert again == one
            assert hash(again) == hash(one)
            assert again.tensor.data == one.tensor.data
    other = FormulaTensor("bfloat16", (3, 1000), Formula(7, 4, 251, 125, 128))
    assert one.tensor != other


def test_a_formula_with_other_keys_is_refused() -> None:
    json = {"dtype": "float32", "shape": [2], "formula": {"times": 1}}
    with pytest.raises(ValueError, match="its keys must be"):
        codec.input_from_json(json)


@pytest.mark.parametrize("size", [65, 66, 127, 1000, 131841])
def test_sampled_places_are_distinct_and_reach_both_ends(size: int) -> None:
    found = places(size, 64)
    assert len(set(found.tolist())) == 64
    assert (found[0], found[-1]) == (0, size - 1)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_sample_has_elements_of_large_tensors_and_their_shapes(dtype: str) -> None:
    whole = Tensor.of(np.arange(100.0).reshape(4, 25), dtype)
    small = Tensor.of(np.arange(64.0), dtype)
    found = sampled({"value": whole, "gradient:0-input": small, "input": "unchanged"}, 64)
    taken = found.pop("value")
    assert isinstance(taken, Tensor)
    assert taken.values().tolist() == [99 * j // 63 for j in range(64)]
    assert found == {"shape:value": [4, 25], "gradient:0-input": small, "input": "unchanged"}
