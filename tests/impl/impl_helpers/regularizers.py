"""The classes of regularizers, and numbers to penalize."""

import numpy as np

ORTHOGONAL = "OrthogonalRegularizer"
CLASSES = ["L1", "L2", "L1L2", ORTHOGONAL]
WAVE = np.sin(np.arange(60.0) ** 2) * 3
