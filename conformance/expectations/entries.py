"""Entries, the known failures: how they are read, what they cover, and which subjects they are about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from conformance.judge import signature
from conformance.model import Result, patterns
from conformance.model.errors import UsageError
from conformance.model.platforms import EVERYWHERE, Platform
from conformance.subjects.base import Mode

HERE: Final = Path(__file__).parent
# How the reason of an entry starts that the tool has written and nobody has explained yet.
UNTRIAGED: Final = "untriaged: "
# The subjects that have to answer every case of their dialect, but for those of entries with `unsupported`. A case
# that is added later needs an answer of each.
EVERY_CASE: Final = ("impl.keras2", "impl.keras3", "keras", "tf_keras")
# Subjects that come with the suite, or that it installs: their names can be names of files.
# A subject that fails mostly as another one does, and that one.
ALIKE: Final = {"tfjs@wasm": "tfjs"}
_SHIPPED: Final = re.compile(
    r"impl\.keras[23]|(tf_)?keras(==[\w.+!-]+)?(@\w+)?|tfjs(@wasm)?|onnx|litert"
)
_SUBJECT: Final = re.compile(rf"{_SHIPPED.pattern}|module:[\w.]+:keras[23]|command:.+")
_TEXTS: Final = ("reason", "link")
_LISTS: Final = ("aspects", "modes", "subjects", "against")
# What an answer is compared with, as results name it.
_AGAINST: Final = ("golden", "official")
_TEXTS_OR_LISTS: Final = ("cases", "fails")
_FLAGS: Final = ("strict", "unsupported")
_KEYS: Final = {*_TEXTS, *_LISTS, *_TEXTS_OR_LISTS, *_FLAGS, "versions", "platform"}
# The aspect in which a step that a subject does not offer is unsupported.
_OFFERED: Final = "accepted"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Cases that are known to fail, and in which aspects, how, and why.

    Attributes:
        cases: globs over ids.
        fails: the phrases of the signature; empty means any failure.
        unsupported: whether the entry is about what the subject does not offer at all, instead of failures.
        strict: whether a pass is an error; otherwise the cases may fail or pass.
        modes, subjects, platform, against: what the entry is limited to; empty means all. `against`
            names comparisons: with golden vectors, or with official Keras live.
        versions: a PEP 440 specifier that limits it to versions of the subject's package.
        source: the file and the number of the entry, for messages.
        shipped: whether it comes with the suite, and so is about the suite's own goldens.

    """

    cases: tuple[str, ...]
    aspects: tuple[str, ...]
    reason: str
    link: str
    strict: bool = True
    modes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    versions: str = ""
    platform: Platform = EVERYWHERE
    fails: tuple[str, ...] = ()
    unsupported: bool = False
    source: str = ""
    shipped: bool = False

    @property
    def untriaged(self) -> bool:
        """Whether nobody has explained the failure yet."""
        return self.reason.startswith(UNTRIAGED)

    def covers(self, case_id: str) -> bool:
        """Whether the entry is about this case."""
        return patterns.matcher(self.cases).fullmatch(case_id) is not None

    def covered(self, ids: Iterable[str]) -> list[str]:
        """The ones among these cases that the entry is about."""
        fits = patterns.matcher(self.cases).fullmatch
        return [case_id for case_id in ids if fits(case_id)]

    def applies(self, name: str, mode: str, facts: Mapping[str, Any]) -> bool:
        """Whether the entry is about a subject of this name and provenance in this mode."""
        return (
            (not self.subjects or name in self.subjects or unversioned(name) in self.subjects)
            and (not self.modes or mode in self.modes)
            and (not self.versions or _admits(self.versions, facts.get("version")))
            and self.platform.holds(facts)
        )

    def is_about(self, result: Result) -> bool:
        """Whether the entry is about this aspect and this comparison, of a case that it covers."""
        return result.aspect in self.aspects and self.is_against((result.against,))

    def is_against(self, compared: Iterable[str]) -> bool:
        """Whether the entry is about one of these comparisons."""
        return not self.against or not set(compared).isdisjoint(self.against)

    def is_like(self, result: Result) -> bool:
        """Whether a case of the entry fails in the way that the entry says."""
        return not self.fails or signature.covers(self.fails, result.signature)


def unversioned(name: str) -> str:
    """The name of a subject without its version: `keras@jax` of `keras==3.10.0@jax`.

    What was `keras` up to version 2.15 is `tf_keras` today.
    """
    if not is_shipped_name(name):
        return name
    return "tf_keras" if name.startswith("keras==2.") else re.sub(r"==[^@]+", "", name)


def _admits(versions: str, version: str | None) -> bool:
    try:
        return version is not None and SpecifierSet(versions).contains(version, prereleases=True)
    except InvalidVersion:
        return False


def load(path: Path) -> list[Expectation]:
    """The entries of a file; UsageError where it is no expectations file."""
    return parse(read(path), path)


def read(path: Path) -> str:
    """The text of a file; UsageError where it cannot be read."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"expectations {path}: cannot be read: {error}") from error


def parse(text: str, path: Path) -> list[Expectation]:
    """The entries in the text of a file."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"expectations {path}: cannot be read: {error}") from error
    entries = parsed.get("expectation", [])
    if set(parsed) - {"expectation"} or not isinstance(entries, list):
        raise UsageError(
            f"expectations {path}: must hold [[expectation]] tables only; "
            f"received {', '.join(parsed)}"
        )
    shipped = path.resolve().parent == HERE
    return [
        _entry(entry, f"{path.name} entry {n}", shipped=shipped)
        for n, entry in enumerate(entries, start=1)
    ]


def _entry(entry: Any, source: str, *, shipped: bool) -> Expectation:
    if not isinstance(entry, Mapping):
        raise UsageError(f"expectations {source}: must be a table; received {entry!r}")
    if unknown := set(entry) - _KEYS:
        raise UsageError(
            f"expectations {source}: keys must be among {', '.join(sorted(_KEYS))}; "
            f"received {', '.join(sorted(unknown))}"
        )
    lists = {key: _list(entry, key, source) for key in (*_LISTS, *_TEXTS_OR_LISTS)}
    untriaged = str(entry.get("reason")).startswith(UNTRIAGED)
    for key in _TEXTS:
        value = entry.get(key)
        blank = not isinstance(value, str) or not (value.strip() or (key == "link" and untriaged))
        if blank:
            raise UsageError(
                f"expectations {source}: {key} must be a text that is not empty; received {value!r}"
            )
    if unknown := set(lists["modes"]) - set(Mode):
        raise UsageError(
            f"expectations {source}: modes must be among {', '.join(Mode)}; "
            f"received {', '.join(sorted(unknown))}"
        )
    for name in lists["subjects"]:
        if not _SUBJECT.fullmatch(name):
            raise UsageError(
                f"expectations {source}: subjects must be names as reports show them, "
                f"impl.keras3 or module:my.package:keras3 for example; received {name!r}"
            )
    if ("against" in entry and not lists["against"]) or set(lists["against"]) - set(_AGAINST):
        raise UsageError(
            f"expectations {source}: against must name one of {', '.join(_AGAINST)}, or both; "
            f"received {entry['against']!r}"
        )
    flags = {"strict": True, "unsupported": False} | {k: entry[k] for k in _FLAGS if k in entry}
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise UsageError(
                f"expectations {source}: {key} must be true or false; received {value!r}"
            )
    if flags["unsupported"]:
        if given := [key for key in ("aspects", "fails", "strict") if key in entry]:
            raise UsageError(
                f"expectations {source}: an entry with unsupported = true is about cases that the "
                f"subject does not answer, and takes no {', '.join(given)}"
            )
        lists["aspects"] = (_OFFERED,)
    if not lists["aspects"]:
        raise UsageError(
            f"expectations {source}: aspects must name at least one aspect, or a failure of "
            "another kind would hide behind the entry; received none"
        )
    return Expectation(
        reason=entry["reason"],
        link=entry["link"],
        strict=flags["strict"],
        unsupported=flags["unsupported"],
        versions=_versions(entry, source),
        platform=(
            Platform.read(entry["platform"], f"expectations {source}")
            if "platform" in entry
            else EVERYWHERE
        ),
        source=source,
        shipped=shipped,
        **lists,
    )


def _list(entry: Mapping[str, Any], key: str, source: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if key in _TEXTS_OR_LISTS:
        given = [value] if isinstance(value, str) else value
        texts = isinstance(given, list) and all(isinstance(v, str) and v.strip() for v in given)
        needed = key == "cases" or key in entry
        if not texts or (needed and not given):
            raise UsageError(
                f"expectations {source}: {key} must be a text that is not empty, or a list of "
                f"them; received {entry.get(key)!r}"
            )
        return tuple(given)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise UsageError(
            f"expectations {source}: {key} must be a list of texts; received {value!r}"
        )
    return tuple(value)


def _versions(entry: Mapping[str, Any], source: str) -> str:
    value = entry.get("versions", "")
    try:
        if not isinstance(value, str) or ("versions" in entry and not value.strip()):
            raise InvalidSpecifier
        SpecifierSet(value)
    except InvalidSpecifier:
        raise UsageError(
            f"expectations {source}: versions must be a version specifier, >=3.13 for example; "
            f"received {value!r}"
        ) from None
    return value


def is_shipped_name(name: str) -> bool:
    """Whether a subject of this name comes with the suite, or is installed by it."""
    return _SHIPPED.fullmatch(name) is not None


def shipped_files(name: str) -> list[Path]:
    """The files that come with the suite for a subject: of all its versions or backends, and of this one."""
    if not is_shipped_name(name):
        return []
    names = dict.fromkeys((ALIKE.get(name, unversioned(name)), name))
    return [file for each in names if (file := HERE / f"{each}.toml").is_file()]


def for_subject(
    name: str,
    mode: str,
    extra: Iterable[Path] = (),
    *,
    facts: Mapping[str, Any],
    without: Path | None = None,
) -> list[Expectation]:
    """The entries about a subject, from its own files and from `extra` files; each file is read once.

    `facts`: the provenance of the subject. `without`: a file that is left out.
    """
    files = {path.resolve(): path for path in (*shipped_files(name), *extra)}
    if without is not None:
        files.pop(without.resolve(), None)
    return [
        entry for path in files.values() for entry in load(path) if entry.applies(name, mode, facts)
    ]
