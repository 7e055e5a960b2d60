from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.model import Case, Kind, Raised, Returned, Tolerance
from conformance.report import repro
from conformance.runner import saved
from conformance.vectors import store

SUBJECT = ("--subject", "module:plain_numpy:keras3")
NON_NEG = ("--select", "constraints.NonNeg")

MODULES = {
    "raises": "raise RuntimeError('no such device\\nand more')",
    "exits": "import sys; sys.exit(0)",
    "misspelled": "import plain_nunpy",
    "broken": "def (:",
    "familyless": "answer = 42",
    "odd": "from plain_numpy import constraints\nconformance_tensors = 'abacus'",
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Importable modules that are no subjects."""
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def run(*arguments: str) -> tuple[str, ...]:
    return ("run", *arguments)


# The arguments, and what the sentence must say: the argument, the rule and the value received.
WRONG: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unknown class": (
        run(*SUBJECT, "--select", "constraints.Foo"),
        ("--select", "at least one", "'constraints.Foo'"),
    ),
    "one of two selects matches nothing": (
        run(*SUBJECT, *NON_NEG, "--select", "*/none/*"),
        ("--select", "at least one", "'*/none/*'"),
    ),
    "list of an unknown class": (("list", "--select", "Foo"), ("--select", "'Foo'")),
    "unknown subject": (run("--subject", "foo"), ("--subject", "must be", "'foo'")),
    "empty subject": (run("--subject", ""), ("--subject", "must be", "''")),
    "subject of another case": (run("--subject", "Keras"), ("--subject", "must be", "'Keras'")),
    "one of two subjects": (run(*SUBJECT, "--subject", "foo"), ("--subject", "'foo'")),
    "no version": (run("--subject", "keras==three"), ("--subject", "must be a version", "'three'")),
    "no backend": (run("--subject", "keras@mxnet"), ("--subject", "jax", "'mxnet'")),
    "a program": (run("--subject", "command:x"), ("--subject", "'command:x'")),
    "module without a name": (run("--subject", "module:"), ("--subject module:", "''")),
    "module that is a path": (
        run("--subject", "module:a/b.py:keras3"),
        ("must name a module", "'a/b.py'"),
    ),
    "module that does not exist": (
        run("--subject", "module:absent_module:keras3"),
        ("--subject module:absent_module:keras3", "cannot be imported", "ModuleNotFoundError"),
    ),
    "module that raises": (
        run("--subject", "module:raises"),
        ("--subject module:raises", "cannot be imported", "RuntimeError: no such device"),
    ),
    "module that exits": (run("--subject", "module:exits"), ("--subject module:exits", "SystemExit")),
    "module that imports what is not there": (
        run("--subject", "module:misspelled"),
        ("--subject module:misspelled", "'plain_nunpy'"),
    ),
    "module that is no Python": (run("--subject", "module:broken"), ("SyntaxError",)),
    "module without families": (
        run("--subject", "module:familyless:keras3"),
        ("module:familyless:keras3", "must have a submodule constraints"),
    ),
    "module of unknown tensors": (
        run("--subject", "module:odd"),
        ("conformance_tensors", "'numpy' or 'tensorflow'", "'abacus'"),
    ),
    "bad dialect": (
        run("--subject", "module:plain_numpy:keras4"),
        ("the dialect must be keras2 or keras3", "'keras4'"),
    ),
    "jobs 0": (run(*SUBJECT, "--jobs", "0"), ("'--jobs'", "0 is not in the range x>=1")),
    "jobs that are no number": (run(*SUBJECT, "--jobs", "two"), ("'--jobs'", "'two'")),
    "unknown option": (run("--sbuject", "impl"), ("No such option", "--sbuject")),
    "option without a value": (run("--subject"), ("--subject", "requires an argument")),
    "unknown mode": (run(*SUBJECT, "--mode", "lazy"), ("'--mode'", "'lazy'", "'eager'")),
    "unknown against": (run(*SUBJECT, "--against", "both2"), ("'--against'", "'both2'")),
    "unknown command": (("walk",), ("No such command", "'walk'")),
    "stray argument": (run(*SUBJECT, "extra"), ("extra",)),
    "golden that is not there": (
        run(*SUBJECT, "--golden", "nowhere"),
        ("--golden must be a directory", "'nowhere'"),
    ),
    "golden that is a file": (
        run(*SUBJECT, "--golden", "raises.py"),
        ("--golden must be a directory", "'raises.py'"),
    ),
    "golden that is empty": (
        run(*SUBJECT, "--golden", "empty"),
        ("--golden must hold golden files", "'empty'"),
    ),
    "lint of no directory": (("lint", "--golden", "nowhere"), ("--golden", "'nowhere'")),
    "unreadable baseline": (
        run(*SUBJECT, "--baseline", "nowhere.json"),
        ("--baseline nowhere.json", "cannot be read"),
    ),
    "unreadable expectations": (
        run(*SUBJECT, "--expectations", "nowhere.toml"),
        ("expectations nowhere.toml", "cannot be read"),
    ),
    "unknown id": (("show", "constraints.NonNeg/no", *SUBJECT), ("'constraints.NonNeg/no'",)),
    "part of an id": (
        ("show", "constraints.NonNeg", *SUBJECT),
        ("CASE must be the id", "'constraints.NonNeg'", "constraints.NonNeg/value/"),
    ),
    "case of another dialect": (
        ("show", "constraints.RadialConstraint/place/3x3", *SUBJECT),
        ("--subject must speak a dialect of the case (keras2)", "module:plain_numpy:keras3"),
    ),
    "show without a case": (("show",), ("CASE",)),
    **{
        f"shard {value}": (run(*SUBJECT, "--shard", value), ("'--shard'", "must be I/N", repr(value)))
        for value in ("0/4", "5/4", "1/0", "1", "1/", "/2", "a/b", "-1/2", "1/2/3", "1.0/2", "²/2", "")
    },
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_usage_is_one_sentence(
    what: str,
    modules: Path,
    conformance: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (modules / "empty").mkdir()
    monkeypatch.chdir(modules)
    arguments, said = WRONG[what]
    ended = conformance(*arguments)
    assert ended.status == 2
    sentence = ended.sentence()
    assert sentence.startswith("conformance: ")
    assert "Traceback" not in sentence
    for part in said:
        assert part in sentence
    assert ended.out == ""


BASELINES = {
    "not JSON": b"golden",
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "nothing": b"",
    "another schema": b'{"schema": "junit"}',
    "no counts": json.dumps({"schema": saved.SCHEMA}).encode(),
    "no classes": json.dumps({"schema": saved.SCHEMA, "counts": 5}).encode(),
    "a class without a count": json.dumps(
        {"schema": saved.SCHEMA, "counts": {"classes": [{"subject": "a"}]}}
    ).encode(),
    "a count that is a text": json.dumps(
        {
            "schema": saved.SCHEMA,
            "counts": {"classes": [{"subject": "a", "against": "b", "target": "c", "ran": "5"}]},
        }
    ).encode(),
}


@pytest.mark.parametrize("what", BASELINES)
def test_a_baseline_that_is_no_report_is_refused(
    what: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(BASELINES[what])
    ended = conformance(*run(*SUBJECT, *NON_NEG, "--baseline", str(path)))
    assert ended.status == 2
    assert f"--baseline {path}" in ended.sentence()
    assert ended.out == ""


def test_a_report_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    (tmp_path / "file").touch()
    ended = conformance(*run(*SUBJECT, *NON_NEG, "--json", str(tmp_path / "file" / "r.json")))
    assert ended.status == 2
    assert str(tmp_path / "file") in ended.sentence()


def test_the_process_itself_ends_so_too(python: Callable[..., Any]) -> None:
    for arguments in (run("--subject", "foo"), run(*SUBJECT, "--select", "constraints.Foo")):
        ended = python("-m", "conformance", *arguments)
        assert (ended.status, ended.out) == (2, "")
        assert ended.sentence().startswith("conformance: --s")


def test_every_command_has_help_with_the_exit_statuses(conformance: Callable[..., Any]) -> None:
    ended = conformance("--help")
    assert ended.status == 0
    for line in ("0    everything as expected", "3    damaged golden data", "130  interrupted"):
        assert line in ended.out
    for command in ("run", "record", "show", "list", "lint"):
        assert f"\n  {command} " in ended.out
        assert conformance(command, "--help").status == 0


def results(report: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(report.read_text())["results"]
    return found


def test_shards_partition_the_cases(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    report = tmp_path / "report.json"
    conformance(*run(*SUBJECT, "--json", str(report)))
    whole = [codec_free(r) for r in results(report)]
    parts = []
    for number in (1, 2, 3):
        conformance(*run(*SUBJECT, "--shard", f"{number}/3", "--json", str(report)))
        part = [codec_free(r) for r in results(report)]
        ids = {r[0] for r in part}
        assert len(ids) > 300
        assert not ids & {r[0] for r in parts}
        parts += part
    assert sorted(parts) == sorted(whole)


def codec_free(result: dict[str, Any]) -> tuple[str, ...]:
    return (result["id"], *(str(value) for value in result.values()))


def test_two_processes_find_what_one_finds(tmp_path: Path, python: Callable[..., Any]) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    asked = run(*SUBJECT, "--select", "constraints*")
    for jobs, report in (("1", one), ("2", two)):
        ended = python("-m", "conformance", *asked, "--jobs", jobs, "--json", report)
        assert (ended.status, ended.err) == (1, "")
    assert results(one) == results(two)
    assert len({r["id"] for r in results(one)}) > 1000


SLOW = """
import time
from pathlib import Path
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"


class MaxNorm(plain.MaxNorm):
    def __call__(self, w):
        time.sleep(0.01)
        with Path({log!r}).open("a") as log:
            log.write(".")
        return super().__call__(w)


constraints = SimpleNamespace(**{{**vars(plain), "MaxNorm": MaxNorm}})
"""


@pytest.mark.parametrize(
    ("jobs", "group", "enough"), [("1", False, 60), ("2", False, 180), ("2", True, 180)]
)
def test_an_interrupted_run_leaves_a_usable_report(
    jobs: str,
    group: bool,
    enough: int,
    tmp_path: Path,
    environment: Callable[..., dict[str, str]],
    interruptible: tuple[str, ...],
) -> None:
    log, report, junit = tmp_path / "log", tmp_path / "report.json", tmp_path / "report.xml"
    log.touch()
    (tmp_path / "slow.py").write_text(SLOW.format(log=str(log)))
    process = subprocess.Popen(
        [
            *interruptible,
            *(sys.executable, "-m", "conformance", "run", "--subject", "module:slow:keras3"),
            *("--select", "constraints.MaxNorm", "--jobs", jobs),
            *("--json", str(report), "--junit", str(junit)),
        ],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while log.stat().st_size < enough:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert "interrupted" in out
    found = saved.read_baseline(report)
    assert (found["interrupted"], found["exit_status"]) == (True, 130)
    finished = {r["id"] for r in found["results"]}
    assert 50 <= len(finished) < 353
    assert [(row["target"], row["ran"]) for row in found["counts"]["classes"]] == [
        ("constraints.MaxNorm", len(finished))
    ]
    assert junit.read_text().count("<testcase ") == len(finished)


@pytest.mark.parametrize("way", ["call", "import"])
def test_a_subject_that_exits_does_not_end_the_run_as_a_success(
    way: str, tmp_path: Path, python: Callable[..., Any]
) -> None:
    body = {"call": "    def __call__(self, w): sys.exit(0)", "import": "    sys.exit(0)"}[way]
    (tmp_path / "leaver.py").write_text(
        "import sys\nfrom types import SimpleNamespace\nimport plain_numpy.constraints as plain\n"
        f"conformance_tensors = 'numpy'\nclass NonNeg(plain.NonNeg):\n{body}\n"
        "constraints = SimpleNamespace(**{**vars(plain), 'NonNeg': NonNeg})\n"
    )
    ended = python("-m", "conformance", *run("--subject", "module:leaver:keras3", *NON_NEG))
    if way == "import":
        assert (ended.status, "SystemExit" in ended.sentence()) == (2, True)
    else:
        assert ended.status == 1
        assert "accepted: must be accepted; raised" in ended.out
        assert "97 failed" in ended.out


def test_list_gives_every_id_once(golden: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("list", "--ids")
    assert (ended.status, ended.err) == (0, "")
    ids = [entry.case.id for file in store.load_all(golden) for entry in file.cases]
    assert ended.out.splitlines() == ids
    ended = conformance("list", "--ids", *NON_NEG)
    assert ended.out.splitlines() == [i for i in ids if i.startswith("constraints.NonNeg/")]
    assert f"{len(ids)} cases in" in conformance("list").out


def test_lint_tells_what_is_wrong_and_passes_the_rest_of_what_is_committed(
    golden_copy: Path, conformance: Callable[..., Any]
) -> None:
    path = golden_copy / "constraints" / "NonNeg.json"
    golden = store.load(path)
    first, second, third, *rest = golden.cases
    renamed = replace(first, case=replace(first.case, id="constraints.NonNeg/old/x"))
    outcome = {"keras2": (Returned({"surprise": 1}),), "keras3": (Raised("call", "odd", ""),)}
    forbidden = replace(second, expected=outcome)
    loose = replace(third, case=replace(third.case, tolerance=Tolerance(Kind.ULP, 9, "typed")))
    cases = (renamed, forbidden, loose, *rest)
    path.write_bytes(store.dumps(replace(golden, cases=cases)))
    ended = conformance("lint", "--golden", golden_copy)
    assert ended.status == 1
    assert f"{path}: $.cases[1].expected" in ended.out
    assert f"{first.case.id}: a row without golden outcomes\n" in ended.out
    assert "constraints.NonNeg/old/x: golden outcomes without a row\n" in ended.out
    assert f"{third.case.id}: the golden case must be that of its row; it is another\n" in ended.out
    assert ended.out.rstrip().endswith(": 4 problems")


def test_lint_needs_the_schema(golden_copy: Path, conformance: Callable[..., Any]) -> None:
    (golden_copy / "schema.json").unlink()
    ended = conformance("lint", "--golden", golden_copy)
    assert ended.status == 2
    assert str(golden_copy / "schema.json") in ended.sentence()


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


SUBJECTS = {"keras2": ("tf_keras", "impl.keras2"), "keras3": ("keras", "impl.keras3")}


def test_every_repro_is_python(golden: Path) -> None:
    count = 0
    for file in store.load_all(golden):
        for entry in file.cases:
            for dialect in entry.expected:
                # To write them for everybody takes a minute: in turn.
                subjects = (*SUBJECTS[dialect], "module:plain_numpy:keras3")
                subject = subjects[count % len(subjects)]
                compile(repro.script(entry.case, subject), entry.case.id, "exec")
                count += 1
    assert count > 15000


def kind(case: Case) -> str:
    """What a repro of the case is made of."""
    steps = [(s.do, s.options.get("via"), "scope" in s.options) for s in case.steps]
    forms = [(str(g.given), g.tensor.dtype == "bfloat16", g.tensor.size == 0) for g in case.inputs]
    return repr((steps, forms, case.custom))


RUNNER = textwrap.dedent(
    """
    import contextlib, io, json, sys, traceback

    answers = {}
    for name, script in json.load(sys.stdin).items():
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(script, name, "exec"), {"__name__": "repro"})
            answers[name] = said.getvalue()
        except Exception:
            answers[name] = "".join(traceback.format_exc().splitlines()[-1:])[:300] + " !"
    json.dump(answers, sys.stdout)
    """
)


def test_repros_run_on_their_own_and_print_the_answer(
    golden: Path, environment: Callable[..., dict[str, str]]
) -> None:
    scripts: dict[str, str] = {}
    kinds: set[str] = set()
    wave = "keras3 constraints.NonNeg/value/wave-5-float32"
    for file in store.load_all(golden):
        for entry in file.cases:
            for dialect, outcomes in entry.expected.items():
                known, name = f"{dialect} {kind(entry.case)}", f"{dialect} {entry.case.id}"
                returned = all(isinstance(o, Returned) for o in outcomes)
                if name == wave or (known not in kinds and returned):
                    kinds.add(known)
                    scripts[name] = repro.script(entry.case, SUBJECTS[dialect][0])
    assert len(scripts) > 40
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(scripts),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = json.loads(done.stdout)
    assert answers.keys() == scripts.keys()
    failed = {
        name: answer
        for name, answer in answers.items()
        if not answer.strip() or answer.endswith(" !")
    }
    assert failed == {}
    assert "[0.   0.5  0.   1.25 0.25]" in answers[wave]


def test_a_worker_that_dies_is_reported_with_what_was_finished(
    tmp_path: Path, python: Callable[..., Any]
) -> None:
    (tmp_path / "mortal.py").write_text(
        "import os\n"
        "conformance_tensors = 'numpy'\n"
        "class constraints:\n"
        "    class NonNeg:\n"
        "        def __call__(self, w): os._exit(0)\n"
        "        def get_config(self): return {}\n"
    )
    report = tmp_path / "report.json"
    options = ("--subject", "module:mortal:keras3", "--jobs", "2", "--json", str(report))
    ended = python("-m", "conformance", "run", *options)
    assert ended.status == 1
    assert "a subject ended its process" in ended.out
    assert json.loads(report.read_text())["crashed"]


def test_a_device_that_is_not_there_is_refused(conformance: Callable[..., Any]) -> None:
    ended = conformance("run", "--subject", "impl.keras3", "--device", "GPU:7")
    assert (ended.status, "received 'GPU:7'" in ended.sentence()) == (2, True)
    ended = conformance("run", "--subject", "module:plain_numpy:keras3", "--device", "CPU:0")
    assert (ended.status, "it runs on numpy" in ended.sentence()) == (2, True)
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    assert conformance("run", *select, "--subject", "impl.keras3", "--device", "CPU:0").status == 0


def test_a_report_may_go_where_there_is_no_file_to_replace(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    run = ("run", "--subject", "module:plain_numpy:keras3", *select)
    assert conformance(*run, "--json", link).status == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["results"]
    assert conformance(*run, "--json", os.devnull).status == 0
    assert not Path(os.devnull).is_file()


def test_a_subject_that_is_named_twice_runs_once(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    conformance("run", *SUBJECT, *select, "--json", tmp_path / "once.json")
    conformance("run", *SUBJECT, *SUBJECT, *select, "--json", tmp_path / "twice.json")
    assert results(tmp_path / "twice.json") == results(tmp_path / "once.json")
