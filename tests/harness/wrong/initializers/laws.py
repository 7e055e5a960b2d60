"""Which laws the draws of initializers may follow instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np
from plain_numpy.initializers import TRUNCATED_STDDEV, fans_of

from conformance.model import DIALECTS
from wrong import KERAS3
from wrong.initializers.making import VALUE, Call, Change, Mistake, call, edited, mean_of, scaled


def _about_mean(factor: float) -> Change:
    return edited(
        lambda asked, x: mean_of(asked.initializer) + (x - mean_of(asked.initializer)) * factor
    )


def _shifted(deviations: float) -> Change:
    def edit(asked: Call, x: Any) -> Any:
        return x + deviations * np.asarray(asked.initializer.stddev, np.float64)

    return edited(edit)


def _fan(initializer: Any, fans: tuple[int, int]) -> float:
    by_mode = {"fan_in": fans[0], "fan_out": fans[1], "fan_avg": sum(fans) / 2}
    return max(1.0, by_mode[initializer.mode])


def fanned(wrong: Callable[[tuple[int, ...]], tuple[int, int]]) -> Change:
    """The spread that belongs to other fans."""

    def factor(initializer: Any, sizes: tuple[int, ...]) -> float:
        return math.sqrt(_fan(initializer, fans_of(sizes)) / _fan(initializer, wrong(sizes)))

    return scaled(factor)


def spread_of(kind: str) -> Change:
    """Variance scaling with the right variance and another distribution."""

    def wrong(asked: Call) -> Any:
        c = asked.initializer
        asked.right()
        return asked.other("VarianceScaling", c.scale, c.mode, kind, c.seed)

    return call(wrong)


def _standard(asked: Call) -> Any:
    """Standard normal draws for the seed of an initializer, in float64."""
    drawn = asked.other("RandomNormal", 0.0, 1.0, asked.seed)
    return asked.library.array(drawn).astype(np.float64)


def normal_where(keep: Callable[[Any], Any]) -> Change:
    """Normal draws that are repeated until `keep` of them, in deviations, is true."""

    def edit(asked: Call, x: Any) -> Any:
        draws, source = _standard(asked), np.random.default_rng(17)
        while not (kept := keep(draws)).all():
            draws = np.where(kept, draws, source.standard_normal(draws.shape))
        c = asked.initializer
        return mean_of(c) + draws * np.asarray(c.stddev, np.float64)

    return edited(edit)


def _uniform_for_normal(asked: Call, x: Any) -> Any:
    c = asked.initializer
    draws = asked.library.array(asked.other("RandomUniform", 0.0, 1.0, c.seed)).astype(np.float64)
    return mean_of(c) + (draws - 0.5) * math.sqrt(12) * np.asarray(c.stddev, np.float64)


def _bounds(initializer: Any) -> tuple[Any, Any]:
    return tuple(np.asarray(b, np.float64) for b in (initializer.minval, initializer.maxval))


def _normal_for_uniform(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    return (low + high) / 2 + _standard(asked) * (high - low) / math.sqrt(12)


def _wider_range(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    return (low + high) / 2 + (x - (low + high) / 2) * 1.02


def _high_included(asked: Call) -> Any:
    asked.right()
    if "int" not in str(asked.dtype) or asked.initializer.maxval > 1000:
        return asked.right()
    return asked.right(asked.again(maxval=asked.initializer.maxval + 1))


def _coarse(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    span = np.where(high == low, 1.0, high - low)
    return low + np.floor((x - low) / span * 64) / 64 * span


def _second_half_repeats(asked: Call, x: Any) -> Any:
    flat = x.reshape(-1).copy()
    half = flat.size // 2
    flat[flat.size - half :] = flat[:half]
    return flat.reshape(x.shape)


def _rows_repeat(asked: Call, x: Any) -> Any:
    return np.broadcast_to(x[:1], x.shape) if x.ndim else x


def orthogonal(
    *,
    tall: Callable[[tuple[int, ...]], tuple[int, int]] = lambda s: (math.prod(s[:-1]), s[-1]),
    signs: Callable[[Any, Any], Any] = lambda q, r: q * np.where(np.diagonal(r) < 0, -1, 1),
    turn: Callable[[Any], Any] = np.transpose,
    factor: Callable[[Any], Any] = np.linalg.qr,
) -> Change:
    """The definition of Orthogonal in NumPy, on the draws of the library, with other pieces."""

    def edit(asked: Call, x: Any) -> Any:
        if not x.size:
            return x
        rows, columns = tall(x.shape)
        flat = (max(rows, columns), min(rows, columns))
        normal = asked.library.package.initializers.RandomNormal(0.0, 1.0, asked.seed)
        # The values in question have been drawn already: a generator must not advance twice.
        if asked.has_generator:
            return x
        draws = asked.library.array(normal(flat, asked.dtype)).astype(np.float64)
        q, r = factor(draws)
        q = signs(q, r)
        q = turn(q) if rows < columns else q
        return q.reshape(x.shape) * np.asarray(asked.initializer.gain, np.float64)

    return edited(edit)


def _normalised(draws: Any) -> tuple[Any, Any]:
    """Columns of norm 1 that are not orthogonal."""
    return draws / np.linalg.norm(draws, axis=0), np.eye(draws.shape[1])


def _first_columns(draws: Any) -> tuple[Any, Any]:
    """Orthonormal, and the same for every seed."""
    return np.eye(*draws.shape), np.eye(draws.shape[1])


def _regained(gain: Callable[[Any], Any]) -> Change:
    return call(lambda asked: asked.right(asked.again(gain=gain(asked.initializer.gain))))


def _plain_twin(asked: Call) -> Any:
    return asked.right(asked.again(mode="fan_in"))


_LAW: Final = ("distribution",)
_BOTH: Final = ("contract", "distribution")
_NORMALS: Final = ("GlorotNormal", "HeNormal", "LecunNormal")
_UNIFORMS: Final = ("GlorotUniform", "HeUniform", "LecunUniform")

MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, "RandomNormal", change, VALUE, _LAW)
        for name, change in (
            ("deviation-2-percent", _about_mean(1.02)),
            ("mean-shifted", _shifted(0.02)),
            (
                "variance-for-deviation",
                call(lambda a: a.right(a.again(stddev=a.initializer.stddev**2))),
            ),
            ("truncated", normal_where(lambda z: np.abs(z) <= 2)),
            ("uniform", edited(_uniform_for_normal)),
            ("second-half-repeats", edited(_second_half_repeats)),
            ("rows-repeat", edited(_rows_repeat)),
            ("sorted", edited(lambda a, x: np.sort(x, axis=None).reshape(x.shape))),
        )
    ),
    *(
        Mistake(name, "TruncatedNormal", change, VALUE, own)
        for name, change, own in (
            ("untruncated", normal_where(np.isfinite), _BOTH),
            ("bound-2.05", normal_where(lambda z: np.abs(z) <= 2.05), _LAW),
            ("bound-1.95", normal_where(lambda z: np.abs(z) <= 1.95), _LAW),
            ("cut-above-only", normal_where(lambda z: z <= 2), _LAW),
            ("deviation-corrected", _about_mean(1 / TRUNCATED_STDDEV), _BOTH),
            (
                "clipped",
                edited(
                    lambda a, x: (
                        mean_of(a.initializer)
                        + np.clip(_standard(a), -2, 2) * np.asarray(a.initializer.stddev)
                    )
                ),
                _LAW,
            ),
        )
    ),
    *(
        Mistake(name, "RandomUniform", change, VALUE, own)
        for name, change, own in (
            ("range-2-percent", edited(_wider_range), _LAW),
            ("normal", edited(_normal_for_uniform), _BOTH),
            ("minval-ignored", call(lambda a: a.right(a.again(minval=0.0))), _LAW),
            ("of-64-values", edited(_coarse), _LAW),
            ("second-half-repeats", edited(_second_half_repeats), _LAW),
        )
    ),
    Mistake(
        "reflected",
        "RandomUniform",
        edited(lambda a, x: sum(_bounds(a.initializer)) - x),
        VALUE,
        (),
    ),
    Mistake(
        "high-included",
        "RandomUniform",
        call(_high_included),
        ("value", "distribution"),
        _BOTH,
        ("integer/*", "sample/*-int*"),
    ),
    *(
        Mistake("truncation-uncorrected", name, scaled(lambda c, s: TRUNCATED_STDDEV), VALUE, _LAW)
        for name in _NORMALS
    ),
    *(
        Mistake("untruncated", name, spread_of("untruncated_normal"), VALUE, _LAW)
        for name in _NORMALS
    ),
    *(
        Mistake("fans-swapped", name, fanned(lambda s: fans_of(s)[::-1]), VALUE, _LAW)
        for name in ("HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling")
    ),
    *(
        Mistake("receptive-field-ignored", name, fanned(lambda s: fans_of(s[-2:])), VALUE, _LAW)
        for name in ("GlorotNormal", "GlorotUniform", "HeUniform", "VarianceScaling")
    ),
    *(
        Mistake("average-is-fan-in", name, fanned(lambda s: (fans_of(s)[0],) * 2), VALUE, _LAW)
        for name in ("GlorotNormal", "GlorotUniform")
    ),
    *(
        Mistake(name, "HeNormal", change, VALUE, _LAW)
        for name, change in (
            ("scale-twice", scaled(lambda c, s: math.sqrt(2))),
            ("scale-forgotten", scaled(lambda c, s: math.sqrt(0.5))),
            ("uniform", spread_of("uniform")),
            ("deviation-2-percent", scaled(lambda c, s: 0.98)),
            (
                "variance-for-deviation",
                scaled(lambda c, s: math.sqrt(2 / _fan(c, fans_of(s)))),
            ),
        )
    ),
    *(
        Mistake("limit-2-percent", name, scaled(lambda c, s: 1.02), VALUE, _LAW)
        for name in _UNIFORMS
    ),
    Mistake("normal", "LecunUniform", spread_of("normal"), VALUE, _BOTH),
    Mistake("limit-sqrt-3", "GlorotUniform", scaled(lambda c, s: math.sqrt(0.5)), VALUE, _LAW),
    *(
        Mistake(name, "VarianceScaling", change, VALUE, own, where, dialects)
        for name, change, own, where, dialects in (
            ("scale-twice", scaled(lambda c, s: math.sqrt(c.scale)), _LAW, (), DIALECTS),
            ("mode-ignored", call(_plain_twin), _LAW, (), DIALECTS),
            (
                "always-truncated",
                call(lambda a: a.right(a.again(distribution="truncated_normal"))),
                _LAW,
                (),
                DIALECTS,
            ),
            (
                "axes-ignored",
                call(lambda a: a.right(a.again(input_axes=None, output_axes=None))),
                _LAW,
                ("axes/*", "sample/*axes*"),
                KERAS3,
            ),
        )
    ),
    *(
        Mistake(name, "Orthogonal", change, VALUE, own)
        for name, change, own in (
            ("signs-not-fixed", orthogonal(signs=lambda q, r: q), _LAW),
            ("gain-squared", _regained(lambda g: g * g), _BOTH),
            ("gain-ignored", _regained(lambda g: 1.0), _BOTH),
            ("reshaped-for-transposed", orthogonal(turn=np.ravel), _BOTH),
            ("first-axis-are-rows", orthogonal(tall=lambda s: (s[0], math.prod(s[1:]))), _BOTH),
            ("not-orthogonal", orthogonal(factor=_normalised), _BOTH),
            ("unit-vectors", orthogonal(factor=_first_columns), _LAW),
        )
    ),
)
