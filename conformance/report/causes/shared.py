"""What the cases of some failures share, and cases that pass do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from conformance.model import Case
from conformance.strength.explore import traits

# Of all cases that have a trait, so many fail, where it says why.
_MOST: Final = 0.9
# A trait of a smaller part of the failures that look alike would only tell them apart.
_PART: Final = 0.25
_ARTICLES: Final = {
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a record",
    "record": "a record",
    "number": "a number",
    "text": "a text",
    "none": "None",
    "true": "True",
    "false": "False",
    "zero": "0",
    "negative-zero": "-0.0",
    "nan": "NaN",
    "infinite": "infinite",
    "empty": "an empty text",
}
_KINDS: Final = {
    "nan": "the input holds NaN",
    "infinite": "the input holds infinities",
    "huge": "squares of the input overflow",
    "tiny": "squares of the input underflow",
    "subnormal": "the input holds subnormal numbers",
    "negative-zero": "the input holds -0.0",
    "empty": "the input is empty",
    "large": "the input is large",
    "short-input": "the input is shorter than the kernel",
    "batch-axes": "the batch has several axes",
    "compile": "a model is compiled",
    "config": "the configuration is asked",
}
_FORMS: Final = {
    "list": "the input is a list of Python numbers",
    "array": "the input is a NumPy array",
    "scalar": "the input is a NumPy scalar",
    "variable": "the input is a variable",
}


def of(case: Case) -> frozenset[str]:
    """The traits of a case, with the values of its arguments and the ranks of its inputs."""
    found = set(traits.of(case))
    for name, value in case.arguments.items():
        if isinstance(value, int | float) and type(value) is not bool and abs(value) < 1e6:
            found.add(f"{name}={value!r}")
    found.update(f"rank:{len(given.tensor.shape)}" for given in case.inputs)
    return frozenset(found)


def best(
    failing: Sequence[frozenset[str]], passing: Iterable[frozenset[str]], least: float = 2
) -> str:
    """The trait that most of these have, `least` of them or more, and hardly any that passes; empty for none."""
    counts = Counter(trait for each in failing for trait in each)
    others = Counter(trait for each in passing for trait in each)
    fitting = [
        trait
        for trait, count in counts.items()
        if count >= least and count / (count + others[trait]) >= _MOST
    ]
    return min(fitting, key=lambda t: (-counts[t], others[t], len(t), t), default="")


def words(trait: str) -> str:
    """A trait as a clause."""
    if trait in _KINDS:
        return _KINDS[trait]
    name, sign, value = re.match(r"([\w*-]+)([=:]?)(.*)", trait).groups()  # type: ignore[union-attr]
    if sign == "=":
        return f"{name} is {_value(value)}"
    match name:
        case "dtype":
            return (
                "the input is of whole numbers" if value == "integer" else f"the input is {value}"
            )
        case "step-dtype":
            return f"dtype is {value}"
        case "form":
            return _FORMS.get(value, f"the input is given as {value}")
        case "rank":
            return "the input is a scalar" if value == "0" else f"the input has rank {value}"
        case "custom":
            return f"the class is user-defined ({value})"
        case "roundtrip" | "copy" | "save":
            return f"it went through a {name} ({value})"
        case "setting":
            return f"{value.partition('=')[0]} is set globally"
        case "set":
            return f"the attribute {value} is set"
        case "option":
            return f"the call has {value}"
        case "layer":
            return f"a {value} is among the layers"
        case "optimizer" | "loss":
            return f"the {name} is {value}"
    return f"a step is {name}"


def _value(text: str) -> str:
    if text in _ARTICLES:
        return _ARTICLES[text]
    if ":" in text:
        form, _, dtype = text.partition(":")
        article = "an array" if form == "array" else f"a {form}"
        return f"{article} of {dtype}"
    return text


def split(
    failures: Sequence[Any], passing: Sequence[frozenset[str]]
) -> Iterator[tuple[str, list[Any]]]:
    """Failures by the trait that they share, the most common first; the rest shares none (an empty text)."""
    left = list(failures)
    while len(left) > 1:
        trait = best([each.traits for each in left], passing, max(2.0, _PART * len(failures)))
        if not trait:
            break
        yield trait, [each for each in left if trait in each.traits]
        left = [each for each in left if trait not in each.traits]
    if left:
        yield "", left
