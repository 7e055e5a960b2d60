"""`Dense`, argument by argument: outputs, weights, penalties, gradients, configs, errors."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import dense_description, dense_values, dense_weights
from conformance.model import Case


def rows() -> Iterator[Case]:
    """Every case about `Dense`."""
    yield from dense_values.arguments()
    yield from dense_values.activations()
    yield from dense_values.inputs()
    yield from dense_values.dtypes()
    yield from dense_values.edges()
    yield from dense_weights.weights()
    yield from dense_weights.losses()
    yield from dense_weights.gradients()
    yield from dense_weights.shapes()
    yield from dense_description.configs()
    yield from dense_description.rejected()
