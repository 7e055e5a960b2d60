"""Writing entries: what becomes of a file after a run that is made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from expectations.ids import every_id
from expectations.known import OFF, read
from expectations.known import some_entry as entry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.expectations import blocks, entries, writing
from conformance.expectations.asked import Asked
from conformance.expectations.triage import Triage
from conformance.expectations.writing import Written
from conformance.model import Grade, Result, Verdict


def result(
    case_id: str, fails: Sequence[str] | str = (), aspect: str = "value", **more: Any
) -> Result:
    phrases = (fails,) if isinstance(fails, str) else tuple(fails)
    plain = Result(
        id=case_id, subject="keras", dialect="keras3", target=case_id.partition("/")[0],
        against="golden", aspect=aspect, verdict=Verdict.FAIL if phrases else Verdict.PASS,
        grade=None if phrases else Grade.BITWISE, message=f"is wrong by {len(case_id)}" if phrases else "",
        signature=phrases,
    )  # fmt: skip
    return replace(plain, **more)


def asked(
    *results: Result, ids: Sequence[str] = "abcdef", name: str = "keras", **more: Any
) -> Asked:
    found = [replace(r, subject=name) for r in results]
    return Asked(
        name,
        {"version": more.get("version", "3.15.1")},
        more.get("modes", ("eager",)),
        [case(i) for i in ids],
        found,
    )


def case(letter: str) -> str:
    return f"layers.Dense/{letter}" if len(letter) == 1 else letter


@pytest.fixture
def update(tmp_path: Path) -> Callable[..., tuple[Written, str]]:
    """What becomes of a text, and what was done; again, nothing is."""

    def call(
        text: str, *found: Asked, mode: str = "eager", triage: Triage | None = None
    ) -> tuple[Written, str]:
        file = tmp_path / "known.toml"
        file.unlink(missing_ok=True)
        if text:
            file.write_text(text)
        done = writing.update(file, found, mode, (), triage or Triage())
        after = file.read_text() if file.exists() else ""
        assert not writing.update(file, found, mode, (), triage or Triage())
        assert (file.read_text() if file.exists() else "") == after
        return done, after

    return call


Update = Callable[..., tuple[Written, str]]


def test_nothing_fails_and_nothing_is_written(update: Update) -> None:
    done, text = update("", asked(*(result(case(i)) for i in "abcdef")))
    assert (bool(done), text) == (False, "")


def test_failures_become_entries_by_family_aspect_and_signature(update: Update) -> None:
    done, text = update(
        "",
        asked(
            result(case("a"), "crashed", "accepted"),
            *(result(case(i), OFF) for i in "bc"),
            result(case("d"), "value off, up to 16 ULP"),
            result(case("e"), ["lacks x", "lacks y"], "config"),
            result(case("f")),
        ),
    )
    assert (done.added, done.failures, done.removed, done.changed) == (4, 5, 0, 0)
    assert [(e["cases"], e["aspects"], e["fails"]) for e in read(text)] == [
        (case("a"), ["accepted"], "crashed"),
        (case("e"), ["config"], ["lacks x", "lacks y"]),
        ([case("b"), case("c")], ["value"], OFF),
        (case("d"), ["value"], "value off, up to 16 ULP"),
    ]
    assert all(e["reason"].startswith("untriaged: layers.Dense/") for e in read(text))
    assert all(e["link"] == "" for e in read(text))


def test_a_case_without_the_aspect_may_be_covered_and_one_with_it_may_not(update: Update) -> None:
    failing = [result(case(i), OFF) for i in "ab"]
    found = asked(*failing, *(result(case(i), aspect="config") for i in "cdef"))
    assert read(update("", found)[1])[0]["cases"] == "layers.Dense/*"


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.BLOCKED, Verdict.UNSUPPORTED])
def test_what_passes_or_may_pass_is_not_covered(update: Update, verdict: Verdict) -> None:
    failing = [result(case(i), OFF) for i in "ab"]
    other = [result(case(i), aspect="config") for i in "cde"]
    aspect = "accepted" if verdict is Verdict.UNSUPPORTED else "value"
    found = asked(*failing, *other, result(case("f"), aspect=aspect, verdict=verdict))
    assert read(update("", found)[1])[0]["cases"] == [case("a"), case("b")]


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (["lacks x"], ["lacks x", "lacks y"], True),
        (["lacks x"], ["lacks y"], False),
        (["value off, up to 16 ULP"], ["value off, relative error up to 1e-5"], True),
        (["value off, relative error up to 1e-3"], ["value off, relative error up to 1e-1"], True),
        (["value off, relative error up to 1e-4"], ["value off, relative error up to 1e-1"], False),
        (["value off, up to 16 ULP"], ["value off, relative error above 1"], False),
    ],
)
def test_what_includes_another_and_needs_no_more_globs_is_one(
    update: Update, one: list[str], other: list[str], joined: bool
) -> None:
    found = [result(case(i), one) for i in "abd"] + [result(case(i), other) for i in "cef"]
    _, text = update("", asked(*found))
    assert len(read(text)) == (1 if joined else 2)
    if joined:
        assert read(text)[0]["cases"] == "layers.Dense/*"
        assert set(other) == {*blocks.split(text, Path("x"))[1][0].entry.fails}


def test_what_was_not_asked_is_not_covered(update: Update) -> None:
    found = asked(*(result(case(i), OFF) for i in "ab"))
    assert read(update("", found)[1])[0]["cases"] == [case("a"), case("b")]


HELD = """# All that is known.

# The first one.
[[expectation]]
cases = "layers.Dense/a"      # of a
aspects = [ "value" ]
reason = 'rounding'
link = "there"


# The second one.
[[expectation]]
cases = ["layers.Dense/b", "layers.Dense/c"]
aspects = ["value"]
reason = "b and c"
link = "there"
# (to be discussed)
"""


def test_what_holds_keeps_every_character(update: Update) -> None:
    found = asked(*(result(case(i), OFF) for i in "abc"), *(result(case(i)) for i in "def"))
    done, text = update(HELD, found)
    assert (bool(done), text) == (False, HELD)


def test_an_entry_that_passes_is_removed_with_its_comment(update: Update) -> None:
    found = asked(result(case("a")), *(result(case(i), OFF) for i in "bc"))
    done, text = update(HELD, found)
    assert (done.removed, done.changed, done.added) == (1, 0, 0)
    assert text == "# All that is known.\n\n" + HELD[HELD.index("# The second") :]


def test_an_entry_loses_what_passes_and_keeps_its_reason(update: Update) -> None:
    found = asked(*(result(case(i), OFF) for i in "ac"), result(case("b")))
    done, text = update(HELD, found)
    assert (done.removed, done.changed, done.added) == (0, 1, 0)
    assert text == HELD.replace('["layers.Dense/b", "layers.Dense/c"]', '"layers.Dense/c"')


def test_an_entry_keeps_what_was_not_asked(update: Update) -> None:
    done, text = update(HELD, asked(result(case("b"))))
    assert (done.changed, done.removed) == (1, 0)
    assert read(text)[1]["cases"] == case("c")
    assert text.startswith(HELD[: HELD.index("# The second")])


def test_an_entry_about_no_case_is_removed(update: Update) -> None:
    text = entry("layers.Dense/z", modes=["eager", "graph"], versions=">=3")
    done, after = update(text, asked(result(case("a")), modes=("eager", "graph")))
    assert (done.removed, after) == (1, "")


def test_an_entry_about_an_aspect_that_there_is_not_is_removed(update: Update) -> None:
    known = entry("layers.Dense/?", ("losses",))
    done, _ = update(known, asked(result(case("a"))))
    assert not done  # of the others nothing is known
    done, _ = update(known, asked(*(result(case(i)) for i in "abcdef")))
    assert done.removed == 1


def test_what_fails_differently_gets_an_entry_of_its_own(update: Update) -> None:
    known = entry("layers.Dense/*", fails="crashed")
    found = asked(result(case("a"), "crashed"), *(result(case(i), OFF) for i in "bcdef"))
    done, text = update(known, found)
    assert (done.changed, done.added) == (1, 1)
    first, second = read(text)
    assert (first["cases"], first["fails"], first["reason"]) == (case("a"), "crashed", "because")
    assert (second["fails"], second["reason"][:10]) == (OFF, "untriaged:")
    assert case("a") not in second["cases"]


def test_an_entry_about_several_aspects_is_divided_where_it_must_be(update: Update) -> None:
    known = entry("layers.Dense/?", ("value", "losses"))
    found = [result(case(i), OFF) for i in "ab"] + [result(case("a"), OFF, "losses")]
    found += [result(case("b"), aspect="losses")] + [result(case(i)) for i in "cdef"]
    done, text = update(known, asked(*found))
    assert done.changed == 1
    assert [(e["aspects"], e["cases"], e["reason"]) for e in read(text)] == [
        (["value"], [case("a"), case("b")], "because"),
        (["losses"], case("a"), "because"),
    ]


def test_one_mode_tells_nothing_of_another(update: Update) -> None:
    modes = ("eager", "graph", "xla")
    fails, passes = (
        asked(result(case("a"), OFF), modes=modes),
        asked(result(case("a")), modes=modes),
    )
    _, text = update("", fails, mode="graph")
    assert read(text)[0]["modes"] == ["graph"]
    assert update(text, passes)[1] == text
    assert read(update(text, passes, mode="graph")[1]) == []
    (left,) = read(update(entry(case("a")), passes, mode="xla")[1])
    assert left["modes"] == ["eager", "graph"]


def test_one_version_tells_nothing_of_another(update: Update) -> None:
    known = entry(["layers.Dense/a", "layers.Dense/b"], versions=">=3.13")
    found = asked(result(case("a"), OFF), result(case("b")))
    others, here = read(update(known, found)[1])
    assert (others["versions"], others["cases"]) == (
        ">=3.13,!=3.15.1",
        ["layers.Dense/a", "layers.Dense/b"],
    )
    assert (here["versions"], here["cases"]) == ("==3.15.1", case("a"))
    assert update(known, asked(result(case("a")), version="3.10.0"))[1] == known


def test_subjects_of_a_run_share_what_they_have_in_common(update: Update) -> None:
    both = [result(case("a"), OFF)]
    done, text = update(
        "", asked(*both, result(case("b"), OFF), name="impl.keras2"), asked(*both, result(case("b")), name="impl.keras3")
    )  # fmt: skip
    assert done.added == 2
    assert [(e["cases"], e["subjects"]) for e in read(text)] == [
        ([case("a"), case("b")], ["impl.keras2"]),
        (case("a"), ["impl.keras3"]),
    ]
    _, text = update("", asked(*both, name="impl.keras2"), asked(*both, name="impl.keras3"))
    (shared,) = read(text)
    assert "subjects" not in shared


def test_an_entry_of_another_subject_is_left_alone(update: Update) -> None:
    known = entry(case("a"), subjects=["impl.keras2", "keras"])
    (left,) = read(update(known, asked(result(case("a"))))[1])
    assert left["subjects"] == ["impl.keras2"]
    other = entry(case("a"), subjects=["impl.keras2"])
    assert update(other, asked(result(case("a"))))[1] == other


def test_what_passes_against_one_and_fails_against_the_other_may_do_either(update: Update) -> None:
    found = asked(result(case("a"), OFF), result(case("a"), against="official"))
    (only,) = read(update("", found)[1])
    assert only["strict"] is False


def test_an_entry_about_one_comparison_is_revised_by_that_one_only(update: Update) -> None:
    text = entry(case("a"), fails=OFF, against=["golden"])
    fails, passes = result(case("a"), OFF), result(case("a"))
    done, after = update(text, asked(fails, replace(passes, against="official")))
    assert (bool(done), after) == (False, text)
    done, after = update(text, asked(replace(passes, against="official")))
    assert (bool(done), after) == (False, text)
    done, after = update(text, asked(passes, replace(passes, against="official")))
    assert (done.removed, after) == (1, "")
    done, after = update(text, asked(replace(fails, against="official")))
    assert (done.added, done.removed, len(read(after))) == (1, 0, 2)


def test_an_entry_that_is_not_strict_stays_where_it_passes(update: Update) -> None:
    known = entry(case("a"), strict=False)
    assert update(known, asked(result(case("a"))))[1] == known


def test_the_parts_of_a_run_come_to_no_more_entries_than_the_whole(tmp_path: Path) -> None:
    ids = [i for i in every_id if i.startswith("constraints.MaxNorm/")]
    results = [result(i, OFF if "/dtype/" in i else ()) for i in ids]
    whole, parts = tmp_path / "whole.toml", tmp_path / "parts.toml"
    everything = Asked("keras", {}, ("eager", "xla"), ids, results)
    writing.update(whole, [everything], "xla", (), Triage())
    for n in range(4):
        part = Asked("keras", {}, ("eager", "xla"), ids, results[n::4])
        assert writing.update(parts, [part], "xla", (), Triage())
    (one,), (other,) = entries.load(whole), entries.load(parts)
    assert one.cases == other.cases == ("constraints.MaxNorm/dtype/*",)


def test_an_entry_with_its_own_reason_is_not_extended(update: Update) -> None:
    known = entry(case("a"), fails=OFF, reason="rounding")
    found = asked(*(result(case(i), OFF) for i in "ab"))
    assert [e["cases"] for e in read(update(known, found)[1])] == [case("a"), case("b")]
    same = Triage("rounding", "there")
    (both,) = read(update(known, found, triage=same)[1])
    assert both["cases"] == [case("a"), case("b")]


def test_what_an_answer_lacks_is_written_too(update: Update) -> None:
    found = asked(result(case("a"), "no gradient", "gradient", verdict=Verdict.MISSING))
    (only,) = read(update("", found)[1])
    assert (only["aspects"], only["fails"]) == (["gradient"], "no gradient")


def test_failures_are_triaged_cluster_by_cluster(update: Update) -> None:
    found = asked(
        *(result(case(i), OFF) for i in "ab"),
        result(case("c"), "crashed", "accepted"),
        result(case("d"), "lacks x", "config"),
    )
    _, text = update("", found)
    assert len(read(text)) == 3
    _, text = update(text, found, triage=Triage("rounds down", "issue 7", aspects=("value",)))
    assert [(e["cases"], e["reason"], e["link"]) for e in read(text) if e["link"]] == [
        ([case("a"), case("b")], "rounds down", "issue 7")
    ]
    assert len(read(text)) == 3
    _, text = update(text, found, triage=Triage("is lost", "issue 8", fails=("lacks *",)))
    assert [e["reason"] for e in read(text) if e["link"]] == ["rounds down", "is lost"]
    assert [e["fails"] for e in read(text) if not e["link"]] == ["crashed"]


def test_a_filter_leaves_the_rest_unwritten(update: Update) -> None:
    found = asked(result(case("a"), OFF), result(case("b"), "crashed", "accepted"))
    (only,) = read(update("", found, triage=Triage(aspects=("accepted",)))[1])
    assert only["cases"] == case("b")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_fails_is_known_afterwards_and_nothing_else(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two runs with different outcomes, one after the other, into one file."""
    ids = sorted({i for i in every_id if i.startswith(("constraints.NonNeg", "layers.Conv1D/"))})
    file = tmp_path_factory.mktemp("known") / "known.toml"
    states = st.sampled_from([(), (OFF,), ("value off, up to 16 ULP",), ("lacks x", "has y")])
    for _ in range(2):
        width = data.draw(st.integers(1, 9))
        chosen = data.draw(st.lists(states, min_size=width, max_size=width))
        part = data.draw(st.sampled_from([ids, ids[::2], ids[:200]]))
        results = [result(i, chosen[len(i.split("/")[1]) % width]) for i in part]
        found = Asked("keras", {"version": "3.15.1"}, ("eager",), ids, results)
        writing.update(file, [found], "eager", (), Triage())
        known = entries.load(file) if file.exists() else []
        for r in results:
            about = [e for e in known if e.covers(r.id)]
            assert len(about) == bool(r.signature)
            assert all(e.is_like(r) for e in about)
        content = file.read_bytes() if file.exists() else b""
        assert not writing.update(file, [found], "eager", (), Triage())
        assert (file.read_bytes() if file.exists() else b"") == content


def test_five_thousand_failures_are_written_in_seconds_to_a_small_file(update: Update) -> None:
    ids = every_id[:5000]
    fails = [OFF, "value off, up to 16 ULP", "NaN instead of a number"]
    results = [result(i, fails[len(i.split("/")[1]) % 3]) for i in ids]
    done, text = update("", asked(*results, ids=every_id))
    assert done.failures == 5000
    assert len(text) < 40_000
