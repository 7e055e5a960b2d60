"""A case as a script that anybody can run, without this suite.

Modules: `script` (the whole), `definitions` (user-defined classes), `steps` and `literals` (what it does, with
what).
"""

from conformance.report.repro.script import script

__all__ = ["script"]
