"""`STFT` (Keras 3): kernels of a short-time Fourier transform, of shape (T, 1, F // 2 + 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    CONFIG,
    KERAS3,
    Rows,
    initialize,
)
from conformance.cases.inputs import every_pair, listed
from conformance.cases.rows import arguments_text, sizes
from conformance.model import COMPUTED, FLOATS, Case, Given, Input, Step

_WINDOW: Final = [0.5, 1.0, 1.0, 2.0, 1.0, 1.0, 0.5, 0.25]


def _text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id, without the numbers of a window."""
    named = {k: "listed" if v is _WINDOW else v for k, v in arguments.items()}
    return arguments_text({k: "array" if isinstance(v, Input) else v for k, v in named.items()})


def stft() -> Iterator[Case]:
    """Every pair of arguments and dtype; windows, shapes, dtypes; what is rejected."""
    row = Rows("STFT", KERAS3)
    for choice in every_pair(
        side=("real", "imag"),
        window=("hann", "hamming", None, _WINDOW),
        scaling=("density", "spectrum", None),
        periodic=(False, True),
        dtype=FLOATS,
        shape=((8, 1, 5), (8, 1, 3), (8, 1, 7)),
    ):
        shape, dtype = choice.pop("shape"), choice.pop("dtype")
        yield row.value(
            "arguments",
            f"{_text(choice)}-{sizes(shape)}-{dtype}",
            shape,
            dtype,
            arguments=choice,
            tolerance=COMPUTED,
            flags=("pairwise",),
        )
    windows: dict[str, Any] = {
        **{name: name for name in ("boxcar", "blackman", "bartlett", "triang", "cosine", "HANN")},
        "array": listed(_WINDOW, "float64", Given.ARRAY),
        "array-float32": listed(_WINDOW, "float32", Given.ARRAY),
        "tensor": listed(_WINDOW),
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
    for detail, window in windows.items():
        yield row.value(
            "window",
            detail,
            (8, 1, 5),
            arguments={"window": window},
            tolerance=COMPUTED,
            flags=("unusual-argument",),
        )
    for shape in (
        *((1, 1, 5), (2, 1, 5), (7, 1, 4), (3, 1, 17), (9, 1, 2), (8, 1, 1), (8, 1, 0), (0, 1, 5)),
        *((8, 2, 5), (8, 0, 5)),
    ):
        for side in ("real", "imag") if shape[2] > 3 else ("real",):
            yield row.value(
                "shape",
                f"{side}-{sizes(shape)}",
                shape,
                arguments={"side": side},
                tolerance=COMPUTED,
                flags=("shape",),
            )
    forms: dict[str, Any] = {
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
    }
    for detail, given in forms.items():
        yield row(
            "shape",
            detail,
            initialize(given, dtype="float32"),
            tolerance=COMPUTED,
            flags=("input-form",),
        )
    for dtype in ("int32", "uint8", "bool", "complex64", "string", "foo"):
        yield row.value("dtype", dtype, (8, 1, 5), dtype, arguments={}, tolerance=COMPUTED)
    for detail, arguments in {
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
    }.items():
        yield row(
            "rejected",
            detail,
            CONFIG,
            initialize([8, 1, 5], dtype="float32"),
            arguments=arguments,
            tolerance=COMPUTED,
            flags=("bad-argument",),
        )
    yield row("arguments", "defaults", CONFIG, flags=("documented-default",))
    yield row(
        "arguments",
        "positional",
        CONFIG,
        initialize([4, 1, 3]),
        arguments={"*": ("imag", "hamming", "spectrum", True)},
        tolerance=COMPUTED,
        flags=("documented-signature",),
    )
    for via in ("from_config", "serialize"):
        for window in ("hamming", _WINDOW, None, listed(_WINDOW, "float64", Given.ARRAY)):
            arguments = {"side": "imag", "window": window, "scaling": None, "periodic": True}
            yield row.value(
                "roundtrip",
                f"{via}-{_text({'window': window})}",
                (8, 1, 5),
                arguments=arguments,
                before=(Step("roundtrip", options={"via": via}), CONFIG),
                tolerance=COMPUTED,
                flags=("config",),
            )
