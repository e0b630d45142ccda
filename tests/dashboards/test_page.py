"""The page's files: complete, of one host, and fit for a strict Content-Security-Policy."""

from __future__ import annotations

import re

import pytest

from dashboards.page import CONTENT_TYPES, content_type, page_files, page_folder

FILES = page_files()
SCRIPTS = sorted(path for path in FILES if path.endswith(".js"))
OWN = [path for path in SCRIPTS if not path.startswith("/page/vendor/")]
STYLES = sorted(path for path in FILES if path.endswith(".css"))
INDEX = FILES["/"].read_text(encoding="utf-8")
VIEWS = ("map", "ranking", "unit", "explain", "incidents", "monitor")


def source_of(path: str) -> str:
    return FILES[path].read_text(encoding="utf-8")


def test_every_file_has_a_content_type() -> None:
    for path in FILES.values():
        assert content_type(path).startswith(CONTENT_TYPES[path.suffix])
    assert FILES["/"] == page_folder() / "index.html"


def test_a_foreign_suffix_has_no_content_type() -> None:
    with pytest.raises(KeyError):
        content_type(page_folder() / "page.py")


def test_files_in_folders_keep_their_folder() -> None:
    assert FILES["/page/vendor/d3-geo.js"] == page_folder() / "vendor" / "d3-geo.js"
    assert not [path for path in FILES if path.endswith((".md", ".txt"))]


def test_nothing_is_inline() -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", INDEX)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", INDEX))
    assert INDEX.count("<script") == 1


def test_everything_the_index_asks_for_is_there() -> None:
    asked = re.findall(r'(?:src|href)="(page/[^"]+)"', INDEX)
    assert len(asked) >= 3
    assert {f"/{path}" for path in asked} <= FILES.keys()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_its_script_its_style_and_its_words(view: str) -> None:
    wanted = {f"/page/views/{view}.js", f"/page/views/{view}.css", f"/page/words/{view}.js"}
    assert wanted <= FILES.keys()


@pytest.mark.parametrize("script", OWN)
def test_imports_are_of_the_folder_and_text_is_never_html(script: str) -> None:
    source = source_of(script)
    for imported in re.findall(r'(?:from|import) "([^"]+)"', source):
        wanted = (FILES[script].parent / imported).resolve().relative_to(page_folder())
        assert f"/page/{wanted.as_posix()}" in FILES
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)
    assert not re.search(r"""setAttribute\(["']style|["']?style["']?: [`"']""", source)


@pytest.mark.parametrize("path", sorted({*OWN, *STYLES, "/", "/page/mark.svg"}))
def test_no_other_host_is_named(path: str) -> None:
    named = set(re.findall(r"https?://[^\s\"')]+", source_of(path)))
    assert named <= {"http://www.w3.org/2000/svg"}  # a namespace, never asked for


def test_what_is_vendored_has_its_licence_and_version_beside_it() -> None:
    folder = page_folder() / "vendor"
    told = (folder / "README.md").read_text(encoding="utf-8")
    for script in folder.glob("*.js"):
        assert f"`{script.name}`" in told
        assert (folder / f"{script.stem}.LICENSE.txt").is_file()
    for version in ("3.1.2", "1.6.32"):
        assert version in told


def test_a_module_is_short_enough_to_be_read() -> None:
    long = {path for path in [*OWN] if source_of(path).count("\n") > 320}
    assert long == set()
