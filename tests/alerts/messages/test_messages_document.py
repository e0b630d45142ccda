"""docs/messages.md names every template file and every variable, and none that is not there."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from alerts.messages import shapes
from alerts.messages.template_files import builtin_files
from alerts.messages.words import read_words

DOCUMENT = (Path(__file__).parents[3] / "docs" / "messages.md").read_text("utf-8")
SHAPES = [
    one for _, one in inspect.getmembers(shapes, inspect.isclass) if dataclasses.is_dataclass(one)
]


def named_in(section: str) -> list[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \| ", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.__name__)
def test_every_variable_is_explained(shape: type) -> None:
    section = re.search(
        rf"^### {shape.__name__}\b.*?(?=^### |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL
    )
    assert section is not None
    fields = [field.name for field in dataclasses.fields(shape)]
    assert sorted(named_in(section[0])) == sorted(fields)


def test_no_shape_is_explained_that_is_not_there() -> None:
    headings = re.findall(r"^### (\w+)", DOCUMENT, re.MULTILINE)
    assert sorted(headings) == sorted(one.__name__ for one in SHAPES)


def test_every_file_is_named() -> None:
    files = {name.removeprefix("vi/") for name in builtin_files() if not name.startswith("en/")}
    kinds = {name for name in files if name.startswith("sentence/")}
    assert len(kinds) == 12
    for kind in kinds:
        assert f"`{kind.removeprefix('sentence/').removesuffix('.txt')}`" in DOCUMENT
    for name in files - kinds:
        assert f"`vi/{name}`" in DOCUMENT or f"`{name}`" in DOCUMENT


def test_both_languages_have_the_same_files_and_words() -> None:
    names = {
        language: {name[3:] for name in builtin_files() if name.startswith(f"{language}/")}
        for language in ("vi", "en")
    }
    assert names["vi"] == names["en"]
    vietnamese, english = (
        dataclasses.asdict(read_words(builtin_files()[f"{language}/words.toml"]))
        for language in ("vi", "en")
    )
    for table, words in vietnamese.items():
        assert list(words) == list(english[table])
        for key, text in words.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[table][key]))
