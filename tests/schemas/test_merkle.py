"""The tree of RFC 6962: against known vectors, and against a tree made by the letter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.merkle import Sibling, leaf_digest, path, root, root_from
from tests.profiles import steady

# The inputs and roots that implementations of certificate transparency test themselves by.
VALUES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
leaves_of_some_size = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def by_the_letter(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_letter(leaves[:k]) + by_the_letter(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_known_roots(size: int) -> None:
    assert root(VALUES[:size]) == ROOTS[size]


def test_a_known_path() -> None:
    # PATH(2, D[7]) of the RFC's example: the leaf beside, the pair to the left, the rest.
    given = path(VALUES[:7], 2)

    assert [one.side for one in given] == ["right", "left", "right"]
    assert given[0].digest == leaf_digest(VALUES[3])
    assert given[1].digest == ROOTS[2]
    assert given[2].digest == root(VALUES[4:7])


@steady(100)
@given(leaves_of_some_size)
def test_the_root_is_that_of_the_letter(leaves: list[bytes]) -> None:
    assert root(leaves) == by_the_letter(leaves).hex()


@steady(60)
@given(leaves_of_some_size)
def test_every_leaf_is_proved_by_its_path(leaves: list[bytes]) -> None:
    for index, leaf in enumerate(leaves):
        assert root_from(leaf, index, len(leaves), path(leaves, index)) == root(leaves)


@steady(100)
@given(leaves_of_some_size, st.data())
def test_no_other_leaf_is(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(max_size=8).filter(lambda value: value != leaves[index]))

    assert root_from(other, index, len(leaves), path(leaves, index)) != root(leaves)


@pytest.mark.parametrize(
    ("index", "size", "change", "said"),
    [
        (7, 7, lambda p: p, "no leaf 7 of 7"),
        (2, 7, lambda p: p[:-1], "not that of this place"),
        (2, 7, lambda p: [*p, Sibling("left", ROOTS[0])], "longer than the tree"),
        (2, 7, lambda p: [Sibling("left", p[0].digest), *p[1:]], "not that of this place"),
        (3, 7, lambda p: p, "not that of this place"),
        (2, 2, lambda p: p, "no leaf 2 of 2"),
    ],
)
def test_a_path_that_cannot_be(index: int, size: int, change: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        root_from(VALUES[2], index, size, change(path(VALUES[:7], 2)))  # type: ignore[operator]


def test_no_path_for_no_leaf() -> None:
    with pytest.raises(IndexError, match="no leaf 3 of 3"):
        path(VALUES[:3], 3)
