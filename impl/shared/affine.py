"""What `Dense` and the convolutions have in common: the arguments of weights, and what is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from impl.shared.layer import Layer

_ROLES = ("initializer", "regularizer", "constraint")
# The field of `Kit` that an argument belongs to, by the last word of its name.
_FAMILIES = {word: f"{word}s" for word in (*_ROLES, "activation")}


class Affine(Layer):
    """An activation of a product with kernels, plus a `bias`.

    The signature of the constructor is the table that everything follows from: `_take` makes an
    attribute of each argument, `_add` a weight of those that begin with its name (the
    `kernel_initializer`, `kernel_regularizer` and `kernel_constraint` of a kernel), and
    `get_config` saves them all.
    """

    bias: Any

    def _take(self, given: Mapping[str, Any]) -> None:
        """Begins the layer. `given` are the `locals()` of the constructor; `kwargs` are for `Layer`."""
        super().__init__(activity_regularizer=given["activity_regularizer"], **given["kwargs"])
        self._saved = tuple(name for name in given if name not in ("self", "kwargs"))
        for name in self._saved:
            setattr(self, name, self._read(name, given[name]))
        self.bias = None

    def _read(self, name: str, value: Any) -> Any:
        """The argument `name` as the attribute that it becomes. Raises ValueError for a bad one."""
        family = self._family(name)
        return value if family is None else family.get(value)

    def _family(self, argument: str) -> Any:
        """What the values of an argument belong to: `kit.regularizers` and so on, or None."""
        field = _FAMILIES.get(argument.rpartition("_")[2])
        return field and getattr(self.kit, field)

    def _add(self, part: str, shape: tuple[int, ...], name: str | None = None) -> Any:
        """A new weight, called `name` or else as the arguments that it is made with."""
        roles = {role: getattr(self, f"{part}_{role}") for role in _ROLES}
        return self.add_weight(name=name or part, shape=shape, trainable=True, **roles)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        config = super().get_config()
        for name in self._saved:
            family, value = self._family(name), getattr(self, name)
            config[name] = value if family is None else family.serialize(value)
        return config
