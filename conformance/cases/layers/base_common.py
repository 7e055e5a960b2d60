"""What the files about `Layer` share."""

from __future__ import annotations

from typing import Final

from conformance.cases.inputs import thirds
from conformance.cases.layers.common import (
    array,
    build,
)

KERNEL: Final = array((3, 4))


BIAS: Final = array((4,), formula=thirds)


BUILD: Final = build(None, 3)


X: Final = thirds((2, 3))
