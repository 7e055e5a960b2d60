"""Seeds: which are taken, which values they give, what repeats and what advances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    KERAS3,
    PRESETS,
    Rows,
    generator,
    initialize,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.rows import text
from conformance.model import DIALECTS, Case, Given, Step

# Both sides of every power at which an implementation may wrap a seed: 2**31 - 2 is what Keras 3
# takes seeds modulo, 2**31 and 2**32 are where 32 bits end, 2**53 where a double does.
_EDGES: Final = (
    0,
    1,
    -1,
    2**31 - 3,
    2**31 - 2,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**32 + 5,
    2**53 + 1,
    2**63 - 1,
    -(2**31),
    -(2**31) - 1,
    -(2**40),
    -(2**63),
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
_SHAPE: Final = (2, 3)


def seed_rows(name: str) -> Iterator[Case]:
    """Integers at every edge, what is no seed, generators, and what repeats."""
    row = Rows(name)
    preset = name in PRESETS
    for seed in _FEW_EDGES if preset else _EDGES:
        yield row.value("seed", text(seed), _SHAPE, arguments={"seed": seed}, flags=("seed",))
    few = ("beyond-64-bits", "float", "numpy-int64")
    for detail, seed in _REJECTED.items():
        if not preset or detail in few:
            yield row.value(
                "seed", detail, _SHAPE, arguments={"seed": seed}, flags=("seed", "bad-argument")
            )
    yield from _generators(name)
    yield from _repeats(name)


def _generators(name: str) -> Iterator[Case]:
    """A SeedGenerator gives other values at each call, and starts again when rebuilt."""
    row = Rows(name, KERAS3)
    call = initialize(list(_SHAPE), dtype="float32")
    within = tolerance(name, {}, _SHAPE)
    common: dict[str, Any] = {"tolerance": within, "flags": ("seed", "generator")}
    seeds = (3,) if name in PRESETS else (3, 0, -1, 2**31 - 2, 2**32, 2**63 - 1)
    for seed in seeds:
        arguments = {"seed": generator(seed)}
        yield row("generator", f"{seed}-advances", call, call, call, arguments=arguments, **common)
    arguments = {"seed": generator(3)}
    for via in ("from_config", "serialize"):
        again = Step("roundtrip", options={"via": via})
        yield row(
            "generator",
            f"{via}-starts-again",
            call,
            again,
            call,
            call,
            arguments=arguments,
            **common,
        )
    if name in PRESETS:
        return
    saved = {
        "module": "keras.random",
        "class_name": "SeedGenerator",
        "config": {"name": "seed_generator", "seed": 3},
        "registered_name": None,
    }
    yield row("generator", "saved", call, call, arguments={"seed": saved}, **common)
    yield row(
        "generator",
        "saved-without-module",
        call,
        arguments={"seed": {"class_name": "SeedGenerator", "config": {"seed": 3}}},
        dialects=DIALECTS,
        **common,
    )


def _repeats(name: str) -> Iterator[Case]:
    """Which of three draws are the same, and which calls warn; the values are not looked at."""
    row = Rows(name)
    asked: list[tuple[str, Any, tuple[str, ...], tuple[str, ...]]] = [
        ("int", 5, ("instance", "fresh", "config"), DIALECTS),
        ("none", None, ("instance", "fresh", "config"), DIALECTS),
        ("generator", generator(5), ("instance", "fresh", "config", "shared"), KERAS3),
    ]
    if name not in PRESETS:
        asked += [
            ("zero", 0, ("instance",), DIALECTS),
            ("generator-none", generator(None), ("instance", "fresh", "config"), KERAS3),
        ]
    for kind, seed, ways, dialects in asked:
        for of in ways:
            options: dict[str, Any] = {"shape": [8], "dtype": "float32", "calls": 3, "of": of}
            if name == "Orthogonal":
                options["shape"] = [3, 3]
            yield row(
                "repeats",
                f"{kind}-{of}",
                Step("repeats", options=options),
                arguments={"seed": seed},
                dialects=dialects,
                flags=("seed", "repeats"),
            )
