"""The command line: a group that loads a command's module when it is asked for.

Every command takes `--config` and `--debug`, before its name or behind it.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from vungxanh.errors import DONE
from vungxanh.settings import Settings
from vungxanh.settings_sources import Given, KeyPath, SettingsInForce, load_settings

_MODULES = {
    "up": "all on this machine: Kafka, topics, one worker, page and metrics",
    "broker": "only the local Kafka and the topics",
    "worker": "one worker against the Kafka of the settings",
    "topics": "create or check the topics",
    "publish": "validate events of a file and send them",
    "status": "the units' latest figures and zones",
    "alerts": "incidents: their steps, who acknowledged, what is silenced, who was told",
    "notify": "try the way to a recipient",
    "dead-letters": "records that could not be used",
    "replay": "figures and incidents computed again from history",
    "explain": "the dossiers behind a figure, and the records that say so",
    "verify": "prove the sealed book, the steps and the history by each other",
    "book": "the sealed days; one of them with its proof, to be checked anywhere",
    "backtest": "what another policy would have done on the real history",
    "report": "the period's table by unit, to be handed over",
    "schema": "JSON Schemas and the AsyncAPI document",
    "config": "the settings in force and where each came from; check all that they name",
}


class Run:
    """What the options before and behind the command's name said: the settings to go by."""

    def __init__(self) -> None:
        self.config: Path | None = None
        self.debug = False

    def settings(self, **options: object) -> Settings:
        """The settings in force; `options` are keys with `__` for a dot, None where not given."""
        return self.in_force(**options).settings

    def in_force(self, **options: object) -> SettingsInForce:
        """As `settings`, with the origin of each."""
        given = {
            _path(name): Given(value, f"option --{_option_of(name)}")
            for name, value in options.items()
            if value is not None
        }
        return load_settings(self.config, os.environ, given)


def _path(name: str) -> KeyPath:
    return tuple(name.split("__"))


def _option_of(name: str) -> str:
    return _OPTIONS.get(name, name.rpartition("__")[2].replace("_", "-"))


_OPTIONS: Mapping[str, str] = {
    "http__port": "http-port",
    "kafka__bootstrap_servers": "kafka-port",
}


def run_of(context: click.Context) -> Run:
    """The one Run of a command line."""
    root = context.find_root()
    if not isinstance(root.obj, Run):
        root.obj = Run()
    return root.obj


def _take_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        run_of(context).config = value


def _take_debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        run_of(context).debug = True


_COMMON = (
    click.Option(
        ["--config"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_take_config,
        help="settings in place of vungxanh.toml in the working folder",
    ),
    click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_take_debug,
        help="show the traceback of an error",
    ),
)


class VungxanhCommand(click.Command):
    """A command with the options that every command has."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own, and `--config` and `--debug`."""
        return [*super().get_params(ctx), *_COMMON]


class VungxanhGroup(click.Group):
    """A group of commands, such as `alerts`."""

    command_class = VungxanhCommand

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own, and `--config` and `--debug`."""
        return [*super().get_params(ctx), *_COMMON]


class _Front(VungxanhGroup):
    """The front door: knows the names, imports what is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        module = importlib.import_module(f"vungxanh.commands.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_MODULES.items()))


@click.command(
    cls=_Front, name="vungxanh", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="vungxanh")
def cli() -> int:
    """Dossiers, on time, green: a streaming monitor for a province's dossiers."""
    return DONE


pass_run: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(
    Run, ensure=True
)
