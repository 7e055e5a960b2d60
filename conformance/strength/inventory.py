"""What the official packages offer, by introspection: names, arguments of constructors, methods and properties.

Every item has one text: `constraints.MaxNorm`, `constraints.MaxNorm(axis)`, `constraints.MaxNorm.get_config`. A
method or property stands once, at the most basic class of the inventory that has it.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

# The modules whose public names are the families of this suite. Of `models` only Sequential is asked.
FAMILIES: Final = ("initializers", "regularizers", "constraints", "layers")
_MORE: Final = ("models.Sequential",)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one package offers.

    Attributes:
        names: by public name, as `layers.Dense`, what it is; names of one object are all here.
        classes: the ones among the names whose arguments and members count.
        arguments: by class, the arguments of its constructor in their order.
        members: by class and then by the name of a method or property, the class that it stands at.

    """

    names: Mapping[str, Any]
    classes: tuple[str, ...]
    arguments: Mapping[str, tuple[str, ...]]
    members: Mapping[str, Mapping[str, str]]

    def items(self) -> list[str]:
        """All items as texts, names first, each once."""
        found = dict.fromkeys(self.names)
        for name in self.classes:
            found.update(dict.fromkeys(f"{name}({each})" for each in self.arguments[name]))
            found.update({f"{at}.{member}": None for member, at in self.members[name].items()})
        return list(found)


def inventory(package: ModuleType, targets: Collection[str]) -> Inventory:
    """What `package` offers; `targets`: the names whose arguments and members count, if they are classes."""
    names = dict(_names(package))
    classes = tuple(name for name in names if name in targets and inspect.isclass(names[name]))
    public = {names[name]: name for name in classes}
    return Inventory(
        names,
        classes,
        {name: tuple(_arguments(names[name])) for name in classes},
        {name: dict(_members(names[name], public)) for name in classes},
    )


def _names(package: ModuleType) -> Iterator[tuple[str, Any]]:
    for family in FAMILIES:
        module = getattr(package, family)
        for name in dir(module):
            thing = getattr(module, name)
            if not name.startswith("_") and not inspect.ismodule(thing):
                yield f"{family}.{name}", thing
    for path in _MORE:
        family, _, name = path.partition(".")
        yield path, getattr(getattr(package, family), name)


def _arguments(cls: type) -> Iterator[str]:
    """The arguments of a constructor, those that it hands on to a constructor below it included."""
    seen = {"self"}
    for each in cls.__mro__:
        constructor = vars(each).get("__init__")
        if constructor is None or each is object:
            continue
        handed_on = False
        for one in inspect.signature(constructor).parameters.values():
            if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
                handed_on = handed_on or one.kind is one.VAR_KEYWORD
            elif one.name not in seen:
                seen.add(one.name)
                yield one.name
        if not handed_on:
            return


def _members(cls: type, public: Mapping[Any, str]) -> Iterator[tuple[str, str]]:
    for name in dir(cls):
        if name.startswith("_"):
            continue
        definer = next(each for each in cls.__mro__ if name in vars(each))
        # The most basic public class that has the same definition.
        above = [each for each in cls.__mro__ if each in public and issubclass(each, definer)]
        yield name, public[above[-1]]
