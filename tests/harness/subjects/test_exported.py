"""Exported models as subjects. What exports and runs here is a fake, so that nothing need be installed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from conformance.model import (
    Array,
    Case,
    Given,
    Input,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    Unsupported,
)
from conformance.model.errors import UsageError
from conformance.report import repro
from conformance.subjects import environments, exported, resolve
from conformance.subjects.base import Mode
from conformance.subjects.exported import formats, models
from conformance.subjects.exported.formats import ExportError, NoKernel, RuntimeFault
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

CALLED = "layers.Dense/units/1"
GRADIENT = "layers.Dense/dtype/float32-thirds-2x3x4"
SIZES, DTYPES = "layers.Dense/again/two-batch-sizes", "layers.Dense/again/two-dtypes"
UNCALLED = "layers.Dense/set_weights/both"
DRAWN = "layers.Layer/draw/normal-shared"
FIXED = "layers.Layer/activated/glu-rank-1"
OPTION = "layers.Layer/call/unknown-option"
OUTSIDE = "constraints.NonNeg/value/wave-3x4-float32"


class Fake:
    """A format whose file is the model itself; `bad` says what goes wrong."""

    exporter, runtime, other = "the exporter", "the runtime", "the other"
    elsewhere = True
    package, version = "fake", "1"

    def __init__(self, bad: str = "") -> None:
        self.bad = bad
        self.exports = 0

    def facts(self) -> Mapping[str, Any]:
        return {"device": "cpu"}

    def exported(self, model: Any, folder: Path, given: Array) -> formats.Runner:
        assert folder.is_dir()
        self.exports += 1
        if self.bad == "export":
            raise ExportError("the exporter refuses the model")
        if self.bad == "kernel":
            raise NoKernel("the runtime has no kernel of Conv for this dtype")
        return FakeRunner(self.bad, model)


class FakeRunner:
    def __init__(self, bad: str, model: Any) -> None:
        self._bad = bad
        self._held = model

    def run(self, given: Array) -> Sequence[Array]:
        right = self.second(given)
        if self._bad == "overwrites":
            given[...] = 7
        return [right[0] * 1.01] if self._bad == "value" else right

    def second(self, given: Array) -> Sequence[Array]:
        if self._bad == "no opinion":
            raise RuntimeError("not today")
        return [np.asarray(self._held(given))]


def of(fake: Fake) -> models.ExportedSubject:
    return models.ExportedSubject("onnx", fake, keras)


@pytest.fixture(scope="module")
def entries(golden: Path) -> Mapping[str, GoldenCase]:
    ids = (CALLED, GRADIENT, SIZES, DTYPES, UNCALLED, DRAWN, FIXED, OPTION, OUTSIDE)
    files = store.load_all(golden, ids)
    return {e.case.id: e for e in (e for file in files for e in file.cases) if e.case.id in ids}


def last(subject: models.ExportedSubject, entry: GoldenCase) -> Outcome:
    return subject.answer(entry.case)[-1]


def test_a_call_is_one_of_the_exported_model(entries: Mapping[str, GoldenCase]) -> None:
    entry, fake = entries[CALLED], Fake()
    wanted = entry.expected["keras3"]
    assert of(fake).answer(entry.case) == list(wanted)
    assert fake.exports == 1
    wrong = last(of(Fake("value")), entry)
    assert isinstance(wrong, Returned)
    assert wrong.values["value"] != wanted[-1].values["value"]  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "exports"), [(SIZES, 1), (DTYPES, 2)])
def test_it_is_exported_once_for_inputs_of_one_kind(
    name: str, exports: int, entries: Mapping[str, GoldenCase]
) -> None:
    fake = Fake()
    answered = of(fake).answer(entries[name].case)
    assert len(answered) == 5
    assert all(isinstance(each, Returned) for each in answered)
    assert fake.exports == exports


def test_a_layer_that_changes_is_exported_anew(entries: Mapping[str, GoldenCase]) -> None:
    case = entries[CALLED].case
    build, weights, call = case.steps
    (values,) = weights.options.values()
    zeros = Step("set_weights", options={"values": [_zeros(each) for each in values]})
    fake = Fake()
    found = of(fake).answer(replace(case, steps=(build, weights, call, zeros, call)))
    assert fake.exports == 2
    first, second = (found[n].values["value"] for n in (2, 4))  # type: ignore[union-attr]
    assert first.values().any()
    assert not second.values().any()


def _zeros(given: Input) -> Input:
    return replace(given, tensor=Tensor.of(np.zeros_like(given.tensor.values())))


@pytest.mark.parametrize(
    ("name", "answered", "why"),
    [
        (GRADIENT, 3, "the step gradient is outside of what it does"),
        (UNCALLED, 0, "what is never called shows nothing of an exported model"),
        (OUTSIDE, 0, "the family constraints is outside of what it does"),
        (OPTION, 0, "a call with foo is outside of what it does"),
        (DRAWN, 1, "what differs from call to call is not what an exported model has"),
    ],
)
def test_what_an_exported_model_does_not_have_is_unsupported(
    name: str, answered: int, why: str, entries: Mapping[str, GoldenCase]
) -> None:
    *before, ended = of(Fake()).answer(entries[name].case)
    assert len(before) == answered
    assert ended == Unsupported(why)


def test_a_layer_that_needs_to_know_the_batch_gets_a_model_of_a_fixed_one(
    entries: Mapping[str, GoldenCase],
) -> None:
    entry = entries[FIXED]
    assert of(Fake()).answer(entry.case) == list(entry.expected["keras3"])


def test_what_keras_rejects_is_rejected_before_anything_is_exported(
    entries: Mapping[str, GoldenCase],
) -> None:
    case = entries[CALLED].case
    given = Input(Tensor.of(np.zeros((2, 99), np.float32)))
    fake = Fake()
    ended = of(fake).answer(replace(case, inputs=(given,)))[-1]
    assert isinstance(ended, Raised)
    assert (ended.phase, ended.category, fake.exports) == ("call", "value", 0)


def test_a_list_and_a_scalar_are_no_inputs_of_a_runtime(
    entries: Mapping[str, GoldenCase],
) -> None:
    case = entries[CALLED].case
    (given,) = case.inputs
    as_list = replace(given, given=Given.LIST)
    assert last_of(case, as_list) == Unsupported("a runtime takes arrays alone")
    scalar = Input(Tensor.of(np.float32(1)))
    assert last_of(case, scalar) == Unsupported("an input of an exported model has a batch axis")


def last_of(case: Case, given: Input) -> Outcome:
    return of(Fake()).answer(replace(case, inputs=(given,)))[-1]


def test_an_export_that_fails_is_a_rejection_and_a_missing_kernel_is_unsupported(
    entries: Mapping[str, GoldenCase],
) -> None:
    refused = last(of(Fake("export")), entries[CALLED])
    assert isinstance(refused, Raised)
    assert (refused.phase, refused.category) == ("call", "value")
    assert refused.message == "the exporter refuses the model"
    lacking = last(of(Fake("kernel")), entries[CALLED])
    assert lacking == Unsupported("the runtime has no kernel of Conv for this dtype")


def test_a_runtime_that_writes_into_its_input_is_seen(entries: Mapping[str, GoldenCase]) -> None:
    ended = last(of(Fake("overwrites")), entries[CALLED])
    assert isinstance(ended, Returned)
    assert ended.values["input"] == "changed"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("", ""),
        ("value", "the other gives those of Keras: the fault of the runtime"),
    ],
)
def test_of_other_values_a_second_evaluator_says_whose_fault_they_are(
    bad: str, said: str, entries: Mapping[str, GoldenCase], capsys: pytest.CaptureFixture[str]
) -> None:
    of(Fake(bad)).answer(entries[CALLED].case)
    told = capsys.readouterr().err
    assert said in told
    assert bool(told) == bool(said)


def test_a_second_opinion_is_worded_by_what_is_known() -> None:
    fake = Fake()
    assert models.opinion(fake, False, "").endswith("so does the other: the fault of the exporter")
    assert models.opinion(fake, None, "not today").endswith("cannot be asked (not today)")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1.0, np.nan, -np.inf], [1.0 + 1e-6, np.nan, -np.inf], True),
        ([1.0, 0.0], [1.0, 1e-4], False),
        ([1.0, np.inf], [1.0, -np.inf], False),
        ([[1.0]], [1.0], False),
    ],
)
def test_rounding_is_no_other_value(one: Any, other: Any, same: bool) -> None:
    first, second = np.array(one, np.float32), np.array(other, np.float32)
    assert models.alike([first], [second]) is same
    assert not models.alike([first], [first, first])
    assert not models.alike([first], [first.astype(np.float64)])


def refuses(said: str) -> Callable[[], object]:
    def fails() -> object:
        raise ValueError(said)

    return fails


@pytest.mark.parametrize(
    ("checked", "evaluated", "missing", "elsewhere", "kind", "message"),
    [
        (
            *(refuses("no op functional_12_1/Erfc"), int, "Conv", True, ExportError),
            "the exporter wrote what the format does not allow: no op functional/Erfc",
        ),
        (int, int, "Conv", True, NoKernel, "the runtime has no kernel of Conv for this dtype"),
        (int, int, None, True, RuntimeFault, "the runtime refuses what the other can run: no"),
        (
            *(int, refuses("nor I"), None, True, ExportError),
            "neither the runtime nor the other can run what the exporter wrote: no (nor I)",
        ),
        (
            *(int, refuses("nor I"), None, False, RuntimeFault),
            "neither the runtime nor the other can run what the exporter wrote: no (nor I)",
        ),
    ],
)
def test_a_refusal_is_blamed_on_whoever_is_wrong(
    checked: Callable[[], object],
    evaluated: Callable[[], object],
    missing: str | None,
    elsewhere: bool,
    kind: type[Exception],
    message: str,
) -> None:
    fake = Fake()
    fake.elsewhere = elsewhere
    found = formats.blamed(fake, "no", checked, evaluated, missing)
    assert type(found) is kind
    assert str(found) == message


@pytest.mark.parametrize("name", exported.FORMATS)
def test_a_mode_or_device_that_it_does_not_have_is_said(name: str) -> None:
    with pytest.raises(UsageError, match=f"^--mode must be eager for {name}: .* received 'graph'"):
        resolve(name, mode=Mode.GRAPH)
    with pytest.raises(UsageError, match=f"^--device must be cpu for {name}, .* received 'gpu'"):
        resolve(name, device="gpu")


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("name", exported.FORMATS)
def test_without_a_network_it_ends_in_a_sentence(
    name: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance("run", "--subject", name, "--select", CALLED)
    assert ended.status == 2
    installing, why = ended.err.splitlines()
    assert installing.startswith(f"conformance: installing what {name} needs into ")
    assert why.startswith(
        f"conformance: what {name} needs cannot be installed: pip found no version"
    )


def test_what_it_needs_is_installed_once_used_and_removed(
    cache: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def pip(what: str, before: list[str], arguments: list[str]) -> None:
        calls.append(arguments)
        (Path(arguments[2]) / "onnx.py").write_text("raise ImportError('libonnx is too old')\n")

    monkeypatch.setattr(environments, "_pip", pip)
    monkeypatch.setattr("sys.path", list(sys.path))
    assert conformance("env", "add", "onnx").out == "onnx: 0 MB\n"
    (arguments,) = calls
    assert arguments[:2] == ["--no-deps", "--target"]
    assert [pin.partition("==")[0] for pin in arguments[3:]] == ["onnx", "onnxruntime", "tf2onnx"]
    # The broken package is found there, before whatever else is installed.
    with pytest.raises(UsageError, match=r"^--subject onnx cannot be imported: .*libonnx is too"):
        resolve("onnx", in_process=True)
    assert len(calls) == 1
    assert exported_packages(cache) == 1
    assert conformance("env", "remove", "onnx").out == "onnx: removed\n"
    assert conformance("env", "remove", "onnx").out == "onnx: was not there\n"
    assert exported_packages(cache) == 0


def exported_packages(cache: Path) -> int:
    return len(list(cache.glob("packages/*/[!.]*")))


@pytest.mark.parametrize("name", exported.FORMATS)
def test_a_repro_exports_and_runs(name: str, entries: Mapping[str, GoldenCase]) -> None:
    script = repro.script(entries[CALLED].case, name, "fake")
    compile(script, "repro", "exec")
    assert f'format="{name}"' in script
    assert script.startswith("# pip install --no-deps ")
    assert script.endswith("print(exported(c, x0))")
