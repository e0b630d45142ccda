"""The people file: read, or told in one line what is wrong, and never a hash in it."""

from __future__ import annotations

import hashlib
from ipaddress import ip_network
from pathlib import Path

import pytest

from vungxanh.errors import SettingsError
from vungxanh.people_file import read_people
from vungxanh.settings_sources import load_settings
from vungxanh.web_content import access_rules, web_content

DIGEST = hashlib.sha256(b"a token").hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()


def person(name: str = '"Lê An"', digest: str = f'"{DIGEST}"', may: str = '"act"') -> str:
    return f"[[people]]\nname = {name}\ntoken_sha256 = {digest}\nmay = {may}\n"


def test_people_are_read(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(person() + person('"Trần Bình"', f'"{OTHER.upper()}"', '"read"'), "utf-8")
    one, other = read_people(file)
    assert (one.name, one.may, one.token_digest.hex()) == ("Lê An", "act", DIGEST)
    assert (other.name, other.may, other.token_digest.hex()) == ("Trần Bình", "read", OTHER)
    assert DIGEST not in repr(one)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "people is missing"),
        ("people = 5", "people is missing"),
        ("[[person]]\n", "person is not a key"),
        ("people = [5]", "person number 1: is not a table"),
        ("[[people]]\nname =", "is not TOML"),
        ("[[people]]\nname = 'An'\n", "person number 1: token_sha256 is missing"),
        (person() + "phone = 1\n", "person number 1: phone is not a key; known: name"),
        (person(name='" An"'), "person number 1: name is wrong"),
        (person(name='""'), "name is wrong"),
        (person(name='"a\\nb"'), "name is wrong"),
        (person(name="5"), "name is wrong"),
        (person(digest='"abc"'), "token_sha256 is wrong; allowed: the 64 hexadecimal digits"),
        (person(digest=f'"{"g" * 64}"'), "token_sha256 is wrong"),
        (person(digest="5"), "token_sha256 is wrong"),
        (person(may='"write"'), "may is wrong; allowed: read or act"),
        (person() + person(digest=f'"{OTHER}"'), "person Lê An: the name is there before"),
        (person() + person('"B"'), "person B: token_sha256 is that of Lê An"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "people.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_people(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert DIGEST not in str(caught.value)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        read_people(tmp_path / "people.toml")
    (tmp_path / "people.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8 at byte 0"):
        read_people(tmp_path / "people.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_people(tmp_path)


def test_the_settings_of_access(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text(person(), "utf-8")
    (tmp_path / "vungxanh.toml").write_text(
        """
        [http]
        reading = "closed"
        people = "people.toml"
        proxy_header = "X-Forwarded-User"
        proxies = ["10.0.0.5/32", "fd00::/8"]
        [notify]
        base_url = "https://Map.example.gov.vn/xanh"
        """
    )
    rules = access_rules(load_settings(None, {}, folder=tmp_path).settings)
    assert (rules.reading, [one.name for one in rules.people]) == ("closed", ["Lê An"])
    assert rules.proxy_header == "X-Forwarded-User"
    assert rules.proxies == (ip_network("10.0.0.5/32"), ip_network("fd00::/8"))
    assert rules.origins == {"https://map.example.gov.vn"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("READING", "closed", "http.people is missing; allowed: a TOML file with [[people]], with"),
        ("READING", "shut", "open or closed"),
        ("PROXY_HEADER", "X-User", "http.proxies is missing; allowed: a list of networks"),
        ("PROXY_HEADER", "X User", "the name of a header"),
        ("PROXIES", "10.0.0.5/8", "a list of networks"),  # has bits of a host
        ("PROXIES", "nowhere", "a list of networks"),
        ("ADVERTISED", "worker-1:8080", "an address such as http://worker-1:8080"),
        ("ADVERTISED", "http://me:secret@worker-1", "an address such as"),
    ],
)
def test_wrong_settings_of_access(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {f"VUNGXANH_HTTP__{name}": value}, folder=tmp_path)
    assert said in str(caught.value)


def test_nothing_of_it_need_be_set(tmp_path: Path) -> None:
    content = web_content(load_settings(None, {}, folder=tmp_path).settings)
    assert content.access.people == ()
    assert content.access.origins == frozenset()  # the default address is anybody's own machine
    assert content.access.reading == "open"
    assert content.map is None
    assert content.pages is not None
