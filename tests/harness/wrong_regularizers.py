"""Wrong regularizers: official Keras with one plausible mistake, as in `wrong` for constraints."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from wrong import KERAS2, KERAS3, OFFICIAL, Change, tensorflow

from conformance.model import DIALECTS

CLASSES: Final = ("Regularizer", "L1", "L2", "L1L2", "OrthogonalRegularizer")


@dataclass(frozen=True)
class Keras:
    """Official Keras of one dialect, as a mistake sees it before it is made."""

    dialect: str
    package: ModuleType
    target: str

    @property
    def cls(self) -> Any:
        return getattr(self.package.regularizers, self.target)


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is, what it must be failed for, and in which cases to look."""

    name: str
    target: str
    aspects: tuple[str, ...]
    change: Change
    groups: tuple[str, ...]
    dialects: tuple[str, ...] = DIALECTS

    @property
    def bystander(self) -> str:
        other = "L2" if self.target == "L1" else "L1"
        return f"regularizers.{other}/dtype/float32-wave-3x4"

    @property
    def select(self) -> tuple[str, ...]:
        return (*(f"regularizers.{self.target}/{group}" for group in self.groups), self.bystander)


def namespace(dialect: str, changed: Mapping[str, Any] | None = None) -> ModuleType:
    """A module that is official Keras, with the functions in `changed` instead of its own."""
    package = importlib.import_module(OFFICIAL[dialect])
    module: Any = ModuleType(f"wrong_regularizers_{dialect}")
    module.regularizers = SimpleNamespace(**{**vars(package.regularizers), **(changed or {})})
    module.saving = package.saving
    module.utils = package.utils
    module.conformance_tensors = "tensorflow"
    return module


# The changes, by what they replace.


def around(wrong: Callable[[Any, Any, Callable[[Any], Any]], Any]) -> Any:
    """`__call__` as `wrong(self, x, official)`, which may ask official for its answer."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.__call__
        return {"__call__": lambda self, x: wrong(self, x, lambda v: official(self, v))}

    return change


def after(wrong: Callable[[Any], Any]) -> Any:
    """Official's penalty, and then something done to it."""
    return around(lambda self, x, official: wrong(official(x)))


def before(wrong: Callable[[Any], Any]) -> Any:
    """Something done to the weights, and then official's penalty."""
    return around(lambda self, x, official: official(wrong(tensorflow().convert_to_tensor(x))))


def by(formula: Callable[[Any, Any], Any]) -> Any:
    """`__call__` by another formula, for float tensors; official's for anything else."""

    def wrong(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
        tf = tensorflow()
        floats = isinstance(x, tf.Tensor) and x.dtype.is_floating
        return formula(self, x) if floats else official(x)

    return around(wrong)


def config(edit: Callable[[dict[str, Any]], Any]) -> Any:
    """`get_config` as official's, edited."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.get_config
        return {"get_config": lambda self: edit(dict(official(self)))}

    return change


def constructor(wrong: Callable[..., Mapping[str, Any]]) -> Any:
    """`__init__` with its arguments changed by `wrong`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.__init__

        def construct(self: Any, *arguments: Any, **named: Any) -> None:
            official(self, **wrong(*arguments, **named))

        return {"__init__": construct}

    return change


def function(wrong: Callable[..., Any]) -> Any:
    """A function of the namespace as `wrong(official, *arguments)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = getattr(keras.package.regularizers, keras.target)

        def replaced(*arguments: Any, **options: Any) -> Any:
            return wrong(official, *arguments, **options)

        return {keras.target: replaced}

    return change


def _f(c: Any, name: str, x: Any) -> Any:
    return tensorflow().cast(getattr(c, name), x.dtype)


def _abs(x: Any) -> Any:
    return tensorflow().reduce_sum(tensorflow().abs(x))


def _squares(x: Any) -> Any:
    return tensorflow().reduce_sum(tensorflow().square(x))


def _sum(x: Any) -> Any:
    return tensorflow().reduce_sum(x)


def _cosines(x: Any, mode: str, *, normalise: bool = True) -> Any:
    tf = tensorflow()
    axis = 1 if mode == "rows" else 0
    if normalise:
        x = tf.math.l2_normalize(x, axis, epsilon=1e-12)
    return tf.matmul(x, x, transpose_a=axis == 0, transpose_b=axis == 1)


def _orthogonal(
    *,
    diagonal: bool = False,
    magnitude: Callable[[Any], Any] | None = None,
    pairs: Callable[[int], float] = lambda n: n * (n - 1),
    normalise: bool = True,
) -> Any:
    """The orthogonal penalty with a piece of it replaced."""

    def formula(c: Any, x: Any) -> Any:
        tf = tensorflow()
        if x.shape.rank != 2 or 0 in x.shape or 1 in x.shape:
            raise ValueError("a matrix of this shape is not about this mistake")
        cosines = _cosines(x, c.mode, normalise=normalise)
        n = cosines.shape[0]
        if not diagonal:
            cosines = tf.linalg.set_diag(cosines, tf.zeros([n], x.dtype))
        total = tf.reduce_sum((magnitude or tf.abs)(cosines))
        return _f(c, "factor", x) * total / pairs(n)

    return by(formula)


def _through(dtype: str) -> Any:
    """Computed in another dtype, and the answer in the dtype of the weights."""

    def wrong(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
        tf = tensorflow()
        x = tf.convert_to_tensor(x)
        return tf.cast(official(tf.cast(x, dtype)), x.dtype) if x.dtype.is_floating else official(x)

    return around(wrong)


def _float32(x: Any) -> Any:
    tf = tensorflow()
    return tf.cast(x, tf.float32) if x.dtype.is_floating else x


def _no_nan(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x) if x.dtype.is_floating else x


def _other_mode(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
    kept = self.mode
    self.mode = "columns" if kept == "rows" else "rows"
    try:
        return official(x)
    finally:
        self.mode = kept


def _none_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        found = official(identifier)
    except (ValueError, TypeError):
        return None
    return None if isinstance(found, str) else found


def _l2_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        return official(identifier)
    except (ValueError, TypeError):
        return official("l2")


def _class_for_text(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    known = isinstance(identifier, str) and hasattr(found, "get_config")
    return type(found) if known else found


def _dict_ignored(official: Any, identifier: Any) -> Any:
    dropped = isinstance(identifier, dict) and isinstance(identifier.get("config"), dict)
    return official({**identifier, "config": {}} if dropped else identifier)


def _serialized(edit: Callable[[dict[str, Any]], Any]) -> Any:
    def wrong(official: Any, thing: Any, **options: Any) -> Any:
        described = official(thing, **options)
        return edit(dict(described)) if isinstance(described, dict) else described

    return function(wrong)


def _custom_ignored(official: Any, config: Any, custom_objects: Any = None) -> Any:
    return official(config)


def _renamed(old: str, new: str) -> Any:
    return config(lambda c: {new if k == old else k: v for k, v in c.items()})


_F32: Final = ("dtype/float32-*",)
_SQUARE: Final = ("dtype/float32-*-3x3-*", "dtype/float32-*-3x4-*", "dtype/float32-*-4x3-*")
_CONFIGS: Final = ("config/*", "roundtrip/*")
_ORTHOGONAL: Final = "OrthogonalRegularizer"
_VALUE: Final = ("value",)

MISTAKES: Final[tuple[Mistake, ...]] = (
    Mistake("factor-squared", "L1", _VALUE, by(lambda c, x: _f(c, "l1", x) ** 2 * _abs(x)), _F32),
    Mistake(
        "factor-squared", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) ** 2 * _squares(x)), _F32
    ),
    Mistake("factor-missing", "L1", _VALUE, by(lambda c, x: _abs(x)), _F32),
    Mistake("halved", "L2", _VALUE, after(lambda p: p / 2), _F32),
    Mistake("doubled", "L2", _VALUE, after(lambda p: p * 2), _F32),
    Mistake("square-missing", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _abs(x)), _F32),
    Mistake("abs-missing", "L1", _VALUE, by(lambda c, x: _f(c, "l1", x) * _sum(x)), _F32),
    Mistake("root", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _squares(x) ** 0.5), _F32),
    Mistake(
        "mean-for-sum",
        "L1",
        _VALUE,
        by(lambda c, x: _f(c, "l1", x) * tensorflow().reduce_mean(tensorflow().abs(x))),
        _F32,
    ),
    Mistake(
        "mean-for-sum",
        "L2",
        _VALUE,
        by(lambda c, x: _f(c, "l2", x) * tensorflow().reduce_mean(tensorflow().square(x))),
        _F32,
    ),
    Mistake(
        "first-axis-only",
        "L1",
        ("shape",),
        by(lambda c, x: _f(c, "l1", x) * tensorflow().reduce_sum(tensorflow().abs(x), 0)),
        ("dtype/float32-*-*x*",),
    ),
    Mistake(
        "factors-swapped",
        "L1L2",
        _VALUE,
        by(lambda c, x: _f(c, "l2", x) * _abs(x) + _f(c, "l1", x) * _squares(x)),
        _F32,
    ),
    Mistake("l2-left-out", "L1L2", _VALUE, by(lambda c, x: _f(c, "l1", x) * _abs(x)), _F32),
    Mistake("l1-left-out", "L1L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _squares(x)), _F32),
    Mistake(
        "zero-factors-counted",
        "L1L2",
        ("nonfinite",),
        by(lambda c, x: _f(c, "l1", x) * _abs(x) + _f(c, "l2", x) * _squares(x)),
        ("edge/zero-factor-*",),
    ),
    *(
        Mistake("cast-to-float32", name, ("dtype",), before(_float32), ("dtype/*",))
        for name in ("L1", "L2", "L1L2")
    ),
    *(
        Mistake(f"through-{dtype}", name, _VALUE, _through(dtype), ("dtype/float64-*",))
        for name in ("L1", "L2")
        for dtype in ("float16", "float32")
    ),
    *(
        Mistake("nan-taken-for-zero", name, ("nonfinite",), before(_no_nan), ("edge/nan-*",))
        for name in ("L1", "L2", "L1L2")
    ),
    Mistake(
        "default-of-0.1",
        "L1",
        ("value", "config"),
        constructor(lambda l1=0.1: {"l1": l1}),
        ("arguments/defaults-*", "config/*"),
    ),
    Mistake(
        "default-of-0.01",
        "L1L2",
        ("value", "config"),
        constructor(lambda l1=0.01, l2=0.01: {"l1": l1, "l2": l2}),
        ("arguments/defaults-*", "config/*"),
    ),
    Mistake(
        "positions-swapped",
        "L1L2",
        ("value", "config"),
        constructor(lambda l2=0.0, l1=0.0: {"l1": l1, "l2": l2}),
        ("arguments/positional=*",),
    ),
    Mistake(
        "negative-taken-for-positive",
        "L1",
        ("accepted",),
        constructor(
            lambda l1=0.01: {"l1": abs(l1) if type(l1) in (int, float) else l1},
        ),
        ("arguments/l1=-*",),
        KERAS3,
    ),
    Mistake(
        "negative-rejected",
        "L2",
        ("accepted",),
        constructor(
            lambda l2=0.01: {"l2": "negative" if type(l2) in (int, float) and l2 < 0 else l2}
        ),
        ("arguments/l2=-*",),
        KERAS2,
    ),
    Mistake(
        "nan-accepted",
        "L1",
        ("accepted",),
        constructor(lambda l1=0.01: {"l1": 0.0 if l1 != l1 else l1}),
        ("rejected/l1-*nan", "rejected/l1-text"),
    ),
    Mistake("config-key-renamed", "L1", ("config",), _renamed("l1", "l"), _CONFIGS),
    Mistake(
        "config-key-renamed",
        _ORTHOGONAL,
        ("config",),
        _renamed("factor", "rate"),
        ("config/*",),
    ),
    Mistake(
        "mode-not-saved",
        _ORTHOGONAL,
        ("value", "config"),
        config(lambda c: {"factor": c["factor"], "mode": "rows"}),
        _CONFIGS,
    ),
    Mistake("modes-swapped", _ORTHOGONAL, _VALUE, around(_other_mode), _SQUARE),
    Mistake("diagonal-included", _ORTHOGONAL, _VALUE, _orthogonal(diagonal=True), _SQUARE),
    Mistake(
        "pairs-counted-twice",
        _ORTHOGONAL,
        _VALUE,
        _orthogonal(pairs=lambda n: n * (n - 1) / 2),
        _SQUARE,
    ),
    Mistake("mean-of-all", _ORTHOGONAL, _VALUE, _orthogonal(pairs=lambda n: n * n), _SQUARE),
    Mistake("abs-missing", _ORTHOGONAL, _VALUE, _orthogonal(magnitude=lambda p: p), _SQUARE),
    Mistake("squared", _ORTHOGONAL, _VALUE, _orthogonal(magnitude=lambda p: p * p), _SQUARE),
    Mistake("not-normalised", _ORTHOGONAL, _VALUE, _orthogonal(normalise=False), _SQUARE),
    Mistake(
        "no-pairs-is-zero",
        _ORTHOGONAL,
        ("nonfinite",),
        after(_no_nan),
        ("edge/one-row-*-rows", "edge/one-column-*-columns"),
    ),
    Mistake(
        "unknown-is-none", "get", ("accepted",), function(_none_for_unknown), ("text/*",), KERAS3
    ),
    Mistake(
        "unknown-is-none", "get", ("resolved",), function(_none_for_unknown), ("text/*",), KERAS2
    ),
    Mistake("unknown-is-l2", "get", ("accepted",), function(_l2_for_unknown), ("object/*",)),
    Mistake("class-for-a-name", "get", ("resolved",), function(_class_for_text), ("text/*",)),
    Mistake("config-ignored", "get", ("resolved",), function(_dict_ignored), ("dict/*",)),
    Mistake(
        "module-dropped",
        "serialize",
        ("serialized",),
        _serialized(lambda r: {k: v for k, v in r.items() if k != "module"}),
        ("object/*",),
    ),
    Mistake(
        "snake-case",
        "serialize",
        ("serialized",),
        _serialized(lambda r: {**r, "class_name": r["class_name"].lower()}),
        ("object/*",),
    ),
    Mistake(
        "custom-objects-ignored",
        "deserialize",
        ("accepted",),
        function(_custom_ignored),
        ("config/custom-given",),
    ),
)
