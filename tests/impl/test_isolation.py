"""What `impl` imports, and in which direction. Every check runs in a fresh interpreter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "impl"


# `import tensorflow` imports Keras and SciPy where they are installed, so hide them: what needs them
# then fails.
HIDE_KERAS = """
import sys
from importlib.machinery import PathFinder
class WithoutKeras(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.split(".")[0] in ("keras", "tf_keras", "scipy")
        return None if hidden else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutKeras
"""


def modules_after(statements: str) -> set[str]:
    code = f"{HIDE_KERAS}\nsys.path.insert(0, {str(ROOT)!r})\n{statements}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
def test_a_dialect_works_without_keras_and_without_the_other(dialect):
    loaded = modules_after(
        f"import impl.{dialect} as k, tensorflow as tf\n"
        "k.constraints.MaxNorm()(tf.ones([2, 2]))\n"
        "tf.function(k.constraints.get('non_neg'))(tf.ones([2]))\n"
        "k.constraints.deserialize(k.constraints.serialize(k.constraints.UnitNorm()))\n"
        "i = k.initializers\n"
        "made = [getattr(i, name)() for name in i.__all__ if name[0].isupper()]\n"
        "made = [i.deserialize(i.serialize(m)) for m in made if type(m) is not i.Initializer]\n"
        "for m in made: m((4, 4, 4)[:3 if type(m).__name__ == 'STFT' else 2])\n"
        "tf.function(i.get('he_normal'))((2, 2))\n"
        "assert len(made) >= 15"
    )
    assert {f"impl.{dialect}.constraints", f"impl.{dialect}.initializers"} <= loaded
    assert not {name for name in loaded if name.split(".")[0] in ("keras", "tf_keras")}
    assert not {name for name in loaded if name.split(".")[0] in ("conformance", "scipy")}
    other = {"keras2": "impl.keras3", "keras3": "impl.keras2"}[dialect]
    assert not {name for name in loaded if name.startswith(other)}


def test_core_imports_neither_shared_nor_a_dialect():
    rooms = (
        "activations",
        "convert",
        "convolution",
        "fans",
        "fourier",
        "penalties",
        "projections",
        "sampling",
        "tape",
        "windows",
    )
    after = modules_after(f"from impl.core import {', '.join(rooms)}")
    loaded = {name for name in after if name.startswith("impl.")}
    assert loaded == {"impl.core", *(f"impl.core.{room}" for room in rooms)}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names


ALLOWED = {
    "core": ("impl.core",),
    "shared": ("impl.core", "impl.shared"),
    "keras2": ("impl.core", "impl.shared", "impl.keras2"),
    "keras3": ("impl.core", "impl.shared", "impl.keras3"),
}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.glob("*/*.py")), ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_imports_point_one_way(path):
    outside = {*sys.stdlib_module_names, "numpy", "tensorflow"}
    for name in imported(path):
        assert name.split(".")[0] in outside or name.startswith(ALLOWED[path.parent.name]), name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.name)
def test_only_public_tensorflow_and_nothing_that_runs_saved_code(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {("tf", "keras"), ("tf", "python")}
        if isinstance(node, ast.Name):
            assert node.id not in {"eval", "exec", "__import__", "marshal", "pickle"}


def test_files_stay_readable():
    # A screen is 50 lines: `call` of a layer is to be seen at once.
    for path in sorted((ROOT / "impl").rglob("*.py")):
        source = path.read_text()
        assert len(source.splitlines()) <= 400, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name in ("call", "__call__"):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < 50, f"{path}:{node.lineno}"
