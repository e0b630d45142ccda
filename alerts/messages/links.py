"""The link by which a recipient acknowledges an incident: signed, with an end. Pure.

The token states incident, recipient, end and the incident's opening, and is signed with
HMAC-SHA256. That it works once is
judged by the incident's state (acknowledged already), not here: so a mail scanner or a second
click is told who acknowledged, and nothing has to remember tokens.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal, NamedTuple

from itsdangerous import BadPayload, BadSignature, URLSafeSerializer

from schemas.instants import Millis

PATH = "/ack"
LEAST_SECRET = 16  # bytes
_SALT = b"vungxanh.acknowledge.1"
_MOST = 2_000  # characters of a token that are looked at
_SHAPE = re.compile(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")  # the first dot: compressed

AckProblem = Literal[
    "malformed",  # no token at all: cut off on its way, or not one of these
    "forged",  # a token that this secret has not signed
    "expired",
]


class AckClaim(NamedTuple):
    """What a token states."""

    incident_id: str
    recipient_id: str
    expires_at: Millis
    opened_at: Millis | None = None  # the incident, when the link was made; older links do not say


class AckLinks:
    """Makes and reads acknowledge links. All workers of a province share one secret."""

    def __init__(self, secret: bytes, base_url: str) -> None:
        """ValueError for a secret of fewer than 16 bytes: it could be guessed."""
        if len(secret) < LEAST_SECRET:
            raise ValueError(
                f"the secret of acknowledge links has {len(secret)} bytes: at least {LEAST_SECRET}"
            )
        self._base = base_url.rstrip("/")
        self._serializer = URLSafeSerializer(
            secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def link(
        self,
        incident_id: str,
        recipient_id: str,
        expires_at: Millis,
        opened_at: Millis | None = None,
    ) -> str:
        """The address to follow: `https://.../ack?token=...`."""
        claim = AckClaim(incident_id, recipient_id, expires_at, opened_at)
        return f"{self._base}{PATH}?token={self._token(claim)}"

    def read(self, token: str, now: Millis) -> AckClaim | AckProblem:
        """What a token claims, or what is wrong with it. At its end it has expired."""
        if len(token) > _MOST or not _SHAPE.fullmatch(token):
            return "malformed"
        try:
            stated = self._serializer.loads(token)
        except BadPayload:  # signed, and yet not JSON
            return "malformed"
        except BadSignature:
            return "forged"
        match stated:
            case [str(incident_id), str(recipient_id), int(expires_at)]:
                claim = AckClaim(incident_id, recipient_id, expires_at)
            case [str(incident_id), str(recipient_id), int(expires_at), int(opened_at)]:
                claim = AckClaim(incident_id, recipient_id, expires_at, opened_at)
            case _:
                return "malformed"
        if self._token(claim) != token:  # base64 has several texts for the same bytes
            return "forged"
        return "expired" if now >= expires_at else claim

    def _token(self, claim: AckClaim) -> str:
        token = self._serializer.dumps([one for one in claim if one is not None])
        return token.decode("ascii") if isinstance(token, bytes) else token
