"""The forms in which cases are asked: a row is one case, a table is many that differ in one place.

    row = Rows("constraints.MaxNorm").given(inputs=thirds((3, 4)))
    yield row("arguments", "defaults", CALL, CONFIG, flags="documented-default")
    yield from row.table("rejected", {"axis-text": "0", "axis-dict": {}}, CALL, argument="axis")

To add a case is to add a line to a table. A row without a tolerance has the one that the oracle
computes from the answers of official Keras, which is exact where nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self, TypeAlias

from conformance.model import COMPUTED, DIALECTS, Case, Input, Reference, Step, Tolerance

KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)
EXACT: Final = Tolerance()
# Flags of cases in which something over- or underflows, so that no rounding bound holds.
OUT_OF_RANGE: Final = ("subnormal", "underflow", "overflow")

_KEYWORDS: Final = ("arguments", "custom", "dialects", "flags", "inputs", "tolerance")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table where its case has keywords of its own; see `cell`."""

    value: Any
    keywords: Mapping[str, Any]


def cell(value: Any, **keywords: Any) -> Cell:
    """A cell whose case has other keywords than its table, for example `flags`."""
    return Cell(value, keywords)


# In a table, a step may be a function that makes it of the cell.
Made: TypeAlias = Step | Callable[[Any], Step]


class Rows:
    """Makes the cases of one target, with ids `<family>.<name>/<group>/<detail>`.

    Without a `family`, the name is the whole target. The keywords of a row are those of `Case`; one
    input, or one flag, needs no tuple.
    """

    family: ClassVar[str] = ""

    def __init__(self, name: str, dialects: tuple[str, ...] = DIALECTS, **common: Any) -> None:
        self.name = name
        self.target = f"{self.family}.{name}" if self.family else name
        self.common = {"dialects": dialects, **common}

    def given(self, **common: Any) -> Self:
        """Rows that have these keywords too, unless they say otherwise; `arguments` are merged."""
        return type(self)(self.name, **self._merged(common))

    def __call__(self, group: str, detail: str, *steps: Step, **rest: Any) -> Case:
        """One case.

        Raises ValueError where a keyword is unknown, and where a step needs an input that is none.
        """
        case_id = f"{self.target}/{group}/{detail}"
        keywords = self._merged(rest)
        for keyword in keywords.keys() - set(_KEYWORDS):
            raise ValueError(
                f"{case_id}: a keyword of a row must be one of {', '.join(_KEYWORDS)}; "
                f"received {keyword!r}"
            )
        if "tolerance" not in keywords:
            keywords["tolerance"] = self.tolerance(steps, keywords.get("arguments", {}))
        if isinstance(inputs := keywords.get("inputs", ()), Input):
            keywords["inputs"] = inputs = (inputs,)
        if isinstance(flags := keywords.get("flags"), str):
            keywords["flags"] = (flags,)
        for step in steps:
            if step.input is not None and step.input >= len(inputs):
                raise ValueError(
                    f"{case_id}: {step.do} must be of one of the {len(inputs)} inputs, counted from "
                    f"0; received {step.input}"
                )
        return Case(case_id, self.target, steps=steps, **keywords)

    def table(
        self,
        group: str,
        cells: Mapping[str, Any] | Iterable[Any],
        *steps: Made,
        argument: str | None = None,
        prefix: str = "",
        suffix: str = "",
        **rest: Any,
    ) -> Iterator[Case]:
        """A case for each cell, named by it: a mapping from details, or values that tell themselves.

        What a cell is: where a step is a function, what that makes a step of; else the value of the
        `argument` that is named; else the input, or, a mapping, arguments. The detail stands between
        `prefix` and `suffix`; `rest` are keywords of every row.

        Raises ValueError where a cell has no place, or two; where two cells have one detail; where
        there are none.
        """
        made = any(not isinstance(step, Step) for step in steps)
        if made and argument is not None:
            raise ValueError(
                f"{self.target}/{group}: a cell must be the argument or a step; "
                f"received the argument {argument!r} and a function that makes a step"
            )
        row = self.given(**rest)
        seen: set[str] = set()
        for detail, found in self._named(cells, argument):
            value, own = (found.value, found.keywords) if isinstance(found, Cell) else (found, {})
            if detail in seen:
                raise ValueError(
                    f"{self.target}/{group}: a table must tell its cells apart; "
                    f"received {detail!r} twice"
                )
            seen.add(detail)
            asked = (step if isinstance(step, Step) else step(value) for step in steps)
            placed: dict[str, Any] = {}
            if argument is not None:
                placed = {"arguments": {argument: value}}
            elif isinstance(value, Input) and not made:
                placed = {"inputs": value}
            elif isinstance(value, Mapping) and not made:
                placed = {"arguments": value}
            elif not made:
                raise ValueError(
                    f"{self.target}/{group}/{detail}: a cell must be an input or arguments, unless "
                    f"`argument` or a step says what it is; received {value!r}"
                )
            yield row.given(**placed)(group, f"{prefix}{detail}{suffix}", *asked, **own)
        if not seen:
            raise ValueError(f"{self.target}/{group}: a table must have a cell; received none")

    def tolerance(self, steps: Sequence[Step], arguments: Mapping[str, Any]) -> Tolerance:
        """That of a row which names none."""
        return COMPUTED

    def text(self, value: Any) -> str:
        """A value in an id."""
        return text(value)

    def arguments_text(self, arguments: Mapping[str, Any]) -> str:
        """Arguments in an id."""
        return ",".join(f"{k}={self.text(v)}" for k, v in arguments.items()) or "defaults"

    def _named(
        self, cells: Mapping[str, Any] | Iterable[Any], argument: str | None
    ) -> Iterator[tuple[str, Any]]:
        if isinstance(cells, Mapping):
            yield from cells.items()
            return
        for found in cells:
            value = found.value if isinstance(found, Cell) else found
            if isinstance(value, Mapping) and argument is None:
                yield self.arguments_text(value), found
            else:
                yield self.text(value), found

    def _merged(self, rest: Mapping[str, Any]) -> dict[str, Any]:
        merged = {**self.common, **rest}
        if "arguments" in merged:
            merged["arguments"] = {
                **self.common.get("arguments", {}),
                **rest.get("arguments", {}),
            }
        return merged


def flagged(flag: str, cases: Iterable[Case]) -> Iterator[Case]:
    """The cases, with a flag more, and without the inputs that no step needs."""
    for case in cases:
        flags = case.flags if flag in case.flags else (flag, *case.flags)
        yield trimmed(replace(case, flags=flags))


def trimmed(case: Case) -> Case:
    """Without the inputs that no step needs: tables give all of them an input and its target values."""
    asked = [step.input for step in case.steps if step.input is not None]
    asked += [int(str(step.options["target"])) for step in case.steps if "target" in step.options]
    return replace(case, inputs=case.inputs[: max(asked, default=-1) + 1])


# How a thing may be rebuilt; the format before that of TensorFlow 2.12 is one of Keras 2.
WAYS: Final = ("from_config", "serialize")
ALL_WAYS: Final = (*WAYS, cell("legacy", dialects=KERAS2))


def sizes(shape: Sequence[int | None]) -> str:
    """A shape in an id: its sizes, `?` for an unknown one; or scalar."""
    return "x".join("?" if size is None else str(size) for size in shape) or "scalar"


def text(value: Any) -> str:
    """A value in an id: no spaces, no slashes."""
    if isinstance(value, Input):
        flat = value.tensor.values().reshape(-1).tolist()
        return f"{value.given}:{value.tensor.dtype}:{sizes(value.tensor.shape)}:{text(flat)}"
    if isinstance(value, Reference):
        return f"{value.name.rpartition('.')[2]}({arguments_text(value.arguments)})"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        inner = ",".join(text(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, str):
        return value.replace(" ", "_") or "empty"
    return str(value)


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id."""
    return ",".join(f"{name}={text(value)}" for name, value in arguments.items()) or "defaults"
