"""Check the proof of a unit's day (`vungxanh book export`) with Python alone, from 3.9 on.

    python check_day.py PROOF.json [DIGEST]

DIGEST: the day's digest from somewhere you trust, such as the foot of a printed report. Exit code:
0 where all holds, 1 where it does not, 2 where the file is no proof.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def digest_up(value: bytes, index: int, size: int, siblings: list[dict[str, str]]) -> str:
    """The root of the tree (RFC 6962) in which `value` is leaf `index` of `size`."""
    digest, left = hashlib.sha256(b"\x00" + value).digest(), list(siblings)
    if not 0 <= index < size:
        raise ValueError(f"there is no place {index} of {size}")
    while size > 1:
        if index ^ 1 < size:
            if not left or left[0]["side"] != ("left" if index % 2 else "right"):
                raise ValueError("the path is not that of this place")
            beside = bytes.fromhex(left.pop(0)["digest"])
            pair = beside + digest if index % 2 else digest + beside
            digest = hashlib.sha256(b"\x01" + pair).digest()
        index, size = index // 2, (size + 1) // 2
    if left:
        raise ValueError("the path is longer than the tree is high")
    return digest.hex()


def wrong_with(proof: dict[str, Any], printed: str | None = None) -> list[str]:
    """What is wrong with a proof, a line each; nothing where all holds."""
    leaf, page = json.loads(proof["leaf"]), json.loads(proof["page"])
    wrong = []
    if any(proof[name] != leaf[name] for name in ("unit_id", "day")):
        wrong.append("the figures are of another unit or day than the proof says")
    if any(leaf[name] != page[name] for name in ("partition", "day", "as_of")):
        wrong.append("the page is not the one that closes the day of these figures")
    day = ("page", proof["page_count"], proof["day_digest"])
    for what, size, root in (("leaf", page["units"], page["root"]), day):
        try:
            value = proof[what].encode()
            found = digest_up(value, proof[f"{what}_index"], size, proof[f"{what}_path"])
        except ValueError as error:
            found = f"no root: {error}"
        if found != root:
            wrong.append(f"the {what} leads to {found}, and {root} is stated")
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


def main(arguments: list[str]) -> int:
    """Print the figures and whether they are proved."""
    try:
        proof = json.loads(Path(arguments[1]).read_text("utf-8"))
        lines, wrong = in_words(proof), wrong_with(proof, *arguments[2:3])
    except (IndexError, OSError, KeyError, TypeError, ValueError) as error:
        sys.stderr.write(f"no proof of a day: {type(error).__name__}: {error}\n")
        return 2
    said = [f"WRONG: {one}" for one in wrong] or [f"OK: proved by {proof['day_digest']}"]
    sys.stdout.write("\n".join([*lines, *said, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
