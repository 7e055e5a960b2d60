"""What is set, added, given or copied late: after the construction, the build, the first call or the compiling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.base_common import LAYER
from conformance.cases.layers.models import TARGET
from conformance.cases.layers.settings_common import SMALL, built, row_of, shape_of, weighted
from conformance.cases.references import class_of, custom, initializer, instance, layer, shared
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    EXPORTED_OF_ANY_RANK,
    FROZEN,
    GRADIENT,
    LOSSES,
    attributes,
    build,
    compiled,
    copied,
    exported,
    globally,
    method,
    output_shape,
    predicted,
    setting,
    symbolic,
    trained,
)
from conformance.model import DIALECTS, Case, Step

_SGD: Final = instance("optimizers.SGD", learning_rate=0.125)
_BUILD: Final = build(None, 2)
# Shapes to build for that have an axis less, by the dialects that reject them.
_FLAT: Final[Mapping[str, tuple[str, ...]]] = {
    "Conv1D": DIALECTS,
    "Conv1DTranspose": KERAS2,
    "DepthwiseConv1D": DIALECTS,
    "SeparableConv1D": KERAS3,
}


def rows() -> Iterator[Case]:
    """Every case about it."""
    yield from _windows()
    yield from _shapes()
    yield from _of_unknown_sizes()
    yield from _models()
    yield from _facts()


def _windows() -> Iterator[Case]:
    """How a kernel is moved is read at each call; of how many groups it is, at the build."""
    plain = row_of("Conv1D", flags="sequence")
    kept = (built("Conv1D"), weighted("Conv1D"))
    asked = (CALL, output_shape(*shape_of("Conv1D")))
    for name in ("strides", "dilation_rate"):
        yield plain("late", f"{name}-tuple", *kept, setting(**{name: (2,)}), *asked)
    yield plain("late", "dilation_rate", *kept, setting(dilation_rate=2), *asked, dialects=KERAS3)
    first = setting(data_format="channels_first")
    yield plain("late", "data_format", first, build(None, 2, 4), inputs=())
    ones = plain.given(arguments={"filters": 2, "kernel_initializer": "ones"})
    yield ones("late", "groups", setting(groups=2), built("Conv1D"), GRADIENT)
    name = "Conv1DTranspose"
    row = row_of(name, flags="sequence").given(arguments={"strides": 2})
    kept, asked = (built(name), weighted(name)), (output_shape(*shape_of(name)), CALL)
    yield row("late", "output_padding-tuple", *kept, setting(output_padding=(1,)), *asked)
    late = setting(output_padding=1)
    yield row("late", "output_padding", *kept, late, *asked, dialects=KERAS3)


def _shapes() -> Iterator[Case]:
    """What layers expect before they are built; shapes to build for, and inputs of another one."""
    for name in ("Dense", "Conv1D", "Conv2DTranspose"):
        looked = attributes("input_spec.min_ndim", "supports_masking")
        yield row_of(name, inputs=())("late", "before-build", looked)
    for name, dialects in _FLAT.items():
        row = row_of(name, flags="bad-input")
        yield row("build", "rank-less", build(None, 3), inputs=(), dialects=dialects)
        given = (wave(shape_of(name)), wave((1, 1, 2)))
        steps = (built(name), weighted(name), CALL, Step("call", 1))
        yield row("late", "shorter-than-the-kernel", *steps, inputs=given)
    for name in ("Conv1D", "DepthwiseConv1D"):
        yield row_of(name, inputs=(), flags="empty")("build", "channels-none", build(None, 4, 0))
    row = row_of("Conv1D", inputs=(), flags="bad-input")
    yield row("output-shape", "rank-one", output_shape(4))
    dense = row_of("Dense", inputs=wave((3,)), flags="bad-input")
    yield dense("late", "input-of-rank-one", built("Dense"), CALL, arguments={"use_bias": False})
    idle = {"kernel_initializer": "ones", "kernel_regularizer": "l2"}
    depthwise = row_of("DepthwiseConv1D", inputs=())
    yield depthwise("arguments", "of-no-kernel", CONFIG, arguments=idle, dialects=KERAS2)


def _of_unknown_sizes() -> Iterator[Case]:
    """Traced for lengths that nobody knows."""
    row = row_of("Conv1D").given(arguments={"dilation_rate": 2})
    steps = (built("Conv1D"), weighted("Conv1D"), exported(None, None, SMALL["Conv1D"][1][-1]))
    yield row("exported", "dilated", *steps, CALL)
    for name in ("Dense", "Conv1D", "Conv2DTranspose"):
        kept = (built(name), weighted(name))
        yield row_of(name)("exported", "of-any-rank", *kept, EXPORTED_OF_ANY_RANK, CALL)
    penalised = row_of("Dense", arguments={"activity_regularizer": "l2"}, dialects=KERAS3)
    yield penalised("losses", "after-a-symbolic-call", symbolic(*shape_of("Dense")), LOSSES)
    inner = layer("Dense", units=2, name="d")
    around = LAYER.given(custom="Around", arguments={"name": "a", "inner": inner})
    yield around("symbolic", "around-dense-of-three-axes", symbolic(None, 4, 3))


def _models() -> Iterator[Case]:
    """Layers that are added or taken out; copies; inputs of another dtype."""
    eye = {"units": 2, "kernel_initializer": "identity", "use_bias": False}
    one = layer("Dense", name="d", **eye)
    model = Rows(TARGET, arguments={"name": "s", "layers": [one]}, inputs=thirds((3, 2)))
    more = layer("Dense", units=1, name="e", kernel_initializer="ones", use_bias=False)
    added = method("add", layer=more)
    yield model("late", "add-between-predictions", _BUILD, predicted(), added, predicted(), CALL)
    emptied = (_BUILD, method("pop"), method("get_build_config"), attributes("built"))
    yield model("late", "pop-all", *emptied, inputs=(), arguments={"layers": [more]})
    half = instance("Input", shape=(2,), name="i", dtype="float16")
    uncast = custom("Times", name="t", autocast=False)
    row = model.given(arguments={"layers": [half, uncast]}, inputs=wave((3, 2)))
    yield row("late", "float16-inputs", CALL, predicted())
    narrow = custom("Times", name="t", autocast=False, dtype="float16")
    row = row.given(arguments={"layers": [narrow]})
    yield row("late", "inputs-as-the-first-layer", _BUILD, CALL, predicted())
    row = row.given(arguments={"layers": [uncast]}, inputs=(wave((3, 2), "float16"), wave((3, 2))))
    yield row("late", "inputs-as-the-first-ones", CALL, Step("call", 1))
    double = initializer("Identity", gain=2.0)
    twice = shared("t", layer("Dense", name="d", **{**eye, "kernel_initializer": double}))
    first = instance("Input", shape=(2,), name="i")
    row = model.given(arguments={"layers": [first, twice, twice]}, flags="copy")
    for via in ("deepcopy", "pickle"):
        looked = (copied(via), attributes("layers.1.name"))
        yield row("late", f"layer-twice-{via}", *looked, inputs=(), dialects=KERAS3)
    penalised = shared("t", layer("Dense", name="d", activity_regularizer="l2", **eye))
    row = model.given(arguments={"layers": [first, penalised, penalised]})
    yield row("losses", "layer-twice", CALL, LOSSES, CALL, LOSSES)
    row = model.given(inputs=(thirds((2, 2)), wave((2, 2))), flags=("copy", "training"))
    steps = (_BUILD, compiled(_SGD), FROZEN, copied("deepcopy"), trained())
    yield row("sequence-copy", "deepcopy-compiled-then-frozen-fit", *steps)
    of = instance(TARGET, layers=[one], name="q")
    refused = class_of("activations.tanh")
    cloned = method("clone_model", class_of("models"), model=of, clone_function=refused)
    yield Rows(TARGET, flags="bad-argument")("late", "clone-by-what-refuses", cloned)
    yield model("late", "built-for-others", method("layers.0.build", input_shape=(None, 3)), _BUILD)


def _facts() -> Iterator[Case]:
    """Names that count; of an `InputLayer` what is not in its configuration; no seed at all."""
    inner = instance(TARGET, layers=[layer("Dense", units=2, name="d")], name="inner")
    around = instance(TARGET, layers=[inner], name="around")
    nested = Rows(TARGET, arguments={"name": "s", "layers": [inner]}, flags="nested")
    cleared = method("clear_session", class_of("utils"))
    twice = nested.given(arguments={"layers": [around]}, dialects=KERAS3)
    yield twice("late", "names-of-inputs", cleared, _BUILD, CONFIG)
    looked = attributes("layers.0.layers.0.kernel.name")
    yield nested("late", "names-of-weights", _BUILD, looked, dialects=KERAS2)
    for dialects, argument in ((KERAS2, "input_shape"), (KERAS3, "shape")):
        of = instance("layers.InputLayer", name="i", **{argument: (2,)})
        steps = (method("__getattribute__", of, **{"*": [key]}) for key in ("built", "trainable"))
        yield Rows(TARGET)("late", f"facts-of-inputs-{argument}", *steps, dialects=dialects)
    yield LAYER("setting", "seed-none", globally(seed=None), flags=("setting", "bad-argument"))
