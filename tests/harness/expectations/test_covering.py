"""The fewest globs that cover exactly what they must."""

from __future__ import annotations

import pytest
from expectations.ids import every_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.expectations.covering import fewest
from conformance.model import patterns

some_ids = [i for i in every_id if i.startswith(("constraints.", "layers.Dense/", "models."))]


@pytest.mark.parametrize(
    ("wanted", "globs"),
    [
        ("constraints.NonNeg/*", ["constraints.NonNeg/*"]),
        ("constraints.*", ["constraints.*"]),
        ("*/rejected/*", [
            "constraints.*/rejected/*", "initializers.*/rejected/*", "layers.*/rejected/*",
            "models.Sequential/rejected/*", "regularizers.*/rejected/*",
        ]),
        ("constraints.NonNeg/value/*-float16", ["constraints.NonNeg/value/*-float16"]),
    ],
)  # fmt: skip
def test_few_globs_say_what_is_regular(wanted: str, globs: list[str]) -> None:
    ids = [i for i in every_id if patterns.covers(wanted, i)]
    assert fewest(ids, sorted(set(every_id) - set(ids))) == globs


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_globs_cover_exactly_what_they_must(data: st.DataObject) -> None:
    """Any ids, and whole neighbourhoods of them, among those of a few classes."""
    ids = set(data.draw(st.lists(st.sampled_from(some_ids), max_size=40)))
    for start in data.draw(st.lists(st.sampled_from(some_ids), max_size=5)):
        cut = data.draw(st.integers(0, len(start)))
        ids |= {i for i in some_ids if i.startswith(start[:cut])}
    if data.draw(st.booleans()) and ids:
        ids.discard(sorted(ids)[0])
    free = set(data.draw(st.lists(st.sampled_from(some_ids), max_size=40))) - ids
    avoid = [i for i in some_ids if i not in ids and i not in free]
    globs = tuple(fewest(sorted(ids), avoid))
    fits = patterns.matcher(globs) if globs else None
    covered = {i for i in some_ids if fits is not None and fits.fullmatch(i)}
    assert ids <= covered <= ids | free
    assert list(globs) == sorted(set(globs))


def test_no_glob_is_idle() -> None:
    ids = [i for i in some_ids if i.startswith("layers.Dense/") and len(i.split("/")[1]) % 3]
    globs = fewest(ids, sorted(set(some_ids) - set(ids)))
    assert len(globs) > 3
    for glob in globs:
        rest = patterns.matcher(tuple(g for g in globs if g != glob))
        assert not all(rest.fullmatch(i) for i in ids), glob


@pytest.mark.parametrize("case_id", [i for i in every_id if "*" in i or "?" in i][:6])
def test_an_id_with_a_wildcard_is_taken_literally(case_id: str) -> None:
    (glob,) = fewest([case_id], [i for i in every_id if i != case_id])
    assert [i for i in every_id if patterns.covers(glob, i)] == [case_id]
    assert not patterns.is_glob(glob)
    assert patterns.fixed_start(glob) == case_id
