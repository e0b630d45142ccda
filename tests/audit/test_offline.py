"""The script that is handed over with a proof: what it lets pass, and that nothing else passes."""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import book_days
from audit.book_days import day_proof
from audit.offline import check_day
from schemas import merkle
from schemas.book import START, DayPage, Place, UnitDay
from schemas.instants import Millis, read_instant
from schemas.status import Figure, OpenDossiers, Outcomes
from tests.profiles import steady

AT: Millis = read_instant("2024-07-01T00:00:00+07:00") // 1_000
SCRIPT = Path(check_day.__file__)


def leaf_of(partition: int, unit: str) -> UnitDay:
    figures = (Figure("resolved@1", "30d", 2, 3), Figure("strict@1", "30d", 0, 0))
    return UnitDay(
        partition,
        "2024-06-30",
        AT,
        unit,
        "grey",
        figures,
        (("30d", Outcomes(1, 1, 1)),),
        OpenDossiers(1, 0, 0, 2, 0),
        None,
        "349b1b90c73c4875",
    )


def proof_of(units: int, partitions: int, unit: int, partition: int) -> dict[str, Any]:
    """Of one unit among so many in each of so many partitions."""
    pages = {}
    for number in range(partitions):
        values = [leaf_of(number, f"U{one:02d}").to_json() for one in range(units)]
        place = Place(number, 7 + number, START)
        page = DayPage(place, "2024-06-30", AT, 41, units, merkle.root(values), START)
        pages[number] = page.to_json()
    leaves = {f"U{one:02d}": leaf_of(partition, f"U{one:02d}").to_json() for one in range(units)}
    return dict(day_proof(leaf_of(partition, f"U{unit:02d}"), leaves, pages))


@pytest.mark.parametrize("units", range(1, 10))
@pytest.mark.parametrize("partitions", [1, 2, 5, 8])
def test_every_unit_of_every_partition_is_proved(units: int, partitions: int) -> None:
    for unit in range(units):
        for partition in range(partitions):
            proof = proof_of(units, partitions, unit, partition)
            assert check_day.wrong_with(proof, proof["day_digest"]) == []


PROOF = proof_of(5, 3, 3, 1)
TEXT = json.dumps(PROOF, ensure_ascii=False, separators=(",", ":")).encode()


def passes(folder: Path, content: bytes) -> bool:
    path = folder / "proof.json"
    path.write_bytes(content)
    try:
        return not check_day.checked(path)[1]
    except check_day.NoProofError:
        return False


@steady(400)
@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
def test_a_file_with_one_byte_changed_does_not_pass(
    tmp_path_factory: pytest.TempPathFactory, place: int, by: int
) -> None:
    """Anywhere: leaf, page, paths, digests, names. Blanks between the fields say nothing."""
    folder = tmp_path_factory.getbasetemp()
    changed = bytearray(TEXT)
    changed[place] ^= by
    assert passes(folder, TEXT)
    assert not passes(folder, bytes(changed)), changed[max(0, place - 20) : place + 20]


@pytest.mark.parametrize("by", [0x01, 0x20])  # the next sign; the other case of a letter
def test_no_byte_of_the_file_can_be_another(tmp_path: Path, by: int) -> None:
    passed = [
        place
        for place in range(len(TEXT))
        if passes(tmp_path, TEXT[:place] + bytes([TEXT[place] ^ by]) + TEXT[place + 1 :])
    ]
    assert passed == []


def changed(**fields: object) -> dict[str, Any]:
    return {**copy.deepcopy(PROOF), **fields}


def with_path(name: str, place: int, **fields: str) -> dict[str, Any]:
    proof = changed()
    proof[name][place] |= fields
    return proof


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (changed(unit_id="U04"), "another unit or day"),
        (changed(day="2024-07-01"), "another unit or day"),
        (
            changed(leaf=leaf_of(1, "U04").to_json().decode(), unit_id="U04"),
            "the figures do not go with the page: ",
        ),
        (changed(leaf=leaf_of(2, "U03").to_json().decode()), "the page is not the one"),
        (changed(leaf=PROOF["page"]), "no figures of a unit"),
        (changed(leaf_index=2), "the path is not that of this place"),
        (changed(leaf_index=-1), "there is no place -1 of 5"),
        (changed(leaf_index=5), "there is no place 5 of 5"),
        (changed(leaf_count=6), "another number of units"),
        (changed(leaf_path=PROOF["leaf_path"][:-1]), "the path is not that of this place"),
        (changed(leaf_path=[*PROOF["leaf_path"], PROOF["leaf_path"][0]]), "longer than the tree"),
        (changed(page_index=0), "the path is not that of this place"),
        (changed(page_count=1), "there is no place 1 of 1"),
        (changed(page_count=2), "longer than the tree"),
        (changed(page_path=[]), "the path is not that of this place"),
        (changed(day_digest=START), f"is found, and {START} is stated"),
        (with_path("leaf_path", 0, side="right"), "the path is not that of this place"),
        (
            with_path("page_path", 1, digest=START),
            "the page does not go with the digest of the day: ",
        ),
        (
            with_path("leaf_path", 0, digest=PROOF["leaf_path"][0]["digest"].upper()),
            "is no digest",
        ),
        (
            with_path("leaf_path", 0, digest=" " + PROOF["leaf_path"][0]["digest"]),
            "is no digest",
        ),
    ],
)
def test_what_is_wrong_is_told(proof: dict[str, Any], said: str) -> None:
    assert any(said in line for line in check_day.wrong_with(proof)), check_day.wrong_with(proof)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"7",
        b"{}",
        b"[" * 100_000,
        json.dumps(changed(what="else")).encode(),
        json.dumps(changed(version=2)).encode(),
        json.dumps(changed(leaf=None)).encode(),
        json.dumps(changed(leaf="{}")).encode(),
        json.dumps(changed(page_index="1")).encode(),
        json.dumps(changed(page_path=[7, 7])).encode(),
    ],
)
def test_what_is_no_proof_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(content)
    with pytest.raises(check_day.NoProofError, match="no proof of a day"):
        check_day.checked(path)
    with pytest.raises(check_day.NoProofError, match="FileNotFoundError"):
        check_day.checked(tmp_path / "none")


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """As an auditor runs it: away from this program, with Python alone."""
    script = folder / "check_day.py"
    script.write_bytes(SCRIPT.read_bytes())
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), *words],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_it_runs_on_python_alone(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_bytes(TEXT)
    digest = PROOF["day_digest"]

    done = run(tmp_path, "p.json", digest.upper())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "unit U03, day 2024-06-30 (as of 2024-06-30T17:00:00.000+00:00): grey",
        "  resolved@1 30d: 2 of 3 on time (66.66%)",
        "  strict@1 30d: 0 of 0 on time (-)",
        "  open: overdue 1, paused 0, due_soon 0, within 2, no_due 0",
        f"OK: proved by {digest}",
    ]

    done = run(tmp_path, "p.json")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith(f"OK so far: all leads to {digest};")

    done = run(tmp_path, "p.json", "00")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"WRONG: the digest of the day is {digest}, not 00"

    done = run(tmp_path, "none.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("no proof of a day: FileNotFoundError")

    done = run(tmp_path)
    assert (done.returncode, done.stderr[:6]) == (2, "usage:")


def test_a_terminal_is_given_no_orders(tmp_path: Path) -> None:
    unit = "Sở\x1b[31m"
    leaf = leaf_of(0, unit)
    page = DayPage(Place(0, 1, START), leaf.day, AT, 1, 1, merkle.root([leaf.to_json()]), START)
    proof = day_proof(leaf, {unit: leaf.to_json()}, {0: page.to_json()})
    (tmp_path / "p.json").write_text(json.dumps(proof), "utf-8")

    done = run(tmp_path, "p.json")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\\x1b[31m" in done.stdout


def test_it_needs_nothing_but_python_and_an_old_one_will_do() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    assert (check_day.WHAT, check_day.VERSION) == (book_days.PROOF, book_days.PROOF_VERSION)
