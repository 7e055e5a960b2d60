"""The public interface of both dialects: which names there are, and what each is called with.

`signatures.json` holds it. To write it anew, which is a change of the interface:
`python tests/impl/test_signatures.py`.
"""

import ast
import importlib
import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DIALECTS = ("impl.keras2", "impl.keras3")
FILE = Path(__file__).with_name("signatures.json")


def public_modules(dialect: str) -> list[ModuleType]:
    """The package, and its modules that it exports."""
    package = importlib.import_module(dialect)
    found = [getattr(package, name) for name in sorted(public_names(package))]
    return [package, *(each for each in found if isinstance(each, ModuleType))]


def public_names(module: ModuleType) -> set[str]:
    """What `module` exports, as type checkers see it, and can be called or is a module.

    That is `__all__`; without one what is defined there, or imported as itself (`from a import b
    as b`), and has no underscore in front.
    """
    names = set(getattr(module, "__all__", None) or defined(Path(str(module.__file__))))
    values = {name: getattr(module, name) for name in names if name[0] != "_"}
    return {name for name, x in values.items() if callable(x) or isinstance(x, ModuleType)}


def defined(path: Path) -> set[str]:
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            inside = [part for target in targets for part in ast.walk(target)]
            names |= {part.id for part in inside if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.asname == alias.name}
    return names


def signature(item: Any) -> str:
    """Names, kinds and defaults of parameters. What their types are is mypy's to check."""
    found = inspect.signature(item)
    bare = [each.replace(annotation=each.empty) for each in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=found.empty))


def interface(module: ModuleType) -> dict[str, str]:
    """Each class and function by name, with its signature; `Class.method` for methods."""
    found = {}
    for name in public_names(module):
        item = getattr(module, name)
        if isinstance(item, ModuleType):
            found[name] = "module"
            continue
        found[name] = signature(item)
        if isinstance(item, type):
            # A class is pickled, and shown by help(), as what it says it is.
            found[name] = f"class {item.__module__}.{item.__qualname__}{found[name]}"
            for method in documented_methods(module, item):
                found[f"{name}.{method}"] = signature(getattr(item, method))
    return dict(sorted(found.items()))


def documented_methods(module: ModuleType, item: type) -> list[str]:
    """Methods that the class of that name in official Keras has too, and calls. No properties."""
    package = {"impl.keras2": "tf_keras", "impl.keras3": "keras"}[module.__name__[:11]]
    name = package + module.__name__[11:]
    official = getattr(importlib.import_module(name), item.__name__, None)
    own = [name for name in dir(item) if name[0] != "_" or name == "__call__"]
    return [name for name in own if callable(getattr(item, name)) and hasattr(official, name)]


def whole() -> dict[str, dict[str, str]]:
    modules = [module for dialect in DIALECTS for module in public_modules(dialect)]
    return {module.__name__: interface(module) for module in modules}


PINNED: dict[str, dict[str, str]] = json.loads(FILE.read_text()) if FILE.exists() else {}


def test_there_are_the_modules_that_there_were():
    assert [module.__name__ for x in DIALECTS for module in public_modules(x)] == list(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_names_and_signatures_are_what_they_were(name):
    module = importlib.import_module(name)
    assert {x for x in PINNED[name] if "." not in x} == public_names(module)
    assert interface(module) == PINNED[name]


if __name__ == "__main__":
    FILE.write_text(json.dumps(whole(), indent=1) + "\n")
