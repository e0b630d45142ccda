"""`vungxanh backtest` from a file: what happened, and what other policies would have done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.streams.feed import make_feed
from tests.vungxanh.conftest import Command

EVENT = (
    b'{"event_id":"a","type":"received","occurred_at":"2024-01-10T08:00:00+07:00",'
    b'"dossier_id":"D","unit_id":"U","due_at":"2024-01-11"}'
)
RECEIPT = Path(__file__).parents[1] / "data" / "receipt" / "events.jsonl.gz"


def policy(folder: Path, name: str = "other", text: str = "[policy]\n") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A small feed in which units leave green and come back."""
    lines = dict.fromkeys(one.value for one in make_feed(5, dossiers=300, units=3, days=40).sent)
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"\n".join(lines))
    return file


def incidents_of(steps: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    closed = {one["incident_id"]: one["at"] for one in steps if one["kind"] == "closed"}
    return [
        (one["incident_id"], one["at"], closed.get(one["incident_id"]))
        for one in steps
        if one["kind"] == "opened"
    ]


def told_of(told: dict[str, Any], place: int) -> list[tuple[str, str, str | None]]:
    listed = [one for unit in told["units"] for one in unit["policies"][place]["list"]]
    return sorted((one["incident_id"], one["opened"], one["closed"]) for one in listed)


def test_todays_policy_gives_exactly_the_incidents_that_happened(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "vungxanh.toml").write_text(
        'timezone = "Europe/Amsterdam"\n[policy]\nmin_sample = 5\n'
        '[policy.units."WABO.R11"]\nhold = "2d"\n'
    )
    replayed = command("replay", "--alerts", "--input", RECEIPT, "--format", "json")
    happened = sorted(incidents_of([json.loads(line) for line in replayed.lines]))
    assert len(happened) > 40

    words = ["backtest", "--policy", policy(tmp_path), "--input", RECEIPT, "--format", "json"]
    outcome = command(*words)

    assert (outcome.code, outcome.err) == (0, "")
    told = json.loads(outcome.out)
    assert told_of(told, 0) == told_of(told, 1) == happened
    in_force, same = told["policies"]
    assert same == {**in_force, "name": "other"}
    assert same["kept"] == same["incidents"] == len(happened)
    assert (same["gained"], same["lost"], same["moved"]) == (0, 0, 0)


def test_several_policies_side_by_side(command: Command, tmp_path: Path, feed: Path) -> None:
    slow = policy(tmp_path, "slow", '[policy]\nhold = "3d"\n')
    strict = policy(tmp_path, "strict", '[policy]\ndefinition = "strict@1"\ngreen = 0.95\n')
    words = ["backtest", "--policy", slow, "--policy", strict, "--input", feed]
    words += ["--unit", "U000", "--from", "2025-01-20", "--to", "2025-02-28"]
    outcome = command(*words, POLICY__MIN_SAMPLE=5, POLICY__WINDOW="7d")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.lines[0].startswith("from 2025-01-20 00:00:00 to 2025-02-")
    assert outcome.lines[2].split() == ["in", "force", "slow", "strict"]
    assert "U000" in outcome.out
    assert "U001" not in outcome.out
    assert "the other opened" in outcome.out


@pytest.mark.parametrize(("form", "language"), [("text", "vi"), ("html", "vi"), ("html", "en")])
def test_output_goes_to_a_file(
    command: Command, tmp_path: Path, feed: Path, form: str, language: str
) -> None:
    words = ["backtest", "--policy", policy(tmp_path), "--input", feed, "--format", form]
    printed = command(*words, "--language", language)
    written = command(*words, "--language", language, "--output", "out")
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert (tmp_path / "out").read_text("utf-8") == printed.out
    if form == "html":
        assert f'<html lang="{language}">' in printed.out
        assert "--input feed.jsonl" in printed.out
        assert str(tmp_path) not in printed.out
    else:
        assert "no incident is gained, lost or moved" in printed.out


def test_the_command_on_the_page_names_the_settings(
    command: Command, tmp_path: Path, feed: Path
) -> None:
    (tmp_path / "there").mkdir()
    config = policy(tmp_path / "there", "province", "[policy]\nmin_sample = 5\n")
    words = ["--policy", policy(tmp_path), "--input", feed, "--format", "html"]
    page = command("backtest", "--config", config, *words).out
    assert "vungxanh backtest --config province.toml --policy other.toml" in page
    assert "--config" not in command("backtest", *words).out


def test_bad_lines_are_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "feed.jsonl").write_bytes(b"{\n" + EVENT)
    outcome = command("backtest", "--policy", policy(tmp_path), "--input", "feed.jsonl")
    assert outcome.code == 1
    assert outcome.err.startswith("line 1: not_json")


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        ([], "[policy]\ngren = 1", "policy.gren (--policy other.toml)"),
        ([], "[policy]\ngreen = 7", "policy.green = 7 (--policy other.toml)"),
        (["--from", "soon"], "[policy]", "--from: 'soon'"),
        (["--from", "2011-02-30"], "[policy]", "--from: '2011-02-30'"),
        (
            ["--from", "2011-02-02", "--to", "2011-02-01"],
            "[policy]",
            "--to: 2011-02-01 is not after",
        ),
        (["--unit", "nobody"], "[policy]", "--unit: the history has no event of unit nobody"),
        (
            ["--unit", "U", "--to", "2024-01-09"],
            "[policy]",
            "--to: 2024-01-09 is before the beginning of the history, which goes from "
            "2024-01-10 08:00:00 to 2024-01-10 08:00:00",
        ),
        (
            ["--from", "2024-01-11"],
            "[policy]",
            "--from: 2024-01-11 is after the end of the history, which goes from "
            "2024-01-10 08:00:00 to 2024-01-10 08:00:00",
        ),
        (
            ["--unit", "nobody", "--to", "2024-01-10"],
            "[policy]",
            "--unit: the history has no event of unit nobody up to --to 2024-01-10",
        ),
        (["--output", "none/x"], "[policy]", "--output none/x: cannot be written"),
        (["--policy", "none.toml"], "[policy]", "--policy: there is no file none.toml"),
    ],
)
def test_wrong_use(
    command: Command, tmp_path: Path, words: list[str], text: str, said: str
) -> None:
    policy(tmp_path, text=text)
    (tmp_path / "feed.jsonl").write_bytes(EVENT)
    outcome = command("backtest", "--policy", "other.toml", "--input", "feed.jsonl", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_history_without_events_is_nothing_to_try(
    command: Command, tmp_path: Path, form: str
) -> None:
    words = ["backtest", "--policy", policy(tmp_path), "--input", "feed.jsonl", "--format", form]
    (tmp_path / "feed.jsonl").write_bytes(b"")
    outcome = command(*words)
    assert (outcome.code, outcome.out) == (2, "")
    said = "vungxanh: the history has no event that can be used: there is nothing to try"
    assert outcome.err.splitlines() == [said]
    (tmp_path / "feed.jsonl").write_bytes(b"{")
    outcome = command(*words)
    assert outcome.code == 2
    assert outcome.err.startswith("line 1: not_json")
    assert outcome.err.splitlines()[-1] == said


def test_what_is_open_at_the_end_of_the_period_is_not_closed(
    command: Command, tmp_path: Path
) -> None:
    """It was closed in July; and an incident from before the period is a number of its own."""
    slow = policy(tmp_path, "slow", '[policy]\nwindow = "90d"\ngreen = 0.95\nmin_sample = 10\n')
    words = ["backtest", "--policy", slow, "--input", RECEIPT, "--unit", "WABO.R11"]
    words += ["--from", "2011-05-01", "--to", "2011-05-31"]
    outcome = command(*words, TIMEZONE="Europe/Amsterdam")
    rows = [line.split() for line in outcome.lines]
    assert ["Incidents", "opened", "4", "0"] in rows
    assert ["of", "them", "not", "closed", "1", "0"] in rows
    assert ["Open", "already", "at", "the", "beginning", "1", "1"] in rows
    assert ["of", "them", "not", "closed", "0", "1"] in rows
    assert ["WABO.R11", "slow", "0", "1", "0", "4"] in [row[:6] for row in rows]
    assert "is a number of its own" in " ".join(outcome.out.split())


def test_a_units_own_policy_is_shown(command: Command, tmp_path: Path, feed: Path) -> None:
    (tmp_path / "vungxanh.toml").write_text('[policy.units."U001"]\nhold = "2d"\n')
    own = policy(tmp_path, "own", '[policy]\nmin_sample = 9\n[policy.units."U000"]\nwindow="7d"')
    words = ["backtest", "--policy", own, "--input", feed]
    outcome = command(*words)
    lines = [" ".join(line.split()) for line in outcome.lines]
    told = {" ".join(line.split(";")[0].split()) for line in outcome.lines if "in place of" in line}
    assert told == {
        "U000 own Window 7d in place of 30d",
        "U001 in force Hold to open 2 d in place of 10 min",
        "U001 own Hold to open 2 d in place of 10 min",
    }
    assert "Window 30d 30d" in lines
    assert any(line.startswith("U000 own (own) ") for line in lines)
    assert not any("U002 own (own)" in line for line in lines)

    outcome = command(*words, "--unit", "U000")
    lines = [" ".join(line.split()) for line in outcome.lines]
    assert "Policy of all units U000 alone" in lines
    assert "Window 30d 7d" in lines


def test_a_file_named_as_the_policy_in_force_goes_by_its_whole_name(
    command: Command, tmp_path: Path, feed: Path
) -> None:
    words = ["backtest", "--input", feed, "--format", "json"]
    for name in ("in force", "In force", "Đang áp dụng", "other"):
        words += ["--policy", policy(tmp_path, name)]
    told = json.loads(command(*words).out)
    names = ["in force", "in force.toml", "In force.toml", "Đang áp dụng.toml", "other"]
    assert [one["name"] for one in told["policies"]] == names
