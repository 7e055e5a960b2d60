"""`conformance show`: a case by its id, what was expected, what came, and a repro."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import SUBJECT

from conformance.vectors import store


def test_show_shows_expected_actual_and_a_repro(conformance: Callable[..., Any]) -> None:
    ended = conformance("show", "constraints.NonNeg/value/wave-5-float32", *SUBJECT)
    assert (ended.status, ended.err) == (0, "")
    for part in (
        "constraints.NonNeg/value/wave-5-float32  module:plain_numpy:keras3",
        "expected  returned value float32[5] [0.0, 0.5, 0.0, 1.25, 0.25]",
        "actual    returned value float32[5] [0.0, 0.5, 0.0, 1.25, 0.25]",
        "ULP of value\n  [0 0 0 0 0]",
        "import plain_numpy as K",
        "c = K.constraints.NonNeg()",
    ):
        assert part in ended.out


def test_every_case_can_be_shown_by_its_id(golden: Path, conformance: Callable[..., Any]) -> None:
    bracketed = [
        entry.case.id
        for file in store.load_all(golden)
        for entry in file.cases
        if "[" in entry.case.id and "keras3" in entry.expected
    ]
    for case_id in bracketed[:: len(bracketed) // 4]:
        ended = conformance("show", case_id, *SUBJECT)
        assert ended.status == 0, ended.err
        assert ended.out.startswith(f"{case_id}  module:plain_numpy:keras3")


def test_show_asks_once(conformance: Callable[..., Any], tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "counting.py").write_text(
        "from types import SimpleNamespace\n"
        "from pathlib import Path\n"
        "conformance_tensors = 'numpy'\n"
        "class NonNeg:\n"
        "    def __call__(self, w):\n"
        f"        with Path({str(tmp_path / 'calls')!r}).open('a') as calls:\n"
        "            calls.write('x')\n"
        "        return w\n"
        "constraints = SimpleNamespace(NonNeg=NonNeg)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    subject = ("--subject", "module:counting:keras3", "--in-process")
    ended = conformance("show", "constraints.NonNeg/value/wave-5-float32", *subject)
    assert "np.testing.assert" in ended.out.splitlines()[-1]
    assert (tmp_path / "calls").read_text() == "x"
