"""Convolution layers: configurations, what is rebuilt from them, training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.inputs import every_pair, thirds, wave
from conformance.cases.layers.convolution_common import (
    MULTIPLIED,
    PLAIN,
    TRANSPOSED,
    Problem,
    arguments_text,
    based,
    basic_shape,
    basis,
    build,
    built,
    parts,
    set_weights,
    values,
)
from conformance.cases.layers.training import fit, sgd
from conformance.cases.references import constraint, initializer, regularizer
from conformance.cases.rows import ALL_WAYS, WAYS
from conformance.cases.steps import CONFIG, attributes, roundtrip
from conformance.model import Case


def config_rows(name: str) -> Iterator[Case]:
    """Configurations and what is rebuilt from them."""
    row = based(name).given(flags="config")
    roles: dict[str, Any] = {}
    for part in parts(name):
        roles[f"{part}_initializer"] = ("ones", initializer("Constant", value=0.5))
        roles[f"{part}_regularizer"] = (None, regularizer("L1L2", l1=0.5, l2=0.25))
        roles[f"{part}_constraint"] = (None, "NonNeg", constraint("MaxNorm", axis=0))
    roles["activity_regularizer"] = (None, "l2")
    roles["use_bias"] = (True, False)
    roles["activation"] = (None, "relu")
    for number, arguments in enumerate(every_pair(**roles)):
        asked = row.given(arguments=arguments, flags=("config", "pairwise"))
        yield asked("config", f"pair-{number}", roundtrip(WAYS[number % 2]), built(name), CONFIG)
    variants: list[dict[str, Any]] = [
        {},
        {"strides": 2, "padding": "same"},
        {"dilation_rate": 2, "padding": "SAME"},
        {"data_format": "channels_first", "trainable": False},
        {"dtype": "float64"},
        {"dtype": "mixed_float16"},
    ]
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 4})
    if name in TRANSPOSED:
        variants.append({"strides": 2, "output_padding": 1})
    if name in MULTIPLIED:
        variants.append({"depth_multiplier": 2})
    for arguments in variants:
        ways = ALL_WAYS if arguments in ({}, variants[-1]) else WAYS
        asked = row.given(arguments=arguments)
        suffix = f"-{arguments_text(arguments)}"
        yield from asked.table("roundtrip", ways, roundtrip, CONFIG, suffix=suffix)
    names = ["name", "kernel_size", "strides", "padding", "data_format", "dilation_rate"]
    names += ["use_bias", "built", "trainable", "dtype", "compute_dtype", "variable_dtype"]
    names += ["filters"] if "filters" in basis(name) else []
    names += ["groups"] if name in PLAIN else ["output_padding"] if name in TRANSPOSED else []
    names += ["depth_multiplier"] if name in MULTIPLIED else []
    looked: tuple[dict[str, Any], ...] = (
        {},
        {"strides": 2, "padding": "SAME", "dtype": "mixed_bfloat16"},
    )
    yield from row.table("attributes", looked, attributes(*names))


def fit_rows(name: str) -> Iterator[Case]:
    """A step of training with a penalty and a constraint on each weight."""
    problem = Problem(name, basis(name) | {"padding": "same"}, basic_shape(name))
    first, *others = parts(name)[:-1]
    row = based(name).given(
        arguments={
            "padding": "same",
            f"{first}_constraint": "NonNeg",
            f"{first}_regularizer": "l2",
            "bias_constraint": constraint("MaxNorm", max_value=0.5),
            **{f"{other}_constraint": "UnitNorm" for other in others},
        },
        inputs=(wave(problem.shape), thirds((*problem.shape[:-1], problem.filters))),
        flags="training",
    )
    prepared = (build(None, *problem.shape[1:]), set_weights(values(problem)))
    trained = fit(sgd(learning_rate=1 / 64), epochs=1, batch_size=problem.batch)
    yield row("fit", "step", *prepared, trained)
