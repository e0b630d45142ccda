"""The files that messages are made from: the built-in ones, and those of a province's folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, get_args

from alerts.recipients import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
WORDS = "words.toml"
_SUFFIXES = (".txt", ".html", ".toml")


class Folder(NamedTuple):
    """What a province's folder holds."""

    files: Mapping[str, str]  # by name: `vi/sentence/opened.txt`
    problems: tuple[str, ...]  # files that could not be read, and why


@lru_cache(maxsize=1)
def builtin_files() -> Mapping[str, str]:
    """The templates that come with the program."""
    return read_folder(Path(__file__).parent / "templates").files


def read_folder(folder: Path) -> Folder:
    """All templates of a folder. What cannot be read is among the problems, never an exception:
    a message must go out in the built-in words rather than not at all.
    """
    files: dict[str, str] = {}
    problems: list[str] = []
    try:
        top = sorted(folder.iterdir())
    except OSError as error:
        return Folder({}, (f"{folder}: {error.strerror}",))
    inside = [path for one in top if one.name in LANGUAGES for path in sorted(one.rglob("*"))]
    for path in [*top, *inside]:
        if path.suffix not in _SUFFIXES or path.name.startswith(".") or path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            files[name] = path.read_text("utf-8")
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
        except UnicodeDecodeError as error:
            problems.append(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8")
    return Folder(files, tuple(problems))
