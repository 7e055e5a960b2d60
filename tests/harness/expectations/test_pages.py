"""The pages of causes: each repro of those that this environment can run prints what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Ended

from conformance.expectations import entries

# The others are about packages that have environments of their own.
PAGE = entries.HERE / "impl.md"
REPRO = re.compile(r"```python\n(.*?)```\n\nprints\n\n```\n(.*?)```", re.DOTALL)
SECTIONS = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_a_repro_prints_what_the_page_says(
    section: str, tmp_path: Path, python: Callable[..., Ended]
) -> None:
    repros = REPRO.findall(section)
    assert len(repros) == section.count("```python") > 0
    for code, printed in repros:
        script = tmp_path / "repro.py"
        script.write_text(code)
        ended = python(script)
        assert ended.status == 0, ended.err
        assert ended.out == printed
