"""`conformance env`: what other backends of Keras and exported models run in."""

from __future__ import annotations

import click
from rich.table import Table

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.subjects import environments, exported

# What is worth a look; the rest is in the requirement files.
_SHOWN = ("keras", "jax", "openvino", "torch", "numpy")
_NAMES = tuple(sorted(environments.ENVIRONMENTS))


@click.group()
def env() -> None:
    """The environments of other backends: list, add, remove.

    `conformance run --subject keras@torch` makes what it needs on demand; `add` makes it beforehand.
    They are in the user's cache folder, or in that which CONFORMANCE_CACHE names.
    """


@env.command(name="list")
def list_environments() -> int:
    """What is installed: versions and size."""
    found = environments.installed()
    table = Table(title=f"Environments in {environments.cache()}", title_justify="left")
    for name in ("environment", "for", "versions", "size", ""):
        table.add_column(name, justify="right" if name == "size" else "left")
    for each in found:
        versions = each.versions()
        served = [b for b, name in environments.ENVIRONMENTS.items() if name == each.name]
        table.add_row(
            each.name,
            ", ".join(f"keras@{backend}" for backend in served),
            ", ".join(f"{name} {versions[name]}" for name in _SHOWN if name in versions),
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
@click.argument("backends", nargs=-1, required=True, metavar="BACKEND...")
def add(backends: tuple[str, ...]) -> int:
    """Make the environments of backends (jax, numpy, openvino, torch) and of exports (onnx, litert)."""
    formats = [name for name in backends if name in exported.FORMATS]
    for name in _environments([name for name in backends if name not in formats]):
        made = environments.add(name)
        versions = made.versions()
        known = ", ".join(f"{each} {versions[each]}" for each in _SHOWN if each in versions)
        options.console.print(f"{name}: {known}, {_megabytes(made.size())}", soft_wrap=True)
    for name in formats:
        size = environments.size(environments.exporter(name))
        options.console.print(f"{name}: {_megabytes(size)}", soft_wrap=True)
    return 0


@env.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove(names: tuple[str, ...]) -> int:
    """Delete environments by their backends or formats, or packages as `list` names them."""
    backends = [name for name in names if name in _NAMES]
    formats = [name for name in names if name in exported.FORMATS]
    packages = {folder.name: folder for folder, _ in environments.packages()}
    for name in names:
        if name not in (*_NAMES, *formats, *packages):
            there = ", ".join((*_NAMES, *exported.FORMATS, *packages))
            raise UsageError(f"NAME must be one of {there}; received {name!r}")
    for name in _environments(backends):
        gone = environments.remove(environments.environment(name).folder)
        if name == "jax":
            gone |= environments.remove(environments.compiled())
        options.console.print(f"{name}: removed" if gone else f"{name}: was not there")
    for name in formats:
        gone = environments.remove(environments.exporter_folder(name))
        options.console.print(f"{name}: removed" if gone else f"{name}: was not there")
    for name in names:
        if name in packages:
            environments.remove(packages[name])
            options.console.print(f"{name}: removed", highlight=False)
    return 0


def _environments(backends: tuple[str, ...] | list[str]) -> list[str]:
    """The names of the environments of backends, each once."""
    for backend in backends:
        if backend not in environments.ENVIRONMENTS:
            there = ", ".join((*_NAMES, *exported.FORMATS))
            raise UsageError(f"BACKEND must be one of {there}; received {backend!r}")
    return list(dict.fromkeys(environments.ENVIRONMENTS[backend] for backend in backends))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
