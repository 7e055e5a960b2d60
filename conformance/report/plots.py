"""Small plots, drawn as SVG inside a page: no file, no script, and no library is needed to see them."""

from __future__ import annotations

import math
from typing import Final

from markupsafe import Markup

# Errors below a thousandth of the budget all look alike: far from it.
_DECADES: Final = 3
_WIDTH: Final = 120
_HEIGHT: Final = 12


def place(part: float) -> float:
    """Where a part of the budget lies on the axis, from 0 (a thousandth or less) to 1 (all of it)."""
    if not part > 0:
        return 0.0
    return min(1.0, max(0.0, 1 + math.log10(part) / _DECADES))


def headroom(median: float, worst: float) -> Markup:
    """A bar as long as the worst error, with a mark at the median; each line is a tenth of the next."""
    worst_at, median_at = (_WIDTH * place(part) for part in (worst, median))
    lines = "".join(
        f"<path d='M{_WIDTH * n // _DECADES} 0V{_HEIGHT}'/>" for n in range(_DECADES + 1)
    )
    return Markup(
        f"<svg class='headroom' viewBox='-1 0 {_WIDTH + 2} {_HEIGHT}' role='img' "
        f"aria-label='median {median:.3g}, worst {worst:.3g} of the budget'>"
        f"<g class='axis'>{lines}</g>"
        f"<rect y='3' height='6' width='{worst_at:.1f}' class='{'near' if worst > 0.5 else 'far'}'/>"
        f"<path class='mark' d='M{median_at:.1f} 1V{_HEIGHT - 1}'/></svg>"
    )
