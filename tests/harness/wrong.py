"""Wrong subjects: official Keras with one plausible mistake in one place, a row for each.

The mistake replaces a method of the official class itself (or a function of the namespace), so
that `get`, `serialize` and every alias lead to it too, as they would in an implementation that has
it. What a class computes is written here over the pieces of the official formula (`Ops`); the
control of the tests shows that these formulas, unchanged, have official's bits.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import numpy as np

from conformance.model import DIALECTS, Verdict
from conformance.runner.report import Report

OFFICIAL: Final = {"keras2": "tf_keras", "keras3": "keras"}
KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)
NORMS: Final = ("MaxNorm", "MinMaxNorm", "UnitNorm")
CLASSES: Final = ("Constraint", *NORMS, "NonNeg", "RadialConstraint")

# What a mistake replaces: the value of an attribute that must be gone.
DELETED: Final = object()


@dataclass(frozen=True)
class Ops:
    """The pieces of which official's formulas are made, in one dialect."""

    dialect: str
    convert: Callable[[Any], Any]
    square: Callable[[Any], Any]
    total: Callable[[Any, Any], Any]
    root: Callable[[Any], Any]
    clip: Callable[[Any, Any, Any], Any]
    align: Callable[[Any, Any], Any]
    epsilon: float

    def norms(self, w: Any, axis: Any) -> Any:
        return self.root(self.total(self.square(w), axis))


@cache
def tensorflow() -> Any:
    return importlib.import_module("tensorflow")


@cache
def ops_of(dialect: str) -> Ops:
    tf, keras = tensorflow(), importlib.import_module(OFFICIAL[dialect])
    if dialect == "keras2":
        return Ops(
            dialect,
            convert=lambda w: w,
            square=tf.square,
            total=lambda x, axis: tf.reduce_sum(x, axis=axis, keepdims=True),
            root=keras.backend.sqrt,
            clip=keras.backend.clip,
            align=lambda w, norms: w,
            epsilon=keras.backend.epsilon(),
        )
    return Ops(
        dialect,
        convert=keras.ops.convert_to_tensor,
        square=keras.ops.square,
        total=lambda x, axis: keras.ops.sum(x, axis=axis, keepdims=True),
        root=keras.ops.sqrt,
        clip=keras.ops.clip,
        align=lambda w, norms: keras.ops.cast(w, norms.dtype),
        epsilon=keras.config.epsilon(),
    )


def max_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = ops.clip(norms, 0, c.max_value)
    return ops.align(w, norms) * (desired / (ops.epsilon + norms))


def min_max_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = c.rate * ops.clip(norms, c.min_value, c.max_value) + (1 - c.rate) * norms
    return ops.align(w, norms) * (desired / (ops.epsilon + norms))


def unit_norm(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) / (ops.epsilon + norms)


Formula = Callable[[Ops, Any, Any], Any]
FORMULAS: Final[Mapping[str, Formula]] = {
    "MaxNorm": max_norm,
    "MinMaxNorm": min_max_norm,
    "UnitNorm": unit_norm,
}


def rings(n: int) -> Any:
    """Which element of the diagonal official fills each place of an n x n kernel with."""
    start = n // 2
    i = np.arange(n)
    # Of an odd kernel the ring at distance d is element start + d - 1, of an even one start + d;
    # the middle is element start - 1 in both.
    distance = np.maximum.outer(i - start, start - 1 + n % 2 - i)
    distance = np.maximum(distance, distance.T)
    ring = np.maximum(distance, 0)
    return np.where(ring == 0, start - 1, start + ring - n % 2)


def gathered(place: Callable[[int], Any]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """A radial constraint that fills each place (r, c) with the diagonal element `place(n)[r, c]`."""

    def call(w: Any, official: Callable[[Any], Any]) -> Any:
        if not is_kernel(w):
            return official(w)
        n = w.shape[0]
        index = np.asarray(place(n))
        made = np.asarray(w)[index, index]
        if n % 2 == 0:
            # Official adds the middle of an even kernel to zeros: there only, -0.0 becomes 0.0, and
            # TensorFlow's addition, unlike NumPy's, flushes subnormals.
            middle = (slice(n // 2 - 1, n // 2 + 1),) * 2
            made[middle] = tensorflow().constant(made[middle]) + made.dtype.type(0)
        return tensorflow().constant(made)

    return call


def is_kernel(w: Any) -> bool:
    """Whether `w` is a tensor of square kernels that official takes."""
    tf = tensorflow()
    kernels = isinstance(w, tf.Tensor) and w.shape.rank == 4 and w.shape[0] == w.shape[1] > 1
    return bool(kernels and tf.size(w) > 0)


@dataclass(frozen=True)
class Keras:
    """Official Keras of one dialect, as a mistake sees it before it is made."""

    dialect: str
    package: ModuleType
    target: str

    @property
    def cls(self) -> Any:
        return getattr(self.package.constraints, self.target)

    @property
    def ops(self) -> Ops:
        return ops_of(self.dialect)


Change = Callable[[Keras], Mapping[str, Any]]


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is, what it must be failed for, and in which cases to look.

    `change` gives the attributes of the class, or the functions of the namespace, to replace.
    `groups` are globs over ids after the target; `bystander` other cases, which must pass.
    `strict`: the mistake is below the tolerance, and only `--strict` can see it.
    """

    name: str
    target: str
    aspects: tuple[str, ...]
    change: Change
    groups: tuple[str, ...]
    dialects: tuple[str, ...] = DIALECTS
    strict: bool = False
    bystander: str = "constraints.NonNeg/value/wave-*-float32"

    @property
    def select(self) -> tuple[str, ...]:
        # A pattern over the goldens of both dialects always matches: the run checks that.
        return (*(f"constraints.{self.target}/{group}" for group in self.groups), self.bystander)


# The changes, by what they replace.


def call(formula: Callable[..., Any] | None = None, **pieces: Any) -> Change:
    """`__call__` by another formula, or by official's with other pieces; both may look at `Ops`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        made = {name: piece(keras.ops) for name, piece in pieces.items()}
        ops = replace(keras.ops, **made)
        chosen = formula or FORMULAS[keras.target]
        return {"__call__": lambda self, w: chosen(ops, self, w)}

    return change


def around(wrong: Callable[[Any, Any, Callable[[Any], Any]], Any]) -> Change:
    """`__call__` as `wrong(self, w, official)`, which may ask official for its answer."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.__call__
        return {"__call__": lambda self, w: wrong(self, w, lambda v: official(self, v))}

    return change


def after(wrong: Callable[[Any], Any]) -> Change:
    """Official's answer, and then something done to it."""
    return around(lambda self, w, official: wrong(official(w)))


def before(wrong: Callable[[Any], Any]) -> Change:
    """Something done to the weights, and then official's answer."""
    return around(lambda self, w, official: official(wrong(w)))


def radial(wrong: Callable[[Any, Callable[[Any], Any]], Any]) -> Change:
    return around(lambda self, w, official: wrong(w, official))


def kernels(wrong: Callable[[Any], Any]) -> Change:
    """Another NumPy answer for square kernels, official's for anything else."""

    def answer(w: Any, official: Callable[[Any], Any]) -> Any:
        if not is_kernel(w):
            return official(w)
        array = np.asarray(w)
        return tensorflow().constant(np.asarray(wrong(array), dtype=array.dtype))

    return radial(answer)


def constructor(function: Callable[..., None]) -> Change:
    return lambda keras: {"__init__": function}


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """`get_config` as official's, edited."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.get_config
        return {"get_config": lambda self: edit(dict(official(self)))}

    return change


def attributes(**given: Any) -> Change:
    return lambda keras: given


def function(wrong: Callable[..., Any]) -> Change:
    """A function of the namespace as `wrong(official, *arguments)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = getattr(keras.package.constraints, keras.target)

        def replaced(*arguments: Any, **options: Any) -> Any:
            return wrong(official, *arguments, **options)

        return {keras.target: replaced}

    return change


def namespace(dialect: str, changed: Mapping[str, Any] | None = None) -> ModuleType:
    """A module that is official Keras, with the functions in `changed` instead of its own."""
    package = importlib.import_module(OFFICIAL[dialect])
    module = ModuleType(f"wrong_{dialect}")
    constraints = {**vars(package.constraints), **(changed or {})}
    shown = {k: v for k, v in constraints.items() if v is not DELETED}
    module.constraints = SimpleNamespace(**shown)  # type: ignore[attr-defined]
    no_scope = (changed or {}).get("custom_object_scope")
    for name in ("saving", "utils"):
        original = getattr(package, name)
        scope = no_scope or getattr(original, "custom_object_scope", None)
        setattr(module, name, SimpleNamespace(custom_object_scope=scope))
    module.conformance_tensors = "tensorflow"  # type: ignore[attr-defined]
    return module


def failures(report: Report) -> dict[str, set[str]]:
    """The aspects that failed, by target."""
    found: dict[str, set[str]] = {}
    for result in report.results:
        if result.verdict in (Verdict.FAIL, Verdict.MISSING):
            found.setdefault(result.target, set()).add(result.aspect)
    return found


# What the mistakes do, where it takes more than an expression.


def _only_max(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) * (c.max_value / (ops.epsilon + norms))


def _untouched_under_bound(ops: Ops, c: Any, w: Any) -> Any:
    right = max_norm(ops, c, w)
    w = ops.convert(w)
    return tensorflow().where(ops.norms(w, c.axis) > c.max_value, right, ops.align(w, right))


def _product_first(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return (ops.align(w, norms) * ops.clip(norms, 0, c.max_value)) / (ops.epsilon + norms)


def _rated_product_first(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = c.rate * ops.clip(norms, c.min_value, c.max_value) + (1 - c.rate) * norms
    return (ops.align(w, norms) * desired) / (ops.epsilon + norms)


def _reciprocal(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) * (1 / (ops.epsilon + norms))


def _desired_by_reciprocal(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = ops.clip(norms, 0, c.max_value)
    return ops.align(w, norms) * (desired * (1 / (ops.epsilon + norms)))


def _epsilon_where_too_small(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) / tensorflow().maximum(norms, ops.epsilon)


def _zero_columns_guarded(ops: Ops, c: Any, w: Any) -> Any:
    right = unit_norm(ops, c, w)
    norms = ops.norms(ops.convert(w), c.axis)
    return tensorflow().where(norms == 0, tensorflow().zeros_like(right), right)


def _plain_rate(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=1.0), w)


def _rate_swapped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=1 - c.rate), w)


def _rate_on_weights(ops: Ops, c: Any, w: Any) -> Any:
    return c.rate * min_max_norm(ops, _like(c, rate=1.0), w) + (1 - c.rate) * ops.convert(w)


def _rate_clamped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=min(max(c.rate, 0), 1)), w)


def _bounds_swapped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, min_value=c.max_value, max_value=c.min_value), w)


def _like(c: Any, **other: Any) -> Any:
    return SimpleNamespace(**{**vars(c), **other})


def _upper_wins(ops: Ops) -> Callable[[Any, Any, Any], Any]:
    """Clipping in which the upper bound wins where they cross; officially the lower one does."""
    tf = tensorflow()

    def clip(x: Any, low: Any, high: Any) -> Any:
        return tf.minimum(tf.maximum(x, tf.cast(low, x.dtype)), tf.cast(high, x.dtype))

    return clip


def _scaled_norms(formula: Formula) -> Formula:
    """Norms that cannot overflow, as a careful person would compute them."""

    def wrong(ops: Ops, c: Any, w: Any) -> Any:
        tf = tensorflow()
        x = tf.convert_to_tensor(w)
        if not x.dtype.is_floating or tf.size(x) == 0:
            return formula(ops, c, w)
        largest = tf.reduce_max(tf.abs(x))
        scale = tf.where((largest > 0) & tf.math.is_finite(largest), largest, tf.ones_like(largest))
        robust = SimpleNamespace(
            **{name: getattr(ops, name) for name in ("convert", "clip", "align", "epsilon")},
            norms=lambda v, axis: ops.norms(x / scale, axis) * scale,
        )
        return formula(robust, c, w)  # type: ignore[arg-type]

    return wrong


def _axis(fixed: Callable[[Any], Any]) -> Callable[[Ops], Any]:
    """The sum along an axis that is not quite the one given."""
    return lambda ops: lambda x, axis: ops.total(x, fixed(axis))


def _clamped(axis: Any) -> Any:
    return min(max(axis, -2), 1) if type(axis) is int else axis


def _as_float32(x: Any) -> Any:
    tf = tensorflow()
    x = tf.convert_to_tensor(x)
    return tf.cast(x, tf.float32) if x.dtype == tf.float64 else x


def _through(x: Any, official: Callable[[Any], Any], dtype: str) -> Any:
    """Official's answer for float32 weights, in the dtype of the weights again."""
    tf = tensorflow()
    x = tf.convert_to_tensor(x)
    return tf.cast(official(tf.cast(x, tf.float32)), dtype) if x.dtype == dtype else official(x)


def _widened(x: Any) -> Any:
    tf = tensorflow()
    return tf.cast(x, tf.float32) if x.dtype == tf.float16 else x


def _no_nan(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x) if x.dtype.is_floating else x


def _kept(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    """TensorFlow's kernels take subnormal numbers for zero; NumPy, and other backends, do not."""
    array, answer = np.asarray(w), np.array(official(w))
    subnormal = (array > 0) & (array < np.finfo(np.float32).tiny)
    answer[subnormal] = array[subnormal]
    return tensorflow().constant(answer)


def _in_place(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    answer = official(w)
    if isinstance(w, np.ndarray):
        w[...] = np.asarray(answer)
    return answer


def _assigned(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    answer = official(w)
    if isinstance(w, tensorflow().Variable):
        w.assign(answer)
    return answer


def _no_list(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    if isinstance(w, list):
        raise TypeError("weights must be a tensor; received a list")
    return official(w)


def _no_empty(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    if tensorflow().size(w) == 0:
        raise ValueError("weights must not be empty")
    return official(w)


def _as_given(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    return tensorflow().cast(official(w), tensorflow().convert_to_tensor(w).dtype)


def _integers_taken(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    tf = tensorflow()
    tensor = tf.convert_to_tensor(w)
    return official(tf.cast(tensor, tf.float32) if tensor.dtype.is_integer else w)


def _max_first(self: Any, axis: Any = 0, max_value: Any = 2) -> None:
    self.max_value, self.axis = max_value, axis


def _max_before_min(
    self: Any, max_value: Any = 1.0, min_value: Any = 0.0, rate: Any = 1.0, axis: Any = 0
) -> None:
    self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis


def _last_axis_max_norm(self: Any, max_value: Any = 2, axis: Any = -1) -> None:
    self.max_value, self.axis = max_value, axis


def _last_axis_unit_norm(self: Any, axis: Any = -1) -> None:
    self.axis = axis


def _every_axis_min_max_norm(
    self: Any, min_value: Any = 0.0, max_value: Any = 1.0, rate: Any = 1.0, axis: Any = None
) -> None:
    self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis


def _default_of_one(self: Any, max_value: Any = 1, axis: Any = 0) -> None:
    self.max_value, self.axis = max_value, axis


def _whole_max(self: Any, max_value: Any = 2, axis: Any = 0) -> None:
    whole = isinstance(max_value, float) and np.isfinite(max_value)
    self.max_value, self.axis = int(max_value) if whole else max_value, axis


def _no_tuple(self: Any, axis: Any = 0) -> None:
    if isinstance(axis, tuple):
        raise TypeError(f"axis must be an integer or a list; received {axis!r}")
    self.axis = axis


def _early_check(self: Any, axis: Any = 0) -> None:
    if isinstance(axis, str | float):
        raise ValueError(f"axis must be an integer; received {axis!r}")
    self.axis = axis


def _cached(keras: Keras) -> Mapping[str, Any]:
    """What the constructor was given is computed with, whatever the attributes say later."""
    construct, formula, ops = keras.cls.__init__, FORMULAS[keras.target], keras.ops

    def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807
        construct(self, *arguments, **named)
        self._frozen = SimpleNamespace(**vars(self))

    return {"__init__": __init__, "__call__": lambda self, w: formula(ops, self._frozen, w)}


def _config_ignored(cls: Any, given: Any) -> Any:
    return cls()


def _nonneg_of_the_other(keras: Keras) -> Mapping[str, Any]:
    tf = tensorflow()

    def multiplied(self: Any, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        return w * tf.cast(w >= 0, w.dtype)

    def clipped(self: Any, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        return tf.maximum(w, tf.zeros([], w.dtype))

    return {"__call__": clipped if keras.dialect == "keras2" else multiplied}


def _floats(wrong: Callable[[Any], Any]) -> Change:
    """Official's answer with something done to it, where it is of floats."""
    return after(lambda x: wrong(x) if x.dtype.is_floating else x)


def _bounded(limit: float) -> Change:
    tf = tensorflow
    return _floats(lambda x: tf().minimum(x, tf().cast(limit, x.dtype)))


# Places in a kernel: which diagonal element each of them is filled with.


def _documented(n: int) -> Any:
    """The picture of the documentation: the outer ring takes the element nearest the middle."""
    values = np.unique(rings(n))
    return values[::-1][np.searchsorted(values, rings(n))]


def _true_middle(n: int) -> Any:
    return np.where(rings(n) == n // 2 - 1, n // 2, rings(n)) if n % 2 else rings(n)


def _euclidean(n: int) -> Any:
    i = np.arange(n) - (n - 1) / 2
    radius = np.rint(np.hypot.outer(i, i) - (n % 2 == 0) * 0.5).astype(int)
    values = np.unique(rings(n))
    return values[np.minimum(radius, values.size - 1)]


def _from_the_corner(n: int) -> Any:
    """Ring k from element k, counted from the outside: the first half of the diagonal."""
    i = np.arange(n)
    return np.minimum.outer(np.minimum(i, i[::-1]), np.minimum(i, i[::-1]))


def _per_ring(reduce: Callable[..., Any]) -> Change:
    def wrong(w: Any) -> Any:
        made = np.empty_like(w)
        place = rings(w.shape[0])
        for ring in np.unique(place):
            made[place == ring] = reduce(w[place == ring].astype(np.float64), axis=0)
        return made

    return kernels(wrong)


def _right(w: Any) -> Any:
    place = rings(w.shape[0])
    return w[place, place]


def _channels_mixed(w: Any) -> Any:
    n, _, a, b = w.shape
    return _right(w).reshape(n, n, b, a).swapaxes(2, 3)


def _first_channel(w: Any) -> Any:
    return np.broadcast_to(_right(w)[:, :, :1, :1], w.shape)


def _off_diagonal(w: Any) -> Any:
    """The row of the middle instead of the diagonal."""
    place = rings(w.shape[0])
    return w[w.shape[0] // 2 - 1, place]


def _cropped(w: Any, official: Callable[[Any], Any]) -> Any:
    if hasattr(w, "shape") and len(w.shape) == 4 and w.shape[0] != w.shape[1]:
        side = min(w.shape[0], w.shape[1])
        return tensorflow().identity(w)[:side, :side] if side < 2 else official(w[:side, :side])
    return official(w)


def _any_rank(w: Any, official: Callable[[Any], Any]) -> Any:
    return w if hasattr(w, "shape") and len(w.shape) in (2, 3) else official(w)


# Functions of the namespace.


def _none_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        return official(identifier)
    except (ValueError, TypeError):
        return None


def _class_for_text(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    return type(found) if isinstance(identifier, str) else found


def _instance_for_class(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    return found() if isinstance(found, type) else found


def _any_case(official: Any, identifier: Any) -> Any:
    names = {"MAX_NORM": "max_norm", "maxNorm": "MaxNorm"}
    return official(
        names.get(identifier, identifier) if isinstance(identifier, str) else identifier
    )


def _copies(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    plain = hasattr(found, "get_config") and not isinstance(found, type) and found is identifier
    return type(found).from_config(found.get_config()) if plain else found


def _no_alias(official: Any, identifier: Any) -> Any:
    if isinstance(identifier, str) and "_" in identifier:
        raise ValueError(f"unknown constraint {identifier!r}")
    return official(identifier)


def _only_instances(official: Any, identifier: Any) -> Any:
    if callable(identifier) and not hasattr(identifier, "get_config"):
        raise TypeError(f"a constraint must be a Constraint; received {identifier!r}")
    return official(identifier)


def _lenient(official: Any, identifier: Any) -> Any:
    return identifier if isinstance(identifier, int) else official(identifier)


def _config_dropped(official: Any, identifier: Any) -> Any:
    dropped = isinstance(identifier, dict) and "config" in identifier
    return official({**identifier, "config": {}} if dropped else identifier)


def _serialized(edit: Callable[[dict[str, Any]], Any]) -> Change:
    def wrong(official: Any, thing: Any, **options: Any) -> Any:
        described = official(thing, **options)
        return edit(dict(described)) if isinstance(described, dict) else described

    return function(wrong)


def _as_texts(config: Any) -> Any:
    return {k: str(v) for k, v in config.items()} if isinstance(config, dict) else config


def _custom_objects_ignored(official: Any, config: Any, custom_objects: Any = None) -> Any:
    return official(config)


def _class_of(official: Any, config: Any, custom_objects: Any = None) -> Any:
    found = official(config, custom_objects=custom_objects)
    return type(found) if hasattr(found, "get_config") else found


def _defaults_of(official: Any, config: Any, custom_objects: Any = None) -> Any:
    if isinstance(config, dict) and isinstance(config.get("config"), dict):
        config = {**config, "config": {}}
    return official(config, custom_objects=custom_objects)


def _none_for_unknown_config(official: Any, config: Any, custom_objects: Any = None) -> Any:
    try:
        return official(config, custom_objects=custom_objects)
    except (ValueError, TypeError):
        return None


def _no_scope(keras: Keras) -> Mapping[str, Any]:
    return {"custom_object_scope": lambda known: nullcontext()}


# Where to look: the groups of cases about a kind of mistake.
_SHAPES: Final = ("dtype/float32-*",)
_DTYPES: Final = ("dtype/*-3x4-*",)
_INPUTS: Final = ("dtype/float32-*", "dtype/float64-3x4-*", "edge/*-float32")
_CONFIGS: Final = ("config/*", "roundtrip/*")


def _norm(
    name: str,
    targets: tuple[str, ...],
    aspects: tuple[str, ...],
    change: Change,
    groups: tuple[str, ...] = _INPUTS,
    **rest: Any,
) -> list[Mistake]:
    return [Mistake(name, target, aspects, change, groups, **rest) for target in targets]


_TF = tensorflow
_UNIT: Final = "constraints.UnitNorm/dtype/float32-*-axis=0"

MISTAKES: Final[tuple[Mistake, ...]] = (
    *_norm("no-epsilon", NORMS, ("value", "nonfinite"), call(epsilon=lambda _: 0.0)),
    *_norm("epsilon-1e-6", ("MaxNorm", "UnitNorm"), ("value",), call(epsilon=lambda _: 1e-6)),
    *_norm("epsilon-1e-8", ("MinMaxNorm", "UnitNorm"), ("value",), call(epsilon=lambda _: 1e-8)),
    *_norm(
        "epsilon-inside-the-root",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        call(epsilon=lambda _: 0.0, root=lambda o: lambda x: o.root(x + 1e-7)),
    ),
    *_norm("epsilon-where-too-small", ("UnitNorm",), ("value",), call(_epsilon_where_too_small)),
    *_norm(
        "axis-default-last",
        ("MaxNorm",),
        ("value", "config"),
        constructor(_last_axis_max_norm),
        ("arguments/*",),
    ),
    *_norm(
        "axis-default-last",
        ("UnitNorm",),
        ("value", "config"),
        constructor(_last_axis_unit_norm),
        ("arguments/*",),
    ),
    *_norm(
        "axis-default-none",
        ("MinMaxNorm",),
        ("value", "config"),
        constructor(_every_axis_min_max_norm),
        ("arguments/defaults", "config/*"),
    ),
    *_norm("axis-ignored", NORMS, ("value",), call(total=_axis(lambda axis: 0)), _SHAPES),
    *_norm(
        "axis-none-as-0",
        NORMS,
        ("value",),
        call(total=_axis(lambda axis: 0 if axis is None else axis)),
        ("dtype/float32-*", "arguments/*axis=None"),
    ),
    *_norm(
        "axis-out-of-range-clamped",
        NORMS,
        ("accepted",),
        call(total=_axis(_clamped)),
        ("rejected/axis-*",),
    ),
    *_norm(
        "tuple-axis-rejected",
        ("UnitNorm",),
        ("accepted",),
        constructor(_no_tuple),
        ("arguments/*", "roundtrip/*"),
    ),
    *_norm(
        "axis-checked-in-the-constructor",
        ("UnitNorm",),
        ("accepted",),
        constructor(_early_check),
        ("rejected/*",),
    ),
    *_norm("squared-norm", NORMS, ("value",), call(root=lambda _: lambda x: x), _SHAPES),
    *_norm(
        "l1-norm",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        call(square=lambda _: lambda w: _TF().abs(w), root=lambda _: lambda x: x),
        _SHAPES,
    ),
    *_norm(
        "largest-as-norm",
        ("MaxNorm", "MinMaxNorm"),
        ("value",),
        call(total=lambda _: lambda x, axis: _TF().reduce_max(x, axis=axis, keepdims=True)),
        _SHAPES,
    ),
    *_norm(
        "mean-of-squares",
        ("MinMaxNorm", "UnitNorm"),
        ("value",),
        call(total=lambda _: lambda x, axis: _TF().reduce_mean(x, axis=axis, keepdims=True)),
        _SHAPES,
    ),
    *_norm(
        "keepdims-forgotten",
        NORMS,
        ("accepted",),
        call(total=lambda _: lambda x, axis: _TF().reduce_sum(x, axis=axis)),
        _SHAPES,
    ),
    *_norm("float64-in-float32", NORMS, ("dtype", "value"), before(_as_float32), _DTYPES),
    *_norm(
        "float64-through-float32",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        around(lambda self, w, official: _through(w, official, "float64")),
        _DTYPES,
    ),
    *_norm("float16-promoted", NORMS, ("dtype",), after(_widened), _DTYPES),
    *_norm("nan-swallowed", NORMS, ("nonfinite",), after(_no_nan), ("edge/*nan*",)),
    *_norm(
        "overflow-avoided",
        ("MaxNorm",),
        ("value",),
        call(_scaled_norms(max_norm)),
        ("edge/*overflow*",),
    ),
    *_norm(
        "overflow-avoided",
        ("UnitNorm",),
        ("value",),
        call(_scaled_norms(unit_norm)),
        ("edge/*overflow*",),
    ),
    *_norm(
        "input-overwritten",
        NORMS,
        ("input",),
        around(_in_place),
        ("given/*",),
    ),
    *_norm(
        "integers-taken",
        NORMS,
        ("accepted",),
        around(_integers_taken),
        ("integer/*",),
        dialects=KERAS2,
    ),
    *_norm("reciprocal", ("UnitNorm",), ("value",), call(_reciprocal), _DTYPES, strict=True),
    *_norm(
        "reciprocal",
        ("MaxNorm",),
        ("value",),
        call(_desired_by_reciprocal),
        _DTYPES,
        strict=True,
    ),
    *_norm("product-first", ("MaxNorm",), ("value",), call(_product_first), _DTYPES, strict=True),
    *_norm(
        "product-first",
        ("MinMaxNorm",),
        ("value",),
        call(_rated_product_first),
        _DTYPES,
        strict=True,
    ),
    *_norm(
        "float16-through-float32",
        NORMS,
        ("value",),
        around(lambda self, w, official: _through(w, official, "float16")),
        ("edge/*-float16",),
    ),
    *_norm(
        "bfloat16-through-float32",
        ("MaxNorm",),
        ("value",),
        around(lambda self, w, official: _through(w, official, "bfloat16")),
        ("dtype/bfloat16-*",),
        strict=True,
    ),
    *_norm(
        "bfloat16-through-float32",
        ("MinMaxNorm", "UnitNorm"),
        ("value",),
        around(lambda self, w, official: _through(w, official, "bfloat16")),
        ("edge/*-bfloat16",),
    ),
    *_norm(
        "overflow-avoided",
        ("MinMaxNorm",),
        ("value",),
        call(_scaled_norms(min_max_norm)),
        ("edge/*overflow*",),
    ),
    *_norm("variable-assigned", NORMS, ("input",), around(_assigned), ("given/*",)),
    *_norm("lists-rejected", NORMS, ("accepted",), around(_no_list), ("given/list-float64",)),
    *_norm("empty-rejected", NORMS, ("accepted",), around(_no_empty), ("edge/empty-*",)),
    *_norm(
        "integers-truncated",
        NORMS,
        ("dtype",),
        around(_as_given),
        ("integer/*",),
        dialects=KERAS3,
    ),
    *_norm(
        "bound-made-positive",
        ("MaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, low, abs(high))),
        ("arguments/max_value=-1.0*",),
    ),
    *_norm(
        "rate-clamped",
        ("MinMaxNorm",),
        ("value",),
        call(_rate_clamped),
        ("arguments/*rate=1.5*", "arguments/*rate=-*"),
    ),
    *_norm("zero-columns-guarded", ("UnitNorm",), ("zero-sign",), call(_zero_columns_guarded)),
    *_norm("normalises-under-the-bound", ("MaxNorm",), ("value",), call(_only_max)),
    *_norm("untouched-under-the-bound", ("MaxNorm",), ("value",), call(_untouched_under_bound)),
    *_norm(
        "lower-bound-forgotten",
        ("MinMaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, 0, high)),
    ),
    *_norm(
        "upper-bound-forgotten",
        ("MinMaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, low, np.inf)),
    ),
    *_norm(
        "clip-order-swapped",
        ("MinMaxNorm",),
        ("value",),
        call(clip=_upper_wins),
        ("arguments/min_value=1.6*", "arguments/min_value=3*"),
    ),
    *_norm("bounds-swapped", ("MinMaxNorm",), ("value",), call(_bounds_swapped), _SHAPES),
    *_norm("rate-ignored", ("MinMaxNorm",), ("value",), call(_plain_rate), _SHAPES),
    *_norm("rate-swapped", ("MinMaxNorm",), ("value",), call(_rate_swapped), ("arguments/*",)),
    *_norm("rate-on-weights", ("MinMaxNorm",), ("value",), call(_rate_on_weights), _DTYPES),
    *_norm(
        "max-value-default-1",
        ("MaxNorm",),
        ("value", "config"),
        constructor(_default_of_one),
        ("arguments/defaults", "config/*"),
    ),
    *_norm(
        "max-value-truncated",
        ("MaxNorm",),
        ("value", "config"),
        constructor(_whole_max),
        ("arguments/max_value=*axis=0",),
    ),
    *_norm(
        "arguments-swapped",
        ("MaxNorm",),
        ("accepted",),
        constructor(_max_first),
        ("arguments/positional*",),
    ),
    *_norm(
        "arguments-swapped",
        ("MinMaxNorm",),
        ("config",),
        constructor(_max_before_min),
        ("arguments/positional*",),
    ),
    *_norm(
        "attributes-cached",
        ("MaxNorm", "MinMaxNorm", "UnitNorm"),
        ("value",),
        _cached,
        ("attribute/*",),
    ),
    *_norm(
        "config-key-dropped",
        NORMS,
        ("config", "serialized"),
        config(lambda c: {k: v for k, v in c.items() if k != "axis"}),
        _CONFIGS,
    ),
    *_norm(
        "config-key-renamed",
        ("MaxNorm",),
        ("config", "accepted"),
        config(lambda c: {"m": c["max_value"], "axis": c["axis"]}),
        _CONFIGS,
    ),
    *_norm(
        "config-key-extra",
        ("UnitNorm",),
        ("config",),
        config(lambda c: {**c, "epsilon": 1e-7}),
        _CONFIGS,
    ),
    *_norm(
        "config-of-texts",
        ("MinMaxNorm",),
        ("config", "serialized"),
        config(lambda c: {**c, "rate": str(c["rate"])}),
        _CONFIGS,
    ),
    *_norm(
        "config-ignored",
        NORMS,
        ("config", "value"),
        attributes(from_config=classmethod(_config_ignored)),
        _CONFIGS,
    ),
    *(
        Mistake(name, "NonNeg", aspects, change, groups, bystander=_UNIT)
        for name, aspects, change, groups in (
            ("absolute-value", ("value",), before(lambda w: _TF().abs(w)), ("value/*-float32",)),
            (
                "shifted",
                ("value",),
                _floats(lambda x: x + _TF().cast(1e-3, x.dtype)),
                ("value/*-float32",),
            ),
            (
                "zero-negated",
                ("zero-sign",),
                _floats(lambda x: _TF().where(x == 0, -abs(x), x)),
                ("value/*",),
            ),
            (
                "of-the-other-dialect",
                ("zero-sign", "nonfinite"),
                _nonneg_of_the_other,
                ("value/*",),
            ),
            ("nan-to-zero", ("nonfinite",), after(_no_nan), ("value/*-float32",)),
            ("clipped-at-1", ("value",), _bounded(1), ("value/*-float32",)),
            ("relu6", ("nonfinite",), _bounded(6), ("value/*-float32",)),
            ("input-overwritten", ("input",), around(_in_place), ("given/*",)),
            (
                "leaky",
                ("value",),
                around(lambda self, w, official: official(w) + 0.01 * _TF().minimum(w, 0)),
                ("value/*-float32",),
            ),
            (
                "softplus",
                ("value",),
                around(lambda self, w, official: _TF().math.softplus(_TF().convert_to_tensor(w))),
                ("value/*-float32",),
            ),
            (
                "flattened",
                ("shape",),
                after(lambda x: _TF().reshape(x, [-1])),
                ("value/*-float32",),
            ),
            ("config-with-a-key", ("config",), config(lambda c: {"minimum": 0.0}), _CONFIGS),
        )
    ),
    *(
        Mistake(name, "NonNeg", aspects, change, groups, dialects, bystander=_UNIT)
        for name, aspects, change, groups, dialects in (
            ("float64-in-float32", ("dtype",), before(_as_float32), ("value/*-float64",), KERAS3),
            ("float64-taken", ("accepted",), before(_as_float32), ("value/*-float64",), KERAS2),
            ("float16-promoted", ("dtype",), after(_widened), ("value/*-float16",), KERAS3),
            ("subnormals-kept", ("value",), around(_kept), ("value/*-float32",), DIALECTS),
            ("variable-assigned", ("input",), around(_assigned), ("given/*",), DIALECTS),
        )
    ),
    Mistake(
        "zero-sign-dropped",
        "NonNeg",
        ("zero-sign",),
        _floats(lambda x: x + _TF().zeros([], x.dtype)),
        ("value/*",),
        dialects=KERAS2,
        bystander=_UNIT,
    ),
    Mistake(
        "integers-made-float",
        "NonNeg",
        ("dtype",),
        after(lambda x: _TF().cast(x, _TF().float32)),
        ("integer/*",),
        dialects=KERAS3,
        bystander=_UNIT,
    ),
    *(
        Mistake(name, "RadialConstraint", aspects, change, groups, dialects=KERAS2)
        for name, aspects, change, groups in (
            (
                "documented-order",
                ("value",),
                radial(gathered(_documented)),
                ("place/*", "size/*-float32"),
            ),
            ("rings-from-the-corner", ("value",), radial(gathered(_from_the_corner)), ("place/*",)),
            (
                "middle-of-odd-kernels",
                ("value",),
                radial(gathered(_true_middle)),
                ("place/*", "size/*-float32"),
            ),
            ("circular-rings", ("value",), radial(gathered(_euclidean)), ("place/*",)),
            ("mean-of-ring", ("value",), _per_ring(np.mean), ("place/*", "size/*-float32")),
            ("largest-of-ring", ("value",), _per_ring(np.max), ("place/*", "size/*-float32")),
            ("off-the-diagonal", ("value",), kernels(_off_diagonal), ("place/*",)),
            ("channels-mixed", ("value",), kernels(_channels_mixed), ("size/*-float32",)),
            ("first-channel-for-all", ("value",), kernels(_first_channel), ("size/*-float32",)),
            (
                "channels-transposed",
                ("shape",),
                kernels(lambda w: _right(w).swapaxes(2, 3)),
                ("size/*-float32",),
            ),
            ("unprojected", ("value",), kernels(lambda w: w), ("place/*",)),
            ("rank-not-checked", ("accepted",), radial(_any_rank), ("rejected/*",)),
            ("non-square-accepted", ("accepted",), radial(_cropped), ("rejected/*",)),
            ("float16-promoted", ("dtype",), after(_widened), ("size/2*", "size/3*")),
            ("float64-in-float32", ("dtype", "value"), before(_as_float32), ("size/2*", "size/3*")),
            ("nan-swallowed", ("nonfinite",), after(_no_nan), ("edge/nan-*",)),
            ("variable-assigned", ("input",), around(_assigned), ("given/*",)),
            ("config-with-a-key", ("config",), config(lambda c: {"radius": None}), _CONFIGS),
        )
    ),
    *(
        Mistake(
            name,
            "Constraint",
            aspects,
            change,
            ("*",),
            bystander=_UNIT,
        )
        for name, aspects, change in (
            (
                "in-float32",
                ("dtype",),
                attributes(__call__=lambda self, w: _TF().cast(w, _TF().float32)),
            ),
            ("zeros", ("value",), attributes(__call__=lambda self, w: _TF().zeros_like(w))),
            (
                "tensor-for-list",
                ("value",),
                attributes(__call__=lambda self, w: _TF().convert_to_tensor(w)),
            ),
            ("abstract", ("accepted",), attributes(__call__=DELETED)),
            (
                "input-overwritten",
                ("input",),
                attributes(
                    __call__=lambda self, w: w.fill(0) or w if isinstance(w, np.ndarray) else w
                ),
            ),
            ("config-none", ("config",), attributes(get_config=lambda self: None)),
            (
                "config-of-attributes",
                ("config",),
                attributes(get_config=lambda self: {**vars(self), "trainable": False}),
            ),
            ("from-config-missing", ("accepted",), attributes(from_config=DELETED)),
            (
                "from-config-ignores",
                ("accepted",),
                attributes(from_config=classmethod(_config_ignored)),
            ),
            (
                "takes-anything",
                ("accepted",),
                attributes(__init__=lambda self, *arguments, **named: None),
            ),
        )
    ),
    *(
        Mistake(name, "get", aspects, change, ("*",))
        for name, aspects, change in (
            ("alias-missing", ("accepted",), function(_no_alias)),
            ("none-for-unknown", ("accepted",), function(_none_for_unknown)),
            ("class-for-text", ("resolved",), function(_class_for_text)),
            ("any-case", ("accepted",), function(_any_case)),
            ("copies", ("same",), function(_copies)),
            ("functions-rejected", ("accepted",), function(_only_instances)),
            ("numbers-taken", ("accepted",), function(_lenient)),
            ("config-dropped", ("resolved",), function(_config_dropped)),
            ("scope-ignored", ("accepted",), _no_scope),
        )
    ),
    Mistake(
        "instance-for-class", "get", ("resolved",), function(_instance_for_class), ("*",), KERAS2
    ),
    *(
        Mistake(name, "serialize", ("serialized",), change, ("*",))
        for name, change in (
            (
                "module-missing",
                _serialized(lambda d: {k: v for k, v in d.items() if k != "module"}),
            ),
            (
                "registered-name-missing",
                _serialized(lambda d: {k: v for k, v in d.items() if k != "registered_name"}),
            ),
            (
                "snake-case-name",
                _serialized(lambda d: {**d, "class_name": str(d["class_name"]).lower()}),
            ),
            ("config-of-texts", _serialized(lambda d: {**d, "config": _as_texts(d["config"])})),
            ("config-alone", _serialized(lambda d: d["config"])),
            ("private-module", _serialized(lambda d: {**d, "module": "keras.src.constraints"})),
            (
                "none-as-dict",
                function(lambda official, thing: {} if thing is None else official(thing)),
            ),
        )
    ),
    *(
        Mistake(name, "deserialize", aspects, change, ("*",))
        for name, aspects, change in (
            ("custom-objects-ignored", ("accepted",), function(_custom_objects_ignored)),
            ("class-for-instance", ("resolved",), function(_class_of)),
            ("config-dropped", ("resolved",), function(_defaults_of)),
            ("none-for-unknown", ("accepted",), function(_none_for_unknown_config)),
            ("scope-ignored", ("accepted",), _no_scope),
        )
    ),
)
