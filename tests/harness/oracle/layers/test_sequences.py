"""What the oracle says of sequences, by hand: training in parts, settings, masks, shared layers, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pytest

from conformance.cases.references import custom, instance, layer, regularizer, shared
from conformance.cases.steps import (
    CALL,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    NEW,
    build,
    compiled,
    copied,
    evaluated,
    globally,
    predicted,
    put,
    roundtrip,
    saved,
    set_weights,
    symbolic,
    trained,
)
from conformance.model import DIALECTS, Case, Input, Reference, Returned, Step, Tensor
from conformance.oracle import Bounded, Unknown, told, truths

SGD: Final = instance("optimizers.SGD", learning_rate=0.01)
MOMENTUM: Final = instance("optimizers.SGD", learning_rate=0.01, momentum=0.5)
BOTH: Final = pytest.mark.parametrize("dialect", DIALECTS)


def _tensor(values: Any) -> Input:
    return Input(Tensor.of(np.array(values, dtype="float32")))


def _dense(**arguments: Any) -> Reference:
    given = {"units": 1, "use_bias": False, "kernel_initializer": "ones", "name": "d"}
    return layer("Dense", **{**given, **arguments})


ONES: Final = _tensor([[1.0]] * 4)
THREES: Final = _tensor([[3.0]] * 4)
MASKED: Final = _tensor([[[1.0], [0.0], [2.0]]])
FIVES: Final = _tensor([[[5.0], [5.0], [5.0]]])
MASK: Final = custom("MaskZeros", name="m")
SHOW: Final = custom("ShowMask", name="s")


def _case(
    target: str, arguments: Mapping[str, Any], inputs: tuple[Input, ...], *steps: Step
) -> Case:
    return Case("x", target, arguments=arguments, inputs=inputs, steps=steps)


def _asked(
    dialect: str,
    layers: Sequence[Reference],
    *steps: Step,
    inputs: tuple[Input, ...] = (ONES, THREES),
) -> list[dict[str, Any]]:
    """For each step what the oracle knows of a model, as numbers."""
    case = _case("models.Sequential", {"layers": list(layers)}, inputs, *steps)
    return [{n: v.value.tolist() for n, v in step.items()} for step in told(case, dialect)]


def _reason(
    dialect: str, layers: Sequence[Reference], name: str, *steps: Step, **rest: Any
) -> str | None:
    """Why the oracle does not know a tensor of the last step; None where it knows it."""
    inputs = rest.get("inputs", (ONES, THREES))
    case = _case("models.Sequential", {"layers": list(layers)}, inputs, *steps)
    answered = [Returned({})] * (len(steps) - 1)
    found = truths(case, dialect, [*answered, Returned({name: Tensor.of(np.float32(0))})])
    truth = found[-1][name]
    return truth.reason if isinstance(truth, Unknown) else None


@BOTH
def test_what_is_trained_is_what_was_trainable_at_the_last_compile(dialect: str) -> None:
    freeze, thaw = put("layers.0.trainable", False), put("layers.0.trainable", True)
    fit, compiling = trained(1, 4), compiled(SGD)
    for steps, kernel in (
        ((compiling, fit), 1.04),
        ((compiling, freeze, fit), 1.04),
        ((freeze, compiling, fit), 1.0),
        ((freeze, compiling, thaw, fit), 1.0),
        ((compiling, fit, freeze, fit), 1.0792),
        ((compiling, fit, freeze, compiling, fit), 1.04),
    ):
        found = _asked(dialect, [_dense()], build(None, 1), *steps)
        assert found[-1]["weights:0-0"][0][0] == pytest.approx(kernel, rel=1e-9)


def test_the_flag_of_a_weight_counts_alone() -> None:
    steps = (build(None, 1), put("layers.0.kernel.trainable", False), compiled(SGD), trained(1, 4))
    found = _asked("keras3", [_dense(use_bias=True)], *steps)
    assert found[-1]["weights:0-0"] == [[1.0]]
    assert found[-1]["weights:0-1"] == [pytest.approx(0.04)]


@BOTH
def test_the_optimizer_goes_on_until_the_next_compile(dialect: str) -> None:
    fit = trained(1, 4)
    goes_on = _asked(dialect, [_dense()], compiled(MOMENTUM), fit, fit)
    # The first step is .04; the second .5 * .04 + .01 * 2 * 1.96.
    assert goes_on[-1]["weights:0-0"][0][0] == pytest.approx(1.0992)
    anew = _asked(dialect, [_dense()], compiled(MOMENTUM), fit, compiled(MOMENTUM), fit)
    assert anew[-1]["weights:0-0"][0][0] == pytest.approx(1.0792)
    slower = put("model.optimizer.learning_rate", 0.0)
    slowed = _asked(dialect, [_dense()], compiled(SGD), fit, slower, fit)
    assert slowed[-1]["weights:0-0"][0][0] == pytest.approx(1.04)


@BOTH
def test_the_loss_of_uneven_batches_is_weighted_by_their_sizes(dialect: str) -> None:
    x, y = _tensor([[1.0], [2.0], [4.0]]), _tensor([[0.0], [0.0], [0.0]])
    found = _asked(dialect, [_dense()], compiled(SGD), evaluated(2), predicted(2), inputs=(x, y))
    assert found[1]["loss"] == 7.0
    assert found[2]["value"] == [[1.0], [2.0], [4.0]]


@BOTH
def test_a_mask_takes_steps_out_of_the_loss(dialect: str) -> None:
    steps = (compiled(SGD), trained(1, 1))
    found = _asked(dialect, [MASK, _dense()], *steps, inputs=(MASKED, FIVES))
    assert found[-1]["losses:0"] == [12.5]
    assert found[-1]["weights:0-0"][0][0] == pytest.approx(1.1)


@BOTH
def test_who_passes_a_mask_on(dialect: str) -> None:
    convolution = layer("Conv1D", filters=1, kernel_size=1, kernel_initializer="ones")
    inner = instance("models.Sequential", layers=[_dense()])
    dropped = [[[-1.0]] * 3]
    for between, seen in (
        (_dense(), [[1.0, 0.0, 1.0]]),
        (inner, [[1.0, 0.0, 1.0]]),
        (convolution, dropped),
        (custom("Times"), dropped),
    ):
        layers = [MASK, between, SHOW]
        assert _asked(dialect, layers, CALL, inputs=(MASKED,))[0]["value"] == seen
        assert _asked(dialect, layers[1:], CALL, inputs=(MASKED,))[0]["value"] == dropped


@BOTH
def test_a_layer_twice_has_its_weights_once_and_both_gradients(dialect: str) -> None:
    twice = shared("d", _dense(activity_regularizer=regularizer("L1", l1=1.0)))
    layers = [instance("Input", shape=(1,)), twice, twice]
    kernel = set_weights(_tensor([[3.0]]))
    steps = (build(None, 1), kernel, CALL, LOSSES, GRADIENT, GET_WEIGHTS)
    found = _asked(dialect, layers, *steps, inputs=(_tensor([[1.0]]),))
    assert found[2]["value"] == [[9.0]]
    assert sorted(found[3].values()) == [3.0, 9.0]
    # The cotangent is -5/4, the derivative of the square of the kernel 6.
    assert found[4]["gradient:1-kernel"] == [[-7.5]]
    assert list(found[5]) == ["weights:0"]


@BOTH
def test_copies_files_and_descriptions_keep_what_they_should(dialect: str) -> None:
    start = (build(None, 1), set_weights(_tensor([[5.0]])))
    for step, kept in (
        (copied("deepcopy"), 5.0),
        (copied("pickle"), 5.0),
        (copied("clone"), 1.0),
        (saved("keras"), 5.0),
        (saved("h5"), 5.0),
        (saved("weights", None, 1), 5.0),
        (roundtrip("from_config"), 1.0),
        (NEW, 1.0),
        (symbolic(None, 1), 5.0),
    ):
        found = _asked(dialect, [_dense()], *start, step, CALL)
        assert found[-1]["value"] == [[kept]] * 4, step
    fit, frozen = trained(1, 4), put("layers.0.trainable", False)
    steps = (compiled(MOMENTUM), fit, saved("keras"), fit)
    assert _asked(dialect, [_dense()], *steps)[-1]["weights:0-0"][0][0] == pytest.approx(1.0992)
    steps = (frozen, roundtrip("from_config"), compiled(SGD), fit)
    assert _asked(dialect, [_dense()], *steps)[-1]["weights:0-0"] == [[1.0]]


@BOTH
def test_settings_are_followed(dialect: str) -> None:
    steps = (CALL, globally(epsilon=1e-2), CALL)
    unit = _case("constraints.UnitNorm", {"axis": 0}, (_tensor([3.0, 4.0]),), *steps)
    before, after = told(unit, dialect)[::2]
    assert before["value"].value == pytest.approx([0.6, 0.8], rel=1e-6)
    assert after["value"].value == pytest.approx([3 / 5.01, 4 / 5.01], rel=1e-7)
    zeros = Step("initialize", options={"shape": (1,)})
    case = _case("initializers.Zeros", {}, (), zeros, globally(floatx="float64"), zeros)
    assert [step["value"].dtype for step in told(case, dialect)[::2]] == ["float32", "float64"]
    for setting, dtype in (
        ({"floatx": "float64"}, "float64"),
        ({"dtype_policy": "mixed_bfloat16"}, "bfloat16"),
        ({"floatx": "float64", "dtype_policy": "float16"}, "float16"),
    ):
        steps = (globally(**setting), NEW, CALL)
        dense = _case("layers.Dense", _dense().arguments, (ONES,), *steps)
        assert told(dense, dialect)[-1]["value"].dtype == dtype


@BOTH
def test_the_default_data_format_is_that_of_the_setting(dialect: str) -> None:
    arguments = {"filters": 1, "kernel_size": 1, "kernel_initializer": "ones"}
    steps = (globally(image_data_format="channels_first"), NEW, CALL)
    for rank, first in ((1, dialect == "keras3"), (2, True)):
        x = _tensor(np.ones((1, 2, *[3] * rank)))
        case = _case(f"layers.Conv{rank}D", arguments, (x,), *steps)
        value = told(case, dialect)[-1]["value"]
        assert isinstance(value, Bounded)
        assert value.shape == ((1, 1, *[3] * rank) if first else (1, 2, *[3] * (rank - 1), 1))


@BOTH
def test_where_the_documents_are_silent_so_is_the_oracle(dialect: str) -> None:
    model = [_dense(use_bias=True)]
    fitted = (build(None, 1), compiled(SGD), trained())
    l2 = regularizer("L2", l2=1.0)
    changed = put("layers.0.activity_regularizer", l2)
    assert _reason(dialect, model, "losses:0", *fitted, trained()) is None
    assert "already compiled" in str(
        _reason(dialect, model, "losses:0", *fitted, changed, trained())
    )
    assert _reason(dialect, model, "losses:0", *fitted, changed, compiled(SGD), trained()) is None
    settled = (*fitted, globally(epsilon=0.5), trained())
    assert "already compiled" in str(_reason(dialect, model, "losses:0", *settled))
    without = put("layers.0.use_bias", False)
    assert "use_bias" in str(_reason(dialect, model, "value", build(None, 1), without, CALL))
    # A function may hold a mask that its very inputs carry, or not.
    kept = [MASK, custom("MyLayer"), SHOW]
    assert "its inputs" in str(_reason(dialect, kept, "value", CALL, inputs=(MASKED,)))
    # After a training of which nothing is known, nothing is.
    steps = (*fitted, changed, trained(), CALL)
    assert "already compiled" in str(_reason(dialect, model, "value", *steps))
