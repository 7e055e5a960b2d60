"""The cases of the weight constraints.

Sources: the Keras documentation "Layer weight constraints" (Keras 3 and Keras 2), and what the
official packages were seen to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.inputs import LIMITS, count, every_pair, listed, thirds, wave, whole
from conformance.model import (
    DIALECTS,
    FLOATS,
    INTEGERS,
    Case,
    Given,
    Input,
    Kind,
    Reference,
    Step,
    Tolerance,
)

INF: Final = math.inf
NAN: Final = math.nan
KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)

CALL: Final = Step("call", 0)
CONFIG: Final = Step("config")

# Arguments that each norm constraint is given by default in cases about something else. They are
# chosen so that a bound bites on most columns, and none is a default of the class.
NORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "MaxNorm": {"max_value": 1.5},
    "MinMaxNorm": {"min_value": 0.75, "max_value": 1.25, "rate": 0.5},
    "UnitNorm": {},
}
AXES: Final[tuple[Any, ...]] = (0, 1, -1, [0], [0, 1], (1, 0), [], None)
EXACT: Final = Tolerance()


def norm_tolerance(terms: int, rate: bool = False) -> Tolerance:
    """What rounding can do to `w * (clip(n) / (epsilon + n))`, n the root of a sum of squares.

    Each operation is allowed a relative error of 2 u, twice that of correct rounding (u, half a
    unit in the last place of 1): accelerators round quotients and roots no better. Squares and
    sum, all terms positive and in any order, come to 2 u `terms`, which the root halves; root,
    epsilon, quotient and product add 8 u, the two products and the sum of `rate` 6 u. A relative
    error of u is at most one ULP.
    """
    ulp = terms + 8 + (6 if rate else 0)
    operations = "root, epsilon, quotient, product" + (", rate" if rate else "")
    return Tolerance(
        Kind.ULP, ulp, f"sum of {terms} squares in any order, {operations}, each within 1 ULP"
    )


def _terms(shape: Sequence[int], axis: Any) -> int:
    """How many elements go into one norm; all of them where `axis` is not plain."""
    if isinstance(axis, int) and not isinstance(axis, bool):
        return shape[axis]
    if isinstance(axis, list | tuple) and all(isinstance(a, int) for a in axis):
        return math.prod(shape[a] for a in axis)
    return math.prod(shape)


def _text(value: Any) -> str:
    """A value in an id: no spaces, no slashes."""
    if isinstance(value, Input):
        flat = value.tensor.values().reshape(-1).tolist()
        return f"{value.given}:{value.tensor.dtype}:{_text(flat)}"
    if isinstance(value, list | tuple):
        inner = ",".join(_text(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return str(value)


def _arguments_text(arguments: Mapping[str, Any]) -> str:
    return ",".join(f"{name}={_text(value)}" for name, value in arguments.items()) or "defaults"


class _Rows:
    """Makes the cases of one class, with ids `constraints.<Class>/<group>/<detail>`."""

    def __init__(self, name: str, dialects: tuple[str, ...] = DIALECTS) -> None:
        self.target = f"constraints.{name}"
        self.dialects = dialects

    def __call__(self, group: str, detail: str, *steps: Step, **rest: Any) -> Case:
        rest.setdefault("dialects", self.dialects)
        return Case(f"{self.target}/{group}/{detail}", self.target, steps=steps, **rest)


def rows() -> Iterator[Case]:
    """Every case about constraints."""
    yield from _base()
    for name in NORMS:
        yield from _norm_arguments(name)
        yield from _norm_inputs(name)
        yield from _norm_edges(name)
        yield from _norm_rejections(name)
        yield from _description(name, NORMS[name])
    yield from _non_negative()
    yield from _description("NonNeg", {})
    yield from _radial()
    yield from _description("RadialConstraint", {}, KERAS2)
    yield from _identifiers()
    yield from _serialization()


def _norm_arguments(name: str) -> Iterator[Case]:
    """Every pair of argument values, then single unusual ones."""
    row = _Rows(name)
    shape = (3, 4)
    values: dict[str, Sequence[Any]] = {"axis": AXES}
    if name == "MaxNorm":
        values = {"max_value": (0, 0.5, 1.0, 2, 3.7, 1e-3, 1e4, INF, -1.0), **values}
    if name == "MinMaxNorm":
        values = {
            "min_value": (0.0, 0.5, 1.6, 3, -1.0),
            "max_value": (0.0, 0.25, 1.0, 2, INF),
            "rate": (1.0, 0.0, 0.3, 1, 1.5, -0.5),
            **values,
        }
    for arguments in every_pair(**values) if len(values) > 1 else ({"axis": a} for a in AXES):
        yield row(
            "arguments",
            _arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(thirds(shape),),
            tolerance=norm_tolerance(_terms(shape, arguments["axis"]), name == "MinMaxNorm"),
            flags=("pairwise",),
        )
    defaults = row(
        "arguments",
        "defaults",
        CALL,
        CONFIG,
        inputs=(thirds((3, 4)),),
        tolerance=norm_tolerance(3, name == "MinMaxNorm"),
        flags=("documented-default",),
    )
    yield defaults
    # The second of each two would be valid, and something else, in any other order.
    positional: dict[str, tuple[tuple[Any, ...], ...]] = {
        "MaxNorm": ((1.5, 1), (1, 0)),
        "MinMaxNorm": ((0.5, 1.5, 0.3, 1), (1, 2, 0.5, 0)),
        "UnitNorm": ((1,),),
    }
    for given in positional[name]:
        yield row(
            "arguments",
            f"positional={_text(given)}",
            CALL,
            CONFIG,
            arguments={"*": given},
            inputs=(thirds((3, 4)),),
            tolerance=norm_tolerance(4, name == "MinMaxNorm"),
            flags=("documented-signature",),
        )
    unusual: list[dict[str, Any]] = [
        {"axis": axis}
        for axis in (
            -2,
            True,
            False,
            (0, 1),
            listed(1, "int64", Given.SCALAR),
            listed(0, "int32", Given.ARRAY),
            listed([0, 1], "int64", Given.ARRAY),
            listed(1, "int32"),
            listed([1, 0], "int64"),
            [[0, 1]],
            [listed(1, "int64", Given.SCALAR)],
        )
    ]
    numbers: list[Any] = [
        True,
        listed(1.5, "float32", Given.SCALAR),
        listed(1.5, "float64", Given.SCALAR),
        listed(1.5, "float16", Given.SCALAR),
        listed(2, "int64", Given.SCALAR),
        listed(1.5, "float64", Given.ARRAY),
        listed([0.5, 1, 1.5, 2], "float32", Given.ARRAY),
        listed([0.5, 1, 1.5, 2], "float64", Given.ARRAY),
        listed([[0.5, 1, 1.5, 2]], "float32"),
        [0.5, 1.0, 1.5, 2.0],
        listed(1.5),
        listed(1.5, given=Given.VARIABLE),
        1 / 3,
        0.1,
        1e300,
        10**30,
        NAN,
        -INF,
        None,
    ]
    for argument in NORMS[name]:
        unusual += [{argument: number} for number in numbers]
    for arguments in unusual:
        yield row(
            "arguments",
            _arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(thirds(shape),),
            tolerance=norm_tolerance(12, name == "MinMaxNorm"),
            flags=("unusual-argument",),
        )


_SHAPES: Final[tuple[tuple[tuple[int, ...], tuple[Any, ...]], ...]] = (
    ((5,), (0, -1)),
    ((3, 4), (0, 1, [0, 1])),
    # Two axes of one size: a norm that lost its axis broadcasts all the same, the wrong way.
    ((3, 3), (0, 1)),
    ((2, 3, 4), (0, 1, [0, 2])),
    ((3, 2, 2, 3), (0, [0, 1, 2], -1)),
    ((2, 2, 1, 3, 2), (0, [0, 1, 2, 3], None)),
)


def _norm_inputs(name: str) -> Iterator[Case]:
    """Ranks, dtypes and the forms in which weights are handed over."""
    row = _Rows(name)
    rated = name == "MinMaxNorm"
    for dtype in FLOATS:
        for shape, axes in _SHAPES:
            for axis in axes:
                yield row(
                    "dtype",
                    f"{dtype}-{'x'.join(map(str, shape))}-axis={_text(axis)}",
                    CALL,
                    arguments={**NORMS[name], "axis": axis},
                    inputs=(thirds(shape, dtype),),
                    tolerance=norm_tolerance(_terms(shape, axis), rated),
                )
    for dtype in (*INTEGERS, "bool"):
        for detail, given in (
            ("small", whole((3, 4), dtype)),
            ("array", whole((4,), dtype, Given.ARRAY)),
            # Squares of 100 leave the 8-bit integers, squares of 50,000 the 32-bit ones.
            ("large", listed([1, 1] if dtype == "bool" else [100, 100], dtype)),
        ):
            yield row(
                "integer",
                f"{dtype}-{detail}",
                CALL,
                arguments=NORMS[name],
                inputs=(given,),
                tolerance=norm_tolerance(4, rated),
                flags=("integer",),
            )
    for dtype in ("complex64", "complex128"):
        yield row(
            "complex",
            dtype,
            CALL,
            arguments=NORMS[name],
            inputs=(listed([[3 + 4j, 1], [1j, -2]], dtype),),
            flags=("complex",),
        )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        for dtype in FLOATS if form is not Given.LIST else ("float64",):
            yield row(
                "given",
                f"{form}-{dtype}",
                CALL,
                arguments=NORMS[name],
                inputs=(thirds((3, 4), dtype, form),),
                tolerance=norm_tolerance(3, rated),
                flags=("input-form",),
            )
    yield row(
        "given",
        "list-int64",
        CALL,
        arguments=NORMS[name],
        inputs=(whole((3, 4), "int64", Given.LIST),),
        tolerance=norm_tolerance(3, rated),
        flags=("input-form", "integer"),
    )


def _norm_edges(name: str) -> Iterator[Case]:
    """Where norms meet their bounds, the ends of the dtype, or nothing at all."""
    row = _Rows(name)
    rated = name == "MinMaxNorm"
    arguments = {
        "MaxNorm": {"max_value": 2.0},
        "MinMaxNorm": {"min_value": 1.0, "max_value": 2.0},
        "UnitNorm": {},
    }[name]
    for dtype in FLOATS:
        normal, subnormal, largest, eps = LIMITS[dtype]
        root = math.sqrt(largest)
        edges: dict[str, tuple[Any, tuple[str, ...], bool]] = {
            # detail: weights, flags, whether the rounding bound holds (nothing over- or underflows)
            "zeros": ([[0.0, 0.0], [0.0, 0.0]], ("zero",), True),
            "negative-zeros": ([[-0.0, 0.0], [-0.0, 1.0]], ("negative-zero",), True),
            "at-upper-bound": ([[2.0, 0.0], [0.0, -2.0]], ("bound",), True),
            "under-upper-bound": ([[2.0 * (1 - eps / 2), 0.0], [0.0, -1.5]], ("bound",), True),
            "over-upper-bound": ([[2.0 * (1 + eps), 0.0], [0.0, -2.5]], ("bound",), True),
            "at-lower-bound": ([[1.0, 0.0], [0.0, -1.0]], ("bound",), True),
            "under-lower-bound": ([[1.0 - eps / 2, 0.0], [0.0, -0.5]], ("bound",), True),
            "over-lower-bound": ([[1.0 + eps, 0.0], [0.0, -1.25]], ("bound",), True),
            "near-epsilon": ([[1e-3, 0.0], [0.0, 3e-3]], ("epsilon",), dtype != "float16"),
            "at-epsilon": ([[1e-7, 0.0], [0.0, -3e-7]], ("epsilon",), dtype != "float16"),
            "under-epsilon": ([[1e-9, 0.0], [0.0, -3e-10]], ("epsilon",), dtype != "float16"),
            "subnormal": ([[subnormal, 0.0], [0.0, -normal / 2]], ("subnormal",), False),
            "least-normal": ([[normal, 0.0], [0.0, -normal]], ("underflow",), False),
            "squares-underflow": (
                [[math.sqrt(subnormal) / 4, 0.0], [0.0, -math.sqrt(normal) / 2]],
                ("underflow",),
                False,
            ),
            "squares-overflow": ([[root * 2, 1.0], [1.0, -root * 4]], ("overflow",), False),
            "sum-overflows": ([[root * 0.9, 1.0], [root * 0.9, -1.0]], ("overflow",), False),
            "largest": ([[largest, 1.0], [0.0, -largest]], ("overflow",), False),
            "infinity": ([[INF, 1.0], [1.0, -INF]], ("infinity",), False),
            "nan": ([[NAN, 1.0], [2.0, -3.0]], ("nan",), True),
            "nan-and-infinity": ([[NAN, INF], [INF, 1.0]], ("nan", "infinity"), False),
            "single-element": ([[3.0]], ("single",), True),
            "single-vector": ([-0.25], ("single",), True),
        }
        for detail, (weights, flags, bounded) in edges.items():
            yield row(
                "edge",
                f"{detail}-{dtype}",
                CALL,
                arguments=arguments,
                inputs=(listed(weights, dtype),),
                tolerance=norm_tolerance(2, rated) if bounded else EXACT,
                flags=flags,
            )
        for shape in ((0,), (0, 3), (3, 0), (2, 0, 3)):
            yield row(
                "edge",
                f"empty-{'x'.join(map(str, shape))}-{dtype}",
                CALL,
                arguments=arguments,
                inputs=(listed([0.0] * 0, dtype) if shape == (0,) else wave(shape, dtype),),
                flags=("empty",),
            )


def _norm_rejections(name: str) -> Iterator[Case]:
    """Arguments and weights that cannot be used. Constructors take them all; calls do not."""
    row = _Rows(name)
    weights = thirds((3, 4))
    axes: dict[str, Any] = {
        "axis-too-large": 2,
        "axis-too-small": -3,
        "axis-twice": [0, 0],
        "axis-twice-negative": [1, -1],
        "axis-among-too-large": [0, 5],
        "axis-float": 0.0,
        "axis-text": "0",
        "axis-list-of-floats": [1.0],
        "axis-list-of-text": ["a"],
        "axis-list-with-none": [0, None],
        "axis-dict": {},
    }
    for detail, axis in axes.items():
        yield row(
            "rejected",
            detail,
            CONFIG,
            CALL,
            arguments={"axis": axis},
            inputs=(weights,),
            flags=("bad-argument",),
        )
    numbers: dict[str, Any] = {
        "text": "2",
        "word": "abc",
        "dict": {},
        "three-for-four-columns": [1.0, 2.0, 3.0],
        "empty-tuple": (),
        "float64-tensor": listed(1.5, "float64"),
        "int32-tensor": listed(2, "int32"),
    }
    for argument in NORMS[name]:
        for detail, number in numbers.items():
            yield row(
                "rejected",
                f"{argument}-{detail}",
                CALL,
                arguments={argument: number},
                inputs=(weights,),
                flags=("bad-argument",),
            )
    for detail, given in {
        "rank-0": listed(3.0),
        "rank-0-int": listed(3, "int32"),
    }.items():
        yield row("rejected", detail, CALL, inputs=(given,), flags=("bad-input",))
    yield from _bad_construction(row)


def _bad_construction(row: _Rows) -> Iterator[Case]:
    yield row("rejected", "unknown-keyword", CONFIG, arguments={"foo": 1}, flags=("bad-argument",))
    yield row(
        "rejected",
        "too-many-positional",
        CONFIG,
        arguments={"*": (1, 2, 3, 4, 5)},
        flags=("bad-argument",),
    )
    yield row(
        "rejected",
        "unknown-config-key",
        Step("from_config", options={"config": {"foo": 1}}),
        flags=("bad-config",),
    )


def _description(
    name: str, arguments: Mapping[str, Any], dialects: tuple[str, ...] = DIALECTS
) -> Iterator[Case]:
    """Configs, rebuilding from them, attributes."""
    row = _Rows(name, dialects)
    weights = (thirds((3, 3, 1, 2)),) if name == "RadialConstraint" else (thirds((3, 4)),)
    tolerance = norm_tolerance(3, name == "MinMaxNorm") if name in NORMS else EXACT
    common: dict[str, Any] = {"inputs": weights, "tolerance": tolerance, "flags": ("config",)}
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    variants: list[Mapping[str, Any]] = [{}]
    if arguments or name == "UnitNorm":
        variants += [
            {**arguments, "axis": 1},
            {**arguments, "axis": [0, 1]},
            {**arguments, "axis": (0, 1)},
            {**arguments, "axis": None},
            {**arguments, "axis": listed(1, "int64", Given.SCALAR)},
            {**arguments, "axis": listed([0, 1], "int64", Given.ARRAY)},
        ]
    for argument in arguments:
        variants += [
            {argument: 0.1},
            {argument: 3},
            {argument: listed(0.5, "float32", Given.SCALAR)},
            {argument: [0.5, 1.0, 1.5, 2.0]},
            {argument: listed([0.5, 1.0, 1.5, 2.0], "float32", Given.ARRAY)},
        ]
    for variant in variants:
        for via in ("from_config", "serialize"):
            step = Step("roundtrip", options={"via": via})
            detail = f"{via}-{_arguments_text(variant)}"
            yield row("roundtrip", detail, step, CONFIG, CALL, arguments=variant, **common)
        if "keras2" in dialects:
            yield row(
                "roundtrip",
                f"legacy-{_arguments_text(variant)}",
                Step("roundtrip", options={"via": "legacy"}),
                CONFIG,
                CALL,
                arguments=variant,
                **common | {"dialects": KERAS2},
            )
    for argument, value in {**arguments, **({"axis": 1} if name in NORMS else {})}.items():
        yield row(
            "attribute",
            f"{argument}={_text(value)}",
            Step("set", options={argument: value}),
            CONFIG,
            CALL,
            **common,
        )


def _non_negative() -> Iterator[Case]:
    row = _Rows("NonNeg")
    for dtype in FLOATS:
        normal, subnormal, largest, _ = LIMITS[dtype]
        inputs: dict[str, tuple[Input, tuple[str, ...]]] = {
            "wave-5": (wave((5,), dtype), ()),
            "wave-3x4": (wave((3, 4), dtype), ()),
            "wave-2x3x4": (wave((2, 3, 4), dtype), ()),
            "wave-3x2x2x3": (wave((3, 2, 2, 3), dtype), ()),
            "wave-2x2x1x3x2": (wave((2, 2, 1, 3, 2), dtype), ()),
            "thirds-3x4": (thirds((3, 4), dtype), ()),
            "zeros": (listed([0.0, -0.0], dtype), ("zero", "negative-zero")),
            "subnormals": (
                listed([subnormal, -subnormal, normal / 2, -normal / 2], dtype),
                ("subnormal",),
            ),
            "least-normals": (listed([normal, -normal], dtype), ()),
            "largest": (listed([largest, -largest], dtype), ()),
            "infinities": (listed([INF, -INF, 1.0], dtype), ("infinity",)),
            "nan": (listed([NAN, 1.0, -1.0], dtype), ("nan",)),
            "empty": (listed([0.0] * 0, dtype), ("empty",)),
            "empty-3x0": (wave((3, 0), dtype), ("empty",)),
            "rank-0": (listed(-1.5, dtype), ("single",)),
            "single": (listed([[-1.5]], dtype), ("single",)),
        }
        for detail, (given, flags) in inputs.items():
            yield row("value", f"{detail}-{dtype}", CALL, inputs=(given,), flags=flags)
        for form in (Given.VARIABLE, Given.ARRAY):
            yield row(
                "given",
                f"{form}-{dtype}",
                CALL,
                inputs=(wave((3, 4), dtype, form),),
                flags=("input-form",),
            )
    for dtype in (*INTEGERS, "bool"):
        yield row("integer", dtype, CALL, inputs=(whole((3, 4), dtype),), flags=("integer",))
        yield row(
            "integer",
            f"{dtype}-array",
            CALL,
            inputs=(whole((3, 4), dtype, Given.ARRAY),),
            flags=("integer", "input-form"),
        )
    yield row("given", "list-float64", CALL, inputs=(wave((3, 4), "float64", Given.LIST),))
    yield row(
        "given",
        "list-int64",
        CALL,
        inputs=(whole((3, 4), "int64", Given.LIST),),
        flags=("integer", "input-form"),
    )
    yield row("complex", "complex64", CALL, inputs=(listed([1 + 2j], "complex64"),))
    yield from _bad_construction(row)


def _radial() -> Iterator[Case]:
    row = _Rows("RadialConstraint", KERAS2)
    # Kernels are (rows, cols, in, out) whatever the data format of the layer, (rows, cols, out,
    # in) in a transposed and (rows, cols, in, multiplier) in a depthwise or separable layer.
    channels = {1: (8, 8), 2: (4, 4), 3: (2, 3), 4: (2, 2), 5: (1, 2), 6: (1, 1), 7: (1, 1)}
    for size, (first, second) in channels.items():
        for dtype in FLOATS:
            for a, b in dict.fromkeys(((first, second), (second, first), (1, 1))):
                yield row(
                    "size",
                    f"{size}x{size}x{a}x{b}-{dtype}",
                    CALL,
                    inputs=(thirds((size, size, a, b), dtype),),
                    flags=("kernel",),
                )
        yield row(
            "place",
            f"{size}x{size}",
            CALL,
            inputs=(count((size, size, 1, 1)),),
            flags=("documented-example",) if size == 4 else ("kernel",),
        )
    for dtype in (*INTEGERS, "bool"):
        yield row("integer", dtype, CALL, inputs=(whole((3, 3, 1, 2), dtype),), flags=("integer",))
    yield row("complex", "complex64", CALL, inputs=(count((3, 3, 1, 1), "complex64"),))
    for dtype in FLOATS:
        _, subnormal, largest, _ = LIMITS[dtype]
        for detail, centre, flag in (
            ("nan", NAN, "nan"),
            ("infinity", -INF, "infinity"),
            ("negative-zero", -0.0, "negative-zero"),
            ("subnormal", subnormal, "subnormal"),
            ("largest", largest, "overflow"),
        ):
            # The diagonal, from which every ring is filled, holds the value and one other number.
            kernel = [[1.0, 2.0, 3.0], [4.0, centre, 5.0], [6.0, 7.0, 8.0]]
            yield row(
                "edge",
                f"{detail}-{dtype}",
                CALL,
                inputs=(listed([[[[v]] for v in line] for line in kernel], dtype),),
                flags=(flag,),
            )
            # Official Keras adds zero to the centre of an even kernel, and copies everything else.
            for place, at in (("centre", 1), ("outer", 3)):
                numbers = [[1.0 + 4 * i + j for j in range(4)] for i in range(4)]
                numbers[at][at] = centre
                yield row(
                    "edge",
                    f"{detail}-even-{place}-{dtype}",
                    CALL,
                    inputs=(listed([[[[v]] for v in line] for line in numbers], dtype),),
                    flags=(flag,),
                )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        yield row(
            "given",
            str(form),
            CALL,
            inputs=(count((3, 3, 2, 1), "float32", form),),
            flags=("input-form",),
        )
    for shape in ((3, 3, 0, 2), (3, 3, 2, 0), (0, 0, 1, 1)):
        yield row(
            "edge",
            f"empty-{'x'.join(map(str, shape))}",
            CALL,
            inputs=(wave(shape),),
            flags=("empty",),
        )
    for shape in (
        (3, 4, 1, 1),
        (4, 3, 1, 1),
        (2, 3, 1, 1),
        (1, 3, 1, 1),
        (3, 1, 1, 1),
        (5, 3, 2, 1),
    ):
        yield row(
            "rejected",
            "non-square-" + "x".join(map(str, shape)),
            CALL,
            inputs=(count(shape),),
            flags=("bad-input",),
        )
    ranks: tuple[tuple[int, ...], ...] = ((), (3,), (3, 3), (3, 3, 2), (3, 3, 2, 1, 1))
    for rank in ranks:
        yield row(
            "rejected", f"rank-{len(rank)}", CALL, inputs=(count(rank),), flags=("bad-input",)
        )
    yield from _bad_construction(row)


def _base() -> Iterator[Case]:
    """The base class, the examples of the documents, and callables that are no class."""
    row = _Rows("Constraint")
    for dtype in (*FLOATS, "int32", "bool"):
        given = thirds((3, 4), dtype) if dtype in FLOATS else whole((3, 4), dtype)
        yield row("identity", dtype, CALL, CONFIG, inputs=(given,))
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        yield row(
            "identity",
            str(form),
            CALL,
            inputs=(wave((3, 4), "float32", form),),
            flags=("input-form",),
        )
    yield from _bad_construction(row)
    # Sums of quarters, divided by 8: every mean is exact, whichever way it is computed.
    for detail, ref_value, given in (
        ("0.0", 0.0, wave((2, 4))),
        ("1.5", 1.5, wave((2, 4))),
        ("float64", -2.0, wave((2, 2, 2), "float64")),
    ):
        yield row(
            "documented",
            f"CenterAround-{detail}",
            CALL,
            CONFIG,
            custom="CenterAround",
            arguments={"ref_value": ref_value},
            inputs=(given,),
            tolerance=EXACT,
            flags=("documented-example",),
        )
    yield row(
        "documented",
        "NonNegative",
        CALL,
        CONFIG,
        custom="NonNegative",
        inputs=(listed([-1.0, 1.0]),),
        flags=("documented-example",),
    )
    for via in ("from_config", "serialize"):
        yield row(
            "documented",
            f"CenterAround-{via}",
            Step("roundtrip", options={"via": via}),
            CONFIG,
            CALL,
            custom="CenterAround",
            arguments={"ref_value": 1.5},
            inputs=(wave((2, 4)),),
            flags=("documented-example", "config"),
        )
        yield row(
            "custom",
            f"Forgetful-{via}",
            Step("roundtrip", options={"via": via}),
            CONFIG,
            CALL,
            custom="Forgetful",
            arguments={"factor": 3.0},
            inputs=(wave((3, 4)),),
            flags=("config",),
        )


CLASSES: Final = ("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "RadialConstraint")
SHORTCUTS: Final = {
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
    "radial_constraint": "RadialConstraint",
}


def _class(name: str) -> Reference:
    return Reference("class", f"constraints.{name}")


def _instance(name: str, **arguments: Any) -> Reference:
    return Reference("instance", f"constraints.{name}", arguments)


def _dialects_of(name: str) -> tuple[str, ...]:
    return KERAS2 if "radial" in name.lower() else DIALECTS


def _identifiers() -> Iterator[Case]:
    """`get`, and the names of the module."""
    row = _Rows("get")
    for name in (*CLASSES, *SHORTCUTS):
        yield row("name", name, Step("lookup", options={"name": name}), dialects=_dialects_of(name))
    texts = (
        *CLASSES,
        *SHORTCUTS,
        "constraint",
        "maxnorm",
        "unitnorm",
        "nonneg",
        "minmaxnorm",
        "nonnegative",
        "MAX_NORM",
        "maxNorm",
        "MaxNorm ",
        "keras.constraints.MaxNorm",
        "get",
        "foo",
        "",
    )
    for text in texts:
        step = Step("get", options={"identifier": text})
        yield row("text", text or "empty", step, flags=("identifier",))
    for name in ("MaxNorm", "max_norm", "UnitNorm", "min_max_norm"):
        yield row(
            "text-and-call",
            name,
            Step("get", options={"identifier": name}),
            CALL,
            inputs=(thirds((3, 4)),),
            tolerance=norm_tolerance(3, "min" in name.lower()),
            flags=("identifier",),
        )
    dicts: dict[str, Any] = {
        "class-and-config": {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 1}},
        "partial-config": {"class_name": "MinMaxNorm", "config": {"rate": 0.5}},
        "empty-config": {"class_name": "UnitNorm", "config": {}},
        "snake-case": {"class_name": "max_norm", "config": {}},
        "class-only": {"class_name": "MaxNorm"},
        "config-only": {"config": {}},
        "nothing": {},
        "unknown-class": {"class_name": "foo", "config": {}},
        "layer-class": {"class_name": "Dense", "config": {"units": 2}},
        "unknown-key": {"class_name": "MaxNorm", "config": {"foo": 1}},
        "config-none": {"class_name": "MaxNorm", "config": None},
        "new-format": {
            "module": "keras.constraints",
            "class_name": "MaxNorm",
            "config": {"max_value": 3, "axis": 0},
            "registered_name": None,
        },
        "tf-keras-module": {
            "module": "tf_keras.constraints",
            "class_name": "MaxNorm",
            "config": {"max_value": 3, "axis": 0},
            "registered_name": None,
        },
        "axis-list": {"class_name": "UnitNorm", "config": {"axis": [0, 1]}},
        "function": {
            "module": "builtins",
            "class_name": "function",
            "config": "double",
            "registered_name": "function",
        },
    }
    for detail, identifier in dicts.items():
        step = Step("get", options={"identifier": identifier})
        yield row("dict", detail, step, flags=("identifier",))
    others: dict[str, Any] = {
        "none": None,
        "integer": 5,
        "float": 1.5,
        "true": True,
        "list": [],
        "tuple": (),
        "list-of-name": ["MaxNorm"],
        "class-MaxNorm": _class("MaxNorm"),
        "class-NonNeg": _class("NonNeg"),
        "class-Constraint": _class("Constraint"),
        "instance": _instance("MaxNorm", max_value=3),
        "instance-NonNeg": _instance("NonNeg"),
        "custom-instance": Reference("custom", "CenterAround", {"ref_value": 1.0}),
        "function": Reference("function", "double"),
    }
    for detail, identifier in others.items():
        step = Step("get", options={"identifier": identifier})
        yield row("object", detail, step, flags=("identifier",))
    yield row(
        "object",
        "function-and-call",
        Step("get", options={"identifier": Reference("function", "double")}),
        CALL,
        inputs=(wave((3, 4)),),
        flags=("documented-example",),
    )
    for detail, identifier in {
        "name": "Forgetful",
        "snake-name": "forgetful",
        "dict": {"class_name": "CenterAround", "config": {"ref_value": 2.0}},
    }.items():
        options: dict[str, Any] = {"identifier": identifier, "scope": ["CenterAround", "Forgetful"]}
        step = Step("get", options=options)
        yield row("scope", detail, step, flags=("identifier", "custom"))
    yield row(
        "scope",
        "not-in-scope",
        Step("get", options={"identifier": {"class_name": "CenterAround", "config": {}}}),
        flags=("identifier", "custom"),
    )


def _serialization() -> Iterator[Case]:
    serialize = _Rows("serialize")
    objects: dict[str, Any] = {
        "MaxNorm": _instance("MaxNorm", max_value=3.5, axis=[0, 1]),
        "MinMaxNorm": _instance("MinMaxNorm", rate=0.5),
        "NonNeg": _instance("NonNeg"),
        "UnitNorm": _instance("UnitNorm", axis=(0, 1)),
        "Constraint": _instance("Constraint"),
        "numpy-axis": _instance("UnitNorm", axis=listed(1, "int64", Given.SCALAR)),
        "numpy-value": _instance("MaxNorm", max_value=listed(0.1, "float32", Given.SCALAR)),
        "infinite-value": _instance("MaxNorm", max_value=INF),
        "CenterAround": Reference("custom", "CenterAround", {"ref_value": 2.0}),
        "Forgetful": Reference("custom", "Forgetful", {"factor": 3.0}),
        "function": Reference("function", "double"),
        "none": None,
        "class": _class("MaxNorm"),
    }
    for detail, thing in objects.items():
        step = Step("serialize", options={"object": thing})
        yield serialize("object", detail, step, flags=("config",))
    yield serialize(
        "object",
        "RadialConstraint",
        Step("serialize", options={"object": _instance("RadialConstraint")}),
        dialects=KERAS2,
        flags=("config",),
    )
    deserialize = _Rows("deserialize")
    custom = {
        "module": None,
        "class_name": "CenterAround",
        "config": {"ref_value": 2.0},
        "registered_name": "CenterAround",
    }
    function = {
        "module": "builtins",
        "class_name": "function",
        "config": "double",
        "registered_name": "function",
    }

    def described(
        class_name: Any, config: Any, module: str = "keras.constraints"
    ) -> dict[str, Any]:
        return {
            "module": module,
            "class_name": class_name,
            "config": config,
            "registered_name": None,
        }

    configs: dict[str, tuple[Any, list[str] | None]] = {
        "MaxNorm": (described("MaxNorm", {"max_value": 3, "axis": 1}), None),
        "MinMaxNorm": (described("MinMaxNorm", {"rate": 0.5}), None),
        "NonNeg": (described("NonNeg", {}), None),
        "UnitNorm": (described("UnitNorm", {"axis": [0, 1]}), None),
        "Constraint": (described("Constraint", {}), None),
        "snake-case": (described("max_norm", {}), None),
        "old-format": ({"class_name": "MaxNorm", "config": {"max_value": 1}}, None),
        "private-module": (described("MaxNorm", {}, "keras.src.constraints.constraints"), None),
        "unknown-module": (described("MaxNorm", {}, "foo"), None),
        "name": ("MaxNorm", None),
        "none": (None, None),
        "unknown-class": (described("Foo", {}), None),
        "unknown-name": ("foo", None),
        "other-family": (described("L2", {}, "keras.regularizers"), None),
        "integer": (5, None),
        "list": ([], None),
        "empty-dict": ({}, None),
        "unknown-key": (described("MaxNorm", {"foo": 1}), None),
        "key-for-none": (described("NonNeg", {"foo": 1}), None),
        "config-list": (described("MaxNorm", []), None),
        "custom-given": (custom, ["CenterAround"]),
        "custom-unknown": (custom, None),
        "custom-replaces": (described("Forgetful", {}), ["Forgetful"]),
        "function-given": (function, ["double"]),
        "function-unknown": (function, None),
        "instance": (_instance("UnitNorm", axis=1), None),
        "function-object": (Reference("function", "double"), None),
    }
    for detail, (config, known) in configs.items():
        options: dict[str, Any] = {"config": config}
        if known is not None:
            options["custom_objects"] = known
        yield deserialize("config", detail, Step("deserialize", options=options), flags=("config",))
    yield deserialize(
        "scope",
        "custom",
        Step("deserialize", options={"config": custom, "scope": ["CenterAround"]}),
        flags=("config", "custom"),
    )
