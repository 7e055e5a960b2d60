"""`conformance model`: a saved model, layer by layer, on every subject."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.subjects import check_name
from conformance.subjects.base import Place


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="S",
    help="Who is asked: a version, a backend, onnx, litert, tfjs, a module or a program; may be repeated.",
)
@click.option(
    "--inputs",
    type=click.Path(path_type=Path),
    metavar="NPZ",
    help="The inputs by name; otherwise normal numbers, and 0 and 1 for integers.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of inputs that are made up.")
@click.option(
    "--batch", type=click.IntRange(min=1), default=1, help="Examples in inputs that are made up."
)
@click.option(
    "--allow-code",
    is_flag=True,
    help="Let functions run that the file brings, and import what it names. Only for files that you trust.",
)
@click.option(
    "--import",
    "imports",
    multiple=True,
    metavar="MODULE",
    help="With --allow-code: import this, which has classes or functions of the model; may be repeated.",
)
@click.option("--html", "html_file", type=options.file(), help="Write a page.")
@click.option(
    "--record",
    "record_directory",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write golden vectors of the model, for `conformance run --golden DIR` and readers in any language.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print every layer.")
@options.place
def model(
    file: Path,
    subjects: tuple[str, ...],
    inputs: Path | None,
    seed: int,
    batch: int,
    allow_code: bool,
    imports: tuple[str, ...],
    html_file: Path | None,
    record_directory: Path | None,
    verbose: bool,
    place: Place,
) -> int:
    """Run the model in FILE on official Keras, and ask subjects each of its layers: who is off, where, whose fault.

    FILE is a .keras or .h5 file. Exits with 1 where a subject is to blame.
    """
    from conformance.changes.deployed import asking
    from conformance.report import deployed as report

    if not subjects and record_directory is None:
        raise UsageError("--subject must be given, once or more, unless there is --record")
    if record_directory is not None:
        if record_directory.is_dir() and any(record_directory.iterdir()):
            raise UsageError(
                f"--record must be a new directory, or an empty one; received {record_directory}"
            )
        options.check_files(record_directory / "layers")
    if imports and not allow_code:
        raise UsageError(f"--import must come with --allow-code; received {', '.join(imports)}")
    for name in subjects:
        check_name(name)
    options.check_files(html_file)
    request = asking.Request(
        file, subjects, inputs, allow_code, seed, batch, record_directory, imports, place
    )
    with options.progress("asking") as progress:
        made = asking.examine(request, progress)
    report.summary(made, options.console, every=verbose)
    options.write(made, (html_file, report.write_html))
    return made.exit_status()
