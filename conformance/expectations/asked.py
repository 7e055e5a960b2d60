"""What a run found for one subject, before any expectation is applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from conformance.model import Result, Verdict


class Asked:
    """The results of one subject, by case and aspect."""

    def __init__(
        self,
        name: str,
        facts: Mapping[str, Any],
        modes: Sequence[str],
        every_id: Sequence[str],
        results: Iterable[Result],
    ) -> None:
        """`facts`: the provenance of the subject; `modes`: those that it has; `every_id`: the ids of
        all cases of its dialect.
        """
        self.name = name
        self.facts = facts
        self.modes = modes
        self.every_id = every_id
        self.by_case: defaultdict[str, list[Result]] = defaultdict(list)
        self.found: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
        self.compared: set[str] = set()
        """What the answers were compared with: golden, official."""
        self._without: dict[str, frozenset[str]] = {}
        for result in results:
            self.by_case[result.id].append(result)
            self.compared.add(result.against)
            self.found[result.id, result.aspect].append(result)

    def passes(self, case_id: str, aspect: str) -> bool:
        """Whether any comparison of this aspect passed."""
        return any(r.verdict is Verdict.PASS for r in self.found.get((case_id, aspect), ()))

    def failures(self, case_id: str, aspect: str) -> list[Result]:
        """The failed comparisons of this aspect that an entry can be about."""
        return [r for r in self.found.get((case_id, aspect), ()) if is_failure(r)]

    def free(self, aspects: Iterable[str]) -> frozenset[str]:
        """The cases that were answered in full and have none of these aspects: any glob may cover them."""
        return frozenset.intersection(*map(self._free, aspects))

    def _free(self, aspect: str) -> frozenset[str]:
        if aspect not in self._without:
            self._without[aspect] = frozenset(
                case_id
                for case_id, results in self.by_case.items()
                if (case_id, aspect) not in self.found
                and not any(r.verdict is Verdict.UNSUPPORTED for r in results)
            )
        return self._without[aspect]

    def avoided(self, ids: Collection[str], aspects: Iterable[str]) -> list[str]:
        """The cases that an entry about `ids` must not cover: all others that have one of the aspects."""
        free = self.free(aspects)
        return [case_id for case_id in self.every_id if case_id not in ids and case_id not in free]


def is_failure(result: Result) -> bool:
    """Whether an entry can be about this result."""
    return result.verdict in (Verdict.FAIL, Verdict.MISSING) and bool(result.signature)
