"""The page's files: complete, of one host, and fit for a strict Content-Security-Policy."""

from __future__ import annotations

import re

import pytest

from dashboards.page import CONTENT_TYPES, content_type, page_files, page_folder

FILES = page_files()
SCRIPTS = sorted(path for path in FILES if path.endswith(".js"))
INDEX = FILES["/"].read_text(encoding="utf-8")


def test_every_file_has_a_content_type() -> None:
    for path in FILES.values():
        assert content_type(path).startswith(CONTENT_TYPES[path.suffix])
    assert FILES["/"] == page_folder() / "index.html"


def test_a_foreign_suffix_has_no_content_type() -> None:
    with pytest.raises(KeyError):
        content_type(page_folder() / "page.py")


def test_nothing_is_inline() -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", INDEX)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", INDEX))
    assert INDEX.count("<script") == 1


def test_everything_the_index_asks_for_is_there() -> None:
    asked = re.findall(r'(?:src|href)="(page/[^"]+)"', INDEX)
    assert len(asked) >= 3
    assert {f"/{path}" for path in asked} <= FILES.keys()


@pytest.mark.parametrize("script", SCRIPTS)
def test_imports_are_of_the_folder_and_text_is_never_html(script: str) -> None:
    source = FILES[script].read_text(encoding="utf-8")
    for imported in re.findall(r'from "([^"]+)"', source):
        assert imported.replace("./", "/page/", 1) in FILES
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)


@pytest.mark.parametrize("path", sorted(FILES))
def test_no_other_host_is_named(path: str) -> None:
    source = FILES[path].read_text(encoding="utf-8")
    named = set(re.findall(r"https?://[^\s\"']+", source))
    assert named <= {"http://www.w3.org/2000/svg"}  # a namespace, never asked for
