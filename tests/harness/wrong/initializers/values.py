"""Which dtypes, shapes and numbers initializers may give instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np

from wrong import KERAS2, KERAS3
from wrong.initializers.making import CONFIGS, VALUE, Call, Change, Mistake, call, edited, without


def _integers_taken(asked: Call) -> Any:
    try:
        return asked.right()
    except (TypeError, ValueError):
        array = asked.library.array(asked.right(dtype="float32"))
        return asked.library.tensor(array.astype(asked.dtype))


def _narrow(asked: Call) -> Any:
    """float64 is answered in float32."""
    array = asked.library.array(asked.right())
    narrow = array.astype(np.float32) if array.dtype == np.float64 else array
    return asked.library.tensor(narrow)


def _always_float32(asked: Call) -> Any:
    asked.right()
    return asked.right(dtype="float32")


def by_value(value: Callable[[Any], Any]) -> Change:
    """Constant with its numbers made others first; whatever is no number stays."""

    def wrong(asked: Call) -> Any:
        given = asked.initializer.value
        is_number = type(given) in (int, float) and math.isfinite(given)
        made = type(asked.initializer)(value(given)) if is_number else asked.initializer
        return asked.right(made)

    return call(wrong)


def _gain_of_one(asked: Call) -> Any:
    return asked.right(type(asked.initializer)(type(asked.initializer.gain)(1)))


def _any_rank(asked: Call) -> Any:
    return asked.right() if len(asked.shape) == 2 else asked.other("Zeros")


def _stft(**arguments: Any) -> Change:
    return call(lambda asked: asked.right(asked.again(**arguments)))


_DTYPE: Final = (("dtype",), ("dtype",), ("dtype/*",))

MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake("float64-in-float32", target, call(_narrow), *_DTYPE)
        for target in ("RandomNormal", "RandomUniform", "HeNormal", "Zeros", "Constant")
    ),
    *(
        Mistake("dtype-ignored", target, call(_always_float32), *_DTYPE)
        for target in ("TruncatedNormal", "GlorotUniform", "Zeros", "Ones", "Identity")
    ),
    *(
        Mistake("transposed", target, edited(lambda a, x: x.T), ("shape",), ("shape",))
        for target in ("RandomUniform", "HeNormal", "Ones")
    ),
    *(
        Mistake(
            "float64-of-24-bits",
            target,
            edited(lambda a, x: x.astype(np.float32)),
            VALUE,
            (),
            ("dtype/*",),
        )
        for target in ("RandomNormal", "RandomUniform", "GlorotUniform", "Orthogonal")
    ),
    Mistake(
        "integers-taken",
        "RandomNormal",
        call(_integers_taken),
        ("accepted",),
        ("accepted",),
        ("dtype/*",),
    ),
    *(
        Mistake(name, target, change, aspects, aspects, where)
        for target, name, change, aspects, where in (
            ("Zeros", "ones", edited(lambda a, x: x + 1), VALUE, ()),
            ("Zeros", "negative", edited(lambda a, x: -x), ("zero-sign",), ()),
            (
                "Constant",
                "whole-numbers",
                by_value(lambda v: type(v)(math.trunc(v))),
                VALUE,
                ("value/*", "dtype/*"),
            ),
            (
                "Constant",
                "of-16-bits",
                by_value(lambda v: float(np.float16(v)) if type(v) is float else v),
                VALUE,
                ("rank/*", "dtype/*"),
            ),
            (
                "Identity",
                "ones-everywhere",
                edited(lambda a, x: np.full_like(x, x.max(initial=0.0))),
                VALUE,
                ("arguments/*",),
            ),
            ("Identity", "gain-ignored", call(_gain_of_one), VALUE, ("arguments/*",)),
            ("Identity", "any-rank", call(_any_rank), ("accepted",), ("rank/*",)),
        )
    ),
    Mistake(
        "answers-zeros",
        "Initializer",
        call(lambda a: a.library.tensor(np.zeros(a.shape, np.float32))),
        ("accepted",),
        ("accepted",),
        ("call/*",),
    ),
    Mistake(
        "value-not-saved",
        "Constant",
        without("value"),
        ("config", "value"),
        ("config", "value"),
        CONFIGS,
        KERAS2,
    ),
    # Constant of Keras 3 cannot be restored without.
    Mistake("value-missing", "Constant", without("value"), ("accepted",), (), CONFIGS, KERAS3),
    Mistake(
        "gain-not-saved",
        "Identity",
        without("gain"),
        ("config", "value"),
        (),
        CONFIGS,
        KERAS2,
    ),
    *(
        Mistake(name, "STFT", change, VALUE, VALUE, ("arguments/*",), KERAS3)
        for name, change in (
            ("sides-swapped", _stft(side="imag")),
            ("window-ignored", _stft(window=None)),
            ("never-scaled", _stft(scaling=None)),
            ("always-periodic", _stft(periodic=True)),
        )
    ),
)
