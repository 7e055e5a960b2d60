"""Layers after a change of a global setting, before and after they are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.models import model
from conformance.cases.layers.settings_common import (
    CONVOLUTIONS,
    SMALL,
    built,
    row_of,
    shape_of,
    weighted,
)
from conformance.cases.layers.training import adam, sgd
from conformance.cases.references import constraint, instance, layer
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    NEW,
    WEIGHTS,
    attributes,
    build,
    compiled,
    globally,
    output_shape,
    predicted,
    set_weights,
    symbolic,
    trained,
)
from conformance.model import Case, Given

_DTYPES: Final = attributes("compute_dtype", "variable_dtype")


def rows() -> Iterator[Case]:
    """Every case about layers and settings."""
    for name in SMALL:
        yield from _dtypes(name)
        yield from _seeds(name)
    for name in CONVOLUTIONS:
        yield from _formats(name)
    yield from _models()


def _dtypes(name: str) -> Iterator[Case]:
    """`floatx` and `dtype_policy`: the layer's dtype is that of the moment when it is made."""
    row, asked = row_of(name, flags="policy"), (built(name), WEIGHTS, weighted(name), CALL)
    settings = {
        "floatx": ("float64", "float16", "bfloat16"),
        "dtype_policy": ("mixed_bfloat16", "mixed_float16", "float64"),
    }
    for setting, choices in settings.items():
        for value in choices:
            changed = globally(**{setting: value})
            group = f"setting-{setting}"
            yield row(group, f"{value}-before-construction", changed, NEW, _DTYPES, *asked)
            yield row(group, f"{value}-after-construction", changed, _DTYPES, *asked)
    both = globally(dtype_policy="mixed_bfloat16")
    named = row.given(arguments={"dtype": "float32"})
    yield named("setting-dtype_policy", "dtype-named", both, NEW, _DTYPES, *asked)


def _seeds(name: str) -> Iterator[Case]:
    """Weights drawn after a global seed; where it is set again, the same ones."""
    row = row_of(name, flags="seed")
    draw = (NEW, built(name), GET_WEIGHTS)
    yield row("setting-seed", "3", globally(seed=3), *draw)
    yield row("setting-seed", "set-twice", globally(seed=3), *draw, globally(seed=3), *draw)
    yield row("setting-seed", "two-layers", globally(seed=3), *draw, *draw)


def _formats(name: str) -> Iterator[Case]:
    """`image_data_format`."""
    row = row_of(name, first=True, flags="channels-first")
    changed, group = globally(image_data_format="channels_first"), "setting-image_data_format"
    first, last = shape_of(name, first=True), shape_of(name)
    looked = attributes("data_format")
    yield row(group, "config", changed, NEW, CONFIG, looked)
    yield row(group, "output_shape", changed, NEW, output_shape(*first))
    yield row(group, "symbolic", changed, NEW, symbolic(None, *first[1:]), WEIGHTS)
    yield row(group, "call", changed, NEW, built(name, first=True), WEIGHTS, weighted(name), CALL)
    after = row.given(inputs=wave(last))
    yield after(
        group, "after-construction", changed, built(name), WEIGHTS, weighted(name), CALL, CONFIG
    )
    named = after.given(arguments={"data_format": "channels_last"})
    yield named(group, "format-named", changed, NEW, output_shape(*last), built(name), WEIGHTS)


def _models() -> Iterator[Case]:
    """Models; training, in which Adam has a constant of its own and a constraint that of the setting."""
    values = (wave((3, 2), given=Given.ARRAY),)
    inputs = (wave((4, 3)), thirds((4, 2)))
    dense = {"units": 2, "use_bias": False, "name": "d"}
    bound = constraint("UnitNorm", axis=0)
    for epsilon in (0.5, 1e-2):
        for detail, optimizer in {"SGD": sgd(), "Adam": adam()}.items():
            for projected in (True, False):
                rule = {"kernel_constraint": bound} if projected else {}
                row = model(layer("Dense", **dense, **rule))
                row = row.given(inputs=inputs, flags=("epsilon", "training"))
                steps = (
                    globally(epsilon=epsilon),
                    NEW,
                    build(None, 3),
                    set_weights(*values),
                    compiled(optimizer),
                    trained(2),
                )
                suffix = "-constraint" if projected else ""
                yield row("setting-epsilon", f"{detail}-{epsilon}{suffix}", *steps)
    plain = model(layer("Dense", **dense), layer("Dense", **{**dense, "name": "e"}))
    plain = plain.given(inputs=inputs, flags="policy")
    opened = model(instance("Input", shape=(3,), name="i"), layer("Dense", **dense))
    for value in ("float64", "float16"):
        changed = globally(floatx=value)
        yield opened("setting-floatx", f"{value}-of-an-input", changed, NEW, CONFIG, flags="policy")
    for policy in ("mixed_bfloat16", "float64", "mixed_float16"):
        changed = globally(dtype_policy=policy)
        start = (build(None, 3), WEIGHTS, set_weights(*values, wave((2, 2), given=Given.ARRAY)))
        yield plain("setting-dtype_policy", policy, changed, NEW, *start, CALL, predicted())
    seeded = plain.given(flags="seed")
    yield seeded("setting-seed", "model", globally(seed=5), NEW, build(None, 3), GET_WEIGHTS)
