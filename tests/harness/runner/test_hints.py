"""Definitions with one thing changed: a planted wrong answer for each, of which it is told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import PLAIN

from conformance.model import (
    Array,
    Case,
    Input,
    Outcome,
    Raised,
    Result,
    Returned,
    Step,
    Tensor,
    Tolerance,
    Verdict,
)
from conformance.model.tolerances import Kind
from conformance.runner import hints as hinting
from conformance.runner.report import Evidence, Plan, Report
from conformance.vectors import store

W = np.array(
    [[0.3, -1.7, 2.45, 0.81], [-0.62, 1.13, -2.9, 0.47], [1.99, -0.35, 0.74, -1.26]], np.float32
)
SQUARE = np.array([[0.3, -1.7, 2.45], [-0.62, 1.13, -2.9], [1.99, -0.35, 0.74]], np.float32)
CUBE = (np.linspace(-3.1, 4.7, 24) ** 3 / 7).astype(np.float32).reshape(2, 3, 4)
SOME = Tolerance(Kind.ULP, 8, "for this test")


def returned(values: Any, dtype: str = "float32") -> Returned:
    return Returned({"value": Tensor.of(np.asarray(values, np.float64), dtype)})


def case(target: str, x: Any, *steps: Step, dtype: str = "float32", **arguments: Any) -> Case:
    given = Input(Tensor.of(np.asarray(x), dtype))
    asked = (*steps, Step("call", 0))
    return Case(f"{target}/a/b", target, ("keras2", "keras3"), arguments, (given,), asked, SOME)


def told(asked: Case, wrong: Any, right: Any, dtype: str = "float32") -> list[str]:
    before = [Returned({}) for _ in asked.steps[:-1]]
    evidence = Evidence([*before, returned(wrong, dtype)], [*before, returned(right, dtype)])
    return [h.text for h in hinting.hints(asked, "keras3", evidence, ["value"]).get("value", [])]


def norm(w: Any, axis: Any = 0) -> Any:
    w = np.asarray(w, np.float64)
    return np.sqrt(np.sum(w * w, axis=axis, keepdims=True))


def unit(w: Any, axis: Any = 0, epsilon: float = 1e-7) -> Any:
    return w / (epsilon + norm(w, axis))


def limited(
    w: Any, low: Any = 0.0, high: Any = 1.0, rate: float = 1.0, axis: Any = 0, epsilon: float = 1e-7
) -> Any:
    n = norm(w, axis)
    return w * (rate * np.clip(n, low, high) + (1 - rate) * n) / (epsilon + n)


SMALL = W * np.float32(1e-7)
UNIT, MAX, MIN_MAX = (f"constraints.{name}" for name in ("UnitNorm", "MaxNorm", "MinMaxNorm"))
CONSTRAINTS: dict[str, tuple[Case, Any, Any]] = {
    "an epsilon of 0, not 1e-7": (case(UNIT, SMALL * 1e-4), unit(SMALL * 1e-4, 0, 0.0), unit(SMALL * 1e-4)),
    "an epsilon of 1e-4, not 1e-7": (case(UNIT, SMALL * 1e-2), unit(SMALL * 1e-2, 0, 1e-4), unit(SMALL * 1e-2)),
    "an epsilon of 1e-12, not 1e-7": (case(UNIT, SMALL * 1e-4), unit(SMALL * 1e-4, 0, 1e-12), unit(SMALL * 1e-4)),
    "an epsilon of 1e-8, not 1e-7": (case(UNIT, SMALL), unit(SMALL, 0, 1e-8), unit(SMALL)),
    "an epsilon of 1e-6, not 1e-7": (case(MAX, SMALL), limited(SMALL, 0, 2, epsilon=1e-6), limited(SMALL, 0, 2)),
    "an epsilon of 1e-3, not 1e-7": (case(UNIT, W), unit(W, 0, 1e-3), unit(W)),
    "the norm is along axis 1": (case(UNIT, CUBE), unit(CUBE, 1), unit(CUBE)),
    "the norm is along axis 0": (case(UNIT, CUBE, axis=1), unit(CUBE, 0), unit(CUBE, 1)),
    "the norm is of the whole tensor": (case(UNIT, CUBE, axis=1), unit(CUBE, None), unit(CUBE, 1)),
    "of several axes the first alone is taken": (case(UNIT, CUBE, axis=[1, 2]), unit(CUBE, 1), unit(CUBE, (1, 2))),
    "of several axes the last alone is taken": (case(UNIT, CUBE, axis=[0, 1]), unit(CUBE, 1), unit(CUBE, (0, 1))),
    "the norm is along the other axes": (case(UNIT, CUBE, axis=[1, 2]), unit(CUBE, 0), unit(CUBE, (1, 2))),
    "the norm is along all other axes": (case(UNIT, CUBE, axis=1), unit(CUBE, (0, 2)), unit(CUBE, 1)),
    "the argument rate is ignored": (case(MIN_MAX, W, rate=0.25), limited(W), limited(W, rate=0.25)),
    "rate and 1 - rate are exchanged": (case(MIN_MAX, W, rate=0.25), limited(W, rate=0.75), limited(W, rate=0.25)),
    "the argument max_value is ignored": (case(MAX, W, max_value=0.5), limited(W, 0, 2), limited(W, 0, 0.5)),
    "the inputs are rounded to float16 first": (case(UNIT, W), unit(W.astype(np.float16)), unit(W)),
    "the inputs are rounded to bfloat16 first": (case(UNIT, W), unit(Tensor.of(W, "bfloat16").values()), unit(W)),
}  # fmt: skip
# Of one mistake there may be two right descriptions.
SAME = {
    "the norm is along axis 0": {"the argument axis is ignored", "the norm is along axis 0"},
    "the norm is along the other axes": {"the argument axis is ignored", "the norm is along axis 0", "the norm is along the other axes"},
    "of several axes the first alone is taken": {"the norm is along axis 1", "of several axes the first alone is taken"},
    "of several axes the last alone is taken": {"the norm is along axis 1", "of several axes the last alone is taken"},
    "the norm is along all other axes": {"the norm is along all other axes"},
}  # fmt: skip


def check(table: Mapping[str, tuple[Case, Any, Any]], text: str) -> None:
    asked, wrong, right = table[text]
    said = told(asked, wrong, right)
    assert text in said
    assert set(said) <= SAME.get(text, {text})
    assert told(asked, right, right) == []
    spoilt = np.array(wrong, np.float64)
    for end in (0, -1):
        spoilt.flat[end] = spoilt.flat[end] * 1.01 + 0.003
    # A rounded answer of which two numbers are off is as inexact as one of a narrower dtype.
    assert [said for said in told(asked, spoilt, right) if not said.startswith("as inexact")] == []


@pytest.mark.parametrize("text", CONSTRAINTS)
def test_constraints(text: str) -> None:
    check(CONSTRAINTS, text)


def orthogonal(w: Any, factor: float = 0.01, divisor: float = 0.0) -> Any:
    unit_ = w / norm(w, 1)
    products = abs(unit_ @ unit_.T) * (1 - np.eye(len(w)))
    return factor * products.sum() / (divisor or len(w) * (len(w) - 1))


D = W.astype(np.float64)
A, S = abs(D).sum(), (D * D).sum()
REGULARIZERS: dict[str, tuple[Case, Any, Any]] = {
    "exactly half of the expected value": (case("regularizers.L2", W), 0.005 * S, 0.01 * S),
    "exactly twice the expected value": (case("regularizers.L1", W), 0.02 * A, 0.01 * A),
    "the mean, not the sum": (case("regularizers.L2", W, l2=0.3), 0.3 * S / 12, 0.3 * S),
    "divided by the size of the first axis, as of a batch": (case("regularizers.L1", W, l1=0.3), 0.3 * A / 3, 0.3 * A),
    "the factor is squared": (case("regularizers.L2", W, l2=0.3), 0.09 * S, 0.3 * S),
    "the factor is ignored": (case("regularizers.L2", W, l2=0.3), S, 0.3 * S),
    "squares in place of absolute values": (case("regularizers.L1", W, l1=0.3), 0.3 * S, 0.3 * A),
    "absolute values in place of squares": (case("regularizers.L2", W, l2=0.3), 0.3 * A, 0.3 * S),
    "the argument l2 is ignored": (case("regularizers.L1L2", W, l1=0.3, l2=0.7), 0.3 * A, 0.3 * A + 0.7 * S),
    "the argument l1 is ignored": (case("regularizers.L1L2", W, l1=0.3, l2=0.7), 0.7 * S, 0.3 * A + 0.7 * S),
    "l1 and l2 are exchanged": (case("regularizers.L1L2", W, l1=0.3, l2=0.7), 0.7 * A + 0.3 * S, 0.3 * A + 0.7 * S),
    "mode is taken for 'rows'": (case("regularizers.OrthogonalRegularizer", W, mode="columns"), orthogonal(D), orthogonal(D.T)),
    "the sum over the pairs, not their mean": (case("regularizers.OrthogonalRegularizer", W), orthogonal(D) * 6, orthogonal(D)),
    "the mean over all products, that of a row with itself included": (case("regularizers.OrthogonalRegularizer", W), orthogonal(D, divisor=9), orthogonal(D)),
}  # fmt: skip
SAME |= {
    "the mean, not the sum": {
        "the mean, not the sum",
        "the expected value divided by the number of elements",
    },
    "divided by the size of the first axis, as of a batch": {
        "divided by the size of the first axis, as of a batch",
        "the expected value divided by the size of the batch (the first axis)",
    },
    "the argument l2 is ignored": {"the argument l2 is ignored", "the squares are left out"},
    "the argument l1 is ignored": {
        "the argument l1 is ignored",
        "the absolute values are left out",
    },
    "mode is taken for 'rows'": {"mode is taken for 'rows'", "the argument mode is ignored"},
    "exactly half of the expected value": {
        "exactly half of the expected value",
        "each pair is counted once in the sum, twice in the number",
    },
}


@pytest.mark.parametrize("text", REGULARIZERS)
def test_regularizers(text: str) -> None:
    check(REGULARIZERS, text)


def initial(name: str, shape: list[int], **arguments: Any) -> Case:
    step = Step("initialize", options={"shape": shape})
    return Case(
        f"initializers.{name}/a/b", f"initializers.{name}", arguments=arguments, steps=(step,)
    )


INITIALIZERS: dict[str, tuple[Case, Any, Any]] = {
    "the argument gain is ignored": (initial("Identity", [3, 4], gain=2.5), np.eye(3, 4), 2.5 * np.eye(3, 4)),
    "the gain is squared": (initial("Identity", [3, 4], gain=2.5), 6.25 * np.eye(3, 4), 2.5 * np.eye(3, 4)),
    "the argument value is ignored": (initial("Constant", [3], value=2.5), np.zeros(3), np.full(3, 2.5)),
}  # fmt: skip
SAME |= {
    "the gain is squared": {"the gain is squared", "the square of the expected value"},
    "the argument value is ignored": {"the argument value is ignored", "zero everywhere"},
}


@pytest.mark.parametrize("text", INITIALIZERS)
def test_initializers(text: str) -> None:
    check(INITIALIZERS, text)


def fourier(frames: int, bins: int, window: Array, side: str = "real", root: bool = True) -> Any:
    angle = 2 * np.pi * np.outer(np.arange(frames), np.arange(bins)) / (2 * (bins - 1))
    scale = np.sqrt((window * window).sum()) if root else window.sum()
    wave = np.cos(angle) if side == "real" else -np.sin(angle)
    return (window[:, None] * wave / scale)[:, None, :]


HANN, PERIODIC = np.hanning(8), np.hanning(9)[:8]
STFT: dict[str, tuple[Case, Any, Any]] = {
    "periodic is taken for True": (initial("STFT", [8, 1, 5]), fourier(8, 5, PERIODIC), fourier(8, 5, HANN)),
    "scaling is taken for 'spectrum'": (initial("STFT", [8, 1, 5]), fourier(8, 5, HANN, root=False), fourier(8, 5, HANN)),
    "side is taken for 'real'": (initial("STFT", [8, 1, 5], side="imag"), fourier(8, 5, HANN), fourier(8, 5, HANN, "imag")),
    "window is taken for 'hamming'": (initial("STFT", [8, 1, 5]), fourier(8, 5, np.hamming(8)), fourier(8, 5, HANN)),
}  # fmt: skip
SAME |= {
    "side is taken for 'real'": {"side is taken for 'real'", "the argument side is ignored"},
}


@pytest.mark.parametrize("text", STFT)
def test_stft(text: str) -> None:
    asked, wrong, right = STFT[text]
    said = told(asked, wrong, right)
    assert text in said
    # A scaling is a constant factor, too.
    assert {each for each in said if "times the expected" not in each} <= SAME.get(text, {text})


# Layers, with weights of their own.

SET = "set_weights"


def layer(name: str, x: Array, weights: list[Array], **arguments: Any) -> Case:
    values = [Input(Tensor.of(w.astype(np.float32))) for w in weights]
    build = Step("build", options={"shape": [None, *x.shape[1:]]})
    target = f"layers.{name}"
    return case(target, x, build, Step(SET, options={"values": values}), **arguments)


def correlated(
    x: Array, kernel: Array, stride: int = 1, dilation: int = 1, pads: tuple[int, int] = (0, 0)
) -> Array:
    """A convolution along every axis alike, channels last, tap by tap."""
    rank = kernel.ndim - 2
    x = np.pad(x.astype(np.float64), [(0, 0), *[pads] * rank, (0, 0)])
    reach = [(k - 1) * dilation + 1 for k in kernel.shape[:rank]]
    out = [(n - r) // stride + 1 for n, r in zip(x.shape[1:-1], reach, strict=True)]
    y = np.zeros((len(x), *out, kernel.shape[-1]))
    for place in product(*map(range, out)):
        for tap in product(*map(range, kernel.shape[:rank])):
            at = tuple(p * stride + t * dilation for p, t in zip(place, tap, strict=True))
            y[(slice(None), *place)] += x[(slice(None), *at)] @ kernel[tap]
    return y


def wave(*shape: int, start: float = 1.0) -> Array:
    flat = np.sin(start + 1.7 * np.arange(int(np.prod(shape))))
    return (flat * 2).reshape(shape).astype(np.float32)


X, K, B = wave(2, 7, 3), wave(2, 3, 4, start=2), wave(4, start=3)
Y = correlated(X, K)
IMAGE, K2 = wave(1, 5, 5, 2), wave(3, 3, 2, 2, start=2)
EVEN = wave(4, 3, 4, start=2)
M = wave(3, 3, start=4)
DX = wave(4, 3)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


LAYERS: dict[str, tuple[Case, Any, Any]] = {
    "before the bias": (layer("Dense", DX, [M, B[:3]], units=3), DX @ M, DX @ M + B[:3]),
    "the bias is subtracted": (layer("Dense", DX, [M, B[:3]], units=3), DX @ M - B[:3], DX @ M + B[:3]),
    "before the activation": (
        layer("Dense", DX, [M], units=3, use_bias=False, activation="relu"), DX @ M, relu(DX @ M)),
    "the activation is tanh": (layer("Dense", DX, [M], units=3, use_bias=False), np.tanh(DX @ M), DX @ M),
    "the activation is sigmoid": (
        layer("Dense", DX, [M], units=3, use_bias=False, activation="relu"), 1 / (1 + np.exp(-(DX @ M))), relu(DX @ M)),
    "the bias is added after the activation": (
        layer("Dense", DX, [M, B[:3]], units=3, activation="relu"), relu(DX @ M) + B[:3], relu(DX @ M + B[:3])),
    "as inexact as in float16 or TensorFloat-32": (
        layer("Dense", DX, [M, B[:3]], units=3), (DX.astype(np.float16) @ M.astype(np.float16)) + B[:3], DX @ M + B[:3]),
    "the kernel is transposed": (layer("Dense", DX, [M], units=3, use_bias=False), DX @ M.T, DX @ M),
    "the kernel is flipped (a convolution where a correlation is meant)": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, use_bias=False), correlated(X, K[::-1]), Y),
    "rows and columns of the kernel are exchanged": (
        layer("Conv2D", IMAGE, [K2], filters=2, kernel_size=3, use_bias=False),
        correlated(IMAGE, np.swapaxes(K2, 0, 1)), correlated(IMAGE, K2)),
    "of an odd number of zeros there is one more before, not after": (
        layer("Conv1D", X, [EVEN], filters=4, kernel_size=4, use_bias=False, padding="same"),
        correlated(X, EVEN, pads=(2, 1)), correlated(X, EVEN, pads=(1, 2))),
    "the zeros come after the input (padding is not causal)": (
        layer("Conv1D", X, [wave(3, 3, 4)], filters=4, kernel_size=3, use_bias=False, padding="causal"),
        correlated(X, wave(3, 3, 4), pads=(0, 2)), correlated(X, wave(3, 3, 4), pads=(2, 0))),
    "padding is taken for 'same'": (
        layer("Conv1D", X, [wave(3, 3, 4)], filters=4, kernel_size=3, use_bias=False, padding="causal"),
        correlated(X, wave(3, 3, 4), pads=(1, 1)), correlated(X, wave(3, 3, 4), pads=(2, 0))),
    "the inputs are rounded to float16 first": (
        layer("Dense", DX, [M], units=3, use_bias=False), DX.astype(np.float16).astype(np.float64) @ M, DX.astype(np.float64) @ M),
    "inputs and weights are rounded to float16 first": (
        layer("Dense", DX, [M], units=3, use_bias=False),
        DX.astype(np.float16).astype(np.float64) @ M.astype(np.float16).astype(np.float64), DX.astype(np.float64) @ M),
}  # fmt: skip
SAME |= {
    "of an odd number of zeros there is one more before, not after": {
        "of an odd number of zeros there is one more before, not after",
        "one place too late along axis 1",
    },
    "padding is taken for 'same'": {
        "padding is taken for 'same'",
        "one place too early along axis 1",
    },
    "before the activation": {"before the activation", "the argument activation is ignored"},
}


@pytest.mark.parametrize("text", LAYERS)
def test_layers(text: str) -> None:
    check(LAYERS, text)


def test_the_bias_after_the_activation_with_channels_first() -> None:
    kernel, image = wave(1, 1, 2, 3), wave(1, 2, 4, 4)
    asked = layer("Conv2D", image, [kernel, B[:3]], filters=3, kernel_size=1, activation="relu", data_format="channels_first")  # fmt: skip
    before = np.einsum("nchw,co->nohw", image, kernel[0, 0])
    bias = B[:3].reshape(3, 1, 1)
    assert told(asked, relu(before) + bias, relu(before + bias)) == [
        "the bias is added after the activation"
    ]


def test_errors_of_one_sign_are_no_roundings() -> None:
    right = DX.astype(np.float64) @ M + B[:3]
    asked = layer("Dense", DX, [M, B[:3]], units=3)
    noise = np.resize([1, -1], right.shape) * 1e-4
    text = "as inexact as in float16 or TensorFloat-32"
    for wrong, sure in ((right + noise, True), (right + abs(noise), False)):
        evidence = Evidence(
            [Returned({}), Returned({}), returned(wrong)],
            [Returned({}), Returned({}), returned(right)],
        )
        said = hinting.hints(asked, "keras3", evidence, ["value"])["value"]
        assert [hint.sure for hint in said if hint.text == text] == ([sure] if sure else [])
        assert said


SHAPES: dict[str, tuple[Case, Any, Any]] = {
    "the argument strides is ignored": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, strides=2, use_bias=False), Y, correlated(X, K, 2)),
    "the argument dilation_rate is ignored": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, dilation_rate=3, use_bias=False), Y, correlated(X, K, 1, 3)),
    "strides and dilation_rate are exchanged": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, dilation_rate=3, use_bias=False),
        correlated(X, K, 3), correlated(X, K, 1, 3)),
    "padding is taken for 'valid'": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, padding="same", use_bias=False), Y, correlated(X, K, pads=(0, 1))),
    "padding is taken for 'same'": (
        layer("Conv1D", X, [K], filters=4, kernel_size=2, use_bias=False), correlated(X, K, pads=(0, 1)), Y),
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES)
def test_other_shapes_are_explained_as_well(text: str) -> None:
    asked, wrong, right = SHAPES[text]
    before = [Returned({}), Returned({})]
    evidence = Evidence([*before, returned(wrong)], [*before, returned(right)])
    said = [h.text for h in hinting.hints(asked, "keras3", evidence, ["shape"])["shape"]]
    assert text in said


def test_data_formats() -> None:
    x = wave(1, 4, 4, 4)
    asked = layer("Conv2D", x, [wave(2, 2, 4, 2)], filters=2, kernel_size=2, use_bias=False)
    wrong = correlated(np.moveaxis(x, 1, -1), wave(2, 2, 4, 2))
    right = correlated(x, wave(2, 2, 4, 2))
    evidence = Evidence(
        [Returned({}), Returned({}), returned(np.moveaxis(wrong, -1, 1))],
        [Returned({}), Returned({}), returned(right)],
    )
    said = hinting.hints(asked, "keras3", evidence, ["shape"])["shape"]
    assert "data_format is taken for 'channels_first'" in [h.text for h in said]


def test_a_mask_that_is_ignored() -> None:
    asked = case("layers.Layer", W)
    steps = (
        replace(asked.steps[0], options={"mask": Input(Tensor.of(np.array([True, False, True])))}),
    )
    asked = replace(asked, target="layers.Layer", custom="Switch", steps=steps)
    assert "mask is ignored" in told(asked, W, W * 3)


def test_a_run_examines_some_of_what_looks_alike() -> None:
    asked = [replace(case(UNIT, W), id=f"{UNIT}/a/{n}") for n in range(100)]
    made = Report(Plan((PLAIN,), golden=None))  # type: ignore[arg-type]
    made.cases = {each.id: each for each in asked}
    for each in asked:
        made.evidence["toy", "golden", each.id] = Evidence(
            [returned(unit(W, 0, 1e-3))], [returned(unit(W))]
        )
        made.results.append(
            Result(
                each.id,
                "toy",
                "keras3",
                UNIT,
                "golden",
                "value",
                Verdict.FAIL,
                signature=("value off",),
            )
        )
    known = replace(made.results[0], id=f"{UNIT}/a/known", verdict=Verdict.KNOWN_FAILURE)
    made.results.append(known)
    started = time.perf_counter()
    hinting.explain(made)
    assert time.perf_counter() - started < 10
    assert len(made.hints) == hinting.MOST
    assert {hint.text for found in made.hints.values() for hint in found} == {
        "an epsilon of 1e-3, not 1e-7"
    }


def test_every_variant_of_every_kind_of_case_can_be_asked(golden: Path) -> None:
    """Of the first case of each class and group: no variant may end with an error."""
    seen: set[tuple[str, str]] = set()
    count = 0
    for file in store.load_all(golden):
        for entry in file.cases:
            key = (file.target, entry.case.id.split("/")[1])
            if key in seen or any(
                step.traces or "sample" in step.options for step in entry.case.steps
            ):
                continue
            seen.add(key)
            for dialect, expected in list(entry.expected.items())[-1:]:
                found = hinting.hints(
                    entry.case, dialect, Evidence(expected, expected), ["value", "config"]
                )
                assert found == {}, entry.case.id
                count += 1
    assert count > 400


def explained(looks: tuple[str, ...], aspect: str, answers: list[Outcome]) -> list[list[str]]:
    """What is told of cases that fail alike, each with an answer; nothing of those that were not examined."""
    asked = [replace(case("regularizers.L2", W), id=f"L2/a/{n}") for n in range(len(answers))]
    made = Report(Plan((PLAIN,), golden=None))  # type: ignore[arg-type]
    made.cases = {each.id: each for each in asked}
    for each, answer in zip(asked, answers, strict=True):
        made.evidence["toy", "golden", each.id] = Evidence([answer], [returned(0.01 * S)])
        failed = Result(
            *(each.id, "toy", "keras3", each.target, "golden", aspect, Verdict.FAIL),
            signature=looks,
        )
        made.results.append(failed)
    hinting.explain(made)
    found = [made.hints.get(("toy", "golden", each.id, aspect)) for each in asked]
    return [[hint.text for hint in told] for told in found if told is not None]


def test_more_are_examined_where_those_that_look_alike_tell_different_things() -> None:
    half, twice = returned(0.005 * S), returned(0.02 * S)
    mixed = explained(("off",), "value", [half if n % 3 else twice for n in range(40)])
    assert len(mixed) == 40
    assert {told[0] for told in mixed} == {
        "exactly half of the expected value",
        "exactly twice the expected value",
    }
    assert len(explained(("off",), "value", [half] * 40)) == hinting.MOST
    # Of what nothing is known there is nothing more to learn.
    assert explained(("off",), "value", [returned(0.0137 * S)] * 40) == [[]] * hinting.MOST


def test_of_every_error_is_told_what_it_says() -> None:
    words = ("'list' object cannot be interpreted as an integer", "'W' object has no attribute 'x'")
    raised: list[Outcome] = [Raised("call", "type", words[n % 20 == 0]) for n in range(60)]
    told = explained(("rejected",), "accepted", raised)
    assert len(told) == 60
    assert told[20] == ["the attribute 'x' does not exist"]
    assert told[21] == ["a list is not taken where NumPy wants a tuple or a number"]
