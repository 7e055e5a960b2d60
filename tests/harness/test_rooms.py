"""Imports point one way, room by room, and go through what a room says that it gives to others."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The floors of each package, the lowest first. A room imports rooms of lower floors only.
FLOORS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "conformance": (
        ("model",),
        ("cases", "vectors", "oracle", "judge", "subjects"),
        ("claims", "expectations"),
        ("record", "runner"),
        ("changes", "strength"),
        ("report",),
        ("cli",),
    ),
    "impl": (("core",), ("shared",), ("keras2", "keras3")),
}
# What Python and pytest ask for by name, beside the rooms: doors, with nothing behind them.
DOORS = {"__init__", "__main__", "conftest", "pytest_entry", "test_conformance"}
# Rooms that are planned, and not there yet.
PLANNED: set[str] = set()


def name_of(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True)
class Import:
    """`file` imports `name` of `module`, or the module itself."""

    file: str
    module: str
    name: str = ""


def imports(source: str, file: str, package: bool) -> Iterator[Import]:
    """Every import of a file, at its top or in a function; relative ones as if they were not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(file, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = file.split(".")
                here = here[: len(here) - node.level + package]
                base = ".".join([*here, *filter(None, [base])])
            yield from (Import(file, base, alias.name) for alias in node.names)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def rooms_of(package: str) -> set[str]:
    return {
        path.stem
        for path in (ROOT / package).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }


def wrong(found: Import) -> str:
    """What is wrong with an import, or nothing."""
    package = found.file.split(".")[0]
    parts = [*found.module.split("."), *filter(None, [found.name])]
    if parts[0] != package or len(parts) < 2:
        return ""
    mine, other = room_of(found.file), parts[1]
    floors = {room: n for n, rooms in enumerate(FLOORS[package]) for room in rooms}
    if mine in DOORS or mine == "" or other == mine or other.startswith("__"):
        return ""
    for room in (mine, other):
        if room not in floors:
            return f"{room} is no room that has a floor"
    if floors[other] >= floors[mine]:
        return f"{mine} imports {other}, which is not below it"
    if len(parts) < 3 or package == "impl":
        return ""
    given = importlib.import_module(f"{package}.{other}").__all__
    return "" if parts[2] in given else f"{other} does not give {parts[2]} to others"


FILES = sorted(path for package in FLOORS for path in (ROOT / package).rglob("*.py"))
IMPORTS = [
    found
    for path in FILES
    for found in imports(path.read_text(), name_of(path), path.name == "__init__.py")
]


@pytest.mark.parametrize("file", sorted({found.file for found in IMPORTS}))
def test_imports_go_down_and_through_the_door(file: str) -> None:
    assert [(i, wrong(i)) for i in IMPORTS if i.file == file and wrong(i)] == []


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_a_floor(package: str) -> None:
    named = {room for rooms in FLOORS[package] for room in rooms}
    found = rooms_of(package) - DOORS
    assert found == named - PLANNED
    assert named & DOORS == set()


@pytest.mark.parametrize(
    ("source", "file", "said"),
    [
        ("from conformance.cases import every_case", "conformance.judge.x", "is not below it"),
        ("import conformance.report.page", "conformance.runner.x", "is not below it"),
        ("def f():\n from conformance import cli", "conformance.report.x", "is not below it"),
        ("from ..runner import run", "conformance.record.x", "is not below it"),
        ("from conformance.attic import old", "conformance.cli.x", "attic is no room"),
        ("from conformance.model import Case", "conformance.attic.x", "attic is no room"),
        ("from conformance.oracle import activations", "conformance.cli.x", "does not give"),
        ("from conformance.oracle.bounded import Bounded", "conformance.cli.x", "does not give"),
        ("from impl.keras2 import layers", "impl.keras3.x", "is not below it"),
        ("from impl.shared import dense", "impl.core.x", "is not below it"),
        ("from impl.core import fans", "impl.shared.x", ""),
        ("from conformance.judge.compare import compare", "conformance.runner.x", ""),
        ("from .report import Plan", "conformance.runner.x", ""),
    ],
)
def test_what_is_wrong_is_found(source: str, file: str, said: str) -> None:
    (found,) = imports(source, file, package=False)
    assert said in wrong(found)
    assert bool(said) is bool(wrong(found))


def test_no_two_files_import_each_other_while_they_are_imported() -> None:
    modules = {name_of(path) for path in FILES}

    def at_import(path: Path) -> set[str]:
        tree = ast.parse(path.read_text())
        outside = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        inside = {id(n) for f in outside for n in ast.walk(f)}
        found = set()
        for node in ast.walk(tree):
            if id(node) not in inside and isinstance(node, ast.Import | ast.ImportFrom):
                text = ast.unparse(node)
                for each in imports(text, name_of(path), path.name == "__init__.py"):
                    whole = f"{each.module}.{each.name}"
                    found.add(whole if whole in modules else each.module)
        return found & modules

    edges = {name_of(path): at_import(path) for path in FILES}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join((*above, module))
        if module not in done:
            # A package's own files may import one another while it is imported.
            for other in sorted(edges[module] - {module}):
                if not module.startswith(f"{other}."):
                    visit(other, (*above, module))
            done.add(module)

    for module in sorted(edges):
        visit(module, ())
    assert len(done) == len(FILES) > 200


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_says_what_it_is_for_and_what_it_gives(package: str) -> None:
    for rooms in FLOORS[package]:
        for room in set(rooms) - PLANNED:
            module = importlib.import_module(f"{package}.{room}")
            assert module.__doc__, room
            if package == "conformance":
                for name in module.__all__:
                    if not hasattr(module, name):
                        importlib.import_module(f"{package}.{room}.{name}")
