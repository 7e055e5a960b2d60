"""The cases of the convolution layers.

Sources: the Keras documentation "Convolution layers" (Keras 3 and Keras 2), and what the official
packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import convolution_description as description
from conformance.cases.layers import convolution_edges as edges
from conformance.cases.layers import convolution_geometry as geometry
from conformance.cases.layers import convolution_saving as saving
from conformance.cases.layers import convolution_values as by_value
from conformance.cases.layers.convolution_common import CLASSES, PLAIN, TRANSPOSED
from conformance.model import Case

__all__ = ["rows"]


def rows() -> Iterator[Case]:
    """Every case about convolution layers."""
    for name in CLASSES:
        yield from by_value.argument_rows(name)
        yield from by_value.pair_rows(name)
        yield from by_value.dtype_rows(name)
        yield from geometry.padding_rows(name)
        yield from geometry.dilation_rows(name)
        if name in PLAIN:
            yield from geometry.group_rows(name)
        if name in TRANSPOSED:
            yield from geometry.output_padding_rows(name)
        yield from geometry.equal_axes_rows(name)
        if name in ("SeparableConv2D", "DepthwiseConv2D"):
            yield from geometry.unequal_stride_rows(name)
        yield from edges.edge_rows(name)
        yield from edges.rejection_rows(name)
        yield from description.weight_rows(name)
        yield from description.initializer_rows(name)
        yield from description.shape_rows(name)
        yield from description.gradient_rows(name)
        yield from description.loss_rows(name)
        yield from saving.config_rows(name)
        yield from saving.fit_rows(name)
