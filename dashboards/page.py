"""The page: static files that any web server can give out, with nothing to build.

`index.html` belongs at `/`, the folder's other files under `/page/...`; they ask for `/api/...`.
All is the server's own: no other host, no inline script or style, so `CONTENT_SECURITY_POLICY`
holds.
"""

from __future__ import annotations

from pathlib import Path

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'self'; form-action 'self'"
)

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def page_folder() -> Path:
    """The folder with `index.html` and what it needs."""
    return Path(__file__).parent / "page"


def page_files() -> dict[str, Path]:
    """The files by the path they are asked for: `/`, `/page/page.js`, `/page/views/map.js`, ...

    What only people read, such as a licence beside a library, is not among them.
    """
    folder = page_folder()
    files = {
        f"/page/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.suffix in CONTENT_TYPES
    }
    return {"/": folder / "index.html", **files}


def content_type(path: Path) -> str:
    """The Content-Type of one of the files; KeyError for a suffix that the page does not use."""
    return CONTENT_TYPES[path.suffix]
