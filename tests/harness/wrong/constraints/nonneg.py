"""What NonNeg may do instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from conformance.model import DIALECTS
from wrong import KERAS2, KERAS3, tensorflow
from wrong.classes import Change, Keras, after, around, before, config, no_nan
from wrong.constraints.making import (
    CONFIGS,
    UNIT,
    Mistake,
    as_float32,
    assigned,
    floats,
    in_place,
    widened,
)


def _kept(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    """TensorFlow's kernels take subnormal numbers for zero; NumPy, and other backends, do not."""
    array, answer = np.asarray(w), np.array(official(w))
    subnormal = (array > 0) & (array < np.finfo(np.float32).tiny)
    answer[subnormal] = array[subnormal]
    return tensorflow().constant(answer)


def _nonneg_of_the_other(keras: Keras) -> Mapping[str, Any]:
    tf = tensorflow()

    def multiplied(self: Any, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        return w * tf.cast(w >= 0, w.dtype)

    def clipped(self: Any, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        return tf.maximum(w, tf.zeros([], w.dtype))

    return {"__call__": clipped if keras.dialect == "keras2" else multiplied}


def _bounded(limit: float) -> Change:
    tf = tensorflow
    return floats(lambda x: tf().minimum(x, tf().cast(limit, x.dtype)))


MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, "NonNeg", aspects, change, groups, bystander=UNIT)
        for name, aspects, change, groups in (
            (
                "absolute-value",
                ("value",),
                before(lambda w: tensorflow().abs(w)),
                ("value/*-float32",),
            ),
            (
                "shifted",
                ("value",),
                floats(lambda x: x + tensorflow().cast(1e-3, x.dtype)),
                ("value/*-float32",),
            ),
            (
                "zero-negated",
                ("zero-sign",),
                floats(lambda x: tensorflow().where(x == 0, -abs(x), x)),
                ("value/*",),
            ),
            (
                "of-the-other-dialect",
                ("zero-sign", "nonfinite"),
                _nonneg_of_the_other,
                ("value/*",),
            ),
            ("nan-to-zero", ("nonfinite",), after(no_nan), ("value/*-float32",)),
            ("clipped-at-1", ("value",), _bounded(1), ("value/*-float32",)),
            ("relu6", ("nonfinite",), _bounded(6), ("value/*-float32",)),
            ("input-overwritten", ("input",), around(in_place), ("given/*",)),
            (
                "leaky",
                ("value",),
                around(lambda self, w, official: official(w) + 0.01 * tensorflow().minimum(w, 0)),
                ("value/*-float32",),
            ),
            (
                "softplus",
                ("value",),
                around(
                    lambda self, w, official: tensorflow().math.softplus(
                        tensorflow().convert_to_tensor(w)
                    )
                ),
                ("value/*-float32",),
            ),
            (
                "flattened",
                ("shape",),
                after(lambda x: tensorflow().reshape(x, [-1])),
                ("value/*-float32",),
            ),
            ("config-with-a-key", ("config",), config(lambda c: {"minimum": 0.0}), CONFIGS),
        )
    ),
    *(
        Mistake(name, "NonNeg", aspects, change, groups, dialects, bystander=UNIT)
        for name, aspects, change, groups, dialects in (
            ("float64-in-float32", ("dtype",), before(as_float32), ("value/*-float64",), KERAS3),
            ("float64-taken", ("accepted",), before(as_float32), ("value/*-float64",), KERAS2),
            ("float16-promoted", ("dtype",), after(widened), ("value/*-float16",), KERAS3),
            ("subnormals-kept", ("value",), around(_kept), ("value/*-float32",), DIALECTS),
            ("variable-assigned", ("input",), around(assigned), ("given/*",), DIALECTS),
        )
    ),
    Mistake(
        "zero-sign-dropped",
        "NonNeg",
        ("zero-sign",),
        floats(lambda x: x + tensorflow().zeros([], x.dtype)),
        ("value/*",),
        dialects=KERAS2,
        bystander=UNIT,
    ),
    Mistake(
        "integers-made-float",
        "NonNeg",
        ("dtype",),
        after(lambda x: tensorflow().cast(x, tensorflow().float32)),
        ("integer/*",),
        dialects=KERAS3,
        bystander=UNIT,
    ),
)
