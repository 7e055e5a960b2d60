"""The command `conformance`. Every command ends in one of the exit statuses of `EXIT_STATUS`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from conformance import __version__
from conformance.cli import (
    certify,
    compare,
    environments,
    explore,
    golden,
    measure,
    merge,
    model,
    run,
    show,
    starting,
    strength,
)
from conformance.model.errors import ConformanceError

EXIT_STATUS: Final = """\b
Exit status:
  0    everything as expected
  1    a failure, an unexpected pass, a stale expectation, fewer cases than the baseline, or nothing ran
  2    usage or environment
  3    damaged golden data
  130  interrupted; what was finished is reported"""


@click.group(epilog=EXIT_STATUS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Does an implementation compute what Keras computes, and if not, where and by how much?"""


for command in (
    *(run.run, show.show, show.explain, run.doctor, merge.merge, certify.certify),
    *(model.model, compare.matrix, compare.diff),
    *(golden.record, golden.list_cases, golden.lint, golden.findings),
    *(explore.explore, measure.bench, measure.power, strength.strength),
    *(environments.env, starting.init),
):
    cli.add_command(command)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """SIGTERM, which ends jobs in CI, leaves what Ctrl-C leaves: a report of what was finished."""
    if threading.current_thread() is not threading.main_thread():  # others receive no signals
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Runs the command line and exits with its status; errors are one sentence on stderr."""
    try:
        with _ended_as_by_ctrl_c():
            status = cli.main(standalone_mode=False)
    except ConformanceError as error:
        click.echo(f"conformance: {error}", err=True)
        status = error.exit_status
    except click.ClickException as error:
        click.echo(f"conformance: {error.format_message()}", err=True)
        status = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("conformance: interrupted; every golden file is whole", err=True)
        status = 130
    except BrokenPipeError:
        status = 141
    except OSError as error:
        click.echo(f"conformance: {error}", err=True)
        status = 2
    sys.exit(status if isinstance(status, int) else 0)
