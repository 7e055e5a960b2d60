"""What every page looks like: colours that can be read, one look, and plots that say what the numbers say."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from conformance.judge.histogram import Histogram
from conformance.report import plots

TEMPLATES = resources.files("conformance.report") / "templates"
PAGES = ("report", "claims", "matrix", "upgrade", "certificate", "ulp", "deployed")
PARTS = ("mutation_section", "ulp_section")
Colour = tuple[float, float, float]


def source(name: str) -> str:
    return (TEMPLATES / f"{name}.html").read_text()


def variables(scheme: str) -> dict[str, str]:
    """The colours of a scheme: those of the dark one replace some of the light one."""
    light, dark = re.findall(r":root \{(.*?)\}", source("style"))
    found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", light))
    return found | (
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {}
    )


def colour(text: str) -> Colour:
    red, green, blue = (int(text[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def over(text: str, ground: Colour) -> Colour:
    """A translucent colour (#rrggbbaa) over another."""
    alpha = int(text[7:9], 16) / 255
    red, green, blue = (
        alpha * top + (1 - alpha) * below for top, below in zip(colour(text), ground, strict=True)
    )
    return red, green, blue


def luminance(of: Colour) -> float:
    """As WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in of]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast(colour("#000000"), colour("#ffffff")) == pytest.approx(21)
    assert contrast(colour("#777777"), colour("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "dim", "good", "bad", "warn"])
def test_text_of_each_colour_can_be_read(scheme: str, name: str) -> None:
    found = variables(scheme)
    assert contrast(colour(found[name]), colour(found["ground"])) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_of_the_matrix_can_be_read_on_each_shade(scheme: str) -> None:
    found = variables(scheme)
    shades = re.findall(r"\.s\d \{ background: (#[0-9a-f]{8});", source("matrix"))
    assert len(shades) == 5
    for shade in shades:
        ground = over(shade, colour(found["ground"]))
        assert contrast(colour(found["ink"]), ground) >= 4.5, shade


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_the_look_and_a_way_past_its_head(name: str) -> None:
    text = source(name)
    assert '{% include "style.html" %}' in text
    target = re.search(r'<a class="skip" href="#(\w+)">', text)
    assert target
    assert f'id="{target[1]}"' in text
    assert '<div class="scroll">' not in text, "what scrolls must be reached by the keyboard"


@pytest.mark.parametrize(
    ("part", "place"),
    [(0.0, 0), (1e-9, 0), (1e-3, 0), (1e-2, 1 / 3), (1e-1, 2 / 3), (1.0, 1), (7.0, 1)],
)
def test_a_part_of_the_budget_has_its_place_on_the_axis(part: float, place: float) -> None:
    assert plots.place(part) == pytest.approx(place)


def test_a_bar_ends_at_the_worst_and_is_marked_at_the_median() -> None:
    drawn = plots.headroom(0.01, 0.1)
    assert "width='80.0'" in drawn
    assert "d='M40.0 1V" in drawn
    assert "class='far'" in drawn
    assert "median 0.01, worst 0.1 of the budget" in drawn
    assert "class='near'" in plots.headroom(0.01, 0.9)


def test_a_plot_of_draws_has_a_bar_for_each_bin_and_the_density_to_scale() -> None:
    counts = (0, 10, 30, 0)
    made = Histogram("uniform", (-1.0, 1.0), 0, -2.0, 2.0, counts, 1)
    drawn = plots.distribution(made)
    assert drawn.count("z") == 2
    top = 1.1 * 30 / 41
    assert f"M120.0 80v-{80 * 30 / 41 / top:.1f}h60.00V80z" in drawn
    assert f"L180.0 {80 * (1 - 0.5 / top):.1f}" in drawn
    assert plots.law(made) == (
        "uniform (low -1, high 1), 41 draws, shown from -2 to 2; 1 draws lie beyond"
    )


@pytest.mark.parametrize("name", [*PAGES, *PARTS])
def test_every_table_is_cards_on_a_phone(name: str) -> None:
    text = source(name)
    tables = re.findall(r"<table[^>]*>", text)
    assert all(re.search(r'class="[^"]*cards', table) for table in tables), tables
    rows = re.findall(r"<td class=\"n[^>]*>", text)
    assert all("data-label" in row for row in rows), rows
