"""What initializers may do with seeds instead."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)

from wrong import KERAS2, KERAS3
from wrong.initializers.making import SEEDS, VALUE, Call, Change, Mistake, call, edited, mean_of


def _seed_advances(asked: Call) -> Any:
    if asked.has_generator or asked.unseeded:
        return asked.right()
    number = vars(asked.initializer).get("calls", 0)
    asked.initializer.calls = number + 1
    return asked.right(asked.again(seed=asked.seed + number))


def _unseeded(wrong: Callable[[Call], Any]) -> Change:
    return call(lambda asked: wrong(asked) if asked.unseeded else asked.right())


def _follows_the_last(asked: Call, x: Any) -> Any:
    mean, last = mean_of(asked.initializer), vars(asked.initializer).get("last")
    if asked.has_generator and last is not None and last.shape == x.shape:
        x = mean + 0.6 * (last - mean) + 0.8 * (x - mean)
    asked.initializer.last = x
    return x


def _generator_stays(asked: Call) -> Any:
    return asked.right(asked.again()) if asked.has_generator else asked.right()


def _other_seed(seed: Callable[[int], int]) -> Change:
    def wrong(asked: Call) -> Any:
        plain = type(asked.seed) is int and not asked.unseeded
        return asked.right(asked.again(seed=seed(asked.seed)) if plain else None)

    return call(wrong)


def _never_warns(asked: Call) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return asked.right()


SEEDED: Final = ("RandomNormal", "RandomUniform", "HeNormal", "GlorotUniform", "Orthogonal")

MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, target, change, official, own, SEEDS)
        for target in SEEDED
        for name, change, official, own in (
            (
                "seed-ignored",
                call(lambda a: a.right(a.again(seed=None))),
                ("value", "repeats"),
                ("repeats",),
            ),
            ("seed-advances", call(_seed_advances), ("repeats",), ("repeats",)),
            (
                "unseeded-alike",
                _unseeded(lambda a: a.right(a.again(seed=1))),
                ("repeats",),
                ("repeats",),
            ),
            (
                "unseeded-advances",
                _unseeded(lambda a: a.right(a.again(seed=None))),
                ("repeats",),
                ("repeats",),
            ),
        )
    ),
    *(
        Mistake(
            "generator-stays",
            target,
            call(_generator_stays),
            ("value", "repeats", "distribution"),
            ("repeats", "distribution"),
            (*SEEDS, "sample/seed=SeedGenerator*"),
            KERAS3,
        )
        for target in ("RandomNormal", "HeNormal")
    ),
    Mistake(
        "calls-correlated",
        "RandomNormal",
        edited(_follows_the_last),
        ("value", "distribution"),
        ("distribution",),
        ("generator/*", "sample/seed=SeedGenerator*"),
        KERAS3,
    ),
    Mistake(
        "sign-of-seed-lost",
        "RandomUniform",
        _other_seed(lambda s: min(abs(s), 2**63 - 1)),
        VALUE,
        (),
        SEEDS,
    ),
    Mistake(
        "seed-of-32-bits",
        "RandomNormal",
        _other_seed(lambda s: s % 2**32 if -(2**63) <= s < 2**63 else s),
        VALUE,
        (),
        SEEDS,
    ),
    *(
        Mistake("never-warns", target, call(_never_warns), ("warned",), (), SEEDS, KERAS2)
        for target in SEEDED
    ),
)
