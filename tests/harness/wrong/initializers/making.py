"""How a wrong initializer is made.

A mistake is made twice: in official Keras, whose numbers are golden, so that values differ; and in
the NumPy subject, whose numbers are its own, so that only what its values promise can tell. It
replaces a method of the class itself, so that `get`, `serialize` and every alias lead to it too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np

from conformance.model import DIALECTS, FLOATS
from wrong import OFFICIAL, tensorflow

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


# Where to look, and what fails, in several tables.
CONFIGS: Final = ("config/*", "roundtrip/*")
SEEDS: Final = ("seed/*", "repeats/*", "generator/*")
VALUE: Final = ("value",)


# What the mistakes do, where it takes more than an expression.


def mean_of(initializer: Any) -> Any:
    return np.asarray(getattr(initializer, "mean", 0.0), np.float64)


def without(*keys: str) -> Change:
    return config(lambda c: {k: v for k, v in c.items() if k not in keys})
