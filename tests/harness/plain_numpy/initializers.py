"""`keras.initializers` of Keras 3 on NumPy alone, with a generator of its own.

Its random values are not Keras' for the same seed; their laws, shapes, dtypes and what a seed
means are, and so are constants, configurations and what is rejected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from plain_numpy import random
from plain_numpy.saving import Family

# Of a standard normal cut at two deviations: sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1)).
TRUNCATED_STDDEV = 0.87962566103423978


_ANY = (
    *random.FLOATS,
    *(f"{sign}int{width}" for sign in ("", "u") for width in (8, 16, 32, 64)),
    *("bool", "complex64", "complex128"),
)


def dtype_of(dtype: Any) -> np.dtype[Any]:
    """As `random.dtype_of`, of any dtype by its full name."""
    found = random.dtype_of(dtype, _ANY)
    if isinstance(dtype, str) and dtype != found.name:
        raise ValueError(f"dtype must be {', '.join(_ANY)}; received {dtype!r}")
    return found


def sizes_of(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, str) or any(isinstance(size, bool) for size in shape):
        raise TypeError(f"shape must be a sequence of sizes; received {shape!r}")
    return tuple(size.__index__() for size in shape)


class Initializer:
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        raise NotImplementedError("a subclass of Initializer must define __call__(shape, dtype)")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Initializer:
        return cls(**config)


class Zeros(Initializer):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.zeros(shape, dtype_of(dtype))


class Ones(Initializer):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.ones(shape, dtype_of(dtype))


class Constant(Initializer):
    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        value = np.asarray(self.value)
        if value.dtype.kind not in "biufc":
            raise ValueError(f"value must be a number; received {self.value!r}")
        ones = np.ones(shape, dtype_of(dtype))
        with np.errstate(all="ignore"):
            if value.dtype == np.float64 and not isinstance(self.value, np.ndarray | np.generic):
                # Keras 3 takes what is no array in float32 first.
                single = value.astype(np.float32)
                if (np.isinf(single) & np.isfinite(value)).any():
                    raise ValueError(f"value must be finite in float32; received {self.value!r}")
                value = single
            return value.astype(ones.dtype) * ones

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Identity(Initializer):
    def __init__(self, gain: Any = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 2:
            raise ValueError(f"shape must have two sizes; received {shape!r}")
        eye = np.eye(*shape, dtype=dtype_of(dtype))
        gain = random.number(self.gain, eye.dtype)
        kinds = {"b": "b", "i": "iu", "u": "iu"}.get(eye.dtype.kind, "iufcV")
        if np.asarray(self.gain).dtype.kind not in kinds:
            raise TypeError(f"gain must be of dtype {eye.dtype.name}; received {self.gain!r}")
        return eye * gain

    # Keras 3 has no gain in the configuration either.


class Random(Initializer):
    """Whatever draws: None stands for one random seed, fixed here."""

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, Mapping) and "class_name" in seed:
            if seed.get("module") != "keras.random":
                raise TypeError(f"seed must be a SeedGenerator as saved; received {seed!r}")
            seed = random.SeedGenerator.from_config(seed["config"])
        if seed is not None and not isinstance(seed, int | Mapping | random.SeedGenerator):
            raise ValueError(f"seed must be an integer or a SeedGenerator; received {seed!r}")
        self._argument = seed
        self.seed = random.fresh_seed() if seed is None else seed

    def get_config(self) -> dict[str, Any]:
        seed = self._argument
        return {"seed": serialize(seed) if isinstance(seed, random.SeedGenerator) else seed}


class RandomNormal(Random):
    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean = mean
        self.stddev = stddev

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.normal(sizes_of(shape), self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


class TruncatedNormal(RandomNormal):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.truncated_normal(sizes_of(shape), self.mean, self.stddev, dtype, self.seed)


class RandomUniform(Random):
    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.uniform(sizes_of(shape), self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


def fans_of(shape: Any) -> tuple[int, int]:
    """(fan_in, fan_out): the last two axes, each times the receptive field before them."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if len(shape) else (1, 1)
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


class VarianceScaling(Random):
    def __init__(
        self,
        scale: Any = 1.0,
        mode: Any = "fan_in",
        distribution: Any = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0:
            raise ValueError(f"scale must be positive; received {scale!r}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"mode must be fan_in, fan_out or fan_avg; received {mode!r}")
        name = distribution.lower()
        name = "truncated_normal" if name == "normal" else name
        if name not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ValueError(f"distribution must be known; received {distribution!r}")
        super().__init__(seed)
        self.scale = scale
        self.mode = mode
        self.distribution = name
        self.input_axes = input_axes
        self.output_axes = output_axes

    def variance(self, shape: tuple[int, ...]) -> Any:
        fan_in, fan_out = fans_of(shape)
        if self.input_axes is not None and self.output_axes is not None:
            fan_in = math.prod(shape[axis] for axis in self.input_axes)
            fan_out = math.prod(shape[axis] for axis in self.output_axes)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return self.scale / max(1.0, fans[self.mode])

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        sizes = sizes_of(shape)
        variance = self.variance(sizes)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(sizes, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(sizes, 0.0, math.sqrt(variance), dtype, self.seed)
        stddev = math.sqrt(variance) / TRUNCATED_STDDEV
        return random.truncated_normal(sizes, 0.0, stddev, dtype, self.seed)

    def _axes(self) -> dict[str, Any]:
        return {"input_axes": self.input_axes, "output_axes": self.output_axes}

    def get_config(self) -> dict[str, Any]:
        chosen = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        return {**super().get_config(), **chosen, **self._axes()}


class Preset(VarianceScaling):
    """Variance scaling with everything but the seed and the axes fixed."""

    fixed: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        return {**Random.get_config(self), **self._axes()}


class GlorotNormal(Preset):
    fixed = (1.0, "fan_avg", "truncated_normal")


class GlorotUniform(Preset):
    fixed = (1.0, "fan_avg", "uniform")


class HeNormal(Preset):
    fixed = (2.0, "fan_in", "truncated_normal")


class HeUniform(Preset):
    fixed = (2.0, "fan_in", "uniform")


class LecunNormal(Preset):
    fixed = (1.0, "fan_in", "truncated_normal")


class LecunUniform(Preset):
    fixed = (1.0, "fan_in", "uniform")


class Orthogonal(Random):
    def __init__(self, gain: Any = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        sizes = sizes_of(shape)
        if len(sizes) < 2:
            raise ValueError(f"shape must have two sizes or more; received {shape!r}")
        found = random.dtype_of(dtype, ("float16", "float32", "float64"))
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        draws = random.normal((max(rows, columns), min(rows, columns)), dtype=found, seed=self.seed)
        q, r = np.linalg.qr(draws.astype("float64"))
        # Without the signs, Q would not be uniformly distributed.
        q = q * np.where(np.diagonal(r) < 0, -1, 1)
        q = q if rows >= columns else q.T
        return random.number(self.gain, found) * q.reshape(sizes).astype(found)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, **super().get_config()}


_WINDOWS = {
    "bartlett": np.bartlett,
    "blackman": np.blackman,
    "boxcar": np.ones,
    "hamming": np.hamming,
    "hann": np.hanning,
}


class STFT(Initializer):
    """The kernel of a short-term Fourier transform, of shape (frame, 1, frequencies)."""

    def __init__(
        self,
        side: Any = "real",
        window: Any = "hann",
        scaling: Any = "density",
        periodic: Any = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"side must be real or imag; received {side!r}")
        if isinstance(window, str) and window not in _WINDOWS:
            raise ValueError(f"window must be {', '.join(_WINDOWS)}; received {window!r}")
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f"scaling must be density, spectrum or None; received {scaling!r}")
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def _weights(self, frame: int) -> Any:
        if self.window is None:
            return np.ones(frame)
        if isinstance(self.window, str):
            # A periodic window is a symmetric one without its last element.
            made = _WINDOWS[self.window](frame + bool(self.periodic))[:frame]
        else:
            made = np.asarray(self.window)
        if made.shape != (frame,):
            raise ValueError(f"window must have {frame} elements; received {self.window!r}")
        if self.scaling == "density":
            return made / np.sqrt(np.sum(made**2))
        return made / np.sum(made) if self.scaling == "spectrum" else made

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        found = random.dtype_of(dtype)
        frame, _, frequencies = shape
        turns = np.outer(np.arange(frame), np.arange(frequencies)).astype(found)
        angles = found.type(2 * np.pi) * turns / found.type(2 * (frequencies - 1))
        wave = np.cos(angles) if self.side == "real" else -np.sin(angles)
        kernel = self._weights(frame).astype(found)[:, np.newaxis] * wave
        return kernel[:, np.newaxis]

    def get_config(self) -> dict[str, Any]:
        return dict(vars(self))


constant, identity, ones, zeros, stft = Constant, Identity, Ones, Zeros, STFT
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_normal, he_normal, lecun_normal = GlorotNormal, HeNormal, LecunNormal
glorot_uniform, he_uniform, lecun_uniform = GlorotUniform, HeUniform, LecunUniform
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

_NAMES: dict[str, type[Any]] = {
    **{n: c for n, c in vars().items() if isinstance(c, type) and issubclass(c, Initializer)},
    "initializer": Initializer,
    "normal": RandomNormal,
    "one": Ones,
    "uniform": RandomUniform,
    "zero": Zeros,
}
for _helper in ("Random", "Preset"):
    del _NAMES[_helper]

_FAMILY = Family("initializer", _NAMES)
serialize, deserialize = _FAMILY.serialize, _FAMILY.deserialize


def get(identifier: Any) -> Any:
    return _fixed(identifier) if isinstance(identifier, np.ndarray) else _FAMILY.get(identifier)


def _fixed(values: Any) -> Any:
    def initialize_fn(shape: Any, dtype: Any = None) -> Any:
        if tuple(shape) != values.shape:
            raise ValueError(f"shape must be {values.shape}; received {shape!r}")
        return values.astype(dtype or "float32")

    return initialize_fn
