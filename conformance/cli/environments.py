"""`conformance env`: what other backends of Keras, Keras 2 and exported models run in."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click
from rich.table import Table

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.subjects import environments, exported, versions

# What is worth a look; the rest is in the requirement files.
_SHOWN = ("keras", "jax", "openvino", "tensorflow", "tensorflow-cpu", "torch", "numpy")
_NAMES = tuple(sorted(environments.ENVIRONMENTS))
# A package keras-NAME is named as its backend is.
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@click.group()
def env() -> None:
    """The environments of other backends and of Keras 2: list, add, remove.

    `conformance run --subject keras@torch` makes what it needs on demand; `add` makes it beforehand. A backend of
    which this release knows nothing is made by `add` alone: it installs the package keras-NAME, then
    `--subject keras@NAME` finds it. They are in the user's cache folder, or in that which CONFORMANCE_CACHE names.
    """


@env.command(name="list")
def list_environments() -> int:
    """What is installed: versions and size."""
    found = environments.installed()
    table = Table(title=f"Environments in {environments.cache()}", title_justify="left")
    for name in ("environment", "for", "versions", "size", ""):
        table.add_column(name, justify="right" if name == "size" else "left")
    for each in found:
        served = ", ".join(environments.serves(each.name))
        table.add_row(
            each.name,
            served,
            _said(each.name, each.versions()),
            _megabytes(each.size()),
            "" if each.current() else "of another release: made anew when it is asked for",
        )
    if found:
        options.console.print(table)
    else:
        options.console.print(f"no environments in {environments.cache()}", soft_wrap=True)
    if size := environments.size(environments.compiled()):
        options.console.print(f"compiled by JAX: {_megabytes(size)}")
    for folder, size in environments.packages():
        options.console.print(f"{folder.name}: {_megabytes(size)}", soft_wrap=True, highlight=False)
    return 0


@env.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def add(names: tuple[str, ...]) -> int:
    """Make the environments of backends (jax, numpy, openvino, torch, or NAME of a package keras-NAME), of
    exports (onnx, litert), or of Keras 2 (keras==2.15.0).
    """
    formats = [name for name in dict.fromkeys(names) if name in exported.FORMATS]
    others = [_environment(name) for name in names if name not in formats]
    for name in dict.fromkeys(others):
        made = environments.add(name)
        said = f"{name}: {_said(name, made.versions())}, {_megabytes(made.size())}"
        options.console.print(said, soft_wrap=True)
    for name in formats:
        size = environments.size(environments.exporter(name))
        options.console.print(f"{name}: {_megabytes(size)}", soft_wrap=True)
    return 0


@env.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove(names: tuple[str, ...]) -> int:
    """Delete environments by their backends or formats, or packages as `list` names them."""
    folders = {each.name: each.folder for each in environments.installed()}
    folders |= {folder.name: folder for folder, _ in environments.packages()}
    folders |= {name: environments.exporter_folder(name) for name in exported.FORMATS}
    known = {name: environments.ENVIRONMENTS.get(name, name) for name in (*_NAMES, *folders)}
    for name in names:
        if name not in known:
            raise UsageError(f"NAME must be one of {', '.join(known)}; received {name!r}")
    for name in dict.fromkeys(known[each] for each in names):
        folder = folders.get(name, environments.environment(name).folder)
        gone = environments.remove(folder)
        if name == "jax":
            gone |= environments.remove(environments.compiled())
        said = "removed" if gone else "was not there"
        options.console.print(f"{name}: {said}", highlight=False)
    return 0


def _environment(name: str) -> str:
    """The environment of a backend or of a version of Keras 2; UsageError where there can be none."""
    if versions.is_version(name) and versions.named(name).is_keras_2:
        return name.replace("==", "-")
    chosen = environments.ENVIRONMENTS.get(name, name)
    if not (environments.has_pins(chosen) or _NAME.fullmatch(name)):
        raise UsageError(
            f"NAME must be one of {', '.join((*_NAMES, *exported.FORMATS))}, a backend as in the name of a "
            f"package keras-NAME, or keras==2.15.0; received {name!r}"
        )
    return chosen


def _said(name: str, found: Mapping[str, str]) -> str:
    """The versions that are worth a look."""
    shown = (*_SHOWN[:1], f"keras-{name}", name, *_SHOWN[1:])
    return ", ".join(f"{each} {found[each]}" for each in dict.fromkeys(shown) if each in found)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
