"""Words for what goes wrong on a network, and for what a server answers.

Errors of the libraries name hosts, addresses and parts of URLs: none of their text is used.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from http import HTTPStatus


def network_fault(error: OSError) -> str:
    """What an error of a socket, of a name or of TLS says, without saying where."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted or not made out to its name"
    if isinstance(error, ssl.SSLError):
        return "TLS cannot be agreed upon"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno).lower()
    return "the connection failed"


def answered(status: int) -> str:
    """`answered 503 Service Unavailable`; the phrase is ours, not the server's."""
    try:
        return f"answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"answered {status}"


def is_final(status: int) -> bool:
    """Whether an HTTP status refuses the message for good: the same again gets the same answer."""
    too_early_or_too_much = (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    return 400 <= status < 500 and status not in too_early_or_too_much
