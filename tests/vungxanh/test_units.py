"""The CSV of the units."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.settings import Unit
from vungxanh.demo import units_file
from vungxanh.errors import SettingsError
from vungxanh.units import read_units

HEAD = "unit_id,name_vi,name_ascii,kind,parent_id\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "units.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_units_of_the_demo_can_be_read() -> None:
    units = read_units(units_file())

    assert len(units) == 19
    assert units[0] == Unit("H47", "Quảng Nam", "Quang Nam", "province", "")


def test_a_spreadsheet_s_file_with_few_columns_will_do(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbfname_vi,unit_id,note\r\n"T, K",A,x\r\n')

    assert read_units(path) == [Unit("A", "T, K", "T, K", "", "")]


def test_a_parent_may_be_unlisted(tmp_path: Path) -> None:
    assert read_units(written(tmp_path, HEAD + "A,a,,,B\n"))[0].parent_id == "B"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit_id,name\nA,a\n", "line 1: no column name_vi"),
        ("", "line 1: no column unit_id"),
        (HEAD + "A,a,,,\n,b,,,\n", "line 3: unit_id is empty"),
        (HEAD + "A,,,,\n", "line 2: name_vi of A is empty"),
        (HEAD + "A B,x,,,\n", "line 2: unit_id 'A B'"),
        (HEAD + "A,a,,,\nA,b,,,\n", "line 3: A is listed before"),
        (HEAD + "A,a,,,B\nB,b,,,A\n", "the parents of A go round in a circle"),
        (HEAD.encode() + b"A,\xff,,,\n", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(SettingsError) as caught:
        read_units(path)

    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        read_units(tmp_path / "none.csv")
