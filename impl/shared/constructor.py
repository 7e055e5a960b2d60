"""What a layer was made with, for classes that do not say it in `get_config`."""

from __future__ import annotations

import inspect
from typing import Any


def given(layer: Any, base: Any, defaults: bool) -> dict[str, Any] | None:
    """What the constructor was given, by name, where only `base` defines `get_config`.

    With `defaults` what it was not given too; without a `dtype` that is an object, which `base` says
    as a record. Raises NotImplementedError where another argument is more than plain data.
    """
    cls: Any = type(layer)
    if cls.get_config is not base.get_config:
        return None
    args, kwargs = vars(layer)["_arguments"]
    bound = inspect.signature(cls.__init__).bind(layer, *args, **kwargs)
    if defaults:
        bound.apply_defaults()
    found = dict(bound.arguments)
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= found.pop(name, {})
    del found[next(iter(bound.signature.parameters))]
    if not _is_plain(found.get("dtype")):
        del found["dtype"]
    for key, value in found.items():
        if not _is_plain(value):
            raise NotImplementedError(
                f"{cls.__name__} must define get_config(), since its argument {key} is no "
                f"plain data: {value!r}"
            )
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(x) for key, x in value.items())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(x) for x in value)
    return value is None or isinstance(value, (bool, int, float, str))
