"""What few layers do: shapes and outputs of several tensors, a mask that ends, weights read in other dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import LAYER, WAVE
from conformance.cases.layers.common import array
from conformance.cases.layers.masks import SHOWS
from conformance.cases.layers.models import model
from conformance.cases.layers.settings_common import built, row_of, shape_of, weights_of
from conformance.cases.references import custom
from conformance.cases.rows import KERAS2
from conformance.cases.steps import (
    CALL,
    CONFIG,
    WEIGHTS,
    exported,
    output_shape,
    predicted,
    roundtrip,
    set_weights,
    symbolic,
)
from conformance.model import Case, Step

_POLICIES: Final = ("float16", "float32", "mixed_float16", "mixed_bfloat16", "float64")
_DTYPES: Final = ("float16", "bfloat16", "float32", "float64")
_ADAPTERS: Final[Mapping[str, dict[str, Any]]] = {
    "lora_rank=2": {"lora_rank": 2},
    "lora_alpha=2": {"lora_alpha": 2.0},
    "quantization_config=mode": {"quantization_config": {"mode": "int8"}},
}


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _several()
    yield from _described()
    yield from _uncast()
    yield from _deployed()
    yield from _refused()


def _several() -> Iterator[Case]:
    """Several inputs, several outputs, masks."""
    three, row = listed([[1.0, 2.0, -3.0]]), LAYER.given(inputs=WAVE)
    two = LAYER.given(custom="TwoShapes", arguments={"name": "t"}, inputs=three)
    call = Step("call", 0, {"other": listed([[0.5, 2.0]])})
    yield two("documented", "build-of-two-shapes", call, WEIGHTS, call)
    halves = row.given(custom="Halves", arguments={"name": "h"}, inputs=three)
    steps = (symbolic(None, 3), output_shape(None, 3), CALL)
    yield halves("documented", "two-outputs", *steps)
    yield halves("documented", "two-outputs-mixed", *steps, arguments={"dtype": "mixed_bfloat16"})
    ends = model(custom("MaskZeros", name="m"), custom("EndsMask", name="e"), SHOWS)
    zeros = listed([[[1.0], [0.0], [2.0]]])
    yield ends.given(inputs=zeros)("mask", "ended-by-compute_mask", CALL, predicted())
    for detail, trained in {"true": True, "false": False, "none": None}.items():
        read = row.given(custom="OnRead", dialects=KERAS2)
        yield read(
            "add_weight", f"on-read-trained-{detail}", WEIGHTS, CALL, arguments={"trained": trained}
        )
    yield row("misuse", "init-of-Layer-forgotten", CALL, custom="Forgot", flags="bad-argument")


def _described() -> Iterator[Case]:
    """Configurations of things that are no numbers, texts or objects of Keras."""
    row = LAYER.given(custom="Remembers", arguments={"name": "r"}, inputs=WAVE)
    yield row("roundtrip", "shapes-and-dtypes", CALL, roundtrip("serialize"), CALL)


def _uncast() -> Iterator[Case]:
    """Without `autocast` inputs stay what they are; weights of a mixed policy do not."""
    for name in ("Dense", "Conv1D"):
        shape, weights = shape_of(name), set_weights(*weights_of(name))
        for policy in _POLICIES:
            row = row_of(name, flags="policy").given(arguments={"dtype": policy, "autocast": False})
            cells = {dtype: wave(shape, dtype) for dtype in _DTYPES}
            yield from row.table(
                "policy", cells, built(name), weights, CALL, prefix=f"{policy}-uncast-"
            )
    dense = row_of("Dense").given(arguments={"dtype": "float16", "autocast": False})
    wide = dense.given(
        arguments={"use_bias": False, "activation": "tanh"}, inputs=wave((2, 3, 4), "float64")
    )
    yield wide("policy", "uncast-of-three-axes", CALL, arguments={"kernel_initializer": "ones"})
    linear = LAYER.given(custom="Linear", arguments={"units": 4, "autocast": False})
    for policy in ("mixed_bfloat16", "mixed_float16"):
        held = set_weights(array((3, 4)), array((4,)))
        steps = (Step("build", options={"shape": (None, 3)}), held, CALL)
        given = wave((2, 3), policy.removeprefix("mixed_"))
        yield linear(
            "policy", f"{policy}-uncast", *steps, arguments={"dtype": policy}, inputs=given
        )


def _deployed() -> Iterator[Case]:
    """Through a SavedModel."""
    for name in ("Dense", "Conv2D"):
        shape, weights = shape_of(name), set_weights(*weights_of(name))
        for policy in ("float32", "mixed_bfloat16"):
            row = row_of(name, flags="policy").given(arguments={"dtype": policy})
            steps = (built(name), weights, exported(None, *shape[1:]), CALL, Step("call", 1))
            inputs = (wave(shape), thirds((3, *shape[1:])))
            yield row("exported", policy, *steps, inputs=inputs)


def _refused() -> Iterator[Case]:
    """What adapters need is not there."""
    dense = row_of("Dense", flags="bad-argument", inputs=())
    yield from dense.table("adapter", _ADAPTERS, CONFIG)
