"""Looks at a province's templates before they are needed: for `vungxanh config check`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from alerts.messages.composer import Composer
from alerts.messages.samples import NAMES, sample
from alerts.messages.template_files import LANGUAGES, builtin_files, read_folder

_TAKEN = re.compile(r"""{%[-+]?\s*(?:include|import|from|extends)\b([^%]*)%}""")
_QUOTED = re.compile(r"""["']([^"']+)["']""")


def check(folder: Path) -> list[str]:
    """What is wrong with the templates of a folder, one line each; empty: nothing.

    Every file is rendered with all sample messages in both languages. A file that replaces no
    built-in one, and that no other file includes, is named: its name is a slip.
    """
    files, problems = read_folder(folder)
    if not files and not problems:
        names = " or ".join(LANGUAGES)
        return [f"{folder}: no template in it; files stand in the folders {names}, as built in"]
    found = dict.fromkeys(problems)  # in order, each once
    found |= dict.fromkeys(_idle(files))
    composer = Composer(folder)
    for language in LANGUAGES:
        for name in NAMES:
            found |= dict.fromkeys(composer.problems(sample(name, language)))
    return list(found)


def _idle(files: Mapping[str, str]) -> Iterator[str]:
    taken = {
        name
        for text in files.values()
        for tag in _TAKEN.findall(text)
        for name in _QUOTED.findall(tag)
    }
    for name in files:
        if name not in builtin_files() and name not in taken:
            yield f"{name}: replaces nothing: no built-in template has that name"
