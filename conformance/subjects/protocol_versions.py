"""What version 2 of the worker protocol added: a worker of version 1 is not asked it.

A step that a worker does not know it rejects itself. What it would take for another thing, an option of a known
step or a value in another notation, must not reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.model import SAMPLE, Case, FormulaTensor, Input, Reference, Step

SUPPORTED: Final = (1, 2)
_STEPS: Final = frozenset(
    [
        "compile",
        "copy",
        "evaluate",
        "export",
        "method",
        "new",
        "predict",
        "register",
        "save",
        "setting",
        "symbolic",
    ]
)
_CUSTOMS: Final = (
    *("MaskZeros", "ShowMask", "Activate"),
    *("Forgot", "TwoShapes", "Halves", "EndsMask", "Remembers", "OnRead"),
    *("Narrows", "Hands", "Decides"),
)
# By step, the options that it did not have.
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "call": (SAMPLE,),
    "gradient": (SAMPLE,),
    "sample": ("weight",),
    "initialize": ("layout",),
    "serialize": ("legacy",),
    "get_weights": ("overwrite",),
    "set_weights": ("overwrite",),
}


def added_case(case: Case) -> str | None:
    """What version 2 added and the arguments and inputs of a case need; None where they need nothing."""
    if case.custom in _CUSTOMS:
        return f"the user-defined class {case.custom}"
    return _added([case.inputs, case.arguments])


def added_step(step: Step) -> str | None:
    """What version 2 added and a step needs; None where it needs nothing."""
    if step.do in _STEPS:
        return f"the step {step.do}"
    for name in _OPTIONS.get(step.do, ()):
        if name in step.options:
            return f"the option {name} of {step.do}"
    if step.do == "fit" and "optimizer" not in step.options:
        return "a fit of what was compiled before"
    names: Any = step.options if step.do == "set" else step.options.get("names", ())
    if step.do in ("set", "attributes") and any("." in name for name in names):
        return "the dotted paths of attributes"
    return _added(step.options)


def _added(literal: Any) -> str | None:
    """What version 2 added among values, and inside of them."""
    if isinstance(literal, Input):
        return "formulas" if isinstance(literal.tensor, FormulaTensor) else None
    if isinstance(literal, Reference):
        if literal.kind == "shared":
            return "shared objects"
        if literal.kind == "custom" and literal.name in _CUSTOMS:
            return f"the user-defined class {literal.name}"
        return _added(literal.arguments)
    if isinstance(literal, Mapping):
        return _added(list(literal.values()))
    if isinstance(literal, list | tuple):
        return next((found for each in literal if (found := _added(each))), None)
    return None
