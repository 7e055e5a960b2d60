"""What `conformance run` is told to ask and to say: `--last-failed`, `--maxfail`, `-q`, `-v`, and near names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN, SUBJECT
from rich.console import Console

from conformance.cli import basics
from conformance.runner import memory

RUN = ("run", *SUBJECT, "--in-process")
UNIT = ("--select", "constraints.MaxNorm")


def asked(path: Path) -> set[str]:
    return {row["id"] for row in json.loads(path.read_text())["results"]}


def failed(path: Path) -> set[str]:
    rows = json.loads(path.read_text())["results"]
    return {row["id"] for row in rows if row["verdict"] in ("fail", "missing", "unexpected_pass")}


def test_last_failed_asks_what_failed_and_forgets_what_passes(
    tmp_path: Path, conformance: Callable[..., Any], golden_of: Callable[..., Path]
) -> None:
    golden = ("--golden", golden_of(("constraints.MaxNorm", "constraints.UnitNorm")))
    report = tmp_path / "report.json"
    before = conformance(*RUN, "--last-failed", *golden)
    assert before.status == 2
    assert before.sentence() == (
        f"conformance: --last-failed must come after a run of {PLAIN} in this folder; none is "
        "remembered"
    )
    conformance(*RUN, *golden, "--json", report)
    every = failed(report)
    assert 50 < len(every) < len(asked(report))
    conformance(*RUN, *golden, "--last-failed", "--json", report)
    assert asked(report) == failed(report) == every
    # A run of a part keeps what it did not ask.
    conformance(*RUN, *golden, *UNIT, "--json", report)
    assert memory.failed([PLAIN]) == every
    # Another subject has failures of its own.
    assert conformance("run", "--subject", "impl", "--last-failed", *golden).status == 2


def test_a_case_that_passes_is_forgotten(
    conformance: Callable[..., Any], golden_of: Callable[..., Path]
) -> None:
    golden = ("--golden", golden_of(("constraints.NonNeg",)))
    conformance(*RUN, *golden)
    some = sorted(memory.failed([PLAIN]))
    assert some
    memory._path().write_text(
        json.dumps({memory._key([PLAIN]): [*some, "constraints.NonNeg/value/wave-5-float32"]})
    )
    conformance(*RUN, "--last-failed", *golden)
    assert sorted(memory.failed([PLAIN])) == some


@pytest.mark.parametrize("spoilt", ["{", "[1]", '{"a": 1}'])
def test_a_spoilt_memory_is_none(
    spoilt: str, conformance: Callable[..., Any], golden_of: Callable[..., Path]
) -> None:
    golden = ("--golden", golden_of(("constraints.NonNeg",)))
    memory._path().write_text(spoilt)
    assert conformance(*RUN, "--last-failed", *golden).status == 2
    assert conformance(*RUN, *golden).status == 1
    assert memory.failed([PLAIN])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_maxfail_stops_early_and_says_so(
    jobs: str,
    tmp_path: Path,
    golden_of: Callable[..., Path],
    python: Callable[..., Any],
) -> None:
    report = tmp_path / "report.json"
    golden = golden_of(("constraints.MaxNorm", "constraints.UnitNorm"))
    ended = python(
        *("-m", "conformance", "run", *SUBJECT, "--golden", golden, "--maxfail", "3"),
        *("--jobs", jobs, "--json", report),
    )
    assert ended.status == 1
    assert "(--maxfail 3): " in ended.out
    assert "what is above is about these" in ended.out
    count = len(failed(report))
    assert count == 3 if jobs == "1" else count >= 3
    assert len(asked(report)) < 700


def test_quiet_says_little_and_verbose_all(
    conformance: Callable[..., Any], golden_of: Callable[..., Path]
) -> None:
    golden = ("--golden", golden_of(("constraints.MaxNorm", "constraints.MinMaxNorm")))
    usual, quiet, verbose = (
        conformance(*RUN, *golden, *more).out for more in ((), ("-q",), ("-v",))
    )
    assert len(quiet.splitlines()) < len(usual.splitlines()) < len(verbose.splitlines())
    assert "constraints.MaxNorm  " not in quiet
    assert "conformance show" not in quiet
    assert quiet.splitlines()[-1].startswith("not as expected: ")
    assert "more causes" in usual
    assert "more causes" not in verbose
    assert "Headroom: " in verbose
    assert "Headroom: " not in usual
    both = conformance(*RUN, *golden, "-q", "-v")
    assert both.sentence() == "conformance: run takes --verbose or --quiet; received both"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--select", "constraints.maxnorm"), "did you mean 'constraints.MaxNorm'?"),
        (("run", "--select", "constraint.NonNeg/value/wave-5-float32"), "did you mean 'constraints.NonNeg/value/wave-5-float32'?"),
        (("run", "--subject", "kears"), "did you mean 'keras'?"),
        (("run", "--subject", "impl.keras4"), "did you mean 'impl.keras3'?"),
        (("show", "constraints.NonNeg/value/wav-5-float32"), "did you mean 'constraints.NonNeg/value/wave-5-float32'?"),
        (("run", "--select", "nothing like it"), "received 'nothing like it'"),
        (("run", "--select", ""), "--select must be a class, a part of an id or a glob; received ''"),
    ],
)  # fmt: skip
def test_what_is_nearly_a_name_is_told(
    words: tuple[str, ...],
    said: str,
    conformance: Callable[..., Any],
    golden_of: Callable[..., Path],
) -> None:
    golden = golden_of(("constraints.MaxNorm", "constraints.NonNeg"))
    subject = () if "--subject" in words else SUBJECT
    ended = conformance(*words, *subject, "--golden", golden)
    assert ended.status == 2
    assert ended.sentence().endswith(said)


def test_a_name_between_colons_is_no_picture() -> None:
    # `:ok:` is one to rich, in a package of that name as well.
    for console in (basics.console, basics._progress_console):
        with console.capture() as said:
            console.print("module:ok:keras3")
        assert said.get() == "module:ok:keras3\n"


def test_the_bar_tells_failures_so_far_and_nobody_counts_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = io.StringIO()
    terminal = Console(file=said, force_terminal=True, width=100)
    monkeypatch.setattr(basics, "_progress_console", terminal)
    with basics.progress("running") as bar:
        assert bar.failed is not None
        bar(5, 20)
        bar.failed(1234)
    assert "1,234 failed" in said.getvalue()
    assert "5/20" in said.getvalue()
    monkeypatch.setattr(basics, "_progress_console", Console(file=io.StringIO()))
    with basics.progress("running") as bar:
        bar(5, 20)
        assert bar.failed is None
