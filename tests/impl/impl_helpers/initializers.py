"""The classes of initializers, in groups, and what they are called with."""

from impl_helpers.dialects import pairs_of

PAIRS = pairs_of("initializers")
FLOATS = ["float16", "bfloat16", "float32", "float64"]
PRESETS = [
    "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
]  # fmt: skip
RANDOM = ["RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", *PRESETS]
FIXED = ["Zeros", "Ones", "Constant", "Identity"]
CLASSES = [*FIXED, *RANDOM, "Orthogonal"]
SEEDS = [
    0, 1, -1, 42, 2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 5, 2**63 - 1,
    -(2**31), -(2**31) - 1, -(2**40), -(2**63),
]  # fmt: skip


def seeded(name):
    return {} if name in FIXED else {"seed": 7}
