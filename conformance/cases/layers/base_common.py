"""What the files about `Layer` share."""

from __future__ import annotations

from typing import Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.common import array
from conformance.cases.rows import Rows
from conformance.cases.steps import build

LAYER: Final = Rows("layers.Layer")
KERNEL: Final = array((3, 4))
BIAS: Final = array((4,), formula=thirds)
BUILD: Final = build(None, 3)
X: Final = thirds((2, 3))
WAVE: Final = wave((2, 3))
