"""Repros: a script for every case and subject, which runs on its own and prints the answer."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN

from conformance.judge.compare import compare
from conformance.model import Case, Returned
from conformance.report import repro
from conformance.vectors import store

SUBJECTS = {"keras2": ("tf_keras", "impl.keras2"), "keras3": ("keras", "impl.keras3")}


def test_every_repro_is_python(golden: Path) -> None:
    count = 0
    for file in store.load_all(golden):
        for entry in file.cases:
            # To write them in each dialect and for everybody takes minutes: in turn.
            dialects = tuple(entry.expected)
            dialect = dialects[count % len(dialects)]
            subjects = (*SUBJECTS[dialect], PLAIN)
            subject = subjects[count // len(dialects) % len(subjects)]
            compile(repro.script(entry.case, subject), entry.case.id, "exec")
            count += 1
    assert count > 10000


# As `Steps` writes them: what makes another target of it, and what is asked of a model around it.
REPLACING = {"new", "roundtrip", "from_config", "get", "deserialize", "copy", "lookup"}
OF_MODELS = {"compile", "save", "fit", "evaluate", "predict"}


def parts(case: Case) -> set[Any]:
    """What a repro of the case is made of.

    The lines of a step depend on the step, on whether there is a model, and on how the target came to be.
    """
    found: set[Any] = {case.custom}
    found |= {(str(g.given), g.tensor.dtype == "bfloat16", g.tensor.size == 0) for g in case.inputs}
    came, model = "", False
    for step in case.steps:
        options = step.options
        ways = [str(options.get(name)) for name in ("via", "format", "of", "overwrite")]
        found.add((step.do, *ways, "scope" in options, came, model, case.family))
        if step.do in REPLACING:
            came, model = f"{step.do} {options.get('via')}", False
        model = model or step.do in OF_MODELS
    return found


def trainings(case: Case) -> int:
    """What a repro takes its time for."""
    return sum(step.traces for step in case.steps)


RUNNER = textwrap.dedent(
    """
    import contextlib, io, json, os, sys, tempfile, traceback
    import keras, tf_keras

    def reset():  # what a script has set globally
        for held in (keras.config, tf_keras.backend):
            held.set_floatx("float32")
            held.set_epsilon(1e-7)
            held.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
        tf_keras.mixed_precision.set_global_policy("float32")

    os.chdir(tempfile.mkdtemp())  # where scripts save models
    answers = {}
    for name, script in json.load(sys.stdin).items():
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(script, name, "exec"), {"__name__": "repro"})
            answers[name] = said.getvalue()
        except Exception:
            answers[name] = "".join(traceback.format_exc().splitlines()[-1:])[:300] + " !"
        reset()
    json.dump(answers, sys.stdout)
    """
)


# Cases that both dialects answer, each in its way: with the answer of the other a repro has to fail.
DIFFERENT = (
    "initializers.VarianceScaling/roundtrip/from_config-scale=2,mode=fan_out,distribution=normal,seed=7",
    "initializers.get/text/GlorotNormal",
    "layers.DepthwiseConv1D/arguments/positional",
    "layers.Layer/build/without-super",
    "layers.Conv3DTranspose/symbolic/dilation-2-valid-symbolic",
    "layers.Conv3DTranspose/config/pair-1",
    "layers.SeparableConv1D/input_spec/built",
)


def asserting(golden: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Scripts that end with an assertion: those of the right subject, and those of the wrong one."""
    right: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for file in store.load_all(golden, DIFFERENT):
        for entry in (each for each in file.cases if each.case.id in DIFFERENT):
            for good, other in (("keras2", "keras3"), ("keras3", "keras2")):
                answer, wanted = entry.expected[other], entry.expected[good]
                aspects = [c.aspect for c in compare(answer, wanted, entry.case.tolerance)]
                failing = repro.first(entry.case, answer, wanted, aspects)
                for dialect, scripts in ((good, right), (other, wrong)):
                    script = repro.script(entry.case, SUBJECTS[dialect][0], failing=failing)
                    scripts[f"{dialect} as {good} {entry.case.id}"] = script
    return right, wrong


def test_repros_run_on_their_own_and_print_the_answer(
    golden: Path, environment: Callable[..., dict[str, str]]
) -> None:
    scripts: dict[str, str] = {}
    met: set[Any] = set()
    wave = "keras3 constraints.NonNeg/value/wave-5-float32"
    returned = [
        (dialect, entry.case)
        for file in store.load_all(golden)
        for entry in file.cases
        for dialect, outcomes in entry.expected.items()
        if all(isinstance(o, Returned) for o in outcomes)
    ]
    for dialect, case in sorted(returned, key=lambda asked: trainings(asked[1])):
        made_of, name = {(dialect, part) for part in parts(case)}, f"{dialect} {case.id}"
        if name == wave or not made_of <= met:
            met |= made_of
            scripts[name] = repro.script(case, SUBJECTS[dialect][0])
    assert len(scripts) > 300
    right, wrong = asserting(golden)
    scripts |= right | wrong
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(scripts),
        # Golden answers are without oneDNN, which refuses what official Keras answers here.
        env={**environment(), "TF_ENABLE_ONEDNN_OPTS": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = json.loads(done.stdout)
    assert answers.keys() == scripts.keys()
    failed = {
        name: answer
        for name, answer in answers.items()
        if (not answer.strip() and name not in right) or answer.endswith(" !")
    }
    assert failed.keys() == wrong.keys()
    # The line that fails compares, or reads an entry that is not there.
    ends = [failed[name].removesuffix(" !").partition(":")[0] for name in wrong]
    assert set(ends) <= {"AssertionError", "KeyError"}
    assert "AssertionError" in ends
    assert "[0.   0.5  0.   1.25 0.25]" in answers[wave]


@pytest.mark.parametrize("backend", ["jax", "numpy", "openvino", "torch"])
def test_a_repro_says_what_it_needs_and_is_python(backend: str, golden: Path) -> None:
    cases = {
        (file.target, *(step.do for step in entry.case.steps)): entry.case
        for file in store.load_all(golden)
        for entry in file.cases
        if "keras3" in entry.expected
    }
    subject = f"keras==3.10.0@{backend}"
    asked = {key: repro.script(case, subject, backend) for key, case in cases.items()}
    first = next(iter(asked.values())).splitlines()
    assert first[0].startswith("# pip install keras==3.10.0 ")
    assert f'os.environ["KERAS_BACKEND"] = "{backend}"' in first
    assert first.index("import keras as K") > first.index("import os")
    for script in asked.values():
        compile(script, "repro", "exec")
        assert "tf." not in script.replace(
            "tf.data.", ""
        )  # a dataset is TensorFlow's, whoever trains on it
    gradients = [text for steps, text in asked.items() if "gradient" in steps]
    asks = {"torch": "torch.autograd.grad(", "jax": "jax.grad("}.get(backend, "has no gradients")
    assert gradients
    assert all(asks in text for text in gradients)


def test_a_repro_of_a_version_says_how_to_get_it(golden: Path) -> None:
    cases = {e.case.id: e.case for f in store.load_all(golden) for e in f.cases}
    lines = repro.script(
        cases["constraints.NonNeg/value/wave-3x4-float32"], "tf_keras==2.16.0"
    ).splitlines()
    assert lines[0].startswith("# pip install --no-deps tf_keras==2.16.0  # over tensorflow==")
    assert "import tf_keras as K" in lines
    assert "import tensorflow as tf" in lines
