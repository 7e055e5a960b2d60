"""A case as a script of a few lines that runs as it stands, without this suite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance import codec
from conformance.model import Case, Given, Input, Reference, Step, Tensor

_IMPORTS = {
    "keras": "import keras as K",
    "tf_keras": "import tf_keras as K",
    "impl.keras2": "import impl.keras2 as K",
    "impl.keras3": "import impl.keras3 as K",
}
_CUSTOMS = {
    "CenterAround": """class CenterAround(K.constraints.Constraint):
    def __init__(self, ref_value):
        self.ref_value = ref_value
    def __call__(self, w):
        return w - MEAN(w) + self.ref_value
    def get_config(self):
        return {"ref_value": self.ref_value}""",
    "NonNegative": """class NonNegative(K.constraints.Constraint):
    def __call__(self, w):
        return w * STEP""",
    "Forgetful": """class Forgetful(K.constraints.Constraint):
    def __init__(self, factor=2.0):
        self.factor = factor
    def __call__(self, w):
        return w * self.factor""",
    "L2Regularizer": """class L2Regularizer(K.regularizers.Regularizer):
    def __init__(self, l2=0.0):
        self.l2 = l2
    def __call__(self, x):
        return self.l2 * SUM(x * x)
    def get_config(self):
        return {"l2": float(self.l2)}""",
    "MyRegularizer": """class MyRegularizer(K.regularizers.Regularizer):
    def __init__(self, strength):
        self.strength = strength
    def __call__(self, x):
        return self.strength * SUM(x * x)
    def get_config(self):
        return {"strength": self.strength}""",
    "Unsaved": """class Unsaved(K.regularizers.Regularizer):
    def __init__(self, strength=2.0):
        self.strength = strength
    def __call__(self, x):
        return self.strength * SUM(abs(x))""",
    "double": """def double(w):
    return w + w""",
    "l1_reg": """def l1_reg(weight_matrix):
    return 0.01 * SUM(abs(weight_matrix))""",
    "my_regularizer": """def my_regularizer(x):
    return 1e-3 * SUM(x * x)""",
}
_MEAN = {"tensorflow": "tf.reduce_mean", "numpy": "np.mean"}
_SUM = {"tensorflow": "tf.reduce_sum", "numpy": "np.sum"}
_STEP = {"tensorflow": "tf.cast(w >= 0, w.dtype)", "numpy": "(w >= 0).astype(w.dtype)"}
_LIBRARY = {
    "tensorflow": "import numpy as np\nimport tensorflow as tf",
    "numpy": "import numpy as np",
}


def script(case: Case, subject: str, tensors: str = "tensorflow") -> str:
    """Python source which puts the case to the subject and prints every answer.

    `tensors`: `tensorflow` or `numpy`, what the subject computes on.
    """
    module = subject.removeprefix("module:").split(":")[0]
    lines = [_LIBRARY[tensors], _IMPORTS.get(subject, f"import {module} as K"), ""]
    body = _Writer(tensors).body(case)
    text = "\n".join(body)
    if "ml_dtypes." in text:
        lines.insert(0, "import ml_dtypes")
    for name, source in _CUSTOMS.items():
        if name in text:
            for word, spelt in (("MEAN", _MEAN), ("STEP", _STEP), ("SUM", _SUM)):
                source = source.replace(word, spelt[tensors])
            lines.append(source)
    return "\n".join(lines + body)


def _nested(tensor: Tensor) -> Any:
    """The elements as nested lists of the shortest numbers that give the same bits."""
    if tensor.dtype.startswith("complex"):
        return tensor.values().tolist()
    kind = {"b": bool, "f": float}.get(tensor.values().dtype.kind, int)
    numbers = np.empty(tensor.size, dtype=object)
    data: Any = codec.tensor_to_json(tensor)["data"]
    numbers[:] = [kind(v) for v in data]
    return numbers.reshape(tensor.shape).tolist()


class _Writer:
    """Writes values as Python source for one tensor library."""

    def __init__(self, tensors: str) -> None:
        self._numpy = tensors == "numpy"

    def body(self, case: Case) -> list[str]:
        """The lines that build the target and take every step."""
        target = case.custom or f"K.{case.target}"
        lines = []
        if case.target.rpartition(".")[2][:1].isupper() or case.arguments:
            lines.append(f"c = {target}({self._arguments(case.arguments)})")
        lines += [f"x{n} = {self._source(given)}" for n, given in enumerate(case.inputs)]
        return lines + [line for step in case.steps for line in self._step(step, case)]

    def _step(self, step: Step, case: Case) -> list[str]:
        module = f"K.{case.family}"
        options = {k: self._source(v) for k, v in step.options.items()}
        saving = "K.saving.custom_object_scope"
        scope = (
            f"with {saving}({self._known(step.options['scope'])}):\n    "
            if "scope" in options
            else ""
        )
        match step.do:
            case "call":
                return [f"print(c(x{step.input}))"]
            case "config":
                return ["print(c.get_config())"]
            case "set":
                return [f"c.{name} = {value}" for name, value in options.items()]
            case "from_config":
                return [f"c = type(c).from_config({options['config']})"]
            case "roundtrip" if step.options.get("via") == "from_config":
                return ["c = type(c).from_config(c.get_config())"]
            case "roundtrip":
                legacy = ", use_legacy_format=True" if step.options.get("via") == "legacy" else ""
                known = f"{{{case.custom!r}: {case.custom}}}" if case.custom else "None"
                serialized = f"{module}.serialize(c{legacy})"
                return [f"c = {module}.deserialize({serialized}, custom_objects={known}{legacy})"]
            case "get":
                return [f"{scope}c = {module}.get({options['identifier']})", "print(c)"]
            case "deserialize":
                objects = step.options.get("custom_objects")
                known = f", custom_objects={self._known(objects)}" if objects else ""
                return [f"{scope}c = {module}.deserialize({options['config']}{known})", "print(c)"]
            case "serialize":
                return [f"print({module}.serialize({options['object']}))"]
            case "lookup":
                return [f"print({module}.{step.options['name']})"]
        raise ValueError(f"a repro must know the step; received {step.do!r}")

    def _known(self, names: Any) -> str:
        return "{" + ", ".join(f"{name!r}: {name}" for name in names) + "}"

    def _arguments(self, arguments: Mapping[str, Any]) -> str:
        given = [self._source(v) for v in arguments.get("*", ())]
        given += [f"{name}={self._source(v)}" for name, v in arguments.items() if name != "*"]
        return ", ".join(given)

    def _source(self, value: Any) -> str:
        if isinstance(value, Input):
            return self._input(value)
        if isinstance(value, Reference):
            match value.kind:
                case "class":
                    return f"K.{value.name}"
                case "instance":
                    return f"K.{value.name}({self._arguments(value.arguments)})"
                case "custom":
                    return f"{value.name}({self._arguments(value.arguments)})"
            return value.name
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, list):
            return f"[{', '.join(self._source(v) for v in value)}]"
        if isinstance(value, tuple):
            return f"({', '.join(self._source(v) for v in value)}{',' if len(value) == 1 else ''})"
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{k!r}: {self._source(v)}" for k, v in value.items()) + "}"
        return repr(value)

    def _input(self, given: Input) -> str:
        tensor = given.tensor
        numbers = self._source(_nested(tensor))
        if tensor.size == 0:
            numbers = f"np.zeros({tensor.shape})"
        if given.given is Given.LIST:
            return numbers
        if given.given in (Given.ARRAY, Given.SCALAR) or self._numpy:
            return self._array(tensor.dtype, numbers) + (
                "[()]" if given.given is Given.SCALAR else ""
            )
        made = f"tf.constant({numbers}, tf.{tensor.dtype})"
        if tensor.size == 0:
            made = f"tf.zeros({list(tensor.shape)}, tf.{tensor.dtype})"
        return f"tf.Variable({made})" if given.given is Given.VARIABLE else made

    def _array(self, dtype: str, numbers: str) -> str:
        if self._numpy:
            name = "ml_dtypes.bfloat16" if dtype == "bfloat16" else repr(dtype)
        else:
            name = f"tf.{dtype}.as_numpy_dtype"
        return f"np.array({numbers}, {name})"
