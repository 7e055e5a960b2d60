"""Initializers without chance, from the documents: Layer weight initializers of Keras 3.

Draws have no truth of their own: they are judged by the law that they follow (`distribution`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, FLOATS, STORAGE, Array, Case, Input, Step
from conformance.oracle.bounded import Bounded, constant, rounded
from conformance.oracle.reading import Thing, array, things
from conformance.oracle.truths import Truth, Unknown

DRAW: Final = Unknown("a random draw: judged by its law")
_SEEDED: Final[Mapping[str, Any]] = {"seed": None}
_DRAWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "RandomNormal": {"mean": 0.0, "stddev": 0.05, **_SEEDED},
    "RandomUniform": {"minval": -0.05, "maxval": 0.05, **_SEEDED},
    "TruncatedNormal": {"mean": 0.0, "stddev": 0.05, **_SEEDED},
    "VarianceScaling": {"scale": 1.0, "mode": "fan_in", "distribution": "", **_SEEDED},
    "Orthogonal": {"gain": 1.0, **_SEEDED},
    "ExampleRandomNormal": {"mean": None, "stddev": None},
    "my_init": {},
    **dict.fromkeys(("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform"), _SEEDED),
    **dict.fromkeys(("LecunNormal", "LecunUniform"), _SEEDED),
}
SIGNATURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": 0.0},
    "Identity": {"gain": 1.0},
    "STFT": {"side": "real", "window": "hann", "scaling": "density", "periodic": False},
    "Ramp": {"start": None, "step": None},
    "Countdown": {"start": 10.0},
    "count_up": {},
    **_DRAWS,
}
ALIASES: Final = {
    **{name: name.capitalize() for name in ("zeros", "ones", "constant", "identity")},
    **{"zero": "Zeros", "one": "Ones", "eye": "Identity", "IdentityInitializer": "Identity"},
    "stft": "STFT",
    "countdown": "Countdown",
    "ramp": "Ramp",
}
_DTYPES: Final = {"half": "float16", "float": "float32", "double": "float64"}


def answer(case: Case, dialect: str) -> Sequence[Mapping[str, Truth]] | Unknown:
    """For each step, the values for a shape as `value`. The dialects are documented alike."""
    if case.target.partition(".")[2] in _DRAWS:
        return DRAW
    made: list[Mapping[str, Truth]] = []
    for step, thing, settings in things(case, SIGNATURES, ALIASES):
        if step.do != "initialize":
            made.append({})
        elif thing is None:
            made.append({"value": Unknown("the documents do not say what the case calls")})
        else:
            made.append({"value": initialized(thing, step, settings.get("floatx", "float32"))})
    return made


def initialized(thing: Thing, step: Step, floatx: str = "float32") -> Truth:
    """What an initializer gives for the shape and dtype of a step."""
    if thing.name in _DRAWS:
        return DRAW
    if {"partition_shape", "partition_offset"} & step.options.keys():
        return Unknown("a part of a weight: the documents do not describe it")
    shape = _shape(step.options["shape"])
    if shape is None:
        return Unknown("its shape is none")
    dtype = step.options.get("dtype") or floatx
    dtype = _DTYPES.get(str(dtype).lower(), str(dtype).lower())
    if dtype not in STORAGE:
        return Unknown("its dtype is none of numbers")
    return apply(thing, shape, dtype)


def apply(thing: Thing, shape: tuple[int, ...], dtype: str) -> Truth:
    """What an initializer gives for `shape` and `dtype`."""
    places = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
    match thing.name:
        case "Zeros":
            return _converted(np.zeros(shape), dtype)
        case "Ones":
            return _converted(np.ones(shape), dtype)
        case "Ramp":
            return _converted(thing.arguments["start"] + thing.arguments["step"] * places, dtype)
        case "Countdown":
            return _converted(thing.arguments["start"] - places, dtype)
        case "count_up":
            return _converted(places, dtype)
        case "Identity":
            if len(shape) != 2:
                return Unknown("its shape is no matrix")
            return _spread(thing.arguments["gain"], np.eye(*shape), dtype)
        case "STFT":
            return _fourier(thing.arguments, shape, dtype)
    name = "value" if thing.name == "Constant" else "values"
    return _spread(thing.arguments[name], np.ones(shape), dtype)


def _spread(given: Any, places: Array, dtype: str) -> Truth:
    """A number, or numbers that broadcast, times zeros and ones: copies of them, and zeros."""
    numbers = array(given)
    if numbers is None:
        return Unknown("its argument is no real number")
    try:
        filled = np.broadcast_to(numbers, places.shape)
    except ValueError:
        return Unknown("its argument does not broadcast to the shape; scalars are documented")
    if dtype in FLOATS:  # converted first: zero times what is infinite then is NaN
        filled = constant(filled, dtype).value
    with np.errstate(invalid="ignore"):
        return _converted(filled * places, dtype)


def _converted(values: Array, dtype: str) -> Truth:
    """`values` rounded to `dtype` once, or to float32 first; cut to whole numbers for integers."""
    if dtype in FLOATS:
        return constant(values, dtype)
    if dtype.startswith("complex"):
        return constant(values, "float32" if dtype == "complex64" else "float64")
    if dtype == "bool":
        return replace(constant(values != 0, "float64"), dtype="bool")
    limits = np.iinfo(STORAGE[dtype])
    whole = np.trunc(values)
    if not ((whole >= limits.min) & (whole <= limits.max)).all():
        return Unknown(f"a number that {dtype} does not hold: what it becomes is left open")
    return constant(whole, "float64")


def _shape(given: Any) -> tuple[int, ...] | None:
    numbers = array(given)
    if isinstance(given, bool) or (isinstance(given, Input) and given.tensor.dtype == "bool"):
        return None
    if numbers is None or numbers.ndim != 1 or not np.isfinite(numbers).all():
        return None
    if (numbers < 0).any() or (numbers != np.trunc(numbers)).any():
        return None
    return tuple(int(size) for size in numbers)


def _fourier(arguments: Mapping[str, Any], shape: tuple[int, ...], dtype: str) -> Truth:
    """Kernels (frames, 1, bins): `w[t] cos(2 pi t f / F)`, or minus the sine, F = 2 (bins - 1).

    `scaling` divides by the root of the sum of squares of the window ("density"), or by its sum
    ("spectrum"). The angle is rounded three times on its way, the values that make it once each.
    """
    if len(shape) != 3 or dtype not in FLOATS:
        return Unknown("its shape is not (frames, 1, bins), or its dtype not of real numbers")
    if arguments["side"] not in ("real", "imag"):
        return Unknown("its side is neither real nor imag")
    frames, _, bins = shape
    window = _window(arguments["window"], frames, bool(arguments["periodic"]))
    if window is None:
        return Unknown("its window is none of the documented ones")
    w = constant(window, dtype)
    # Windows are sums of a few cosines, each of an angle.
    spread = np.where(window == 1.0, 0.0, 4 * EPSILON[dtype])
    if isinstance(arguments["window"], str):
        w = Bounded(w.value, w.error + spread, dtype)
    # Scaling is "scaling of the window": without a window there is none.
    match arguments["scaling"]:
        case _ if arguments["window"] is None:
            pass
        case "density":
            w = w / (w * w).sum().sqrt()
        case "spectrum":
            # The root of the squared sum, or the sum itself.
            w = w / (w.sum() * w.sum()).sqrt()
        case None:
            pass
        case _:
            return Unknown("its scaling is none of the documented ones")
    length = 2 * (bins - 1)
    turns = np.arange(frames)[:, None] * np.arange(bins)[None, :]
    # Whole turns are left out exactly, before anything is rounded.
    angle = 2 * np.pi * (turns % max(length, 1)) / max(length, 1)
    value = np.cos(angle) if arguments["side"] == "real" else -np.sin(angle)
    reach = 3 * EPSILON[dtype] * 2 * np.pi * turns / max(length, 1) + 2 * EPSILON[dtype]
    wave = rounded(value, np.where(turns == 0, 0.0, reach), dtype)
    made = w.reshape(frames, 1, 1) * wave.reshape(frames, 1, bins)
    whole = np.broadcast_to(made.value, shape), np.broadcast_to(made.error, shape)
    return Bounded(*whole, dtype)


def _window(given: Any, frames: int, periodic: bool) -> Array | None:
    from scipy import signal  # here, because it is large, and hardly asked

    if given is None:
        return np.ones(frames)
    if isinstance(given, str):
        try:
            found: Array = signal.get_window(given.lower(), frames, fftbins=periodic)
        except ValueError:
            return None
        return found
    numbers = array(given)
    return numbers if numbers is not None and numbers.shape == (frames,) else None
