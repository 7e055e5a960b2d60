"""The last line of a repro: it asserts what is expected, and fails where the answer is wrong."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from conformance.judge import differences, signature
from conformance.model import EPSILON, Array, Case, Kind, Raised, Returned, Step, Tensor, allowance
from conformance.model.texts import clipped
from conformance.report.repro import drawing
from conformance.report.repro.failing import Failing

_PRINTED: Final = re.compile(r"(\s*)print\((.*)\)")
_COMMENT: Final = 150
# The aspects of what is no tensor, and can be asked with `==`.
_RECORDS: Final = (
    "config",
    "serialized",
    "attributes",
    "count",
    "loss",
    "shape",
    "warned",
    "dtype",
)


def asserted(
    case: Case, lines: Sequence[str], step: Step, failing: Failing, convert: str
) -> list[str]:
    """The lines of the failing step so that the last one asserts what is expected.

    `lines`: those that do the step and print its answer; `convert`: makes a NumPy array of a tensor.
    """
    if not failing.name:
        return _ending(lines, step, failing)
    before, asked = _question(case, lines, step, failing)
    if asked is not None:
        indent, shown = asked
        made = list(_assertion(case, step, shown, failing, convert))
        if made:
            return [*before, *(indent + line for line in made)]
        before = [*before, f"{indent}print({shown})"]
    return [*before, f"# must be: {told(failing.wanted)}"]


def _question(
    case: Case, lines: Sequence[str], step: Step, failing: Failing
) -> tuple[list[str], tuple[str, str] | None]:
    """What a step does before its value is asked, and the indent and the expression of that value, where there is one."""
    if step.do == "fit":
        number = int(failing.name.partition(":")[2].partition("-")[0])
        before = [re.sub(r"range\(\d+\)", f"range({number + 1})", line) for line in lines[:-1]]
        return before, ("", _of_fit(failing.name))
    if step.do == "roundtrip" and failing.aspect == "serialized":
        if step.options.get("via") == "from_config":
            return [], ("", "c.get_config()")
        family = "layers" if case.family == "models" else case.family
        legacy = ", use_legacy_format=True" if step.options.get("via") == "legacy" else ""
        return [], ("", f"K.{family}.serialize(c{legacy})")
    if failing.aspect == "resolved" and step.do in ("get", "deserialize"):
        return list(lines[:-1]), ("", "c")
    if failing.aspect == "warned" and step.do == "serialize":
        inside = [f"    {line}" for line in lines]
        head = ["import warnings", "with warnings.catch_warnings(record=True) as told:"]
        return [*head, '    warnings.simplefilter("always")', *inside], ("", "bool(told)")
    if step.do == "repeats":
        repeats = "[draws.index(each) for each in draws]"
        return list(lines[:-1]), ("", "warned" if failing.aspect == "warned" else repeats)
    printed = _PRINTED.fullmatch(lines[-1])
    if printed is None or failing.aspect == "warned":
        return list(lines), None
    indent, shown = printed.groups()
    if failing.aspect == "distribution":
        return list(lines[:-1]), (indent, "sample")
    return list(lines[:-1]), (indent, _part(step, failing, shown))


def told(wanted: Any) -> str:
    """A value or an outcome in a comment."""
    outcome = isinstance(wanted, Returned | Raised)
    return clipped(differences.describe(wanted) if outcome else differences.shown(wanted), _COMMENT)


def _ending(lines: Sequence[str], step: Step, failing: Failing) -> list[str]:
    """A step that must be refused, and is not; or the other way round."""
    wanted = failing.wanted
    if not isinstance(wanted, Raised):
        # What comes after is not reached.
        last = lines[-1]
        after = step.do in ("build", "method") or last.startswith("c = m")
        if len(lines) > 1 and (after or last in ("print(c)", "print(c.get_config())")):
            lines = lines[:-1]
        what = told(wanted).removeprefix("returned ")
        return [*lines[:-1], f"{lines[-1]}  # must be accepted{f': {what}' if what else ''}"]
    what = f"must be refused ({signature.kind_of(wanted)}: {clipped(wanted.message, _COMMENT)})"
    return [
        "try:",
        *(f"    {part}" for line in lines for part in line.splitlines()),
        "except Exception as error:",
        '    print("refused, as it must be:", error)',
        "else:",
        f"    raise AssertionError({what!r})",
    ]


def _of_fit(name: str) -> str:
    """Of what is known after an epoch, the value with a name: `losses:1`, `weights:1-0`."""
    kind, _, place = name.partition(":")
    return (
        "h.history['loss']" if kind == "losses" else f"m.get_weights()[{place.partition('-')[2]}]"
    )


def _part(step: Step, failing: Failing, shown: str) -> str:
    """Of what a step prints, the value with the name."""
    kind, _, place = failing.name.partition(":")
    number = re.match(r"\d+", place)
    match step.do:
        case "losses" | "get_weights" if kind == "count":
            return f"len({shown})"
        case "losses" | "get_weights" | "gradient" if number:
            return (
                f"({shown})[{number.group()}]"
                if shown.startswith("[")
                else f"{shown}[{number.group()}]"
            )
    if step.do == "symbolic" and shown == "y.shape, y.dtype":
        return "tuple(y.shape)" if kind == "shape" else "y.dtype"
    if step.do == "call" and shown.startswith("sample("):
        return f"{shown}[{int(kind == 'value')}]"
    return shown


def _assertion(case: Case, step: Step, shown: str, failing: Failing, convert: str) -> Iterator[str]:
    got, wanted = failing.got, failing.wanted
    if isinstance(wanted, Tensor) and isinstance(got, Tensor):
        yield from _of_tensors(case, f"{convert}({shown})", failing, got, wanted)
    elif failing.aspect == "distribution" and isinstance(got, Tensor):
        yield from drawing.samples(case.tolerance.law, got) if case.tolerance.law else ()
    elif failing.aspect == "attributes" and shown.startswith("["):
        yield from itertools.islice(_of_attributes(step, shown, got, wanted), 1)
    elif failing.aspect == "weights" and step.do in ("build", "weights"):
        yield from _of_weights(got, wanted)
    elif failing.aspect == "resolved":
        yield from _of_resolved(shown, got, wanted)
    elif failing.aspect == "repeats" or (failing.aspect == "warned" and step.do == "repeats"):
        yield f"assert {shown} == {wanted!r}"
    elif failing.aspect in _RECORDS:
        yield from _of_records(shown, got, wanted)


def _of_resolved(shown: str, got: Any, wanted: Any) -> Iterator[str]:
    """What an identifier stands for: an object, a class, a function, or itself."""
    kind, name = next(iter(wanted.items())) if wanted else ("literal", None)
    if kind == "literal":
        yield f"assert {shown} is None" if name is None else f"assert {shown} == {name!r}"
    elif kind != "instance":
        yield f"assert {shown}.__name__ == {name!r}"
    elif not isinstance(got, dict) or got.get("instance") != name:
        yield f"assert type({shown}).__name__ == {name!r}"
    else:
        yield from _of_records(f"{shown}.get_config()", got.get("config"), wanted.get("config"))


def _of_attributes(step: Step, shown: str, got: Any, wanted: Any) -> Iterator[str]:
    """The first attribute that differs; `shown` lists all of them."""
    names: Any = step.options["names"]
    for name, place in zip(names, shown.strip("[]").split(", "), strict=False):
        if name in wanted and name in got:
            yield from itertools.islice(_of_records(place, got[name], wanted[name]), 1)


def _of_weights(got: Any, wanted: Any) -> Iterator[str]:
    """The first weight that differs: its name, shape or dtype, or whether it is trained."""
    if len(got) != len(wanted):
        yield f"assert len(c.weights) == {len(wanted)}"
        return
    for number, (mine, right) in enumerate(zip(got, wanted, strict=True)):
        w = f"c.weights[{number}]"
        asked = {
            "name": f'{w}.name.split("/")[-1].split(":")[0]',
            "shape": f"list({w}.shape)",
            "dtype": f'getattr({w}.dtype, "name", {w}.dtype)',
            "trained": f"({w}.trainable)",
        }
        for key, place in asked.items():
            if key in right and mine.get(key) != right[key]:
                yield f"assert {place} == {right[key]!r}"
                return


def _of_records(shown: str, got: Any, wanted: Any) -> Iterator[str]:
    """The first place where two records differ."""
    found = next(iter(differences.of_records(got, wanted)), None)
    path = getattr(found, "path", ())
    place = shown + "".join(f"[{step!r}]" for step in path)
    if isinstance(found, differences.Lacks):
        value = wanted
        for step in (*path, found.key):
            value = value[step]
        yield _equal(f"{place}[{found.key!r}]", value)
    elif isinstance(found, differences.Surplus):
        yield f"assert {found.key!r} not in {place}"
    elif isinstance(found, differences.OtherValue):
        # What is equal is of another type: True, and 1.0.
        alike = found.got == found.wanted
        kind = type(found.wanted).__name__
        yield f"assert type({place}) is {kind}" if alike else _equal(place, found.wanted)


def _equal(place: str, value: Any) -> str:
    """That something has a value of JSON, whose lists may be tuples."""
    if isinstance(value, list):
        return f"assert list({place}) == {value!r}"
    if value is None or isinstance(value, bool):
        return f"assert {place} is {value!r}"
    if isinstance(value, float) and value != value:
        return f"assert np.isnan({place})"
    return f"assert {place} == {value!r}"


def _of_tensors(
    case: Case, shown: str, failing: Failing, got: Tensor, wanted: Tensor
) -> Iterator[str]:
    values = wanted.values()
    match failing.aspect:
        case "shape":
            yield f"assert {shown}.shape == {wanted.shape!r}"
        case "dtype":
            yield f"assert {shown}.dtype.name == {wanted.dtype!r}"
        case "zero-sign":
            if wanted.dtype.startswith("complex"):  # which have two signs
                shown = f"np.stack([{shown}.real, {shown}.imag], -1)"
                values = np.stack([values.real, values.imag], -1)
            yield f"np.testing.assert_array_equal(np.signbit({shown}), {np.signbit(values).tolist()!r})"
        case "contract" if case.tolerance.law is not None:
            yield f"y = {shown}"
            yield from drawing.draws(case.tolerance.law, "y", got)
        case "value" | "nonfinite":
            yield _of_numbers(case, shown, failing.name, got, wanted)


def _of_numbers(case: Case, shown: str, name: str, got: Tensor, wanted: Tensor) -> str:
    """That all elements are as expected, as near as the case allows."""
    dtype, values = wanted.dtype, wanted.values()
    if dtype not in EPSILON:
        wide = "complex128" if dtype.startswith("complex") else ""
        convert = f'.astype("{wide}")' if wide else ""
        return f"np.testing.assert_array_equal({shown}{convert}, {_numbers(values)})"
    mine, right = got.values().astype("float64"), values.astype("float64")
    tolerance = case.tolerance.of(name)
    if tolerance.kind in (Kind.ULP, Kind.BOUND):
        allowed = allowance.allowed(tolerance, right, dtype)
        for rtol, atol in _near(right, allowed, dtype):
            if not _close(mine, right, rtol, atol):
                near = "".join(f", {name}={v:g}" for name, v in (("rtol", rtol), ("atol", atol)))
                return (
                    f'np.testing.assert_allclose({shown}.astype("float64"), '
                    f"{_numbers(values)}{near})"
                )
    if dtype == "bfloat16":  # which NumPy does not know
        return f'np.testing.assert_array_equal({shown}.astype("float64"), {_numbers(right)})'
    return f'np.testing.assert_array_equal({shown}, np.array({_numbers(values)}, "{dtype}"))'


def _near(right: Array, allowed: Array, dtype: str) -> Iterator[tuple[float, float]]:
    """Relative and absolute tolerances that let pass what the case allows."""
    least = 2 * EPSILON[dtype]  # decimals are the shortest that read back in the dtype
    some = np.isfinite(right) & (right != 0)
    with np.errstate(all="ignore"):
        relative = float((allowed[some] / np.abs(right[some])).max(initial=least))
    absolute = float(allowed[~some].max(initial=0.0))
    yield _rounded(relative), _rounded(absolute)
    yield _rounded(least), _rounded(float(allowed.max(initial=0.0)))


def _rounded(number: float) -> float:
    """To one digit, upwards."""
    return float(f"{1.5 * number:.0e}") if np.isfinite(number) else 1.0


def _close(mine: Array, right: Array, relative: float, absolute: float) -> bool:
    with np.errstate(all="ignore"):
        return mine.shape == right.shape and bool(
            np.isclose(mine, right, rtol=relative, atol=absolute, equal_nan=True).all()
        )


def _numbers(values: Array) -> str:
    """Nested lists of the shortest numbers that give the same bits."""
    if values.ndim:
        return f"[{', '.join(_numbers(each) for each in values)}]"
    number = values[()]
    if values.dtype.kind in "biu":
        return str(number.item())
    if values.dtype.kind == "c":
        return repr(complex(number))
    text = str(number)
    return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}.get(text, text)
