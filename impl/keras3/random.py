"""`keras.random` of Keras 3: draws, and the generator that advances with each of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import tensorflow as tf

from impl.core import sampling
from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared.random_initializers import fresh_seed
from impl.shared.saving import Configured

__all__ = ["SeedGenerator", "normal", "truncated_normal", "uniform"]


class SeedGenerator(Configured):
    """A source of seeds, each used once. Its state is an int64 variable: (seed, draws so far).

    `seed` is an integer of 64 bits, or None for a random one. Raises ValueError for anything else.
    The configuration holds the seed, not the count: a restored generator starts again.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"SeedGenerator: name must be a string without '/', got {name!r}")
        self._seed = seed
        self.name = name or "seed_generator"
        seed = fresh_seed() if seed is None else seed
        if type(seed) is not int:
            raise ValueError(f"SeedGenerator: seed must be an integer, got {seed!r}")
        with tf.init_scope():
            self.state = tf.Variable([seed, 0], dtype=tf.int64, trainable=False, name=self.name)

    def next(self, ordered: bool = True) -> tf.Tensor:
        """The state, of shape (2,), after which the count is one more.

        With `ordered=False` both numbers of the state go on, to a remainder of a product.
        """
        state = self.state.value()
        if ordered:
            self.state.assign_add([0, 1], read_value=False)
        else:
            self.state.assign((state + 1) * 5387 % 933199, read_value=False)
        return state

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"seed": self._seed, "name": self.name}


REGISTRY.add_built_in("keras.random", SeedGenerator)


def read_seed(seed: Any) -> Any:
    """An initializer's `seed` argument: an integer, a generator, one as saved, or None.

    None becomes a random integer. Raises TypeError for what else was saved, ValueError for anything
    else, but for what is an integer or empty: that is refused by the draw.
    """
    if seed is None:
        return fresh_seed()
    if isinstance(seed, Mapping) and seed:
        return _saved_generator(seed)
    if isinstance(seed, int | Mapping | SeedGenerator):
        return seed
    raise ValueError(f"seed must be an integer or a SeedGenerator, got {seed!r}")


def _saved_generator(record: Mapping[str, Any]) -> Any:
    name, config = record.get("class_name"), record.get("config")
    cls: Any = SeedGenerator
    if not (name == "SeedGenerator" and REGISTRY.is_built_in(record)):
        cls = REGISTRY.get_registered_object(str(record.get("registered_name") or name))
    if config is None or not hasattr(cls, "from_config"):
        raise TypeError(f"seed must be a saved SeedGenerator, where it is a dict, got {record!r}")
    return cls.from_config(config)


def next_pair(seed: Any) -> Any:
    """The two-element seed of the next draw of an initializer; a generator advances."""
    if type(seed) is int:
        return sampling.folded_seed_pair(seed)
    if not isinstance(seed, SeedGenerator):
        raise ValueError(f"seed must be an integer or a SeedGenerator, got {seed!r}")
    return sampling.fold_state(seed.next())


@cache
def global_generator() -> SeedGenerator:
    """The generator of the draws that are given no seed, until its cache is cleared."""
    return SeedGenerator()


def _pair(seed: Any) -> Any:
    if seed is None:
        return sampling.fold_state(global_generator().next(ordered=False))
    return next_pair(read_seed(seed))


def _float_dtype(dtype: Any) -> tf.DType:
    try:
        found = tf.as_dtype(SETTINGS.floatx() if dtype is None else dtype)
    except TypeError:
        raise ValueError(f"dtype must be the name of a dtype, got {dtype!r}") from None
    if not found.is_floating:
        raise ValueError(f"dtype must be a float dtype, got {found.name}")
    return found


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> tf.Tensor:
    """Normal draws of a float `dtype` (None: `floatx`).

    `seed` is an integer, a `SeedGenerator`, which advances, or None for one that all calls share.
    Raises ValueError for another seed or dtype.
    """
    return sampling.untruncated_normal(shape, mean, stddev, _pair(seed), _float_dtype(dtype))


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> tf.Tensor:
    """`normal`, where draws over two `stddev` from the `mean` are repeated."""
    return sampling.truncated_normal(shape, mean, stddev, _pair(seed), _float_dtype(dtype))


def uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None
) -> tf.Tensor:
    """Draws from [minval, maxval) of a float `dtype`; see `normal` for `seed` and errors."""
    bound = sampling.recast_scalar
    return sampling.uniform(shape, minval, maxval, bound, _pair(seed), _float_dtype(dtype))
