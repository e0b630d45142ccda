"""The command line: exit codes, errors of one line, settings shown."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vungxanh.conftest import Command
from vungxanh.local_kafka import free_port

COMMANDS = (
    *("up", "broker", "worker", "topics", "publish", "status", "alerts", "dead-letters"),
    *("replay", "schema", "config", "notify"),
)


def test_help_names_every_command(command: Command) -> None:
    outcome = command("--help")

    assert outcome.code == 0
    assert [name for name in COMMANDS if f"  {name} " not in outcome.out] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_the_common_options(command: Command, name: str) -> None:
    outcome = command(name, "--help")

    assert outcome.code == 0
    assert "--config FILE" in outcome.out
    assert "--debug" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "frobnicate"),
        (["config", "--frobnicate"], "--frobnicate"),
        (["publish"], "FILE"),
        (["publish", "none.jsonl", "--dry-run"], "none.jsonl"),
        (["publish", "-", "--arrival", "tomorrow"], "tomorrow"),
        (["publish", "-", "--shift-to", "tomorrow"], "tomorrow"),
        (["publish", "-", "--speed", "0"], "--speed"),
        (["config", "--config", "none.toml"], "none.toml"),
        (["replay", "--input", "none.jsonl"], "none.jsonl"),
        (["replay", "--as-of", "2023-06-30"], "2023-06-30"),
        (["replay", "--as-of", "2023-06-30T00:00:00"], "offset"),
        (["replay", "--window", "1w"], "1w"),
        (["replay", "--definition", "mine@1"], "resolved@1"),
        (["dead-letters", "redrive"], "--all"),
        (["dead-letters", "redrive", "x"], "3-17"),
        (["dead-letters", "redrive", "0-1", "--all"], "--all"),
        (["dead-letters", "redrive", "--all", "--value-file", "x"], "one ID"),
        (["schema", "nonsense"], "nonsense"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(
    command: Command, arguments: list[str], said: str
) -> None:
    outcome = command(*arguments)

    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("vungxanh: ")
    assert said in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    "arguments",
    [["topics"], ["status"], ["alerts", "list"], ["dead-letters", "list"], ["replay"], ["worker"]],
)
def test_without_kafka_one_line_and_code_3(arguments: list[str], tmp_path: Path) -> None:
    """In a process of its own: the worker takes over logging and signals."""
    address = f"127.0.0.1:{free_port()}"
    ended = subprocess.run(
        [sys.executable, "-m", "vungxanh", *arguments],
        cwd=Path(__file__).parents[2],
        env={"VUNGXANH_KAFKA__BOOTSTRAP_SERVERS": address, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert address in ended.stderr


def test_a_wrong_setting_stops_every_command(command: Command) -> None:
    outcome = command("topics", POLICY__GREEN="11")

    assert outcome.code == 2
    assert outcome.err.startswith("vungxanh: policy.green = '11' (variable VUNGXANH_POLICY__GREEN)")


def test_a_traceback_only_with_debug(command: Command) -> None:
    assert "Traceback" not in command("config", HTTP__PORT="x").err
    assert "Traceback" in command("config", "--debug", HTTP__PORT="x").err


@pytest.mark.parametrize("place", ["before", "behind"])
def test_config_may_stand_before_and_behind_the_command(
    command: Command, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "other.toml"
    file.write_text("clock = 'records'\n", "utf-8")
    option = ["--config", str(file)]

    arguments = [*option, "config"] if place == "before" else ["config", *option]
    outcome = command(*arguments, "--format", "csv")

    assert f"clock,records,file {file},–" in outcome.lines


def test_config_says_where_a_value_came_from(command: Command, tmp_path: Path) -> None:
    (tmp_path / "vungxanh.toml").write_text("[policy]\nyellow = 0.5\n", "utf-8")

    outcome = command("config", "--format", "csv", POLICY__MIN_SAMPLE=5)

    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(outcome.out))}
    assert rows["policy.min_sample"]["value"] == "5"
    assert rows["policy.min_sample"]["origin"] == "variable VUNGXANH_POLICY__MIN_SAMPLE"
    assert rows["policy.yellow"]["origin"] == "file vungxanh.toml"
    assert rows["policy.green"] == {
        "key": "policy.green",
        "value": "0.90",
        "origin": "default",
        "unit": "share",
    }


def test_config_as_json_lines(command: Command) -> None:
    rows = [json.loads(line) for line in command("config", "--format", "json").lines]

    assert {row["key"]: row["value"] for row in rows}["windows"] == [
        "7d",
        "30d",
        "90d",
        "365d",
        "half",
    ]


def test_schema_writes_files(command: Command, tmp_path: Path) -> None:
    outcome = command("schema", "--out", tmp_path / "s")

    assert outcome.code == 0
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "action.schema.json",
        "alert.schema.json",
        "asyncapi.html",
        "asyncapi.json",
        "book.schema.json",
        "dead-letter.schema.json",
        "event.schema.json",
        "notification.schema.json",
        "outlook.schema.json",
        "status.schema.json",
    ]


def test_schema_prints_one(command: Command) -> None:
    assert json.loads(command("schema", "event").out)["title"] == "A lifecycle event of a dossier"
    assert json.loads(command("schema").out)["asyncapi"] == "3.0.0"
