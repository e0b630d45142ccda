"""Ports on this machine: is one free, and which one could be taken."""

from __future__ import annotations

import errno
import random
import socket

# Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152
# elsewhere): a port found free here is not gone a second later because somebody called somebody.
_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now.

    Raises OSError if that will never do: the host is not this machine's, the port is reserved.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As servers do it: connections of a predecessor that are still fading out do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port(host: str = "127.0.0.1", *, but: int | None = None) -> int:
    """A port on which nobody listens, drawn at random so that two who ask get two.

    `but`: one that is spoken for, though nobody listens there yet.
    """
    draw = random.SystemRandom()  # not the seeded one of a test, that draws the same again
    while True:
        port = draw.randint(_LOWEST, _HIGHEST)
        if port != but and is_free(host, port):
            return port
