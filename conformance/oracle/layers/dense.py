"""`Dense`, and what every layer of the oracle is: weights, a call, and how to go back through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, Array, Literal, Reference
from conformance.oracle.bounded import Bounded
from conformance.oracle.layers import attached
from conformance.oracle.layers.products import cast, products
from conformance.oracle.layers.world import Untold, World
from conformance.oracle.reading import unshared

_MIXED: Final = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


@dataclass(eq=False)
class Weight:
    """A weight: `value` is in the dtype of variables, or the reason why nobody knows it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    value: Bounded | Untold
    trainable: bool = True
    regularizer: Literal = None
    constraint: Literal = None
    gradient: Bounded | None = None
    # Whether somebody has set `trainable` of this weight alone.
    flagged: bool = False

    def __post_init__(self) -> None:
        # Keras 3 keeps the order in which it made the weights.
        self.made_trainable = self.trainable

    def known(self) -> Bounded:
        """The value; Untold where there is none."""
        if isinstance(self.value, Untold):
            raise self.value
        return self.value

    def receive(self, gradient: Bounded) -> None:
        """Adds to its gradient, which is in the dtype of variables."""
        given = cast(gradient, self.dtype)
        self.gradient = given if self.gradient is None else self.gradient + given


Flags = Mapping["Layer | Weight", bool]


@dataclass(eq=False)
class Layer:
    """The base class: identity. `world` is shared by all layers of a case."""

    arguments: Mapping[str, Literal]
    world: World

    # Whether it passes a mask on. A layer that gives its very inputs may leave the mask on them.
    masking = False
    identity = True

    def __post_init__(self) -> None:
        self.dialect, self.tape = self.world.dialect, self.world.tape
        self.untold: Untold | None = None
        self.policy(self.arguments.get("dtype"))
        self.trainable = bool(self.arguments.get("trainable", True))
        self.activity_regularizer = self.arguments.get("activity_regularizer")
        self.own: list[Weight] = []
        self.inner: list[Layer] = []
        self.added: list[Bounded] = []
        self.built = False
        self.start()

    def policy(self, literal: Literal) -> None:
        """Takes the dtypes of a policy."""
        self.compute, self.variable = dtypes(literal or self.world.policy)

    def start(self) -> None:
        """What a subclass makes of its arguments."""

    def add_weight(
        self, name: str, shape: Sequence[int], initializer: Literal = None, **rest: Any
    ) -> Weight:
        """A new weight, with the value that its initializer gives."""
        dtype = rest.pop("dtype", None) or self.variable
        value = attached.initial(initializer, tuple(shape), dtype)
        made = Weight(name, tuple(shape), dtype, value, **rest)
        self.own.append(made)
        return made

    def build(self, shape: Sequence[int | None]) -> None:
        """Makes the weights for inputs of this shape, once."""
        if not self.built:
            self.make(shape)
        self.built = True

    def make(self, shape: Sequence[int | None]) -> None:
        """Makes the weights for inputs of this shape."""

    def __call__(self, x: Bounded, **options: Any) -> Bounded:
        """The outputs of inputs that are cast to the dtype of the computation, if floating."""
        if self.untold is not None:
            raise self.untold
        mask = self._masked(options)
        self.build(x.shape)
        given = x.dtype
        if given in FLOATS and self.arguments.get("autocast", True) and self.compute in FLOATS:
            x = cast(x, self.compute)
            self.tape.append(lambda g, _: cast(g, given))
        y = self.forward(x, **options)
        if self.activity_regularizer is not None:
            self._penalize(y)
        if not self.inner:
            self.world.mask = self.passed(x, mask)
        return y

    def _masked(self, options: Mapping[str, Any]) -> Array | Untold | None:
        """The mask of its inputs: as the call says, or that which they carry."""
        if options.get("mask") is not None:
            self.world.mask = options["mask"]
        return self.world.mask

    def passed(self, x: Bounded, mask: Array | Untold | None) -> Array | Untold | None:
        """The mask of its outputs."""
        if mask is None or self.masking:
            return mask
        return Untold("its inputs themselves are its outputs") if self.identity else None

    def called(self, x: Bounded, *, training: bool = False, **options: Any) -> Bounded:
        """A call from outside, after which only its own losses remain."""
        for layer in self.layers():
            layer.added.clear()
        self.world.training, self.world.mask = training, None
        return self(x, **options)

    def _penalize(self, y: Bounded) -> None:
        """The documents divide the penalty of outputs by the size of the batch; of none it is 0."""
        batch = float(y.shape[0] or 1) if y.shape else 1.0
        regularizer = self.activity_regularizer
        self.added.append(attached.penalty(regularizer, y) / batch)

        def pull(g: Bounded, training: bool) -> Bounded:
            return g + attached.penalty_slope(regularizer, y) / batch if training else g

        self.tape.append(pull)

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The outputs, of inputs as the computation has them."""
        return x

    def freeze(self, frozen: bool) -> None:
        """Sets whether training leaves it, and what is inside it, alone."""
        self.trainable = not frozen
        for layer in self.inner:
            layer.freeze(frozen)

    def layers(self) -> Iterator[Layer]:
        """Itself and all layers inside it, each once."""
        seen = dict.fromkeys([self])
        for layer in self.inner:
            seen.update(dict.fromkeys(layer.layers()))
        yield from seen

    def depth(self) -> int:
        """How many layers are inside one another, at most."""
        return 1 + max((layer.depth() for layer in self.inner), default=0)

    def weights(self) -> list[Weight]:
        """As documented, what is trained first: of all layers in Keras 2, of each in Keras 3."""
        if self.dialect == "keras2":
            found = dict(self._states(True, {}))
            return [w for w, t in found.items() if t] + [w for w, t in found.items() if not t]
        return [w for layer in self.layers() for w in _parted(layer.own)]

    def trained(self, flags: Flags | None = None) -> list[Weight]:
        """The weights that training changes: none of a frozen layer, nor of those inside it.

        `flags`: whether layers and weights are trained, where it is not as they say now.
        """
        states = dict(self._states(True, flags or {}))
        return [w for w in self.weights() if states[w]]

    def flags(self) -> Flags:
        """What its layers and weights say now of being trained."""
        parts: list[Layer | Weight] = list(self.layers())
        parts += [weight for part in self.layers() for weight in part.own]
        return {one: one.trainable for one in parts}

    def _states(self, above: bool, flags: Flags) -> Iterator[tuple[Weight, bool]]:
        here = above and flags.get(self, self.trainable)
        for weight in self.own:
            yield weight, here and flags.get(weight, weight.trainable)
        for layer in self.inner:
            yield from layer._states(here, flags)

    def losses(self) -> list[Bounded]:
        """The penalties of the last call and of the weights: layer by layer in Keras 2."""
        if self.dialect == "keras2":
            return [one for layer in self.layers() for one in (*layer.added, *layer.penalties())]
        trained = {id(weight) for weight in self.trained()}
        called = [one for layer in self.layers() for one in layer.added]
        return called + [
            attached.penalty(weight.regularizer, weight.known())
            for weight in self.weights()
            if weight.regularizer is not None and id(weight) in trained
        ]

    def penalties(self) -> list[Bounded]:
        """Those of its own weights."""
        return [
            attached.penalty(weight.regularizer, weight.known())
            for weight in self.own
            if weight.regularizer is not None
        ]

    def used(self, weight: Weight) -> Bounded:
        """A weight as the computation has it."""
        return cast(weight.known(), self.compute)

    def activated(self, z: Bounded) -> Bounded:
        """The activation of the arguments, of `z`."""
        activation = self.arguments.get("activation")
        y = attached.activated(activation, z, self.dialect)
        self.tape.append(lambda g, _: attached.activation_pull(activation, z, g, self.dialect))
        return y

    def biased(self, z: Bounded, bias: Weight | None) -> Bounded:
        """With a bias along the last axis."""
        if bias is None:
            return z

        def pull(g: Bounded, _: bool) -> Bounded:
            ones = Bounded(np.ones(g.value.size // max(g.shape[-1], 1)), np.zeros(()), g.dtype)
            bias.receive(products(_column_sums, g.reshape(-1, g.shape[-1]), ones, g.dtype))
            return g

        self.tape.append(pull)
        return z + self.used(bias)

    def initializer(self, part: str, default: str) -> Literal:
        """The initializer that the arguments give a weight, or the documented default."""
        return self.arguments.get(f"{part}_initializer") or default

    def attachments(self, part: str) -> dict[str, Literal]:
        """The penalty and the constraint of a weight."""
        return {
            "regularizer": self.arguments.get(f"{part}_regularizer"),
            "constraint": self.arguments.get(f"{part}_constraint"),
        }


class Dense(Layer):
    """`activation(inputs @ kernel + bias)`, over the last axis."""

    bias: Weight | None = None
    masking = True
    identity = False

    def make(self, shape: Sequence[int | None]) -> None:
        """Weights: kernel (channels, units), bias (units,)."""
        channels, units = shape[-1], int(str(self.arguments["units"]))
        assert channels is not None
        initializer = self.initializer("kernel", "glorot_uniform")
        self.kernel = self.add_weight(
            "kernel", (channels, units), initializer, **self.attachments("kernel")
        )
        if self.arguments.get("use_bias", True):
            initializer = self.initializer("bias", "zeros")
            self.bias = self.add_weight("bias", (units,), initializer, **self.attachments("bias"))

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The sums of products, the bias, the activation; integers become the dtype computed in."""
        return self.activated(
            self.biased(self.multiplied(cast_any(x, self.compute), self.kernel), self.bias)
        )

    def multiplied(self, x: Bounded, kernel: Weight) -> Bounded:
        """`x @ kernel`."""
        return multiplied(self, x, kernel)


def multiplied(layer: Layer, x: Bounded, kernel: Weight) -> Bounded:
    """`x @ kernel` in the dtype that the layer computes in."""
    w, dtype = layer.used(kernel), layer.compute
    if x.shape[-1] != kernel.shape[0]:
        raise ValueError(f"the last axis of inputs must be {kernel.shape[0]}; got {x.shape}")

    def pull(g: Bounded, _: bool) -> Bounded:
        rows, columns = x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1])
        kernel.receive(products(lambda a, b: a.T @ b, rows, columns, dtype))
        return products(lambda a, b: a @ b.T, g, w, dtype)

    layer.tape.append(pull)
    return products(lambda a, b: a @ b, x, w, dtype)


def cast_any(x: Bounded, dtype: str) -> Bounded:
    """Converted, from integers too."""
    if x.dtype in FLOATS:
        return cast(x, dtype)
    return cast(Bounded(x.value, x.error, "float64"), dtype)


def dtypes(policy: Literal) -> tuple[str, str]:
    """The dtypes of the computation and of the weights; float32 where nothing is said."""
    if isinstance(policy, Reference):
        policy = unshared(policy).arguments["name"]
    name = policy or "float32"
    return _MIXED.get(str(name), str(name)), "float32" if str(name) in _MIXED else str(name)


def _parted(weights: Sequence[Weight]) -> list[Weight]:
    trained = [w for w in weights if w.made_trainable]
    return trained + [w for w in weights if not w.made_trainable]


def _column_sums(rows: Any, ones: Any) -> Any:
    return rows.T @ np.broadcast_to(ones, (len(rows),))
