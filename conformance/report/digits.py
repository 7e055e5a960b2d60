"""Errors of activations in units in the last place: on the terminal, as JSON, as a page, as Markdown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report import page
from conformance.report.tables import table_of
from conformance.strength.ulp import Row

# A larger error leaves less than five of the seven decimals of float32, and nothing of a dtype with 16 bits.
_LARGE: Final = 1000
# From here on figures say no more than their magnitude.
_HUGE: Final = 1e9
# What a reader of a table wants to know of a platform, where the subject tells it.
_FACTS: Final = (
    *("package", "version", "keras", "tensorflow", "torch", "jax", "jaxlib", "tfjs", "node"),
    *("tf2onnx", "onnx"),
    *("numpy", "python", "system", "machine", "cpu_features", "onednn", "device"),
)


@dataclass(frozen=True, slots=True)
class Digits:
    """What was measured of some subjects.

    Attributes:
        samples: about how many numbers of float32 were asked; 0 for all.
        seed: of these numbers.
        provenance: of each subject.

    """

    rows: Sequence[Row]
    samples: int
    seed: int
    provenance: Mapping[str, Mapping[str, Any]]

    @property
    def subjects(self) -> list[str]:
        """Their names, in the order of asking."""
        return list(dict.fromkeys(row.subject for row in self.rows))

    @property
    def dtypes(self) -> list[str]:
        """The dtypes, in the order of asking."""
        return list(dict.fromkeys(row.dtype for row in self.rows))

    @property
    def activations(self) -> list[str]:
        """Those that a subject answered, in any dtype."""
        return list(dict.fromkeys(row.activation for row in self.rows if not row.refused))

    def pair(self, subject: str, activation: str, dtype: str) -> tuple[Row | None, Row | None]:
        """The rows of the values and of the slopes; None where there is no answer."""
        wanted = (subject, activation, dtype)
        own = {
            row.gradient: row
            for row in self.rows
            if (row.subject, row.activation, row.dtype) == wanted and not row.refused
        }
        return own.get(False), own.get(True)

    def large(self) -> list[Row]:
        """What is off by more than 1000 units, or not finite where the truth is: the worst first."""
        found = [row for row in self.rows if is_large(row)]
        return sorted(found, key=lambda row: (-bool(row.nonfinite), -row.worst))

    def facts(self, subject: str) -> dict[str, str]:
        """What a reader wants to know of the subject and its platform."""
        known = self.provenance.get(subject, {})
        return {key: _words(known[key]) for key in _FACTS if known.get(key) not in (None, "")}


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def is_large(row: Row | None) -> bool:
    """Whether more than a few digits are lost, or all."""
    return row is not None and bool(row.worst > _LARGE or row.nonfinite)


def show(digits: Digits, console: Console) -> None:
    """Prints for each subject the worst error of each activation and its gradient, by dtype."""
    rows, dtypes = digits.rows, digits.dtypes
    columns = [name for dtype in dtypes for name in (dtype, "slope")]
    for subject in digits.subjects:
        own = {(r.activation, r.dtype, r.gradient): r for r in rows if r.subject == subject}
        title = f"{escape(subject)}: largest error in ULP (0.5 is the least)"
        table = table_of(("activation",), columns, title, box=box.SIMPLE_HEAD, pad_edge=False)
        for activation in dict.fromkeys(key[0] for key in own):
            cells = [
                _coloured(own.get((activation, dtype, gradient)))
                for dtype in dtypes
                for gradient in (False, True)
            ]
            table.add_row(activation, *cells)
        console.print(table)
        answered = [row for row in own.values() if not row.refused]
        judged = sum(row.judged for row in answered)
        exact = sum(row.exact for row in answered)
        share = 100 * exact / judged if judged else 0.0
        asked = sum(row.asked for row in own.values())
        console.print(
            f"{subject}: {asked:,} numbers asked, {judged:,} judged, {share:.1f}% rounded correctly; "
            "NaN marks an answer that is not finite where the truth is, - a refusal",
            highlight=False,
            markup=False,
        )


def _coloured(row: Row | None) -> str:
    return f"[red]{cell(row)}[/]" if is_large(row) else cell(row)


def cell(row: Row | None) -> str:
    """The worst error in three digits; NaN beside it where an answer is not finite, - for no answer."""
    if row is None or row.refused:
        return "-"
    said = (
        ">1e6"
        if row.worst > 1e6
        else f"{row.worst:.3g}"
        if row.worst < 1000
        else f"{row.worst:.0f}"
    )
    return f"{said} NaN" if row.nonfinite else said


def exactly(row: Row) -> str:
    """The worst error in full, or in three digits where it is astronomical."""
    return f"{row.worst:,.0f}" if row.worst < _HUGE else f"{row.worst:.2e}"


def as_json(digits: Digits) -> dict[str, Any]:
    """Every row, with where its worst error is."""
    return {
        "schema": "keras-conformance/ulp/2",
        "kind": "ulp",
        "samples": digits.samples,
        "seed": digits.seed,
        "provenance": digits.provenance,
        "rows": [dataclasses.asdict(row) for row in digits.rows],
    }


def from_json(found: Mapping[str, Any]) -> Digits:
    """What `as_json` wrote; KeyError, TypeError or ValueError, which says why, where it is something else."""
    rows = [Row(**row) for row in found["rows"]]
    for row in rows:
        for field in dataclasses.fields(Row):
            value = getattr(row, field.name)
            if type(value).__name__ not in str(field.type).replace("None", "NoneType"):
                raise TypeError(f"{field.name} must be {field.type}; received {value!r}")
    provenance = found["provenance"]
    if not isinstance(provenance, dict) or not all(
        isinstance(f, dict) for f in provenance.values()
    ):
        raise TypeError(f"provenance must have facts for each subject; received {provenance!r}")
    return Digits(rows, int(found["samples"]), int(found["seed"]), provenance)


def facts(digits: Digits) -> dict[str, Any]:
    """What fills in the templates."""
    return {"digits": digits, "cell": cell, "is_large": is_large, "exactly": exactly}


def write_html(digits: Digits, path: Path) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    page.write_template(path, "ulp.html", **facts(digits))


def write_markdown(digits: Digits, path: Path) -> None:
    """Writes the tables as Markdown, whole or not at all."""
    page.write_template(path, "ulp.md", **facts(digits))
