"""The distribution level: guaranteed rates, computed power, and both seen to hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import ROOT, Ended
from scipy import stats

from conformance.cases import every_case
from conformance.judge import compare, distribution, power
from conformance.judge.distribution import ALPHA, FAMILY_WISE, contract, judge
from conformance.model import (
    EPSILON,
    Case,
    Grade,
    Kind,
    Law,
    Returned,
    Tensor,
    Tolerance,
    Verdict,
    digest,
)
from conformance.subjects import resolve

CASES = every_case()
SAMPLES = list(power.samples(CASES))
UNIFORM = Law("uniform", {"low": -0.25, "high": 0.75})
NORMAL = Law("normal", {"mean": 1.0, "stddev": 0.5})
TRUNCATED = Law("truncated_normal", {"mean": -1.0, "stddev": 0.5})
SIZE = 2**18


def drawn(values: Any, dtype: str = "float32") -> Tensor:
    return Tensor.of(np.asarray(values)[None], dtype)


def right(law: Law, size: int, seed: int, cut: float = 2.0) -> Any:
    generator = np.random.default_rng(seed)
    if law.name == "uniform":
        return generator.uniform(law.parameters["low"], law.parameters["high"], size)
    mean, stddev = law.parameters["mean"], law.parameters["stddev"]
    if law.name == "normal":
        return generator.normal(mean, stddev, size)
    tail = stats.norm.cdf(-cut)
    return mean + stddev * stats.norm.ppf(tail + (1 - 2 * tail) * generator.random(size))


def test_a_run_raises_a_false_alarm_with_a_probability_of_at_most_one_in_a_million() -> None:
    counts = power.counts_of_tests(CASES)
    assert set(counts) == {"keras2", "keras3"}
    assert min(counts.values()) > 300
    assert ALPHA * sum(counts.values()) <= FAMILY_WISE
    assert pytest.approx(1e-6) == FAMILY_WISE


def test_every_sample_is_large_enough_for_the_stated_power() -> None:
    assert len(SAMPLES) > 80
    judged = 0
    for case, law, shape in SAMPLES:
        size = shape[0] if law.name == "orthogonal" else math.prod(shape)
        if law.name == "integers" or (law.name == "orthogonal" and size == 1):
            continue
        if next(s for s in case.steps if s.do == "sample").options.get("dtype") in (
            "float16",
            "bfloat16",
        ):
            continue  # these leave room for their rounding; the table is about the others
        sizes = dict.fromkeys(power.NAMES, SIZE) | {law.name: size}
        ensemble = size if law.name == "orthogonal" else 256
        for row in power.rows(sizes, ensemble):
            if row.law == law.name:
                assert row.power > power.ENOUGH, (case.id, row)
                judged += 1
    assert judged > 300


def test_the_document_is_up_to_date() -> None:
    document = (ROOT / "golden" / "POWER.md").read_text()
    assert document == power.markdown(CASES), "run `conformance power --markdown golden/POWER.md`"


@pytest.mark.parametrize("alpha", [ALPHA, 0.01])
def test_ten_thousand_runs_raise_no_more_false_alarms_than_stated(alpha: float) -> None:
    # Every law of the suite is one of three, moved and stretched; the tests see standardised draws.
    alarms: Counter[str] = Counter()
    samples: Counter[str] = Counter()
    for law, count in power.simulate(10_000, 1024, alpha, seed=3, batch=1000):
        samples[law] += 1
        alarms[law] += count
    assert samples == dict.fromkeys(power.NAMES, 10_000)
    for law in power.NAMES:
        tests = 10_000 * distribution.count_tests(
            (1, 1024), Law(law, UNIFORM.parameters if law == "uniform" else NORMAL.parameters)
        )
        assert alarms[law] <= stats.binom.ppf(1 - 1e-6, tests, alpha), law
    if alpha > ALPHA:
        assert all(alarms[law] for law in power.NAMES)  # so the tests can fail


def test_samples_of_full_size_from_correct_generators_pass() -> None:
    assert sum(count for _, count in power.simulate(60, SIZE, seed=5, batch=4)) == 0


def test_thresholds_are_guaranteed_and_not_wasteful() -> None:
    n = SIZE
    low, high = distribution.square_thresholds("normal", n)
    for exact in (stats.chi2.sf(high * n, n), stats.chi2.cdf(low * n, n)):
        assert ALPHA / 1000 < exact <= ALPHA / 2
    mean = distribution.threshold("normal", "mean", n)
    assert ALPHA / 1000 < stats.norm.sf(mean * math.sqrt(n)) <= ALPHA / 2
    for name in power.NAMES:
        spread = distribution.deviation(name)
        t = distribution.threshold(name, "product", n) / spread**2
        assert ALPHA / 1000 < stats.norm.sf(t * math.sqrt(n)) <= ALPHA / 2
    assert distribution.deviation("truncated_normal") == pytest.approx(
        stats.truncnorm.std(-2, 2), abs=1e-12
    )
    assert distribution.deviation("uniform") == pytest.approx(math.sqrt(1 / 12), abs=1e-14)


WRONG: dict[str, tuple[Law, Callable[[int], Any]]] = {
    "deviation 2% too large": (NORMAL, lambda s: 1 + 1.02 * (right(NORMAL, SIZE, s) - 1)),
    "deviation 2% too small": (NORMAL, lambda s: 1 + 0.98 * (right(NORMAL, SIZE, s) - 1)),
    "truncated deviation 2% too small": (
        TRUNCATED,
        lambda s: -1 + 0.98 * (right(TRUNCATED, SIZE, s) + 1),
    ),
    "correction of the truncation missing": (
        TRUNCATED,
        lambda s: -1 + distribution.deviation("truncated_normal") * (right(TRUNCATED, SIZE, s) + 1),
    ),
    "cut at 2.05 deviations": (TRUNCATED, lambda s: right(TRUNCATED, SIZE, s, 2.05)),
    "cut at 1.95 deviations": (TRUNCATED, lambda s: right(TRUNCATED, SIZE, s, 1.95)),
    "uniform for normal": (
        NORMAL,
        lambda s: 1 + 0.5 * math.sqrt(12) * (right(UNIFORM, SIZE, s) - 0.25),
    ),
    "truncated for normal": (
        NORMAL,
        lambda s: 1 + (right(TRUNCATED, SIZE, s) + 1) / distribution.deviation("truncated_normal"),
    ),
    "normal for truncated": (TRUNCATED, lambda s: right(NORMAL, SIZE, s) - 2),
    "upper bound 1% too low": (UNIFORM, lambda s: -0.25 + 0.99 * (right(UNIFORM, SIZE, s) + 0.25)),
    "mean 0.05 deviations off": (NORMAL, lambda s: right(NORMAL, SIZE, s) + 0.025),
    "halves alike": (NORMAL, lambda s: np.tile(right(NORMAL, SIZE // 2, s), 2)),
    "every draw twice": (NORMAL, lambda s: np.repeat(right(NORMAL, SIZE // 2, s), 2)),
    "every draw with its mirror": (
        UNIFORM,
        lambda s: np.stack([d := right(UNIFORM, SIZE // 2, s), 0.5 - d], -1).reshape(-1),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_generator_is_found(name: str) -> None:
    law, draw = WRONG[name]
    for seed in range(8):
        broken, used = judge(drawn(draw(seed)), law)
        assert broken
        assert used is None or used > 1


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("law", [UNIFORM, NORMAL, TRUNCATED], ids=lambda law: law.name)
def test_rounding_to_the_dtype_is_no_fault(law: Law, dtype: str) -> None:
    for seed in range(4):
        assert judge(drawn(right(law, SIZE, seed), dtype), law)[0] == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_draws_on_a_lattice_as_fine_as_the_dtype_are_no_fault(dtype: str) -> None:
    steps = round(1 / EPSILON[dtype])
    generator = np.random.default_rng(1)
    values = generator.integers(0, steps, SIZE) / steps - 0.25
    assert judge(drawn(values, dtype), UNIFORM)[0] == []


def test_an_orthogonal_ensemble_without_the_sign_convention_is_found() -> None:
    law = Law("orthogonal", {"gain": 3.0})
    q, r = np.linalg.qr(np.random.default_rng(0).normal(size=(256, 4, 4)))
    fixed = q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
    assert judge(Tensor.of(3 * fixed, "float64"), law)[0] == []
    broken, _ = judge(Tensor.of(3 * q, "float64"), law)
    assert any("element [0, 0]" in sentence for sentence in broken)
    broken, used = judge(Tensor.of(2 * fixed, "float64"), law)
    assert "orthonormal" in broken[0]
    assert used is None


@pytest.mark.parametrize(
    ("values", "law", "kept"),
    [
        ([-0.25, 0.75], UNIFORM, True),
        ([0.7501], UNIFORM, False),
        ([-0.2501], UNIFORM, False),
        ([0.2], Law("uniform", {"low": 0.75, "high": -0.25}), True),
        ([math.nan], UNIFORM, False),
        ([math.inf], NORMAL, False),
        ([1e6], NORMAL, True),
        ([0.0, -2.0], TRUNCATED, True),
        ([0.001], TRUNCATED, False),
        ([-2.001], TRUNCATED, False),
        ([1.0], Law("normal", {"mean": 1.0, "stddev": 0.0}), True),
        ([1.1], Law("normal", {"mean": 1.0, "stddev": 0.0}), False),
        ([0.0, 9.0], Law("integers", {"low": 0, "high": 10}), True),
        ([10.0], Law("integers", {"low": 0, "high": 10}), False),
        ([[0.6, -0.8], [0.8, 0.6]], Law("orthogonal", {"gain": 1.0}), True),
        ([[1.2, -1.6], [1.6, 1.2]], Law("orthogonal", {"gain": -2.0}), True),
        ([[0.6, 0.8]], Law("orthogonal", {"gain": 1.0}), True),
        ([[0.6, 0.8], [0.8, 0.6]], Law("orthogonal", {"gain": 1.0}), False),
        ([[1.0, 0.0], [0.0, 1.00001]], Law("orthogonal", {"gain": 1.0}), False),
        ([], UNIFORM, True),
    ],
)
def test_what_a_law_promises_of_every_draw(values: Any, law: Law, kept: bool) -> None:
    broken = contract(Tensor.of(np.array(values), "float32"), law)
    assert (broken is None) == kept, broken


def test_integers_are_uniform_over_their_range() -> None:
    law = Law("integers", {"low": -3, "high": 7})
    generator = np.random.default_rng(0)
    assert judge(drawn(generator.integers(-3, 7, SIZE), "int32"), law)[0] == []
    skewed = np.minimum(generator.integers(-3, 7, SIZE), generator.integers(-2, 7, SIZE))
    assert judge(drawn(skewed, "int32"), law)[0]


def _compared(got: Any, want: Any, tolerance: Tolerance, **options: Any) -> dict[str, Any]:
    found = compare.compare([Returned(got)], [Returned(want)], tolerance, **options)
    return {c.aspect: c for c in found}


def test_other_draws_are_judged_by_their_law_and_the_very_same_by_their_bits() -> None:
    tolerance = Tolerance(law=UNIFORM)
    ours, theirs = (Tensor.of(right(UNIFORM, 8, seed), "float32") for seed in (0, 1))
    same = _compared({"value": ours}, {"value": ours}, tolerance)
    assert same["value"].grade is Grade.BITWISE
    assert _compared({"value": ours}, {"value": theirs}, tolerance)["value"].verdict is Verdict.FAIL
    other = _compared({"value": ours}, {"value": theirs}, tolerance, other_draws=True)
    assert set(other) == {"accepted", "shape", "dtype", "contract"}
    assert other["contract"].grade is Grade.WITHIN
    beyond = Tensor.of(right(UNIFORM, 8, 0) + 1, "float32")
    bad = _compared({"value": beyond}, {"value": theirs}, tolerance, other_draws=True)
    assert bad["contract"].verdict is Verdict.FAIL


def test_a_sample_is_the_very_one_or_one_of_its_law() -> None:
    law = Tolerance(Kind.DISTRIBUTION, law=UNIFORM, why="other draws")
    ours, theirs = (drawn(right(UNIFORM, SIZE, seed)) for seed in (0, 1))
    for kept in (digest(ours), ours):
        same = _compared({"sample": ours}, {"sample": kept}, law)
        assert set(same) == {"accepted", "shape", "dtype", "distribution"}
        assert same["distribution"].grade is Grade.BITWISE
        other = _compared({"sample": theirs}, {"sample": kept}, law)
        assert other["distribution"].grade is Grade.WITHIN
        assert 0 < other["distribution"].headroom <= 1
        strict = _compared({"sample": theirs}, {"sample": kept}, Tolerance(law=UNIFORM))
        assert strict["distribution"].verdict is Verdict.FAIL
        excused = _compared(
            {"sample": theirs}, {"sample": kept}, Tolerance(law=UNIFORM), other_draws=True
        )
        assert excused["distribution"].grade is Grade.WITHIN
        wide = drawn(1.01 * right(UNIFORM, SIZE, 2))
        wrong = _compared({"sample": wide}, {"sample": kept}, law)
        assert wrong["distribution"].verdict is Verdict.FAIL
        short = drawn(right(UNIFORM, SIZE // 2, 2))
        blocked = _compared({"sample": short}, {"sample": kept}, law)
        assert blocked["shape"].verdict is Verdict.FAIL
        assert blocked["distribution"].verdict is Verdict.BLOCKED
        none = _compared({"sample": None}, {"sample": kept}, law)
        assert none["distribution"].verdict is Verdict.FAIL


def test_a_bound_is_in_epsilon_of_the_larger_of_value_and_scale() -> None:
    tolerance = Tolerance(Kind.BOUND, eps=8, scale=2.0, why="a test")
    want = Tensor.of(np.array([0.0, 1.0, 16.0]), "float64")
    eps = EPSILON["float64"]
    for error, used in (([16 * eps, 0, 0], 1.0), ([0, 8 * eps, 0], 0.5), ([0, 0, 64 * eps], 0.5)):
        got = Tensor.of(want.values() + np.array(error), "float64")
        value = _compared({"value": got}, {"value": want}, tolerance)["value"]
        assert value.grade is Grade.WITHIN
        assert value.headroom == pytest.approx(used)
    got = Tensor.of(want.values() + np.array([0, 17 * eps, 0]), "float64")
    value = _compared({"value": got}, {"value": want}, tolerance)["value"]
    assert value.verdict is Verdict.FAIL
    assert "at [1]" in value.message


# Where official Keras breaks the law that it documents, with the finding that says so.
BREAKS_ITS_LAW = {
    ("keras", "initializers.RandomUniform/edge/narrow-float64"): "uniform-float64-bounds"
}


@pytest.mark.parametrize("package", ["tf_keras", "keras"])
def test_official_keras_keeps_its_laws(package: str, golden: Path) -> None:
    """What is asked of other generators holds of the one that the goldens are drawn from."""
    (official,) = resolve(package)
    asked: Counter[str] = Counter()
    for case in CASES:
        law = case.tolerance.law
        if law is None or official.dialect not in case.dialects:
            continue
        answer = official.answer(case)
        for outcome in answer:
            if not isinstance(outcome, Returned):
                continue
            sample, value = outcome.values.get("sample"), outcome.values.get("value")
            if isinstance(sample, Tensor):
                asked["sample"] += 1
                assert judge(sample, law)[0] == [], case.id
            if isinstance(value, Tensor) and np.isfinite(value.values()).all():
                asked["value"] += 1
                broken = contract(value, law)
                assert (broken is not None) == ((package, case.id) in BREAKS_ITS_LAW), case.id
    assert asked["sample"] >= sum(official.dialect in c.dialects for c, _, _ in SAMPLES) - 5
    assert asked["value"] > 300


def test_power_prints_the_document_and_simulates(conformance: Callable[..., Ended]) -> None:
    ended = conformance("power", "--simulate", "3")
    assert ended.status == 0
    assert "False alarms" in ended.out
    for law in power.NAMES:
        assert f"{law}: 0 false alarms in 3 samples" in ended.out


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Law("cauchy", {}), "a law must be one of"),
        (lambda: Law("normal", {"mean": 0.0}), "must have the parameters mean, stddev"),
        (lambda: Tolerance(Kind.BOUND, why="w"), "must have eps where it is a bound"),
        (lambda: Tolerance(eps=1.0), "must have eps where it is a bound"),
        (lambda: Tolerance(Kind.DISTRIBUTION, why="w"), "must have a law"),
        (lambda: Tolerance(Kind.BOUND, ulp=1, eps=1, why="w"), "must have ulp 0"),
    ],
)
def test_laws_and_tolerances_must_make_sense(made: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made()


def test_cases_of_the_distribution_level_have_one_sample() -> None:
    for case in CASES:
        steps = [step.do for step in case.steps]
        assert ("sample" in steps) == (case.tolerance.kind is Kind.DISTRIBUTION), case.id
        assert isinstance(case, Case)
