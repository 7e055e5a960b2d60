"""What holds while a layer is called, and inside it the layers that it calls; one per thread."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import tensorflow as tf

_EPOCHS = count(1)


class CallScope(threading.local):
    """The call that this thread is in.

    Attributes:
        depth: how many calls of layers are open.
        training: what the enclosing call was told, or None.
        autocast: the dtype that `AutocastVariable`s are read in, or None for their own.
        epoch: a number for each outermost call, larger than all before it.
        path: the names of the open layers that are not built, outermost first.

    """

    depth: int = 0
    training: object = None
    autocast: tf.DType | None = None
    epoch: int = 0
    path: tuple[str, ...] = ()

    def begin(self) -> None:
        """A new outermost call."""
        self.epoch = next(_EPOCHS)

    @contextmanager
    def building(self, name: str) -> Iterator[None]:
        """Inside the `with` block the layer called `name` is the innermost of the `path`."""
        outer, self.path = self.path, (*self.path, name)
        try:
            yield
        finally:
            self.path = outer


CALL = CallScope()


def snake_case(name: str) -> str:
    """A class name in the form of layer names: MyLay2D to my_lay2d, Conv1DTranspose to conv1d_transpose."""
    parted = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()


class Names:
    """Names given to layers and weights without one: dense, dense_1, dense_2."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def next(self, prefix: str) -> str:
        """`prefix` the first time, then with a number from 1."""
        number = self._used[prefix]
        self._used[prefix] += 1
        return f"{prefix}_{number}" if number else prefix

    def clear(self) -> None:
        """Counts from the start again."""
        self._used.clear()
