"""What the base class of constraints may do instead."""

from __future__ import annotations

from typing import Final

import numpy as np

from wrong import tensorflow
from wrong.classes import DELETED, attributes
from wrong.constraints.making import UNIT, Mistake, config_ignored

MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(
            name,
            "Constraint",
            aspects,
            change,
            ("*",),
            bystander=UNIT,
        )
        for name, aspects, change in (
            (
                "in-float32",
                ("dtype",),
                attributes(__call__=lambda self, w: tensorflow().cast(w, tensorflow().float32)),
            ),
            ("zeros", ("value",), attributes(__call__=lambda self, w: tensorflow().zeros_like(w))),
            (
                "tensor-for-list",
                ("value",),
                attributes(__call__=lambda self, w: tensorflow().convert_to_tensor(w)),
            ),
            ("abstract", ("accepted",), attributes(__call__=DELETED)),
            (
                "input-overwritten",
                ("input",),
                attributes(
                    __call__=lambda self, w: w.fill(0) or w if isinstance(w, np.ndarray) else w
                ),
            ),
            ("config-none", ("config",), attributes(get_config=lambda self: None)),
            (
                "config-of-attributes",
                ("config",),
                attributes(get_config=lambda self: {**vars(self), "trainable": False}),
            ),
            ("from-config-missing", ("accepted",), attributes(from_config=DELETED)),
            (
                "from-config-ignores",
                ("accepted",),
                attributes(from_config=classmethod(config_ignored)),
            ),
            (
                "takes-anything",
                ("accepted",),
                attributes(__init__=lambda self, *arguments, **named: None),
            ),
        )
    ),
)
