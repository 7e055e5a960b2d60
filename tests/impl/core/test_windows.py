"""Windows against SciPy."""

import pytest
from impl_helpers.stft_windows import NAMES
from scipy.signal import get_window

from impl.core import windows


@pytest.mark.parametrize("name", NAMES)
def test_windows_as_scipy(name):
    assert windows.is_window(name)
    for size in (*range(1, 30), 64, 127, 1000):
        for periodic in (False, True):
            expected = get_window(name, size, fftbins=periodic)
            assert windows.window(name, size, periodic).tobytes() == expected.tobytes(), size
