"""What a case has set is not seen by the next one, in official Keras and in ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.subjects import resolve

SUBJECTS = ("keras", "tf_keras", "impl.keras2", "impl.keras3")


def drawn(keras: Any) -> list[float]:
    made = np.asarray(keras.initializers.RandomNormal()((4,)))
    return [float(each) for each in made]


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_seed_decides_the_draws_of_its_own_case_alone(name: str) -> None:
    (subject,) = resolve(name)
    keras: Any = subject._namespace  # type: ignore[attr-defined]
    settings = subject._settings  # type: ignore[attr-defined]
    within, after = [], []
    for _ in range(2):
        with settings.kept():
            settings.change("seed", 7)
            within.append([drawn(keras), drawn(keras)])
        with settings.kept():
            after.append(drawn(keras))
    assert within[0] == within[1]
    assert not [each for each in after if each in within[0]]


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("floatx", "float16"),
        ("epsilon", 0.5),
        ("image_data_format", "channels_first"),
        ("dtype_policy", "mixed_bfloat16"),
    ],
)
def test_a_setting_holds_for_its_own_case_alone(name: str, setting: str, value: Any) -> None:
    (subject,) = resolve(name)
    keras: Any = subject._namespace  # type: ignore[attr-defined]
    settings = subject._settings  # type: ignore[attr-defined]

    def seen() -> list[Any]:
        layer = keras.layers.Conv2D(1, 1)
        unit = np.asarray(keras.constraints.UnitNorm()(np.ones((1, 1), "float32")))
        ones = np.asarray(keras.initializers.Ones()((1,)))
        return [layer.compute_dtype, layer.data_format, float(unit[0, 0]), ones.dtype.name]

    before = seen()
    with settings.kept():
        settings.change(setting, value)
        assert seen() != before
    assert seen() == before


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("first", [0.0, -0.0])
def test_a_zero_has_its_own_sign_whatever_a_case_before_has_met(name: str, first: float) -> None:
    import tensorflow as tf

    (subject,) = resolve(name)
    settings = subject._settings  # type: ignore[attr-defined]
    signs = []
    for factor in (first, -first):
        with settings.kept():
            signs.append(bool(np.signbit(tf.constant(1.0) * factor)))
    assert signs == [bool(np.signbit(first)), not np.signbit(first)]
