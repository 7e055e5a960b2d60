"""Seeds: which are taken, which values they give, what repeats and what advances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    PRESETS,
    Rows,
    draw,
    generator,
    repeats,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.references import instance, short_record
from conformance.cases.rows import KERAS3, WAYS
from conformance.cases.steps import roundtrip
from conformance.model import DIALECTS, Case, Given

# Both sides of every power at which an implementation may wrap a seed: 2**31 - 2 is what Keras 3
# takes seeds modulo, 2**31 and 2**32 are where 32 bits end, 2**53 where a double does.
_EDGES: Final = (
    *(0, 1, -1, 2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 5, 2**53 + 1),
    *(2**63 - 1, -(2**31), -(2**31) - 1, -(2**40), -(2**63)),
)
# Of these for the presets, which hand their seed on.
_FEW_EDGES: Final = (0, 1, -1, 2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -(2**40))
_REJECTED: Final[dict[str, Any]] = {
    "beyond-64-bits": 2**63,
    "below-64-bits": -(2**63) - 1,
    "huge": 10**30,
    "float": 3.0,
    "fraction": 3.7,
    "text": "3",
    "true": True,
    "false": False,
    "list": [1, 2],
    "tuple": (1, 2),
    "dict": {},
    "dict-unknown-class": {"class_name": "foo", "config": {}},
    "numpy-int64": listed(3, "int64", Given.SCALAR),
    "numpy-int32": listed(3, "int32", Given.SCALAR),
    "numpy-float64": listed(3.0, "float64", Given.SCALAR),
    "array": listed(3, "int64", Given.ARRAY),
    "array-pair": listed([3, 4], "int64", Given.ARRAY),
    "tensor": listed(3, "int32"),
    "tensor-pair": listed([3, 4], "int32"),
    "variable": listed(3, "int64", Given.VARIABLE),
}
_NO_GENERATORS: Final[dict[str, dict[str, Any]]] = {
    "float": {"seed": 1.5},
    "text": {"seed": "3"},
    "true": {"seed": True},
    "beyond-64-bits": {"seed": 2**63},
    "below-64-bits": {"seed": -(2**63) - 1},
    "numpy-int64": {"seed": listed(3, "int64", Given.SCALAR)},
    "name-number": {"name": 3},
    "name-slash": {"name": "a/b"},
}
_SHAPE: Final = (2, 3)


_CALL: Final = draw(_SHAPE)


def seed_rows(name: str) -> Iterator[Case]:
    """Integers at every edge, what is no seed, generators, and what repeats."""
    row = Rows(name)
    preset = name in PRESETS
    edges = _FEW_EDGES if preset else _EDGES
    yield from row.table("seed", edges, _CALL, argument="seed", flags="seed")
    few = ("beyond-64-bits", "float", "numpy-int64")
    bad = {detail: seed for detail, seed in _REJECTED.items() if detail in few or not preset}
    row = row.given(flags=("seed", "bad-argument"))
    yield from row.table("seed", bad, _CALL, argument="seed")
    yield from _generators(name)
    yield from _repeats(name)


def _generators(name: str) -> Iterator[Case]:
    """A SeedGenerator gives other values at each call, and starts again when rebuilt."""
    row = Rows(name, KERAS3, flags=("seed", "generator"), tolerance=tolerance(name, {}, _SHAPE))
    for seed in (3,) if name in PRESETS else (3, 0, -1, 2**31 - 2, 2**32, 2**63 - 1):
        asked = row.given(arguments={"seed": generator(seed)})
        yield asked("generator", f"{seed}-advances", _CALL, _CALL, _CALL)
    asked = row.given(arguments={"seed": generator(3)})
    for via in WAYS:
        steps = (_CALL, roundtrip(via), _CALL, _CALL)
        yield asked("generator", f"{via}-starts-again", *steps)
    if name in PRESETS:
        return
    saved = {
        "module": "keras.random",
        **short_record("SeedGenerator", {"name": "seed_generator", "seed": 3}),
        "registered_name": None,
    }
    yield row("generator", "saved", _CALL, _CALL, arguments={"seed": saved})
    row = row.given(dialects=DIALECTS)
    arguments = {"seed": short_record("SeedGenerator", {"seed": 3})}
    yield row("generator", "saved-without-module", _CALL, arguments=arguments)
    if name == "RandomNormal":
        bad = Rows(name, KERAS3, flags=("seed", "generator", "bad-argument"))
        given = {
            detail: instance("random.SeedGenerator", **{"name": "source", **arguments})
            for detail, arguments in _NO_GENERATORS.items()
        }
        yield from bad.table("generator", given, _CALL, argument="seed", prefix="refused-")


def _repeats(name: str) -> Iterator[Case]:
    """Which of three draws are the same, and which calls warn; the values are not looked at."""
    some = ("instance", "fresh", "config")
    asked: list[tuple[str, Any, tuple[str, ...], tuple[str, ...]]] = [
        ("int", 5, some, DIALECTS),
        ("none", None, some, DIALECTS),
        ("generator", generator(5), (*some, "shared"), KERAS3),
    ]
    if name not in PRESETS:
        asked.append(("zero", 0, ("instance",), DIALECTS))
        asked.append(("generator-none", generator(None), some, KERAS3))
    shape = (3, 3) if name == "Orthogonal" else (8,)
    for kind, seed, ways, dialects in asked:
        row = Rows(name, dialects, arguments={"seed": seed}, flags=("seed", "repeats"))
        for of in ways:
            yield row("repeats", f"{kind}-{of}", repeats(3, of, shape))
