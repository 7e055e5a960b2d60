"""`keras.random` of Keras 3 on NumPy's own generator: other numbers than Keras', the same laws."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np

FLOATS = ("float16", "bfloat16", "float32", "float64")
# What Keras 3 takes the seeds of initializers modulo.
_MODULUS = 2**31 - 2


def fresh_seed() -> int:
    return random.randint(1, 10**9)


class SeedGenerator:
    """A seed, and how many draws were made from it; a restored generator starts again."""

    def __init__(self, seed: Any = None, name: Any = None) -> None:
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"name must be a string without '/'; received {name!r}")
        if seed is not None and (type(seed) is not int or not -(2**63) <= seed < 2**63):
            raise ValueError(f"seed must be an integer of 64 bits; received {seed!r}")
        self._argument = seed
        self.name = name or "seed_generator"
        self.state = np.array([fresh_seed() if seed is None else seed, 0], np.int64)

    def next(self) -> Any:
        state = self.state.copy()
        self.state[1] += 1
        return state

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._argument, "name": self.name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SeedGenerator:
        return cls(**config)


_GLOBAL = SeedGenerator()


def generator(seed: Any) -> np.random.Generator:
    """The source of one draw: of an integer always the same, of a `SeedGenerator` the next."""
    if seed is None:
        seed = _GLOBAL
    if isinstance(seed, SeedGenerator):
        start, count = (int(part) for part in seed.next())
    elif type(seed) is int and -(2**63) <= seed < 2**63:
        start, count = seed, 0
    else:
        raise ValueError(f"seed must be an integer or a SeedGenerator; received {seed!r}")
    return np.random.Generator(np.random.PCG64((start % _MODULUS, count)))


def dtype_of(dtype: Any, allowed: tuple[str, ...] = FLOATS) -> np.dtype[Any]:
    """The NumPy dtype of a dtype or its name, None for float32; ValueError if it is not allowed."""
    # As in TensorFlow, the name `float` is that of 32 bits.
    found = np.dtype("float32" if dtype is None or dtype in ("", "float") else dtype)
    if found.name not in allowed:
        raise ValueError(f"dtype must be {', '.join(allowed)}; received {dtype!r}")
    return found


def number(value: Any, dtype: Any) -> Any:
    """A number, or an array of them, in a dtype."""
    if value is None or isinstance(value, str):
        raise TypeError(f"an argument must be a number; received {value!r}")
    return np.asarray(value).astype(dtype)


def _scaled(draws: Any, mean: Any, stddev: Any, dtype: np.dtype[Any]) -> Any:
    with np.errstate(all="ignore"):
        return draws.astype(dtype) * number(stddev, dtype) + number(mean, dtype)


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    found = dtype_of(dtype)
    return _scaled(generator(seed).standard_normal(shape), mean, stddev, found)


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """As `normal`, draws beyond two deviations drawn again."""
    found, source = dtype_of(dtype), generator(seed)
    draws = np.asarray(source.standard_normal(shape))
    while (beyond := np.abs(draws) > 2).any():
        draws[beyond] = source.standard_normal(np.count_nonzero(beyond))
    return _scaled(draws, mean, stddev, found)


def uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """From `minval` to below `maxval`; integers too, of the dtypes int32 and int64."""
    found = dtype_of(dtype, (*FLOATS, "int32", "int64"))
    low, high = number(minval, found), number(maxval, found)
    source = generator(seed)
    if found.kind == "i":
        return np.asarray(source.integers(low, high, shape, found))
    # On the grid of the dtype: rounded to nearest, a draw could be 1.
    grid = 2 ** np.finfo(found).nmant if found.name != "bfloat16" else 2**7
    draws = np.floor(np.asarray(source.random(shape)) * grid) / grid
    with np.errstate(all="ignore"):
        return draws.astype(found) * (high - low) + low
