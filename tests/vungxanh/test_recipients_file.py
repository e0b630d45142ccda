"""The recipients file: what it says, and what is said of what is wrong with it."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.recipients import ABOUT, Recipients
from streams.settings import Unit
from tests.profiles import steady
from vungxanh.errors import SettingsError
from vungxanh.recipients_file import RecipientsError, read_recipients, remarks

ROOT = Path(__file__).parents[2]
UNITS = (
    Unit("H47", "Quảng Nam", kind="province"),
    Unit("H47.502", "Tam Kỳ", parent_id="H47"),
    Unit("H47.503", "Hội An", parent_id="H47"),
)
TOKEN = "123456789:abcdefg_hijklmnop"
HEAD = """
[[recipients]]
id = "head-tam-ky"
role = "head"
units = ["H47.502"]
channels = ["email:tam-ky@example.gov.vn"]
"""


def read(folder: Path, text: str, **environ: str) -> Recipients:
    path = folder / "recipients.toml"
    path.write_text(text, "utf-8")
    return read_recipients(path, UNITS, environ)


def problems(folder: Path, text: str, **environ: str) -> tuple[str, ...]:
    with pytest.raises(RecipientsError) as caught:
        read(folder, text, **environ)
    assert all("\n" not in one for one in caught.value.problems)
    return caught.value.problems


def changed(line: str) -> str:
    """HEAD with one key put in place or added."""
    key = line.split("=", maxsplit=1)[0].strip()
    kept = [one for one in HEAD.splitlines() if one.split("=")[0].strip() != key]
    return "\n".join([*kept, line])


# -- what it says ----------------------------------------------------------------------------------


def test_what_is_left_out_is_as_the_role_has_it(tmp_path: Path) -> None:
    recipients = read(tmp_path, HEAD)

    [head] = recipients.everyone
    assert (head.recipient_id, head.role, head.units) == ("head-tam-ky", "head", ("H47.502",))
    assert (head.level, head.language, head.about) == (1, "vi", ABOUT["head"])
    [channel] = head.channels
    assert (channel.kind, channel.name, channel.target) == (
        "email",
        "email",
        "tam-ky@example.gov.vn",
    )
    assert recipients.parents == {"H47.502": "H47", "H47.503": "H47"}


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = f"""
    [[recipients]]
    id = "ops"
    role = "operations"
    units = ["*", "H47/*"]
    level = 2
    language = "en"
    about = ["health", "incidents"]
    channels = ["webhook:https://example.gov.vn/hook#secret=a%20b", "apprise:tgram://{TOKEN}/42/"]
    """
    [ops] = read(tmp_path, text).everyone

    assert (ops.level, ops.language, ops.about) == (2, "en", frozenset({"health", "incidents"}))
    assert [one.name for one in ops.channels] == ["webhook", "apprise:tgram"]
    assert ops.answers_for("H47.503", {"H47.503": "H47"})
    assert TOKEN not in repr(ops)


def test_a_variable_stands_for_a_token(tmp_path: Path) -> None:
    text = changed('channels = ["apprise:tgram://${TELEGRAM_TOKEN}/${CHAT}/"]')

    [head] = read(tmp_path, text, TELEGRAM_TOKEN=TOKEN, CHAT="42").everyone

    assert head.channels[0].target == f"tgram://{TOKEN}/42/"


def test_what_a_variable_holds_is_not_looked_at_again(tmp_path: Path) -> None:
    text = changed('channels = ["webhook:https://h/${A}"]')

    [head] = read(tmp_path, text, A="${B}", B="b").everyone

    assert head.channels[0].target == "https://h/${B}"


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "recipients.md").read_text("utf-8")
    example = text.split("```toml\n")[1].split("```")[0]

    recipients = read(tmp_path, example, TELEGRAM_TOKEN=TOKEN, HOOK_SECRET="s3cret")

    roles = {one.role for one in recipients.everyone}
    assert roles == {"head", "superior", "operations"}
    assert {channel.kind for one in recipients.everyone for channel in one.channels} == {
        "email",
        "webhook",
        "apprise",
    }


# -- what is wrong with it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('role = "boss"', "role = 'boss' is wrong; allowed: head, superior, operations"),
        ("role = 1", "role = 1 is wrong"),
        ("role = []", "role = [] is wrong"),
        ("units = []", "units = [] is wrong"),
        ('units = "H47.502"', "units = 'H47.502' is wrong; allowed: a list"),
        ('units = ["H47 502"]', "units = ['H47 502'] is wrong"),
        ('units = ["H47*"]', "units = ['H47*'] is wrong"),
        ('units = ["/*"]', "units = ['/*'] is wrong"),
        ("units = [1]", "units = [1] is wrong"),
        ("level = 0", "level = 0 is wrong; allowed: a whole number from 1 to 9"),
        ("level = true", "level = True is wrong"),
        ("level = 1.0", "level = 1.0 is wrong"),
        ('language = "fr"', "language = 'fr' is wrong; allowed: vi, en"),
        ('about = ["weather"]', "allowed: a list of one or more of: incidents, forecasts"),
        ("about = []", "about = [] is wrong"),
        ("about = [[]]", "about = [[]] is wrong"),
        ('phone = "0905"', "phone is not a key; known: id, role, units, level"),
        ("channels = []", "channels = ... is wrong; allowed: a list"),
        ("channels = [1]", "channels = ... is wrong"),
        ('channels = ["sms:0905"]', "number 1 (...): begins with none of email:, webhook:"),
        ('channels = ["0905"]', "number 1 (...): begins with none of email:"),
        ('channels = ["email:"]', "number 1 (email:...): not an e-mail address"),
        ('channels = ["email:a@b.vn", "email:a@"]', "number 2 (email:...): not an e-mail"),
        ('channels = ["email:a@b.vn,c@d.vn"]', "not an e-mail address"),
        ('channels = ["email:a@b.vn\\nBcc: x@y.vn"]', "not an e-mail address"),
        ('channels = ["email:a@b.vn", "email:a@b.vn"]', "number 2 (email:...): it is there"),
        ('channels = ["webhook:ftp://h/x"]', "number 1 (webhook:...): no address with http"),
        ('channels = ["webhook:https://"]', "no address with http:// or https:// and a host"),
        ('channels = ["webhook:https://h:99999/"]', "no address with http"),
        ('channels = ["webhook:https://h/#token=x"]', "no address with http"),
        ('channels = ["apprise:nowhere://x"]', "number 1 (apprise:...): no URL that Apprise"),
        ('channels = ["apprise:tgram://x"]', "no URL that Apprise knows"),
        ('channels = ["apprise:"]', "no URL that Apprise knows"),
        ('channels = ["email:${MAIL}"]', "number 1 (email:...): the variable MAIL is not set"),
        ('channels = ["email:${}"]', "${...} holds no name of a variable"),
        ('channels = ["email:${a b}"]', "${...} holds no name of a variable"),
    ],
)
def test_one_line_names_recipient_key_value_and_what_is_allowed(
    tmp_path: Path, line: str, said: str
) -> None:
    [problem] = problems(tmp_path, changed(line))

    assert problem.startswith(f"{tmp_path / 'recipients.toml'}: recipient head-tam-ky: ")
    assert said in problem


@pytest.mark.parametrize("key", ["id", "role", "units", "channels"])
def test_what_is_missing_is_named(tmp_path: Path, key: str) -> None:
    text = "\n".join(one for one in HEAD.splitlines() if not one.startswith(key))

    [problem] = problems(tmp_path, text)

    assert problem.endswith(f": {key} is missing")
    assert ("number 1" in problem) == (key == "id")


@pytest.mark.parametrize("written", ['""', '"a b"', '"a|b"', '"Tam Kỳ"', "7"])
def test_an_id_is_part_of_keys(tmp_path: Path, written: str) -> None:
    [problem] = problems(tmp_path, changed(f"id = {written}"))

    assert ": recipient number 1: id = " in problem


def test_an_id_twice(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, HEAD + HEAD)

    assert problem.endswith("recipient head-tam-ky: id is there before")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "recipients is missing; allowed: one or more tables [[recipients]]"),
        ("recipients = 1", "recipients is missing"),
        ("recipients = [1]", "recipient number 1: is not a table"),
        ("recipients = []", "recipients is missing"),
        (HEAD + "[other]\n", "other is not a key of the file"),
        ("x = [", "is not TOML"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, text: str, said: str) -> None:
    [problem] = problems(tmp_path, text)

    assert said in problem
    assert "recipients.toml" in problem


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("id = 'Tam K\xff'".encode("latin-1"))
    for path, said in (
        (tmp_path / "none.toml", "there is no file"),
        (tmp_path, "cannot be read"),
        (tmp_path / "latin", "is not UTF-8 at byte 11"),
    ):
        with pytest.raises(SettingsError, match=said) as caught:
            read_recipients(path, UNITS, {})
        assert str(caught.value).startswith("notify.recipients: ")


def test_all_that_is_wrong_is_told_and_the_first_stands_for_it(tmp_path: Path) -> None:
    text = HEAD.replace("head-tam-ky", "x") + HEAD.replace('"head"', '"boss"').replace("@", "(at)")
    found = problems(tmp_path, text)

    assert len(found) == 2
    assert str(RecipientsError(found)).endswith("; and 1 more: see `vungxanh config check`")
    assert str(RecipientsError(found[:1])) == found[0]


class Log(logging.Handler):
    """What comes to the process's log; pytest's own also hears loggers that are cut off from it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record)


def test_neither_addresses_nor_tokens_are_told_or_logged(tmp_path: Path) -> None:
    root, log = logging.getLogger(), Log()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    written = [
        "sms:secret-1",
        "email:secret-1@secret-1@",
        "webhook:ftp://secret-1",
        "webhook:https://secret-1:x/",
        "apprise:tgram://secret-1",
        "apprise:secret-1://h",
        "apprise:json://h:x-secret-1",
        "webhook:https://${T}:port",
        "secret-1",
        "secret-1:x",
    ]
    for channel in written:
        [problem] = problems(tmp_path, changed(f'channels = ["{channel}"]'), T="secret-1")
        assert "secret-1" not in problem
    logging.getLogger("vungxanh").info("the end")
    root.removeHandler(log)
    root.setLevel(level)
    assert "the end" in log.text
    assert "secret-1" not in log.text


TOML_VALUES = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("*") | st.just("email:a@b"),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["id", "role", "units", "level", "language", "about", "channels", "x"]),
        TOML_VALUES,
    )
)
@steady(200)
def test_whatever_a_table_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    lines = [f"{name} = {_toml(value)}" for name, value in table.items()]
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join(["[[recipients]]", *lines]), "utf-8")
    assert tomllib.loads(path.read_text("utf-8"))["recipients"] == [table]
    try:
        [one] = read_recipients(path, UNITS, {}).everyone
    except RecipientsError:
        return
    assert one.units
    assert one.channels
    assert one.about


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        signs = "".join(f"\\U{ord(sign):08x}" for sign in value)
        return f'"{signs}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)


# -- remarks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('units = ["H47.502"]', ["units without a head to be told: H47, H47.503"]),
        ('units = ["H47/*"]', []),
        ('units = ["*"]', []),
        (
            'units = ["H47/*", "H47.999", "H99/*"]',
            [
                "recipient head-tam-ky: unit H47.999 is not in the units file",
                "recipient head-tam-ky: unit H99 is not in the units file",
            ],
        ),
        ('role = "superior"', ["units without a head to be told: H47, H47.502, H47.503"]),
        ('about = ["digest"]', ["units without a head to be told: H47, H47.502, H47.503"]),
    ],
)
def test_what_may_be_a_slip_is_a_remark(tmp_path: Path, line: str, said: list[str]) -> None:
    assert remarks(read(tmp_path, changed(line)), UNITS) == said


def test_without_a_units_file_no_unit_is_unlisted(tmp_path: Path) -> None:
    assert remarks(read(tmp_path, HEAD), ()) == []


def test_many_units_are_not_all_named(tmp_path: Path) -> None:
    units = [Unit(f"U{n}", "") for n in range(25)]

    unlisted, alone = remarks(read(tmp_path, changed('units = ["H47"]')), units)

    assert "H47 is not in the units file" in unlisted
    assert alone.endswith("U8, U9 and 15 more")
