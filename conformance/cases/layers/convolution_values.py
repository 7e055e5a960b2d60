"""Convolution layers: what they compute, argument by argument, dtype by dtype."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.inputs import every_pair, listed, thirds, wave, whole
from conformance.cases.layers.convolution_common import (
    MIXED,
    MULTIPLIED,
    PLAIN,
    Problem,
    Rows,
    arguments_text,
    based,
    basic,
    basic_shape,
    basis,
    build,
    rank_of,
    set_weights,
    values,
)
from conformance.cases.steps import CALL, attributes
from conformance.model import FLOATS, Case, Given

# In which the lengths of the input, and those of the kernel, are of all kinds.
SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "Conv1D": (2, 6, 4),
    "Conv2D": (1, 5, 3, 4),
    "Conv3D": (1, 5, 3, 2, 2),
    "Conv1DTranspose": (2, 4, 3),
    "Conv2DTranspose": (1, 2, 3, 4),
    "Conv3DTranspose": (1, 2, 1, 3, 4),
    "SeparableConv1D": (2, 6, 4),
    "SeparableConv2D": (1, 5, 3, 4),
    "DepthwiseConv1D": (2, 5, 3),
    "DepthwiseConv2D": (1, 5, 3, 2),
}
_FILTERS: Final[Mapping[str, tuple[int, ...]]] = {
    "Conv1D": (1, 2, 4),
    "Conv2D": (1, 2, 4),
    "Conv3D": (1, 2),
    "Conv1DTranspose": (1, 2, 3),
    "Conv2DTranspose": (1, 2),
    "Conv3DTranspose": (1, 2),
    "SeparableConv1D": (1, 2, 4),
    "SeparableConv2D": (1, 3, 4),
}
_KERNELS: Final[Mapping[int, tuple[Any, ...]]] = {
    1: (1, 2, 3),
    2: ((3, 2), (1, 3), 2),
    3: ((3, 2, 1), (1, 3, 2), 1),
}
_STRIDES: Final[Mapping[int, tuple[Any, ...]]] = {
    1: (1, 2, 3),
    2: (1, 2, (2, 1), (1, 3)),
    3: (1, 2, (1, 2, 1)),
}


def _pair_values(name: str) -> dict[str, Sequence[Any]]:
    """The values of each argument of which every pair meets."""
    rank = rank_of(name)
    found: dict[str, Sequence[Any]] = {
        "kernel_size": _KERNELS[rank],
        "strides": (1, 2) if name in MULTIPLIED and rank == 2 else _STRIDES[rank],
        "padding": ("valid", "same", "causal") if name == "Conv1D" else ("valid", "same"),
        "use_bias": (True, False),
        "activation": (None, "relu", "tanh"),
    }
    if name == "Conv3DTranspose":
        found["strides"] = (1, 2)
    if name in _FILTERS:
        found["filters"] = _FILTERS[name]
    if name in PLAIN:
        found["groups"] = (1, 2)
    if name in MULTIPLIED:
        found["depth_multiplier"] = (1, 2)
    return found


def pair_rows(name: str) -> Iterator[Case]:
    """Every pair of values of any two arguments, with the channels last and with them first.

    Strides with dilation, and unequal strides of depthwise kernels, are asked about elsewhere.
    """
    row = Rows(name)
    for arguments in every_pair(**_pair_values(name)):
        if arguments.get("groups") == 2 and arguments["filters"] == 1:
            arguments["filters"] = 2
        shape = _pair_shape(name, arguments)
        detail = _pair_text(arguments)
        yield row.asked("pairs", detail, shape=shape, flags="pairwise", **arguments)
    for arguments in every_pair(**_pair_values(name) | {"activation": (None,)}):
        if arguments.get("groups") == 2 and arguments["filters"] == 1:
            continue
        group = "channels-first-groups" if arguments.get("groups") == 2 else "channels-first"
        yield row.asked(
            group,
            _pair_text(arguments),
            shape=_pair_shape(name, arguments),
            data_format="channels_first",
            flags=("pairwise", "channels-first"),
            **arguments,
        )


def _pair_text(arguments: Mapping[str, Any]) -> str:
    return ",".join(
        f"{_SHORT[key]}{arguments_text({key: value}).partition('=')[2]}"
        for key, value in arguments.items()
    )


_SHORT: Final = {
    "kernel_size": "k",
    "strides": "s",
    "padding": "",
    "use_bias": "bias",
    "activation": "",
    "filters": "f",
    "groups": "g",
    "depth_multiplier": "m",
}


def _pair_shape(name: str, arguments: Mapping[str, Any]) -> tuple[int, ...]:
    shape = SHAPES[name]
    if name == "Conv1DTranspose" and arguments["strides"] == 3:
        return (2, 3, 4)
    if name == "Conv2DTranspose" and arguments["strides"] != 1:
        return (1, 2, 2, 3)
    if name == "Conv3DTranspose" and arguments["strides"] != 1:
        return (1, 2, 1, 1, 4)
    return shape


def dtype_rows(name: str) -> Iterator[Case]:
    """The four dtypes with inexact numbers, mixed policies, and inputs of other dtypes and forms."""
    row = Rows(name)
    for dtype in (*FLOATS, *MIXED):
        for padding in ("valid", "same"):
            yield row.asked(
                "dtype",
                f"{dtype}-{padding}",
                formula=thirds,
                padding=padding,
                dtype=dtype,
                flags="policy",
            )
    for dtype in FLOATS:
        yield row.asked("dtype", f"{dtype}-softmax", dtype=dtype, activation="softmax")
    shape = basic(name).shape
    for detail, x in {
        "array": thirds(shape, given=Given.ARRAY),
        "variable": thirds(shape, given=Given.VARIABLE),
        "float64-tensor": thirds(shape, "float64"),
        "float16-tensor": wave(shape, "float16"),
        "int32-tensor": whole(shape, "int32"),
        "bool-tensor": whole(shape, "bool"),
    }.items():
        yield row.asked("given", detail, given=x, flags="input-form")


def argument_rows(name: str) -> Iterator[Case]:
    """Values of single arguments that pairs leave out: activations, forms, positions, defaults."""
    row = Rows(name)
    rank = rank_of(name)
    for activation in ("linear", "sigmoid", "gelu", "selu", "softplus", "swish"):
        yield row.asked("arguments", f"activation={activation}", activation=activation)
    forms: list[dict[str, Any]] = [
        {"kernel_size": [2] * rank},
        {"strides": (1,) * rank},
        {"strides": [1] * rank},
        {"dilation_rate": [1] * rank},
        {"padding": "SAME"},
        {"padding": "Valid"},
        {"data_format": None},
        {"use_bias": 0},
        {"use_bias": None},
    ]
    if name in PLAIN:
        forms.append({"groups": None})
    for arguments in forms:
        detail = arguments_text(arguments)
        yield row.asked("arguments", detail, flags="unusual-argument", **arguments)
    shape = basic_shape(name)
    problem = Problem(name, {**basis(name), "padding": "same"}, shape)
    row = row.given(arguments={"*": (*basis(name).values(), 1, "same")}, inputs=thirds(shape))
    steps = (build(None, *shape[1:]), set_weights(values(problem)), CALL)
    yield row("arguments", "positional", *steps, flags="documented-signature")
    row = based(name).given(flags="unusual-argument")
    two = listed(2, "int64", Given.SCALAR)
    for argument in ("kernel_size", *(("filters",) if "filters" in basis(name) else ())):
        asked = row.given(arguments={argument: two})
        detail = f"{argument}=numpy-int64"
        yield asked("arguments", detail, attributes(argument))
