"""The user-defined classes and functions of cases as source; `golden/README.md` defines them.

In a definition the words MEAN, SUM, STEP, MAKE, ANY and FLOATS stand for functions of the tensor library.
"""

from __future__ import annotations

import re

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
    "Forgot": """class Forgot(K.layers.Layer):
    def __init__(self):
        pass
    def call(self, inputs):
        return inputs""",
    "TwoShapes": """class TwoShapes(K.layers.Layer):
    def build(self, inputs_shape, other_shape):
        self.w = self.add_weight(
            shape=(inputs_shape[-1], other_shape[-1]), initializer="ones", name="w"
        )
    def call(self, inputs, other):
        return inputs @ self.w + other""",
    "Halves": """class Halves(K.layers.Layer):
    def call(self, inputs):
        return [inputs * 2, inputs[..., :1]]
    def compute_output_shape(self, input_shape):
        return [tuple(input_shape), (*input_shape[:-1], 1)]""",
    "EndsMask": """class EndsMask(K.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
    def call(self, inputs):
        return inputs * 1
    def compute_mask(self, inputs, mask=None):
        return None""",
    "Remembers": """class Remembers(K.layers.Layer):
    def __init__(self, seen=None, kept=None, **kwargs):
        super().__init__(**kwargs)
        self.seen, self.kept = seen, kept
    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="w")
        self.seen, self.kept = input_shape, self.w.dtype
    def call(self, inputs):
        return inputs * self.w
    def get_config(self):
        return {**super().get_config(), "seen": self.seen, "kept": self.kept}""",
    "OnRead": """class OnRead(K.layers.Layer):
    def __init__(self, trained=None, **kwargs):
        super().__init__(**kwargs)
        self.w = self.add_weight(
            name="w", shape=(3,), initializer="ones", trainable=trained,
            synchronization=tf.VariableSynchronization.ON_READ,
        )
    def call(self, inputs):
        return inputs * self.w""",
    "Narrows": """class Narrows(K.layers.Layer):
    def call(self, inputs, training=True):
        return inputs[..., :1] if training else inputs""",
    "Hands": """class Hands(K.layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner
    def call(self, inputs):
        return self.inner(inputs, None, None)""",
    "Decides": """class Decides(K.layers.Layer):
    def call(self, inputs):
        if SUM(inputs) > 0:
            return inputs * 2
        return inputs""",
    "MaskZeros": """class MaskZeros(K.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
    def call(self, inputs):
        return inputs
    def compute_mask(self, inputs, mask=None):
        return ANY""",
    "ShowMask": """class ShowMask(K.layers.Layer):
    def call(self, inputs, mask=None):
        return inputs * 0 - 1 if mask is None else FLOATS""",
    "Activate": """class Activate(K.layers.Layer):
    def __init__(self, function, options=None, **kwargs):
        super().__init__(**kwargs)
        module, name = ("activations." + function).split(".")[-2:]
        self.called, self.given = getattr(getattr(K, module), name), tuple((options or {}).items())
    def call(self, inputs):
        given = dict(self.given)
        return self.called(**given) if "shape" in given else self.called(inputs, **given)""",
}
# The user-defined class that another one needs.
_NEEDS = {"Block": "Linear", "Alone": "Weighted", "Reach": "Weighted"}
_FUNCTIONS = {
    "double": "def double(w):\n    return w + w",
    "count_up": """def count_up(shape, dtype=None):
    return np.arange(np.prod(shape)).reshape(shape).astype(getattr(dtype, "name", dtype) or "float32")""",
    "twos": "def twos(shape, dtype=None):\n    return np.full(shape, 2.0)",
    "my_init": """def my_init(shape, dtype=None):
    return np.random.default_rng().normal(size=shape).astype(getattr(dtype, "name", dtype) or "float32")""",
    "gap": "def gap(y_true, y_pred):\n    return abs(y_true - y_pred)",
    "nameless": "nameless = lambda: 0.5",
    "l1_reg": "def l1_reg(weight_matrix):\n    return 0.01 * SUM(abs(weight_matrix))",
    "my_regularizer": "def my_regularizer(x):\n    return 1e-3 * SUM(x * x)",
}
# By tensor library. `keras`: the operations of Keras, on whatever backend it runs.
_MEAN = {"tensorflow": "tf.reduce_mean", "numpy": "np.mean", "keras": "K.ops.mean"}
_MAKE = {"tensorflow": "tf.cast", "numpy": "np.asarray", "keras": "K.ops.convert_to_tensor"}
_SUM = {"tensorflow": "tf.reduce_sum", "numpy": "np.sum", "keras": "K.ops.sum"}
_STEP = {
    "tensorflow": "tf.cast(w >= 0, w.dtype)",
    "numpy": "(w >= 0).astype(w.dtype)",
    "keras": "K.ops.cast(w >= 0, w.dtype)",
}
# These take the symbolic tensors of a model too, which in Keras 3 only its own operations do.
_ANY = {
    "tensorflow": "tf.reduce_any(tf.not_equal(inputs, 0), -1)",
    "numpy": "(inputs != 0).any(-1)",
    "keras": "K.ops.any(K.ops.not_equal(inputs, 0), axis=-1)",
}
_FLOATS = {
    "tensorflow": 'tf.cast(mask, "float32")',
    "numpy": 'np.asarray(mask, "float32")',
    "keras": 'K.ops.cast(mask, "float32")',
}


def used(text: str, tensors: str, official: bool = False) -> list[str]:
    """The definitions that a script needs; a class comes after the one that it needs.

    `official`: `K` is Keras 3, whatever its backend.
    """
    named = {name for name in _CUSTOMS if re.search(rf"\b{name}\(|'{name}'|\({name}\):", text)}
    named |= {needed for name, needed in _NEEDS.items() if name in named}
    found = [source for name, source in _CUSTOMS.items() if name in named]
    # A name in quotes is no use of the function: it names a dtype, or is looked up.
    found += [
        source
        for name, source in _FUNCTIONS.items()
        if re.search(rf"(?<!['\w]){name}(?!['\w])", text)
    ]
    return [_spelt(source, tensors, "keras" if official else tensors) for source in found]


def _spelt(source: str, tensors: str, symbolic: str) -> str:
    """A definition, with the functions of the tensor library in place of the words for them."""
    for word, spelt in (("MEAN", _MEAN), ("STEP", _STEP), ("SUM", _SUM), ("MAKE", _MAKE)):
        source = source.replace(word, spelt[tensors])
    for word, spelt in (("ANY", _ANY), ("FLOATS", _FLOATS)):
        source = source.replace(word, spelt[symbolic])
    return source
