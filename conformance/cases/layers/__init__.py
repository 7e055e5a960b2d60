"""The cases of layers: `Layer`, `Dense`, the convolutions, `Sequential`, training.

Sources: the Keras documentation of `Layer` and of layer weight initializers, regularizers and
constraints (Keras 3 and Keras 2), and what the official packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import (
    activated,
    activation_names,
    base,
    constrained,
    convolution_rows,
    corners,
    dense,
    documented,
    drawn,
    finer,
    late,
    masks,
    methods,
    methods_kept,
    methods_layers,
    methods_objects,
    misuse,
    models,
    precise,
    sequences,
    settings_layers,
    shared_objects,
    sizes,
    sizes_arguments,
    symbolic,
    training,
    unusual,
)
from conformance.cases.rows import flagged, trimmed
from conformance.model import Case

__all__ = ["rows"]


def rows() -> Iterator[Case]:
    """Every case about layers, and about models made of them."""
    yield from base.rows()
    yield from activated.rows()
    yield from activation_names.rows()
    yield from documented.rows()
    yield from dense.rows()
    yield from convolution_rows.rows()
    yield from models.rows()
    yield from training.rows()
    yield from constrained.rows()
    yield from sizes.rows()
    yield from drawn.rows()
    yield from sizes_arguments.rows()
    yield from unusual.rows()
    yield from map(trimmed, finer.rows())
    yield from map(trimmed, late.rows())
    yield from sequences.rows()
    yield from flagged("setting", settings_layers.rows())
    yield from flagged("symbolic", symbolic.rows())
    yield from map(trimmed, misuse.rows())
    yield from flagged("mask", masks.rows())
    yield from flagged("shared", shared_objects.rows())
    yield from map(trimmed, methods.rows())
    yield from map(trimmed, methods_objects.rows())
    yield from map(trimmed, methods_layers.rows())
    yield from map(trimmed, methods_kept.rows())
    yield from map(trimmed, corners.rows())
    yield from map(trimmed, precise.rows())
