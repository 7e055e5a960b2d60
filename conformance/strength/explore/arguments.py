"""What the arguments of constructors may be: by the name of an argument the kinds of its values, the plain ones first.

A kind is what coverage counts, and what the traits of a case tell apart. Kinds that no user means (a text for a
number) are odd: they are drawn seldom, and one at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from conformance.cases.inputs import listed
from conformance.model import Given, Literal, Reference, codec

# By kind, the values of it; the simplest first, which shrinking ends at.
Values: TypeAlias = Mapping[str, tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The values of an argument: those that users mean, and those that they do not."""

    usual: Values
    odd: Values

    @property
    def names(self) -> tuple[str, ...]:
        """Every kind."""
        return (*self.usual, *self.odd)


def _instance(name: str, /, **arguments: Any) -> Reference:
    return Reference("instance", name, arguments)


def _record(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config}


_NO_NUMBER: Final[Values] = {
    "text": ("0.5", ""),
    "list": ([0.5], [0.5, 1.0]),
    "record": ({},),
    "boolean": (True, False),
    "nan": (math.nan,),
}
_FACTOR: Final = Kinds(
    {
        "number": (0.5, 2.0, 0.1, 1.5),
        "whole": (1, 2, 3),
        "zero": (0.0, 0, -0.0),
        "huge": (1e30, 1e20, 3e38),
        "tiny": (1e-30, 1e-8, 1e-40),
    },
    {
        "scalar": (listed(0.5, "float32", Given.SCALAR), listed(0.25, "float64", Given.SCALAR)),
        **_NO_NUMBER,
        "negative": (-0.5, -1.0),
        "infinite": (math.inf, -math.inf),
        "none": (None,),
        "tensor": (listed(0.5), listed([0.5, 1.5])),
        "array": (listed(0.5, "float32", Given.ARRAY), listed([0.5], "float64", Given.ARRAY)),
        "beyond": (1e39, 10**20),
    },
)
_AXIS: Final = Kinds(
    {
        "number": (0, 1, 2, 3),
        "negative": (-1, -2),
        "list": ([0, 1], [0], [0, 1, 2]),
        "tuple": ((0, 1), (-1, 0)),
    },
    {
        "empty": ([], ()),
        "none": (None,),
        "repeated": ([0, 0], [0, -1]),
        "beyond": (7, -7),
        "boolean": (True, False),
        "float": (1.0,),
        "text": ("0",),
    },
)
_SEED: Final = Kinds(
    {"number": (1, 7, 1234), "zero": (0,), "large": (2**31 - 1, 2**31, 2**32, 2**40)},
    {"negative": (-1, -7), "boolean": (True, False), "float": (1.0, 1.5), "text": ("1",)},
)
_CENTRE: Final = Kinds(
    {"number": (0.5, 2.0, -1.0), "whole": (1, -1), "zero": (0.0,), "huge": (1e30,)},
    {**_NO_NUMBER, "infinite": (math.inf,), "none": (None,), "beyond": (1e39,)},
)
_AXES: Final = Kinds(
    {"number": (0, 1), "negative": (-1, -2), "list": ([0], [0, 1], [-2])},
    {"empty": ([],), "beyond": (7,), "text": ("0",), "tuple": ((0,),)},
)
_COUNT: Final = Kinds(
    {"number": (1, 2, 3, 4, 6), "large": (33, 16, 64)},
    {
        "zero": (0,),
        "negative": (-1,),
        "float": (2.0, 1.5),
        "text": ("2",),
        "boolean": (True,),
        "list": ([2],),
        "none": (None,),
        "scalar": (listed(2, "int64", Given.SCALAR),),
    },
)
_ODD_SIZES: Final[Values] = {
    "zero": (0,),
    "negative": (-1,),
    "float": (2.0,),
    "text": ("2",),
    "length": ((1, 1, 1, 1), ()),
    "none": (None,),
}
_REGULARIZER: Final = Kinds(
    {
        "instance": (
            _instance("regularizers.L2", l2=0.5),
            _instance("regularizers.L1", l1=0.25),
            _instance("regularizers.L1L2", l1=0.25, l2=0.5),
        ),
        "name": ("l1", "l2", "L1L2"),
        "record": (_record("L2", l2=0.5),),
    },
    {"text": ("l3",), "number": (0.5,), "class": (Reference("class", "regularizers.L2"),)},
)
_CONSTRAINT: Final = Kinds(
    {
        "instance": (
            _instance("constraints.NonNeg"),
            _instance("constraints.MaxNorm", max_value=0.5),
            _instance("constraints.UnitNorm"),
            _instance("constraints.MinMaxNorm", min_value=0.25, rate=0.5),
        ),
        "name": ("non_neg", "unit_norm", "MaxNorm"),
        "record": (_record("MaxNorm", max_value=0.5),),
    },
    {"text": ("norm",), "number": (0.5,), "class": (Reference("class", "constraints.NonNeg"),)},
)
# Only those without chance: what is drawn differs between any two subjects.
_INITIALIZER: Final = Kinds(
    {
        "name": ("ones", "zeros"),
        "instance": (_instance("initializers.Constant", value=0.5),),
        "record": (_record("Constant", value=0.25),),
        "class": (Reference("class", "initializers.Ones"),),
    },
    {"text": ("one",), "number": (0.5,)},
)
_BOOLEAN: Final = Kinds(
    {"false": (False,), "true": (True,)}, {"number": (0, 1), "text": ("no",), "none": (None,)}
)
_ACTIVATIONS: Final = (
    *("relu", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "softsign", "gelu"),
    *("exponential", "hard_sigmoid", "swish", "mish", "relu6", "silu", "leaky_relu", "linear"),
    *("celu", "glu", "log_sigmoid", "log_softmax", "hard_tanh", "hard_shrink", "soft_shrink"),
    *("tanh_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "sparsemax"),
    *("hard_silu", "hard_swish"),
)
_ACTIVATION: Final = Kinds(
    {
        **{name: (name,) for name in _ACTIVATIONS},
        "function": (Reference("class", "activations.relu"), Reference("class", "activations.elu")),
        "layer": (_instance("layers.ReLU"),),
    },
    {"text": ("rely",), "number": (1,), "record": ({"class_name": "ReLU", "config": {}},)},
)
_POLICY: Final = Kinds(
    {
        name: (name,)
        for name in ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")
    },
    {"integer": ("int32", "uint8"), "text": ("float",), "none": (None,), "number": (1,)},
)

KINDS: Final[Mapping[str, Kinds]] = {
    **dict.fromkeys(("max_value", "min_value", "rate", "l1", "l2", "factor", "gain"), _FACTOR),
    **dict.fromkeys(("stddev", "scale"), _FACTOR),
    **dict.fromkeys(("mean", "minval", "maxval"), _CENTRE),
    **dict.fromkeys(("input_axes", "output_axes"), _AXES),
    **dict.fromkeys(("units", "filters"), _COUNT),
    **dict.fromkeys(("use_bias", "trainable", "periodic"), _BOOLEAN),
    "axis": _AXIS,
    "seed": _SEED,
    "value": Kinds(
        {
            "number": (0.5, 2.0, 0.1, -1.5),
            "whole": (0, 1, -3),
            "zero": (0.0, -0.0),
            "huge": (1e30, 3e38),
            "tiny": (1e-30, 1e-40),
            "boolean": (True, False),
            "nan": (math.nan,),
            "infinite": (math.inf, -math.inf),
            "list": ([0.5, 1.5], [[1.0, 2.0], [3.0, 4.0]]),
            "array": (listed([1.0, 2.0], "float32", Given.ARRAY),),
        },
        {"text": ("1",), "none": (None,), "record": ({},), "beyond": (1e39, 2**40, 2**70)},
    ),
    "mode": Kinds(
        {name: (name,) for name in ("fan_in", "fan_out", "fan_avg", "rows", "columns")},
        {"text": ("FAN_IN", "fan", "row"), "none": (None,), "number": (0,)},
    ),
    "distribution": Kinds(
        {name: (name,) for name in ("truncated_normal", "untruncated_normal", "uniform", "normal")},
        {"text": ("Uniform", "gauss"), "none": (None,)},
    ),
    "side": Kinds({"real": ("real",), "imag": ("imag",)}, {"text": ("both",), "none": (None,)}),
    "window": Kinds(
        {
            "hann": ("hann",),
            "other": ("hamming", "blackman", "boxcar", "bartlett"),
            "none": (None,),
            "array": (listed([0.5, 1.0, 1.0, 0.5], "float32", Given.ARRAY),),
        },
        {"text": ("hanning", ""), "number": (1,), "tuple": (("gaussian", 1.0),)},
    ),
    "scaling": Kinds(
        {"density": ("density",), "spectrum": ("spectrum",), "none": (None,)}, {"text": ("power",)}
    ),
    "kernel_size": Kinds(
        {
            "number": (2, 3, 1, 4, 5),
            "tuple": ((1, 2, 3), (3, 2, 1), (2, 2, 2)),
            "list": ([2, 3, 1], [3, 3, 3]),
            "long": (9, 12),
        },
        _ODD_SIZES,
    ),
    "strides": Kinds(
        {"number": (2, 1, 3), "tuple": ((1, 2, 3), (2, 2, 2)), "list": ([2, 1, 2],), "long": (7,)},
        _ODD_SIZES,
    ),
    "dilation_rate": Kinds(
        {"number": (2, 1, 3), "tuple": ((1, 2, 3), (2, 2, 2)), "list": ([2, 1, 2],)}, _ODD_SIZES
    ),
    "output_padding": Kinds(
        {"none": (None,), "number": (1, 0, 2), "tuple": ((1, 0, 1), (0, 0, 0))}, _ODD_SIZES
    ),
    "padding": Kinds(
        {"valid": ("valid",), "same": ("same",), "causal": ("causal",)},
        {"capitals": ("SAME", "Valid"), "text": ("full",), "number": (1,), "none": (None,)},
    ),
    "data_format": Kinds(
        {"channels_last": ("channels_last",), "channels_first": ("channels_first",)},
        {"none": (None,), "text": ("NHWC", "Channels_Last")},
    ),
    "groups": Kinds(
        {"number": (1, 2, 3)}, {"zero": (0,), "negative": (-1,), "float": (2.0,), "text": ("2",)}
    ),
    "depth_multiplier": Kinds(
        {"number": (1, 2, 3)}, {"zero": (0,), "negative": (-1,), "float": (2.0,), "text": ("2",)}
    ),
    "activation": _ACTIVATION,
    "dtype": _POLICY,
    "name": Kinds(
        {"text": ("d", "a_b")}, {"empty": ("",), "slash": ("a/b",), "number": (3,), "dot": ("a.b",)}
    ),
}
_BY_LAST_WORD: Final[Mapping[str, Kinds]] = {
    "regularizer": _REGULARIZER,
    "constraint": _CONSTRAINT,
    "initializer": _INITIALIZER,
}


def kind_of(name: str, value: Any) -> str | None:
    """The kind of a value of an argument; None where it is none of those that are drawn."""
    kinds = kinds_of(name)
    if kinds is None:
        return None
    text = _text(value)
    for known in (kinds.usual, kinds.odd):
        for kind, values in known.items():
            if text in map(_text, values):
                return kind
    # Cut to the number of axes of a layer.
    return type(value).__name__ if isinstance(value, tuple | list) else None


def is_odd(name: str, value: Any) -> bool:
    """Whether a value is one that no user means."""
    kinds, kind = kinds_of(name), kind_of(name, value)
    return kinds is not None and kind in kinds.odd


def _text(value: Any) -> str:
    return repr(codec.literal_to_json(value))


def kinds_of(name: str) -> Kinds | None:
    """What an argument of this name may be; None where nobody says."""
    return KINDS.get(name) or _BY_LAST_WORD.get(name.rpartition("_")[2])
