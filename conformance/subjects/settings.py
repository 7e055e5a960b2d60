"""What a case may change in the process that all cases share, put back after each.

Otherwise the verdict of a case would depend on the cases before it. What is put back: NumPy's handling of floating
point errors and how it prints; the global generators of Python, NumPy and TensorFlow; and of a package shaped like
Keras its float type, epsilon, image format, dtype policy and custom objects. (`quiet` puts back the filters of
warnings.) What TensorFlow remembers of Python numbers is forgotten before each case: it takes -0.0 for 0.0 if it has
met 0.0 before, and the other way round. Nobody can put back what a module holds in variables of its own:
`--random-order` shows whether answers depend on them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.random import MT19937, mtrand

from conformance.subjects.base import NotOffered

# How a value is read, and how it is set again.
_Setting: TypeAlias = tuple[Callable[[], Any], Callable[[Any], Any]]
# In which submodules of a namespace a setting is looked for, in this order.
_PLACES: Final = ("config", "backend")
_PLAIN: Final = ("floatx", "epsilon", "image_data_format")
# Where the policy is: in Keras 3, in Keras 2.
_POLICIES: Final = (
    ("config.dtype_policy", "config.set_dtype_policy"),
    ("mixed_precision.global_policy", "mixed_precision.set_global_policy"),
)
_SEEDING: Final = "utils.set_random_seed"
_OBJECTS: Final = ("saving.get_custom_objects", "utils.get_custom_objects")
# The state of a Mersenne twister in memory: 624 words and a position.
_WORDS: Final = 624
_STATE: Final = 4 * (_WORDS + 1)


class Settings:
    """The settings that cases may change, of this process and of one namespace."""

    def __init__(self, namespace: Any) -> None:
        self._plain = [*_numpy(), *_keras(namespace)]
        self._writers = dict(_writers(namespace))
        self._seeded = False
        found = (_at(namespace, path) for path in _OBJECTS)
        self._objects = next((each for each in found if each is not None), None)

    def change(self, name: str, value: Any) -> None:
        """Changes a setting of the namespace: `floatx`, `epsilon`, `dtype_policy`, `seed`, ...

        NotOffered where it has no function for it.
        """
        if name not in self._writers:
            raise NotOffered(f"it has no function that sets {name}")
        self._seeded = self._seeded or name == "seed"
        self._writers[name](value)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Puts back, at the end, what has changed meanwhile."""
        forget_scalars()
        plain = [(read(), read, write) for read, write in self._plain]
        for value, _, write in plain:
            # Keras 2 does not tell a policy that is unset from one that is set to the same.
            if isinstance(value, _Policy):
                write(value)
        objects = None if self._objects is None else dict(self._objects())
        state, numbers = random.getstate(), _Numbers()
        seed = _tensorflow_seed()
        try:
            yield
        finally:
            for value, read, write in plain:
                if read() != value:
                    write(value)
            if objects is not None and self._objects is not None and self._objects() != objects:
                self._objects().clear()
                self._objects().update(objects)
            if self._seeded:
                # What the next case draws without a seed must not follow from this one.
                self._writers["seed"](int.from_bytes(os.urandom(3)))
                self._seeded = False
            random.setstate(state)
            numbers.restore()
            _set_tensorflow_seed(seed)


class _Numbers:
    """The global generator of NumPy as it is now.

    Its state is looked at in memory: `np.random.get_state` takes longer than a small case.
    """

    def __init__(self) -> None:
        self._generator = mtrand.get_bit_generator()
        self._state = self._read()

    def restore(self) -> None:
        """Puts the generator back if it has been used or replaced."""
        if mtrand.get_bit_generator() is not self._generator:
            mtrand.set_bit_generator(self._generator)
        if self._read() != self._state:
            *words, position = np.frombuffer(self._state, np.uint32).tolist()
            np.random.set_state(("MT19937", words, position, 0, 0.0))

    def _read(self) -> bytes:
        if not isinstance(self._generator, MT19937):  # the user's own
            return b""
        return ctypes.string_at(self._generator.ctypes.state_address, _STATE)


def _numpy() -> Iterator[_Setting]:
    yield np.geterr, lambda value: np.seterr(**value)
    yield np.get_printoptions, lambda value: np.set_printoptions(**value)


def _keras(namespace: Any) -> Iterator[_Setting]:
    for name in _PLAIN:
        for place in _PLACES:
            read, write = _at(namespace, f"{place}.{name}"), _at(namespace, f"{place}.set_{name}")
            if read and write:
                yield read, write
                break
    for reading, writing in _POLICIES:
        policy, write = _at(namespace, reading), _at(namespace, writing)
        if policy and write:
            yield _policy(namespace, reading, write)
            break


def _policy(
    namespace: Any, reading: str, write: Callable[[Any], Any]
) -> tuple[Callable[[], _Policy], Callable[[_Policy], None]]:
    """How the dtype policy is read and set again.

    In Keras 2 nobody has set it at first, and then it is that of `floatx`: so it is again afterwards. In Keras 3
    it is what it was when somebody looked at it first, which is done here before each case.
    """
    policy = _at(namespace, reading)
    of_floatx = _at(namespace, "backend.floatx") if reading.endswith("global_policy") else None

    def restore(held: _Policy) -> None:
        unset = of_floatx is not None and held.policy.name == of_floatx()
        write(None if unset else held.policy)

    return lambda: _Policy(policy()), restore


class _Policy:
    """A policy, which is the same as another of its name: Keras 2 makes a new object each time."""

    def __init__(self, policy: Any) -> None:
        self.policy = policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Policy) and self.policy.name == other.policy.name

    __hash__ = None  # type: ignore[assignment]


def _writers(namespace: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """By the name of a setting, the function of the namespace that changes it."""
    sought = [(name, f"{place}.set_{name}") for name in _PLAIN for place in _PLACES]
    sought += [("dtype_policy", writing) for _, writing in _POLICIES]
    sought += [("seed", _SEEDING)]
    for name, path in reversed(sought):
        if write := _at(namespace, path):
            yield name, write


def _at(namespace: Any, path: str) -> Any:
    """The function at a dotted path; None where there is none."""
    for part in path.split("."):
        namespace = getattr(namespace, part, None)
    return namespace if callable(namespace) else None


def forget_scalars() -> None:
    """Empties TensorFlow's cache of Python numbers that became tensors; no public name does."""
    if "tensorflow" in sys.modules:
        from tensorflow.python import pywrap_tfe

        pywrap_tfe.TFE_ClearScalarCache()


def _tensorflow_seed() -> int | None:
    """TensorFlow's global seed, which no public name tells; None where there is none, or no TensorFlow."""
    if "tensorflow" not in sys.modules:
        return None
    from tensorflow.python.eager import context

    seed: int | None = context.global_seed()
    return seed


def _set_tensorflow_seed(seed: int | None) -> None:
    if _tensorflow_seed() != seed:
        from tensorflow.python.eager import context

        context.set_global_seed(seed)
