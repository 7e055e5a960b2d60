"""Revises the entries of a file: which parts of them still hold, and which can take more cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from conformance.expectations import blocks
from conformance.expectations.asked import Asked, is_failure
from conformance.expectations.blocks import Block, Fields, texts
from conformance.expectations.covering import fewest
from conformance.expectations.entries import UNTRIAGED, Expectation, unversioned
from conformance.expectations.triage import Triage
from conformance.model import Verdict, patterns
from conformance.model.platforms import EVERYWHERE

# What an entry still holds for: aspects, and the ids of cases.
_Holds: TypeAlias = list[tuple[tuple[str, ...], frozenset[str]]]
# New values for some fields of an entry.
_Piece: TypeAlias = dict[str, str | tuple[str, ...]]


def revised(block: Block, asked: Sequence[Asked], mode: str, triage: Triage) -> list[_Piece] | None:
    """The entries that replace an entry, each as new values for its fields; None where it still holds.

    The list is empty where no part of the entry holds.
    """
    entry = block.entry
    if (
        entry.unsupported
    ):  # written and taken out by hand: a run would not know what is meant to be missing
        return None
    about = [
        each
        for each in asked
        if entry.applies(each.name, mode, each.facts) and entry.is_against(each.compared)
    ]
    holds = {each.name: _still(entry, each, triage) for each in about}
    if all(still is None for still in holds.values()):
        return None
    pieces: list[_Piece] = []
    limits: _Piece = {}
    # About subjects, modes and versions that this run did not ask, the entry stays as it was.
    names = {name for each in about for name in (each.name, unversioned(each.name))}
    here = tuple(name for name in entry.subjects if name in names)
    if elsewhere := tuple(name for name in entry.subjects if name not in names):
        pieces.append({"subjects": elsewhere})
    if not any(entry.covers(case_id) for each in about for case_id in each.every_id):
        return pieces  # there are no such cases, whatever the mode and version
    modes = dict.fromkeys(m for each in about for m in each.modes)
    if other_modes := tuple(m for m in entry.modes or modes if m != mode):
        pieces.append({"modes": other_modes, "subjects": here})
        limits["modes"] = (mode,)
    if entry.versions and len({each.facts.get("version") for each in about}) == 1:
        version = about[0].facts.get("version")
        if entry.versions.replace(" ", "") != f"=={version}":
            versions = f"{entry.versions},!={version}"
            pieces.append({"versions": versions, "subjects": here, **limits})
            limits["versions"] = f"=={version}"
    narrowed: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for each in about:
        still = holds[each.name]
        if still is None:
            narrowed[entry.aspects, entry.cases].append(each.name)
            continue
        for aspects, ids in still:
            avoid = each.avoided(ids, aspects)
            narrowed[aspects, tuple(fewest(ids, avoid))].append(each.name)
    for (aspects, cases), subjects in narrowed.items():
        piece: _Piece = {"cases": cases, "aspects": aspects, **limits}
        if len(about) > 1 or entry.subjects:
            piece["subjects"] = tuple(subjects)
        pieces.append(piece)
    return pieces


def _still(entry: Expectation, asked: Asked, triage: Triage) -> _Holds | None:
    """The aspects and cases for which the entry still holds; None where that is all of them.

    It holds where a case fails as the entry says. It is taken to hold where a case was not asked.
    """
    covered = entry.covered(asked.every_id)
    unasked = [case_id for case_id in covered if case_id not in asked.by_case]
    stays: dict[str, set[str]] = {}
    whole = True
    for aspect in entry.aspects:
        stays[aspect] = set(unasked)
        for case_id in covered:
            found = [r for r in asked.found.get((case_id, aspect), ()) if entry.is_about(r)]
            passes = any(result.verdict is Verdict.PASS for result in found)
            failures = [result for result in found if is_failure(result)]
            if not (passes or failures):
                continue
            pulled = triage.reason and entry.untriaged and any(map(triage.takes, failures))
            if pulled or not all(map(entry.is_like, failures)) or (passes and entry.strict):
                whole = False
            else:
                stays[aspect].add(case_id)
    if whole and any(stays.values()):
        return None
    together: dict[frozenset[str], list[str]] = defaultdict(list)
    for aspect, ids in stays.items():
        if ids:
            together[frozenset(ids)].append(aspect)
    return [(tuple(aspects), ids) for ids, aspects in together.items()]


def says_the_same(entry: Expectation, fields: Fields) -> bool:
    """Whether an entry and a new one differ in their cases only, so that one entry can hold both.

    So a run in several parts, one after the other, writes no more entries than one whole run.
    """
    untriaged = str(fields["reason"]).startswith(UNTRIAGED)
    family = texts(fields["cases"])[0].partition(".")[0]
    return (
        (entry.untriaged if untriaged else entry.reason == fields["reason"])
        and entry.link == fields["link"]
        and all(glob.startswith(f"{family}.") for glob in entry.cases)
        and set(entry.fails) == set(texts(fields["fails"]))
        and entry.strict == fields.get("strict", True)
        and not entry.unsupported
        and not entry.versions
        and not entry.against
        and entry.platform == EVERYWHERE
        and all(
            set(mine) == set(texts(fields.get(key, ())))
            for key, mine in (
                ("aspects", entry.aspects),
                ("modes", entry.modes),
                ("subjects", entry.subjects),
            )
        )
    )


def extended(text: str, entry: Expectation, fields: Fields, asked: Asked) -> str:
    """The block of an entry, changed so that it also covers the cases of a new one."""
    new = patterns.matcher(tuple(texts(fields["cases"])))
    free = asked.free(entry.aspects)
    ids = {
        case_id
        for case_id in asked.every_id
        if case_id not in free and (entry.covers(case_id) or new.fullmatch(case_id))
    }
    return blocks.changed(text, {"cases": tuple(fewest(ids, asked.avoided(ids, entry.aspects)))})
