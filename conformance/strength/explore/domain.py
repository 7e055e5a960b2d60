"""What is asked: of each class of the official package, cases drawn by Hypothesis from its signature.

Arguments are those that introspection finds; their values are those of `arguments`, inputs those of `tensors`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from conformance.cases import every_case
from conformance.cases.inputs import listed
from conformance.cases.steps import CALL, CONFIG, roundtrip
from conformance.model import FLOATS, Case, Given, Input, Step
from conformance.strength.explore import layers, tensors, traits
from conformance.strength.explore.aims import Aim, aimed
from conformance.strength.explore.arguments import kinds_of
from conformance.strength.explore.tensors import Draw, seldom
from conformance.strength.inventory import inventory
from conformance.subjects import official_package

# Classes that only say what others must have.
_ABSTRACT: Final = ("initializers.Initializer", "regularizers.Regularizer", "layers.Layer")
_RANKS: Final[Mapping[str, tuple[int, ...]]] = {
    "constraints.RadialConstraint": (4,),
    "regularizers.OrthogonalRegularizer": (2,),
    "initializers.Identity": (2,),
    "initializers.Orthogonal": (2, 3, 4),
    "initializers.STFT": (3,),
}
_ANY_RANK: Final = (2, 1, 3, 4, 0, 5)
_FORMS: Final = (Given.VARIABLE, Given.ARRAY, Given.LIST)
SEQUENCES: Final = "sequences"


@dataclass(frozen=True)
class Target:
    """A class, as its official package declares it.

    Attributes:
        arguments: the names of its arguments, those that it hands on included.
        required: those that have no default.

    """

    name: str
    dialect: str
    arguments: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()

    @property
    def family(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]


def targets(dialect: str) -> list[Target]:
    """The classes of the official package of a dialect that this suite asks, and the sequences."""
    named = {case.target for case in every_case() if dialect in case.dialects}
    offered = inventory(official_package(dialect), named)
    found = []
    for name in offered.classes:
        if name in _ABSTRACT or not name.rpartition(".")[2][0].isupper():
            continue
        if name.startswith("models."):
            continue
        known = tuple(each for each in offered.arguments[name] if kinds_of(each) is not None)
        found.append(Target(name, dialect, known, _required(offered.names[name])))
    # Activations by themselves, and conversations of many steps.
    found.append(Target("layers.Layer", dialect, ("activation", "dtype")))
    return [*found, Target(SEQUENCES, dialect)]


def _required(cls: Any) -> frozenset[str]:
    given = inspect.signature(cls.__init__).parameters.values()
    return frozenset(
        one.name
        for one in given
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD and one.name != "self"
    )


def cases(target: Target, lacking: Sequence[Aim] = ()) -> st.SearchStrategy[Case]:
    """The cases of one class, many of them for what is `lacking`; of sequences see `sequences`."""
    return _cases(target, tuple(lacking))


def traces(target: Target) -> st.SearchStrategy[bool]:
    """Whether an example is traced, too: once in a while, since that takes long."""
    return st.sampled_from((False, False, False, True))


@st.composite
def _cases(draw: Draw, target: Target, lacking: tuple[Aim, ...]) -> Case:
    aim = aimed(draw, lacking)
    arguments = drawn_arguments(draw, target, aim)
    match target.family:
        case "constraints" | "regularizers":
            return _called(draw, target, arguments, aim)
        case "initializers":
            return _initialized(draw, target, arguments, aim)
    if target.name == "layers.Layer":
        return _activated(draw, target, aim)
    return layers.case(draw, target.name, target.dialect, arguments, aim)


def drawn_arguments(draw: Draw, target: Target, aim: Aim) -> dict[str, Any]:
    """Values of some arguments: mostly few, and seldom one that nobody means."""
    odd = aim.argument is None and seldom(draw, 10)
    given: dict[str, Any] = {}
    for name in target.arguments:
        kinds = kinds_of(name)
        assert kinds is not None
        if aim.argument is not None and aim.argument[0] == name:
            meant = {**kinds.usual, **kinds.odd}[aim.argument[1]]
            given[name] = draw(st.sampled_from(meant))
            continue
        needed = name in target.required or (name == "seed")
        if not needed and not seldom(draw, 2 if len(target.arguments) < 6 else 7):
            continue
        offered = kinds.usual
        if odd and kinds.odd and seldom(draw, 3):
            offered = kinds.odd
            odd = False
        kind = draw(st.sampled_from(tuple(offered)))
        given[name] = draw(st.sampled_from(offered[kind]))
    return given


def made(
    target: str,
    dialect: str,
    arguments: Mapping[str, Any],
    inputs: tuple[Input, ...],
    steps: tuple[Step, ...],
    custom: str | None = None,
) -> Case:
    """A case with the flags that its inputs call for."""
    case = Case(
        id=f"{target}/explored/case",
        target=target,
        dialects=(dialect,),
        arguments=arguments,
        inputs=inputs,
        steps=steps,
        custom=custom,
    )
    return traits.flagged(case)


def _called(draw: Draw, target: Target, arguments: Mapping[str, Any], aim: Aim) -> Case:
    """A constraint or regularizer, called."""
    ranks = _RANKS.get(target.name, _ANY_RANK)
    if seldom(draw, 15):
        ranks = _ANY_RANK
    size = aim.shape(tensors.shape(draw, ranks if aim.rank is None else (aim.rank,)))
    if target.name == "constraints.RadialConstraint" and len(size) == 4 and not seldom(draw, 6):
        size = tensors.within((size[0], size[0], *size[2:]))
    kind = aim.dtype or tensors.dtype(draw, others=True)
    form = draw(st.sampled_from(_FORMS)) if seldom(draw, 8) else Given.TENSOR
    # Lists have neither a dtype of their own nor, of an empty axis, the sizes behind it.
    listable = kind in ("float32", "float64", "int32", "int64") and 0 not in size
    if form is Given.LIST and not listable:
        form = Given.ARRAY
    inputs = [tensors.tensor(draw, size, kind, form, number=aim.number)]
    ways = ("call", "twice", "config", "roundtrip", "other")
    way = draw(st.sampled_from(ways)) if seldom(draw, 2) else "call"
    steps: tuple[Step, ...] = (CALL,)
    if way == "twice":
        steps = (CALL, CALL)
    elif way == "config":
        steps = (CONFIG, CALL)
    elif way == "roundtrip":
        steps = (CONFIG, roundtrip(draw(st.sampled_from(("from_config", "serialize")))))
        steps = (*steps, CONFIG, CALL)
    elif way == "other":
        inputs.append(tensors.tensor(draw, tensors.shape(draw, ranks), kind))
        steps = (CALL, Step("call", 1), CALL)
    return made(target.name, target.dialect, arguments, tuple(inputs), steps)


def _initialized(draw: Draw, target: Target, arguments: Mapping[str, Any], aim: Aim) -> Case:
    """An initializer, asked for a shape."""
    ranks = _RANKS.get(target.name, _ANY_RANK)
    if seldom(draw, 12):
        ranks = _ANY_RANK
    options: dict[str, Any] = {"shape": tensors.shape(draw, ranks)}
    if not seldom(draw, 3):
        options["dtype"] = tensors.dtype(draw, others=not seldom(draw, 2))
        if options["dtype"] == "float32":
            del options["dtype"]
    drawing = Step("initialize", options=options)
    steps: tuple[Step, ...] = (drawing, drawing) if aim.argument is not None else (drawing,)
    if seldom(draw, 3):
        via = draw(st.sampled_from(("from_config", "serialize")))
        of = draw(st.sampled_from(("instance", "fresh", "config", "shared")))
        repeats = Step("repeats", options={**options, "calls": 2, "of": of})
        steps = draw(
            st.sampled_from(
                ((drawing, drawing), (CONFIG, roundtrip(via), CONFIG, drawing), (repeats,))
            )
        )
    return made(target.name, target.dialect, arguments, (), steps)


_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "relu": ("negative_slope", "max_value", "threshold"),
    "leaky_relu": ("negative_slope",),
    "elu": ("alpha",),
    "celu": ("alpha",),
    "softmax": ("axis",),
    "log_softmax": ("axis",),
    "gelu": ("approximate",),
    "hard_shrink": ("threshold",),
    "soft_shrink": ("threshold",),
    "squareplus": ("b",),
    "glu": ("axis",),
    "sparsemax": ("axis",),
}
_VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    **dict.fromkeys(("negative_slope", "alpha", "b"), (0.5, 0.25, 1, 2.0, 0.0, -0.5, 1e-30)),
    "max_value": (4.0, 1, 0.0, 1e30, 0.5, None),
    "threshold": (1.0, 0.5, 0.0, -1.0, 20),
    "axis": (-1, 0, 1, -2, (0, 1), [0, 1], (-1, -2)),
    "approximate": (True, False),
}
_EVERYWHERE: Final = (-20.0, -3.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 3.0, 6.0, 20.0, 90.0)


def _activated(draw: Draw, target: Target, aim: Aim) -> Case:
    """An activation by itself, with arguments of its own."""
    kinds = kinds_of("activation")
    assert kinds is not None
    names = [each for each in kinds.usual if each not in ("function", "layer")]
    name = str(draw(st.sampled_from(names)))
    options = {
        each: draw(st.sampled_from(_VALUES[each]))
        for each in _OPTIONS.get(name, ())
        if seldom(draw, 2) and not (target.dialect == "keras2" and each == "negative_slope")
    }
    if name.endswith("shrink") and options.get("threshold", 0.0) < 0:
        del options["threshold"]  # of which nobody says what it means
    kind = aim.dtype or tensors.dtype(draw, others=True)
    size = aim.shape(tensors.shape(draw, (2, 1, 3, 4) if aim.rank is None else (aim.rank,)))
    given = tensors.tensor(draw, size, kind, number=aim.number)
    if kind in FLOATS and not aim.dtype and seldom(draw, 3):
        given = listed([list(_EVERYWHERE)], kind)
    arguments: dict[str, Any] = {"function": name, "name": "a"}
    if options:
        arguments["options"] = options
    if kind in FLOATS:
        arguments["dtype"] = kind
    steps = (CALL, Step("gradient", 0)) if kind in FLOATS and seldom(draw, 3) else (CALL,)
    return made(target.name, target.dialect, arguments, (given,), steps, custom="Activate")


def ranks_of(target: Target) -> tuple[int, ...]:
    """The ranks of the inputs of a class."""
    if target.family == "layers":
        spatial = layers.spatial_of(target.name)
        return (spatial + 2,) if spatial else (2, 3, 4, 1)
    return _RANKS.get(target.name, _ANY_RANK)
