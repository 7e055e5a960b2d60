"""Which part of the API the cases ask: of both official packages, and of a small one of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from harness import Ended

from conformance.model import Case, Reference, Step
from conformance.model.errors import UsageError
from conformance.strength import api
from conformance.strength.inventory import inventory


class Constraint:
    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        return {}


class Norm(Constraint):
    def __init__(self, length: float = 1.0, *, axis: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    @property
    def longest(self) -> float:
        return 1.0

    def get_config(self) -> dict[str, Any]:
        return {}


def package(**more: Any) -> Any:
    empty: dict[str, Any] = {name: SimpleNamespace() for name in ("initializers", "regularizers")}
    constraints = SimpleNamespace(Constraint=Constraint, Norm=Norm, norm=Norm, **more)
    models = SimpleNamespace(Sequential=object())
    layers = SimpleNamespace()
    return SimpleNamespace(
        **empty, constraints=constraints, layers=layers, models=models, __version__="1"
    )


def case(target: str, *steps: Step, **arguments: Any) -> Case:
    return Case(f"{target}/a/b", target, ("keras2", "keras3"), arguments=arguments, steps=steps)


CASES = (
    case("constraints.Constraint", Step("config")),
    case("constraints.Norm", Step("call", 0), length=2.0, axis=1),
    case("constraints.Norm", Step("config"), **{"*": (3.0, 1)}),
)


@pytest.fixture
def covered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., api.Coverage]:
    def measure(*cases: Case, excuses: tuple[api.Excuse, ...] = (), **more: Any) -> api.Coverage:
        monkeypatch.setattr(api, "official_package", lambda dialect: package(**more))
        both = dict.fromkeys(("keras2", "keras3"), cases)
        return api.measure(both, excuses)[1]

    return measure


def test_the_inventory_has_every_name_argument_and_member() -> None:
    found = inventory(package(), {"constraints.Constraint", "constraints.Norm"})
    assert found.items() == [
        *("constraints.Constraint", "constraints.Norm", "constraints.norm", "models.Sequential"),
        "constraints.Constraint.get_config",
        *("constraints.Norm(length)", "constraints.Norm(axis)"),
        *("constraints.Norm.get_config", "constraints.Norm.longest"),
    ]


def test_what_is_asked_by_name_by_position_and_from_inside(
    covered: Callable[..., api.Coverage],
) -> None:
    found = covered(*CASES)
    assert found.missing == [
        *("constraints.norm", "models.Sequential", "constraints.Norm.longest"),
    ]
    assert found.values == {"constraints.Norm(length)": 2, "constraints.Norm(axis)": 1}
    assert found.pairs["constraints.Norm"] == 2
    inside = case(
        "constraints.get",
        Step("get", None, {"identifier": Reference("class", "constraints.norm", {})}),
    )
    looked_up = case("constraints.get", Step("lookup", None, {"name": "norm"}))
    attribute = case("constraints.Norm", Step("attributes", None, {"names": ["longest"]}))
    for more in (inside, looked_up):
        assert covered(*CASES, more).missing == ["models.Sequential", "constraints.Norm.longest"]
    assert covered(*CASES, inside, attribute).missing == ["models.Sequential"]


def test_what_a_release_adds_is_a_problem(covered: Callable[..., api.Coverage]) -> None:
    class Wider(Norm):
        def __init__(self, length: float = 1.0, *, axis: int = 0, epsilon: float = 0.0) -> None:
            super().__init__(length, axis=axis)

        def clone(self) -> Wider:
            return self

    old = api.Excuse(
        ("constraints.norm", "models.Sequential", "constraints.Norm.longest"),
        ("keras3",),
        "because",
    )
    assert api.problems([covered(*CASES, excuses=(old,))], [old]) == []
    found = covered(
        *CASES, case("constraints.Wider", length=1.0, axis=1), excuses=(old,), Wider=Wider, new=len
    )
    (one, other) = (each for each in ("constraints.Wider(epsilon)", "constraints.Wider.clone"))
    assert found.missing == ["constraints.new", one, other]
    assert api.problems([found], []) == [
        f"keras 1: {item} is asked by no case and excused nowhere" for item in found.missing
    ]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("constraints.Norm(axis)", "keras: constraints.Norm(axis) is excused, and asked by a case"),
        ("constraints.Old", "keras 1 has no constraints.Old, which is excused"),
    ],
)
def test_an_idle_excuse_is_a_problem(
    item: str, said: str, covered: Callable[..., api.Coverage]
) -> None:
    idle = api.Excuse((item,), ("keras3",), "because")
    found = covered(*CASES, excuses=(idle,))
    assert said in api.problems([found], [idle])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[excused]]\nitems = ['a']", "entry 1: must have items, dialects and reason"),
        ("[[excused]]\nitems = []\ndialects = ['keras3']\nreason = 'x'", "none of them empty"),
        (
            "[[excused]]\nitems = ['a']\ndialects = ['keras4']\nreason = 'x'",
            r"dialects must be of keras2, keras3; received \['keras4'\]",
        ),
        ("[other]", r"must hold \[\[excused\]\] tables only; received other"),
        ("=", "cannot be read"),
    ],
)
def test_a_wrong_file_is_told_in_a_sentence(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "excused.toml"
    file.write_text(content)
    with pytest.raises(UsageError, match=said):
        api.excuses(file)


def test_everything_of_both_packages_is_asked_or_excused(
    conformance: Callable[..., Ended], tmp_path: Path
) -> None:
    file = tmp_path / "api.json"
    ended = conformance("strength", "api", "--json", str(file))
    assert ended.status == 0, ended.out + ended.err
    packages = json.loads(file.read_text())["packages"]
    assert [each["package"] for each in packages] == ["tf_keras", "keras"]
    for each in packages:
        assert each["missing"] == []
        assert len(each["asked"]) > 400
        assert f"{len(each['asked'])} asked" in ended.out
        assert {"layers.Dense(units)", "constraints.MaxNorm(axis)"} <= each["values"].keys()
