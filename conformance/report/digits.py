"""Errors of activations in units in the last place, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.strength.ulp import Row


def show(rows: Sequence[Row], console: Console) -> None:
    """Prints for each subject the worst error of each activation and its gradient, by dtype."""
    dtypes = list(dict.fromkeys(row.dtype for row in rows))
    columns = [name for dtype in dtypes for name in (dtype, "slope")]
    for subject in dict.fromkeys(row.subject for row in rows):
        own = {(r.activation, r.dtype, r.gradient): r for r in rows if r.subject == subject}
        title = f"{escape(subject)}: largest error in ULP (0.5 is the least)"
        table = table_of(("activation",), columns, title, box=box.SIMPLE_HEAD, pad_edge=False)
        for activation in dict.fromkeys(key[0] for key in own):
            cells = [
                _cell(own.get((activation, dtype, gradient)))
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


def _cell(row: Row | None) -> str:
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


def as_json(rows: Sequence[Row], samples: int, seed: int) -> dict[str, Any]:
    """Every row, with where its worst error is."""
    return {
        "schema": "keras-conformance/ulp/1",
        "samples": samples,
        "seed": seed,
        "rows": [asdict(row) for row in rows],
    }
