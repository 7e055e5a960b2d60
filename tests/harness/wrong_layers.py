"""Wrong layers: official Keras with one plausible mistake, as in `wrong` for constraints.

A mistake replaces methods and properties of official classes, by their path in the package, so
that whatever leads to the class leads to the mistake.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import numpy as np
from wrong import KERAS2, KERAS3, OFFICIAL, tensorflow

from conformance.model import DIALECTS


@dataclass(frozen=True)
class Keras:
    """Official Keras of one dialect, as a mistake sees it before it is made."""

    dialect: str
    target: str

    @property
    def package(self) -> ModuleType:
        return importlib.import_module(OFFICIAL[self.dialect])

    def member(self, path: str) -> Any:
        return functools.reduce(getattr, path.split("."), self.package)


Change = Callable[[Keras], Mapping[str, Any]]


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is, what it must be failed for, and in which cases to look.

    `change` gives what to replace, by its path, as `layers.Dense.call`. `bystander` are cases of
    another target, which must pass.
    """

    name: str
    target: str
    aspects: tuple[str, ...]
    change: Change
    groups: tuple[str, ...]
    dialects: tuple[str, ...] = DIALECTS
    strict: bool = False
    bystander: str = "layers.Conv3D/same/*"

    @property
    def select(self) -> tuple[str, ...]:
        return (*(f"{self.target}/{group}" for group in self.groups), self.bystander)


# The changes, by what they replace.

Official = Callable[..., Any]


def method(name: str, wrong: Callable[..., Any], path: str | None = None) -> Change:
    """A method as `wrong(self, official, *arguments)`; `official` is bound to the same object."""

    def change(keras: Keras) -> Mapping[str, Any]:
        owner = path or keras.target
        official = getattr(keras.member(owner), name)

        @functools.wraps(official)
        def replaced(self: Any, *arguments: Any, **named: Any) -> Any:
            return wrong(self, functools.partial(official, self), *arguments, **named)

        # Keras 3 reads the signature of constructors, and does not look behind a wrapper.
        replaced.__signature__ = inspect.signature(official)  # type: ignore[attr-defined]
        return {f"{owner}.{name}": replaced}

    return change


def call(wrong: Callable[[Any, Official, Any], Any]) -> Change:
    """The forward pass as `wrong(self, official, inputs)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.member(f"{keras.target}.call")

        def replaced(self: Any, inputs: Any) -> Any:
            return wrong(self, functools.partial(official, self), inputs)

        return {f"{keras.target}.call": replaced}

    return change


def after(wrong: Callable[[Any], Any]) -> Change:
    """Official's outputs, and then something done to them."""
    return call(lambda self, official, x: wrong(official(x)))


def before(wrong: Callable[[Any], Any]) -> Change:
    """Something done to the inputs, and then official's outputs."""
    return call(lambda self, official, x: official(wrong(x)))


@contextmanager
def pretending(thing: Any, **others: Any) -> Iterator[None]:
    """The attributes of `thing` are others for a while, unknown to what watches them."""
    known = vars(thing)
    kept = {name: known[name] for name in others if name in known}
    known.update(others)
    try:
        yield
    finally:
        for name in others:
            del known[name]
        known.update(kept)


def without_bias(layer: Any, **others: Any) -> AbstractContextManager[None]:
    """The layer has no bias for a while."""
    return pretending(layer, use_bias=False, bias=None, **others)


def as_if(name: str = "call", **others: Any) -> Change:
    """A method of one argument while attributes of the layer are others."""

    def wrong(self: Any, official: Official, argument: Any) -> Any:
        with pretending(self, **others):
            return official(argument)

    return call(wrong) if name == "call" else method(name, wrong)


def attribute(name: str, wrong: Callable[[Any, Any], Any], path: str | None = None) -> Change:
    """A property as `wrong(self, what official has)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        owner = path or keras.target
        official = getattr(keras.member(owner), name)
        replaced = property(lambda self: wrong(self, official.fget(self)), official.fset)
        return {f"{owner}.{name}": replaced}

    return change


def constructor(edit: Callable[[dict[str, Any]], Any], path: str | None = None) -> Change:
    """`__init__` with its named arguments edited in place."""

    def wrong(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
        edit(named)
        official(*arguments, **named)

    return method("__init__", wrong, path)


def without(*names: str) -> Change:
    """`__init__` that takes arguments and forgets them."""

    def edit(named: dict[str, Any]) -> None:
        for name in names:
            named.pop(name, None)

    return constructor(edit)


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """`get_config` as official's, edited."""
    return method("get_config", lambda self, official: edit(dict(official())))


def adding(edit: Callable[[Any, dict[str, Any]], Any]) -> Change:
    """`add_weight` with its named arguments edited in place."""

    def wrong(self: Any, official: Official, *arguments: Any, **named: Any) -> Any:
        if arguments and isinstance(arguments[0], str):
            named["name"], arguments = arguments[0], arguments[1:]
        edit(self, named)
        return official(*arguments, **named)

    return method("add_weight", wrong)


# What the mistakes do, where it takes more than an expression.


def _spatial(x: Any) -> list[int]:
    return list(range(1, x.shape.rank - 1))


def _padded(x: Any, before_and_after: Sequence[tuple[int, int]]) -> Any:
    return tensorflow().pad(x, [(0, 0), *before_and_after, (0, 0)])


def _odd_zero_first(self: Any, official: Official, x: Any) -> Any:
    """`same` with the odd zero at the start."""
    pads = []
    for length, size, stride in zip(x.shape[1:-1], self.kernel_size, self.strides, strict=True):
        total = max((-(-length // stride) - 1) * stride + size - length, 0)
        pads.append((total - total // 2, total // 2))
    with pretending(self, padding="valid"):
        return official(_padded(x, pads))


def _strides_swapped(self: Any, official: Official, x: Any) -> Any:
    with pretending(self, strides=self.strides[::-1]):
        return official(x)


def _zeros_last(self: Any, official: Official, x: Any) -> Any:
    """`causal` with its zeros at the end."""
    if self.padding != "causal":
        return official(x)
    reach = (self.kernel_size[0] - 1) * self.dilation_rate[0]
    with pretending(self, padding="valid", _is_causal=False):
        return official(_padded(x, [(0, reach)]))


def _other_end(self: Any, official: Official, x: Any) -> Any:
    """The kernel back to front, which is the same as everything else back to front."""
    tf = tensorflow()
    return tf.reverse(official(tf.reverse(x, _spatial(x))), _spatial(x))


def _regrouped(self: Any, official: Official, x: Any) -> Any:
    """The outputs of all groups in turn, not of one group after the other."""
    return _interleaved(official(x), self.groups)


def _interleaved(y: Any, parts: int) -> Any:
    tf = tensorflow()
    return tf.reshape(tf.stack(tf.split(y, parts, axis=-1), -1), y.shape)


def _multiplier_first(self: Any, official: Official, x: Any) -> Any:
    """Channel by channel for each multiplier, where the multipliers of a channel are neighbours."""
    y = official(x)
    return _interleaved(y, y.shape[-1] // self.depth_multiplier)


def _pointwise_first(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    strides = [1, *self.strides, 1]
    y = tf.nn.conv2d(x, tf.convert_to_tensor(self.pointwise_kernel), 1, "VALID")
    kernel = tf.convert_to_tensor(self.depthwise_kernel)
    y = tf.nn.depthwise_conv2d(y, kernel, strides, self.padding.upper())
    return tf.nn.bias_add(y, tf.convert_to_tensor(self.bias))


def _bias_last(self: Any, official: Official, x: Any) -> Any:
    """The bias on the last axis, wherever the channels are."""
    if not self.use_bias:
        return official(x)
    with without_bias(self):
        y = official(x)
    return y + tensorflow().convert_to_tensor(self.bias)


def _activation_before_bias(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    with without_bias(self):
        y = official(x)
    return y + tf.cast(self.bias, y.dtype) if self.use_bias else y


def _bias_constant(self: Any, official: Official, x: Any) -> Any:
    """The bias without its gradient."""
    tf = tensorflow()
    if not self.use_bias:
        return official(x)
    with without_bias(self, activation=None):
        y = official(x)
    y = y + tf.stop_gradient(tf.cast(self.bias, y.dtype))
    return y if self.activation is None else self.activation(y)


def _wrong_axis(self: Any, official: Official, x: Any) -> Any:
    """The axis after the batch, where the last one is meant."""
    tf = tensorflow()
    if x.shape.rank != 3 or x.shape[1] != x.shape[2]:
        return official(x)
    return official(tf.transpose(x, [0, 2, 1]))


def _next_number(x: Any) -> Any:
    """One ULP up."""
    tf = tensorflow()
    return tf.math.nextafter(x, tf.ones_like(x) * np.inf) if x.dtype == tf.float32 else x


def _no_nan(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x)


def _refused_when_empty(self: Any, official: Official, x: Any) -> Any:
    if 0 in x.shape:
        raise ValueError("a batch must not be empty")
    return official(x)


def _overwritten(self: Any, official: Official, x: Any) -> Any:
    y = official(x)
    if isinstance(x, np.ndarray):
        x.fill(0)
    return y


def _reshaped(self: Any, official: Official, values: Any) -> None:
    """`set_weights` that reshapes, and sets what there is."""
    for weight, value in zip(self.weights, values, strict=False):
        weight.assign(np.reshape(value, weight.shape))


def _unchecked(keras: Keras) -> Mapping[str, Any]:
    """No input specification; of too many channels the first are taken."""

    def build(self: Any, official: Official, shape: Any) -> None:
        official(shape)
        self.input_spec = None

    def first(self: Any, official: Official, x: Any) -> Any:
        return official(x[..., : self.kernel.shape[-2]])

    return {**method("build", build)(keras), **call(first)(keras)}


def _whole(name: str) -> Change:
    def edit(named: dict[str, Any]) -> None:
        if isinstance(named.get(name), float):
            named[name] = int(named[name])

    return constructor(edit)


def _penalised(wrong: Callable[[Any, Any], Any]) -> Change:
    """An activity penalty that is `wrong(penalty, outputs)`."""

    def construct(self: Any, official: Official, *arguments: Any, **named: Any) -> None:
        official(*arguments, **named)
        right = self.activity_regularizer
        if right is not None:
            self.activity_regularizer = lambda y: wrong(right(y), y)

    return method("__init__", construct)


def _batch(penalty: Any, y: Any) -> Any:
    tf = tensorflow()
    return penalty * tf.cast(tf.shape(y)[0], penalty.dtype)


def _inner(layer: Any) -> list[Any]:
    """The layers that are attributes of a layer, or in a list that is."""
    found: list[Any] = []
    for name, value in vars(layer).items():
        several = value if isinstance(value, list | tuple) else [value]
        found += [v for v in several if not name.startswith("_") and hasattr(v, "add_loss")]
    return found


def _losses_of_inner_twice(self: Any, losses: Any) -> Any:
    return [*losses, *(loss for inner in _inner(self) for loss in inner.losses)]


def _losses_of_inner_missing(self: Any, losses: Any) -> Any:
    return losses[: len(losses) - sum(len(inner.losses) for inner in _inner(self))]


def _trainable_alone(keras: Keras) -> Mapping[str, Any]:
    """`trainable` that does not reach the layers inside."""
    official = keras.member("layers.Layer.trainable")

    def set_own(self: Any, value: Any) -> None:
        inner = _inner(self)
        kept = [layer.trainable for layer in inner]
        official.fset(self, value)
        for layer, before in zip(inner, kept, strict=True):
            official.fset(layer, before)

    return {"layers.Layer.trainable": property(official.fget, set_own)}


def _both(*changes: Change) -> Change:
    return lambda keras: {k: v for change in changes for k, v in change(keras).items()}


class _Late:
    """A constraint that does nothing where official Keras asks for it, after the update."""

    def __init__(self, right: Any) -> None:
        self.right = right

    def __call__(self, w: Any) -> Any:
        return w


def _late(named: dict[str, Any]) -> None:
    if "kernel_constraint" in named:
        named["kernel_constraint"] = _Late(named["kernel_constraint"])


def _constrained_first(keras: Keras) -> Mapping[str, Any]:
    """The constraint of the kernel before the update, not after it."""
    get = keras.member("constraints.get")

    def step(self: Any, official: Official, pairs: Any, *rest: Any, **named: Any) -> Any:
        pairs = list(pairs)
        for _, variable in pairs:
            if isinstance(variable.constraint, _Late):
                right = get(variable.constraint.right)
                variable.assign(right(tensorflow().convert_to_tensor(variable)))
        return official(pairs, *rest, **named)

    return {
        **constructor(_late)(keras),
        **method("apply_gradients", step, "optimizers.SGD")(keras),
    }


def _constraint_on_both(named: dict[str, Any]) -> None:
    if "kernel_constraint" in named:
        named["bias_constraint"] = named["kernel_constraint"]


def _scaled(name: str, factor: float) -> Callable[[dict[str, Any]], None]:
    def edit(named: dict[str, Any]) -> None:
        if name in named:
            named[name] = named[name] * factor

    return edit


def _forgotten(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda named: named.pop(name, None)


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(named: dict[str, Any]) -> None:
        named[name] = value

    return edit


def _slots(optimizer: Any, variable: Any) -> list[Any]:
    """The variables that Adam keeps of a variable: of its gradients, and of their squares."""
    every = list(optimizer.variables() if callable(optimizer.variables) else optimizer.variables)
    name = getattr(variable, "path", variable.name).replace("/", "_").split(":")[0]
    ends = (f"{name}_momentum", f"{name}_velocity")
    found = [v for v in every if getattr(v, "path", "").endswith(ends)]
    ends = (f"m/{variable.name}", f"v/{variable.name}")
    return found or [v for v in every if v.name.endswith(ends)]


def _adam(update: Callable[[Any, Any, Any, Any, Any, Any], Any]) -> Change:
    """Adam with another update of a variable: `update(self, m, v, rate, t)`."""

    def step(self: Any, official: Official, gradient: Any, variable: Any, rate: Any = None) -> None:
        tf = tensorflow()
        m, v = _slots(self, variable)
        rate = tf.cast(self.learning_rate if rate is None else rate, gradient.dtype)
        t = tf.cast(self.iterations + 1, gradient.dtype)
        m.assign(m * self.beta_1 + gradient * (1 - self.beta_1))
        v.assign(v * self.beta_2 + tf.square(gradient) * (1 - self.beta_2))
        corrections = 1 - tf.pow(self.beta_1, t), 1 - tf.pow(self.beta_2, t)
        m, v = tf.convert_to_tensor(m), tf.convert_to_tensor(v)
        variable.assign(variable - update(self, m, v, rate, *corrections))

    return method("update_step", step, "optimizers.Adam")


def _uncorrected(self: Any, m: Any, v: Any, rate: Any, first: Any, second: Any) -> Any:
    return rate * m / (tensorflow().sqrt(v) + self.epsilon)


def _epsilon_inside(self: Any, m: Any, v: Any, rate: Any, first: Any, second: Any) -> Any:
    root = tensorflow().sqrt
    return rate * root(second) / first * m / root(v + self.epsilon)


def _gradient_of_inputs_doubled(x: Any) -> Any:
    return 2 * x - tensorflow().stop_gradient(x)


def _wide(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    y = official(x)
    return tf.cast(y, tf.float32) if self.compute_dtype in ("float16", "bfloat16") else y


def _renamed(old: str, new: str) -> Change:
    return config(lambda c: {new if k == old else k: v for k, v in c.items()})


def _dropped(name: str) -> Change:
    return config(lambda c: {k: v for k, v in c.items() if k != name})


_DENSE: Final = "layers.Dense"
_CONV1D: Final = "layers.Conv1D"
_CONV2D: Final = "layers.Conv2D"
_TRANSPOSE: Final = "layers.Conv2DTranspose"
_DEPTHWISE: Final = "layers.DepthwiseConv2D"
_SEPARABLE: Final = "layers.SeparableConv2D"
_LAYER: Final = "layers.Layer"
_ELSEWHERE: Final = "regularizers.L2/dtype/float32-wave-3x4"
_VALUE: Final = ("value",)

MISTAKES: Final[tuple[Mistake, ...]] = (
    # What is computed.
    Mistake("odd-zero-first", _CONV2D, _VALUE, call(_odd_zero_first), ("same/*",)),
    Mistake("strides-ignored", _CONV2D, ("shape",), as_if(strides=(1, 1)), ("same/*",)),
    Mistake("strides-swapped", _CONV2D, ("shape",), call(_strides_swapped), ("unequal-strides/*",)),
    Mistake(
        "dilation-ignored",
        _CONV2D,
        ("value", "shape"),
        as_if(dilation_rate=(1, 1)),
        ("dilation/*",),
    ),
    Mistake("groups-interleaved", _CONV2D, _VALUE, call(_regrouped), ("groups/*",)),
    Mistake(
        "bias-on-the-last-axis",
        _DEPTHWISE,
        _VALUE,
        call(_bias_last),
        ("equal-axes-channels-first/same",),
        KERAS2,  # it is what official Keras 3 does: see the finding channels-first-bias
    ),
    Mistake("causal-zeros-last", _CONV1D, _VALUE, call(_zeros_last), ("pairs/*causal*",)),
    Mistake(
        "kernel-back-to-front",
        _TRANSPOSE,
        _VALUE,
        call(_other_end),
        ("equal-axes/*", "dtype/float32-*"),
    ),
    Mistake(
        "output-padding-ignored",
        _TRANSPOSE,
        ("shape",),
        as_if(output_padding=None),
        ("output-padding/*",),
    ),
    Mistake("multiplier-first", _DEPTHWISE, _VALUE, call(_multiplier_first), ("pairs/*m2*",)),
    Mistake("pointwise-first", _SEPARABLE, _VALUE, call(_pointwise_first), ("equal-axes/*",)),
    Mistake("wrong-axis", _DENSE, _VALUE, call(_wrong_axis), ("equal-axes/*",)),
    *(
        Mistake("activation-before-bias", name, _VALUE, call(_activation_before_bias), (group,))
        for name, group in ((_DENSE, "activation/*"), (_CONV2D, "arguments/activation=*"))
    ),
    *(
        Mistake("use-bias-ignored", name, ("weights",), constructor(_set("use_bias", True)), group)
        for name, group in ((_DENSE, ("weights/*",)), (_CONV2D, ("weights/*",)))
    ),
    # Three terms allow no whole ULP more than official Keras errs by; twelve do.
    Mistake("one-ulp-up", _DENSE, _VALUE, after(_next_number), ("dtype/float32-*",)),
    Mistake("one-ulp-up", _CONV1D, _VALUE, after(_next_number), ("dtype/float32-*",), strict=True),
    *(
        Mistake("nan-taken-for-zero", name, ("nonfinite",), before(_no_nan), ("edge/nan-*",))
        for name in (_DENSE, _CONV2D)
    ),
    *(
        Mistake(
            "zeros-made-negative",
            name,
            ("zero-sign",),
            after(lambda y: tensorflow().where(y == 0, -tensorflow().zeros_like(y), y)),
            ("edge/*zeros*",),
        )
        for name in (_DENSE, _CONV2D)
    ),
    *(
        Mistake("outputs-in-float32", name, ("dtype",), call(_wide), (group,))
        for name, group in ((_DENSE, "dtype/mixed*"), (_CONV1D, "dtype/mixed*"))
    ),
    *(
        Mistake("empty-batch-rejected", name, ("accepted",), call(_refused_when_empty), (group,))
        for name, group in ((_DENSE, "empty/*"), (_CONV2D, "edge/empty-batch"))
    ),
    Mistake(
        "input-overwritten", _CONV1D, ("input",), method("__call__", _overwritten), ("given/*",)
    ),
    Mistake(
        "shape-without-strides",
        _CONV2D,
        ("shape",),
        as_if("compute_output_shape", strides=(1, 1)),
        ("output-shape/*",),
    ),
    # Gradients.
    *(
        Mistake("bias-without-gradient", name, ("gradient",), call(_bias_constant), ("gradient/*",))
        for name in (_DENSE, _CONV1D)
    ),
    Mistake(
        "input-gradient-doubled",
        _CONV2D,
        ("gradient",),
        before(_gradient_of_inputs_doubled),
        ("gradient/dtype=float*",),
    ),
    # Penalties.
    *(
        Mistake("activity-of-the-whole-batch", name, ("losses",), _penalised(_batch), groups)
        for name, groups in ((_DENSE, ("losses/batch-*",)), (_CONV1D, ("losses/activity*",)))
    ),
    Mistake(
        "activity-counted-twice",
        _DENSE,
        ("losses",),
        _penalised(lambda penalty, y: 2 * penalty),
        ("losses/*", "activity_regularizer/*"),
    ),
    *(
        Mistake("bias-not-penalised", name, ("count",), without("bias_regularizer"), groups)
        for name, groups in ((_DENSE, ("bias_regularizer/*",)), (_CONV2D, ("losses/*",)))
    ),
    Mistake(
        "inner-losses-twice",
        _LAYER,
        ("count",),
        attribute("losses", _losses_of_inner_twice),
        ("nested-losses/*",),
        bystander=_ELSEWHERE,
    ),
    Mistake(
        "inner-losses-missing",
        _LAYER,
        ("count",),
        attribute("losses", _losses_of_inner_missing),
        ("nested-losses/*",),
        bystander=_ELSEWHERE,
    ),
    # Weights.
    *(
        Mistake(
            "weights-reversed",
            name,
            ("weights",),
            attribute("weights", lambda self, weights: weights[::-1]),
            ("weights/*",),
        )
        for name in (_DENSE, _SEPARABLE)
    ),
    *(
        Mistake(
            "weights-without-names",
            name,
            ("weights",),
            adding(lambda self, named: named.update(name="weight")),
            ("weights/*",),
        )
        for name in (_DENSE, _DEPTHWISE)
    ),
    *(
        Mistake(
            "weights-in-compute-dtype",
            name,
            ("weights",),
            adding(lambda self, named: named.update(dtype=self.compute_dtype)),
            groups,
        )
        for name, groups in ((_DENSE, ("policy/*",)), (_CONV2D, ("weights/*",)))
    ),
    Mistake(
        "everything-trained",
        _LAYER,
        ("weights",),
        adding(lambda self, named: named.update(trainable=True)),
        ("weights/trainable-first", "trainable/Mixed-*"),
        bystander=_ELSEWHERE,
    ),
    Mistake(
        "frozen-alone",
        _LAYER,
        ("weights",),
        _trainable_alone,
        ("nested/frozen-inside",),
        dialects=KERAS2,
        bystander=_ELSEWHERE,
    ),
    *(
        Mistake("values-reshaped", name, ("accepted",), method("set_weights", _reshaped), (group,))
        for name, group in ((_DENSE, "set_weights/*"), (_CONV2D, "set-weights/*"))
    ),
    Mistake(
        "bias-not-given",
        _DENSE,
        ("count",),
        method("get_weights", lambda self, official: official()[:1]),
        ("set_weights/*",),
    ),
    # Arguments, configurations, attributes.
    Mistake(
        "units-truncated", _DENSE, ("accepted",), _whole("units"), ("rejected/units-*",), KERAS3
    ),
    Mistake(
        "filters-truncated", _CONV2D, ("accepted",), _whole("filters"), ("rejected/*",), KERAS3
    ),
    Mistake("channels-unchecked", _CONV2D, ("accepted",), _unchecked, ("input/*",)),
    Mistake("key-renamed", _DENSE, ("config",), _renamed("units", "output_dim"), ("config/*",)),
    Mistake(
        "key-missing", _CONV2D, ("config", "serialized"), _dropped("strides"), ("roundtrip/*",)
    ),
    Mistake(
        "key-missing", _DENSE, ("config", "serialized"), _dropped("use_bias"), ("roundtrip/*",)
    ),
    Mistake(
        "padding-as-given",
        _CONV2D,
        ("attributes",),
        method(
            "__init__",
            lambda self, official, *arguments, **named: (
                official(*arguments, **named),
                vars(self).update(padding=named.get("padding", "valid")),
            )[0],
        ),
        ("attributes/*",),
    ),
    # Training.
    Mistake("constraint-ignored", _CONV2D, ("weights",), without("kernel_constraint"), ("fit/*",)),
    Mistake("constraint-before-update", _CONV2D, ("weights",), _constrained_first, ("fit/*",)),
    Mistake(
        "constraint-of-kernel-on-bias",
        _CONV2D,
        ("weights",),
        constructor(_constraint_on_both),
        ("fit/*",),
    ),
    Mistake(
        "penalty-not-trained",
        _CONV2D,
        ("losses",),
        attribute("losses", lambda self, losses: [], "models.Sequential"),
        ("fit/*",),
    ),
    *(
        Mistake(name, _DENSE, ("weights",), change, groups, bystander=_ELSEWHERE)
        for name, change, groups in (
            (
                "momentum-halved",
                constructor(_scaled("momentum", 0.5), "optimizers.SGD"),
                ("fit/SGD-momentum-mse",),
            ),
            (
                "nesterov-ignored",
                constructor(_forgotten("nesterov"), "optimizers.SGD"),
                ("fit/SGD-nesterov-*",),
            ),
            ("adam-uncorrected", _adam(_uncorrected), ("fit/Adam-mse",)),
            ("adam-epsilon-in-the-root", _adam(_epsilon_inside), ("fit/Adam-epsilon-mse",)),
        )
    ),
)
