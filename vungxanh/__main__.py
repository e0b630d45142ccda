"""`python -m vungxanh`, and the `vungxanh` command: exit codes and errors of one line."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence

import click

from vungxanh.cli import cli
from vungxanh.errors import DEFECT, DONE, WRONG_USE, CommandError

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; its exit code. Errors are one line on standard error."""
    debug = "--debug" in arguments
    _quiet_libraries(debug)
    try:
        return _outcome(arguments)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message(), err=True)
        return WRONG_USE
    except click.ClickException as error:
        return _say(_usage_line(error), WRONG_USE, debug)
    except CommandError as error:
        return _say(str(error), error.exit_code, debug)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a defect is told in a line
        advice = "" if debug else "; please report it with the output of --debug"
        return _say(f"a defect: {type(error).__name__}: {error}{advice}", DEFECT, debug)


def _outcome(arguments: Sequence[str]) -> int:
    try:
        with cli.make_context("vungxanh", list(arguments)) as context:
            outcome = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:  # of --help and --version
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return outcome if isinstance(outcome, int) else DONE


def _quiet_libraries(debug: bool) -> None:
    """The Kafka clients log what is raised anyway; the worker sets up a log of its own."""
    root = logging.getLogger()
    root.addHandler(logging.StreamHandler() if debug else logging.NullHandler())


def _usage_line(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    where = f"; see {context.command_path} --help" if context else ""
    return f"{error.format_message()}{where}"


def _say(line: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"vungxanh: {' '.join(line.split())}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    main()
