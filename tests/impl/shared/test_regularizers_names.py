"""Names, records and identifiers of regularizers, as official Keras has them."""

import json

import pytest
import tensorflow as tf
from impl_helpers.dialects import pairs_of
from impl_helpers.regularizers import CLASSES, ORTHOGONAL, WAVE
from impl_helpers.values import bits

PAIRS = pairs_of("regularizers")


def test_base_class(dialect):
    for module in PAIRS[dialect]:
        assert module.Regularizer()(None) == 0.0
        assert type(module.Regularizer.from_config({})) is module.Regularizer
        with pytest.raises(NotImplementedError, match="get_config"):
            module.Regularizer().get_config()
    ours = PAIRS[dialect][1]
    assert all(issubclass(getattr(ours, name), ours.Regularizer) for name in CLASSES)


def described(call):
    try:
        found = call()
    except (TypeError, ValueError, AttributeError) as error:
        return "raised" if isinstance(error, (TypeError, AttributeError)) else type(error).__name__
    if isinstance(found, type) or not hasattr(found, "get_config"):
        return getattr(found, "__name__", found)
    try:
        return type(found).__name__, found.get_config()
    except NotImplementedError:
        return type(found).__name__


def double(x):
    return x * 2


def record(class_name, config, module="keras.regularizers"):
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }


IDENTIFIERS = [
    *["l1", "l2", "L1", "L2", "L1L2", "orthogonal_regularizer", ORTHOGONAL, "Regularizer", None],
    *[5, 1.5, True, [], (), ["l1"], double, abs, {}, {"class_name": "L1"}, {"config": {}}],
    {"class_name": "L1", "config": {"l1": 0.5}},
    {"class_name": "l2", "config": {"l2": 0.5}},
    {"class_name": "L1L2", "config": {"l1": 0.5}},
    {"class_name": "foo", "config": {}},
    {"class_name": "L1", "config": {"foo": 1}},
    {"class_name": "L1", "config": 0.1},
    {"class_name": ORTHOGONAL, "config": {"mode": "x"}},
    record("L1", {"l1": 0.5}),
    record("L2", {}, "foo"),
    record(ORTHOGONAL, {"mode": "columns"}),
    record("Regularizer", {}),
]


@pytest.mark.parametrize("identifier", IDENTIFIERS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_get_answers_as_official(dialect, identifier):
    official, ours = PAIRS[dialect]
    expected = described(lambda: official.get(identifier))
    assert described(lambda: ours.get(identifier)) == expected


@pytest.mark.parametrize("text", ["foo", "", "L1 ", "L1_L2", "MaxNorm"])
def test_names_of_nothing_are_refused(dialect, text):
    """Official Keras 2 returns the text."""
    for function in (PAIRS[dialect][1].get, PAIRS[dialect][1].deserialize):
        with pytest.raises(ValueError, match="a regularizer must be"):
            function(text)


def test_l1_l2_as_documented(dialect):
    """Official Keras 3 raises; Keras 2 returns a function for the record."""
    ours = PAIRS[dialect][1]
    # What Keras 2 answers, in the digits that each dialect keeps.
    default = ours.L1L2(0.01, 0.01).get_config()
    assert ours.get("l1_l2").get_config() == default
    assert ours.deserialize("l1_l2").get_config() == default
    for form in ({"class_name": "l1_l2", "config": {"l1": 0.5}}, record("l1_l2", {"l1": 0.5})):
        assert ours.get(form).get_config() == default | {"l1": 0.5}
        assert ours.deserialize(form).get_config() == default | {"l1": 0.5}
    with pytest.raises(TypeError):
        ours.get({"class_name": "l1_l2", "config": 1})
    official = PAIRS["keras2"][0].get("l1_l2").get_config()
    assert PAIRS["keras2"][1].get("l1_l2").get_config() == official


def test_get_of_classes_and_instances(dialect):
    for module in PAIRS[dialect]:
        instance = module.L1()
        assert module.get(instance) is instance
        found = module.get(module.L2)
        assert found is module.L2 if dialect == "keras2" else type(found) is module.L2


ARGUMENTS = [
    ("L1", {"l1": 0.1}),
    ("L2", {"l2": 0.1}),
    ("L1L2", {"l1": 0.1, "l2": 1 / 3}),
    (ORTHOGONAL, {"factor": 0.1, "mode": "columns"}),
    *((name, {}) for name in CLASSES),
]


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS, ids=str)
def test_records_equal_official_and_come_back(dialect, name, arguments):
    official, ours = PAIRS[dialect]
    x = tf.constant(WAVE[:12].reshape(3, 4), tf.float32)
    made = getattr(ours, name)(**arguments)
    data = ours.serialize(made)
    assert data == official.serialize(getattr(official, name)(**arguments))
    again = ours.deserialize(json.loads(json.dumps(data)))
    assert type(again) is type(made)
    assert bits(again(x)) == bits(made(x))
    if dialect == "keras2":
        legacy = ours.serialize(made, use_legacy_format=True)
        reference = getattr(official, name)(**arguments)
        assert legacy == official.serialize(reference, use_legacy_format=True)
        assert ours.deserialize(legacy, use_legacy_format=True).get_config() == made.get_config()


def test_the_documents_own_regularizers(dialect):
    module = PAIRS[dialect][1]

    class L2Regularizer(module.Regularizer):
        def __init__(self, l2=0.0):
            self.l2 = l2

        def __call__(self, x):
            return self.l2 * tf.reduce_sum(tf.square(x))

        def get_config(self):
            return {"l2": float(self.l2)}

    assert float(L2Regularizer(0.5)(tf.ones([5, 5]))) == 12.5
    data = module.serialize(L2Regularizer(0.5))
    known = {"L2Regularizer": L2Regularizer}
    assert module.deserialize(data, known).get_config() == {"l2": 0.5}
    assert float(module.L2(2.0)(tf.ones([5, 5]))) == 50.0


def test_public_names_are_those_of_official(dialect):
    official, ours = PAIRS[dialect]
    public = {name for name in dir(official) if not name.startswith("_")}
    assert ours.__all__ == sorted(public)
