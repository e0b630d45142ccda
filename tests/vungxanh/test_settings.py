"""Settings: where they come from, which wins, and what is said of a wrong one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vungxanh.commands.config import as_toml, values
from vungxanh.errors import SettingsError
from vungxanh.settings import Settings
from vungxanh.settings_reference import settings_reference
from vungxanh.settings_sources import Given, KeyPath, load_settings
from vungxanh.settings_use import monitor_rules, worker_settings

ROOT = Path(__file__).parents[2]


def from_toml(folder: Path, text: str, **variables: str) -> Settings:
    (folder / "vungxanh.toml").write_text(text, "utf-8")
    return load_settings(None, variables, folder=folder).settings


def error_of(folder: Path, text: str = "", **variables: str) -> str:
    with pytest.raises(SettingsError) as caught:
        from_toml(folder, text, **variables)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings(None, {}, folder=tmp_path).settings

    assert settings.timezone == "Asia/Ho_Chi_Minh"
    assert settings.windows == ("7d", "30d", "90d", "365d", "half")
    assert settings.clock == "wall"
    assert settings.http.port == 8080
    assert settings.policy.definition == "resolved@1"
    assert settings.policy.window == "30d"
    assert settings.policy.min_sample == 20
    assert settings.policy.hold == settings.policy.recover_hold == 600_000  # ms
    assert settings.kafka.bootstrap_servers == ("127.0.0.1:19092",)


def test_variables_win_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    (tmp_path / "vungxanh.toml").write_text("[http]\nport = 1\nhost = 'h'\n[policy]\nhold = '1m'\n")
    variables = {"VUNGXANH_HTTP__PORT": "2", "VUNGXANH_POLICY__HOLD": "2m", "OTHER": "x"}
    options: dict[KeyPath, Given] = {("http", "port"): Given(3, "option --http-port")}

    in_force = load_settings(None, variables, options, tmp_path)

    assert in_force.settings.http.port == 3
    assert in_force.settings.policy.hold == 120_000
    assert in_force.settings.http.host == "h"
    assert in_force.origin(("http", "port")) == "option --http-port"
    assert in_force.origin(("policy", "hold")) == "variable VUNGXANH_POLICY__HOLD"
    assert in_force.origin(("http", "host")) == f"file {tmp_path / 'vungxanh.toml'}"
    assert in_force.origin(("clock",)) == "default"


@pytest.mark.parametrize("written", ["0.9", "0.90", '"0.90"', "9e-1"])
def test_a_share_is_exactly_what_was_written(tmp_path: Path, written: str) -> None:
    rules = monitor_rules(from_toml(tmp_path, f"[policy]\ngreen = {written}\n"))

    assert rules.policy.green == Fraction(9, 10)


def test_the_policy_is_the_same_however_a_share_is_written(tmp_path: Path) -> None:
    short = monitor_rules(from_toml(tmp_path, "[policy]\ngreen = 0.9\n"))
    long = monitor_rules(from_toml(tmp_path, "[policy]\ngreen = 0.9000\n"))

    assert short.policy.digest == long.policy.digest


def test_lists_are_json_or_have_commas(tmp_path: Path) -> None:
    commas = from_toml(tmp_path, "", VUNGXANH_WINDOWS="30d, half")
    as_json = from_toml(tmp_path, "", VUNGXANH_WINDOWS='["30d","half"]')

    assert commas.windows == as_json.windows == ("30d", "half")


def test_a_unit_has_a_policy_of_its_own(tmp_path: Path) -> None:
    text = '[policy]\nmin_sample = 7\n[policy.units."H47.502"]\ngreen = 0.95\nhold = 0\n'

    rules = monitor_rules(from_toml(tmp_path, text))

    own = rules.policy_of("H47.502")
    assert (own.green, own.hold, own.min_sample) == (Fraction(19, 20), 0, 7)
    assert rules.policy_of("H47.503") is rules.policy


def test_a_unit_s_policy_as_a_variable(tmp_path: Path) -> None:
    name = "VUNGXANH_POLICY__UNITS__H47.502__MIN_SAMPLE"

    rules = monitor_rules(from_toml(tmp_path, "", **{name: "5"}))

    assert rules.policy_of("H47.502").min_sample == 5


def test_a_table_as_a_variable_in_json(tmp_path: Path) -> None:
    table = '{"green": 0.95, "units": {"A": {"yellow": 0.5}}}'

    rules = monitor_rules(from_toml(tmp_path, "", VUNGXANH_POLICY=table))

    assert rules.policy.green == Fraction(19, 20)
    assert rules.policy_of("A").yellow == Fraction(1, 2)


@pytest.mark.parametrize(
    ("name", "value", "key", "allowed"),
    [
        ("POLICY__GREEN", "2", "policy.green", "between 0 and 1"),
        ("POLICY__GREEN", "nan", "policy.green", "between 0 and 1"),
        ("POLICY__GREEN", "true", "policy.green", "between 0 and 1"),
        ("POLICY__GREEN", "0.7", "policy.green", "at least yellow, which is 0.80"),
        ("POLICY__YELLOW", "0.95", "policy.yellow", "at most green, which is 0.90"),
        ("POLICY__MIN_SAMPLE", "-1", "policy.min_sample", "from 0"),
        ("POLICY__MIN_SAMPLE", "many", "policy.min_sample", "from 0"),
        ("POLICY__HOLD", "10", "policy.hold", "10m"),
        ("POLICY__HOLD", "-10m", "policy.hold", "10m"),
        ("POLICY__DEFINITION", "resolved", "policy.definition", "resolved@1 or strict@1"),
        ("POLICY__WINDOW", "month1", "policy.window", "month, quarter, half, year"),
        ("WINDOWS", "30d,30d", "windows", "a list, each once, of"),
        ("WINDOWS", "", "windows", "a list, each once, of"),
        ("TIMEZONE", "Asia/Saigon2", "timezone", "IANA"),
        ("TIMEZONE", "Asia", "timezone", "IANA"),
        ("CLOCK", "sundial", "clock", "wall or records"),
        ("HTTP__PORT", "70000", "http.port", "65535"),
        ("KAFKA__BOOTSTRAP_SERVERS", "nowhere", "kafka.bootstrap_servers", "host:port"),
        ("KAFKA__BOOTSTRAP_SERVERS", "a:1,b:0", "kafka.bootstrap_servers", "host:port"),
        ("KAFKA__SECURITY_PROTOCOL", "SASL_SSL", "kafka.sasl_username", "a text"),
        ("TOPICS__PREFIX", "a b", "topics.prefix", "letters"),
        ("TOPICS__PARTITIONS", "0", "topics.partitions", "1 to 1000"),
        ("TOPICS__DEAD_LETTER_RETENTION", "36h", "topics.dead_letter_retention", "whole days"),
        ("DUE_SOON", "soon", "due_soon", "24h"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(
    tmp_path: Path, name: str, value: str, key: str, allowed: str
) -> None:
    said = error_of(tmp_path, **{f"VUNGXANH_{name}": value})

    assert said.startswith(f"{key} ")
    assert allowed in said
    if "sasl" not in key:
        assert f"VUNGXANH_{name}" in said
        assert value.partition(",")[0] in said


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[policy]\ngren = 1\n", ["policy.gren", "did you mean policy.green"]),
        ("polcy = 1\n", ["polcy"]),
        ('[policy.units."A"]\nstale = 1\n', ["policy.units.A.stale", "policy.units.A.green"]),
        ("policy = 1\n", ["policy", "table"]),
        ("[http.port]\nx = 1\n", ["http.port"]),
        ("x = [", ["not TOML", "vungxanh.toml"]),
    ],
)
def test_what_is_unknown_in_the_file_is_named(tmp_path: Path, text: str, names: list[str]) -> None:
    said = error_of(tmp_path, text)

    assert all(name in said for name in names), said


def test_an_unknown_variable_is_named(tmp_path: Path) -> None:
    said = error_of(tmp_path, VUNGXANH_POLICY__GREN="1")

    assert "VUNGXANH_POLICY__GREN" in said


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    in_force = load_settings(None, {"VUNGXANH_KAFKA__SASL_PASSWORD": "hush!"}, folder=tmp_path)

    assert "hush!" not in as_toml(in_force)
    assert dict(values(in_force.settings))["kafka", "sasl_password"] == "***"
    assert "hush!" not in repr(in_force.settings)
    assert "hush!" not in repr(worker_settings(in_force.settings))
    assert worker_settings(in_force.settings).kafka.sasl_password == "hush!"
    assert "hush!" not in error_of(tmp_path, "[kafka]\nsasl_password = ['hush!']\n")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_path_in_a_file_is_meant_from_there(tmp_path: Path) -> None:
    settings = from_toml(tmp_path, "units = 'u.csv'\n")

    assert settings.units == tmp_path / "u.csv"


def test_what_config_prints_as_toml_gives_the_same_settings(tmp_path: Path) -> None:
    text = '[policy]\nhold = "90s"\ngreen = 0.905\n[policy.units."H47.502"]\nyellow = 0.5\n'
    (tmp_path / "a.toml").write_text(text, "utf-8")
    first = load_settings(tmp_path / "a.toml", {})

    (tmp_path / "b.toml").write_text(as_toml(first), "utf-8")

    assert load_settings(tmp_path / "b.toml", {}).settings == first.settings


def test_the_worker_is_told_what_the_settings_say(tmp_path: Path) -> None:
    text = "[kafka]\nsession_timeout = '20s'\n[topics]\nprefix = 'p-'\ndead_letter_retention='7d'\n"

    told = worker_settings(from_toml(tmp_path, text))

    assert (told.prefix, told.dead_letter_days, told.session_timeout_ms) == ("p-", 7, 20_000)
    assert told.transaction_timeout_ms > told.session_timeout_ms


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_reference()


@pytest.mark.parametrize(
    "line",
    [
        "windows = [7, 30]",
        "[policy]\nwindow = 30",
        "[policy]\nwindow = true",
        "[policy]\ndefinition = []",
        "[policy]\ndefinition = {a = 1}",
        "[policy]\nmin_sample = 99999999999999999999",
        "[policy]\nmin_sample = 1e400",
        "[policy.units.A]\nwindow = 5",
        '[http]\nhost = "\\n"',
    ],
)
def test_a_value_of_a_wrong_type_is_a_wrong_value(line: str, tmp_path: Path) -> None:
    assert "allowed" in error_of(tmp_path, line)
