"""`pytest conformance`, by path: see `pytest_plugin.py`."""

pytest_plugins = ("conformance.pytest_plugin",)
