"""What `Dense` and the convolutions have in common: the arguments of weights, and what is saved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any

from impl.shared.layer import Layer

# What is no argument to keep.
_OTHERS = {"self", "kwargs"}
_ROLES = ("initializer", "regularizer", "constraint")


@cache
def _family(argument: str) -> str | None:
    """The field of `Kit` that an argument belongs to, by the last word of its name; or None."""
    word = argument.rpartition("_")[2]
    return f"{word}s" if word in (*_ROLES, "activation") else None


class Affine(Layer):
    """An activation of a product with kernels, plus a `bias`.

    The signature of the constructor is the table that everything follows from: `_take` makes an
    attribute of each argument, `_add` a weight of those that begin with its name (the
    `kernel_initializer`, `kernel_regularizer` and `kernel_constraint` of a kernel), and
    `get_config` saves them all.
    """

    bias: Any
    use_bias: Any

    def _take(self, given: Mapping[str, Any]) -> None:
        """Begins the layer. `given` are the `locals()` of a constructor that has done nothing yet."""
        super().__init__(**given["kwargs"])
        kit = self.kit
        self.__dict__["_saved"] = names = [name for name in given if name not in _OTHERS]
        for name in names:
            family, value = _family(name), given[name]
            read = getattr(kit, family).get(value) if family else self._read(name, value)
            setattr(self, name, read)
        self.bias = None

    @abstractmethod
    def _read(self, name: str, value: Any) -> Any:
        """Any other argument as the attribute that it becomes. Raises ValueError for a bad one."""

    def _add(self, part: str, shape: tuple[int, ...], name: str | None = None) -> Any:
        """A new weight, called `name` or else as the arguments that it is made with."""
        roles = {role: getattr(self, f"{part}_{role}") for role in _ROLES}
        return self.add_weight(name=name or part, shape=shape, **roles)

    def _used_bias(self) -> Any:
        """The bias as an operand, or None where there is none or, by now, `use_bias` is false."""
        return None if self.bias is None or not self.use_bias else self._operand(self.bias)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        config = super().get_config()
        for name in vars(self)["_saved"]:
            family, value = _family(name), getattr(self, name)
            config[name] = getattr(self.kit, family).serialize(value) if family else value
        return config
