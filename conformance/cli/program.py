"""The command `conformance`. Every command ends in one of the exit statuses of `EXIT_STATUS`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final

import click

from conformance import __version__
from conformance.model.errors import ConformanceError

EXIT_STATUS: Final = """\b
Exit status:
  0    everything as expected
  1    a failure, an unexpected pass, a stale expectation, fewer cases than the baseline, or nothing ran
  2    usage or environment
  3    damaged golden data
  130  interrupted; what was finished is reported"""


# By name, the file of a command and its name there. None is imported but that which is asked for, or told of.
_COMMANDS: Final = {
    "bench": "measure.bench",
    "certify": "certify.certify",
    "diff": "compare.diff",
    "doctor": "run.doctor",
    "env": "environments.env",
    "explain": "show.explain",
    "explore": "explore.explore",
    "findings": "golden.findings",
    "init": "starting.init",
    "lint": "golden.lint",
    "list": "listing.list_cases",
    "matrix": "compare.matrix",
    "merge": "merge.merge",
    "model": "model.model",
    "power": "measure.power",
    "record": "golden.record",
    "run": "run.run",
    "show": "show.show",
    "strength": "strength.strength",
}


class _Commands(click.Group):
    """The commands, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        file, _, name = _COMMANDS[cmd_name].partition(".")
        found: click.Command = getattr(import_module(f"conformance.cli.{file}"), name)
        return found


@click.group(
    cls=_Commands, epilog=EXIT_STATUS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Does an implementation compute what Keras computes, and if not, where and by how much?"""


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
