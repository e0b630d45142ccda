"""What the sealed book keeps of each record of `dossier-events`: enough to know it again."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from schemas.instants import Millis

MOST_APART = 2**32 - 1  # offsets from the first to the last record of one block
_MARK = struct.Struct(">16sIIq")  # content, dossier, offset since the block's first, arrival
_pack = _MARK.pack
_CONTENT = 16  # bytes


class RecordMark(NamedTuple):
    """One record: where it stood, when it arrived, and digests of what it said."""

    offset: int
    arrival: Millis
    content: bytes  # see `content_of`
    dossier: int  # see `dossier_mark`; 0: it was no event


def content_of(key: bytes | None, value: bytes | None) -> bytes:
    """The first 16 bytes of SHA-256 over the key's length in four bytes, the key and the value."""
    return _digest(key or b"", value or b"")[:_CONTENT]


def _digest(key: bytes, value: bytes) -> bytes:
    return sha256(b"%b%b%b" % (len(key).to_bytes(4), key, value)).digest()


def dossier_mark(unit_id: str, dossier_id: str) -> int:
    """CRC-32 of unit and dossier: to find the dossier of a record that is gone."""
    return crc32(f"{unit_id}\n{dossier_id}".encode())


def packed_mark(
    key: bytes | None, value: bytes | None, dossier: int, apart: int, arrival: Millis
) -> bytes:
    """The mark of a record as 32 bytes, big-endian; `apart`: offsets after its block's first."""
    return _pack(_digest(key or b"", value or b""), dossier, apart, arrival)  # of it 16 bytes


def pack_marks(marks: Iterable[RecordMark]) -> str:
    """Marks as text: base64 of 32 bytes each; ValueError where there is none."""
    marks = list(marks)
    if not marks:
        raise ValueError("a block of no records")
    first = marks[0].offset
    return marks_text(
        b"".join(_pack(m.content, m.dossier, m.offset - first, m.arrival) for m in marks)
    )


def marks_text(packed: bytes | bytearray) -> str:
    """Packed marks as text."""
    return base64.b64encode(packed).decode()


def unpack_marks(first: int, text: str) -> tuple[RecordMark, ...]:
    """The marks that `pack_marks` wrote; ValueError where it is no such text."""
    try:
        packed = base64.b64decode(text, validate=True)
        found = list(_MARK.iter_unpack(packed))
    except (ValueError, struct.error) as error:
        raise ValueError(f"no marks of records: {error}") from None
    return tuple(RecordMark(first + o, arrival, c, d) for c, d, o, arrival in found)
