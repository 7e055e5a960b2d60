"""The examples of the document: every class as it calls it, alone and in a layer.

The document gives no seeds; random ones have the seed 7 here, so that their values can be recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    DRAWS,
    PRESETS,
    Rows,
    draw,
    initialize,
)
from conformance.cases.rows import sizes
from conformance.model import Case

_SEED: Final = {"seed": 7}
# Arguments of the constructor, as the example of each class has them.
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "RandomNormal": {"mean": 0.0, "stddev": 1.0, **_SEED},
    "RandomUniform": {"minval": 0.0, "maxval": 1.0, **_SEED},
    "TruncatedNormal": {"mean": 0.0, "stddev": 1.0, **_SEED},
    "Zeros": {},
    "Ones": {},
    **dict.fromkeys(PRESETS, _SEED),
    "Orthogonal": _SEED,
    "Constant": {"*": (10.0,)},
    "VarianceScaling": {"scale": 0.1, "mode": "fan_in", "distribution": "uniform", **_SEED},
    "Identity": {},
}
# The kernel of `Dense(3)` for two inputs.
KERNEL: Final = (2, 3)


def rows() -> Iterator[Case]:
    """Standalone usage, for the shape of the example and for that of the kernel of its layer."""
    for name, arguments in EXAMPLES.items():
        row = Rows(name, arguments=arguments, flags="documented-example")
        for shape in ((2, 2), KERNEL):
            yield row("documented", sizes(shape), initialize(shape))
    for name in (*DRAWS, "VarianceScaling", "Orthogonal"):
        # What the cases of `roundtrip` save and rebuild, as it is before.
        yield Rows(name)("documented", "before-saving", draw(KERNEL), arguments=ARGUMENTS[name])
    # 16 numbers to one: what is drawn close to the upper end is rounded to it.
    far = {"minval": 1e6, "maxval": 1e6 + 1, "seed": 8}
    yield Rows("RandomUniform")("documented", "upper-end", draw((64,)), arguments=far)
