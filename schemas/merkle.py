"""The tree over the leaves of a page (RFC 6962): one leaf can be proved without the others. Pure.

A leaf is SHA-256(0x00 ‖ value), a node SHA-256(0x01 ‖ left ‖ right), so that neither can pass for
the other. Where the leaves are no power of two, the left side has the largest one below. The root
of no leaves is SHA-256 of nothing. Digests are text in hex.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")


class Sibling(NamedTuple):
    """One step of a path from a leaf to the root."""

    side: Side  # where it stands beside what has been computed so far
    digest: str


def leaf_digest(value: bytes) -> str:
    """What stands at the foot of the tree for a value."""
    return hashlib.sha256(b"\x00" + value).hexdigest()


def root(leaves: Sequence[bytes]) -> str:
    """The root over values in this order."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [leaf_digest(value) for value in leaves]
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[Sibling]:
    """What has to be known beside `leaves[index]` to compute the root, from the foot upwards.

    Raises IndexError where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} of {len(leaves)}")
    level = [leaf_digest(value) for value in leaves]
    siblings: list[Sibling] = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):  # else it is the last of an odd number, and goes up as it is
            siblings.append(Sibling("left" if beside < index else "right", level[beside]))
        level = _above(level)
        index //= 2
    return siblings


def root_from(leaf: bytes, index: int, size: int, siblings: Sequence[Sibling]) -> str:
    """The root that a value and its path give, as leaf `index` of `size`.

    Raises ValueError where a path of this form cannot belong to that place.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} of {size}")
    digest, left = leaf_digest(leaf), list(siblings)
    while size > 1:
        beside = index ^ 1
        if beside < size:
            side: Side = "left" if beside < index else "right"
            if not left or left[0].side != side:
                raise ValueError("the path is not that of this place in the tree")
            sibling = left.pop(0).digest
            digest = _node(sibling, digest) if side == "left" else _node(digest, sibling)
        index, size = index // 2, (size + 1) // 2
    if left:
        raise ValueError("the path is longer than the tree is high")
    return digest


def _above(level: Sequence[str]) -> list[str]:
    """Pairing from the left gives the tree of the RFC, and needs no recursion."""
    pairs = [_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
    return pairs + list(level[len(pairs) * 2 :])


def _node(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
