"""`pytest conformance`, by path: see `runner/pytest_plugin.py`."""

pytest_plugins = ("conformance.runner.pytest_plugin",)
