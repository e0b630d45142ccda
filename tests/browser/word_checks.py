"""The words of a view, read in the browser as the page reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Page

# Texts stay texts; what takes arguments becomes "()".
_READ = """async (name) => {
  const told = (words) => typeof words === "function" ? "()" : typeof words !== "object" ? words
    : Object.fromEntries(Object.entries(words).map(([key, word]) => [key, told(word)]));
  const { vi, en } = await import(`/page/words/${name}.js`);
  return { vi: told(vi), en: told(en) };
}"""


def words_of(page: Page, view: str) -> dict[str, dict[str, Any]]:
    """By language, as trees of texts."""
    found: dict[str, dict[str, Any]] = page.evaluate(_READ, view)
    return found


def assert_same_shape(page: Page, view: str) -> None:
    """Both languages say the same things: the same keys, a text where the other has one."""
    words = words_of(page, view)
    assert _shape(words["vi"]) == _shape(words["en"])


def assert_words_for(page: Page, view: str, table: str, members: Iterable[str]) -> None:
    """A table of the words has a text of its own for every member, in both languages."""
    for language, words in words_of(page, view).items():
        told: dict[str, str] = words[table]
        missing = [member for member in members if not told.get(member, "").strip()]
        assert missing == [], f"{view}.{table} in {language} lacks {missing}"
        asked = [told[member] for member in members]
        assert len(set(asked)) == len(asked), f"{view}.{table} in {language} says one thing twice"


def _shape(words: object) -> object:
    if isinstance(words, dict):
        return {key: _shape(word) for key, word in words.items()}
    return "()" if words == "()" else "text"
