"""The acknowledge link: who may follow it, until when, and what is said of any other."""

from __future__ import annotations

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from alerts.messages.links import AckClaim, AckLinks
from tests.profiles import steady

SECRET = b"0123456789abcdef0123456789abcdef"
LINKS = AckLinks(SECRET, "https://vungxanh.example.gov.vn/")
NOW = 1_795_396_200_000
END = NOW + 3 * 86_400_000
INCIDENT = "H47.502/resolved@1/3"


def token_of(link: str) -> str:
    return link.removeprefix("https://vungxanh.example.gov.vn/ack?token=")


def signed(payload: object, salt: bytes) -> str:
    digest = {"digest_method": hashlib.sha256}
    token = URLSafeSerializer(SECRET, salt=salt, signer_kwargs=digest).dumps(payload)
    return token.decode() if isinstance(token, bytes) else token


TOKEN = token_of(LINKS.link(INCIDENT, "truong-phong-tam-ky", END))


def test_a_link_is_read_back_as_it_was_made() -> None:
    assert LINKS.read(TOKEN, NOW) == AckClaim(INCIDENT, "truong-phong-tam-ky", END)


def test_a_link_says_when_its_incident_had_opened() -> None:
    link = LINKS.link(INCIDENT, "truong-phong-tam-ky", END, NOW - 7)
    assert LINKS.read(token_of(link), NOW) == AckClaim(
        INCIDENT, "truong-phong-tam-ky", END, NOW - 7
    )
    assert len(link) < 250


def test_the_same_claim_gives_the_same_link_so_that_a_repeat_is_the_same_message() -> None:
    assert LINKS.link(INCIDENT, "truong-phong-tam-ky", END).endswith(TOKEN)


def test_a_link_fits_a_line_and_needs_no_escaping() -> None:
    link = LINKS.link("000.00.18.H47-province/resolved@1/1204", "van-phong-uy-ban-tinh", END)
    assert len(link) < 250
    assert set(token_of(link)) <= set(string.ascii_letters + string.digits + "-_.")


@pytest.mark.parametrize(
    ("later", "answer"),
    [
        (-1, AckClaim(INCIDENT, "truong-phong-tam-ky", END)),
        (0, "expired"),
        (1, "expired"),
        (10**9, "expired"),
    ],
)
def test_at_its_end_it_has_expired(later: int, answer: object) -> None:
    assert LINKS.read(TOKEN, END + later) == answer


def test_another_secret_did_not_sign_it() -> None:
    assert AckLinks(b"f" * 32, "https://vungxanh.example.gov.vn").read(TOKEN, NOW) == "forged"


def test_a_forged_one_says_forged_even_when_its_end_is_past() -> None:
    assert AckLinks(b"f" * 32, "https://vungxanh.example.gov.vn").read(TOKEN, END) == "forged"


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "abc", "a.b", "ư" * 60, "A" * 3_000),
        *(TOKEN[:-1], TOKEN[:-20], TOKEN + "A", TOKEN + "=", TOKEN + "\n", " " + TOKEN),
        *(TOKEN.replace(".", ""), f"..{TOKEN}"),
    ],
)
def test_what_is_no_token_is_malformed(token: str) -> None:
    assert LINKS.read(token, NOW) == "malformed"


@pytest.mark.parametrize(
    "payload",
    [[], [INCIDENT], [INCIDENT, "a", "soon"], [1, "a", END], {"incident": INCIDENT}, "text", None],
)
def test_what_was_signed_with_another_content_is_malformed(payload: object) -> None:
    assert LINKS.read(signed(payload, b"vungxanh.acknowledge.1"), NOW) == "malformed"


def test_what_the_same_secret_signed_for_another_purpose_is_forged() -> None:
    payload = [INCIDENT, "truong-phong-tam-ky", END]
    assert LINKS.read(signed(payload, b"vungxanh.acknowledge.1"), NOW) == LINKS.read(TOKEN, NOW)
    assert LINKS.read(signed(payload, b"something else"), NOW) == "forged"


@steady(300)
@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_with_any_sign_changed_it_is_refused(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    if changed != TOKEN:
        assert LINKS.read(changed, NOW) in ("forged", "malformed")


@steady(200)
@given(st.text(min_size=1, max_size=200), st.text(max_size=200), st.integers(0, 2**52))
def test_any_claim_comes_back(incident: str, recipient: str, end: int) -> None:
    link = LINKS.link(incident, recipient, end)
    assert LINKS.read(token_of(link), end - 1) == AckClaim(incident, recipient, end)


@steady(300)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(token: str) -> None:
    assert LINKS.read(token, NOW) in ("forged", "malformed")


def test_a_secret_that_could_be_guessed_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="has 7 bytes: at least 16") as refusal:
        AckLinks(b"hunter2", "https://vungxanh.example.gov.vn")
    assert "hunter2" not in str(refusal.value)
    assert "0123456789abcdef" not in repr(vars(LINKS))
