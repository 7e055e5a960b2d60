"""An entry as a block of text: its comments stay."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from expectations.known import some_entry as entry

from conformance.expectations import blocks
from conformance.model.errors import UsageError


@pytest.mark.parametrize("text", ["expectation = [{cases = 'a', aspects = ['value'], reason = 'r', link = 'l'}]\n",
                                  entry("a", reason="\n[[expectation]]\n").replace("\\n", "\n").replace('"\n', '"""\n', 1)])  # fmt: skip
def test_a_file_of_another_form_is_not_updated(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        blocks.split(text, tmp_path / "known.toml")


def test_a_block_keeps_its_comments_where_it_changes() -> None:
    block = "# why\n[[expectation]]\ncases = 'a' # which\naspects = ['value']\n\n"
    text = blocks.changed(block, {"cases": ("b", "c"), "modes": ("xla",)})
    assert text.startswith('# why\n[[expectation]]\ncases = ["b", "c"] # which\n')
    assert tomllib.loads(text)["expectation"][0]["modes"] == ["xla"]
