"""Names, dicts and records: `get`, `serialize`, `deserialize`, the registry. Official is the judge."""

import json
import re
import threading

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.dialects import PAIRS

import impl.keras2
import impl.keras3


def name(value):
    """An id that is the same in every process: without addresses."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


CLASSES = ["Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]


def center_around(module):
    """The custom constraint of the documents, on `module`'s base class."""

    class CenterAround(module.constraints.Constraint):
        def __init__(self, ref_value):
            self.ref_value = ref_value

        def __call__(self, w):
            return w - tf.reduce_mean(w) + self.ref_value

        def get_config(self):
            return {"ref_value": self.ref_value}

    # Official Keras answers a class of __main__ otherwise than one of an importable module.
    CenterAround.__module__ = "__main__"
    return CenterAround


def described(call):
    """What a lookup gave: class and configuration, the object itself, or that it raised."""
    try:
        found = call()
    except (TypeError, ValueError) as error:
        return type(error).__name__
    if hasattr(found, "get_config") and not isinstance(found, type):
        return type(found).__name__, found.get_config()
    return found.__name__ if isinstance(found, type) else found


def double(w):
    return w * 2


IDENTIFIERS = [
    *[form for name in [*CLASSES, "RadialConstraint"] for form in (name, name.lower())],
    *["max_norm", "min_max_norm", "non_neg", "unit_norm", "radial_constraint"],
    *["foo", "", "MaxNorm ", "keras.constraints.MaxNorm", b"MaxNorm", None, 5, 1.5, True, [], ()],
    *[{}, {"class_name": "MaxNorm"}, {"config": {}}, {"class_name": "foo", "config": {}}],
    {"class_name": "max_norm", "config": {"max_value": 3}},
    {"class_name": "MaxNorm", "config": {"bad": 3}},
    {"class_name": "MaxNorm", "config": [1]},
    {"class_name": "Dense", "config": {"units": 2}},
    {"module": "keras.constraints", "class_name": "MaxNorm", "config": {"axis": 1}},
    {"module": None, "class_name": "Foo", "config": {}, "registered_name": "Foo"},
    *[double, abs, np.abs],
]


@pytest.mark.parametrize("identifier", IDENTIFIERS, ids=name)
def test_get_answers_as_official(pair, identifier):
    official, ours = pair
    expected = described(lambda: official.constraints.get(identifier))
    assert described(lambda: ours.constraints.get(identifier)) == expected


def test_get_of_classes_and_instances(pair):
    for module in pair:
        instance = module.constraints.NonNeg()
        assert module.constraints.get(instance) is instance
    by_class = [described(lambda m=m: m.constraints.get(m.constraints.MaxNorm)) for m in pair]
    assert by_class[0] == by_class[1]


ARGUMENTS = (
    [
        ("MaxNorm", {"max_value": value})
        for value in (
            2,
            0.5,
            np.float32(0.1),
            np.float64(0.5),
            np.int64(3),
            float("inf"),
            None,
            "a",
        )
    ]
    + [
        ("UnitNorm", {"axis": axis})
        for axis in (
            0,
            (0, 1),
            [0, 1],
            np.int64(1),
            [np.int64(1)],
            None,
            np.array([0, 1]),
            True,
            [[0]],
        )
    ]
    + [(name, {}) for name in CLASSES]
)


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS, ids=name)
def test_records_equal_official_and_come_back(pair, name, arguments):
    official, ours = pair
    record = ours.constraints.serialize(getattr(ours.constraints, name)(**arguments))
    assert record == official.constraints.serialize(
        getattr(official.constraints, name)(**arguments)
    )
    again = ours.constraints.deserialize(json.loads(json.dumps(record)))
    assert type(again) is getattr(ours.constraints, name)
    for key, value in arguments.items():
        np.testing.assert_array_equal(again.get_config()[key], value)


@pytest.mark.parametrize("value", [np.array([1.0, 2.0], np.float32), tf.constant([1.0, 2.0])])
def test_arrays_and_tensors_in_a_record_are_reloaded(ours, value):
    """Official Keras writes these records and cannot read them."""
    record = ours.constraints.serialize(ours.constraints.MaxNorm(value))
    loaded = ours.constraints.deserialize(json.loads(json.dumps(record)))
    assert type(loaded.max_value) is type(value)
    assert loaded.max_value.dtype == value.dtype
    w = tf.constant([[3.0, 0.0], [4.0, 5.0]])
    np.testing.assert_allclose(loaded(w), [[0.6, 0.0], [0.8, 2.0]], rtol=1e-6)


@pytest.mark.parametrize(
    "junk", ["foo", 5, 1.5, True, [], b"x", {}, {"class_name": None}], ids=name
)
def test_deserialize_refuses_what_names_nothing(ours, junk):
    """Official Keras returns most of these as they are."""
    with pytest.raises(ValueError, match="constraint") as caught:
        ours.constraints.deserialize(junk)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*serialize:UserWarning")
def test_lambdas_are_refused_and_named_functions_saved(pair):
    official, ours = pair
    with pytest.raises(ValueError, match="lambda"):
        ours.constraints.serialize(lambda w: w)
    record = ours.constraints.serialize(double)
    assert record == official.constraints.serialize(double)
    assert ours.constraints.deserialize(record, {"double": double}) is double
    with pytest.raises(ValueError, match="double"):
        ours.constraints.deserialize(record)


def test_custom_objects_in_scope_as_argument_and_unknown(pair):
    by_name = {"class_name": "CenterAround", "config": {"ref_value": 1.0}}

    def answers(module):
        cls, c = center_around(module), module.constraints
        record = c.serialize(cls(2.0))
        yield record
        yield described(lambda: c.deserialize(record))
        yield described(lambda: c.deserialize(record, {"CenterAround": cls}))
        yield described(lambda: c.get(by_name))
        with module.utils.custom_object_scope({"CenterAround": cls, "Other": c.NonNeg}):
            yield described(lambda: c.get(by_name))
            yield described(lambda: c.get("CenterAround"))
            yield described(lambda: c.get("Other"))

    official, ours = map(list, map(answers, pair))
    assert ours == official


def test_nothing_is_imported_to_load_a_class(ours):
    """Official Keras returns the string "CenterAround" here."""
    record = {
        "module": "some.module",
        "class_name": "CenterAround",
        "config": {},
        "registered_name": "CenterAround",
    }
    with pytest.raises(ValueError, match="CenterAround"):
        ours.constraints.deserialize(record)


def test_a_configuration_must_be_a_dict(ours):
    with pytest.raises(TypeError, match="MaxNorm"):
        ours.constraints.get({"class_name": "MaxNorm", "config": "x"})


def test_registered_objects_are_found_by_registered_name(pair):
    def answers(module):
        cls = module.saving.register_keras_serializable("pkg")(center_around(module))
        record = module.constraints.serialize(cls(2.0))
        assert record["registered_name"] == "pkg>CenterAround"
        assert module.saving.get_registered_name(cls) == "pkg>CenterAround"
        assert module.saving.get_registered_object("pkg>CenterAround") is cls
        for name in ("pkg>CenterAround", "CenterAround"):
            for identifier in (name, {"class_name": name, "config": {"ref_value": 3}}, record):
                yield described(lambda i=identifier: module.constraints.get(i))
        module.saving.get_custom_objects().pop("pkg>CenterAround")

    official, ours = map(list, map(answers, pair))
    assert ours == official


def test_a_full_record_of_a_built_in_is_not_overridden(pair):
    for module in pair:
        record = module.constraints.serialize(module.constraints.MaxNorm())
        with module.utils.custom_object_scope({"MaxNorm": center_around(module)}):
            assert type(module.constraints.deserialize(record)) is module.constraints.MaxNorm


def test_registration_needs_get_config(ours):
    with pytest.raises(ValueError, match="get_config"):
        ours.saving.register_keras_serializable()(type("Plain", (), {}))


def test_scopes_nest_and_stay_in_their_thread(ours):
    seen = []
    with ours.saving.custom_object_scope({"a": 1}):
        with ours.saving.custom_object_scope({"a": 2, "b": 3}):
            seen += [ours.saving.get_registered_object(name) for name in "ab"]
        seen += [ours.saving.get_registered_object(name) for name in "ab"]
        thread = threading.Thread(
            target=lambda: seen.append(ours.saving.get_registered_object("a"))
        )
        thread.start()
        thread.join()
    assert seen == [2, 3, 1, None, None]
    assert ours.saving.get_registered_object("a") is None


def test_dialects_do_not_share_custom_objects():
    with impl.keras2.saving.custom_object_scope({"x": double}):
        assert impl.keras3.saving.get_registered_object("x") is None
    impl.keras2.saving.get_custom_objects()["y"] = double
    assert impl.keras3.saving.get_registered_object("y") is None
    assert impl.keras2.constraints.get("y") is double
    impl.keras2.saving.get_custom_objects().clear()


@pytest.mark.parametrize("name", [*CLASSES, "RadialConstraint"])
def test_legacy_format_of_keras2(name):
    official, ours = (m.constraints for m in PAIRS["keras2"])
    record = ours.serialize(getattr(ours, name)(), use_legacy_format=True)
    assert record == official.serialize(getattr(official, name)(), use_legacy_format=True)
    assert type(ours.deserialize(record, use_legacy_format=True)) is getattr(ours, name)


def test_keras2_serialize_warns_about_strangers():
    for module in PAIRS["keras2"]:
        with pytest.warns(UserWarning, match="serialize"):
            module.constraints.serialize(double)


def test_public_names_are_those_of_official(pair):
    def public(module):
        return {n for n in dir(module) if not n.startswith("_") and n[0].isalpha()}

    official, ours = pair
    assert ours.constraints.__all__ == sorted(public(official.constraints))
