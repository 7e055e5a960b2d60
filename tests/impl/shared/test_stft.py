"""STFT: bits against official Keras, window by window, and what both refuse."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.stft_windows import NAMES
from impl_helpers.values import bits, outcome
from scipy.signal import get_window

from impl.keras2 import initializers as keras2
from impl.keras3 import initializers as ours

official = keras.initializers
FLOATS = ["float16", "bfloat16", "float32", "float64"]
SIGNED = ["int8", "int16", "int32", "int64"]
SIDES = ["real", "imag"]
SCALINGS = [None, "density", "spectrum"]
SHAPES = [
    (4, 1, 3), (7, 1, 5), (13, 1, 9), (1, 1, 4), (2, 1, 6), (5, 1, 1), (5, 1, 2), (4, 2, 3),
    (3, 0, 3), (4, 1, 0), (100, 1, 65),
]  # fmt: skip


def both(shape, dtype=None, **arguments):
    return [
        outcome(lambda m=module: m.STFT(**arguments)(shape, dtype=dtype))
        for module in (official, ours)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_window_as_official(name):
    for periodic in (False, True):
        for dtype in FLOATS:
            expected, actual = both((9, 1, 6), dtype, window=name, periodic=periodic)
            assert actual == expected != "raised"


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("side", SIDES)
def test_bits_of_official(side, scaling, dtype):
    for shape in SHAPES:
        for window in ("hann", "flattop", "tukey", None):
            for periodic in (False, True):
                arguments = {"window": window, "scaling": scaling, "periodic": periodic}
                expected, actual = both(shape, dtype, side=side, **arguments)
                assert actual == expected != "raised", (shape, arguments)


@pytest.mark.parametrize("dtype", SIGNED)
@pytest.mark.parametrize("scaling", SCALINGS)
def test_signed_integers_as_official(scaling, dtype):
    for window in ("boxcar", "hann", None, [1, -2, 3, 40], [1.9, -2.5, 3.0, 0.1]):
        for side in SIDES:
            expected, actual = both((4, 1, 3), dtype, side=side, window=window, scaling=scaling)
            assert actual == expected != "raised", (window, side)
    # The sum of squares is over 127. Of some 70 int8 frames, official returns odd ones.
    expected, actual = both((12, 1, 20), dtype, window=[9] * 12, scaling=scaling)
    assert actual == expected != "raised"


@pytest.mark.parametrize(
    "dtype", ["uint8", "bool", "complex64", "foo", "float8_e4m3fn", tf.float16, float, int, None]
)
def test_other_dtypes_as_official(dtype):
    expected, actual = both((4, 1, 3), dtype)
    assert actual == expected


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_unsigned_integers_are_refused(dtype):
    """Official returns what is no cosine; that of the first frame is 1."""
    values = official.STFT(window=None)((4, 1, 3), dtype=dtype).numpy()
    assert 1 not in values
    with pytest.raises(ValueError, match=f"^STFT: dtype must be .*signed integer, got {dtype}$"):
        ours.STFT(window=None)((4, 1, 3), dtype=dtype)


VALUES = np.array([0.3, -1.7, 2.2, 0.1, 5.0, 1e-3, -0.4])
WINDOWS = {
    "float64": VALUES,
    "float32": VALUES.astype(np.float32),
    "float16": VALUES.astype(np.float16),
    "int64": (VALUES * 3).astype(np.int64),
    "bool": VALUES > 0,
    "list": VALUES.tolist(),
    "list of int": list(range(7)),
    "list of scalars": [*map(np.float32, VALUES)],
    "tuple": tuple(VALUES.tolist()),
    "range": range(7),
    "tensor": tf.constant(VALUES),
    "bfloat16 tensor": tf.constant(VALUES, tf.bfloat16),
    "int tensor": tf.range(7),
    "variable": tf.Variable(VALUES),
    "zeros": [0.0] * 7,
    "nan": [float("nan")] * 7,
    "huge": [1e30] * 7,
    "subnormal": [1e-40] * 7,
    "complex": [1j] * 7,
    "short": [1.0] * 6,
    "column": VALUES[:, np.newaxis],
    "row": VALUES[np.newaxis],
    "number": 3.0,
    "empty": [],
    "None in it": [None] * 7,
    "strings": ["hann"] * 7,
    "bytes": b"hann",
    "with parameter": ("kaiser", 3.0),
    "dict": {1: 2},
    "NumPy string": np.str_("hann"),
}


@pytest.mark.parametrize("dtype", [*FLOATS, "int32"])
@pytest.mark.parametrize("kind", WINDOWS)
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_window_values_of_every_kind_as_official(kind, dtype):
    for scaling in SCALINGS:
        expected, actual = both((7, 1, 5), dtype, window=WINDOWS[kind], scaling=scaling)
        assert actual == expected


def test_bad_windows_are_named():
    with pytest.raises(ValueError, match=r"^STFT: window must have shape \(4,\), got \(3,\)$"):
        ours.STFT(window=[1, 2, 3])((4, 1, 3))
    for window in (b"hann", ("kaiser", 3.0), {1: 2}, [None] * 4, ["hann"] * 4, [1j] * 4):
        with pytest.raises(ValueError, match=r"^STFT: window must be an array of numbers, got"):
            ours.STFT(window=window)((4, 1, 3))


SHAPE_FORMS = {
    "list": [4, 1, 3],
    "array": np.array([4, 1, 3]),
    "TensorShape": tf.TensorShape([4, 1, 3]),
    "tensor": tf.constant([4, 1, 3]),
    "NumPy sizes": (np.int64(4), 1, np.int64(3)),
    "tensor sizes": (tf.constant(4), 1, 3),
    "middle of any kind": (4, 1.5, 3),
    "no frames": (0, 1, 3),
    "negative frames": (-4, 1, 3),
    "negative bins": (4, 1, -3),
    "None": (None, 1, 3),
    "unknown": tf.TensorShape([None, 1, 3]),
    "float frames": (4.0, 1, 3),
    "float bins": (4, 1, 3.0),
    "bool": (True, 1, 3),
    "string": "abc",
    "no sequence": 2.5,
    "number": 4,
    "nested": [[4], 1, 3],
    "empty": (),
    "vector": (4,),
    "matrix": (4, 3),
    "rank four": (4, 1, 3, 2),
}


@pytest.mark.parametrize("window", ["hann", None])
@pytest.mark.parametrize("form", SHAPE_FORMS)
def test_shapes_of_every_kind_as_official(form, window):
    shape = SHAPE_FORMS[form]
    expected, actual = both(shape, window=window)
    assert actual == expected
    if expected == "raised":
        with pytest.raises((TypeError, ValueError), match=r"^STFT: .*shape must") as caught:
            ours.STFT(window=window)(shape)
        assert "\n" not in str(caught.value)


BAD = [
    ({"side": "REAL"}, "side must be 'real' or 'imag', got 'REAL'"),
    ({"side": None}, "side must be"),
    ({"window": "HANN"}, "window must be the name .*, got 'HANN'"),
    ({"window": ""}, "window must be"),
    ({"window": "hanning"}, "window must be"),
    ({"window": "hann "}, "window must be"),
    ({"window": "kaiser"}, "window must be .* without parameters, got 'kaiser'"),
    ({"window": "general hamming"}, "window must be"),
    ({"window": "_periodic"}, "window must be"),
    ({"window": "hann_periodic_symmetric"}, "window must be"),
    ({"scaling": "DENSITY"}, "scaling must be 'density', 'spectrum' or None, got 'DENSITY'"),
    ({"scaling": 2.0}, "scaling must be"),
    ({"scaling": True}, "scaling must be"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=str)
def test_constructor_refuses_what_official_refuses(arguments, message):
    with pytest.raises(ValueError, match=r"[Ww]indow|side|[Ss]caling"):
        official.STFT(**arguments)
    with pytest.raises(ValueError, match=f"^STFT: {message}"):
        ours.STFT(**arguments)


@pytest.mark.parametrize("periodic", [None, 0, 1, "x", np.bool_(True)], ids=repr)
def test_periodic_matters_to_named_windows_only(periodic):
    for window in ("hann", "hann_periodic"):
        assert both((4, 1, 3), window=window, periodic=periodic) == ["raised", "raised"]
        with pytest.raises(ValueError, match=r"^STFT: periodic must be True or False, got"):
            ours.STFT(window=window, periodic=periodic)((4, 1, 3))
    for window in (None, [1, 2, 3, 4]):
        expected, actual = both((4, 1, 3), window=window, periodic=periodic)
        assert actual == expected != "raised"


def test_names_and_exports():
    assert ours.STFT is ours.STFTInitializer is ours.stft
    for name in ("STFT", "stft", "STFTInitializer"):
        for module in (official, ours):
            assert type(module.get(name)) is module.STFT
            assert type(module.deserialize(name)) is module.STFT
    for name in ("stft_initializer", "Stft", "STFTV2"):
        for module in (official, ours):
            with pytest.raises(ValueError, match=name):
                module.get(name)
    assert not hasattr(keras2, "STFT")
    with pytest.raises(ValueError, match="STFT"):
        keras2.get("STFT")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"side": "imag", "window": "tukey", "scaling": "spectrum", "periodic": True},
        {"window": None, "scaling": None},
        {"window": [1.0, 2.0, 3.0, 4.0]},
        {"window": (1.0, 2, 3, 4)},
    ],
    ids=str,
)
def test_records_as_official_and_values_survive_them(arguments):
    initializer = ours.STFT(**arguments)
    assert initializer.get_config() == official.STFT(**arguments).get_config()
    assert list(initializer.get_config()) == list(official.STFT().get_config())
    record = ours.serialize(initializer)
    assert record == official.serialize(official.STFT(**arguments))
    expected = bits(initializer((4, 1, 3)))
    loads = [ours.deserialize, ours.get, lambda r: ours.STFT.from_config(r["config"])]
    for saved in (record, json.loads(json.dumps(record))):
        for load in loads:
            assert bits(load(saved)((4, 1, 3))) == expected


@pytest.mark.parametrize("kind", ["array", "tensor"])
def test_arrays_survive_their_record(kind):
    """Official saves the same, and cannot use what it loads."""
    values = np.array([1.0, 2.0, 3.0, 4.0]) if kind == "array" else tf.range(4.0)
    record = ours.serialize(ours.STFT(window=values))
    assert record == official.serialize(official.STFT(window=values))
    assert outcome(lambda: official.deserialize(record)((4, 1, 3))) == "raised"
    loaded = ours.deserialize(json.loads(json.dumps(record)))
    assert bits(loaded((4, 1, 3))) == bits(ours.STFT(window=values)((4, 1, 3)))


def test_long_frames_in_bfloat16():
    """Where the number of frames has no bfloat16, official raises."""
    expected, actual = both((300, 1, 3), "bfloat16")
    assert actual == expected != "raised"
    expected, actual = both((301, 1, 3), "bfloat16", window="boxcar", scaling=None)
    assert expected == "raised"
    shorter = ours.STFT(window="boxcar", scaling=None)((300, 1, 3), dtype="bfloat16")
    assert actual[1] == (301, 1, 3)
    assert actual[2][: 300 * 3 * 2] == bits(shorter)[2]


@pytest.mark.parametrize("dtype", FLOATS)
def test_graph_gives_the_bits_of_eager(dtype):
    for side in SIDES:
        for window in ("hann", None):
            initializer = ours.STFT(side, window)
            expected = bits(initializer((9, 1, 6), dtype=dtype))
            compiled = tf.function(lambda i=initializer: i((9, 1, 6), dtype=dtype))
            assert bits(compiled()) == expected


def test_first_call_inside_a_function_leaves_eager_calls_alone():
    shape = (17, 1, 11)
    compiled = tf.function(lambda: ours.STFT(window="nuttall")(shape))()
    assert bits(ours.STFT(window="nuttall")(shape)) == bits(compiled)


def test_kernel_is_the_transform():
    """Against NumPy's FFT of a windowed frame, in float64."""
    frame = np.sin(np.arange(16) ** 1.5)
    weights = get_window("hann", 16)
    expected = np.fft.rfft(frame * weights) / np.sqrt(np.sum(weights**2))
    real, imag = (
        np.einsum("t,tcf->f", frame, ours.STFT(side, periodic=True)((16, 1, 9), "float64"))
        for side in SIDES
    )
    np.testing.assert_allclose(real + 1j * imag, expected, atol=1e-13)


def test_xla_stays_within_rounding():
    initializer = ours.STFT("imag", "blackman")
    compiled = tf.function(lambda: initializer((64, 1, 33)), jit_compile=True)()
    # Angles reach 200, so an ULP of one moves its sine by 200 * 2**-23; the weights are below 1/4.
    np.testing.assert_allclose(compiled, initializer((64, 1, 33)), atol=4 * 200 * 2**-23 / 4)
