"""The cases of the weight initializers.

Sources: the Keras documentation "Layer weight initializers" (Keras 3 and Keras 2), and what the
official packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.initializers import (
    description,
    documented,
    draws,
    fixed,
    identifiers,
    samples,
    scaling,
    seeds,
    serialization,
    settings_global,
    shapes,
    stft,
)
from conformance.cases.initializers.common import CLASSES, DRAWS, PRESETS, RANDOM
from conformance.cases.rows import flagged
from conformance.model import Case

__all__ = ["rows"]

# How many arguments a constructor takes, of either dialect at most.
_PARAMETERS = {"Zeros": 0, "Ones": 0, "Constant": 1, "Identity": 1, "VarianceScaling": 6}


def rows() -> Iterator[Case]:
    """Every case about initializers."""
    yield from description.base()
    for name in CLASSES:
        yield from shapes.shape_rows(name)
        yield from shapes.dtype_rows(name)
        yield from shapes.partition_rows(name)
        if name in RANDOM:
            yield from seeds.seed_rows(name)
        yield from fixed.bad_construction(name, _PARAMETERS.get(name, 3))
        if name in PRESETS:
            yield from scaling.preset(name)
        if name in DRAWS:
            yield from draws.argument_rows(name)
        yield from description.description(name)
    yield from fixed.constant()
    yield from fixed.identity()
    yield from draws.integer_rows()
    yield from draws.none_rows()
    yield from draws.orthogonal()
    yield from scaling.variance_scaling()
    yield from stft.stft()
    yield from description.generators()
    yield from documented.rows()
    yield from samples.draws()
    yield from samples.scaling()
    yield from samples.orthogonal()
    yield from identifiers.names()
    yield from identifiers.dicts()
    yield from identifiers.objects()
    yield from serialization.serialization()
    yield from serialization.deserialization()
    yield from flagged("setting", settings_global.rows())
