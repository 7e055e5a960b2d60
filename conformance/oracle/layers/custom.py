"""The user-defined layers of the suite, and `Sequential`: what they do is part of the suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, Array, Literal, Reference
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers.activated import Activate
from conformance.oracle.layers.convolutional import POSITIONS, convolutional
from conformance.oracle.layers.dense import Dense, Layer, Weight, multiplied
from conformance.oracle.layers.products import cast
from conformance.oracle.layers.world import Untold, World

_DENSE: Final = ("units", "activation", "use_bias", "kernel_initializer", "bias_initializer")
# The first parameters of `add_weight`, in their documented order, and those that change its value.
_ADD_WEIGHT: Final = ("shape", "initializer", "dtype", "trainable")
_KEPT: Final = ("initializer", "dtype", "trainable", "regularizer", "constraint")


class Linear(Layer):
    """`inputs @ kernel + bias`, ones and zeros at first."""

    identity = False

    kernel_initializer: str = "ones"

    def make(self, shape: Sequence[int | None]) -> None:
        """Weights: kernel (channels, units), bias (units,)."""
        channels, units = shape[-1], int(str(self.arguments.get("units", 32)))
        assert channels is not None
        penalty = self.arguments.get("kernel_regularizer")
        self.kernel = self.add_weight(
            "kernel", (channels, units), self.kernel_initializer, regularizer=penalty
        )
        self.bias = self.add_weight("bias", (units,), "zeros")

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The sums of products and the bias."""
        return self.biased(multiplied(self, x, self.kernel), self.bias)


class SimpleDense(Linear):
    """The document's layer."""

    kernel_initializer = "glorot_uniform"


class ComputeSum(Layer):
    """The document's layer: the sum of all elements of all inputs so far."""

    identity = False

    def start(self) -> None:
        """The sum, zero at first."""
        self.total = self.add_weight("total", (), "zeros", trainable=False)

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The sum, which is kept."""
        self.total.value = self.total.known() + x.sum()
        return self.total.value


class MyLayer(Layer):
    """The document's layer: its inputs, whose sum is a loss."""

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The inputs."""
        self.added.append(x.sum())
        self.tape.append(lambda g, training: g + 1.0 if training else g)
        return x


class Block(Layer):
    """Two `Linear`, and a scale; a count that is not trained."""

    identity = False

    def start(self) -> None:
        """The inner layers and its own weights."""
        penalty = self.arguments.get("kernel_regularizer")
        for units in (2, self.arguments["units"]):
            inner = {"units": units, "kernel_regularizer": penalty}
            self.inner.append(Linear(inner, self.world))
        self.add_weight("count", (), "zeros", trainable=False)
        self.scale = self.add_weight("scale", (), "ones")

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """Both layers, then the scale."""
        for layer in self.inner:
            x = layer(x)
        return scaled(self, x, self.scale)


class Around(Layer):
    """What the layer that it is given makes of the inputs."""

    def start(self) -> None:
        """The inner layer."""
        self.inner.append(referred(self.arguments["inner"], self.world))

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """That of the inner layer, which is told what this one is told of training."""
        return self.inner[0](x, **options)


class Switch(Layer):
    """Twice its inputs in training, thrice with a mask."""

    identity = False

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """A multiple of the inputs."""
        masked = self.world.known_mask() is not None
        for factor, asked in ((2, self.world.training), (3, masked)):
            x = times(self, x, factor) if asked else x
        return x


class Mixed(Layer):
    """`inputs * a`; four weights of which two are not trained."""

    identity = False

    def start(self) -> None:
        """The first two weights."""
        self.a = self.add_weight("a", (1,), "ones", trainable=False)
        self.add_weight("b", (2,), "ones")

    def make(self, shape: Sequence[int | None]) -> None:
        """The last two weights."""
        self.add_weight("c", (3,), "ones")
        self.add_weight("d", (4,), "ones", trainable=False)

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The product."""
        return scaled(self, x, self.a)


class Weighted(Layer):
    """`inputs * w`, where `w` is made with the arguments given for it."""

    identity = False

    def start(self) -> None:
        """The weight."""
        given = self.arguments["weight"]
        assert isinstance(given, Mapping)
        places: Any = given.get("*", ())
        options: dict[str, Any] = dict(zip(_ADD_WEIGHT, places, strict=False)) | dict(given)
        chosen = {key: value for key, value in options.items() if key in _KEPT}
        self.w = self.add_weight(options["name"], options.get("shape") or (), **chosen)

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The product."""
        return scaled(self, x, self.w)


class Alone(Weighted):
    """`w + w`, whatever the inputs."""

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The sum, in the dtype in which the layer has its weight."""
        given = self.arguments["weight"]
        assert isinstance(given, Mapping)
        w = self.used(self.w) if given.get("autocast", True) else self.w.known()
        return w + w


class Reach(Weighted):
    """Its inputs, if the largest weight nearly reaches the limit of the law it is drawn from.

    Of the 2400 draws that it is asked about all stay below 0.98 of the limit once in 1e21 times.
    """

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The inputs."""
        return x


class Times(Layer):
    """`inputs * factor`."""

    identity = False

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The product."""
        return times(self, x, float(str(self.arguments.get("factor", 2.0))))


class EndsMask(Layer):
    """Its inputs, without a mask."""

    identity = False

    def passed(self, x: Bounded, mask: Array | Untold | None) -> Array | Untold | None:
        """None."""
        return None


class Remembers(Layer):
    """`inputs * w`, ones."""

    identity = False

    def make(self, shape: Sequence[int | None]) -> None:
        """The weight (channels,)."""
        size = shape[-1]
        assert size is not None
        self.w = self.add_weight("w", (size,), "ones")

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The product."""
        return scaled(self, x, self.w)


class OnRead(Layer):
    """`inputs * w`, three ones."""

    identity = False

    def start(self) -> None:
        """The weight (3,), which counts as trained if it is asked for."""
        trained = self.arguments.get("trained") is True
        self.w = self.add_weight("w", (3,), "ones", trainable=trained)

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The product."""
        return scaled(self, x, self.w)


class MaskZeros(Layer):
    """Its inputs, with a mask that is false where all along the last axis are 0."""

    def passed(self, x: Bounded, mask: Array | Untold | None) -> Array | Untold | None:
        """The mask of its inputs' elements."""
        if mask is not None and self.dialect == "keras2":
            return Untold("its inputs themselves, which have a mask, are its outputs")
        if ((np.abs(x.value) <= x.error) & (x.error > 0)).any():
            return Untold("rounding decides whether an element is 0")
        return np.asarray((x.value != 0).any(-1))


class ShowMask(Layer):
    """The mask that it is given, or -1."""

    identity = False

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """Ones and zeros in float32; -1 in the shape and dtype of the inputs."""
        mask = self.world.known_mask()
        self.tape.append(lambda g, _: exact(np.zeros(x.shape), g.dtype))
        if mask is None:
            return Bounded(0 * x.value - 1, 0 * x.error, x.dtype)
        return exact(mask.astype(np.float64), "float32")


class Sequential(Layer):
    """One layer after the other. Its own dtype casts nothing: each layer casts for itself."""

    def start(self) -> None:
        """The layers, without inputs, which compute nothing."""
        layers: Any = self.arguments.get("layers") or ()
        for layer in layers:
            if not (isinstance(layer, Reference) and layer.name == "Input"):
                self.inner.append(referred(layer, self.world))

    def make(self, shape: Sequence[int | None]) -> None:
        """Builds the layers, by what each makes of zeros."""
        x = exact(np.zeros([1 if n is None else n for n in shape]), "float32")
        mark, mask = len(self.tape), self.world.mask
        self.world.mask = None
        for layer in self.inner:
            layer.build(x.shape)
            x = self._shaped(layer, x)
        del self.tape[mark:]
        self.world.mask = mask

    def _shaped(self, layer: Layer, x: Bounded) -> Bounded:
        """Something of the shape of a layer's outputs, whatever its weights are."""
        kept = [(w, w.value) for part in layer.layers() for w in part.weights()]
        for weight, _ in kept:
            weight.value = exact(np.zeros(weight.shape), weight.dtype)
        y = layer(x)
        for part in layer.layers():
            part.added.clear()
        for weight, value in kept:
            weight.value = value
        return exact(np.zeros(y.shape), "float32")

    def weights(self) -> list[Weight]:
        """Those of one layer after the other."""
        found = [weight for layer in self.inner for weight in layer.weights()]
        return list(dict.fromkeys(found))

    def __call__(self, x: Bounded, **options: Any) -> Bounded:
        """The outputs of the last layer."""
        self._masked(options)
        self.build(x.shape)
        given = x.dtype
        if given in FLOATS:
            x = cast(x, self.compute)
            self.tape.append(lambda g, _: cast(g, given))
        for layer in self.inner:
            x = layer(x)
        return x


def scaled(layer: Layer, x: Bounded, weight: Weight) -> Bounded:
    """`inputs * weight`, broadcast over leading axes."""
    w = layer.used(weight)

    def pull(g: Bounded, _: bool) -> Bounded:
        terms = g * x
        if w.value.size == 1:
            weight.receive(terms.sum().reshape(*weight.shape))
        else:
            weight.receive(terms.sum(tuple(range(len(x.shape) - len(weight.shape)))))
        return g * w

    layer.tape.append(pull)
    return x * w


def times(layer: Layer, x: Bounded, factor: float) -> Bounded:
    """`inputs * factor`, a Python number; integers stay integers."""
    if x.dtype not in FLOATS:
        return Bounded(x.value * factor, x.error, x.dtype)
    layer.tape.append(lambda g, _: g * factor)
    return x * factor


_CUSTOMS: Final[Mapping[str, Callable[..., Layer]]] = {
    kind.__name__: kind
    for kind in (
        *(Linear, SimpleDense, ComputeSum, MyLayer, Block),
        *(Around, Switch, Mixed, Weighted, Alone, Reach, Times, MaskZeros, ShowMask, Activate),
        *(EndsMask, Remembers, OnRead),
    )
}


def referred(literal: Literal, world: World) -> Layer:
    """The layer that a reference in a case stands for."""
    if isinstance(literal, Reference) and literal.kind == "shared":
        if literal.name not in world.shared:
            world.shared[literal.name] = referred(literal.arguments["object"], world)
        made: Layer = world.shared[literal.name]
        return made
    if not isinstance(literal, Reference) or literal.kind not in ("instance", "custom"):
        raise ValueError("a layer must be an instance of a class")
    return layer_of(literal.name, literal.arguments, world)


def layer_of(target: str, arguments: Mapping[str, Literal], world: World) -> Layer:
    """The oracle's layer for a class by its name, as `layers.Dense` or `Linear`."""
    name = target.rpartition(".")[2]
    made: Callable[..., Layer]
    positions: tuple[str, ...] = _DENSE
    if name in _CUSTOMS:
        made = _CUSTOMS[name]
    elif name in ("Dense", "Layer", "Sequential"):
        made = {"Dense": Dense, "Layer": Layer, "Sequential": Sequential}[name]
    elif "Conv" in name:
        made = convolutional(name)
        positions = POSITIONS[made.kind]
    else:
        raise Untold(f"the oracle has no layer {name}")
    given = dict(arguments)
    places: Any = given.pop("*", ())
    return made({**dict(zip(positions, places, strict=False)), **given}, world)
