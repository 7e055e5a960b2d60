"""Starts the worker in any interpreter, whether or not this suite is installed there.

Only the package `conformance` becomes importable. The packages beside it do not, because they belong to
another environment.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Loads the package of this file, and runs its worker as a program."""
    package = Path(__file__).resolve().parent.parent
    spec = importlib.util.spec_from_file_location(
        package.name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[package.name] = module
    spec.loader.exec_module(module)
    runpy.run_module(f"{package.name}.subjects.worker", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
