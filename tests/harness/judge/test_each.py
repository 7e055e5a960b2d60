"""Each named tensor is held against its own tolerance, in units of its own dtype."""

from __future__ import annotations

import numpy as np
import pytest
from judge.outcomes import by_aspect, tensor, ulps

from conformance.model import Kind, Returned, Tolerance, Verdict

# As of a mixed policy: computed in bfloat16, with the gradients of the weights in float32.
MIXED = Tolerance(
    Kind.EACH,
    why="for this test",
    tensors={
        "value": ulps(2),
        "gradient:1-kernel": Tolerance(Kind.BOUND, why="for this test", eps=65536.0, scale=1.0),
        "1/loss": ulps(4),
    },
)


def answer(value: float = 1.0, kernel: float = 1.0, bias: float = 1.0) -> Returned:
    return Returned(
        {
            "value": tensor([value, 3.0], "bfloat16"),
            "gradient:1-kernel": tensor([kernel, 0.5]),
            "bias": tensor([bias]),
        }
    )


@pytest.mark.parametrize(
    ("got", "failing"),
    [
        (answer(value=1 + 2 * 2**-7), set()),
        (answer(value=1 + 3 * 2**-7), {"value"}),
        (answer(kernel=1 + 2**-7), set()),
        (answer(kernel=1 + 2**-6), {"gradient"}),
        # The tolerance of another tensor is none of its own.
        (answer(bias=float(np.nextafter(np.float32(1), np.float32(2)))), {"bias"}),
    ],
)
def test_a_tensor_has_its_own(got: Returned, failing: set[str]) -> None:
    found = by_aspect(got, answer(), MIXED)
    assert {a for a, c in found.items() if c.verdict is Verdict.FAIL} == failing


def test_a_step_has_its_own() -> None:
    expected = Returned({"loss": tensor([1.0])})
    near = Returned({"loss": tensor([1.0 + 3 * 2**-23])})
    assert by_aspect([expected, near], [expected, expected], MIXED)["loss"].verdict is Verdict.PASS
    assert by_aspect([near, expected], [expected, expected], MIXED)["loss"].verdict is Verdict.FAIL
