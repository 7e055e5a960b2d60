"""Who is asked: implementations in this process, in workers, in other versions and languages.

This is the only room that imports an implementation, and it imports one only when that is asked for.
`resolve` gives the subjects that a name stands for. Modules that others may import: `base` (what a subject
is), `child` and `process` (programs that are not trusted), `environments` and `versions` (what is installed on
demand), `exported` (models that Keras exports), `modules` and `namespace` (a module as a subject, in its own
process and in this one), `saved` (models in files), `protocol`, `provenance`, `tensors` and `tfjs`. It imports `model` and no other room.
"""

from conformance.subjects.base import OFFICIAL_DRAWS, Mode, Subject, is_official
from conformance.subjects.forking import forkable
from conformance.subjects.resolving import (
    OFFICIAL,
    PLAIN,
    SUBJECTS,
    check_name,
    of_dialect,
    official_package,
    resolve,
    resolve_all,
)

__all__ = [
    "OFFICIAL",
    "OFFICIAL_DRAWS",
    "PLAIN",
    "SUBJECTS",
    "Mode",
    "Subject",
    "base",
    "check_name",
    "child",
    "environments",
    "exported",
    "forkable",
    "is_official",
    "modules",
    "namespace",
    "of_dialect",
    "official_package",
    "process",
    "protocol",
    "provenance",
    "resolve",
    "resolve_all",
    "saved",
    "tensors",
    "tfjs",
    "versions",
]
