"""The oracle of layers and models: official answers against it, errors that it must see, itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
from scipy import signal

from conformance import oracle
from conformance.claims.claims import load_findings
from conformance.judge.compare import compare
from conformance.model import (
    Array,
    Budget,
    Case,
    Outcome,
    Reference,
    Returned,
    Tensor,
    Tolerance,
    Value,
    Verdict,
    patterns,
)
from conformance.oracle import Truth, Unknown, activations, truths
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.judge import worst
from conformance.oracle.layers import attached
from conformance.oracle.layers.convolution import Convolution, plain, transposed
from conformance.oracle.layers.custom import layer_of
from conformance.oracle.layers.dense import Pull
from conformance.oracle.layers.gradients import back, cotangent
from conformance.oracle.layers.products import products
from conformance.record.admission import explained
from conformance.vectors import store

TARGETS: Final = tuple(
    f"{path.parent.name}.{path.stem}"
    for path in store.paths(store.default_directory())
    if path.parent.name in ("layers", "models")
)

# Where a relative error of 1e-5 may be rounding: a glob over "id step name", for how many tensors
# at most, and why.
BLIND: Final = (
    ("*mixed_* gradient *", 88, "float32 gradients of a computation in 8 or 11 bits"),
    (
        "layers.Dense/fit* fit *",
        150,
        "each update starts from errors; Adam divides by its gradient",
    ),
    ("models.Sequential/fit/* fit *", 24, "the same, and through two layers"),
    ("*tanh* gradient *", 18, "1 - y ** 2 cancels where y is near 1"),
    ("*softmax* gradient *", 18, "g - sum(g y) cancels; softmax makes relative errors of absolute"),
    ("layers.Dense/pairs/* gradient *", 10, "a relu at 0, within rounding, and softmax as above"),
)


@cache
def _entries(target: str) -> tuple[tuple[Case, str, str, str, Tensor, Truth], ...]:
    """Case, dialect, step, name, official value and truth of every tensor of a target."""
    golden = store.load(store.default_directory() / store.relative_path(target))
    found = []
    for entry in golden.cases:
        for dialect, outcomes in entry.expected.items():
            known = truths(entry.case, dialect, outcomes)
            for step, outcome, here in zip(entry.case.steps, outcomes, known, strict=False):
                for name, truth in here.items():
                    assert isinstance(outcome, Returned)
                    tensor = outcome.values[name]
                    assert isinstance(tensor, Tensor)
                    found.append((entry.case, dialect, step.do, name, tensor, truth))
    return tuple(found)


@pytest.mark.parametrize("target", TARGETS)
def test_official_values_are_within_their_budgets_or_a_finding(target: str) -> None:
    findings = load_findings(store.default_directory())
    beyond = {
        f"{case.id} {dialect} {step} {name}: {worst(truth, tensor):.3g}"
        for case, dialect, step, name, tensor, truth in _entries(target)
        if isinstance(truth, Bounded) and worst(truth, tensor) > 1
        if not explained(case.id, findings)
    }
    assert not beyond


def _injected(tensor: Tensor) -> Tensor | None:
    """The tensor with a relative error of 1e-5 in all elements; None where that changes none."""
    values = tensor.values()
    chosen = np.isfinite(values) & (np.abs(values) > np.finfo(np.float32).tiny)
    if tensor.dtype != "float32" or not chosen.any():
        return None
    return Tensor.of(np.where(chosen, values.astype(np.float64) * (1 + 1e-5), values), "float32")


def _seen(tensor: Tensor, truth: Bounded) -> bool | None:
    """Whether this error is seen; None where there is nothing to see."""
    wrong = _injected(tensor)
    return None if wrong is None or tensor.shape != truth.shape else worst(truth, wrong) > 1


def test_an_error_of_1e_5_is_seen_but_where_rounding_can_make_it() -> None:
    seen = [
        (f"{case.id} {step} {name}", _seen(tensor, truth))
        for target in TARGETS
        for case, _, step, name, tensor, truth in _entries(target)
        if isinstance(truth, Bounded)
    ]
    unseen = [one for one, found in seen if found is False]
    assert not {one for one in unseen if not any(patterns.covers(g, one) for g, *_ in BLIND)}
    for glob, most, why in BLIND:
        assert 0 < sum(patterns.covers(glob, one) for one in unseen) <= most, why
    assert len(unseen) < 0.07 * sum(found is not None for _, found in seen)


def test_an_output_that_is_off_by_1e_5_fails() -> None:
    """In a run, by the tolerance of its case, and with `--strict` all the more."""
    missed, asked = [], 0
    for target in TARGETS:
        golden = store.load(store.default_directory() / store.relative_path(target))
        for entry in golden.cases:
            for dialect, outcomes in entry.expected.items():
                for step, name, wrong in _wrong_outputs(entry.case, outcomes):
                    asked += 1
                    answer = list(outcomes)
                    answer[step] = Returned({**_values_of(outcomes[step]), name: wrong})
                    tolerances = (entry.case.tolerance, Tolerance())
                    seen = [_fails(answer, outcomes, entry.case, dialect, t) for t in tolerances]
                    assert seen[1], entry.case.id
                    if not seen[0]:
                        missed.append(f"{entry.case.id} {dialect}")
    assert asked > 2000
    assert not missed


def _wrong_outputs(case: Case, outcomes: Sequence[Outcome]) -> Iterator[tuple[int, str, Tensor]]:
    """Step, name and a wrong tensor, for all that calls return in float32."""
    for number, (step, outcome) in enumerate(zip(case.steps, outcomes, strict=False)):
        for name, value in _values_of(outcome).items() if step.do == "call" else ():
            wrong = _injected(value) if isinstance(value, Tensor) else None
            if wrong is not None:
                yield number, name, wrong


def _values_of(outcome: Outcome) -> Mapping[str, Value]:
    return outcome.values if isinstance(outcome, Returned) else {}


def _fails(
    answer: Sequence[Outcome],
    expected: Sequence[Outcome],
    case: Case,
    dialect: str,
    tolerance: Tolerance,
) -> bool:
    def budgets() -> Sequence[Mapping[str, Budget]]:
        return oracle.budgets(case, dialect, expected, tolerance)

    found = compare(answer, expected, tolerance, budgets=budgets)
    return Verdict.FAIL in {comparison.verdict for comparison in found}


def test_shares_that_do_not_add_up_are_wrong_however_wrong_their_logits_may_be() -> None:
    logits = Bounded(np.array([[3.0, 1.0], [0.5, 0.25]]), np.full((2, 2), 1e-3), "float32")
    shares = activations.apply("softmax", logits)
    right = shares.value.copy()
    right[0] += [1e-4, -1e-4]
    assert worst(shares, Tensor.of(right, "float32")) < 1
    wrong = right * [[1.0], [1 + 1e-5]]
    assert (shares.headroom(Tensor.of(wrong, "float32")) > 1).tolist() == [[False] * 2, [True] * 2]
    assert worst(shares, Tensor.of(right * [[np.nan], [1.0]], "float32")) == np.inf


@pytest.mark.parametrize("values", [[3.0, 1.0, 0.5], [0.5, 0.4, 0.3, -2.0], [-1e3, 1e3, 999.9]])
def test_what_sparsemax_is_sure_of(values: list[float]) -> None:
    """Errors of the logits reach an output as far as the support lets them, and no farther."""
    x, error = np.array(values), np.full(len(values), 1e-4)
    found = activations.apply("sparsemax", Bounded(x, error, "float32"))
    for signs in product((-1.0, 1.0), repeat=len(values)):
        there = activations.apply("sparsemax", exact(x + error * signs)).value
        assert (np.abs(there - found.value) <= found.error).all()
    assert found.error[found.value == 0].max() == 0
    assert found.error.max() < (2e-4 if abs(x).max() < 10 else 5e-3)


def test_how_many_have_a_truth_and_how_tight_it_is() -> None:
    every = [row for target in TARGETS for row in _entries(target)]
    reasons = {truth.reason for *_, truth in every if isinstance(truth, Unknown)}
    assert {r for r in reasons if not r.startswith(REASONS)} == set()
    known = [(t, truth) for *_, t, truth in every if isinstance(truth, Bounded)]
    assert len(known) > 0.95 * len(every)
    used = [
        worst(truth, tensor)
        for tensor, truth in known
        if tensor.dtype == "float32" and tensor.shape == truth.shape and truth.error.any()
    ]
    assert float(np.median(used)) > 0.02


REASONS: Final = (
    "a random draw: ",
    "the error bound grows beyond ",
    "complex numbers ",
)


def _values(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def _correlated(x: Array, w: Array, sums: Convolution) -> Array:
    """The same by SciPy: whole correlations of zero-padded, dilated kernels, then every stride-th."""
    rank = len(sums.kernel)
    after = [
        (o - 1) * s + (k - 1) * d + 1 - n - b
        for n, k, s, d, b, o in zip(
            sums.lengths,
            sums.kernel,
            sums.strides,
            sums.dilation,
            sums.before,
            sums.outputs,
            strict=True,
        )
    ]
    sides = [(b, max(a, 0)) for b, a in zip(sums.before, after, strict=True)]
    padded = np.pad(x, [(0, 0), *sides, (0, 0)])
    dilated = np.zeros(
        [(k - 1) * d + 1 for k, d in zip(sums.kernel, sums.dilation, strict=True)]
        + list(w.shape[rank:])
    )
    dilated[tuple(slice(None, None, d) for d in sums.dilation)] = w
    y = np.zeros((len(x), *sums.outputs, w.shape[-1]))
    inside, outside = w.shape[-2], w.shape[-1] // sums.groups
    for b in range(len(x)):
        for f in range(w.shape[-1]):
            for c in range(inside):
                channel = f // outside * inside + c
                whole = signal.correlate(padded[b, ..., channel], dilated[..., c, f], "valid")
                strided = whole[tuple(slice(None, None, s) for s in sums.strides)]
                y[b, ..., f] += strided[tuple(slice(o) for o in sums.outputs)]
    return y


GEOMETRIES: Final = (
    ((6,), (3,), (1,), (1,), "valid", 1),
    ((7,), (3,), (2,), (1,), "same", 1),
    ((6,), (2,), (1,), (2,), "causal", 2),
    ((5, 4), (3, 2), (2, 1), (1, 1), "same", 2),
    ((6, 5), (2, 3), (1, 1), (2, 1), "valid", 4),
    ((4, 3, 2), (2, 1, 2), (1, 2, 1), (1, 1, 1), "same", 1),
)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_direct_sums_are_what_scipy_correlates(geometry: Any) -> None:
    sums = plain(*geometry)
    x = _values((2, *geometry[0], 4), 1)
    w = _values((*geometry[1], 4 // geometry[5], 4), 2)
    y = sums.forward(exact(x), exact(w), "float64")
    np.testing.assert_allclose(y.value, _correlated(x, w, sums), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_adjoints_are_the_finite_differences_of_the_sums(geometry: Any) -> None:
    sums = plain(*geometry)
    x, w = _values((1, *geometry[0], 4), 3), _values((*geometry[1], 4 // geometry[5], 4), 4)
    g = _values((1, *sums.outputs, 4), 5)

    def total(a: Array, b: Array) -> float:
        return float((sums.forward(exact(a), exact(b), "float64").value * g).sum())

    by_x = sums.backward_input(exact(g), exact(w), "float64").value
    by_w = sums.backward_kernel(exact(x), exact(g), "float64").value
    for array, gradient, of in ((x, by_x, 0), (w, by_w, 1)):
        for place in range(0, array.size, 5):
            moved = array.copy()
            moved.flat[place] += 0.5
            changed = total(moved, w) if of == 0 else total(x, moved)
            assert math.isclose(
                (changed - total(x, w)) / 0.5, gradient.flat[place], rel_tol=1e-9, abs_tol=1e-9
            )


@pytest.mark.parametrize(
    ("padding", "extra", "length"),
    [("valid", None, 9), ("same", None, 8), ("valid", (1,), 10), ("same", (1,), 8)],
)
def test_a_transposed_layer_scatters(padding: str, extra: Any, length: int) -> None:
    sums = transposed((4,), (3,), (2,), (1,), padding, extra)
    x, w = _values((1, 4, 1), 6), _values((3, 1, 1), 7)
    y = sums.backward_input(exact(x), exact(w), "float64").value[0, :, 0]
    scattered = np.zeros(20)
    for place, number in enumerate(x[0, :, 0]):
        scattered[place * 2 : place * 2 + 3] += number * w[:, 0, 0]
    start = sums.before[0]
    assert len(y) == length
    np.testing.assert_allclose(y, scattered[start : start + length], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_sums_in_a_narrow_dtype_stay_within_the_budget(dtype: str) -> None:
    """In any order, one rounding an operation."""
    random = np.random.default_rng(8)
    kind = np.dtype(dtype).type
    for terms in (1, 2, 7, 30):
        a = random.normal(size=(20, terms)).astype(kind)
        b = random.normal(size=(terms, 5)).astype(kind)
        truth = products(lambda x, y: x @ y, exact(a, dtype), exact(b, dtype), dtype)
        order = random.permutation(terms)
        total = np.zeros((20, 5), kind)
        for term in order:
            total = (total + (a[:, term, None] * b[None, term])).astype(kind)
        assert worst(truth, Tensor.of(total)) <= 1
        assert float(truth.error.max()) <= (terms + 1) * np.finfo(kind).eps * terms * 16


def test_sums_that_fit_the_significand_have_no_budget() -> None:
    quarters = np.arange(-8, 8).reshape(4, 4) / 4
    truth = products(
        lambda x, y: x @ y, exact(quarters, "float16"), exact(quarters, "float16"), "float16"
    )
    assert not truth.error.any()
    long = np.full((1, 3000), 1.0)
    truth = products(
        lambda x, y: x @ y.T, exact(long, "float16"), exact(long, "float16"), "float16"
    )
    assert truth.error.all()


LAYERS: Final = (
    ("layers.Dense", {"units": 2, "activation": "tanh"}, (2, 3)),
    ("layers.Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal"}, (1, 4, 2)),
    (
        "layers.Conv2D",
        {"filters": 4, "kernel_size": 2, "groups": 2, "padding": "same"},
        (1, 2, 3, 2),
    ),
    ("layers.DepthwiseConv2D", {"kernel_size": 2, "depth_multiplier": 2}, (1, 3, 2, 2)),
    ("layers.SeparableConv1D", {"filters": 3, "kernel_size": 2, "strides": 2}, (1, 5, 2)),
    (
        "layers.Conv2DTranspose",
        {"filters": 2, "kernel_size": (2, 3), "strides": 2, "activation": "sigmoid"},
        (1, 2, 2, 2),
    ),
    (
        "layers.Conv2D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first"},
        (1, 2, 3, 2),
    ),
)


@pytest.mark.parametrize(("target", "arguments", "shape"), LAYERS)
def test_gradients_of_layers_are_central_differences(
    target: str, arguments: dict[str, Any], shape: tuple[int, ...]
) -> None:
    tape: list[Pull] = []
    layer = layer_of(target, {**arguments, "dtype": "float64"}, "keras3", tape)
    layer.build(shape)
    for number, weight in enumerate(layer.weights()):
        weight.value = exact(_values(weight.shape, number))
    x = _values(shape, 9)
    y = layer(exact(x))
    g = cotangent(y.shape, "float64")
    given = back(tape, g)
    gradients = {id(w): w.gradient for w in layer.weights()}

    def total(a: Array) -> float:
        return float((layer(exact(a)).value * g.value).sum())

    def difference(array: Array, place: int, asked: Callable[[Array], float]) -> float:
        up, down = array.copy(), array.copy()
        up.flat[place] += 1e-5
        down.flat[place] -= 1e-5
        return (asked(up) - asked(down)) / 2e-5

    for place in range(x.size):
        assert math.isclose(
            given.value.flat[place], difference(x, place, total), rel_tol=1e-6, abs_tol=1e-8
        )
    for weight in layer.weights():
        gradient, held = gradients[id(weight)], weight.known().value
        assert gradient is not None

        def moved(w: Array, weight: Any = weight) -> float:
            weight.value = exact(w)
            return total(x)

        for place in range(held.size):
            expected = difference(held, place, moved)
            assert math.isclose(gradient.value.flat[place], expected, rel_tol=1e-6, abs_tol=1e-8)
        weight.value = exact(held)


@pytest.mark.parametrize(
    "regularizer",
    [
        "l1",
        "l2",
        Reference("instance", "regularizers.L1L2", {"l1": 0.5, "l2": 0.25}),
        Reference("instance", "regularizers.OrthogonalRegularizer", {"factor": 0.5}),
        Reference(
            "instance", "regularizers.OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}
        ),
        Reference("custom", "MyRegularizer", {"strength": 0.5}),
        Reference("function", "l1_reg"),
        Reference("function", "my_regularizer"),
    ],
)
def test_slopes_of_penalties_are_central_differences(regularizer: Any) -> None:
    w = _values((3, 4), 10)
    slope = attached.penalty_slope(regularizer, exact(w)).value
    for place in range(w.size):
        up, down = w.copy(), w.copy()
        up.flat[place] += 1e-5
        down.flat[place] -= 1e-5
        both = (attached.penalty(regularizer, exact(each)).value for each in (up, down))
        above, below = (float(each) for each in both)
        assert math.isclose(slope.flat[place], (above - below) / 2e-5, rel_tol=1e-6, abs_tol=1e-9)
