"""Small plots, drawn as SVG inside a page: no file, no script, and no library is needed to see them."""

from __future__ import annotations

import math
from typing import Final

from conformance.judge.histogram import Histogram
from conformance.model import LAWS

# Errors below a thousandth of the budget all look alike: far from it.
_DECADES: Final = 3
_WIDTH: Final = 120
_HEIGHT: Final = 12

# Of a plot of a distribution.
_WIDE: Final = 240
_HIGH: Final = 80
_LAWS: Final = {"truncated_normal": "normal, cut at 2 deviations"}


def distribution(drawn: Histogram) -> str:
    """The histogram of draws, and the density of their law over it."""
    curve = drawn.density()
    heights = drawn.heights
    # A density that is endless at an end must not flatten the rest.
    top = 1.1 * max(*heights, sorted(value for _, value in curve)[-3]) or 1.0
    step = _WIDE / len(heights)
    bars = "".join(
        f"M{n * step:.1f} {_HIGH}v{-_HIGH * height / top:.1f}h{step:.2f}V{_HIGH}z"
        for n, height in enumerate(heights)
        if height
    )
    width = drawn.high - drawn.low
    line = "L".join(
        f"{_WIDE * (at - drawn.low) / width:.1f} {_HIGH * max(0.0, 1 - value / top):.1f}"
        for at, value in curve
    )
    return (
        f"<svg class='drawn' viewBox='0 -1 {_WIDE} {_HIGH + 2}' role='img' aria-label='{law(drawn)}'>"
        f"<path class='bars' d='{bars}'/><path class='law' d='M{line}'/></svg>"
    )


def law(drawn: Histogram) -> str:
    """The law of draws, in words."""
    name = _LAWS.get(drawn.name, drawn.name)
    names = LAWS[drawn.name]
    told = ", ".join(f"{n} {v:.4g}" for n, v in zip(names, drawn.parameters, strict=True))
    beyond = f"; {drawn.outside:,} draws lie beyond" if drawn.outside else ""
    ends = f"shown from {drawn.low:.3g} to {drawn.high:.3g}"
    return f"{name} ({told}), {drawn.total:,} draws, {ends}{beyond}"


def place(part: float) -> float:
    """Where a part of the budget lies on the axis, from 0 (a thousandth or less) to 1 (all of it)."""
    if not part > 0:
        return 0.0
    return min(1.0, max(0.0, 1 + math.log10(part) / _DECADES))


def headroom(median: float, worst: float) -> str:
    """A bar as long as the worst error, with a mark at the median; each line is a tenth of the next."""
    worst_at, median_at = (_WIDTH * place(part) for part in (worst, median))
    lines = "".join(
        f"<path d='M{_WIDTH * n // _DECADES} 0V{_HEIGHT}'/>" for n in range(_DECADES + 1)
    )
    return (
        f"<svg class='headroom' viewBox='-1 0 {_WIDTH + 2} {_HEIGHT}' role='img' "
        f"aria-label='median {median:.3g}, worst {worst:.3g} of the budget'>"
        f"<g class='axis'>{lines}</g>"
        f"<rect y='3' height='6' width='{worst_at:.1f}' class='{'near' if worst > 0.5 else 'far'}'/>"
        f"<path class='mark' d='M{median_at:.1f} 1V{_HEIGHT - 1}'/></svg>"
    )
