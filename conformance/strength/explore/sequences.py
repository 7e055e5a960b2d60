"""Conversations: a state machine over build, compile, fit, set, call, copy, save, restore and settings.

A rule adds a step to the case. The case is asked when the machine is done, so that any subject can be asked it;
Hypothesis then takes away the rules that the failure does not need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from conformance.cases.inputs import thirds, wave
from conformance.cases.references import class_of, constraint, instance, layer, regularizer
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    NEW,
    WEIGHTS,
    attributes,
    build,
    compiled,
    copied,
    evaluated,
    globally,
    output_shape,
    predicted,
    put,
    roundtrip,
    saved,
    set_weights,
    trained,
)
from conformance.model import Case, Given, Step
from conformance.strength.explore import traits

Shape = tuple[int, ...]
_RATE: Final = 0.0625
_OPTIMIZERS: Final = (
    instance("optimizers.SGD", learning_rate=_RATE),
    instance("optimizers.SGD", learning_rate=_RATE, momentum=0.5),
    instance("optimizers.Adam", learning_rate=_RATE, epsilon=0.125),
    instance("optimizers.SGD", learning_rate=_RATE, momentum=0.5, nesterov=True),
    instance("optimizers.SGD", learning_rate=_RATE, weight_decay=0.25),
    instance("optimizers.SGD", learning_rate=_RATE, clipnorm=0.5),
    instance("optimizers.SGD", learning_rate=_RATE, use_ema=True, ema_momentum=0.5),
    "sgd",
    instance("optimizers.SGD", learning_rate=_RATE, clipvalue=0.25),
    instance("optimizers.SGD", learning_rate=_RATE, global_clipnorm=0.5, momentum=0.5),
    instance(
        "optimizers.SGD",
        learning_rate=_RATE,
        use_ema=True,
        ema_momentum=0.5,
        ema_overwrite_frequency=1,
    ),
    instance("optimizers.Adam", learning_rate=_RATE, epsilon=0.125, amsgrad=True),
    instance("optimizers.Adam", learning_rate=_RATE, epsilon=0.125, weight_decay=0.25),
)
# Of Keras 3 alone.
_MORE_LOSSES: Final = (instance("losses.Huber", delta=0.5),)
_MORE_OPTIMIZERS: Final = (
    instance("optimizers.SGD", learning_rate=_RATE, gradient_accumulation_steps=2),
    instance("optimizers.SGD", learning_rate=_RATE, loss_scale_factor=4.0),
)
_LOSSES: Final = (
    "mse",
    instance("losses.MeanSquaredError", reduction="sum"),
    instance("losses.MeanAbsoluteError"),
)
_ARGUMENTS: Final[dict[str, tuple[Any, ...]]] = {
    "activation": ("relu", "tanh", "softmax"),
    "use_bias": (False,),
    "trainable": (False,),
    "kernel_regularizer": (regularizer("L2", l2=0.25), "l1"),
    "bias_regularizer": (regularizer("L1", l1=0.25),),
    "activity_regularizer": (regularizer("L2", l2=0.25),),
    "kernel_constraint": (constraint("NonNeg"), constraint("MaxNorm", max_value=0.5)),
    "bias_constraint": (constraint("NonNeg"),),
    "dtype": ("float64", "mixed_bfloat16", "float16"),
}
_ATTRIBUTES: Final[dict[str, tuple[Any, ...]]] = {
    "trainable": (False, True),
    "activity_regularizer": (regularizer("L1", l1=0.25), None),
    "kernel_regularizer": (regularizer("L1", l1=0.25), None),
    "bias_regularizer": (regularizer("L2", l2=0.25), None),
    "kernel_constraint": (constraint("NonNeg"), None),
    "activation": (class_of("activations.relu"),),
    "name": ("other", "a/b"),
}
_SETTINGS: Final[dict[str, tuple[Any, ...]]] = {
    "floatx": ("float64", "float16"),
    "epsilon": (1e-3, 0.5),
    "dtype_policy": ("float64", "mixed_bfloat16"),
    "image_data_format": ("channels_first",),
    "seed": (1,),
}
_LOOKS: Final = (CALL, CONFIG, WEIGHTS, GET_WEIGHTS, LOSSES, GRADIENT)
_COPIES: Final = ("deepcopy", "pickle", "clone")
_FILES: Final = ("keras", "h5", "weights")
# The kinds of steps that the machine has: what coverage counts pairs of.
STEPS: Final = (
    *("build", "set_weights", "call", "config", "weights", "get_weights", "losses", "gradient"),
    *("compile", "fit", "evaluate", "predict", "set", "setting", "roundtrip", "copy", "save"),
    *("new", "output_shape", "attributes"),
)


class Conversation(RuleBasedStateMachine):
    """One conversation with one object; `take` is asked the case at the end."""

    take: ClassVar[Callable[[Case, bool], None]]
    dialect: ClassVar[str] = "keras3"

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.target = ""
        self.traced = False
        self.arguments: dict[str, Any] = {}
        self.shapes: tuple[Shape, Shape] = ((4, 3), (4, 2))
        self.weights: tuple[Shape, ...] = ()
        self.built = self.compiled = False

    @initialize(
        kind=st.sampled_from(
            ("Dense", "Conv1D", "two", "nested", "SeparableConv1D", "Conv1DTranspose", "frozen")
        ),
        data=st.data(),
        traced=st.sampled_from((False, False, False, True)),
    )
    def start(self, kind: str, data: st.DataObject, traced: bool) -> None:
        """The object: a layer or a model, with few arguments."""
        self.traced = traced
        names = data.draw(st.lists(st.sampled_from(tuple(_ARGUMENTS)), max_size=2, unique=True))
        given = {name: data.draw(st.sampled_from(_ARGUMENTS[name])) for name in names}
        if kind == "frozen":
            # A layer that is not trained, before one that is.
            kind, given = "two", {**given, "trainable": False}
        if kind.startswith("Separable"):
            given = {name: v for name, v in given.items() if not name.startswith("kernel_")}
        biased = given.get("use_bias", True)
        if kind in ("two", "nested"):
            first = layer("Dense", units=2, name="a", **given)
            if kind == "nested":
                first = instance("models.Sequential", layers=[first], name="inner")
            self.target = "models.Sequential"
            self.arguments = {"layers": [first, layer("Dense", units=2, name="b")], "name": "s"}
            self.shapes = ((4, 2), (4, 2))
            self.weights = ((2, 2), *([(2,)] if biased else []), (2, 2), (2,))
            return
        self.target = f"layers.{kind}"
        own: dict[str, Any] = {"filters": 2, "kernel_size": 2}
        kernels: tuple[Shape, ...] = ((2, 2, 2),)
        if kind == "Dense":
            own, kernels = {"units": 2}, ((3, 2),)
        elif kind == "SeparableConv1D":
            kernels = ((2, 2, 1), (1, 2, 2))
        if kind != "Dense":
            self.shapes = ((4, 3, 2), (4, 4 if kind.endswith("Transpose") else 2, 2))
        self.arguments = {**own, **given, "name": "d"}
        self.weights = (*kernels, *([(2,)] if biased else []))

    def prepare(self) -> None:
        """Builds, with weights by formula, so that chance has no part in what follows."""
        if not self.built:
            self.steps += [
                build(None, *self.shapes[0][1:]),
                self.given_weights(),
            ]
            self.built = True

    def given_weights(self) -> Step:
        """Weights by formula, in the place of drawn ones."""
        return set_weights(*(wave(shape, given=Given.ARRAY) for shape in self.weights))

    @rule()
    def construct_built(self) -> None:
        """Builds it, if it is not built."""
        self.prepare()

    @rule(look=st.sampled_from(_LOOKS))
    def look(self, look: Step) -> None:
        """Looks at it; what has values only when built is built first."""
        if look is not CONFIG and look is not WEIGHTS:
            self.prepare()
        self.steps.append(look)

    @precondition(lambda self: self.compiled)
    @rule(rate=st.sampled_from((0.125, 0.0)))
    def set_rate(self, rate: float) -> None:
        """Another learning rate."""
        self.steps.append(put("model.optimizer.learning_rate", rate))

    @rule()
    def ask_output_shape(self) -> None:
        """Asks for the shape of the outputs."""
        self.prepare()
        self.steps.append(output_shape(None, *self.shapes[0][1:]))

    @rule(data=st.data())
    def compile(self, data: st.DataObject) -> None:
        """Compiles it."""
        newer = self.dialect == "keras3"
        optimizers = (*_OPTIMIZERS, *(_MORE_OPTIMIZERS if newer else ()))
        optimizer = data.draw(st.sampled_from(optimizers))
        loss = data.draw(st.sampled_from((*_LOSSES, *(_MORE_LOSSES if newer else ()))))
        self.prepare()
        self.steps.append(compiled(optimizer, loss))
        self.compiled = True

    @precondition(lambda self: self.compiled)
    @rule(epochs=st.integers(1, 2), size=st.sampled_from((2, 4, 3)))
    def fit(self, epochs: int, size: int) -> None:
        """Trains it."""
        self.steps.append(trained(epochs, size))

    @precondition(lambda self: self.compiled)
    @rule(size=st.sampled_from((2, 4)))
    def evaluate(self, size: int) -> None:
        """Its loss."""
        self.steps.append(evaluated(size))

    @precondition(lambda self: self.compiled)
    @rule(size=st.sampled_from((2, 4)))
    def predict(self, size: int) -> None:
        """Its outputs, batch by batch."""
        self.steps.append(predicted(size))

    @rule(data=st.data())
    def set(self, data: st.DataObject) -> None:
        """Sets an attribute of it, or of a layer in it."""
        names = [n for n in _ATTRIBUTES if n != "name" or self.dialect == "keras3"]
        name = data.draw(st.sampled_from(names))
        value = data.draw(st.sampled_from(_ATTRIBUTES[name]))
        inside = self.target == "models.Sequential"
        if name.startswith("kernel") and self.target.startswith("layers.Separable"):
            name = f"depthwise{name.removeprefix('kernel')}"
        place = data.draw(st.sampled_from(("layers.1.", "layers.0.", ""))) if inside else ""
        if place == "" and inside and name != "trainable":
            place = "layers.1."
        self.steps.append(put(f"{place}{name}", value))

    @rule(data=st.data())
    def setting(self, data: st.DataObject) -> None:
        """Changes a global setting."""
        name = data.draw(st.sampled_from(tuple(_SETTINGS)))
        self.steps.append(globally(**{name: data.draw(st.sampled_from(_SETTINGS[name]))}))

    @rule(via=st.sampled_from(("from_config", "serialize")))
    def rebuild(self, via: str) -> None:
        """Rebuilds it from its description."""
        self.steps.append(roundtrip(via))
        # A record of Keras 3 says for which shape a layer is built, and a second build is refused.
        kept = via == "serialize" and self.dialect == "keras3" and self.target.startswith("layers.")
        self.built, self.compiled = self.built and kept, False
        if self.built:
            self.steps.append(self.given_weights())

    @rule(via=st.sampled_from(_COPIES))
    def copy(self, via: str) -> None:
        """Goes on with a copy."""
        if via == "clone" and self.target != "models.Sequential":
            via = "deepcopy"
        self.steps.append(copied(via))
        # The model around a layer is not copied with it.
        self.compiled = self.compiled and self.target == "models.Sequential"
        if via == "clone":
            # It has weights of its own, which are drawn.
            self.steps.append(self.given_weights())
            self.compiled = False

    @precondition(lambda self: self.built)
    @rule(form=st.sampled_from(_FILES))
    def save(self, form: str) -> None:
        """Writes it to a file, and goes on with what is read."""
        self.steps.append(saved(form, None, *self.shapes[0][1:]))
        self.compiled = self.compiled and form != "weights"

    @rule()
    def construct_again(self) -> None:
        """Makes it once more."""
        self.steps.append(NEW)
        self.built = self.compiled = False

    @rule()
    def ask_attributes(self) -> None:
        """Looks at its flags."""
        self.steps.append(attributes("trainable", "built", "name"))

    def teardown(self) -> None:
        """Asks the case."""
        if not self.target or not self.steps:
            return
        case = Case(
            id=f"{self.target}/explored/case",
            target=self.target,
            dialects=(self.dialect,),
            arguments=self.arguments,
            inputs=(wave(self.shapes[0]), thirds(self.shapes[1])),
            steps=tuple(self.steps),
        )
        type(self).take(traits.flagged(case), self.traced)
