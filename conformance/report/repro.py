"""A case as a script of a few lines that runs as it stands, without this suite."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.model import Case, Given, Input, Json, Reference, Step, Tensor, codec
from conformance.subjects import versions

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
    "ExampleRandomNormal": """class ExampleRandomNormal(K.initializers.Initializer):
    def __init__(self, mean, stddev):
        self.mean, self.stddev = mean, stddev
    def __call__(self, shape, dtype=None):
        return MAKE(np.random.default_rng().normal(self.mean, self.stddev, shape), dtype or "float32")
    def get_config(self):
        return {"mean": self.mean, "stddev": self.stddev}""",
    "Ramp": """class Ramp(K.initializers.Initializer):
    def __init__(self, start, step):
        self.start, self.step = start, step
    def __call__(self, shape, dtype=None):
        return MAKE(self.start + self.step * np.arange(np.prod(shape)).reshape(shape), dtype or "float32")
    def get_config(self):
        return {"start": self.start, "step": self.step}""",
    "Countdown": """class Countdown(K.initializers.Initializer):
    def __init__(self, start=10.0):
        self.start = start
    def __call__(self, shape, dtype=None):
        return MAKE(self.start - np.arange(np.prod(shape)).reshape(shape), dtype or "float32")""",
    "SimpleDense": """class SimpleDense(K.layers.Layer):
    def __init__(self, units=32):
        super().__init__()
        self.units = units
    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
    def call(self, inputs):
        return inputs @ self.kernel + self.bias""",
    "ComputeSum": """class ComputeSum(K.layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="total")
    def call(self, inputs):
        self.total.assign(self.total + SUM(inputs))
        return self.total""",
    "MyLayer": """class MyLayer(K.layers.Layer):
    def call(self, x):
        self.add_loss(SUM(x))
        return x""",
    "Linear": """class Linear(K.layers.Layer):
    def __init__(self, units, kernel_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.penalty = units, kernel_regularizer
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones",
                                      regularizer=self.penalty, name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        super().build(input_shape)
    def call(self, inputs):
        return inputs @ self.kernel + self.bias
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)
    def get_config(self):
        return {**super().get_config(), "units": self.units, "kernel_regularizer": self.penalty}""",
    "Block": """class Block(K.layers.Layer):
    def __init__(self, units, kernel_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.parts = [Linear(2, kernel_regularizer, name="first"),
                      Linear(units, kernel_regularizer, name="second")]
        self.count = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="count")
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
    def call(self, inputs):
        for part in self.parts:
            inputs = part(inputs)
        return inputs * self.scale""",
    "Around": """class Around(K.layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner
    def call(self, inputs):
        return self.inner(inputs)""",
    "Switch": """class Switch(K.layers.Layer):
    def call(self, inputs, training=None, mask=None):
        outputs = inputs * 2 if training else inputs
        return outputs if mask is None else outputs * 3""",
    "Mixed": """class Mixed(K.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a = self.add_weight(shape=(1,), initializer="ones", trainable=False, name="a")
        self.b = self.add_weight(shape=(2,), initializer="ones", name="b")
    def build(self, input_shape):
        self.c = self.add_weight(shape=(3,), initializer="ones", name="c")
        self.d = self.add_weight(shape=(4,), initializer="ones", trainable=False, name="d")
    def call(self, inputs):
        return inputs * self.a""",
    "Weighted": """class Weighted(K.layers.Layer):
    def __init__(self, weight, **kwargs):
        super().__init__(**kwargs)
        weight = dict(weight)
        self.w = self.add_weight(*weight.pop("*", ()), **weight)
    def call(self, inputs):
        return inputs * self.w""",
    "Alone": """class Alone(Weighted):
    @property
    def aggregation(self):
        way = self.w.aggregation
        return str(getattr(way, "name", way)).lower()
    def call(self, inputs):
        return self.w + self.w""",
    "Reach": """class Reach(Weighted):
    def __init__(self, weight, limit, **kwargs):
        super().__init__(weight, **kwargs)
        self.reached = 0.98 * limit < abs(self.get_weights()[0]).max() <= limit
    def call(self, inputs):
        return inputs * float(self.reached)""",
    "Both": """class Both(K.layers.Layer):
    def call(self, inputs, other):
        return inputs + other, inputs - other""",
    "Times": """class Times(K.layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
    def call(self, inputs):
        return inputs * self.factor""",
}
# The user-defined class that another one is made of.
_NEEDS = {"Block": "Linear", "Alone": "Weighted", "Reach": "Weighted"}
_FUNCTIONS = {
    "double": "def double(w):\n    return w + w",
    "count_up": """def count_up(shape, dtype=None):
    return np.arange(np.prod(shape)).reshape(shape).astype(getattr(dtype, "name", dtype) or "float32")""",
    "my_init": """def my_init(shape, dtype=None):
    return np.random.default_rng().normal(size=shape).astype(getattr(dtype, "name", dtype) or "float32")""",
    "l1_reg": "def l1_reg(weight_matrix):\n    return 0.01 * SUM(abs(weight_matrix))",
    "my_regularizer": "def my_regularizer(x):\n    return 1e-3 * SUM(x * x)",
}
# What computes: `keras` is whatever backend Keras runs on, by its own operations.
_MEAN = {"tensorflow": "tf.reduce_mean", "numpy": "np.mean", "keras": "K.ops.mean"}
_MAKE = {"tensorflow": "tf.cast", "numpy": "np.asarray", "keras": "K.ops.convert_to_tensor"}
_SUM = {"tensorflow": "tf.reduce_sum", "numpy": "np.sum", "keras": "K.ops.sum"}
_STEP = {
    "tensorflow": "tf.cast(w >= 0, w.dtype)",
    "numpy": "(w >= 0).astype(w.dtype)",
    "keras": "K.ops.cast(w >= 0, w.dtype)",
}
_LIBRARY = {
    "tensorflow": "import numpy as np\nimport tensorflow as tf",
    "numpy": "import numpy as np",
    "keras": "import numpy as np",
}
_GRADIENTS = {
    "torch": [
        "import torch",
        "INPUT.requires_grad_()",
        "y = CALL",
        "cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
        "total = (y * torch.tensor(cotangent.reshape(y.shape), dtype=y.dtype)).sum()",
        "held = [w.value for w in c.trainable_weights]",
        "print(torch.autograd.grad(total, [INPUT, *held], allow_unused=True))",
    ],
    "jax": [
        "import jax",
        "CALL",
        "weights = list(c.trainable_weights)",
        "def total(INPUT, held):",
        "    with K.StatelessScope(state_mapping=list(zip(weights, held))):",
        "        y = CALL",
        "    cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
        "    return (y * cotangent.reshape(y.shape).astype(y.dtype)).sum()",
        "print(jax.grad(total, argnums=(0, 1))(INPUT, [w.value for w in weights]))",
    ],
}


def _spelt(source: str, tensors: str) -> str:
    """A definition with the words that stand for functions of the tensor library."""
    for word, spelt in (("MEAN", _MEAN), ("STEP", _STEP), ("SUM", _SUM), ("MAKE", _MAKE)):
        source = source.replace(word, spelt[tensors])
    return source


def _request(case: Case, command: str) -> str:
    """Two lines for a shell, which put the case to a program of the worker protocol."""
    asked: dict[str, Json] = {"target": case.target, **codec.case_to_json(case)}
    return f"echo {shlex.quote(codec.text({'id': 1, 'case': asked}))} |\n  {command}"


def script(case: Case, subject: str, tensors: str = "tensorflow") -> str:
    """Python source which puts the case to the subject and prints every answer.

    `tensors`: `tensorflow` or `numpy`, what the subject computes on; Keras on another backend than
    TensorFlow is told by its name.
    """
    if subject.startswith("command:"):
        return _request(case, subject.removeprefix("command:"))
    backend = None
    if versions.is_version(subject):
        head, backend = _installed(subject)
    else:
        module = subject.removeprefix("module:").split(":")[0]
        head = [_IMPORTS.get(subject, f"import {module} as K")]
    tensors = tensors if backend is None else "keras"
    lines = [*head[:-1], _LIBRARY[tensors], head[-1], ""]
    body = _Writer(tensors, backend).body(case)
    text = "\n".join(body)
    if "ml_dtypes." in text:
        lines.insert(0, "import ml_dtypes")
    named = {name for name in _CUSTOMS if re.search(rf"\b{name}\(|'{name}'", text)}
    named |= {needed for name, needed in _NEEDS.items() if name in named}
    for name, source in _CUSTOMS.items():
        if name in named:
            lines.append(_spelt(source, tensors))
    # In quotes it is the name of a dtype, or of a function that is not there.
    lines += [
        _spelt(source, tensors)
        for name, source in _FUNCTIONS.items()
        if re.search(rf"(?<!['\w]){name}(?!['\w])", text)
    ]
    return "\n".join(lines + body)


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

    def __init__(self, tensors: str, backend: str | None = None) -> None:
        self._numpy = tensors != "tensorflow"
        self._backend = backend

    def body(self, case: Case) -> list[str]:
        """The lines that build the target and take every step."""
        target = self._target(case)
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
                return [f"print(c({self._call(step, options)}))"]
            case "build":
                return [
                    f"c.build({options['shape']})",
                    "print([(w.name, w.shape) for w in c.weights])",
                ]
            case "weights":
                return [
                    "trained = {id(w) for w in c.trainable_weights}",
                    "print([(w.name, w.shape, w.dtype, id(w) in trained) for w in c.weights])",
                ]
            case "get_weights":
                return ["print(c.get_weights())"]
            case "set_weights":
                return [f"c.set_weights({options['values']})"]
            case "losses":
                return ["print(c.losses)"]
            case "output_shape":
                return [f"print(c.compute_output_shape({options['shape']}))"]
            case "attributes":
                return [f"print([getattr(c, name) for name in {options['names']}])"]
            case "gradient":
                return self._gradient(step, options)
            case "fit":
                return self._fit(step, case, options)
            case "initialize":
                return [f"print(c({self._drawn(options)}))"]
            case "repeats":
                return self._repeats(step, case, self._drawn(options))
            case "sample":
                return self._sample(step, case, self._drawn(options))
            case "config":
                return ["print(c.get_config())"]
            case "set":
                return [f"c.{name} = {value}" for name, value in options.items()]
            case "from_config":
                return [f"c = type(c).from_config({options['config']})", "print(c.get_config())"]
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

    def _call(self, step: Step, options: Mapping[str, str]) -> str:
        """The arguments of a call of a layer."""
        return ", ".join([f"x{step.input}", *(f"{name}={v}" for name, v in options.items())])

    def _gradient(self, step: Step, options: Mapping[str, str]) -> list[str]:
        """The gradient of the sum of output times cotangent."""
        if self._backend is not None:
            lines = _GRADIENTS.get(self._backend, ["# this backend has no gradients"])
            call = f"c({self._call(step, options)})"
            return [line.replace("INPUT", f"x{step.input}").replace("CALL", call) for line in lines]
        return [
            "with tf.GradientTape() as tape:",
            f"    tape.watch(x{step.input})",
            f"    y = c({self._call(step, options)})",
            "    cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
            "    total = tf.reduce_sum(y * tf.cast(cotangent.reshape(y.shape), y.dtype))",
            "held = [getattr(w, 'value', w) for w in c.trainable_weights]",
            "held = [w if hasattr(w, 'handle') else v for w, v in zip(c.trainable_weights, held)]",
            f"print(tape.gradient(total, [x{step.input}, *held]))",
        ]

    def _fit(self, step: Step, case: Case, options: Mapping[str, str]) -> list[str]:
        """Training, with loss and weights after every epoch."""
        model = "c" if case.family == "models" else "K.models.Sequential([c])"
        x, y = f"x{step.input}", f"x{step.options['target']}"
        return [
            f"m = {model}",
            f"m.compile(optimizer={options['optimizer']}, loss={options['loss']})",
            f"for _ in range({options['epochs']}):",
            f"    h = m.fit({x}, {y}, batch_size={options['batch_size']}, shuffle=False, verbose=0)",
            "    print(h.history['loss'], m.get_weights())",
        ]

    def _drawn(self, options: Mapping[str, str]) -> str:
        """The arguments of a call of an initializer."""
        named = ("dtype", "partition_shape", "partition_offset")
        given = [f"{name}={options[name]}" for name in named if name in options]
        return ", ".join([options["shape"], *given])

    def _drawing(self, made: str, drawn: str) -> str:
        """A call of an initializer, as a NumPy array."""
        convert = "np.asarray" if self._backend is None else "K.ops.convert_to_numpy"
        return f"{convert}({made}({drawn}))"

    def _repeats(self, step: Step, case: Case, drawn: str) -> list[str]:
        """Draws whose bits are compared, each printed with what was warned of."""
        target = self._target(case)
        before = []
        match step.options["of"]:
            case "instance":
                made = "c"
            case "fresh":
                made = f"{target}({self._arguments(case.arguments)})"
            case "shared":
                before = [f"given = dict({self._arguments(case.arguments)})"]
                made = f"{target}(**given)"
            case _:
                made = "type(c).from_config(c.get_config())"
        return [
            "import warnings",
            'warnings.simplefilter("always")',
            *before,
            f"for _ in range({step.options['calls']}):",
            f"    print({self._drawing(made, drawn)}.tobytes().hex())",
        ]

    def _sample(self, step: Step, case: Case, drawn: str) -> list[str]:
        """A sample, and its mean and standard deviation."""
        seeds = step.options.get("seeds")
        if seeds is None:
            made, count = "c", step.options.get("calls", 1)
        else:
            others = {k: v for k, v in case.arguments.items() if k != "seed"}
            comma = ", " if others else ""
            made = f"{self._target(case)}({self._arguments(others)}{comma}seed=k)"
            count = seeds
        return [
            f"sample = np.stack([{self._drawing(made, drawn)} for k in range({count})])",
            'print(sample.astype("float64").mean(), sample.astype("float64").std())',
            "print(sample)",
        ]

    def _target(self, case: Case) -> str:
        return case.custom or f"K.{case.target}"

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
        array = self._array(tensor.dtype, numbers)
        if given.given is Given.SCALAR:
            return f"{array}[()]"
        if self._backend is not None and given.given in (Given.TENSOR, Given.VARIABLE):
            held = f"K.ops.convert_to_tensor({array})"
            return f"K.Variable({held})" if given.given is Given.VARIABLE else held
        if given.given is Given.ARRAY or self._numpy:
            return array
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
