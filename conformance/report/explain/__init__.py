"""What a word or an id of a report means, since when, and what to do.

Modules: `explaining` (any id), `known` (what is known of cases), `glossary` (words).
"""

from conformance.report.explain import glossary
from conformance.report.explain.explaining import Part, attached, explain
from conformance.report.explain.known import Known, identity, line, since, when

__all__ = ["Known", "Part", "attached", "explain", "glossary", "identity", "line", "since", "when"]
