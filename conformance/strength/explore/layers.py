"""Cases of layers of weights: an input that fits, weights by formula, and what is asked of the layer then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    WEIGHTS,
    build,
    output_shape,
    roundtrip,
    saved,
    set_weights,
    symbolic,
)
from conformance.model import Case, Given, Input, Step
from conformance.strength.explore import tensors, traits
from conformance.strength.explore.aims import Aim
from conformance.strength.explore.tensors import Draw, seldom

_BATCHES: Final = (2, 1, 3, 0, 8)
_SPATIAL: Final = (4, 3, 5, 6, 7, 2, 8, 1, 12, 16)
_FORMS: Final = (Given.ARRAY, Given.VARIABLE)
_CHANNELS: Final = (2, 3, 4, 1, 6, 8)
# Where there are more spatial axes than one.
_MOST_FILTERS: Final = 6
_MOST_EACH: Final = {"kernel_size": 5, "strides": 3}
_LOOKS: Final[Mapping[str, Step]] = {
    "gradient": GRADIENT,
    "losses": LOSSES,
    "config": CONFIG,
    "weights": WEIGHTS,
    "get_weights": GET_WEIGHTS,
    "call": CALL,
}


def case(draw: Draw, target: str, dialect: str, arguments: dict[str, Any], aim: Aim) -> Case:
    """A layer of a class with these arguments, called on an input that fits them, if any does."""
    spatial = spatial_of(target)
    channels_first = arguments.get("data_format") == "channels_first"
    channels = _channels(draw, arguments)
    # Of many axes short ones: a transposed layer makes each many times as long.
    usual = _SPATIAL[: 10 - 2 * max(spatial - 1, 0)]
    sizes = [draw(st.sampled_from(usual)) for _ in range(spatial)]
    if spatial and seldom(draw, 4):
        sizes = [sizes[0]] * spatial
    if spatial == 0:
        rank = draw(st.integers(0, 3)) if aim.rank is None else max(aim.rank - 2, 0)
        sizes = [draw(st.sampled_from((2, 3, 1, 4))) for _ in range(rank)]
        if seldom(draw, 6):
            channels = draw(st.sampled_from((48, 130, 300)))
    elif spatial == 1 and seldom(draw, 8):
        sizes = [sizes[0] * 40]
    arguments = _fitted(draw, arguments, spatial)
    shape = (draw(st.sampled_from(_BATCHES)), *sizes)
    shape = (shape[0], channels, *sizes) if channels_first else (*shape, channels)
    shape = aim.shape(tensors.within(shape))
    channels = shape[1 if channels_first else -1]
    kind = aim.dtype or (tensors.dtype(draw) if seldom(draw, 3) else "float32")
    if not aim.dtype and seldom(draw, 40):
        kind = draw(st.sampled_from(("int32", "uint8", "bool")))
    form = draw(st.sampled_from(_FORMS)) if kind != "bfloat16" and seldom(draw, 12) else None
    given = tensors.tensor(draw, shape, kind, form or Given.TENSOR, special=6, number=aim.number)
    weights = _weights(target, arguments, spatial, channels)
    prepared: tuple[Step, ...] = (build(None, *shape[1:]),)
    if weights is None or seldom(draw, 8):
        for name in ("kernel", "depthwise", "pointwise"):
            if _has(target, name):
                arguments.setdefault(f"{name}_initializer", "ones")
    else:
        values = [tensors.weight(draw, size, n) for n, size in enumerate(weights)]
        prepared = (*prepared, set_weights(*values))
    steps = _steps(draw, prepared, shape, kind, arguments, dialect)
    if any(step.do == "gradient" for step in steps):
        given = Input(given.tensor)  # nothing is differentiated by an array
    made = Case(
        id=f"{target}/explored/case",
        target=target,
        dialects=(dialect,),
        arguments={**arguments, "name": arguments.get("name", "d")},
        inputs=(given,),
        steps=steps,
    )
    return traits.flagged(made)


def _steps(
    draw: Draw,
    prepared: tuple[Step, ...],
    shape: tuple[int, ...],
    kind: str,
    arguments: Mapping[str, Any],
    dialect: str,
) -> tuple[Step, ...]:
    way = draw(st.sampled_from(("looks", "looks", "rebuilt", "predicted", "symbolic", "saved")))
    if way == "looks":
        names = draw(st.lists(st.sampled_from(tuple(_LOOKS)), max_size=2))
        return (*prepared, CALL, *(_LOOKS[name] for name in names))
    if way == "rebuilt":
        via = draw(st.sampled_from(("from_config", "serialize")))
        # A record of Keras 3 says for which shape a layer is built, and a second build is refused.
        again = prepared[1:] if (via, dialect) == ("serialize", "keras3") else prepared
        return (*prepared, CALL, CONFIG, roundtrip(via), CONFIG, *again, CALL)
    if way == "predicted":
        unknown = draw(st.booleans())
        asked = output_shape(None if unknown else shape[0], *_partly(draw, shape, arguments))
        return (*prepared, asked, CALL)
    if way == "symbolic":
        asked = symbolic(None, *_partly(draw, shape, arguments), dtype=kind)
        return (asked, *prepared[1:], CALL)
    form = draw(st.sampled_from(("keras", "h5", "weights")))
    return (*prepared, CALL, saved(form, None, *shape[1:]), CALL)


def _partly(
    draw: Draw, shape: tuple[int, ...], arguments: Mapping[str, Any]
) -> tuple[int | None, ...]:
    """The sizes behind the batch; seldom such that only that of the channels is known."""
    place = 1 if arguments.get("data_format") == "channels_first" else len(shape) - 1
    if not seldom(draw, 4):
        return shape[1:]
    return tuple(size if n == place else None for n, size in enumerate(shape) if n)


def _has(target: str, part: str) -> bool:
    name = target.rpartition(".")[2]
    if name.startswith("Separable"):
        return part != "kernel"
    return part == ("depthwise" if name.startswith("Depthwise") else "kernel")


def spatial_of(target: str) -> int:
    """How many spatial axes its inputs have."""
    return next((n for n in (1, 2, 3) if f"{n}D" in target), 0)


def _channels(draw: Draw, arguments: Mapping[str, Any]) -> int:
    groups = arguments.get("groups", 1)
    if type(groups) is int and groups > 1 and not seldom(draw, 8):
        filters = arguments.get("filters")
        if type(filters) is int and isinstance(arguments, dict) and filters % groups:
            arguments["filters"] = groups * max(1, min(filters, 4))
        return groups * int(draw(st.sampled_from((1, 2, 3))))
    return int(draw(st.sampled_from(_CHANNELS)))


def _fitted(draw: Draw, arguments: dict[str, Any], spatial: int) -> dict[str, Any]:
    """With tuples and lists of as many numbers as the layer has axes; seldom with others."""
    found = dict(arguments)
    for name in ("kernel_size", "strides", "dilation_rate", "output_padding"):
        value = found.get(name)
        if isinstance(value, tuple | list) and len(value) == 3 and not seldom(draw, 15):
            found[name] = value[:spatial]
    # What is long along each of several axes has a hundred thousand elements, or takes minutes.
    for name, most in _MOST_EACH.items():
        value = found.get(name)
        if spatial > 1 and type(value) is int and value > most:
            found[name] = most
    filters = found.get("filters")
    if spatial > 1 and type(filters) is int and filters > _MOST_FILTERS:
        found["filters"] = _MOST_FILTERS
    return found


def _each(value: Any, spatial: int) -> tuple[int, ...] | None:
    """A size along each axis; None where it is none."""
    if type(value) is int:
        return (value,) * spatial if value > 0 else None
    if isinstance(value, tuple | list) and len(value) == spatial:
        return tuple(value) if all(type(each) is int and each > 0 for each in value) else None
    return None


def _weights(
    target: str, arguments: Mapping[str, Any], spatial: int, channels: int
) -> list[tuple[int, ...]] | None:
    """The shapes of the weights in their order; None where the arguments make no layer."""
    name = target.rpartition(".")[2]
    outputs = arguments.get("units" if spatial == 0 else "filters", 1)
    kernel = _each(arguments.get("kernel_size", 1), spatial)
    groups, multiplier = arguments.get("groups", 1), arguments.get("depth_multiplier", 1)
    counts: Sequence[Any] = (outputs, groups, multiplier)
    if kernel is None or any(type(each) is not int or each < 1 for each in counts):
        return None
    if channels % groups or outputs % groups:
        return None
    ones = (1,) * spatial
    found: list[tuple[int, ...]]
    if name == "Dense":
        found = [(channels, outputs)]
    elif name.startswith("Depthwise"):
        outputs = channels * multiplier
        found = [(*kernel, channels, multiplier)]
    elif name.startswith("Separable"):
        found = [(*kernel, channels, multiplier), (*ones, channels * multiplier, outputs)]
    elif name.endswith("Transpose"):
        found = [(*kernel, outputs, channels)]
    else:
        found = [(*kernel, channels // groups, outputs)]
    return [*found, (outputs,)] if arguments.get("use_bias", True) in (True, 1) else found
