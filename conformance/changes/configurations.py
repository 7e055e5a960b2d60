"""Compares two descriptions of an object, entry by entry, and of the objects inside it.

A description is a configuration, or `{"class_name", "config", ...}` around one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.changes.differences import Change, Group, same
from conformance.changes.used.described import described_in, named_by
from conformance.changes.words import short
from conformance.model import Case, Reference, Step, Value


def after(given: Mapping[str, Any] | None, step: Step) -> Mapping[str, Any] | None:
    """The arguments of the object under test after a step; None where they are not known."""
    if given is not None and step.do == "set":
        return {**given, **step.options}
    if step.do == "from_config":
        config = step.options.get("config")
        return dict(config) if isinstance(config, Mapping) else None
    return given


def changes(
    case: Case, step: Step, name: str, given: Mapping[str, Any] | None, old: Value, new: Value
) -> Iterator[Change]:
    """What differs in the description `name` that a step gave of an object.

    `given`: the arguments of the object under test; None where they are not known.
    """
    spoken = next(iter(named_by(step)), given)
    if isinstance(old, dict) and isinstance(new, dict):
        if "class_name" in old and "class_name" in new:
            yield from _objects(case, spoken, old, new, step.do)
            return
        if "instance" in old and old.get("instance") == new.get("instance"):
            target = f"{case.family}.{old['instance']}"
            yield from _inner(case, target, _arguments(spoken), old, new)
            return
        if name != "resolved":
            yield from _configs(case, case.target, given, old, new)
            return
    if not same(old, new):
        what = f"{name} of {step.do}"
        yield Change(Group.OTHER, case.target, what, case.id, short(old), short(new))


def _objects(
    case: Case, given: Any, old: Mapping[str, Any], new: Mapping[str, Any], key: str
) -> Iterator[Change]:
    """Two objects, `{"class_name", "config", ...}`, that stand under `key`."""
    described = described_in(old, key)
    target = described.target if described else str(old.get("class_name"))
    if old.get("class_name") != new.get("class_name"):
        yield _change(case, target, "class_name", old.get("class_name"), new.get("class_name"))
        return
    for part in dict.fromkeys((*old, *new)):
        if part == "config":
            continue
        what = f"{part} beside its config"
        if (part in old) != (part in new):
            what = f"{what} {'added' if part in new else 'removed'}"
            yield _change(case, target, what, old.get(part), new.get(part))
        elif not same(old[part], new[part]):
            yield _change(case, target, what, old[part], new[part])
    yield from _inner(case, target, _arguments(given), old, new)


def _inner(
    case: Case,
    target: str,
    given: Mapping[str, Any] | None,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[Change]:
    """The entry `config` of two objects."""
    was, now = old.get("config"), new.get("config")
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        yield from _configs(case, target, given, was, now)
    elif not same(was, now):
        yield _change(case, target, "config", was, now)


def _configs(
    case: Case,
    target: str,
    given: Mapping[str, Any] | None,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            yield Change(Group.CONFIG, target, f"{key} removed", case.id, short(old[key]))
        elif key not in old:
            yield Change(Group.CONFIG, target, f"{key} added", case.id, "", short(new[key]))
        elif not same(old[key], new[key]):
            yield from _entry(case, target, key, given, old[key], new[key])


def _entry(
    case: Case, target: str, key: str, given: Mapping[str, Any] | None, old: Any, new: Any
) -> Iterator[Change]:
    """An entry that differs: an object inside, a default, or a value that was given."""
    literal = None if given is None else given.get(key)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = literal if isinstance(literal, list | tuple) else ()
        if all(_is_object(each) for each in (*old, *new)):
            for number, (was, now) in enumerate(zip(old, new, strict=True)):
                part = parts[number] if number < len(parts) else None
                yield from _objects(case, part, was, now, key)
            return
    if _is_object(old) and _is_object(new) and old["class_name"] == new["class_name"]:
        yield from _objects(case, literal, old, new, key)
    elif _is_named(new, old) or _is_named(old, new):
        yield _change(case, target, f"{key} as a record", old, new)
    elif given is not None and key not in given:
        yield Change(Group.DEFAULTS, target, key, case.id, short(old), short(new))
    else:
        yield _change(case, target, f"{key} as given", old, new)


def _change(case: Case, target: str, what: str, old: Any, new: Any) -> Change:
    return Change(Group.CONFIG, target, what, case.id, short(old), short(new))


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and "class_name" in value and "config" in value


def _is_named(record: Any, name: Any) -> bool:
    """Whether a record describes what goes by a name, as that of a policy does."""
    if not _is_object(record) or not isinstance(name, str):
        return False
    config = record["config"]
    own = config.get("name") if isinstance(config, Mapping) else None
    return name in (own, record["class_name"])


def _arguments(literal: Any) -> Mapping[str, Any] | None:
    """The arguments that a case gives to an object inside; None where they are not known."""
    if isinstance(literal, Reference):
        return None if "*" in literal.arguments else literal.arguments
    if isinstance(literal, Mapping):
        inner = literal.get("config")
        return inner if "class_name" in literal and isinstance(inner, Mapping) else literal
    return {} if literal is None or isinstance(literal, str) else None
