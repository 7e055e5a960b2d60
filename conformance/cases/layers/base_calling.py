"""`Layer`: what a call does, configurations, and what is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.references import custom, regularizer
from conformance.cases.rows import WAYS
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GRADIENT,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    from_config,
    method,
    output_shape,
    roundtrip,
    set_weights,
    setting,
)
from conformance.model import FLOATS, Case, Given, Step

_SWITCH: Final = LAYER.given(custom="Switch", arguments={"name": "s"}, inputs=WAVE)
_TIMES: Final = LAYER.given(custom="Times", arguments={"name": "t"}, inputs=WAVE)
_AROUND: Final = LAYER.given(
    custom="Around", arguments={"name": "a", "inner": custom("Switch", name="s")}, inputs=WAVE
)
_LINEAR: Final = LAYER.given(custom="Linear", arguments={"units": 4, "name": "l"})


def calling() -> Iterator[Case]:
    """Training and mask, dtypes, forms of inputs."""
    yield from _options()
    yield from _policies()
    forms = {form: wave((2, 3), given=form) for form in (Given.VARIABLE, Given.ARRAY, Given.LIST)}
    forms[Given.SCALAR] = listed(0.5, "float32", Given.SCALAR)
    yield from _TIMES.table("given", forms, CALL, flags="input-form")
    yield from _activities()


def _options() -> Iterator[Case]:
    mask = listed([True, False], "bool")
    called: dict[str, dict[str, Any]] = {
        "nothing": {},
        "training": {"training": True},
        "inference": {"training": False},
        "training-none": {"training": None},
        "mask": {"mask": mask},
        "both": {"training": True, "mask": mask},
    }
    flags = "call-options"
    for detail, x in (
        ("list", wave((2, 3), "float64", Given.LIST)),
        ("float64", wave((2, 3), "float64")),
    ):
        step = method("__call__", **{"*": (x, True)})
        yield _SWITCH("call", f"training-by-position-{detail}", step, inputs=(), flags=flags)
    for detail, options in called.items():
        step = Step("call", 0, options)
        yield _SWITCH("call", detail, step, flags=flags)
        if "mask" not in options:
            yield _AROUND("call", f"{detail}-reaches-an-inner-layer", step, flags=flags)
    training = {"training": True}
    detail = "training-that-call-does-not-take"
    yield _TIMES("call", detail, Step("call", 0, training), flags=flags)
    step = Step("call", 0, {"foo": 1})
    yield _TIMES("call", "unknown-option", step, flags=(flags, "bad-argument"))
    yield _SWITCH("call", "training-in-gradient", Step("gradient", 0, training), flags=flags)


def _policies() -> Iterator[Case]:
    flags = "policy"
    for policy in POLICIES:
        times = _TIMES.given(arguments={"factor": 3.0, "dtype": policy}, flags=flags)
        given = {dtype: wave((2, 3), dtype) for dtype in FLOATS}
        yield from times.table("policy", given, CALL, prefix=f"{policy}-of-")
        arguments = {"name": "l", "units": 4, "dtype": policy}
        linear = LAYER.given(custom="Linear", arguments=arguments, inputs=WAVE, flags=flags)
        steps = (BUILD, WEIGHTS, set_weights(array((3, 4)), array((4,))), CALL, GRADIENT)
        yield linear("policy", f"{policy}-weights", *steps)
    integers = {dtype: listed([[1, 0]], dtype) for dtype in ("int32", "bool")}
    around = _AROUND.given(flags=("policy", "integer"))
    yield from around.table("policy", integers, CALL, prefix="float32-keeps-")
    times = _TIMES.given(arguments={"dtype": "float16", "autocast": False}, flags=flags)
    yield times("policy", "autocast-off", CALL, inputs=wave((2, 3), "float64"))


def _activities() -> Iterator[Case]:
    group = "activity_regularizer"
    times = _TIMES.given(flags="losses")
    two = times.given(arguments={group: regularizer("L2", l2=0.5)}, inputs=(WAVE, wave((4, 3))))
    yield two(group, "divided-by-batch", CALL, LOSSES, Step("call", 1), LOSSES)
    later = setting(activity_regularizer=regularizer("L1", l1=0.5))
    yield times(group, "set-later", later, CALL, LOSSES)
    frozen = times.given(arguments={"trainable": False, group: "l2"})
    yield frozen(group, "of-frozen-layer", CALL, LOSSES)


_LAYERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "Linear": ("Linear", {"units": 4, "name": "l"}),
    "Linear-name": ("Linear", {"units": 4, "name": "l", "kernel_regularizer": "l2"}),
    "Linear-frozen": ("Linear", {"units": 4, "name": "l", "trainable": False}),
    "Linear-mixed": ("Linear", {"units": 4, "name": "l", "dtype": "mixed_float16"}),
    "Times": ("Times", {"factor": 3.0, "name": "t"}),
    "Times-list": ("Times", {"factor": [2.0, None], "name": "t"}),
    "Times-dict": ("Times", {"factor": {"a": 1, "b": [True, "c"]}, "name": "t"}),
    "Times-tuple": ("Times", {"factor": (2, (3, 4)), "name": "t"}),
    "Times-array": ("Times", {"factor": listed([2.0, 3.0, 4.0], given=Given.ARRAY), "name": "t"}),
    "Times-list-of-array": (
        "Times",
        {"factor": [1, listed([2.0], given=Given.ARRAY)], "name": "t"},
    ),
    "Times-dict-of-array": (
        "Times",
        {"factor": {"a": listed([2.0], given=Given.ARRAY)}, "name": "t"},
    ),
    "Switch": ("Switch", {"name": "s"}),
    "Mixed": ("Mixed", {"name": "m"}),
}
_CONFIGS: Final[dict[str, Any]] = {
    "units": {"units": 4, "name": "l"},
    "everything": {"units": 2, "name": "l", "trainable": False, "dtype": "float16"},
    "no-units": {"name": "l"},
    "unknown-key": {"units": 4, "foo": 1},
}


def configs() -> Iterator[Case]:
    """`get_config`, and what is rebuilt from it."""
    row = LAYER.given(flags="config")
    for detail, (name, arguments) in _LAYERS.items():
        asked = row.given(custom=name, arguments=arguments)
        yield asked("config", detail, CONFIG)
        yield from asked.table("roundtrip", WAYS, roundtrip, CONFIG, prefix=f"{detail}-")
    linear = _LINEAR.given(flags="config")
    for via in WAYS:
        steps = (BUILD, roundtrip(via), attributes("built"), WEIGHTS)
        yield linear("roundtrip", f"built-{via}", *steps)
    arguments = {"name": "a", "inner": custom("Times", name="t")}
    yield row("config", "nested-argument", CONFIG, custom="Around", arguments=arguments)
    linear = linear.given(arguments={"units": 3, "name": "k"})
    yield from linear.table("from_config", _CONFIGS, from_config)
    yield _LINEAR("output_shape", "defined", output_shape(5, 3))
    times = LAYER.given(custom="Times", arguments={"name": "t"})
    yield times("output_shape", "not-defined", output_shape(5, 3))
    simple = LAYER.given(custom="SimpleDense", arguments={"units": 4})
    yield simple("output_shape", "by-building", output_shape(5, 3), flags="build")


def rejected() -> Iterator[Case]:
    """Calls and shapes that no layer takes."""
    linear = _LINEAR.given(flags="bad-input")
    x = wave((2, 4))
    yield linear("rejected", "call-without-matching-kernel", BUILD, CALL, inputs=x)
    yield linear("rejected", "build-for-unknown-axis", build(2, None))
    yield linear("rejected", "call-of-text", CALL, inputs=listed([], "float64", Given.LIST))
    missing = LAYER.given(custom="Linear", arguments={"name": "l"}, flags="bad-argument")
    yield missing("rejected", "missing-argument", WEIGHTS)
