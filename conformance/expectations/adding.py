"""Makes new entries: one for each family, aspect and signature, with few globs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conformance.expectations.asked import Asked
from conformance.expectations.blocks import Fields, texts
from conformance.expectations.covering import fewest
from conformance.expectations.entries import UNTRIAGED
from conformance.expectations.triage import Triage
from conformance.judge import signature
from conformance.model import Result
from conformance.model.texts import clipped

_LONGEST: Final = 160


def entries_for(
    asked: Asked,
    news: Sequence[Result],
    restriction: Mapping[str, tuple[str, ...]],
    triage: Triage,
) -> Iterator[Fields]:
    """The new entries of a subject: one for each family, aspect and signature."""
    groups: defaultdict[tuple[str, str, tuple[str, ...], bool], dict[str, Result]]
    groups = defaultdict(dict)
    for result in news:
        family = result.target.partition(".")[0]
        # A case that passes against golden and fails against official, or the reverse, may do either.
        strict = not asked.passes(result.id, result.aspect)
        every = [p for r in asked.failures(result.id, result.aspect) for p in r.signature]
        key = (family, result.aspect, signature.of(every), strict)
        groups[key].setdefault(result.id, result)
    together: defaultdict[tuple[str, str, bool], list[_Group]] = defaultdict(list)
    for (family, aspect, phrases, strict), results in sorted(groups.items()):
        together[family, aspect, strict].append(_Group(phrases, results, ()))
    for (family, aspect, strict), apart in together.items():
        failing = {case_id for group in apart for case_id in group.results}
        # A glob of one family cannot cover a case of another.
        avoid = [i for i in asked.avoided(failing, [aspect]) if i.startswith(f"{family}.")]
        for group in _joined(apart, avoid):
            yield {
                "cases": group.globs,
                "aspects": (aspect,),
                "fails": group.phrases,
                "subjects": (asked.name,),
                **restriction,
                **({} if strict else {"strict": False}),
                "reason": triage.reason
                or f"{UNTRIAGED}{_example(group.results[min(group.results)])}",
                "link": triage.link,
            }


@dataclass(frozen=True, slots=True)
class _Group:
    """Failures of one signature, and the globs that cover their cases."""

    phrases: tuple[str, ...]
    results: Mapping[str, Result]
    globs: tuple[str, ...]


def _joined(apart: Sequence[_Group], avoid: Sequence[str]) -> list[_Group]:
    """Joins two groups where one signature includes the other and both together need no more globs.

    So a class whose configs all lack a key gets one entry, though some configs lack a second key too.
    """
    every = [case_id for group in apart for case_id in group.results]

    def covered(results: Mapping[str, Result]) -> tuple[str, ...]:
        others = [case_id for case_id in every if case_id not in results]
        return tuple(fewest(results, [*avoid, *others]))

    groups = [replace(group, globs=covered(group.results)) for group in apart]
    groups.sort(key=lambda group: len(group.results))
    done: list[_Group] = []
    while groups:
        group = groups.pop(0)
        for other in sorted(groups, key=lambda other: -len(other.results)):
            wider, narrower = group.phrases, other.phrases
            if not signature.includes(wider, narrower):
                wider, narrower = narrower, wider
            if not signature.includes(wider, narrower):
                continue
            both = {**group.results, **other.results}
            globs = covered(both)
            if len(globs) <= max(len(group.globs), len(other.globs)):
                groups[groups.index(other)] = _Group(wider, both, globs)
                break
        else:
            done.append(group)
    return sorted(done, key=lambda group: group.phrases)


def _example(result: Result) -> str:
    return clipped(" ".join(f"{result.id}: {result.message}".split()), _LONGEST)


def merged(fresh: Sequence[Fields], every_name: Sequence[str]) -> list[Fields]:
    """Merges entries that differ in their subjects only, or in their aspects only."""
    for key in ("subjects", "aspects"):
        seen: dict[str, dict[str, str | bool | Sequence[str]]] = {}
        for fields in fresh:
            # The reason of an untriaged entry is an example: either will do.
            reason = str(fields["reason"])
            same = {k: v for k, v in fields.items() if k != key}
            if reason.startswith(UNTRIAGED):
                same["reason"] = UNTRIAGED
            known = seen.setdefault(repr(sorted(same.items())), {**fields, key: ()})
            known[key] = (*texts(known[key]), *texts(fields[key]))
        fresh = list(seen.values())
    return [
        {k: v for k, v in fields.items() if k != "subjects" or list(texts(v)) != list(every_name)}
        for fields in fresh
    ]
