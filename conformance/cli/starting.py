"""`conformance init`: a template to start from, out of the installed package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from conformance import subjects
from conformance.cli import options
from conformance.model.errors import UsageError

_HERE: Final = Path(__file__).parent / "templates"
_PROGRAMS: Final = Path(subjects.__file__).parent / "templates"
# The package that the templates name.
_NAME: Final = "my_keras"
# By kind, what is written where, relative to the folder.
_FILES: Final[Mapping[str, Mapping[str, Path]]] = {
    "python": {"subject.py": _PROGRAMS / "subject.py"},
    "javascript": {"subject.mjs": _PROGRAMS / "subject.mjs"},
    "module": {
        f"{_NAME}/{name}.py": _HERE / "module" / f"{name}.py"
        for name in ("__init__", "constraints", "initializers", "regularizers")
    },
    "github": {".github/workflows/conformance.yml": _HERE / "github.yml"},
    "gitlab": {"conformance.gitlab-ci.yml": _HERE / "gitlab.yml"},
}
_NEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "python": (
        'conformance doctor "command:python subject.py"',
        'conformance run --subject "command:python subject.py" --select constraints.NonNeg',
    ),
    "javascript": (
        'conformance doctor "command:node subject.mjs"',
        'conformance run --subject "command:node subject.mjs" --select constraints.NonNeg',
    ),
    "module": (f"conformance run --subject module:{_NAME}:keras3 --level common",),
    "github": ("git add .github/workflows/conformance.yml conformance-baseline.json",),
    "gitlab": ("git add conformance.gitlab-ci.yml conformance-baseline.json",),
}
_BASELINE: Final = (
    "conformance run --subject module:{name}:keras3 --write-baseline conformance-baseline.json"
)


@click.command()
@click.argument("kind", type=click.Choice(list(_FILES)))
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default=_NAME, metavar="PACKAGE", help="Of a module: its name.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init(kind: str, folder: Path, name: str, force: bool) -> int:
    """Write a template into FOLDER (here, unless given), and say what to run next.

    python, javascript: a program that answers cases on its standard input; module: a package in NumPy;
    github, gitlab: a job for CI.
    """
    if not name.isidentifier():
        raise UsageError(f"--name must be a name of a Python package; received {name!r}")
    made = {folder / place.replace(_NAME, name): source for place, source in _FILES[kind].items()}
    there = [str(path) for path in made if path.exists()]
    if there and not force:
        raise UsageError(
            f"init writes no file that is there already, unless --force is given; found {', '.join(there)}"
        )
    options.check_files(*made)
    for path, source in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.read_text().replace(_NAME, name))
        click.echo(f"wrote {path}")
    first = [_BASELINE.format(name=name)] if kind in ("github", "gitlab") else []
    click.echo("next:")
    for line in (*first, *_NEXT[kind]):
        click.echo(f"  {line.replace(_NAME, name)}")
    return 0
