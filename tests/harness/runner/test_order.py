"""Verdicts do not depend on what was asked before: in any order, in parts, and alone."""

from __future__ import annotations

import json
import random
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from harness import PLAIN
from numpy.random import mtrand
from runner.alone import plain

from conformance.model import Result, Verdict
from conformance.runner.report import Plan
from conformance.runner.run import Runner, run
from conformance.subjects import OFFICIAL, resolve
from conformance.subjects.settings import Settings

IMPL = "impl.keras3"
# Of each kind of step some cases: draws and warnings, custom objects, layers with names, training.
SELECT = (
    *(
        "constraints.UnitNorm",
        "constraints.MaxNorm/arguments/*",
        "constraints.NonNeg",
        "initializers.RandomUniform/*",
    ),
    *("initializers.get/*", "regularizers.L2/*", "regularizers.deserialize/*"),
    *("layers.Layer/add_weight/*", "layers.Layer/draw*", "layers.Layer/roundtrip/*"),
    *("layers.Dense/config/*", "layers.Dense/fit/*"),
)


@pytest.fixture(scope="module")
def part(golden_of: Callable[..., Path]) -> Path:
    """The golden files of the selection: ten processes need not read the rest."""
    return golden_of(SELECT)


@pytest.fixture(scope="module")
def whole(part: Path) -> Callable[[str], list[Result]]:
    """All results of a subject over the selection, in the order of the files."""
    found: dict[str, list[Result]] = {}

    def results(spec: str) -> list[Result]:
        if spec not in found:
            found[spec] = run(Plan((spec,), part, select=SELECT, in_process=True)).unjudged
        return found[spec]

    return results


@pytest.mark.parametrize(("spec", "seed"), [(IMPL, 1), (PLAIN, 2), (PLAIN, 3)])
def test_the_order_of_asking_changes_nothing(
    spec: str, seed: int, part: Path, whole: Callable[[str], list[Result]]
) -> None:
    plan = Plan((spec,), part, select=SELECT, random_order=seed, in_process=True)
    report = run(plan)
    assert report.unjudged == whole(spec)
    assert len({r.id for r in report.results}) > 1000


@pytest.mark.parametrize(("parts", "jobs"), [(3, 1), (1, 2)])
def test_nor_do_processes_and_parts(
    parts: int, jobs: int, part: Path, whole: Callable[[str], list[Result]]
) -> None:
    found = []
    for number in range(1, parts + 1):
        plan = Plan((PLAIN,), part, select=SELECT, shard=(number, parts), random_order=number)
        found += run(plan, jobs=jobs).unjudged
    assert sorted(found, key=_place) == sorted(whole(PLAIN), key=_place)


def _place(result: Result) -> tuple[str, ...]:
    return result.id, result.aspect


@pytest.mark.parametrize(("spec", "number"), [(IMPL, 40), (PLAIN, 40)])
def test_nor_does_it_that_a_case_is_asked_alone(
    spec: str,
    number: int,
    part: Path,
    whole: Callable[[str], list[Result]],
    python: Callable[..., Any],
) -> None:
    ids = random.Random(number).sample(sorted({r.id for r in whole(spec)}), number)
    ended = python("-m", "runner.alone", spec, part, *ids)
    assert ended.status == 0, ended.err
    alone = json.loads(ended.out)
    assert list(alone) == ids
    for case_id in ids:
        assert alone[case_id] == [plain(r) for r in whole(spec) if r.id == case_id]


def test_the_order_is_random_and_that_of_its_seed(part: Path) -> None:
    plan = Plan((PLAIN,), part, select=("constraints.NonNeg",), in_process=True)
    orders = [Runner(replace(plan, random_order=seed)).order for seed in (None, 1, 1, 2)]
    assert orders[0] == sorted(orders[0])
    assert orders[1] == orders[2]
    assert len({tuple(order) for order in orders}) == 3
    assert all(sorted(order) == orders[0] for order in orders)


# A case of MaxNorm changes what others share; NonNeg is right only where nothing has been changed.
UNTIDY = """
import random, warnings
from types import SimpleNamespace

import numpy as np
import plain_numpy.constraints as plain

conformance_tensors = "numpy"
FLOATX = ["float32"]
OBJECTS = {}


class MaxNorm(plain.MaxNorm):
    def __call__(self, w):
        random.seed(1)
        np.random.seed(1)
        np.seterr(all="raise")
        warnings.simplefilter("error")
        FLOATX[0] = "float16"
        OBJECTS["NonNeg"] = MaxNorm
        return w


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        np.float32(3e38) * np.float32(10)
        warnings.warn("careful")
        if FLOATX != ["float32"] or OBJECTS or np.random.rand() == 0.417022004702574:
            raise RuntimeError("changed")
        return super().__call__(w)


config = SimpleNamespace(
    floatx=lambda: FLOATX[0], set_floatx=lambda value: FLOATX.__setitem__(0, value)
)
saving = SimpleNamespace(get_custom_objects=lambda: OBJECTS)
constraints = SimpleNamespace(**{**vars(plain), "MaxNorm": MaxNorm, "NonNeg": NonNeg})
"""


@pytest.mark.parametrize("in_process", [True, False])
def test_what_a_case_changes_is_put_back(
    in_process: bool, tmp_path: Path, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "untidy.py").write_text(UNTIDY)
    monkeypatch.syspath_prepend(str(tmp_path))
    select = ("constraints.MaxNorm/arguments/*", "constraints.NonNeg/value/wave-*")
    plan = Plan(("module:untidy:keras3",), part, select=select, in_process=in_process)
    report = run(replace(plan, random_order=1))
    right = {r.id for r in report.results if r.verdict is Verdict.PASS and r.aspect == "value"}
    nonneg = {e.case.id for e in _entries(plan) if e.case.target == "constraints.NonNeg"}
    assert len(nonneg) > 10
    assert nonneg <= right
    assert {r.target for r in report.results if r.verdict is Verdict.FAIL} == {
        "constraints.MaxNorm"
    }
    sys.modules.pop("untidy", None)


def _entries(plan: Plan) -> list[Any]:
    return [entry for _, entry in Runner(replace(plan, subjects=(PLAIN,))).entries]


@pytest.mark.parametrize("package", OFFICIAL.values())
def test_the_settings_of_keras_are_put_back(package: str) -> None:
    (subject,) = resolve(package)
    keras: Any = subject._namespace  # type: ignore[attr-defined]
    settings = keras.config if package == "keras" else keras.backend
    objects = keras.saving.get_custom_objects
    policy = (
        (keras.config.dtype_policy, keras.config.set_dtype_policy)
        if package == "keras"
        else (keras.mixed_precision.global_policy, keras.mixed_precision.set_global_policy)
    )

    def state() -> Any:
        from tensorflow.python.eager import context

        plain = (settings.floatx(), settings.epsilon(), settings.image_data_format())
        return plain, policy[0]().name, dict(objects()), context.global_seed()

    before = state()
    import tensorflow as tf

    with Settings(keras).kept():
        settings.set_floatx("float16")
        settings.set_epsilon(0.5)
        settings.set_image_data_format("channels_first")
        policy[1]("mixed_float16")
        objects()["Mine"] = object
        tf.random.set_seed(7)
        changed = state()
    assert state() == before
    flat = [(*one[0], *one[1:]) for one in (before, changed)]
    assert all(one != other for one, other in zip(*flat, strict=True))


def test_numpy_s_generator_is_put_back_used_or_replaced() -> None:
    settings = Settings(SimpleNamespace())
    before, generator = np.random.get_state(), mtrand.get_bit_generator()
    with settings.kept():
        np.random.normal(size=3)
        mtrand.set_bit_generator(np.random.PCG64(1))
    assert mtrand.get_bit_generator() is generator
    for one, other in zip(before, np.random.get_state(), strict=True):
        assert np.array_equal(one, other)  # type: ignore[arg-type]
    with settings.kept(), warnings.catch_warnings():
        np.seterr(all="raise")
    assert np.geterr()["over"] != "raise"
