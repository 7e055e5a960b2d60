"""What an exploration found: on the terminal, and each discovery as files: a case, a row of the tables, a repro."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.model import Case, FormulaTensor, Given, Input, Reference, Step, codec
from conformance.model.texts import clipped
from conformance.report import repro
from conformance.report.tables import table_of
from conformance.strength.explore.exploring import Exploration
from conformance.strength.explore.state import Discovery
from conformance.vectors import store

# The best that was published of fuzzers of deep learning libraries, in percent.
_PUBLISHED: Final = {"inputs": 69.7, "values": 50.2, "sequences": 39.0}
_WORDS: Final = {
    "inputs": "inputs of layers",
    "values": "values of arguments",
    "sequences": "sequences of steps",
}


def told(found: Discovery, console: Console) -> None:
    """Prints a discovery, in two lines."""
    console.print(f"[red]found[/] {escape(_what(found))}", soft_wrap=True, highlight=False)
    console.print(f"      {escape(question(found.case))}", soft_wrap=True, highlight=False)


def _what(found: Discovery) -> str:
    failure = found.failure
    return (
        f"{found.subject}: {failure.target}: {failure.aspect} against {failure.against}: "
        f"{failure.message} (fault of {failure.fault})"
    )


def question(case: Case) -> str:
    """A case in a line: arguments, inputs, steps."""
    arguments = ", ".join(
        f"{name}={clipped(source(value), 60)}"
        for name, value in case.arguments.items()
        if name != "name"
    )
    inputs = ", ".join(
        f"{each.tensor.dtype}{list(each.tensor.shape)}"
        + ("" if each.given is Given.TENSOR else f" as {each.given}")
        for each in case.inputs
    )
    steps = ", ".join(_step(step) for step in case.steps)
    name = case.custom or case.target.rpartition(".")[2]
    return f"{name}({arguments})" + (f" of {inputs}" if inputs else "") + f": {steps}"


def _step(step: Step) -> str:
    options = {name: value for name, value in step.options.items() if name != "values"}
    inside = ", ".join(f"{name}={clipped(source(value), 40)}" for name, value in options.items())
    return f"{step.do}({inside})" if inside else step.do


def summary(exploration: Exploration, console: Console) -> None:
    """Prints the causes that were found, then how much was asked."""
    if exploration.new:
        table = table_of(("class", "aspect"), ("examples",), box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("how it fails", "needs", "fault"):
            table.add_column(name, overflow="fold")
        for each in exploration.new:
            notes = ["", " (not small)"][not each.shrunk] + ["", " (not again)"][
                not each.fails_again
            ]
            table.add_row(
                each.failure.target,
                each.failure.aspect,
                str(each.count),
                escape(f"{each.failure.against}: {'; '.join(each.failure.signature)}{notes}"),
                escape(", ".join(sorted(each.cause.needs)) or "nothing special"),
                str(each.failure.fault),
            )
        console.print(table)
    for name, coverage in exploration.state.coverage.items():
        if name not in exploration.offered:
            continue
        parts = coverage.share(exploration.offered[name])
        shares = "; ".join(
            f"{_WORDS[key]} {100 * part:.1f}% (the best published: {_PUBLISHED[key]}%)"
            for key, part in parts.items()
            if getattr(exploration.offered[name], key)
        )
        console.print(f"{name}: asked of what there is: {shares}", highlight=False)
    known = sum(bool(each.known) for found in exploration.state.causes.values() for each in found)
    rate = exploration.asked / exploration.seconds if exploration.seconds else 0.0
    console.print(
        f"{len(exploration.new)} new causes; {known} that findings and expectations hold; "
        f"{exploration.asked:,} examples in {exploration.seconds:.0f} s ({rate:.0f} a second)"
        + ("; interrupted" if exploration.interrupted else ""),
        highlight=False,
    )


def save(found: Discovery, directory: Path, tensors: str) -> None:
    """Writes a discovery: the case as a golden file has it, a row of the tables, and a repro."""
    failure = found.failure
    case = {
        "target": found.case.target,
        "case": codec.case_to_json(found.case),
        "subject": found.subject,
        "dialect": failure.dialect,
        "against": failure.against,
        "aspect": failure.aspect,
        "signature": list(failure.signature),
        "fault": str(failure.fault),
        "message": failure.message,
        "needs": sorted(found.cause.needs),
    }
    files = {
        f"{found.slug}.json": json.dumps(case, indent=1),
        f"{found.slug}-row.py": row(found.case),
        f"{found.slug}-repro.py": repro.script(found.case, found.subject, tensors),
    }
    for name, text in files.items():
        store.write(directory / name, (text.rstrip("\n") + "\n").encode())


_IMPORTS: Final = """from math import inf, nan

import numpy as np

from conformance.cases.inputs import listed
from conformance.cases.rows import Rows
from conformance.model import Formula, FormulaTensor, Given, Input, Reference, Step
"""


def row(case: Case) -> str:
    """A case as Python source that a file of `conformance/cases/` can hold; it defines `ROW`."""
    group, _, detail = case.id.partition("/")[2].partition("/")
    keywords = {
        "arguments": source(dict(case.arguments)) if case.arguments else "",
        "inputs": _several(case.inputs),
        "flags": repr(case.flags) if case.flags else "",
        "custom": repr(case.custom) if case.custom else "",
    }
    given = "".join(f"    {name}={text},\n" for name, text in keywords.items() if text)
    steps = "".join(f"    {_step_source(step)},\n" for step in case.steps)
    return (
        f"{_IMPORTS}\nROW = Rows({case.target!r}, {case.dialects!r})(\n"
        f"    {group!r},\n    {detail!r},\n{steps}{given})\n"
    )


def _several(inputs: tuple[Input, ...]) -> str:
    return f"({', '.join(map(source, inputs))},)" if inputs else ""


def _step_source(step: Step) -> str:
    parts = [repr(step.do)]
    if step.input is not None or step.options:
        parts.append(repr(step.input))
    if step.options:
        parts.append(source(dict(step.options)))
    return f"Step({', '.join(parts)})"


def source(value: Any) -> str:
    """A literal of a case as Python source."""
    if isinstance(value, Input):
        return _input_source(value)
    if isinstance(value, Reference):
        parts = [repr(value.kind), repr(value.name)]
        if value.arguments:
            parts.append(source(dict(value.arguments)))
        return f"Reference({', '.join(parts)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k!r}: {source(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        inside = ", ".join(map(source, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return repr(value)


def _input_source(given: Input) -> str:
    tensor = given.tensor
    form = "" if given.given is Given.TENSOR else f", Given.{given.given.name}"
    if isinstance(tensor, FormulaTensor):
        return f"Input(FormulaTensor({tensor.dtype!r}, {tensor.shape!r}, {tensor.formula!r}){form})"
    if not tensor.size:
        return f"listed(np.zeros({tensor.shape!r}), {tensor.dtype!r}{form})"
    return f"listed({source(tensor.values().tolist())}, {tensor.dtype!r}{form})"
