"""Weight regularizers: called on a weight, they return a penalty."""

import numpy as np


class L2:
    """The sum of squares, times `l2`."""

    def __init__(self, l2=0.01):
        self.l2 = l2

    def __call__(self, x):
        return (self.l2 * np.sum(np.square(x))).astype(x.dtype)

    def get_config(self):
        return {"l2": float(self.l2)}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
