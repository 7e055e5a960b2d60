"""Names, records and identifiers of initializers, as official Keras has them."""

import inspect
import json
import warnings

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.initializers import CLASSES, PAIRS, seeded
from impl_helpers.values import bits


def test_exports_and_signatures_as_official(dialect):
    official, ours = PAIRS[dialect]
    names = {name for name in dir(official) if name[0] != "_"}
    assert set(ours.__all__) == names
    assert names <= {*dir(ours)}
    for name in names - {"Initializer", "Zeros", "Ones", "zeros", "ones"}:
        parameters = [
            [
                (p.name, p.default)
                for p in inspect.signature(getattr(module, name)).parameters.values()
            ]
            for module in (official, ours)
        ]
        assert parameters[0] == parameters[1], name
        assert getattr(ours, name).__name__ == getattr(official, name).__name__


IDENTIFIERS = [
    "zero", "one", "normal", "uniform", "Normal", "eye", "Zero", "IdentityInitializer",
    "OrthogonalInitializer", "identity_initializer", "initializer", "glorotuniform", "ZerosV2",
    "RandomNormalV2", "ConstantV2", "glorot_normalV2", "he_uniformV2", "zerosV2", "InitializerV2",
    *CLASSES, "random_normal", "truncated_normal", "variance_scaling", "lecun_uniform",
]  # fmt: skip


def class_of(call):
    try:
        return type(call()).__name__
    except (ValueError, TypeError):
        return "raised"


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_names_as_official(dialect, identifier):
    official, ours = PAIRS[dialect]
    if dialect == "keras3" and identifier == "Constant":
        with pytest.raises(KeyError):
            official.get(identifier)
        expected = "Constant"  # as its default value says, and as Keras 2 does
    else:
        expected = class_of(lambda: official.get(identifier))
    assert class_of(lambda: ours.get(identifier)) == expected
    found = class_of(lambda: ours.deserialize(identifier))
    assert found == expected
    record = {"class_name": identifier, "config": {}}
    assert class_of(lambda: ours.deserialize(record)) == expected


# Names that `impl` takes and official does not, each with its reason.
TAKEN_BY_US_ONLY = {
    ("keras3", "Constant"): "official knows it, and fails with a KeyError: it wants a value",
    ("keras3", "constant"): "the same",
}


def test_every_exported_name_is_an_identifier_as_official(dialect):
    """Exported names, what they are called by in TensorFlow 1, and each in other spellings."""
    official, ours = PAIRS[dialect]
    exported = {name for name in dir(official) if name[0] != "_"}
    names = exported | {f"{name}V2" for name in exported} | {f"{name}_v2" for name in exported}
    names |= {spell(name) for name in exported for spell in (str.lower, str.upper, str.title)}
    excused = set()
    for name in sorted(names):
        try:
            expected = type(official.get(name)).__name__
        except (ValueError, TypeError, KeyError, NotImplementedError):
            expected = "raised"
        actual = class_of(lambda name=name: ours.get(name))
        if actual != expected:
            assert expected == "raised", name
            excused.add((dialect, name))
    assert excused == {key for key in TAKEN_BY_US_ONLY if key[0] == dialect}


@pytest.mark.parametrize("name", CLASSES)
def test_records_as_official_and_values_survive_them(dialect, name):
    official, ours = PAIRS[dialect]
    gain = {"gain": 2.5} if name in ("Identity", "Orthogonal") else {}
    arguments = gain | seeded(name)
    initializer = getattr(ours, name)(**arguments)
    record = json.loads(json.dumps(ours.serialize(initializer)))
    expected = official.serialize(getattr(official, name)(**arguments))
    if dialect == "keras3" and name == "Identity":
        assert expected["config"] == {}  # official loses the gain
        expected["config"] = {"gain": 2.5}
    assert record == expected
    if dialect == "keras2":
        legacy = ours.serialize(initializer, use_legacy_format=True)
        assert legacy == official.serialize(getattr(official, name)(**arguments), True)
        assert bits(ours.deserialize(legacy, use_legacy_format=True)((4, 4))) == bits(
            initializer((4, 4))
        )
    for loaded in (ours.deserialize(record), ours.get(record)):
        assert type(loaded) is type(initializer)
        assert bits(loaded((4, 4))) == bits(initializer((4, 4)))


def test_base_class_record_and_call_as_official(dialect):
    official, ours = PAIRS[dialect]
    assert ours.serialize(ours.Initializer()) == official.serialize(official.Initializer())
    for module in (official, ours):
        with pytest.raises(NotImplementedError):
            module.Initializer()((2,))


def test_a_saved_dtype_is_left_out_in_keras2_and_refused_in_keras3():
    config = {"seed": 1, "dtype": "float32"}
    for module in PAIRS["keras2"]:  # official takes it out of the caller's dict
        assert module.RandomNormal.from_config({**config}).get_config()["seed"] == 1
    for module in PAIRS["keras3"]:
        with pytest.raises(TypeError, match="dtype"):
            module.RandomNormal.from_config(config)


def test_arrays_as_initializers_as_official():
    official, ours = PAIRS["keras3"]
    for values in (np.eye(2), tf.eye(2), tf.Variable([[1.0, 2.0]])):
        expected, actual = official.get(values), ours.get(values)
        for dtype in (None, "float16"):
            assert bits(actual(values.shape, dtype=dtype)) == bits(
                expected(values.shape, dtype=dtype)
            )
        for initializer in (expected, actual):
            with pytest.raises(ValueError, match="shape"):
                initializer((4,))
    for module in PAIRS["keras2"]:
        with pytest.raises(ValueError, match="nitializer"):
            module.get(np.eye(2))


def test_callables_classes_and_custom_objects(dialect):
    ours = PAIRS[dialect][1]

    def my_init(shape, dtype=None):
        return tf.ones(shape, dtype or tf.float32)

    class Mine(ours.Initializer):
        def __init__(self, value=1):
            self.value = value

        def __call__(self, shape, dtype=None, **kwargs):
            return tf.fill(shape, self.value)

        def get_config(self):
            return {"value": self.value}

    # Official Keras answers a class of __main__ otherwise than one of an importable module.
    Mine.__module__ = "__main__"
    assert ours.get(my_init) is my_init
    assert ours.get(None) is None
    assert type(ours.get(ours.Zeros)) is ours.Zeros
    record = ours.serialize(Mine(3))
    assert ours.deserialize(record, custom_objects={"Mine": Mine}).value == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a function is none of the family in Keras 2
        record = ours.serialize(my_init)
    assert ours.deserialize(record, {"my_init": my_init}) is my_init
    record = ours.serialize(Mine(3))
    with pytest.raises(TypeError, match="Mine"):
        ours.deserialize(record)
    for identifier in ([], 3, 1.0, "my", {}):
        with pytest.raises(ValueError, match=r"a .*initializer"):
            ours.get(identifier)


def test_dialects_do_not_mix_and_aliases_are_the_classes(dialect):
    ours = PAIRS[dialect][1]
    other = PAIRS[({*PAIRS} - {dialect}).pop()][1]
    for name in CLASSES:
        assert issubclass(getattr(ours, name), ours.Initializer)
        assert not issubclass(getattr(ours, name), other.Initializer)
    assert ours.he_normal is ours.HeNormal
