"""Check the proof of a unit's day (`vungxanh book export`) with Python alone, from 3.9 on.

    python check_day.py PROOF.json [DIGEST]

DIGEST: the day's digest from somewhere you trust, such as the foot of a printed report. Exit code:
0 where all holds, 1 where it does not, 2 where the file is no proof. Without DIGEST it is only
said to which digest the file leads: anybody can make a file that is right in itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

WHAT, VERSION = "vungxanh-day-proof", 1
_UNREADABLE = (
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_DIGEST = re.compile("[0-9a-f]{64}")


class NoProofError(ValueError):
    """The file cannot be read, or is nothing that could be checked."""


def digest_up(value: bytes, index: int, size: int, siblings: list[dict[str, str]]) -> str:
    """The root of the tree (RFC 6962) in which `value` is leaf `index` of `size`."""
    digest, left = hashlib.sha256(b"\x00" + value).digest(), list(siblings)
    if not 0 <= index < size:
        raise ValueError(f"there is no place {index} of {size}")
    while size > 1:
        if index ^ 1 < size:
            if not left or left[0]["side"] != ("left" if index % 2 else "right"):
                raise ValueError("the path is not that of this place")
            beside = _bytes_of(left.pop(0)["digest"])
            pair = beside + digest if index % 2 else digest + beside
            digest = hashlib.sha256(b"\x01" + pair).digest()
        index, size = index // 2, (size + 1) // 2
    if left:
        raise ValueError("the path is longer than the tree is high")
    return digest.hex()


def _bytes_of(digest: str) -> bytes:
    """Of one form alone: `bytes.fromhex` would take capitals and blanks, too."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no digest")
    return bytes.fromhex(digest)


def wrong_with(proof: dict[str, Any], printed: str | None = None) -> list[str]:
    """What is wrong with a proof, a line each; nothing where all holds."""
    leaf, page = json.loads(proof["leaf"]), json.loads(proof["page"])
    if (leaf["kind"], page["kind"]) != ("figures", "day"):
        return ["what it holds are no figures of a unit, or no page of a day"]
    wrong = []
    if any(proof[name] != leaf[name] for name in ("unit_id", "day")):
        wrong.append("the figures are of another unit or day than the proof says")
    if any(leaf[name] != page[name] for name in ("partition", "day", "as_of")):
        wrong.append("the page is not the one that closes the day of these figures")
    if proof["leaf_count"] != page["units"]:
        wrong.append("the page closes another number of units than the proof says")
    figures = ("leaf", "the figures do not go with the page", page["units"], page["root"])
    day = (
        "page",
        "the page does not go with the digest of the day",
        proof["page_count"],
        proof["day_digest"],
    )
    for what, text, size, root in (figures, day):
        try:
            value = proof[what].encode()
            found = digest_up(value, proof[f"{what}_index"], size, proof[f"{what}_path"])
        except ValueError as error:
            found = f"nothing ({error})"
        if found != root:
            wrong.append(f"{text}: {found} is found, and {root} is stated")
    if printed is not None and printed.strip().lower() != proof["day_digest"]:
        wrong.append(f"the digest of the day is {proof['day_digest']}, not {printed}")
    return wrong


def in_words(proof: dict[str, Any]) -> list[str]:
    """The figures, a line each."""
    leaf = json.loads(proof["leaf"])
    lines = [f"unit {leaf['unit_id']}, day {leaf['day']} (as of {leaf['as_of']}): {leaf['zone']}"]
    for one in leaf["figures"]:
        count, of = one["numerator"], one["denominator"]
        share = f"{count * 10_000 // of / 100:.2f}%" if of else "-"
        lines.append(f"  {one['definition']} {one['window']}: {count} of {of} on time ({share})")
    return [*lines, "  open: " + ", ".join(f"{state} {n}" for state, n in leaf["open"].items())]


def checked(path: Path, printed: str | None = None) -> tuple[list[str], list[str]]:
    """What a file says and whether it is proved, a line each; and of these what is wrong with it.

    Raises NoProofError.
    """
    try:
        proof = json.loads(path.read_text("utf-8"))
        if (proof["what"], proof["version"]) != (WHAT, VERSION):
            raise ValueError(f"it is no {WHAT} of version {VERSION}")
        lines = in_words(proof)
        wrong = [f"WRONG: {one}" for one in wrong_with(proof, printed)]
    except _UNREADABLE as error:
        raise NoProofError(f"no proof of a day: {type(error).__name__}: {error}") from None
    return [*lines, *(wrong or [_proved_by(proof["day_digest"], printed)])], wrong


def _proved_by(digest: str, printed: str | None) -> str:
    """Anybody can make a file that is right in itself: the digest has to come from elsewhere."""
    if printed is None:
        return f"OK so far: all leads to {digest}; hold it against a digest that you trust"
    return f"OK: proved by {digest}"


def main(arguments: list[str]) -> int:
    """Print the figures and whether they are proved."""
    if len(arguments) not in (2, 3):
        sys.stderr.write("usage: python check_day.py PROOF.json [DIGEST]\n")
        return 2
    try:
        lines, wrong = checked(Path(arguments[1]), *arguments[2:])
    except NoProofError as error:
        sys.stderr.write(f"{error}\n".encode("ascii", "backslashreplace").decode())
        return 2
    for line in lines:  # in any console, and nothing that it would obey
        shown = line.encode(sys.stdout.encoding or "ascii", "backslashreplace")
        text = shown.decode(sys.stdout.encoding or "ascii")
        sys.stdout.write("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
