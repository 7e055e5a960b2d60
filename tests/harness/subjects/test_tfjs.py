"""TensorFlow.js as a subject: the adapter is in order, and what differs is reported by itself.

The Node modules are installed into the cache by the first test that needs them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.model import Returned, Verdict
from conformance.runner import doctor
from conformance.runner.doctor import State
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects import process, resolve, tfjs
from conformance.vectors import store

HERE = Path(tfjs.__file__).parent

# How cases end: `bitwise`, `within`, `unsupported`, or the aspects that fail.
EXPECTED: Mapping[str, str] = {
    "constraints.Constraint/documented/CenterAround-0.0": "bitwise",
    "constraints.MaxNorm/arguments/max_value=-1.0,axis=0": "accepted",
    "constraints.MaxNorm/arguments/max_value=0,axis=0": "bitwise",
    "constraints.MaxNorm/arguments/max_value=0.5,axis=None": "config value",
    "constraints.MinMaxNorm/roundtrip/legacy-defaults": "bitwise",
    "constraints.MinMaxNorm/roundtrip/serialize-defaults": "serialized",
    "constraints.NonNeg/value/empty-float32": "bitwise",
    "constraints.NonNeg/value/wave-5-float16": "unsupported",
    "constraints.NonNeg/value/wave-5-float32": "zero-sign",
    "constraints.UnitNorm/arguments/axis=0": "bitwise",
    "constraints.UnitNorm/dtype/float32-3x3-axis=1": "within",
    "constraints.deserialize/config/MaxNorm": "bitwise",
    "constraints.get/text/max_norm": "bitwise",
    "constraints.get/text/Constraint": "accepted",
    "constraints.serialize/object/none": "bitwise",
    "initializers.Constant/rank/scalar": "bitwise",
    "initializers.Constant/config/defaults": "accepted",
    "initializers.GlorotNormal/sample/defaults-256x640-float32": "distribution",
    "initializers.GlorotUniform/sample/defaults-256x640-float32": "within",
    "initializers.HeNormal/sample/defaults-256x640-float32": "distribution",
    "initializers.Identity/rank/3x4": "accepted",
    "initializers.Initializer/custom/Ramp-start=-1.0,step=0.25-(3,4)-float32": "bitwise",
    "initializers.LecunNormal/sample/defaults-256x640-float32": "distribution",
    "initializers.Ones/rank/scalar": "bitwise",
    "initializers.Orthogonal/rank/3x4": "within",
    "initializers.RandomNormal/repeats/int-config": "bitwise",
    "initializers.RandomNormal/rank/scalar": "within",
    "initializers.RandomUniform/documented/2x2": "contract",
    "initializers.TruncatedNormal/rank/scalar": "within",
    "initializers.VarianceScaling/rank/scalar": "within",
    "initializers.Zeros/rank/scalar": "bitwise",
    "initializers.get/text/zeros": "bitwise",
    "initializers.get/text/lecun_uniform": "resolved",
    "layers.Conv1D/arguments/activation=linear": "within",
    "layers.Conv1DTranspose/arguments/activation=linear": "unsupported",
    "layers.Conv2D/arguments/activation=linear": "within",
    "layers.Conv2D/arguments/padding=SAME": "accepted",
    "layers.Conv2DTranspose/dilation/dilation_rate=2,padding=same": "value",
    "layers.Conv2DTranspose/pairs/k2,s1,valid,biasTrue,relu,f1": "bitwise",
    "layers.Conv3D/arguments/activation=linear": "within",
    "layers.Conv3DTranspose/same/length=2,kernel=2,stride=2": "value",
    "layers.Dense/set_weights/both": "bitwise",
    "layers.Dense/units/1": "within",
    "layers.DepthwiseConv2D/arguments/activation=linear": "within",
    "layers.DepthwiseConv2D/dilation/dilation_rate=2,padding=same": "value",
    "layers.DepthwiseConv2D/dilation/dilation_rate=2,padding=valid": "shape",
    "layers.Layer/call/base": "bitwise",
    "layers.Layer/documented/SimpleDense": "bitwise",
    "layers.Layer/weights/trainable-first": "bitwise",
    "layers.SeparableConv2D/arguments/activation=linear": "within",
    "layers.SeparableConv2D/initializers/pointwise=ones": "weights",
    "layers.deserialize/config/no-config": "bitwise",
    "layers.serialize/layer/Dense": "serialized",
    "models.Sequential/config/empty": "bitwise",
    "models.Sequential/losses/before-build": "accepted",
    "regularizers.L1/arguments/legacy-l=0.5": "config value",
    "regularizers.L1L2/arguments/l1=0.0,l2=0.0-float32": "bitwise",
    "regularizers.L2/edge/one-float32": "bitwise",
    "regularizers.OrthogonalRegularizer/arguments/factor=0.01,mode=rows": "unsupported",
    "regularizers.Regularizer/documented/MyRegularizer-from_config": "bitwise",
    "regularizers.deserialize/config/L1L2": "bitwise",
    "regularizers.get/text/l2": "accepted",
}


def endings(report: Path) -> dict[str, str]:
    """How each case of a report ended."""
    aspects: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in json.loads(report.read_text())["results"]:
        aspects[result["id"]].append(result)
    return {name: ending(results) for name, results in aspects.items()}


def ending(results: list[dict[str, Any]]) -> str:
    bad = ("fail", "missing", "known_failure", "unexpected_pass")
    wrong = sorted(each["aspect"] for each in results if each["verdict"] in bad)
    if wrong:
        return " ".join(wrong)
    if any(each["verdict"] == "unsupported" for each in results):
        return "unsupported"
    return "within" if any(each["grade"] == "within" for each in results) else "bitwise"


@pytest.mark.xdist_group("tfjs")
def test_cases_of_every_family_end_as_tensorflow_js_is_known_to(
    conformance: Callable[..., Any],
    golden_of: Callable[[tuple[str, ...]], Path],
    tmp_path: Path,
) -> None:
    report = tmp_path / "report.json"
    selected = golden_of(tuple(EXPECTED))
    ended = conformance("run", "--subject", "tfjs", "--golden", selected, "--json", report)
    assert ended.status == 1
    assert "layers.DepthwiseConv2D" in ended.out
    assert {name: how for name, how in endings(report).items() if name in EXPECTED} == EXPECTED
    # What differs does so as tfjs.toml says: nothing fails in another way, nothing has begun to pass.
    verdicts = {each["verdict"] for each in json.loads(report.read_text())["results"]}
    assert verdicts <= {"pass", "known_failure", "blocked", "unsupported"}


@pytest.mark.xdist_group("tfjs")
def test_the_first_case_is_warned_of_nothing_more_than_others(golden: Path) -> None:
    """TensorFlow.js advises another backend, once, which is no warning of a case."""
    select = ("initializers.RandomUniform/repeats/int-instance",)
    results = run(Plan(("tfjs",), golden, select=select)).results
    assert {(r.aspect, r.verdict) for r in results} == {
        (aspect, Verdict.PASS) for aspect in ("accepted", "repeats", "warned")
    }


def test_the_doctor_finds_the_adapter_in_order(
    golden_of: Callable[[tuple[str, ...]], Path],
) -> None:
    files = store.load_all(golden_of(("constraints.UnitNorm/arguments/*",)))
    checks = list(doctor.examine("tfjs", files))
    states = {check.name: check.state for check in checks}
    assert State.BROKEN not in states.values(), checks
    assert states["echo"] is states["answers"] is states["end of input"] is State.OK


@pytest.mark.xdist_group("tfjs")
@pytest.mark.parametrize(("name", "backend"), tfjs.BACKENDS.items())
def test_hello_says_what_was_run(name: str, backend: str) -> None:
    (subject,) = resolve(name)
    assert isinstance(subject, process.ProcessSubject)
    try:
        facts = subject.provenance()
        wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
        assert facts["version"] == wanted["@tensorflow/tfjs-layers"]
        assert (subject.dialect, subject.draws, facts["backend"]) == ("keras2", "tfjs", backend)
        # WebAssembly has no kernel that makes a complex number.
        made = {"complex64"} if backend == "cpu" else set()
        assert set(subject.hello.dtypes or ()) == {"float32", "int32", "bool"} | made
    finally:
        subject.close(kill=True)


@pytest.mark.xdist_group("tfjs")
def test_on_webassembly_a_broken_heap_breaks_no_later_case() -> None:
    names = ("layers.Conv2D/symbolic/kernel-longer-valid-eager", "layers.Dense/activation/elu")
    files, _ = store.load_named(store.default_directory(), names)
    cases = {entry.case.id: entry.case for file in files for entry in file.cases}
    breaking, later = (cases[name] for name in names)
    (subject,) = resolve("tfjs@wasm")
    assert isinstance(subject, process.ProcessSubject)
    try:
        for _ in range(3):
            assert not isinstance(subject.answer(breaking)[-1], Returned)
            assert all(isinstance(each, Returned) for each in subject.answer(later))
    finally:
        subject.close(kill=True)


def test_the_lock_file_pins_everything_and_names_no_host() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not any("resolved" in each for each in packages.values())


@pytest.fixture
def no_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with nothing but what a test puts there."""
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("node", "npm", "said"),
    [
        (None, None, "there is no program node"),
        ("echo v18.20.4", None, "is v18.20.4"),
        ("echo what", None, "does not tell its version"),
        ("exit 3", None, "does not tell its version"),
        ("echo v20.0.0", None, "there is no program npm"),
        (
            "echo v20.0.0",
            "echo 'npm error code E404' >&2; echo 'npm error no such thing' >&2; exit 7",
            "npm ci ended with status 7: code E404; no such thing",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(
    node: str | None, npm: str | None, said: str, no_install: Path, conformance: Callable[..., Any]
) -> None:
    for name, script in (("node", node), ("npm", npm)):
        if script is not None:
            program(no_install / "bin" / name, script)
    ended = conformance("run", "--subject", "tfjs", "--select", "constraints.NonNeg")
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    # A failed installation leaves nothing behind that would pass for one.
    assert list((no_install / "cache").glob("node/tfjs-*")) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--device", "GPU:0"), "'GPU:0'"), (("--mode", "graph"), "'graph'")],
)
@pytest.mark.xdist_group("tfjs")
def test_options_that_it_cannot_have(
    options: tuple[str, str], said: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance("run", "--subject", "tfjs", *options, "--select", "constraints.NonNeg")
    assert (ended.status, said in ended.sentence()) == (2, True)


def names_across(script: str) -> Any:
    """What an expression over `names` gives, in Node.js."""
    node = shutil.which("node")
    assert node is not None
    source = f"import * as names from {json.dumps((HERE / 'names.mjs').as_uri())};"
    code = f"{source} console.log(JSON.stringify({script}))"
    ended = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout)


def test_names_are_translated_and_nothing_else() -> None:
    given = {
        "kernel_size": 3,
        "data_format": "channels_first",
        "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 1}},
        "bias_initializer": "lecun_normal",
        "kernel_regularizer": "l1_l2",
        "activation": "hard_sigmoid",
        "name": "max_norm",
        "foo": "channels_first",
    }
    assert names_across(f"names.options({json.dumps(given)})") == {
        "kernelSize": 3,
        "dataFormat": "channelsFirst",
        "kernelConstraint": {"className": "MaxNorm", "config": {"maxValue": 1}},
        "biasInitializer": "leCunNormal",
        "kernelRegularizer": "l1l2",
        "activation": "hardSigmoid",
        "name": "max_norm",
        "foo": "channels_first",
    }
    described = {"className": "LeCunNormal", "config": {"useBias": True, "mode": "fanIn"}}
    assert names_across(f"names.back({json.dumps(described)})") == {
        "class_name": "LecunNormal",
        "config": {"use_bias": True, "mode": "fan_in"},
    }
