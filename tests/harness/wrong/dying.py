"""Wrong subjects that end their process, as kernels of a framework do: NumPy layers, which start at once.

Each is a module, since only a process of its own may die. It is right until then: a twin that lives passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Dying:
    """A layer that dies in `dies` of a case; `size`: the number of its spatial axes."""

    name: str
    target: str
    case: str
    dies: str
    size: int

    @property
    def test_id(self) -> str:
        """As those of the pairs."""
        return f"{self.target}-{self.name}-keras3"

    def text(self, dies: bool = True) -> str:
        """The module; with a twin of the layer, where it does not die."""
        name = self.target.partition(".")[2]
        filled = {"cls": name, "size": self.size, "dies": self.dies if dies else ""}
        return _MODULE.format(**filled)


_MODULE: Final = """
import os
from types import SimpleNamespace

import numpy as np

conformance_tensors = "numpy"


class Weight(np.ndarray):
    pass


def weight(name, shape):
    made = np.zeros(shape, "float32").view(Weight)
    made.name = made.path = name
    return made


class {cls}:
    def __init__(self, **named):
        self.named = named

    def ends(self, method):
        if method == {dies!r}:
            os.abort()

    def build(self, shape):
        self.ends("build")
        channels, filters = shape[-1], self.named["filters"]
        last = (filters, channels) if "Transpose" in {cls!r} else (channels, filters)
        kernel = (*self.named["kernel_size"], *last)
        self.weights = [weight("kernel", kernel), weight("bias", (filters,))]

    def set_weights(self, values):
        assert [v.shape for v in values] == [w.shape for w in self.weights]

    def __call__(self, x):
        self.ends("call")
        if x.ndim != {size} + 2:
            raise ValueError("the rank must be {size} + 2")
        size = [n + k - 1 for n, k in zip(x.shape[1:-1], self.named["kernel_size"])]
        if self.named.get("padding") == "same":
            size = x.shape[1:-1]
        return np.zeros((x.shape[0], *size, self.named["filters"]), "float32")


layers = SimpleNamespace({cls}={cls}, Layer=object)
"""

DYING: Final[tuple[Dying, ...]] = (
    Dying("dies-without-filters", "layers.Conv2DTranspose", "rejected/filters=0", "build", 2),
    Dying("dies-of-a-kernel-of-0", "layers.Conv2D", "rejected/kernel_size=0", "build", 2),
    Dying(
        "dies-of-a-negative-output-padding",
        "layers.Conv2DTranspose",
        "rejected/output_padding=-1",
        "build",
        2,
    ),
    Dying("dies-of-an-empty-batch", "layers.Conv3DTranspose", "edge/empty-batch", "call", 3),
    Dying("dies-of-an-empty-length", "layers.Conv3DTranspose", "edge/empty-length-same", "call", 3),
    Dying("dies-of-another-rank", "layers.Conv2D", "input/rank-less", "call", 2),
)
