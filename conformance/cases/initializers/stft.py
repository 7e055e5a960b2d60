"""`STFT` (Keras 3): kernels of a short-time Fourier transform, of shape (T, 1, F // 2 + 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from conformance.cases.initializers.common import Rows, draw, initialize
from conformance.cases.inputs import every_pair, listed
from conformance.cases.rows import KERAS3, WAYS, arguments_text, sizes
from conformance.cases.steps import CONFIG, roundtrip
from conformance.model import COMPUTED, FLOATS, Case, Given, Input

_WINDOW: Final = [0.5, 1.0, 1.0, 2.0, 1.0, 1.0, 0.5, 0.25]


_WINDOWS: Final[dict[str, Any]] = {
    **{name: name for name in ("boxcar", "blackman", "bartlett", "triang", "cosine", "HANN")},
    "array": listed(_WINDOW, "float64", Given.ARRAY),
    "array-float32": listed(_WINDOW, "float32", Given.ARRAY),
    "tensor": listed(_WINDOW),
    "tensor-float64": listed(_WINDOW, "float64"),
    "matrix": listed([_WINDOW[:4], _WINDOW[4:]], "float64", Given.ARRAY),
    "tuple": tuple(_WINDOW),
    "integers": [1, 2, 3, 4, 4, 3, 2, 1],
    "zeros": [0.0] * 8,
    "negative": [-1.0] * 8,
    "too-short": [1.0] * 7,
    "too-long": [1.0] * 9,
    "number": 0.5,
    "unknown": "foo",
    "with-parameter": "kaiser",
    "pair": ("kaiser", 5.0),
    "empty": "",
    "true": True,
}
# Every name of a window that needs no parameters; the first of each line has the others as aliases.
_NAMES: Final = (
    *(("barthann", "brthan", "bth"), ("bartlett", "bart", "brt"), ("bohman", "bman", "bmn")),
    *(("boxcar", "box", "ones", "rect", "rectangular"), ("cosine", "halfcosine")),
    *(("exponential", "poisson"), ("lanczos", "sinc"), ("parzen", "parz", "par")),
    *(("taylor", "taylorwin"), ("triang", "triangle", "tri"), ("tukey", "tuk")),
    *(("hann", "han"), ("hamming", "hamm", "ham"), ("blackman", "black", "blk")),
    *(
        ("blackmanharris", "blackharr", "bkh"),
        ("nuttall", "nutl", "nut"),
        ("flattop", "flat", "flt"),
    ),
)
# A window of one value is 1, whatever its name.
_LENGTHS: Final = (8, 9, 7, 2, 1)
# Names that say themselves whether the window is periodic.
_SUFFIXES: Final = ("hann_periodic", "hann_symmetric", "triang_periodic", "exponential_symmetric")
# Sizes of kernels that are unlike, and two whose second axis is not 1.
_SHAPES: Final = (
    *((1, 1, 5), (2, 1, 5), (7, 1, 4), (3, 1, 17), (9, 1, 2), (8, 1, 1), (8, 1, 0), (0, 1, 5)),
    *((8, 2, 5), (8, 0, 5)),
)
_FORMS: Final[dict[str, Any]] = {
    "tuple": (8, 1, 5),
    "array": listed([8, 1, 5], "int64", Given.ARRAY),
    "tensor": listed([8, 1, 5], "int32"),
    "rank-2": [8, 5],
    "rank-1": [8],
    "rank-0": [],
    "rank-4": [8, 1, 5, 1],
    "int": 8,
    "none": None,
    "float": [8.0, 1, 5],
    "negative": [-8, 1, 5],
    "negative-bins": [8, 1, -3],
}
_BAD: Final[dict[str, dict[str, Any]]] = {
    "side-unknown": {"side": "complex"},
    "side-capital": {"side": "REAL"},
    "side-none": {"side": None},
    "scaling-unknown": {"scaling": "power"},
    "scaling-capital": {"scaling": "Density"},
    "scaling-true": {"scaling": True},
    "periodic-text": {"periodic": "yes"},
    "periodic-number": {"periodic": 1},
    "periodic-none": {"periodic": None},
    "unknown-keyword": {"foo": 1},
    "seed": {"seed": 1},
    "too-many-positional": {"*": ("real", "hann", "density", False, 1)},
}


def _text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id, without the numbers of a window."""
    named = {k: "listed" if v is _WINDOW else v for k, v in arguments.items()}
    return arguments_text({k: "array" if isinstance(v, Input) else v for k, v in named.items()})


def stft() -> Iterator[Case]:
    """Every pair of arguments and dtype; windows, shapes, dtypes; what is rejected."""
    row = Rows("STFT", KERAS3, tolerance=COMPUTED)
    for choice in every_pair(
        side=("real", "imag"),
        window=("hann", "hamming", None, _WINDOW),
        scaling=("density", "spectrum", None),
        periodic=(False, True),
        dtype=FLOATS,
        shape=((8, 1, 5), (8, 1, 3), (8, 1, 7)),
    ):
        shape, dtype = choice.pop("shape"), choice.pop("dtype")
        detail = f"{_text(choice)}-{sizes(shape)}-{dtype}"
        asked = row.given(arguments=choice, flags="pairwise")
        yield asked("arguments", detail, draw(shape, dtype))
    asked = row.given(flags="unusual-argument")
    yield from asked.table("window", _WINDOWS, draw((8, 1, 5)), argument="window")
    tenths = asked.given(arguments={"window": [0.1, 0.3, 0.7, 0.9], "scaling": None})
    yield tenths("window", "tenths-float64", draw((4, 1, 2), "float64"))
    yield from _names(row)
    for shape in _SHAPES:
        sides = ("real", "imag") if shape[2] > 3 else ("real",)
        suffix = f"-{sizes(shape)}"
        asked = row.given(flags="kernel")
        yield from asked.table("shape", sides, draw(shape), argument="side", suffix=suffix)
    yield from row.table("shape", _FORMS, partial(initialize, dtype="float32"), flags="input-form")
    yield row("shape", "frames-true", initialize([True, 1, 5]), flags="bad-input")
    yield row("shape", "bins-false", initialize([8, 1, False]), flags="unusual-argument")
    bare = row.given(arguments={"window": None, "scaling": None})
    few = {key: _FORMS[key] for key in ("negative", "negative-bins")}
    made = partial(initialize, dtype="float32")
    yield from bare.table("shape", few, made, suffix="-without-window", flags="bad-input")
    dtypes = ("int32", "uint8", "bool", "complex64", "string", "foo")
    yield from row.table("dtype", dtypes, partial(draw, (8, 1, 5)))
    for dtype in ("int8", "int16", "int64"):
        for scaling in ("density", "spectrum"):
            summed = {"window": [9, -40, 1, 100, 77, 3, 2, 120], "scaling": scaling}
            asked = row.given(arguments=summed, flags="integer")
            yield asked("dtype", f"{dtype}-{scaling}", draw((8, 1, 5), dtype))
    yield from row.table("rejected", _BAD, CONFIG, draw((8, 1, 5)), flags="bad-argument")
    yield row("arguments", "defaults", CONFIG, flags="documented-default")
    signed = row.given(arguments={"*": ("imag", "hamming", "spectrum", True)})
    steps = (CONFIG, initialize([4, 1, 3]))
    yield signed("arguments", "positional", *steps, flags="documented-signature")
    for via in WAYS:
        for window in ("hamming", _WINDOW, None, listed(_WINDOW, "float64", Given.ARRAY)):
            arguments = {"side": "imag", "window": window, "scaling": None, "periodic": True}
            saved = row.given(arguments=arguments, flags="config")
            detail = f"{via}-{_text({'window': window})}"
            yield saved("roundtrip", detail, roundtrip(via), CONFIG, draw((8, 1, 5)))


def _names(row: Rows) -> Iterator[Case]:
    """Windows by name, of lengths that are even, odd and small; the values themselves, not scaled."""
    asked = row.given(arguments={"scaling": None}, flags="unusual-argument")
    lengths = (draw((length, 1, 2), "float64") for length in _LENGTHS)
    first, others = [names[0] for names in _NAMES], [n for names in _NAMES for n in names[1:]]
    yield from asked.table("window-name", first, *lengths, argument="window")
    yield from asked.table("window-name", others, draw((5, 1, 2)), argument="window")
    # The first length at which a quarter and a fifth of it are unlike, and the slope shows it.
    yield asked("window-name", "tukey-10", draw((10, 1, 2)), arguments={"window": "tukey"})
    for periodic in (False, True):
        told = asked.given(arguments={"periodic": periodic})
        suffix = f"-periodic={periodic}"
        steps = (draw((6, 1, 2)), draw((1, 1, 2)))
        yield from told.table("window-name", _SUFFIXES, *steps, argument="window", suffix=suffix)
    yield from asked.table("window-name", ("hann_odd", "_periodic"), CONFIG, argument="window")
