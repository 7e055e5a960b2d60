"""Weight initializers: called with a shape, they return a weight."""

import numpy as np


class Ones:
    """1 everywhere."""

    def __call__(self, shape, dtype=None):
        return np.ones(shape, dtype or "float32")

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class GlorotUniform:
    """Draws from [-limit, limit], limit = sqrt(6 / (fan_in + fan_out)). The generator may be any."""

    def __init__(self, seed=None):
        self.seed = seed

    def __call__(self, shape, dtype=None):
        receptive = int(np.prod(shape[:-2]))
        limit = np.sqrt(6 / (receptive * (shape[-2] + shape[-1])))
        draws = np.random.default_rng(self.seed).uniform(-limit, limit, shape)
        return draws.astype(dtype or "float32")

    def get_config(self):
        return {"seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
