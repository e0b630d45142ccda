"""A document goes to a file, or to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from vungxanh.errors import WrongUseError


def write_out(content: bytes, output: Path | None) -> None:
    """Write a whole document; None: to standard output. Raises WrongUseError for a bad FILE."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise WrongUseError(f"--output {output}: cannot be written: {error.strerror}") from None
