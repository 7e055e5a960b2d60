"""A case as a script that anybody can run, without this suite.

Modules: `script` (the whole script), `definitions` (user-defined classes in it), `steps` (its statements),
`literals` (its values), `exporting` (the export, where the subject is an exported model).
"""

from conformance.report.repro.script import script

__all__ = ["script"]
