"""Weights that layers draw: large samples, judged by the documented law of their initializer.

The layers are made after a global seed, so that official Keras draws the same values again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.cases.initializers.common import sampled
from conformance.cases.rows import Rows
from conformance.cases.steps import globally
from conformance.model import Case, Step


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer with a large weight: its arguments, the shape of its input, and the number and shape of the weight."""

    name: str
    arguments: dict[str, Any]
    shape: tuple[int | None, ...]
    weight: tuple[int, ...]
    part: str = "kernel"
    number: int = 0


_LAYERS: Final = (
    _Layer("Dense", {"units": 640}, (None, 256), (256, 640)),
    _Layer("Conv1D", {"filters": 341, "kernel_size": 5}, (None, 9, 96), (5, 96, 341)),
    _Layer("Conv2D", {"filters": 189, "kernel_size": 3}, (None, 9, 9, 96), (3, 3, 96, 189)),
    _Layer("Conv3D", {"filters": 126, "kernel_size": 3}, (None, 5, 5, 5, 48), (3, 3, 3, 48, 126)),
    _Layer("Conv1DTranspose", {"filters": 96, "kernel_size": 5}, (None, 9, 341), (5, 96, 341)),
    _Layer(
        "Conv2DTranspose", {"filters": 96, "kernel_size": 3}, (None, 9, 9, 189), (3, 3, 96, 189)
    ),
    _Layer(
        "Conv3DTranspose",
        {"filters": 48, "kernel_size": 3},
        (None, 5, 5, 5, 126),
        (3, 3, 3, 48, 126),
    ),
    _Layer(
        "DepthwiseConv1D",
        {"kernel_size": 5, "depth_multiplier": 64},
        (None, 9, 512),
        (5, 512, 64),
        "depthwise",
    ),
    _Layer(
        "DepthwiseConv2D",
        {"kernel_size": 3, "depth_multiplier": 64},
        (None, 9, 9, 284),
        (3, 3, 284, 64),
        "depthwise",
    ),
    _Layer(
        "SeparableConv1D",
        {"filters": 640, "kernel_size": 2},
        (None, 9, 256),
        (1, 256, 640),
        "pointwise",
        1,
    ),
    _Layer(
        "SeparableConv2D",
        {"filters": 640, "kernel_size": 2},
        (None, 9, 9, 256),
        (1, 1, 256, 640),
        "pointwise",
        1,
    ),
)
# By the word that names it as an argument: the class, with its documented defaults. None is the default.
_INITIALIZERS: Final[dict[str | None, tuple[str, dict[str, Any]]]] = {
    None: ("GlorotUniform", {}),
    "he_normal": ("HeNormal", {}),
    "lecun_uniform": ("LecunUniform", {}),
    "random_normal": ("RandomNormal", {}),
    "truncated_normal": ("TruncatedNormal", {}),
}


def rows() -> Iterator[Case]:
    """The largest weight of each layer; by default, and by initializers that are named."""
    for layer in _LAYERS:
        for word, (name, arguments) in _INITIALIZERS.items():
            if word is not None and layer.name not in ("Dense", "Conv2D", "DepthwiseConv2D"):
                continue
            given = dict(layer.arguments)
            if word is not None:
                given[f"{layer.part}_initializer"] = word
            options: dict[str, Any] = {
                "shape": layer.shape,
                "weight": layer.number,
                "weight_shape": layer.weight,
                "calls": 1,
            }
            row = Rows(f"layers.{layer.name}", arguments=given, flags="distribution")
            yield row(
                "drawn",
                word or "default",
                globally(seed=7),
                Step("sample", options=options),
                tolerance=sampled(name, arguments, layer.weight),
            )
