"""A case as a script that anybody can run, without this suite.

Modules: `script` (the whole script), `definitions` (user-defined classes in it), `steps` (its statements; `gradients`),
`literals` (its values), `exporting` (the export, where the subject is an exported model), `failing` (what is wrong
first) and `asserting` (the line that fails for it).
"""

from conformance.report.repro.failing import Failing, first
from conformance.report.repro.script import script

__all__ = ["Failing", "first", "script"]
