"""`--write-expectations`: a run right after it is as expected, and says the same of everything."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import Ended
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.expectations import blocks, entries, writing
from conformance.expectations.asked import Asked
from conformance.expectations.covering import fewest
from conformance.expectations.triage import Triage
from conformance.expectations.writing import Written
from conformance.model import Grade, Result, Verdict, patterns
from conformance.model.errors import UsageError
from conformance.vectors import store

SUBJECT = "module:known_failures:keras3"
NONNEG = "constraints.NonNeg"
OFF = "value off, relative error up to 1"

every_id = [e.case.id for f in store.load_all(store.default_directory()) for e in f.cases]
some_ids = [i for i in every_id if i.startswith(("constraints.", "layers.Dense/", "models."))]


class NonNeg:
    """On NumPy, clipped at 1 by mistake; a number without a shape is refused."""

    most: float | None = 1.0

    def __call__(self, w: Any) -> Any:
        if w.ndim == 0:
            raise ValueError("weights must have a shape")
        return np.clip(w, w.dtype.type(0), self.most and w.dtype.type(self.most))


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("known_failures")
    module.constraints = SimpleNamespace(NonNeg=NonNeg)  # type: ignore[attr-defined]
    module.conformance_tensors = "numpy"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.fixture
def command(
    tmp_path: Path,
    conformance: Callable[..., Ended],
    golden_of: Callable[[tuple[str, ...]], Path],
) -> Callable[..., Ended]:
    """A run over the cases of NonNeg that writes `known.toml` in `tmp_path`."""
    directory = golden_of((f"{NONNEG}/*",))

    def call(*more: str | Path) -> Ended:
        file = tmp_path / "known.toml"
        options = ("--golden", directory, "--write-expectations", file, *more)
        return conformance("run", "--subject", SUBJECT, *options)

    return call


# --- globs


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


# --- what a run finds, made up


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


def entry(cases: str | list[str], aspects: tuple[str, ...] = ("value",), **more: Any) -> str:
    fields = {
        "cases": cases,
        "aspects": list(aspects),
        "reason": "because",
        "link": "there",
        **more,
    }
    return "\n".join(
        ["[[expectation]]", *(f"{k} = {json.dumps(v)}" for k, v in fields.items()), ""]
    )


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


def read(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(text).get("expectation", [])
    return found


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


# --- files


@pytest.mark.parametrize("text", ["expectation = [{cases = 'a', aspects = ['value'], reason = 'r', link = 'l'}]\n",
                                  entry("a", reason="\n[[expectation]]\n").replace("\\n", "\n").replace('"\n', '"""\n', 1)])  # fmt: skip
def test_a_file_of_another_form_is_not_updated(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        blocks.split(text, tmp_path / "known.toml")


def test_a_block_keeps_its_comments_where_it_changes() -> None:
    block = "# why\n[[expectation]]\ncases = 'a' # which\naspects = ['value']\n\n"
    text = blocks.changed(block, {"cases": ("b", "c"), "modes": ("xla",)})
    assert text.startswith('# why\n[[expectation]]\ncases = ["b", "c"] # which\n')
    assert tomllib.loads(text)["expectation"][0]["modes"] == ["xla"]


# --- the command line


def test_a_run_right_after_it_is_as_expected_and_writes_the_same(
    command: Callable[..., Ended], tmp_path: Path
) -> None:
    first = command()
    assert first.status == 0
    assert "entries added for" in first.out
    text = (tmp_path / "known.toml").read_bytes()
    assert read(text.decode())
    second = command()
    assert second.status == 0
    assert "nothing to change" in second.out
    assert "untriaged" in second.out
    assert (tmp_path / "known.toml").read_bytes() == text
    in_parts = command("--jobs", "1", "--shard", "1/3")
    assert in_parts.status == 0
    assert (tmp_path / "known.toml").read_bytes() == text


def test_what_was_mended_leaves_the_file(
    command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command()
    clipped = f"{NONNEG}/value/wave-5-float32"
    assert [e for e in entries.load(tmp_path / "known.toml") if e.covers(clipped)]
    monkeypatch.setattr(NonNeg, "most", None)
    assert command().status == 0
    assert not [e for e in entries.load(tmp_path / "known.toml") if e.covers(clipped)]


def test_a_selection_is_triaged(command: Callable[..., Ended], tmp_path: Path) -> None:
    command()
    select = f"{NONNEG}/value/wave-5-float32"
    ended = command("--select", select, "--reason", "clipped", "--link", "issue 1")
    assert ended.status == 0
    known = [e for e in read((tmp_path / "known.toml").read_text()) if e["reason"] == "clipped"]
    assert [e["cases"] for e in known] == [select]
    assert command().status == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--reason", "because"), "--reason must go with --link"),
        (("--link", "there"), "--link must go with --reason"),
        (("--reason", "untriaged: x", "--link", "there"), "--reason must be a reason"),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], says: str, command: Callable[..., Ended]
) -> None:
    ended = command(*options)
    assert ended.status == 2
    assert says in ended.sentence()


@pytest.mark.parametrize("option", ["--reason", "--link", "--aspect", "--fails"])
def test_options_without_a_file(option: str, conformance: Callable[..., Ended]) -> None:
    ended = conformance("run", "--subject", SUBJECT, option, "x")
    assert ended.status == 2
    assert f"{option} must go with --write-expectations" in ended.sentence()


def test_an_interrupted_run_writes_nothing(
    command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def interrupted(self: NonNeg, w: Any) -> Any:
        calls.append(w)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return np.zeros_like(w)

    monkeypatch.setattr(NonNeg, "__call__", interrupted)
    ended = command()
    assert ended.status == 130
    assert "was not written: the run was interrupted" in ended.sentence()
    assert not (tmp_path / "known.toml").exists()


def test_a_file_that_cannot_be_updated_is_refused_before_the_run(
    command: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "known.toml").write_text("expectation = [1]\n")
    ended = command()
    assert ended.status == 2
    assert ended.out == ""
    assert "known.toml" in ended.sentence()
