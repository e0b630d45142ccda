"""Settings: where they come from, which wins, and what is said of a wrong one."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from alerts.messages.links import AckClaim
from alerts.notifying.rules import NotifyRules
from vungxanh.commands.config import as_toml, values
from vungxanh.errors import SettingsError
from vungxanh.notify_use import ack_links
from vungxanh.settings import Settings
from vungxanh.settings_reference import settings_reference
from vungxanh.settings_sources import Given, KeyPath, load_settings
from vungxanh.settings_use import (
    monitor_rules,
    notify_rules,
    worker_settings,
    working_calendar,
)

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
        ("POLICY__RECOVER_MARGIN", "0.11", "policy.recover_margin", "at most 0.10"),
        ("POLICY__RECOVER_MARGIN", "-0.01", "policy.recover_margin", "between 0 and 1"),
        ("NOTIFY__BASE_URL", "example.gov.vn", "notify.base_url", "http:// or https://"),
        ("NOTIFY__BASE_URL", "https:///x", "notify.base_url", "http:// or https://"),
        ("NOTIFY__BASE_URL", "https://h:port", "notify.base_url", "http:// or https://"),
        ("NOTIFY__LINK_EXPIRES", "0", "notify.link_expires", "from 1m to 90d"),
        ("NOTIFY__LINK_EXPIRES", "91d", "notify.link_expires", "from 1m to 90d"),
        ("NOTIFY__QUIET_HOURS", "maybe", "notify.quiet_hours", "true or false"),
        ("NOTIFY__URGENT", "opened,burning", "notify.urgent", "a list of: opened, worsened"),
        ("NOTIFY__GROUP_WAIT", "25h", "notify.group_wait", "at most 1d"),
        ("NOTIFY__RATE_LIMIT", "0", "notify.rate_limit", "1 to 10000"),
        ("NOTIFY__FLAPPING_OPENINGS", "0", "notify.flapping_openings", "1 to 1000"),
        ("NOTIFY__FLAPPING_PERIOD", "0", "notify.flapping_period", "from 1m to 30d"),
        ("NOTIFY__ESCALATE_AFTER", "4", "notify.escalate_after", "10m"),
        ("NOTIFY__WARN_DAYS", "21", "notify.warn_days", "0 to 20"),
        ("NOTIFY__DIGEST_AT", "7:15", "notify.digest_at", "07:15"),
        ("NOTIFY__DIGEST_AT", "24:00", "notify.digest_at", "07:15"),
        ("NOTIFY__SMTP_PORT", "0", "notify.smtp_port", "from 1 to 65535"),
        ("NOTIFY__SMTP_SECURITY", "ssl", "notify.smtp_security", "starttls, tls or none"),
        ("NOTIFY__SMTP_SENDER", "Vùng xanh", "notify.smtp_sender", "an address"),
        ("NOTIFY__SMTP_SENDER", "a@b.vn\nBcc: c@d.vn", "notify.smtp_sender", "an address"),
        ("NOTIFY__ALERTMANAGER_URLS", "http://a:9093,b", "notify.alertmanager_urls", "a list of"),
        ("CALENDAR__COUNTRY", "NL", "calendar.country", "VN"),
        ("CALENDAR__HOURS", "07:00-11:30,11:00-17:00", "calendar.hours", "spans in order"),
        ("CALENDAR__HOURS", "7-11", "calendar.hours", "such as 07:00-11:30"),
        ("CALENDAR__HOURS", "", "calendar.hours", "such as 07:00-11:30"),
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
        assert repr(value)[1:-1].partition(",")[0] in said


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


def test_every_path_in_a_file_is_meant_from_there(tmp_path: Path) -> None:
    text = """
    [notify]
    recipients = "r.toml"
    templates = "t"
    [calendar]
    files = ["a-2027.toml", "/etc/b-2028.toml"]
    """
    settings = from_toml(tmp_path, text)

    assert settings.notify.recipients == tmp_path / "r.toml"
    assert settings.notify.templates == tmp_path / "t"
    assert settings.calendar.files == (tmp_path / "a-2027.toml", Path("/etc/b-2028.toml"))
    commas = from_toml(tmp_path, '[calendar]\nfiles = "a-2027.toml, b-2028.toml"\n')
    assert commas.calendar.files == (tmp_path / "a-2027.toml", tmp_path / "b-2028.toml")
    assert "calendar.files" in error_of(tmp_path, "[calendar]\nfiles = 2027\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "hush!"),
        ("BASE_URL", "https://user:hush!@h"),
        ("ALERTMANAGER_URLS", "http://a,http://user:hush!@h"),
    ],
)
def test_what_may_hold_a_secret_is_masked_where_it_is_wrong(
    tmp_path: Path, name: str, value: str
) -> None:
    said = error_of(tmp_path, **{f"VUNGXANH_NOTIFY__{name}": value})

    assert said.startswith(f"notify.{name.lower()} = *** (variable")
    assert "hush!" not in said


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


def test_telling_people_is_off_until_a_file_names_them(tmp_path: Path) -> None:
    settings = load_settings(None, {}, folder=tmp_path).settings
    notify = settings.notify

    assert (notify.recipients, notify.templates, notify.secret) == (None, None, None)
    assert notify.base_url == "http://127.0.0.1:8080"
    assert (notify.smtp_host, notify.smtp_port, notify.smtp_security) == (None, 587, "starttls")
    assert notify.digest_at == 7 * 60 + 15
    assert settings.calendar.hours == ("07:00-11:30", "13:30-17:00")


def test_the_notifier_s_own_defaults_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = load_settings(None, {}, folder=tmp_path).settings

    assert notify_rules(settings) == NotifyRules()


def test_the_notifier_is_told_what_the_settings_say(tmp_path: Path) -> None:
    text = """
    [policy]
    stale_after = "36500d"
    [notify]
    quiet_hours = false
    urgent = ["worsened", "warned"]
    group_wait = "5m"
    rate_limit = 7
    flapping_openings = 2
    flapping_period = "12h"
    escalate_after = 0
    reminders = false
    inhibit_children = true
    digest_at = "13:05"
    """
    day = 24 * 60 * 60 * 1000

    assert notify_rules(from_toml(tmp_path, text)) == NotifyRules(
        quiet_hours=False,
        urgent=frozenset({"worsened", "warned"}),
        group_wait=300_000,
        rate_limit=7,
        flapping_openings=2,
        flapping_period=day // 2,
        escalate_after=0,
        reminders=False,
        inhibit_children=True,
        digest_minutes=13 * 60 + 5,
        digest_latest=13 * 60 + 5,  # a digest of the afternoon is not too late for itself
        stale_after=36_500 * day,
    )


def test_lists_and_times_of_telling_as_variables(tmp_path: Path) -> None:
    settings = from_toml(
        tmp_path,
        "",
        VUNGXANH_NOTIFY__URGENT="opened, health",
        VUNGXANH_NOTIFY__ALERTMANAGER_URLS='["http://a:9093/","https://b/am"]',
        VUNGXANH_NOTIFY__DIGEST_AT="06:00",
        VUNGXANH_NOTIFY__SMTP_HOST="",
        VUNGXANH_CALENDAR__HOURS="08:00-12:00, 13:00-17:00",
    )

    assert settings.notify.urgent == ("opened", "health")
    assert settings.notify.alertmanager_urls == ("http://a:9093", "https://b/am")
    assert settings.notify.digest_at == 360
    assert settings.notify.smtp_host is None
    assert working_calendar(settings).hours == ((480, 720), (780, 1020))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('smtp_host = "h"', "notify.smtp_sender is missing; allowed: an address, with"),
        (
            'smtp_username = "u"',
            "notify.smtp_password is missing; allowed: a text, with notify.smtp_username",
        ),
        (
            'smtp_password = "hush!"',
            "notify.smtp_username is missing; allowed: a text, with notify.smtp_password",
        ),
        (
            'smtp_username = "u"\nsmtp_password = "hush!"\nsmtp_security = "none"',
            "notify.smtp_security = 'none' (file",
        ),
    ],
)
def test_settings_of_e_mail_that_do_not_go_together(tmp_path: Path, text: str, said: str) -> None:
    found = error_of(tmp_path, f"[notify]\n{text}\n")

    assert found.startswith(said)
    assert "hush!" not in found


def test_a_margin_is_of_the_policy_of_a_unit_too(tmp_path: Path) -> None:
    text = '[policy]\nrecover_margin = 0.02\n[policy.units."A"]\nrecover_margin = 0\n'

    rules = monitor_rules(from_toml(tmp_path, text))

    assert rules.policy.recover_margin == Fraction(1, 50)
    assert rules.policy_of("A").recover_margin == 0
    plain = monitor_rules(load_settings(None, {}, folder=tmp_path / "none").settings)
    assert plain.policy.recover_margin == 0
    assert plain.policy.digest == rules.policy_of("A").digest  # a margin of 0 is none


def test_a_unit_s_own_green_and_the_margin_of_the_province(tmp_path: Path) -> None:
    text = '[policy]\nrecover_margin = 0.05\n[policy.units."A"]\ngreen = 0.98\n'

    said = error_of(tmp_path, text)

    assert said.startswith("policy.units.A.green = '0.98' (file")
    assert "at most 0.95" in said


@pytest.mark.parametrize("days", [0, 7])
def test_how_far_an_outlook_looks_ahead(tmp_path: Path, days: int) -> None:
    settings = from_toml(tmp_path, f"[notify]\nwarn_days = {days}\n")

    rules = monitor_rules(settings)

    assert (rules.calendar, rules.warn_days) == (working_calendar(settings), days)


def test_a_year_file_of_one_s_own_stands_in_place_of_the_rule(tmp_path: Path) -> None:
    (tmp_path / "days-2027.toml").write_text("off = [2027-03-03]\nwork = [2027-03-06]\n")
    files = str(tmp_path / "days-2027.toml")

    own = working_calendar(from_toml(tmp_path, "", VUNGXANH_CALENDAR__FILES=files))
    plain = working_calendar(load_settings(None, {}, folder=tmp_path).settings)

    assert not own.is_working_day(date(2027, 3, 3))
    assert own.is_working_day(date(2027, 3, 6))
    assert plain.is_working_day(date(2027, 3, 3))
    assert own.version != plain.version


@pytest.mark.parametrize(
    ("names", "content", "said"),
    [
        (["days.toml"], "off = []", "does not end with a year"),
        (["days-2027.txt"], "off = []", "does not end with a year"),
        (["a-2027.toml", "b-2027.toml"], "off = []", "b-2027.toml is the second file of 2027"),
        (["a-2027.toml"], "off = [2026-01-01]", "a-2027.toml: off: 2026-01-01 is not of 2027"),
        (["a-2027.toml"], "off = [", "a-2027.toml: the calendar of 2027 is no TOML"),
        (["a-2027.toml"], "", "off: missing"),
        (["none-2027.toml"], None, "there is no file"),
        (["."], None, "does not end with a year"),
    ],
)
def test_a_wrong_year_file_is_named(
    tmp_path: Path, names: list[str], content: str | None, said: str
) -> None:
    for name in names:
        if content is not None:
            (tmp_path / name).write_text(content, "utf-8")
    files = ",".join(str(tmp_path / name) for name in names)
    settings = from_toml(tmp_path, "", VUNGXANH_CALENDAR__FILES=files)

    with pytest.raises(SettingsError, match=r"calendar\.files: ") as caught:
        working_calendar(settings)

    assert said in str(caught.value)


def test_a_secret_of_links_is_never_shown(tmp_path: Path) -> None:
    secret = "s" * 16
    in_force = load_settings(None, {"VUNGXANH_NOTIFY__SECRET": secret}, folder=tmp_path)

    assert secret not in as_toml(in_force)
    assert secret not in repr(in_force.settings)
    assert dict(values(in_force.settings))["notify", "secret"] == "***"
    links = ack_links(in_force.settings)
    assert links is not None
    claim = links.read(links.link("U/d/1", "head", 9).partition("token=")[2], 5)
    assert claim == AckClaim("U/d/1", "head", 9)


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
