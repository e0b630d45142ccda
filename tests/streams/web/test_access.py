"""Who may read and who may act: tokens, sessions, proxies, other sites, other workers."""

from __future__ import annotations

import logging
from ipaddress import ip_network
from typing import Any

import pytest
from multidict import CIMultiDict

from streams.settings import AccessRules
from streams.web.access import COOKIE, Access, Asker, Refused, cookie_of
from streams.web.answers import error_answer
from tests.streams.web.site import ACTOR, PEOPLE, READER, Site

RULES = AccessRules(people=PEOPLE)
PROXIED = AccessRules(
    "closed", PEOPLE, "X-Forwarded-User", (ip_network("10.0.0.0/24"), ip_network("::1/128"))
)
SILENCE = {"scope": "H47.505", "until": "2099-01-01T00:00:00Z", "reason": "a fair"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("headers", "cookies", "remote", "asker"),
    [
        ({}, {}, "10.0.0.1", Asker(None, None)),
        (bearer(ACTOR), {}, None, Asker("Lê An", "act")),
        ({"Authorization": f"bearer   {READER} "}, {}, None, Asker("Trần Bình", "read")),
        ({"Authorization": "Basic YTpi"}, {}, None, Asker(None, None)),
        ({}, {COOKIE: cookie_of(ACTOR)}, None, Asker("Lê An", "act")),
        ({}, {COOKIE: cookie_of("another")}, None, Asker(None, None)),
        ({}, {COOKIE: "%%%"}, None, Asker(None, None)),
        ({}, {COOKIE: "a" * 5_000}, None, Asker(None, None)),
        (bearer(READER), {COOKIE: cookie_of(ACTOR)}, None, Asker("Trần Bình", "read")),
        ({"X-Forwarded-User": "Lê An"}, {}, "10.0.0.7", Asker("Lê An", "act")),
        ({"X-Forwarded-User": "Lê An"}, {}, "::ffff:10.0.0.7", Asker("Lê An", "act")),
        ({"X-Forwarded-User": "Lê An"}, {}, "::1", Asker("Lê An", "act")),
        ({"X-Forwarded-User": "somebody"}, {}, "10.0.0.7", Asker("somebody", "read")),
        ({"X-Forwarded-User": "Lê An"}, {}, "10.0.1.7", Asker(None, None)),
        ({"X-Forwarded-User": "Lê An"}, {}, None, Asker(None, None)),
        ({"X-Forwarded-User": "Lê An"}, {}, "no address", Asker(None, None)),
        ({"X-Forwarded-User": " "}, {}, "10.0.0.7", Asker(None, None)),
        ({"X-Forwarded-User": "x" * 101}, {}, "10.0.0.7", Asker(None, None)),
        ({"X-Remote-User": "Lê An"}, {}, "10.0.0.7", Asker(None, None)),
    ],
)
def test_who_asks(
    headers: dict[str, str], cookies: dict[str, str], remote: str | None, asker: Asker
) -> None:
    assert Access(PROXIED).asker(headers, cookies, remote) == asker


def test_a_header_of_the_proxy_that_comes_twice_names_nobody() -> None:
    once = CIMultiDict({"X-Forwarded-User": "Lê An"})
    assert Access(PROXIED).asker(once, {}, "10.0.0.7") == Asker("Lê An", "act")
    twice = CIMultiDict([("X-Forwarded-User", "Lê An"), ("x-forwarded-user", "somebody")])
    assert Access(PROXIED).asker(twice, {}, "10.0.0.7") == Asker(None, None)


def test_bytes_that_are_no_text_are_nobodys() -> None:
    with pytest.raises(Refused) as refused:
        Access(RULES).asker({"Authorization": "Bearer \udcff"}, {}, None)
    assert refused.value.status == 401
    assert not Access(RULES).is_peer("\udcff", "/a?\udcff", "1", 1)


@pytest.mark.parametrize("origin", ["null", "file://", ""])
def test_no_host_is_no_origin(origin: str) -> None:
    with pytest.raises(Refused):
        Access(RULES).check_origin({"Origin": origin}, "", None)


def test_an_origin_that_is_no_text_is_refused_in_json() -> None:
    answer = error_answer(403, "Origin: \udcff is another site")
    assert answer.status == 403


def test_without_a_proxy_header_nobody_is_named_by_one() -> None:
    rules = AccessRules(people=PEOPLE, proxies=PROXIED.proxies)
    named = {"X-Forwarded-User": "Lê An"}
    assert Access(rules).asker(named, {}, "10.0.0.7") == Asker(None, None)


def test_a_token_that_is_nobodys_is_refused_and_not_told() -> None:
    with pytest.raises(Refused) as refused:
        Access(RULES).asker(bearer("a mistaken one"), {}, None)
    assert refused.value.status == 401
    assert "a mistaken one" not in str(refused.value)


@pytest.mark.parametrize(
    ("rules", "asker", "status"),
    [
        (AccessRules(), Asker(None, None), 403),  # and no token would help
        (AccessRules(), Asker("a name by a proxy", "read"), 403),
        (RULES, Asker(None, None), 401),
        (RULES, Asker("Trần Bình", "read"), 403),
    ],
)
def test_who_may_not_act(rules: AccessRules, asker: Asker, status: int) -> None:
    with pytest.raises(Refused) as refused:
        Access(rules).check_acting(asker)
    assert refused.value.status == status
    assert not Access(rules).may_act(asker)
    if not rules.people:
        assert "http.people" in str(refused.value)


def test_closed_reading_needs_somebody_who_may() -> None:
    with pytest.raises(ValueError, match="nobody who may read"):
        AccessRules("closed")


@pytest.mark.parametrize(
    ("headers", "remote", "passes"),
    [
        ({}, None, True),  # no browser
        ({"Origin": "http://worker:8080"}, None, True),
        ({"Origin": "HTTP://WORKER:8080"}, None, True),
        ({"Origin": "https://elsewhere.example"}, None, False),
        ({"Origin": "http://worker:8081"}, None, False),
        ({"Origin": "http://worker:8080.elsewhere.example"}, None, False),
        ({"Origin": "null"}, None, False),
        ({"Origin": "https://map.example.gov.vn"}, None, True),  # where the page is reached
        ({"Origin": "https://proxy", "X-Forwarded-Host": "proxy"}, "10.0.0.1", True),
        ({"Origin": "https://proxy", "X-Forwarded-Host": "proxy"}, "10.9.0.1", False),
        ({"Sec-Fetch-Site": "same-origin"}, None, True),
        ({"Sec-Fetch-Site": "none"}, None, True),
        ({"Sec-Fetch-Site": "cross-site"}, None, False),
        ({"Sec-Fetch-Site": "same-site"}, None, False),
    ],
)
def test_a_page_of_another_site_does_nothing(
    headers: dict[str, str], remote: str | None, passes: bool
) -> None:
    origins = frozenset({"https://map.example.gov.vn"})
    access = Access(AccessRules(people=PEOPLE, proxies=PROXIED.proxies, origins=origins))
    if passes:
        access.check_origin(headers, "worker:8080", remote)
    else:
        with pytest.raises(Refused) as refused:
            access.check_origin(headers, "worker:8080", remote)
        assert refused.value.status == 403


def test_workers_know_each_other_by_the_people_file() -> None:
    one, other, stranger = Access(RULES), Access(PROXIED), Access(AccessRules(people=PEOPLE[:1]))
    signature = one.peer_signature("/api/units/A?x=1", 1_000_000)
    assert other.is_peer(signature, "/api/units/A?x=1", "1000000", 1_000_300)
    assert not other.is_peer(signature, "/api/units/B?x=1", "1000000", 1_000_300)
    assert not other.is_peer(signature, "/api/units/A?x=1", "1000001", 1_000_300)
    assert not other.is_peer(signature, "/api/units/A?x=1", "1000000", 1_000_601)  # too old
    assert not other.is_peer(signature, "/api/units/A?x=1", "-1000000", 1_000_300)
    assert not other.is_peer("é", "/api/units/A?x=1", "1000000", 1_000_300)
    assert not stranger.is_peer(signature, "/api/units/A?x=1", "1000000", 1_000_300)


# -- over HTTP -------------------------------------------------------------------------------------


def test_a_session_acts_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site = Site().fill()

    async def scenario(client: Any) -> None:
        assert (await client.post("/api/silences", json=SILENCE)).status == 401
        refused = await client.post("/api/session", json={"token": "mistaken one"})
        assert refused.status == 401
        assert "mistaken one" not in await refused.text()
        assert "Set-Cookie" not in refused.headers
        answer = await client.post("/api/session", json={"token": ACTOR})
        assert (answer.status, await answer.read()) == (204, b"")
        cookie = answer.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie  # the test speaks no TLS
        assert (await client.post("/api/silences", json=SILENCE)).status == 201
        ended = await client.delete("/api/session")
        assert ended.status == 204
        assert (await client.post("/api/silences", json=SILENCE)).status == 401

    site.serve(scenario)
    [(key, action)] = site.written.actions
    assert (key, action.author) == ("H47.505", "Lê An")
    assert ACTOR not in caplog.text
    assert "mistaken one" not in caplog.text


def test_the_cookie_is_for_tls_only_where_the_browser_speaks_it() -> None:
    rules = AccessRules(people=PEOPLE, proxies=(ip_network("127.0.0.1/32"),))
    headers = {"X-Forwarded-Proto": "https"}

    async def scenario(client: Any) -> None:
        answer = await client.post("/api/session", json={"token": ACTOR}, headers=headers)
        assert "Secure" in answer.headers["Set-Cookie"]

    Site(access=rules).serve(scenario)


def test_another_site_does_nothing_even_with_a_session() -> None:
    site = Site().fill()

    async def scenario(client: Any) -> None:
        await client.post("/api/session", json={"token": ACTOR})
        for method, path in (("POST", "/api/silences"), ("DELETE", "/api/session")):
            answer = await client.request(
                method, path, json=SILENCE, headers={"Origin": "https://elsewhere.example"}
            )
            assert answer.status == 403
            assert "elsewhere.example" in (await answer.json())["error"]

    site.serve(scenario)
    assert site.written.actions == []


def test_a_forged_peer_is_nobody() -> None:
    site = Site(access=PROXIED).fill()

    async def scenario(client: Any) -> None:
        forged = {
            "X-Vungxanh-Hop": "1",
            "X-Vungxanh-Hop-At": "1",
            "X-Vungxanh-Hop-Signature": "0" * 64,
        }
        assert (await client.get("/api/units", headers=forged)).status == 401
        answer = await client.get("/peer/ranking?partitions=0", headers=forged)
        assert answer.status == 403
        assert (await client.get("/peer/ranking?partitions=0")).status == 403
        session = await client.post("/api/session", json={"token": ACTOR}, headers=forged)
        assert session.status == 204  # whoever says to be a worker signs in like anybody

    site.serve(scenario)


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"data": b"x=1"}, 415, "application/json"),
        ({"json": []}, 400, "no JSON object"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, "no JSON"),
        ({"json": {}}, 400, "scope: missing"),
        ({"json": SILENCE | {"scope": 5}}, 400, "scope: '5' is no unit"),
        ({"json": SILENCE | {"scope": "a b"}}, 400, "scope: 'a b' is no unit"),
        ({"json": SILENCE | {"until": "2099-01-01"}}, 400, "until: '2099-01-01' is no instant"),
        ({"json": SILENCE | {"until": 5}}, 400, "until: '5' is no instant"),
        ({"json": SILENCE | {"until": "2001-01-01T00:00:00Z"}}, 400, "is past"),
        ({"json": SILENCE | {"reason": " "}}, 400, "reason: ' ' is no text of 1 to 500"),
        ({"json": SILENCE | {"reason": "x" * 501}}, 400, "reason: 'xxx"),
        ({"json": SILENCE | {"phone": "1"}}, 400, "phone: no such field of the body; known: scope"),
        ({"json": SILENCE | {"scope": "nobody"}}, 404, "no unit nobody"),
        ({"json": SILENCE | {"scope": "nobody/*"}}, 404, "no unit nobody"),
        ({"json": {"reason": "x" * 70_000}}, 413, "larger than 65536 bytes"),
    ],
)
def test_a_wrong_body_is_named(sent: dict[str, Any], status: int, said: str) -> None:
    site = Site()

    async def scenario(client: Any) -> None:
        headers = bearer(ACTOR) | sent.pop("headers", {})
        answer = await client.post("/api/silences", headers=headers, **sent)
        assert answer.status == status
        assert said in (await answer.json())["error"]

    site.serve(scenario)
    assert site.written.actions == []


def test_a_method_that_is_not_for_it_is_named() -> None:
    async def scenario(client: Any) -> None:
        answer = await client.put("/api/silences")
        assert answer.status == 405
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}
        assert "PUT" in (await answer.json())["error"]
        answer = await client.get("/api/nowhere")
        assert answer.status == 404
        assert "/api/nowhere" in (await answer.json())["error"]

    Site().serve(scenario)
