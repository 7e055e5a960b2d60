"""A case as a script of a few lines that runs without this suite."""

from __future__ import annotations

import shlex

from conformance.model import Case, Json, codec
from conformance.report.repro import definitions, exporting
from conformance.report.repro.asserting import told
from conformance.report.repro.failing import Failing
from conformance.report.repro.steps import Steps
from conformance.subjects import exported, tfjs, versions

_IMPORTS = {
    "keras": "import keras as K",
    "tf_keras": "import tf_keras as K",
    "impl.keras2": "import impl.keras2 as K",
    "impl.keras3": "import impl.keras3 as K",
}
_LIBRARY = {
    "tensorflow": "import numpy as np\nimport tensorflow as tf",
    "numpy": "import numpy as np",
    "keras": "import numpy as np",
}


def script(
    case: Case, subject: str, tensors: str = "tensorflow", failing: Failing | None = None
) -> str:
    """Python source that asks the subject the case and prints every answer.

    `tensors`: what the subject computes on, `tensorflow` or `numpy`. For Keras on a backend other than
    TensorFlow the name of the subject decides. `failing`: where the source ends, with a line that fails.
    """
    if subject.startswith("command:"):
        return _request(case, subject.removeprefix("command:"), failing)
    if subject in tfjs.BACKENDS:
        return _request(case, shlex.join(tfjs.command(subject)), failing)
    if subject in exported.FORMATS:
        return _exported(case, subject, failing)
    backend = None
    if versions.is_version(subject):
        head, backend = _installed(subject)
    else:
        module = subject.removeprefix("module:").split(":")[0]
        head = [_IMPORTS.get(subject, f"import {module} as K")]
    tensors = tensors if backend is None else "keras"
    lines = [*head[:-1], _LIBRARY[tensors], head[-1], ""]
    official = head[-1] == _IMPORTS["keras"]
    body = Steps(
        tensors, backend, keras2=head[-1].endswith(("tf_keras as K", "keras2 as K"))
    ).lines(case, failing)
    text = "\n".join(body)
    if "ml_dtypes." in text:
        lines.insert(0, "import ml_dtypes")
    return "\n".join([*lines, *definitions.used(text, tensors, official), *body])


def _exported(case: Case, name: str, failing: Failing | None = None) -> str:
    """A script that exports what the case calls, and runs it."""
    head = [*exporting.head(name), _LIBRARY["tensorflow"], _IMPORTS["keras"], ""]
    body = exporting.calls(Steps("tensorflow").lines(case, failing))
    used = definitions.used("\n".join(body), "tensorflow", True)
    text = "\n".join([*head, *exporting.definition(name), "", *used, *body])
    return f"import ml_dtypes\n{text}" if "ml_dtypes." in text else text


def _request(case: Case, command: str, failing: Failing | None = None) -> str:
    """Two lines for a shell, which ask a program of the worker protocol the case."""
    asked: dict[str, Json] = {"target": case.target, **codec.case_to_json(case)}
    text = f"echo {shlex.quote(codec.text({'id': 1, 'case': asked}))} |\n  {command}"
    if failing is None:
        return text
    what = f"{failing.name} of step" if failing.name else "step"
    return f"{text}\n# {what} {failing.step} must be: {told(failing.wanted)}"


def _installed(subject: str) -> tuple[list[str], str | None]:
    """The lines that import a version of Keras, and its backend where it is not TensorFlow."""
    named = versions.named(subject)
    needed = versions.requirements(subject)
    if named.backend in (None, "tensorflow"):
        over = f"  # over {needed[1]}" if len(needed) > 1 else ""
        lines, backend = [f"# pip install --no-deps {needed[0]}{over}"], None
    else:
        lines, backend = [f"# pip install {' '.join(needed)}"], named.backend
    if named.package == "keras":
        chosen = named.backend or "tensorflow"
        lines += ["import os", f'os.environ["KERAS_BACKEND"] = "{chosen}"']
    return [*lines, _IMPORTS[named.package]], backend
