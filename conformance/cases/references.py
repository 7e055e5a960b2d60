"""What rows name without writing it out: classes, instances and functions; and records of them."""

from __future__ import annotations

from typing import Any

from conformance.model import Reference


def class_of(name: str) -> Reference:
    """A class of the subject, as `constraints.MaxNorm`."""
    return Reference("class", name)


def instance(name: str, /, **arguments: Any) -> Reference:
    """An instance of a class of the subject."""
    return Reference("instance", name, arguments)


def layer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a layer of the subject."""
    return instance(f"layers.{class_name}", **arguments)


def regularizer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a regularizer of the subject."""
    return instance(f"regularizers.{class_name}", **arguments)


def constraint(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a constraint of the subject."""
    return instance(f"constraints.{class_name}", **arguments)


def initializer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of an initializer of the subject."""
    return instance(f"initializers.{class_name}", **arguments)


def custom(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a user-defined class."""
    return Reference("custom", class_name, arguments)


def shared(key: str, thing: Reference) -> Reference:
    """The same object wherever a case has the same `key`."""
    return Reference("shared", key, {"object": thing})


def function(name: str) -> Reference:
    """A plain function of the suite."""
    return Reference("function", name)


def short_record(class_name: Any, config: Any) -> dict[str, Any]:
    """What `serialize` wrote before TensorFlow 2.12, which is still read."""
    return {"class_name": class_name, "config": config}


def record(
    class_name: Any, config: Any, module: str | None, registered_name: str | None = None
) -> dict[str, Any]:
    """What `serialize` writes since TensorFlow 2.12."""
    return {
        "module": module,
        **short_record(class_name, config),
        "registered_name": registered_name,
    }


def custom_record(class_name: str, config: Any) -> dict[str, Any]:
    """What it writes for an instance of a user-defined class."""
    return record(class_name, config, None, class_name)


def function_record(name: str) -> dict[str, Any]:
    """What it writes for a function."""
    return record("function", name, "builtins", "function")
