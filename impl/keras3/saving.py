"""`keras.saving`: registration of custom objects, and their lookup by name."""

from impl.shared.saving import Identifiers, Registry

REGISTRY = Registry(Identifiers())

CustomObjectScope = custom_object_scope = REGISTRY.custom_object_scope
get_custom_objects = REGISTRY.get_custom_objects
get_registered_name = REGISTRY.get_registered_name
get_registered_object = REGISTRY.get_registered_object
register_keras_serializable = REGISTRY.register_keras_serializable
serialize_keras_object = REGISTRY.serialize_keras_object
