"""What the tests of `impl` share: the dialects, and the way to `impl_helpers`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# For `from impl_helpers.values import bits` in every folder here.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from impl_helpers.dialects import PAIRS


@pytest.fixture(params=PAIRS)
def dialect(request):
    """The name of a dialect."""
    return request.param


@pytest.fixture(params=PAIRS)
def pair(request):
    """Official Keras and ours, of one dialect."""
    return PAIRS[request.param]


@pytest.fixture(params=PAIRS)
def ours(request):
    """The dialect itself."""
    return PAIRS[request.param][1]
