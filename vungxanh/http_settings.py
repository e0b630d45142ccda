"""The settings of the HTTP server: where it listens, who may read, who may act."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from vungxanh.quantities import Whole
from vungxanh.settings_keys import (
    PORT,
    OptionalPath,
    Table,
    Texts,
    WebAddress,
    key,
    no_text_is_none,
)

_HEADER = r"^[A-Za-z0-9-]{1,100}$"


class HttpSettings(Table):
    """Where a worker serves its page and its metrics."""

    host: Annotated[str, Field(pattern=r"^[^\s]{1,253}$")] = key(
        "127.0.0.1", "the address to listen on; 0.0.0.0: all", "a host name or an IP address"
    )
    port: Annotated[Whole, Field(ge=0, le=65_535)] = key(8080, "the port", PORT, "port")
    advertised: Annotated[WebAddress | None, BeforeValidator(no_text_is_none)] = key(
        None,
        "where other workers reach this one; absent: http.host and http.port, with the machine's "
        "name where http.host is 0.0.0.0",
        "an address such as http://worker-1:8080",
    )
    reading: Literal["open", "closed"] = key(
        "open",
        "open: whoever reaches the worker may read; closed: only with a token or named by a proxy",
        "open or closed; closed needs http.people",
    )
    people: OptionalPath = key(
        None,
        "who may read and who may act over HTTP (see docs/api.md); absent: nobody may act",
        "a TOML file with [[people]]",
    )
    proxy_header: Annotated[
        Annotated[str, Field(pattern=_HEADER)] | None, BeforeValidator(no_text_is_none)
    ] = key(
        None,
        "the header by which a proxy in http.proxies names who asks, such as X-Forwarded-User",
        "the name of a header; needs http.proxies",
    )
    proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], Texts] = key(
        (),
        "the proxies that are believed: who asks, and by which host and scheme",
        "a list of networks such as 10.0.0.5/32, 10.1.0.0/24",
    )
