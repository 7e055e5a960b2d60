"""Objects that are right at first: what one call leaves behind must not reach the next."""

from __future__ import annotations

from typing import Any, Final

from wrong import KERAS2, tensorflow
from wrong.layers.making import CONV2D, DENSE, Official, attribute, call, method
from wrong.pairs.making import Pair, backwards, calls, counted, doubled, together


def _later(y: Any, calls: int) -> Any:
    return doubled(y) if calls else y


def _of_every_call(self: Any, losses: list[Any]) -> list[Any]:
    """The penalties of the outputs, once for each call."""
    return [*losses, *losses[-1:] * (calls(self) - 1)]


def _moved(self: Any, official: Official, inputs: Any) -> Any:
    """A call that leaves another kernel behind."""
    outputs = official(inputs)
    self.kernel.assign(tensorflow().convert_to_tensor(self.kernel) * 2)
    return outputs


def _initialized(self: Any, official: Official, *arguments: Any, **named: Any) -> Any:
    found = official(*arguments, **named)
    earlier = vars(self).get("draws", 0)
    vars(self)["draws"] = earlier + 1
    return _later(found, earlier)


def _kept(y: Any, calls: int) -> Any:
    return y


PAIRS: Final[tuple[Pair, ...]] = (
    Pair(
        "doubled-from-the-second-call-on",
        DENSE,
        ("losses/of-the-last-call",),
        ("value", "losses"),
        counted(_later),
    ),
    *(
        Pair(
            "doubled-from-the-second-call-on",
            f"constraints.{name}",
            ("by-hand/called-thrice",),
            ("value",),
            counted(_later, "__call__"),
        )
        for name in ("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm")
    ),
    Pair(
        "doubled-from-the-second-call-on",
        "constraints.RadialConstraint",
        ("by-hand/called-thrice",),
        ("value",),
        counted(_later, "__call__"),
        dialects=KERAS2,
    ),
    *(
        Pair(
            "doubled-from-the-second-call-on",
            f"regularizers.{name}",
            ("by-hand/called-thrice",),
            ("value",),
            counted(_later, "__call__"),
        )
        for name in ("L1", "L2", "L1L2", "OrthogonalRegularizer")
    ),
    *(
        Pair(
            "doubled-from-the-second-call-on",
            f"initializers.{name}",
            ("by-hand/called-thrice",),
            ("value",),
            method("__call__", _initialized),
        )
        for name in ("Constant", "Identity")
    ),
    *(
        Pair(
            "doubled-from-the-second-call-on",
            f"layers.{name}",
            ("gradient/between-calls",),
            ("value", "gradient"),
            counted(_later),
        )
        for name in ("Conv1D", "Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D")
    ),
    Pair(
        "gradients-doubled-from-the-second-call-on",
        DENSE,
        ("gradient/4x4-to-4-*", "gradient/3x2-to-5-*"),
        ("gradient",),
        counted(lambda y, calls: backwards(doubled)(y) if calls else y),
    ),
    Pair(
        "penalties-of-every-call",
        DENSE,
        ("losses/of-the-last-call",),
        ("count", "accepted"),
        together(counted(_kept), attribute("losses", _of_every_call)),
    ),
    Pair(
        "kernel-doubled-by-a-call",
        DENSE,
        ("gradient/4x4-to-4-*",),
        ("gradient",),
        call(_moved),
    ),
    Pair("kernel-doubled-by-a-call", CONV2D, ("fit/*",), ("weights",), call(_moved)),
)
