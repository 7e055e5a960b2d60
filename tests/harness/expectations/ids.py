"""The ids of all cases, for globs to choose among."""

from __future__ import annotations

from conformance.vectors import store

every_id = [e.case.id for f in store.load_all(store.default_directory()) for e in f.cases]
