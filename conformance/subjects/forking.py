"""Whether processes may be forked from this one: they begin with all that it has imported."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from conformance.subjects.base import Subject
from conformance.subjects.namespace import NamespaceSubject


def forkable(asked: Iterable[Subject]) -> bool:
    """Whether a fork of this process can ask these subjects.

    Not after TensorFlow has computed: its threads do not survive a fork. Subjects with a process of their own have
    threads that read from it, and macOS has libraries that do not allow it.
    """
    here = all(isinstance(subject, NamespaceSubject) for subject in asked)
    return sys.platform == "linux" and here and not _computed()


def _computed() -> bool:
    """Whether TensorFlow has computed anything here. It refuses settings of threads from then on."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return False
    threads = tf.config.threading
    chosen = threads.get_inter_op_parallelism_threads()
    try:
        threads.set_inter_op_parallelism_threads(chosen + 1)
        threads.set_inter_op_parallelism_threads(chosen)
    except RuntimeError:
        return True
    return False
