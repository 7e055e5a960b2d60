"""Dtypes: mixed policies, computations in another dtype, and what a stored tolerance would let pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from wrong import tensorflow
from wrong.layers.making import CONV2D, DENSE, Change, Official, adding, after, method
from wrong.pairs.making import Pair, backwards, dense, same

_MIXED: Final = ("mixed_float16", "mixed_bfloat16")


def _times(factor: float) -> Callable[[Any], Any]:
    """Times a number, in the dtype of the tensor."""

    def scale(x: Any) -> Any:
        tf = tensorflow()
        return tf.cast(tf.cast(x, tf.float64) * factor, x.dtype)

    return scale


def _gradient_times(factor: float) -> Change:
    return after(backwards(_times(factor)))


def _trained_times(factor: float) -> Change:
    """The weights that training gives, times a number."""

    def wrong(self: Any, official: Official) -> Any:
        return [(w * w.dtype.type(factor)).astype(w.dtype) for w in official()]

    return method("get_weights", wrong, "models.Sequential")


def _in_compute_dtype(self: Any, named: dict[str, Any]) -> None:
    named["dtype"] = self.compute_dtype


# As in `Mixed`, but the gradient of the kernel alone.
def _kernel_gradient_times(factor: float) -> Change:
    return dense(backwards(_times(factor)), same)


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(name, target, cases, aspects, wrong)
        for name, target, cases, aspects, wrong in (
            (
                "outputs-in-float32",
                DENSE,
                tuple(f"dtype/{policy}-*-2x3" for policy in _MIXED),
                ("dtype",),
                after(lambda y: tensorflow().cast(y, "float32")),
            ),
            (
                "weights-in-compute-dtype",
                DENSE,
                tuple(f"policy/{policy}" for policy in _MIXED),
                ("weights",),
                adding(_in_compute_dtype),
            ),
            (
                "gradients-in-compute-dtype",
                DENSE,
                tuple(f"dtype/{policy}-*" for policy in _MIXED),
                ("dtype",),
                adding(_in_compute_dtype),
            ),
            (
                "gradients-a-fiftieth-more",
                DENSE,
                tuple(f"dtype/{policy}-thirds-*" for policy in _MIXED),
                ("gradient",),
                _gradient_times(1.02),
            ),
            (
                "gradients-a-fiftieth-more",
                CONV2D,
                tuple(f"gradient/dtype={policy}" for policy in _MIXED),
                ("gradient",),
                _gradient_times(1.02),
            ),
            (
                "gradient-of-the-kernel-halved",
                DENSE,
                tuple(f"dtype/{policy}-thirds-*" for policy in _MIXED),
                ("gradient",),
                _kernel_gradient_times(0.5),
            ),
            (
                "float64-in-float32",
                DENSE,
                ("dtype/float64-thirds-*",),
                ("value",),
                dense(same, same, "float32"),
            ),
            (
                "float32-in-bfloat16",
                DENSE,
                ("dtype/float32-thirds-*",),
                ("value",),
                dense(same, same, "bfloat16"),
            ),
            (
                "float16-in-bfloat16",
                DENSE,
                ("dtype/float16-thirds-*",),
                ("value",),
                dense(same, same, "bfloat16"),
            ),
        )
    ),
    # Kept within the bounds of the losses, they passed: one tolerance served both.
    *(
        Pair(name, DENSE, ("fit/*float16",), ("weights",), _trained_times(factor))
        for name, factor in (
            ("trained-times-minus-fifty", -50.0),
            ("trained-zero", 0.0),
            ("trained-a-fiftieth-more", 1.02),
        )
    ),
)
