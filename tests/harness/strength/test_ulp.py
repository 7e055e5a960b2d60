"""Errors in units in the last place, of subjects whose errors are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from harness import Ended

import conformance as package
from conformance.model import Case, Outcome, Raised, Returned, Tensor
from conformance.oracle.curves import CURVES, curve_of
from conformance.strength import ulp

STORED: dict[str, Any] = {
    "float16": np.float16,
    "bfloat16": ml_dtypes.bfloat16,
    "float32": np.float32,
}
COTANGENT = [(7 * i % 11 - 5) / 4 for i in range(11)]


@dataclass
class Exact:
    """Rounds the truth correctly; `spoiled` then changes what it has, in the dtype of the case."""

    spoiled: Callable[[Any], Any] = np.asarray
    name: str = "exact"
    dialect: str = "keras3"

    def answer(self, case: Case) -> Sequence[Outcome]:
        activation, dtype = case.arguments["activation"], str(case.arguments["dtype"])
        if activation == "relu6":
            return [Raised("call", "value", "no relu6 here")]
        curve = curve_of(str(activation), self.dialect)
        x = case.inputs[0].tensor.values().astype(np.float64)
        with np.errstate(all="ignore"):
            if case.steps[-1].do == "call":
                held = self.spoiled(curve.value(x).astype(STORED[dtype]))
                return [Returned({"value": Tensor.of(held.astype(np.float64), dtype)})]
            slopes = self.spoiled(curve.slope(x).astype(STORED[dtype])).astype(np.float64)
            factors = np.resize(COTANGENT, len(x))[:, None]
            held = (slopes * factors).astype(STORED[dtype])
            return [Returned({"gradient:0-input": Tensor.of(held.astype(np.float64), dtype)})]


def measured(subject: Any, dtype: str) -> dict[tuple[str, bool], ulp.Row]:
    rows = list(ulp.measure(subject, (dtype,), samples=2000))
    assert len(rows) == ulp.count((dtype,))
    return {(row.activation, row.gradient): row for row in rows}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_what_is_rounded_correctly_is_off_by_half_a_unit(dtype: str) -> None:
    for (name, _), row in measured(Exact(), dtype).items():
        if name == "relu6":
            assert row.refused == "value: no relu6 here"
            continue
        assert row.worst <= 0.5 + 1 / 8
        assert row.exact == row.judged > row.asked / 4
        assert row.nonfinite == 0


def test_a_neighbour_is_off_by_a_unit_and_told_where() -> None:
    def next_up(y: Any) -> Any:
        return np.where(y == np.float16(0.5), np.nextafter(y, np.float16(1)), y)

    rows = measured(Exact(next_up), "float16")
    value = rows["sigmoid", False]
    # The unit of a truth just below a half is half as large as that of the neighbour.
    assert 2 <= value.worst <= 2.5
    assert abs(value.true - 0.5) < 2**-11
    assert value.got == float(np.nextafter(np.float16(0.5), np.float16(1)))
    assert value.exact < value.judged
    assert rows["relu", True].worst == 0


def test_what_is_not_finite_is_counted() -> None:
    def lost(y: Any) -> Any:
        return np.where(y == np.float16(1), np.float16(np.nan), y)

    row = measured(Exact(lost), "float16")["linear", False]
    assert (row.nonfinite, row.judged - row.exact) == (1, 1)


def test_all_numbers_of_sixteen_bits_are_asked_and_every_binade_of_float32() -> None:
    half = ulp.numbers("float16", 0, 0)
    assert len(half) == 2 * 31 * 1024 - 1  # one zero
    brain = ulp.numbers("bfloat16", 0, 0)
    assert len(brain) == 2 * 255 * 128 - 1
    single = ulp.numbers("float32", 5000, 1)
    assert np.array_equal(single, single.astype(np.float32))
    exponents = np.frexp(single[single > 0])[1]
    assert set(range(-125, 129)) <= set(exponents.tolist())
    assert np.array_equal(single, ulp.numbers("float32", 5000, 1))
    assert not np.array_equal(single, ulp.numbers("float32", 5000, 2))
    first = next(ulp.parts("float32", 0, 0))
    assert len(first) == 1 << 20
    assert first[1] == np.float32(1e-45)


def test_the_command(conformance: Callable[..., Ended], tmp_path: Path) -> None:
    file = tmp_path / "ulp.json"
    ended = conformance(
        *("strength", "ulp", "--subject", "impl.keras3", "--dtype", "bfloat16"),
        *("--json", str(file)),
    )
    assert ended.status == 0, ended.err
    assert "impl.keras3: largest error in ULP" in ended.out
    rows = {(r["activation"], r["gradient"]): r for r in json.loads(file.read_text())["rows"]}
    assert rows["relu", False]["worst"] == 0
    assert 0 < rows["tanh", False]["worst"] <= 1
    assert f"{rows['gelu', False]['worst']:.3g}" in ended.out


def test_the_committed_table_has_every_activation_of_every_subject() -> None:
    """Its figures are those of a processor; that it says which is tested where it is written."""
    text = (Path(package.__file__).parent / "ULP.md").read_text()
    subjects = "impl.keras2 | impl.keras3 | keras | tf_keras | keras@torch | keras@jax | tfjs"
    assert text.count(f"| activation | {subjects} |") == len(ulp.DTYPES)
    for name in CURVES:
        assert text.count(f"\n| {name} |") == len(ulp.DTYPES)
    assert "cpu features" in text
