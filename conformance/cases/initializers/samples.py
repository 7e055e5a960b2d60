"""Large samples, judged by what the documentation says they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    DISTRIBUTIONS,
    DRAWS,
    MODES,
    PRESETS,
    SAMPLE,
    Rows,
    generator,
    sampled,
)
from conformance.cases.rows import KERAS3, arguments_text, sizes
from conformance.model import DIALECTS, Case, Step

# Kernels as layers have them, of SAMPLE elements or a few less. All fans differ.
DENSE: Final = (256, SAMPLE // 256)
CONV1D: Final = (5, 96, SAMPLE // (5 * 96))
CONV2D: Final = (3, 3, 96, SAMPLE // (9 * 96))
CONV3D: Final = (3, 3, 3, 48, SAMPLE // (27 * 48))
VECTOR: Final = (SAMPLE,)


def _case(
    name: str,
    shape: tuple[int, ...],
    arguments: Mapping[str, Any],
    dtype: str = "float32",
    calls: int = 1,
    dialects: tuple[str, ...] = DIALECTS,
) -> Case:
    """A sample of one shape; the seed is 7 where the arguments name none."""
    row = Rows(name, dialects, arguments={"seed": 7, **arguments}, flags="distribution")
    detail = f"{arguments_text(arguments)}-{sizes(shape)}-{dtype}"
    step = Step("sample", options={"shape": list(shape), "dtype": dtype, "calls": calls})
    return row("sample", detail, step, tolerance=sampled(name, arguments, shape, dtype))


_NORMAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"mean": 0.0, "stddev": 1.0},
    {"mean": 2.0, "stddev": 0.5},
    {"mean": -1, "stddev": 3},
    {"mean": 0.3, "stddev": -0.8},
)
_ARGUMENTS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "RandomUniform": (
        {"minval": 0.0, "maxval": 1.0},
        {"minval": -2.0, "maxval": 0.5},
        {"minval": 3, "maxval": 5},
        {"minval": 0.7, "maxval": -0.3},
    ),
    "RandomNormal": _NORMAL,
    "TruncatedNormal": _NORMAL,
}


def draws() -> Iterator[Case]:
    """The three plain classes: arguments, shapes, dtypes, seeds, a generator."""
    for name in DRAWS:
        yield _case(name, DENSE, {})
        for arguments in _ARGUMENTS[name]:
            yield _case(name, DENSE, arguments)
        for shape in (VECTOR, CONV2D, CONV3D):
            yield _case(name, shape, _ARGUMENTS[name][1])
        for dtype in ("float16", "bfloat16", "float64"):
            yield _case(name, DENSE, _ARGUMENTS[name][0], dtype)
        for seed in (0, -1, 2**40):
            yield _case(name, DENSE, {"seed": seed})
        yield _case(name, DENSE, {"seed": generator()}, calls=2, dialects=KERAS3)
    for dtype in ("int32", "int64"):
        for low, high in ((0, 10), (-3, 4), (0, 100)):
            yield _case("RandomUniform", DENSE, {"minval": low, "maxval": high}, dtype)


def scaling() -> Iterator[Case]:
    """Every mode with every distribution, on every kind of kernel in turn; the presets."""
    name = "VarianceScaling"
    kernels = (CONV1D, CONV2D, CONV3D)
    for row, mode in enumerate(MODES):
        for column, distribution in enumerate(DISTRIBUTIONS):
            arguments = {"mode": mode, "distribution": distribution}
            yield _case(name, DENSE, arguments)
            yield _case(name, kernels[(row + column) % 3], {"scale": 2.0, **arguments})
    for scale in (0.1, 1 / 3, 25.0):
        for distribution in ("truncated_normal", "uniform"):
            yield _case(name, DENSE, {"scale": scale, "distribution": distribution})
    for mode in MODES:
        # A vector's length is both fans, of a scalar both are 1.
        yield _case(name, VECTOR, {"mode": mode})
    for dtype in ("float16", "bfloat16", "float64"):
        yield _case(name, DENSE, {"scale": 3.0, "mode": "fan_out"}, dtype)
    yield _case(name, DENSE, {"distribution": "normal"})
    for axes in (
        {"input_axes": [0, 3], "output_axes": [2]},
        {"input_axes": [2], "output_axes": [3]},
    ):
        for mode in ("fan_in", "fan_avg"):
            yield _case(name, CONV2D, {"mode": mode, **axes}, dialects=KERAS3)
    yield _case(name, DENSE, {"seed": generator()}, calls=2, dialects=KERAS3)
    for preset in PRESETS:
        for shape in (DENSE, CONV2D):
            yield _case(preset, shape, {})
        yield _case(preset, DENSE, {"seed": generator()}, calls=2, dialects=KERAS3)


def orthogonal() -> Iterator[Case]:
    """One large matrix of each kind, and many small ones, each from a seed of its own."""
    name = "Orthogonal"
    for shape in ((128, 64), (64, 128), (64, 64), (256, 8), (3, 3, 7, 16), (2, 2, 2, 3, 24)):
        yield _case(name, shape, {})
    for gain in (2.5, -1.0):
        yield _case(name, (128, 64), {"gain": gain})
    for dtype in ("float16", "float64"):
        yield _case(name, (64, 32), {"gain": 2.5}, dtype)
    for matrix, gain in (((4, 4), 1.0), ((3, 5), 1.0), ((2, 2, 3), 1.0), ((5, 2), 2.5)):
        row = Rows(name, arguments={"gain": gain}, flags="distribution")
        step = Step("sample", options={"shape": list(matrix), "dtype": "float32", "seeds": 256})
        within = sampled(name, {"gain": gain}, matrix)
        yield row("sample", f"seeds-gain={gain}-{sizes(matrix)}", step, tolerance=within)
