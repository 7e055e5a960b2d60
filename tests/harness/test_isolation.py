"""What imports what: an implementation is loaded where it is asked for, and nowhere else."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import conformance as package

PACKAGE = Path(str(package.__file__)).parent
FILES = sorted(PACKAGE.rglob("*.py"))
IMPLEMENTATIONS = {"tensorflow", "keras", "tf_keras", "impl", "jax", "torch"}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path) for path in FILES}


def imported(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Every module that a file names in an import; `at_import`: those outside of functions."""
    pending: list[ast.AST] = [ast.parse(path.read_text())]
    while pending:
        node = pending.pop()
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = name_of(path).split(".")
                here = here if path.name == "__init__.py" else here[:-1]
                base = ".".join([*here[: len(here) + 1 - node.level], *filter(None, [base])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole in MODULES else base
        pending += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_subjects_import_an_implementation_and_only_when_asked(path: Path) -> None:
    found = {m.split(".")[0] for m in imported(path)} & IMPLEMENTATIONS
    if "subjects" not in path.relative_to(PACKAGE).parts:
        assert found == set()
    at_import = {m.split(".")[0] for m in imported(path, at_import=True)}
    assert at_import & IMPLEMENTATIONS == set()


def test_the_model_needs_the_standard_library_and_numpy_only() -> None:
    modules = {m for path in (PACKAGE / "model").glob("*.py") for m in imported(path)}
    names = {m.split(".")[0] for m in modules if not m.startswith("conformance.model")}
    assert names <= {*sys.stdlib_module_names, "numpy"}
    assert "numpy" in names


def test_impl_knows_nothing_of_the_harness() -> None:
    files = sorted((PACKAGE.parent / "impl").rglob("*.py"))
    assert files
    for path in files:
        for module in imported(path):
            assert module.split(".")[0] not in {"conformance", "keras", "tf_keras"}, path


HEAVY = sorted(IMPLEMENTATIONS | {"scipy", "h5py", "ml_dtypes", "jsonschema_rs", "pytest"})


@pytest.mark.parametrize(
    "module",
    [
        *(
            "conformance.cli",
            "conformance.runner.run",
            "conformance.record.record",
            "conformance.cases",
        ),
        *("conformance.subjects", "conformance.report.terminal", "conformance.report.junit"),
        "conformance.vectors.store",
    ],
)
def test_importing_the_harness_imports_no_implementation(
    module: str, python: Callable[..., Any]
) -> None:
    ended = python(
        "-c",
        f"import sys, {module}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))",
    )
    assert (ended.status, ended.err) == (0, "")
    loaded = set(ended.out.split())
    assert "conformance" in loaded
    assert loaded & set(HEAVY) == set()


def test_model_and_cases_load_nothing_else(python: Callable[..., Any]) -> None:
    ended = python(
        "-c",
        "import sys, conformance.cases; conformance.cases.families(); print(*{m.split('.')[0] for m in sys.modules})",
    )
    third = set(ended.out.split()) - set(sys.stdlib_module_names) - {"conformance", "numpy"}
    # The interpreter's own: site customizations and editable installs.
    third = {name for name in third if not name.startswith(("_", "sitecustomize", "usercustomize"))}
    assert third == set()


def test_the_list_of_cases_needs_little(python: Callable[..., Any]) -> None:
    ended = python(
        "-c",
        "import sys, click; from conformance.cli import cli\n"
        "cli.get_command(click.Context(cli), 'list'); print(*sys.modules)",
    )
    rooms = {name.split(".")[1] for name in ended.out.split() if name.startswith("conformance.")}
    assert rooms == {"cli", "model", "vectors"}


# A subject that writes down what its process had loaded when it was called last.
WATCHED = """
import json, os, sys
from pathlib import Path
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        loaded = sorted({{name.split(".")[0] for name in sys.modules}})
        Path({folder!r}, f"{{os.getpid()}}.json").write_text(json.dumps(loaded))
        return super().__call__(w)


constraints = SimpleNamespace(**{{**vars(plain), "NonNeg": NonNeg}})
"""
REPORT_AT_EXIT = """
import atexit, json, os, sys
from pathlib import Path

def report():
    loaded = sorted({{name.split(".")[0] for name in sys.modules}})
    Path({folder!r}, f"{{os.getpid()}}.json").write_text(json.dumps(loaded))

if __name__ == "__main__":  # a worker imports this file too, and may be ended while it reports
    atexit.register(report)
    from conformance.cli import main

    main()
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_subject_without_tensorflow_runs_without_it(
    jobs: str, few: Path, tmp_path: Path, python: Callable[..., Any]
) -> None:
    folder = tmp_path / "loaded"
    folder.mkdir()
    (tmp_path / "watched.py").write_text(WATCHED.format(folder=str(folder)))
    (tmp_path / "main.py").write_text(REPORT_AT_EXIT.format(folder=str(folder)))
    ended = python(
        *(tmp_path / "main.py", "run", "--subject", "module:watched:keras3", "--jobs", jobs),
        *("--select", "constraints.NonNeg/value/wave", "--junit", "r.xml", "--json", "r.json"),
        *("--golden", few),
    )
    assert (ended.status, ended.err) == (0, "")
    seen = [set(json.loads(path.read_text())) for path in folder.iterdir()]
    # The process of the command has nothing of the subject, which has one of its own for each job at most.
    assert sum("plain_numpy" not in loaded for loaded in seen) == 1
    assert 1 <= len(seen) - 1 <= int(jobs)
    for loaded in seen:
        assert loaded & IMPLEMENTATIONS == set()


def test_the_commands_that_ask_nobody_load_nobody(
    tmp_path: Path, golden_of: Callable[..., Path], python: Callable[..., Any]
) -> None:
    """Lint has some cases of each family and kind, since to judge all of them takes half a minute."""
    (tmp_path / "main.py").write_text(REPORT_AT_EXIT.format(folder=str(tmp_path)))
    some = (
        *("constraints.UnitNorm/arguments/*", "constraints.get/*", "initializers.GlorotNormal/*"),
        *("initializers.Orthogonal/*", "initializers.STFT*", "regularizers.L2/*"),
        *("regularizers.OrthogonalRegularizer/*", "layers.Layer/*", "layers.Dense/fit/*m*"),
        *("layers.Conv2D/dtype/*", "models.Sequential/fit*"),
    )
    part = ("--golden", golden_of(some))
    for command in (("list", *part), ("lint", *part), ("--help",)):
        ended = python(tmp_path / "main.py", *command)
        assert (ended.status, ended.err) == (int(command[0] == "lint"), ""), command
        (report,) = tmp_path.glob("*.json")
        assert set(json.loads(report.read_text())) & IMPLEMENTATIONS == set(), command
        report.unlink()
