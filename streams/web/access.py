"""Who asks, and what they may: a bearer token, the cookie of a session, or a proxy that names them.

Tokens are known by their hash alone and are never logged. All comparisons take the same time
whatever is compared.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from streams.settings import AccessRules, May, Person

COOKIE = "vungxanh_session"
COOKIE_AGE_S = 12 * 60 * 60  # a working day
LONGEST_NAME = 100  # characters
_BEARER = "bearer "
_ENCODED = ("utf-8", "surrogateescape")  # headers may hold bytes that are no text


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request may not be answered; the text says why and what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status  # 401: sign in; 403: that will not help


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. Without a name: nobody known."""

    name: str | None
    may: May | None  # None: only what everybody may


NOBODY = Asker(None, None)


def digest(token: str) -> bytes:
    """What is known of a token."""
    return hashlib.sha256(token.encode(*_ENCODED)).digest()


def cookie_of(token: str) -> str:
    """A token as the value of a cookie: it may have any signs."""
    return base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


class Access:
    """Decides by the rules of the settings; holds no state, so any worker decides the same."""

    def __init__(self, rules: AccessRules) -> None:
        self._rules = rules
        self._by_name = {person.name: person for person in rules.people}
        content = b"".join(sorted(person.token_digest for person in rules.people))
        self._peer_key = hashlib.sha256(b"vungxanh peers" + content).digest()

    @property
    def reading(self) -> str:
        """`open` or `closed`."""
        return self._rules.reading

    def person_of(self, token: str) -> Person | None:
        """Whose token it is; None: nobody's."""
        presented = digest(token)
        found = None
        for person in self._rules.people:  # all of them: no hint in the time it takes
            if hmac.compare_digest(presented, person.token_digest):
                found = person
        return found

    def asker(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], remote: str | None
    ) -> Asker:
        """Who asks. Raises Refused for a bearer token that is nobody's.

        A cookie that is nobody's (any more) counts as none: the page has to show where to sign in.
        """
        authorization = headers.get("Authorization", "")
        if authorization.lower().startswith(_BEARER):
            person = self.person_of(authorization[len(_BEARER) :].strip())
            if person is None:
                raise Refused(401, "Authorization: this token is nobody's; ask operations for one")
            return Asker(person.name, person.may)
        person = self._of_cookie(cookies.get(COOKIE))
        if person is not None:
            return Asker(person.name, person.may)
        return self._of_proxy(headers, remote)

    def _of_cookie(self, value: str | None) -> Person | None:
        if not value or len(value) > 2_000:
            return None
        try:
            padded = value + "=" * (-len(value) % 4)
            token = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        return self.person_of(token)

    def _of_proxy(self, headers: Mapping[str, str], remote: str | None) -> Asker:
        name_header = self._rules.proxy_header
        if name_header is None or not self.is_proxy(remote):
            return NOBODY
        name = _only(headers, name_header).strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            return NOBODY
        listed = self._by_name.get(name)
        return Asker(name, "read" if listed is None else listed.may)

    def is_proxy(self, remote: str | None) -> bool:
        """Whether a request comes from a proxy that is believed."""
        address = _address(remote)
        return address is not None and any(address in network for network in self._rules.proxies)

    def is_shared(self, remote: str | None) -> bool:
        """Whether many people may come from an address: a proxy's, or this machine's own."""
        address = _address(remote)
        return address is not None and (address.is_loopback or self.is_proxy(remote))

    def check_reading(self, asker: Asker) -> None:
        """Raises Refused where reading is closed and nobody known asks."""
        if self._rules.reading == "closed" and asker.may is None:
            raise Refused(401, "reading is closed here: sign in, or send a bearer token")

    def check_acting(self, asker: Asker) -> str:
        """The name of who acts. Raises Refused."""
        if not self._rules.people:
            raise Refused(
                403,
                "nobody may act over HTTP: there is no people file; name one by the setting "
                'http.people, with may = "act"',
            )
        if asker.name is None:
            raise Refused(401, "acting needs somebody who may: sign in, or send a bearer token")
        if asker.may != "act":
            raise Refused(
                403, f'{asker.name} may read only; in the people file say may = "act" to change it'
            )
        return asker.name

    def may_act(self, asker: Asker) -> bool:
        """Whether `check_acting` would pass."""
        return bool(self._rules.people) and asker.name is not None and asker.may == "act"

    def check_origin(self, headers: Mapping[str, str], host: str, remote: str | None) -> None:
        """Refuses a deed that another site's page would have done. Raises Refused.

        Browsers say where a POST or DELETE comes from; whoever says nothing is no browser.
        """
        origin = headers.get("Origin")
        if origin is None:
            if headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
                return
            raise Refused(403, "Sec-Fetch-Site: sent by a page of another site; open this one")
        own = {host.lower()}
        if self.is_proxy(remote) and (forwarded := headers.get("X-Forwarded-Host")):
            own.add(forwarded.split(",")[0].strip().lower())
        own.discard("")  # or an Origin without a host would be this one
        if urlsplit(origin).netloc.lower() in own or origin.lower() in self._rules.origins:
            return
        raise Refused(
            403,
            f"Origin: {origin[:100]} is another site than {host}; act from the monitor's own page, "
            "or let the proxy pass Host on",
        )

    # -- workers among themselves ------------------------------------------------------------------

    def peer_signature(self, target: str, at: int) -> str:
        """What a worker shows another one that it knows the people file, too.

        `target`: path and query; `at`: whole seconds since 1970. Nobody's token is passed on.
        """
        return hmac.new(self._peer_key, f"{at} {target}".encode(*_ENCODED), "sha256").hexdigest()

    def is_peer(self, signature: str, target: str, at: str, now: int) -> bool:
        """Whether a request is signed by a worker, and not long ago."""
        if not at.isascii() or not at.isdecimal() or len(at) > 12:
            return False
        fresh = abs(now - int(at)) <= PEER_LASTS_S
        expected = self.peer_signature(target, int(at))
        return hmac.compare_digest(signature.encode(*_ENCODED), expected.encode()) and fresh


def _address(remote: str | None) -> IPv4Address | IPv6Address | None:
    """The address as it is written in networks; None where there is none."""
    try:
        address = ip_address((remote or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _only(headers: Mapping[str, str], name: str) -> str:
    """A header that comes once, else nothing: of several, the proxy's own cannot be told."""
    every = getattr(headers, "getall", None)  # a plain mapping has each name once
    values: list[str] = [headers.get(name, "")] if every is None else every(name, [])
    return values[0] if len(values) == 1 else ""


PEER_LASTS_S = 600  # clocks of machines differ
