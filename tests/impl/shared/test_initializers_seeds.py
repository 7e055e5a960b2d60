"""Seeds of initializers: integers, none, generators; and the functions of `random`."""

import json
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.initializers import FLOATS, PAIRS, RANDOM, SEEDS
from impl_helpers.values import bits

import impl.keras3


@pytest.mark.parametrize("seed", SEEDS, ids=str)
@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_seeds_as_official(dialect, name, seed):
    official, ours = PAIRS[dialect]
    for dtype in ("float32", "float64"):
        expected = getattr(official, name)(seed=seed)((3, 4), dtype=dtype)
        assert bits(getattr(ours, name)(seed=seed)((3, 4), dtype=dtype)) == bits(expected)


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1, "3", 3.7, True, [1, 2], (1, 2)], ids=repr)
def test_bad_seeds(dialect, seed):
    for module in PAIRS[dialect]:
        with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)):
            module.RandomNormal(seed=seed)((2,))
    with pytest.raises((TypeError, ValueError), match=r"^RandomNormal: .*seed must"):
        PAIRS[dialect][1].RandomNormal(seed=seed)((2,))


@pytest.mark.parametrize("kind", ["int64", "uint32", "array", "tensor"])
def test_integers_of_other_kinds_seed_keras2_only(kind):
    seed = {
        "int64": np.int64(3),
        "uint32": np.uint32(2**32 - 1),
        "array": np.array(3),
        "tensor": tf.constant(3),
    }[kind]
    official, ours = PAIRS["keras2"]
    assert bits(ours.RandomUniform(seed=seed)((3,))) == bits(
        official.RandomUniform(seed=seed)((3,))
    )
    for module in PAIRS["keras3"]:
        with pytest.raises(ValueError, match="seed"):
            module.RandomUniform(seed=seed)


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_unseeded_instances_repeat_and_differ_from_each_other(dialect, name):
    ours = PAIRS[dialect][1]
    one, other = getattr(ours, name)(), getattr(ours, name)()
    assert bits(one((3, 4))) == bits(one((3, 4)))
    assert bits(one((3, 4))) != bits(other((3, 4)))
    assert one.get_config()["seed"] is None


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_unseeded_values_follow_pythons_generator_as_official(dialect, name):
    values = []
    for module in PAIRS[dialect]:
        random.seed(3)
        values.append(bits(getattr(module, name)()((3, 4))))
    assert values[0] == values[1]


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_keras2_warns_when_an_unseeded_initializer_is_called_again(name):
    for module in PAIRS["keras2"]:
        initializer = getattr(module, name)()
        initializer((2, 2))
        for _ in range(2):
            with pytest.warns(UserWarning, match=name):
                initializer((2, 2))
        again = getattr(module, name)(seed=3)
        assert bits(again((2, 2))) == bits(again((2, 2)))


@pytest.mark.parametrize("seed", [5, 0, -1, 2**31 - 2, 2**32 - 1, -(2**63)], ids=str)
def test_seed_generator_advances_as_official(seed):
    generators = [module.random.SeedGenerator(seed) for module in (keras, impl.keras3)]
    for name in [*RANDOM, "Orthogonal"]:
        expected, actual = (
            getattr(module, name)(seed=generator)((3, 4))
            for module, generator in zip(PAIRS["keras3"], generators, strict=True)
        )
        assert bits(actual) == bits(expected), name
        np.testing.assert_array_equal(generators[0].state, generators[1].state)


def test_seed_generator_is_saved_and_starts_again_when_restored():
    ours = PAIRS["keras3"][1]
    generator = impl.keras3.random.SeedGenerator(5, name="g")
    initializer = ours.RandomNormal(seed=generator)
    first, second = bits(initializer((3,))), bits(initializer((3,)))
    assert first != second
    official = keras.initializers.RandomNormal(seed=keras.random.SeedGenerator(5, name="g"))
    record = ours.serialize(initializer)
    assert record == keras.initializers.serialize(official)
    loaded = ours.deserialize(json.loads(json.dumps(record)))
    assert [bits(loaded((3,))), bits(loaded((3,)))] == [first, second]


def test_seed_generator_in_a_function_advances():
    values = []
    for module in (keras, impl.keras3):
        initializer = module.initializers.RandomUniform(seed=module.random.SeedGenerator(5))
        step = tf.function(lambda i=initializer: i((2,)))
        values.append([bits(step()), bits(step())])
    assert values[0] == values[1]
    assert values[1][0] != values[1][1]


@pytest.mark.parametrize("name", ["normal", "truncated_normal", "uniform"])
@pytest.mark.parametrize("dtype", [None, *FLOATS])
def test_random_functions_as_official(name, dtype):
    theirs, mine = getattr(keras.random, name), getattr(impl.keras3.random, name)
    for seed in SEEDS:
        for bounds in ((), (1 / 3, 1.7)):
            expected = theirs((2, 3), *bounds, dtype=dtype, seed=seed)
            assert bits(mine((2, 3), *bounds, dtype=dtype, seed=seed)) == bits(expected), seed
    generators = keras.random.SeedGenerator(5), impl.keras3.random.SeedGenerator(5)
    for _ in range(2):
        expected = theirs((2, 3), dtype=dtype, seed=generators[0])
        assert bits(mine((2, 3), dtype=dtype, seed=generators[1])) == bits(expected)
    assert bits(mine((5,))) != bits(mine((5,)))


@pytest.mark.parametrize("dtype", ["int32", "bool", "complex64", "foo"])
@pytest.mark.parametrize("name", ["normal", "truncated_normal", "uniform"])
def test_random_functions_take_float_dtypes_only(name, dtype):
    for module in (keras, impl.keras3):
        with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)):
            getattr(module.random, name)((2,), dtype=dtype, seed=1)
    with pytest.raises(ValueError, match="dtype must be"):
        getattr(impl.keras3.random, name)((2,), dtype=dtype, seed=1)


@pytest.mark.parametrize("arguments", [{"seed": "a"}, {"seed": 1.5}, {"name": 3}, {"name": "a/b"}])
def test_bad_seed_generators(arguments):
    for module in (keras, impl.keras3):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            module.random.SeedGenerator(**arguments)
