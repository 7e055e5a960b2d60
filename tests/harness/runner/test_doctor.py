"""The doctor: adapters that are broken, and implementations that are wrong, told apart."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN

from conformance.model import STORAGE
from conformance.runner import bench, doctor
from conformance.runner.doctor import Check, State
from conformance.subjects import process, protocol
from conformance.subjects.child import Timeouts
from conformance.vectors import store
from conformance.vectors.store import GoldenFile

TEMPLATE = Path(process.__file__).parent / "templates" / "subject.py"


@pytest.fixture(scope="module")
def files(few: Path) -> list[GoldenFile]:
    return store.load_all(few)


# A change of the template, the check that must tell, and what it must say.
BROKEN = {
    "narrow numbers": (
        ('dtype=tensor["dtype"]', 'dtype="float32"'),
        ("echo", "float16: dtype must be float16; got float32"),
    ),
    "lost zeros": (("float(v) for v", "float(v) + 0.0 for v"), ("echo", "element 1 must be -0.0")),
    "lost NaN": (('"nan": "NaN"', '"nan": 0.0'), ("echo", 'element 6 must be "NaN"; got 0.0')),
    "lost shapes": (
        ('=tensor["dtype"]).reshape(tensor["shape"])', '=tensor["dtype"])'),
        ("echo", "shape must be [2, 5]; got [10]"),
    ),
    "no echo": (('if "echo" in request:', "if False:"), ("echo", "ended with status 1")),
    "a wrong phase": (('phase = "construct"', 'phase = "init"'), ("an error", "got 'init'")),
    "errors that end it": (
        ("except Exception as error:", "except KeyError as error:"),
        ("an error", "ended with status 1"),
    ),
    "an absent class": (
        ('name not in ("NonNeg", "UnitNorm")', 'name == "MaxNorm"'),
        ("a class it lacks", "must be unsupported; got returned"),
    ),
    "another id": (('"id": request["id"]', '"id": 0'), ("answers", "answered request '0'")),
    "a hang": (
        ('phase = step["do"]', "__import__('time').sleep(60)"),
        ("answers", "did not answer in time"),
    ),
    "deaf to the end": (
        ("held}), flush=True)", "held}), flush=True)\n    __import__('time').sleep(60)"),
        ("end of input", "still runs"),
    ),
}


def examined(source: str, folder: Path, files: list[GoldenFile]) -> dict[str, Check]:
    (folder / "changed.py").write_text(source)
    spec = f"command:{sys.executable} {folder / 'changed.py'}"
    return {check.name: check for check in doctor.examine(spec, files, Timeouts(start=5, case=0.5))}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_adapter_is_told(
    name: str, tmp_path: Path, files: list[GoldenFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    (old, new), (check, said) = BROKEN[name]
    source = TEMPLATE.read_text()
    assert source.count(old) == 1
    monkeypatch.setattr(doctor, "_PATIENCE", 0.5)
    found = examined(source.replace(old, new), tmp_path, files)
    assert found[check].state is State.BROKEN
    assert said in found[check].detail
    assert "adapter is broken" in doctor.verdict(list(found.values()))


def test_a_wrong_implementation_is_not_the_adapter_s_fault(
    tmp_path: Path, files: list[GoldenFile]
) -> None:
    source = TEMPLATE.read_text().replace("np.where(w < 0,", "np.where(w > 0,")
    found = examined(source, tmp_path, files)
    assert {check.state for check in found.values()} == {State.OK, State.DIFFERS}
    assert found["values"].state is State.DIFFERS
    assert "2 of 4 differ" in found["values"].detail
    assert "in order; what differs is your implementation" in doctor.verdict([*found.values()])


def test_every_sample_holds_what_is_lost_most_easily() -> None:
    for dtype in STORAGE:
        data = protocol.codec.tensor_to_json(doctor.samples(dtype))["data"]
        assert len(data) > 1
        if dtype in ("float16", "bfloat16", "float32", "float64"):
            assert {"NaN", "Infinity", "-Infinity"} <= {v for v in data if isinstance(v, str)}
            assert "-0.0" in [str(v) for v in data]


def test_the_command_ends_with_a_table_and_a_sentence(
    conformance: Callable[..., Any], few: Path
) -> None:
    ended = conformance("doctor", f"command:{sys.executable} {TEMPLATE}", "--golden", few)
    assert (ended.status, ended.err) == (0, "")
    assert "3 dtypes, bit for bit" in ended.out
    assert ended.out.rstrip().endswith("your adapter is in order: run the suite")
    ended = conformance("doctor", f"command:{sys.executable} -c pass", "--golden", few)
    assert ended.status == 1
    assert "ended with status 0" in ended.out
    assert conformance("doctor", "command:", "--golden", few).status == 2


def test_a_module_is_examined_in_a_worker(
    few: Path, monkeypatch: pytest.MonkeyPatch, environment: Callable[..., dict[str, str]]
) -> None:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    checks = list(doctor.examine(PLAIN, store.load_all(few)))
    assert {check.state for check in checks} == {State.OK}
    assert len(checks) == 7


def test_what_the_protocol_costs_a_case(
    monkeypatch: pytest.MonkeyPatch, environment: Callable[..., dict[str, str]]
) -> None:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    there, here = bench.protocol_cost(rounds=300)
    assert 0 < here < there
    assert there - here < 0.005  # the target is 0.001; a busy machine is given its time


def test_a_program_that_starts_once_only_is_broken(
    tmp_path: Path, files: list[GoldenFile], conformance: Callable[..., Any], few: Path
) -> None:
    once = f"if __import__('os').path.exists(p := {str(tmp_path / 'started')!r}): sys.exit(3)\nopen(p, 'w').close()\n"
    source = TEMPLATE.read_text()
    assert source.count('if __name__ == "__main__":\n') == source.count("held: Any = ") == 1
    source = source.replace('if __name__ == "__main__":\n', once + 'if __name__ == "__main__":\n')
    source = source.replace("held: Any = ", "sys.exit(4); held: Any = ")
    found = examined(source, tmp_path, files)
    assert found["restart"].state is State.BROKEN
    assert "starts failed" in found["restart"].detail
    (tmp_path / "started").unlink()
    ended = conformance(
        "doctor", f"command:{sys.executable} {tmp_path / 'changed.py'}", "--golden", few
    )
    assert (ended.status, ended.err) == (1, "")
