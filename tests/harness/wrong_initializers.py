"""Wrong initializers: one plausible mistake in one place, a row for each.

A mistake is made twice: in official Keras, whose numbers are golden, so that values differ; and in
the NumPy subject, whose numbers are its own, so that only what its values promise can tell. It
replaces a method of the class itself, so that `get`, `serialize` and every alias lead to it too.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np
from plain_numpy.initializers import TRUNCATED_STDDEV, fans_of
from wrong import KERAS2, KERAS3, OFFICIAL, tensorflow

from conformance.model import DIALECTS, FLOATS

NUMPY: Final = "numpy"
PACKAGES: Final = {**OFFICIAL, NUMPY: "plain_numpy"}
FUNCTIONS: Final = ("get", "serialize", "deserialize")

# Of each class, samples that show every mistake in its law.
_OF_DRAWS: Final = ("sample/defaults*", "sample/m*-3x3x96x*")
SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("RandomNormal", "RandomUniform", "TruncatedNormal"), _OF_DRAWS),
    **{
        f"{name}{kind}": ("sample/defaults*",)
        for name in ("Glorot", "He", "Lecun")
        for kind in ("Normal", "Uniform")
    },
    "VarianceScaling": ("sample/scale=2.0*", "sample/*axes*"),
    "Orthogonal": (
        "sample/defaults-3x3x7x16-*",
        "sample/seeds-gain=1.0-3x5",
        "sample/seeds-gain=2.5-*",
    ),
}


@dataclass(frozen=True)
class Library:
    """What the mistake is made in: official Keras of one dialect, or the NumPy subject."""

    name: str
    target: str

    @property
    def dialect(self) -> str:
        return "keras3" if self.name == NUMPY else self.name

    @property
    def package(self) -> ModuleType:
        return importlib.import_module(PACKAGES[self.name])

    @property
    def cls(self) -> Any:
        return getattr(self.package.initializers, self.target)

    def tensor(self, array: Any) -> Any:
        return array if self.name == NUMPY else tensorflow().constant(array)

    def array(self, tensor: Any) -> Any:
        return np.asarray(tensor if self.name == NUMPY else tensor.numpy())


@dataclass(frozen=True)
class Call:
    """One call of an initializer that has a mistake, and how it would have been answered."""

    library: Library
    official: Callable[..., Any]
    initializer: Any
    shape: Any
    dtype: Any
    more: Mapping[str, Any]

    def right(self, initializer: Any = None, **other: Any) -> Any:
        """What `initializer`, of the class in question and without its mistake, returns."""
        asked = {"shape": self.shape, "dtype": self.dtype, **self.more, **other}
        return self.official(self.initializer if initializer is None else initializer, **asked)

    def again(self, **arguments: Any) -> Any:
        """The initializer made anew, with other arguments."""
        config = {**self.initializer.get_config(), **arguments}
        return type(self.initializer).from_config(config)

    def other(self, name: str, *arguments: Any, **options: Any) -> Any:
        """What an initializer of any class and without a mistake returns."""
        made = getattr(self.library.package.initializers, name)(*arguments, **options)
        wrong = name == self.library.target
        return self.right(made) if wrong else made(self.shape, self.dtype, **self.more)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(int(size) for size in self.shape)

    @property
    def seed(self) -> Any:
        return self.initializer.seed

    @property
    def has_generator(self) -> bool:
        return hasattr(self.seed, "next")

    @property
    def unseeded(self) -> bool:
        return self.initializer.get_config()["seed"] is None


Change = Callable[[Library], Mapping[str, Any]]


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is, and the aspects that must fail.

    `official`: those of official Keras with it, in the `dialects`; `own`: those of the NumPy
    subject with it. () means that the mistake cannot be made there, or cannot be seen. `where`:
    globs over ids after the target, for the cases to look in; by default draws of every rank, and
    for the NumPy subject samples.
    """

    name: str
    target: str
    change: Change
    official: tuple[str, ...]
    own: tuple[str, ...]
    where: tuple[str, ...] = ()
    dialects: tuple[str, ...] = DIALECTS

    def select(self, library: str) -> tuple[str, ...]:
        return selected(self.target, library, self.where)

    def aspects(self, library: str) -> tuple[str, ...]:
        if library == NUMPY:
            return self.own
        return self.official if library in self.dialects else ()

    @property
    def libraries(self) -> tuple[str, ...]:
        return tuple(name for name in PACKAGES if self.aspects(name))


def selected(target: str, library: str, where: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Patterns for the cases of a target, and for those of a bystander, which must pass."""
    bystander = "Zeros" if target == "Ones" else "Ones"
    # Values of official Keras are wrong in the smallest case already; a law takes a sample.
    samples = SAMPLES.get(target, ()) if library == NUMPY else ()
    asked = [f"{target}/{group}" for group in where or ("rank/*", *samples)]
    return tuple(f"initializers.{pattern}" for pattern in (*asked, f"{bystander}/rank/*"))


# The changes, by what they replace.


def call(wrong: Callable[[Call], Any]) -> Change:
    def change(library: Library) -> Mapping[str, Any]:
        official = library.cls.__call__

        def replaced(self: Any, shape: Any, dtype: Any = None, **more: Any) -> Any:
            with np.errstate(all="ignore"):
                return wrong(Call(library, official, self, shape, dtype, more))

        return {"__call__": replaced}

    return change


def edited(edit: Callable[[Call, Any], Any]) -> Change:
    """The right values, and then something done to them in float64."""

    def wrong(asked: Call) -> Any:
        right = asked.right()
        array = asked.library.array(right)
        if array.dtype.name not in FLOATS:
            return right
        changed = np.asarray(edit(asked, array.astype(np.float64)))
        return asked.library.tensor(np.array(changed, dtype=array.dtype, order="C"))

    return call(wrong)


def scaled(factor: Callable[[Any, tuple[int, ...]], float]) -> Change:
    """The right values times a factor that the initializer and the sizes give."""
    return edited(lambda asked, x: x * factor(asked.initializer, asked.sizes))


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    def change(library: Library) -> Mapping[str, Any]:
        official = library.cls.get_config
        return {"get_config": lambda self: edit(dict(official(self)))}

    return change


def function(wrong: Callable[..., Any]) -> Change:
    """A function of the namespace as `wrong(official, *arguments)`."""

    def change(library: Library) -> Mapping[str, Any]:
        official = library.cls

        def replaced(*arguments: Any, **options: Any) -> Any:
            return wrong(official, *arguments, **options)

        return {library.target: replaced}

    return change


def namespace(library: Library, changed: Mapping[str, Any]) -> ModuleType:
    """A module that is the library, with the functions in `changed` instead of its own."""
    module = ModuleType(f"wrong_initializers_{library.name}")
    package = library.package
    for name in ("random", "saving", "utils"):
        if hasattr(package, name):
            setattr(module, name, getattr(package, name))
    shown = {**vars(package.initializers), **changed}
    module.initializers = SimpleNamespace(**shown)  # type: ignore[attr-defined]
    tensors = "numpy" if library.name == NUMPY else "tensorflow"
    module.conformance_tensors = tensors  # type: ignore[attr-defined]
    return module


# What the mistakes do, where it takes more than an expression.


def _mean(initializer: Any) -> Any:
    return np.asarray(getattr(initializer, "mean", 0.0), np.float64)


def _about_mean(factor: float) -> Change:
    return edited(
        lambda asked, x: _mean(asked.initializer) + (x - _mean(asked.initializer)) * factor
    )


def _shifted(deviations: float) -> Change:
    def edit(asked: Call, x: Any) -> Any:
        return x + deviations * np.asarray(asked.initializer.stddev, np.float64)

    return edited(edit)


def _fan(initializer: Any, fans: tuple[int, int]) -> float:
    by_mode = {"fan_in": fans[0], "fan_out": fans[1], "fan_avg": sum(fans) / 2}
    return max(1.0, by_mode[initializer.mode])


def fanned(wrong: Callable[[tuple[int, ...]], tuple[int, int]]) -> Change:
    """The spread that belongs to other fans."""

    def factor(initializer: Any, sizes: tuple[int, ...]) -> float:
        return math.sqrt(_fan(initializer, fans_of(sizes)) / _fan(initializer, wrong(sizes)))

    return scaled(factor)


def _spread_of(kind: str) -> Change:
    """Variance scaling with the right variance and another distribution."""

    def wrong(asked: Call) -> Any:
        c = asked.initializer
        asked.right()
        return asked.other("VarianceScaling", c.scale, c.mode, kind, c.seed)

    return call(wrong)


def _standard(asked: Call) -> Any:
    """Standard normal draws for the seed of an initializer, in float64."""
    drawn = asked.other("RandomNormal", 0.0, 1.0, asked.seed)
    return asked.library.array(drawn).astype(np.float64)


def _normal_where(keep: Callable[[Any], Any]) -> Change:
    """Normal draws that are repeated until `keep` of them, in deviations, is true."""

    def edit(asked: Call, x: Any) -> Any:
        draws, source = _standard(asked), np.random.default_rng(17)
        while not (kept := keep(draws)).all():
            draws = np.where(kept, draws, source.standard_normal(draws.shape))
        c = asked.initializer
        return _mean(c) + draws * np.asarray(c.stddev, np.float64)

    return edited(edit)


def _uniform_for_normal(asked: Call, x: Any) -> Any:
    c = asked.initializer
    draws = asked.library.array(asked.other("RandomUniform", 0.0, 1.0, c.seed)).astype(np.float64)
    return _mean(c) + (draws - 0.5) * math.sqrt(12) * np.asarray(c.stddev, np.float64)


def _bounds(initializer: Any) -> tuple[Any, Any]:
    return tuple(np.asarray(b, np.float64) for b in (initializer.minval, initializer.maxval))


def _normal_for_uniform(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    return (low + high) / 2 + _standard(asked) * (high - low) / math.sqrt(12)


def _wider_range(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    return (low + high) / 2 + (x - (low + high) / 2) * 1.02


def _high_included(asked: Call) -> Any:
    asked.right()
    if "int" not in str(asked.dtype) or asked.initializer.maxval > 1000:
        return asked.right()
    return asked.right(asked.again(maxval=asked.initializer.maxval + 1))


def _coarse(asked: Call, x: Any) -> Any:
    low, high = _bounds(asked.initializer)
    span = np.where(high == low, 1.0, high - low)
    return low + np.floor((x - low) / span * 64) / 64 * span


def _second_half_repeats(asked: Call, x: Any) -> Any:
    flat = x.reshape(-1).copy()
    half = flat.size // 2
    flat[flat.size - half :] = flat[:half]
    return flat.reshape(x.shape)


def _rows_repeat(asked: Call, x: Any) -> Any:
    return np.broadcast_to(x[:1], x.shape) if x.ndim else x


def _seed_advances(asked: Call) -> Any:
    if asked.has_generator or asked.unseeded:
        return asked.right()
    number = vars(asked.initializer).get("calls", 0)
    asked.initializer.calls = number + 1
    return asked.right(asked.again(seed=asked.seed + number))


def _unseeded(wrong: Callable[[Call], Any]) -> Change:
    return call(lambda asked: wrong(asked) if asked.unseeded else asked.right())


def _follows_the_last(asked: Call, x: Any) -> Any:
    mean, last = _mean(asked.initializer), vars(asked.initializer).get("last")
    if asked.has_generator and last is not None and last.shape == x.shape:
        x = mean + 0.6 * (last - mean) + 0.8 * (x - mean)
    asked.initializer.last = x
    return x


def _generator_stays(asked: Call) -> Any:
    return asked.right(asked.again()) if asked.has_generator else asked.right()


def _other_seed(seed: Callable[[int], int]) -> Change:
    def wrong(asked: Call) -> Any:
        plain = type(asked.seed) is int and not asked.unseeded
        return asked.right(asked.again(seed=seed(asked.seed)) if plain else None)

    return call(wrong)


def _never_warns(asked: Call) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return asked.right()


def _integers_taken(asked: Call) -> Any:
    try:
        return asked.right()
    except (TypeError, ValueError):
        array = asked.library.array(asked.right(dtype="float32"))
        return asked.library.tensor(array.astype(asked.dtype))


def _narrow(asked: Call) -> Any:
    """float64 is answered in float32."""
    array = asked.library.array(asked.right())
    narrow = array.astype(np.float32) if array.dtype == np.float64 else array
    return asked.library.tensor(narrow)


def _always_float32(asked: Call) -> Any:
    asked.right()
    return asked.right(dtype="float32")


def orthogonal(
    *,
    tall: Callable[[tuple[int, ...]], tuple[int, int]] = lambda s: (math.prod(s[:-1]), s[-1]),
    signs: Callable[[Any, Any], Any] = lambda q, r: q * np.where(np.diagonal(r) < 0, -1, 1),
    turn: Callable[[Any], Any] = np.transpose,
    factor: Callable[[Any], Any] = np.linalg.qr,
) -> Change:
    """The definition of Orthogonal in NumPy, on the draws of the library, with other pieces."""

    def edit(asked: Call, x: Any) -> Any:
        if not x.size:
            return x
        rows, columns = tall(x.shape)
        flat = (max(rows, columns), min(rows, columns))
        normal = asked.library.package.initializers.RandomNormal(0.0, 1.0, asked.seed)
        # The values in question have been drawn already: a generator must not advance twice.
        if asked.has_generator:
            return x
        draws = asked.library.array(normal(flat, asked.dtype)).astype(np.float64)
        q, r = factor(draws)
        q = signs(q, r)
        q = turn(q) if rows < columns else q
        return q.reshape(x.shape) * np.asarray(asked.initializer.gain, np.float64)

    return edited(edit)


def _normalised(draws: Any) -> tuple[Any, Any]:
    """Columns of norm 1 that are not orthogonal."""
    return draws / np.linalg.norm(draws, axis=0), np.eye(draws.shape[1])


def _first_columns(draws: Any) -> tuple[Any, Any]:
    """Orthonormal, and the same for every seed."""
    return np.eye(*draws.shape), np.eye(draws.shape[1])


def _regained(gain: Callable[[Any], Any]) -> Change:
    return call(lambda asked: asked.right(asked.again(gain=gain(asked.initializer.gain))))


def _by_value(value: Callable[[Any], Any]) -> Change:
    """Constant with its numbers made others first; whatever is no number stays."""

    def wrong(asked: Call) -> Any:
        given = asked.initializer.value
        is_number = type(given) in (int, float) and math.isfinite(given)
        made = type(asked.initializer)(value(given)) if is_number else asked.initializer
        return asked.right(made)

    return call(wrong)


def _gain_of_one(asked: Call) -> Any:
    return asked.right(type(asked.initializer)(type(asked.initializer.gain)(1)))


def _any_rank(asked: Call) -> Any:
    return asked.right() if len(asked.shape) == 2 else asked.other("Zeros")


def _stft(**arguments: Any) -> Change:
    return call(lambda asked: asked.right(asked.again(**arguments)))


def _plain_twin(asked: Call) -> Any:
    return asked.right(asked.again(mode="fan_in"))


def _without(*keys: str) -> Change:
    return config(lambda c: {k: v for k, v in c.items() if k not in keys})


def _config_dropped(official: Callable[..., Any], described: Any, *rest: Any, **named: Any) -> Any:
    found = official(described, *rest, **named)
    if isinstance(described, Mapping) and described.get("class_name") == "RandomNormal":
        return type(found)()
    return found


def _no_alias(official: Callable[..., Any], identifier: Any) -> Any:
    if identifier == "he_normal":
        raise ValueError("unknown initializer: he_normal")
    return official(identifier)


def _edited_record(edit: Callable[[dict[str, Any]], Any]) -> Change:
    def wrong(official: Callable[..., Any], thing: Any, *rest: Any, **named: Any) -> Any:
        described = official(thing, *rest, **named)
        return edit(described) if isinstance(described, dict) else described

    return function(wrong)


_SEEDS: Final = ("seed/*", "repeats/*", "generator/*")
_CONFIGS: Final = ("config/*", "roundtrip/*")
_VALUE: Final = ("value",)
_DTYPE: Final = (("dtype",), ("dtype",), ("dtype/*",))
_LAW: Final = ("distribution",)
_BOTH: Final = ("contract", "distribution")
_NORMALS: Final = ("GlorotNormal", "HeNormal", "LecunNormal")
_UNIFORMS: Final = ("GlorotUniform", "HeUniform", "LecunUniform")
_SEEDED: Final = ("RandomNormal", "RandomUniform", "HeNormal", "GlorotUniform", "Orthogonal")

MISTAKES: Final = (
    # Laws.
    *(
        Mistake(name, "RandomNormal", change, _VALUE, _LAW)
        for name, change in (
            ("deviation-2-percent", _about_mean(1.02)),
            ("mean-shifted", _shifted(0.02)),
            (
                "variance-for-deviation",
                call(lambda a: a.right(a.again(stddev=a.initializer.stddev**2))),
            ),
            ("truncated", _normal_where(lambda z: np.abs(z) <= 2)),
            ("uniform", edited(_uniform_for_normal)),
            ("second-half-repeats", edited(_second_half_repeats)),
            ("rows-repeat", edited(_rows_repeat)),
            ("sorted", edited(lambda a, x: np.sort(x, axis=None).reshape(x.shape))),
        )
    ),
    *(
        Mistake(name, "TruncatedNormal", change, _VALUE, own)
        for name, change, own in (
            ("untruncated", _normal_where(np.isfinite), _BOTH),
            ("bound-2.05", _normal_where(lambda z: np.abs(z) <= 2.05), _LAW),
            ("bound-1.95", _normal_where(lambda z: np.abs(z) <= 1.95), _LAW),
            ("cut-above-only", _normal_where(lambda z: z <= 2), _LAW),
            ("deviation-corrected", _about_mean(1 / TRUNCATED_STDDEV), _BOTH),
            (
                "clipped",
                edited(
                    lambda a, x: (
                        _mean(a.initializer)
                        + np.clip(_standard(a), -2, 2) * np.asarray(a.initializer.stddev)
                    )
                ),
                _LAW,
            ),
        )
    ),
    *(
        Mistake(name, "RandomUniform", change, _VALUE, own)
        for name, change, own in (
            ("range-2-percent", edited(_wider_range), _LAW),
            ("normal", edited(_normal_for_uniform), _BOTH),
            ("minval-ignored", call(lambda a: a.right(a.again(minval=0.0))), _LAW),
            ("of-64-values", edited(_coarse), _LAW),
            ("second-half-repeats", edited(_second_half_repeats), _LAW),
        )
    ),
    Mistake(
        "reflected",
        "RandomUniform",
        edited(lambda a, x: sum(_bounds(a.initializer)) - x),
        _VALUE,
        (),
    ),
    Mistake(
        "high-included",
        "RandomUniform",
        call(_high_included),
        ("value", "distribution"),
        _BOTH,
        ("integer/*", "sample/*-int*"),
    ),
    *(
        Mistake("truncation-uncorrected", name, scaled(lambda c, s: TRUNCATED_STDDEV), _VALUE, _LAW)
        for name in _NORMALS
    ),
    *(
        Mistake("untruncated", name, _spread_of("untruncated_normal"), _VALUE, _LAW)
        for name in _NORMALS
    ),
    *(
        Mistake("fans-swapped", name, fanned(lambda s: fans_of(s)[::-1]), _VALUE, _LAW)
        for name in ("HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling")
    ),
    *(
        Mistake("receptive-field-ignored", name, fanned(lambda s: fans_of(s[-2:])), _VALUE, _LAW)
        for name in ("GlorotNormal", "GlorotUniform", "HeUniform", "VarianceScaling")
    ),
    *(
        Mistake("average-is-fan-in", name, fanned(lambda s: (fans_of(s)[0],) * 2), _VALUE, _LAW)
        for name in ("GlorotNormal", "GlorotUniform")
    ),
    *(
        Mistake(name, "HeNormal", change, _VALUE, _LAW)
        for name, change in (
            ("scale-twice", scaled(lambda c, s: math.sqrt(2))),
            ("scale-forgotten", scaled(lambda c, s: math.sqrt(0.5))),
            ("uniform", _spread_of("uniform")),
            ("deviation-2-percent", scaled(lambda c, s: 0.98)),
            (
                "variance-for-deviation",
                scaled(lambda c, s: math.sqrt(2 / _fan(c, fans_of(s)))),
            ),
        )
    ),
    *(
        Mistake("limit-2-percent", name, scaled(lambda c, s: 1.02), _VALUE, _LAW)
        for name in _UNIFORMS
    ),
    Mistake("normal", "LecunUniform", _spread_of("normal"), _VALUE, _BOTH),
    Mistake("limit-sqrt-3", "GlorotUniform", scaled(lambda c, s: math.sqrt(0.5)), _VALUE, _LAW),
    *(
        Mistake(name, "VarianceScaling", change, _VALUE, own, where, dialects)
        for name, change, own, where, dialects in (
            ("scale-twice", scaled(lambda c, s: math.sqrt(c.scale)), _LAW, (), DIALECTS),
            ("mode-ignored", call(_plain_twin), _LAW, (), DIALECTS),
            (
                "always-truncated",
                call(lambda a: a.right(a.again(distribution="truncated_normal"))),
                _LAW,
                (),
                DIALECTS,
            ),
            (
                "axes-ignored",
                call(lambda a: a.right(a.again(input_axes=None, output_axes=None))),
                _LAW,
                ("axes/*", "sample/*axes*"),
                KERAS3,
            ),
        )
    ),
    *(
        Mistake(name, "Orthogonal", change, _VALUE, own)
        for name, change, own in (
            ("signs-not-fixed", orthogonal(signs=lambda q, r: q), _LAW),
            ("gain-squared", _regained(lambda g: g * g), _BOTH),
            ("gain-ignored", _regained(lambda g: 1.0), _BOTH),
            ("reshaped-for-transposed", orthogonal(turn=np.ravel), _BOTH),
            ("first-axis-are-rows", orthogonal(tall=lambda s: (s[0], math.prod(s[1:]))), _BOTH),
            ("not-orthogonal", orthogonal(factor=_normalised), _BOTH),
            ("unit-vectors", orthogonal(factor=_first_columns), _LAW),
        )
    ),
    # Seeds.
    *(
        Mistake(name, target, change, official, own, _SEEDS)
        for target in _SEEDED
        for name, change, official, own in (
            (
                "seed-ignored",
                call(lambda a: a.right(a.again(seed=None))),
                ("value", "repeats"),
                ("repeats",),
            ),
            ("seed-advances", call(_seed_advances), ("repeats",), ("repeats",)),
            (
                "unseeded-alike",
                _unseeded(lambda a: a.right(a.again(seed=1))),
                ("repeats",),
                ("repeats",),
            ),
            (
                "unseeded-advances",
                _unseeded(lambda a: a.right(a.again(seed=None))),
                ("repeats",),
                ("repeats",),
            ),
        )
    ),
    *(
        Mistake(
            "generator-stays",
            target,
            call(_generator_stays),
            ("value", "repeats", "distribution"),
            ("repeats", "distribution"),
            (*_SEEDS, "sample/seed=SeedGenerator*"),
            KERAS3,
        )
        for target in ("RandomNormal", "HeNormal")
    ),
    Mistake(
        "calls-correlated",
        "RandomNormal",
        edited(_follows_the_last),
        ("value", "distribution"),
        ("distribution",),
        ("generator/*", "sample/seed=SeedGenerator*"),
        KERAS3,
    ),
    Mistake(
        "sign-of-seed-lost",
        "RandomUniform",
        _other_seed(lambda s: min(abs(s), 2**63 - 1)),
        _VALUE,
        (),
        _SEEDS,
    ),
    Mistake(
        "seed-of-32-bits",
        "RandomNormal",
        _other_seed(lambda s: s % 2**32 if -(2**63) <= s < 2**63 else s),
        _VALUE,
        (),
        _SEEDS,
    ),
    *(
        Mistake("never-warns", target, call(_never_warns), ("warned",), (), _SEEDS, KERAS2)
        for target in _SEEDED
    ),
    # Dtypes, shapes, rejections.
    *(
        Mistake("float64-in-float32", target, call(_narrow), *_DTYPE)
        for target in ("RandomNormal", "RandomUniform", "HeNormal", "Zeros", "Constant")
    ),
    *(
        Mistake("dtype-ignored", target, call(_always_float32), *_DTYPE)
        for target in ("TruncatedNormal", "GlorotUniform", "Zeros", "Ones", "Identity")
    ),
    *(
        Mistake("transposed", target, edited(lambda a, x: x.T), ("shape",), ("shape",))
        for target in ("RandomUniform", "HeNormal", "Ones")
    ),
    *(
        Mistake(
            "float64-of-24-bits",
            target,
            edited(lambda a, x: x.astype(np.float32)),
            _VALUE,
            (),
            ("dtype/*",),
        )
        for target in ("RandomNormal", "RandomUniform", "GlorotUniform", "Orthogonal")
    ),
    Mistake(
        "integers-taken",
        "RandomNormal",
        call(_integers_taken),
        ("accepted",),
        ("accepted",),
        ("dtype/*",),
    ),
    # Constants.
    *(
        Mistake(name, target, change, aspects, aspects, where)
        for target, name, change, aspects, where in (
            ("Zeros", "ones", edited(lambda a, x: x + 1), _VALUE, ()),
            ("Zeros", "negative", edited(lambda a, x: -x), ("zero-sign",), ()),
            (
                "Constant",
                "whole-numbers",
                _by_value(lambda v: type(v)(math.trunc(v))),
                _VALUE,
                ("value/*", "dtype/*"),
            ),
            (
                "Constant",
                "of-16-bits",
                _by_value(lambda v: float(np.float16(v)) if type(v) is float else v),
                _VALUE,
                ("rank/*", "dtype/*"),
            ),
            (
                "Identity",
                "ones-everywhere",
                edited(lambda a, x: np.full_like(x, x.max(initial=0.0))),
                _VALUE,
                ("arguments/*",),
            ),
            ("Identity", "gain-ignored", call(_gain_of_one), _VALUE, ("arguments/*",)),
            ("Identity", "any-rank", call(_any_rank), ("accepted",), ("rank/*",)),
        )
    ),
    Mistake(
        "answers-zeros",
        "Initializer",
        call(lambda a: a.library.tensor(np.zeros(a.shape, np.float32))),
        ("accepted",),
        ("accepted",),
        ("call/*",),
    ),
    Mistake(
        "value-not-saved",
        "Constant",
        _without("value"),
        ("config", "value"),
        ("config", "value"),
        _CONFIGS,
        KERAS2,
    ),
    # Constant of Keras 3 cannot be restored without.
    Mistake("value-missing", "Constant", _without("value"), ("accepted",), (), _CONFIGS, KERAS3),
    Mistake(
        "gain-not-saved",
        "Identity",
        _without("gain"),
        ("config", "value"),
        (),
        _CONFIGS,
        KERAS2,
    ),
    *(
        Mistake(name, "STFT", change, _VALUE, _VALUE, ("arguments/*",), KERAS3)
        for name, change in (
            ("sides-swapped", _stft(side="imag")),
            ("window-ignored", _stft(window=None)),
            ("never-scaled", _stft(scaling=None)),
            ("always-periodic", _stft(periodic=True)),
        )
    ),
    # Configurations and identifiers.
    *(
        Mistake(name, target, change, official, own, where)
        for target, name, change, official, own, where in (
            (
                "RandomNormal",
                "seed-not-saved",
                _without("seed"),
                ("config", "value", "repeats"),
                ("config", "repeats"),
                (*_CONFIGS, "repeats/*"),
            ),
            (
                "HeNormal",
                "seed-saved-as-none",
                config(lambda c: {**c, "seed": None}),
                ("config", "serialized", "value", "repeats"),
                ("config", "serialized", "repeats"),
                (*_CONFIGS, "repeats/*"),
            ),
            (
                "RandomNormal",
                "stddev-not-saved",
                _without("stddev"),
                ("config", "value"),
                ("config",),
                _CONFIGS,
            ),
            (
                "Orthogonal",
                "gain-not-saved",
                _without("gain"),
                ("config", "value"),
                ("config", "contract"),
                _CONFIGS,
            ),
            (
                "VarianceScaling",
                "mode-not-saved",
                _without("mode"),
                ("config", "value"),
                ("config",),
                _CONFIGS,
            ),
            ("get", "alias-missing", function(_no_alias), *(("accepted",),) * 2, ("*",)),
            (
                "deserialize",
                "config-dropped",
                function(_config_dropped),
                *(("resolved",),) * 2,
                ("*",),
            ),
            (
                "serialize",
                "module-missing",
                _edited_record(lambda d: {k: v for k, v in d.items() if k != "module"}),
                *(("serialized",),) * 2,
                ("*",),
            ),
        )
    ),
)


# What is no mistake, in the pieces of which mistakes are made: these must pass.
CONTROLS: Final = (
    ("RandomNormal", edited(lambda asked, x: x)),
    ("RandomNormal", _normal_where(np.isfinite)),
    ("RandomUniform", call(lambda asked: asked.right(asked.again()))),
    ("HeNormal", _spread_of("truncated_normal")),
    ("GlorotUniform", fanned(fans_of)),
    ("Orthogonal", orthogonal()),
    ("Constant", _by_value(lambda value: value)),
)
