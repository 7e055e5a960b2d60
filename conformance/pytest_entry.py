"""`pytest --pyargs conformance`: pytest reads a conftest.py too late for options given that way.

This module is loaded by every pytest session of an environment with the suite installed. It does
nothing, and imports nothing, unless the session names the suite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any, args: Sequence[str]) -> None:
    """Loads the options before the command line is read in full."""
    named = any(arg.split("::")[0].split(".")[0] == "conformance" for arg in args)
    if named and "--pyargs" in args:
        early_config.pluginmanager.import_plugin("conformance.runner.pytest_plugin")
