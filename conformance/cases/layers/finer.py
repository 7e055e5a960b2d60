"""What only a finer look tells: paths and names of layers, when inputs are checked, what copies of weights keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.common import array
from conformance.cases.references import class_of, custom, instance, layer
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    FROZEN,
    LOSSES,
    attributes,
    copied,
    globally,
    method,
    put,
    registered,
    set_weights,
    symbolic,
)
from conformance.model import Case

_DENSE: Final = Rows("layers.Dense", arguments={"units": 2, "name": "d"}, inputs=WAVE)
_CLASSES: Final = {
    "private": "_Hidden2DLay",
    "capitals": "HTTPLay2D",
    "digits": "Conv1DOfMine",
    "dash": "My-Lay",
}


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _named()
    yield from _checked()
    yield from _kept()


def _named() -> Iterator[Case]:
    """Paths, and the names of layers that are given none."""
    part = layer("Dense", units=2, name="d", kernel_initializer="ones")
    inner = custom("Around", name="i", inner=part)
    row = LAYER.given(custom="Around", arguments={"name": "o", "inner": inner}, inputs=WAVE)
    row = row.given(dialects=KERAS3, flags="nested")
    looked = attributes("path", "inner.path", "inner.inner.path", "inner.inner.kernel.path")
    yield row("path", "called", CALL, looked)
    yield row("path", "symbolic", symbolic(None, 3), looked, inputs=())
    base = _DENSE.given(dialects=KERAS3)
    yield base("path", "built", BUILD, attributes("path", "kernel.path"))
    cleared = method("clear_session", class_of("utils"))
    for detail, name in _CLASSES.items():
        steps = (cleared, registered(name, "Times"), attributes("name"))
        yield LAYER("names", f"of-class-{detail}", *steps, flags="custom", dialects=KERAS3)


def _checked() -> Iterator[Case]:
    """Inputs are checked by the specification of the moment: before the build, and at every call."""
    of_three = put("input_spec", instance("layers.InputSpec", ndim=3))
    row = LAYER.given(custom="Times", arguments={"name": "t"}, inputs=WAVE, flags="input-spec")
    yield row("input_spec", "set-between-calls", CALL, of_three, CALL)
    yield _DENSE("input_spec", "set-before-build", of_three, CALL, flags="input-spec")
    listed = put("input_spec", [instance("layers.InputSpec", ndim=3)])
    yield row("input_spec", "list-of-one-other", listed, CALL)
    spec = put("input_spec", instance("layers.InputSpec", ndim=2, name="n"))
    yield row("input_spec", "name", spec, attributes("input_spec.name", "input_spec.ndim"))
    cells: dict[str, dict[str, Any]] = {
        "first-axis-from-the-end": {"axes": {"-2": 2}},
        "axis-beyond-rank": {"axes": {"2": 1}},
        "last-axis-of-shape": {"shape": (None, 3), "axes": {"1": 3}},
    }
    for detail, arguments in cells.items():
        step = put("input_spec", instance("layers.InputSpec", **arguments))
        yield row("input_spec", detail, step, CALL)
    by_name = method("__call__", inputs=WAVE)
    fits = put("input_spec", instance("layers.InputSpec", ndim=2))
    yield row("input_spec", "inputs-by-name", fits, by_name, dialects=KERAS3)
    penal = LAYER.given(
        custom="Linear", arguments={"units": 2, "name": "l", "activity_regularizer": "l2"}
    )
    yield penal("losses", "of-a-symbolic-call", symbolic(None, 3), LOSSES, dialects=KERAS3)


def _kept() -> Iterator[Case]:
    """Copies of weights; policies that are none; words in capitals."""
    held = set_weights(array((3, 2)), array((2,)))
    row = _DENSE.given(flags="copy", dialects=KERAS3)
    looked = attributes("kernel.trainable", "kernel.path", "kernel.overwrite_with_gradient")
    for via in ("deepcopy", "pickle"):
        yield row("variable", f"facts-{via}", BUILD, held, FROZEN, copied(via), looked)
    bad = LAYER.given(flags=("policy", "setting"))
    yield bad(
        "policy", "global-int8", globally(dtype_policy="int8"), attributes("dtype"), dialects=KERAS3
    )
    for detail, name in {"number": 3, "type": "float"}.items():
        made = method("get_config", instance("mixed_precision.Policy", name=name))
        yield LAYER("policy", f"name-{detail}", made, flags="policy", dialects=KERAS2)
    capitals = globally(image_data_format="Channels_First")
    convolution = Rows("layers.Conv1D", arguments={"filters": 1, "kernel_size": 1})
    looked = attributes("data_format")
    row = convolution.given(arguments={"name": "c"}, inputs=wave((1, 2, 3)), flags="setting")
    yield row("setting", "image_data_format-capitals", capitals, looked)
