"""What the files of this family share: arguments, laws, tolerances, ids."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.cases import references, rows
from conformance.cases.inputs import LIMITS, listed
from conformance.cases.references import instance
from conformance.cases.rows import EXACT
from conformance.model import (
    INTEGERS,
    Given,
    Input,
    Kind,
    Law,
    Over,
    Reference,
    Step,
    Tolerance,
)

# A NumPy scalar: TensorFlow keeps Python numbers that it has made tensors of, and takes -0.0 and 0.0
# for one of them, so that the sign of a Python zero depends on what was asked before.
NEGATIVE_ZERO: Final = listed(-0.0, "float32", Given.SCALAR)

# How many elements a sample has at most in one call: enough to find a standard deviation that is
# wrong by 2 percent with a probability over 0.999, whatever the law (a test checks it).
SAMPLE: Final = 256 * 640

# Standard deviation of the standard normal cut at 2, by which a truncated draw is widened so that
# it has the deviation asked for: sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1)).
TRUNCATED_STDDEV: Final = 0.87962566103423978

MODES: Final = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS: Final = ("truncated_normal", "untruncated_normal", "uniform")

# Scale, mode and distribution of each class that is a VarianceScaling with these fixed.
PRESETS: Final[Mapping[str, tuple[float, str, str]]] = {
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
}
DRAWS: Final = ("RandomUniform", "RandomNormal", "TruncatedNormal")
RANDOM: Final = (*DRAWS, "VarianceScaling", *PRESETS, "Orthogonal")
FIXED: Final = ("Zeros", "Ones", "Constant", "Identity")
CLASSES: Final = (*FIXED, *RANDOM)

# Arguments that each class is given by default in cases about something else; none is a default.
ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": 0.7},
    "Identity": {"gain": 1.5},
    "RandomUniform": {"minval": -0.7, "maxval": 1.3, "seed": 7},
    "RandomNormal": {"mean": 0.3, "stddev": 0.8, "seed": 7},
    "TruncatedNormal": {"mean": 0.3, "stddev": 0.8, "seed": 7},
    "VarianceScaling": {"scale": 1.5, "mode": "fan_out", "distribution": "uniform", "seed": 7},
    **{name: {"seed": 7} for name in PRESETS},
    "Orthogonal": {"gain": 1.5, "seed": 7},
}
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "RandomUniform": {"minval": -0.05, "maxval": 0.05},
    "RandomNormal": {"mean": 0.0, "stddev": 0.05},
    "TruncatedNormal": {"mean": 0.0, "stddev": 0.05},
    "VarianceScaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
    "Orthogonal": {"gain": 1.0},
}


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Inputs and outputs of one unit: the last two axes, times the receptive field before them."""
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def variance(arguments: Mapping[str, Any], shape: Sequence[int]) -> float:
    """`scale / n`, n the fan that `mode` names, and at least 1."""
    fan_in, fan_out = fans(shape)
    inputs, outputs = arguments.get("input_axes"), arguments.get("output_axes")
    if inputs is not None and outputs is not None:
        fan_in, fan_out = (math.prod(shape[a] for a in axes) for axes in (inputs, outputs))
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    return float(arguments["scale"] / max(1.0, fan[arguments["mode"]]))


def law(
    name: str, arguments: Mapping[str, Any], shape: Sequence[int], dtype: str = "float32"
) -> Law | None:
    """What the documentation says the draws of `name` follow; None where they are no draws.

    They are none where an argument is no number, where the bounds or the deviation leave the
    range of `dtype`, and where they leave one value only. Where an argument is an array, for which
    there is no one law, it is the law that reaches as far as theirs together.
    """
    given = {**DEFAULTS.get(name, {}), **{k: _number(v) for k, v in arguments.items()}}
    if name in PRESETS:
        given |= dict(zip(("scale", "mode", "distribution"), PRESETS[name], strict=True))
    try:
        found = _law(name, given, shape, dtype)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        return None
    largest = LIMITS[dtype][2] if dtype in LIMITS else 2.0**63
    usable = found and all(abs(v) <= largest for v in found.parameters.values())
    return found if usable else None


def _law(name: str, given: Mapping[str, Any], shape: Sequence[int], dtype: str) -> Law | None:
    if name == "Orthogonal":
        return Law("orthogonal", {"gain": float(given["gain"])})
    if name == "RandomUniform":
        ends = (*_ends(given["minval"]), *_ends(given["maxval"]))
        if dtype in INTEGERS or given["minval"] == given["maxval"]:
            return _uniform(given["minval"], given["maxval"], dtype)
        return _uniform(min(ends), max(ends), dtype)
    if name in ("RandomNormal", "TruncatedNormal"):
        low, high = _ends(given["mean"])
        # As many deviations from the middle as a truncated draw has.
        stddev = max(map(abs, _ends(given["stddev"]))) + (high - low) / 4
        kind = "normal" if name == "RandomNormal" else "truncated_normal"
        return Law(kind, {"mean": (low + high) / 2, "stddev": stddev}) if stddev else None
    if "scale" not in given:
        return None
    spread = variance(given, shape)
    match given["distribution"].lower():
        case "uniform":
            return _uniform(-math.sqrt(3 * spread), math.sqrt(3 * spread), dtype)
        case "untruncated_normal":
            return Law("normal", {"mean": 0.0, "stddev": math.sqrt(spread)})
        case _:
            stddev = math.sqrt(spread) / TRUNCATED_STDDEV
            return Law("truncated_normal", {"mean": 0.0, "stddev": stddev})


def _uniform(low: Any, high: Any, dtype: str) -> Law | None:
    if dtype in INTEGERS:
        low, high = int(low), int(high)
        return Law("integers", {"low": low, "high": high}) if low < high else None
    low, high = sorted((float(low), float(high)))
    if not low < high or high - low > LIMITS[dtype][2]:
        return None
    return Law("uniform", {"low": low, "high": high})


def _number(value: Any) -> Any:
    if isinstance(value, Input):
        return value.tensor.values().tolist()
    return value


def _ends(value: Any) -> tuple[float, float]:
    """The least and the greatest number of a number, or of a list of them."""
    values = value if isinstance(value, list) else [value]
    numbers = [float(v[0] if isinstance(v, list) else v) for v in values]
    return min(numbers), max(numbers)


# Units by which a draw in a narrow dtype may be off: one each of the draw, of its product and of its sum.
_NARROW: Final = 3


def tolerance(
    name: str, arguments: Mapping[str, Any], shape: Sequence[int], dtype: str = "float32"
) -> Tolerance:
    """How far draws may lie from those of official Keras with the same seed.

    Uniform draws are bits put in place, scaled by one product and one sum: exact on every machine
    tried. Normal draws go through logarithm and cosine, or an inverse error function, in float64 of
    which processors differ by up to 4 ULP. A QR decomposition sums products in an order of its own.
    Narrow dtypes are rounded from wider ones: the draw, its product and its sum by a unit each.
    """
    found = law(name, arguments, shape, dtype)
    if found is None or found.name in ("uniform", "integers"):
        return Tolerance(law=found)
    p = found.parameters
    narrow = dtype in ("float16", "bfloat16")
    over = Over.BFLOAT16 if dtype == "bfloat16" else None
    if found.name == "orthogonal":
        rows, columns = math.prod(shape[:-1]), (*shape, 1)[-1] if shape else 1
        # Orthonormal columns (or rows): as many units of squares as the shorter side has.
        rms = abs(p["gain"]) / math.sqrt(max(rows, columns, 1))
        return Tolerance(
            Kind.BOUND,
            eps=_NARROW if narrow else 64,
            scale=rms,
            law=found,
            over=over,
            why="a QR decomposition, against the rms",
        )
    return Tolerance(
        Kind.BOUND,
        eps=_NARROW if narrow else 8,
        scale=abs(p["mean"]) + p["stddev"],
        law=found,
        over=over,
        why="a normal draw (4 ULP between processors), times stddev, plus mean",
    )


def sampled(
    name: str, arguments: Mapping[str, Any], shape: Sequence[int], dtype: str = "float32"
) -> Tolerance:
    """For a sample: the law alone."""
    found = law(name, arguments, shape, dtype)
    if found is None:
        raise ValueError(f"a sample must have a law; {name} with {arguments} has none")
    return Tolerance(
        Kind.DISTRIBUTION, law=found, why="draws of any generator follow the documented law"
    )


def initialize(shape: Any, **options: Any) -> Step:
    """The target called with `shape` and the options."""
    return Step("initialize", options={"shape": shape, **options})


def draw(shape: Sequence[int], dtype: str = "float32") -> Step:
    """The target called with `shape`, as a list, and `dtype`."""
    return initialize(list(shape), dtype=dtype)


def repeats(calls: int, of: str, shape: Sequence[int] = (8,)) -> Step:
    """Which of several draws are the same."""
    return Step(
        "repeats",
        options={"shape": list(shape), "dtype": "float32", "calls": calls, "of": of},
    )


def generator(seed: int | None = 3) -> Reference:
    """A SeedGenerator of Keras 3. Its name is given, for otherwise it is numbered in its configuration."""
    return instance("random.SeedGenerator", seed=seed, name="source")


def record(class_name: str, config: Any, module: str | None = "keras.initializers") -> Any:
    """An initializer as Keras saves it."""
    return references.record(class_name, config, module)


class Rows(rows.Rows):
    """Rows of an initializer, in the tolerance that its class has for its draws."""

    family = "initializers"

    def tolerance(self, steps: Sequence[Step], arguments: Mapping[str, Any]) -> Tolerance:
        for step in steps:
            shape: Any = step.options.get("shape")
            dtype = step.options.get("dtype") or "float32"
            plain = isinstance(shape, list | tuple) and all(isinstance(n, int) for n in shape)
            if step.do == "initialize" and plain and isinstance(dtype, str):
                return tolerance(self.name, arguments, shape, dtype)
        return EXACT
