"""Composes messages from templates: the built-in ones, and a province's own in their place.

Pure once made: the folder is read when the composer is, and its files stand until the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from alerts.messages.content import Composed, Content, Item
from alerts.messages.digest_view import digest_view
from alerts.messages.item_view import item_view, message_view
from alerts.messages.sandbox import BrokenTemplateError, Sandbox
from alerts.messages.shapes import ConditionView, DigestView, FactView, ItemView
from alerts.messages.speech import Speech
from alerts.messages.template_files import WORDS, Folder, builtin_files, read_folder
from alerts.messages.words import Words, read_words
from alerts.recipients import Language
from schemas.notification import Why

_LONGEST_SUBJECT = 160  # characters; mail programs show about 70, of a telephone 40


class _Kit(NamedTuple):
    """What messages of a language are made with."""

    language: Language
    sandbox: Sandbox
    words: Words


class Composer:
    """Composes messages; where a province's template is broken, with the built-in one."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: a province's templates, laid out as the built-in ones; None: none."""
        self._folder = Folder({}, ()) if folder is None else read_folder(folder)
        self._kits: dict[tuple[Language, frozenset[str]], _Kit] = {}

    def compose(self, content: Content) -> Composed:
        """The message. ValueError for a content that tells nothing.

        Each broken file of the province is put aside in turn, and named in `broken`: its other
        files stay in use.
        """
        composed, problems = self._composed(content)
        return composed._replace(broken="; ".join(problems) or None)

    def problems(self, content: Content) -> list[str]:
        """What is wrong with the province's files that make this message, one line each."""
        return self._composed(content)[1]

    def _composed(self, content: Content) -> tuple[Composed, list[str]]:
        content = _with_digest(content)
        problems, aside = list(self._folder.problems), set[str]()
        while True:
            try:
                return _compose(self._kit(content.language, frozenset(aside)), content), problems
            except BrokenTemplateError as error:
                if error.name in aside or error.name not in self._folder.files:
                    raise  # not the province's: a fault of this program
                aside.add(error.name)
                problems.append(str(error))

    def _kit(self, language: Language, aside: frozenset[str]) -> _Kit:
        if (language, aside) not in self._kits:
            own = {name: text for name, text in self._folder.files.items() if name not in aside}
            words = _words(f"{language}/{WORDS}", own)
            sandbox = Sandbox({**builtin_files(), **own}, own)
            self._kits[language, aside] = _Kit(language, sandbox, words)
        return self._kits[language, aside]


def _words(name: str, own: Mapping[str, str]) -> Words:
    words = read_words(builtin_files()[name])
    if name not in own:
        return words
    try:
        return read_words(own[name], words)
    except ValueError as error:
        raise BrokenTemplateError(name, 0, str(error)) from None


def _with_digest(content: Content) -> Content:
    """With an item for the digest, so that it has its sentence like everything else."""
    if content.digest and all(item.kind != "digest" for item in content.items):
        digest = Item("digest", Why.DIGEST, unit_id="", unit_name="", at=content.at)
        return content._replace(items=(digest, *content.items))
    if not content.items:
        raise ValueError(f"message {content.key}: there is nothing to tell")
    if content.digest is None and any(item.kind == "digest" for item in content.items):
        raise ValueError(f"message {content.key}: an item of kind digest without a digest")
    return content


def _compose(kit: _Kit, content: Content) -> Composed:
    speech = Speech(kit.language, content.zone, kit.words)
    shared = {"message": message_view(content, speech), "words": kit.words, "digest": None}
    if content.digest:
        shared["digest"] = _told(kit, digest_view(content, content.digest, speech), shared)
    items = [_worded(kit, item_view(content, item, speech), shared) for item in content.items]
    subject = _line(kit, "subject.txt", {**shared, "item": items[0]})
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    whole = {**shared, "items": items, "subject": subject}
    return Composed(
        subject=subject,
        text=_thinned(_wanted(kit, "message.txt", whole)),
        html=_wanted(kit, "message.html", whole).strip() + "\n",
    )


def _worded(kit: _Kit, item: ItemView, shared: dict[str, object]) -> ItemView:
    """An item with the sentence, the facts and the advice that its templates make."""
    if item.condition is not None:
        item = replace(item, detail=_said(kit, item.condition, shared))
    variables = {**shared, "item": item}
    return replace(
        item,
        sentence=_line(kit, f"sentence/{item.kind}.txt", variables),
        facts=tuple(_fact(line) for line in _lines(kit, "facts.txt", variables)),
        advice=tuple(_lines(kit, "advice.txt", variables)),
    )


def _told(kit: _Kit, digest: DigestView, shared: dict[str, object]) -> DigestView:
    """A digest with the lines, the conditions and the measure that its templates make."""
    variables = {**shared, "digest": digest}
    lines = (
        replace(line, told=" ".join(_lines(kit, "line.txt", {**variables, "line": line})))
        for line in digest.lines
    )
    missing = (_said(kit, condition, variables) for condition in digest.conditions)
    measure = " ".join(_lines(kit, "measure.txt", variables))
    return replace(digest, lines=tuple(lines), missing=tuple(missing), measure=measure)


def _said(kit: _Kit, condition: ConditionView, shared: dict[str, object]) -> str:
    """A condition of the monitor in words."""
    return _line(kit, "condition.txt", {**shared, "condition": condition})


def _wanted(kit: _Kit, name: str, variables: dict[str, object]) -> str:
    """What a template makes, which must not be nothing."""
    made = kit.sandbox.render(name, variables)
    if not made.strip():
        raise BrokenTemplateError(name, 0, "makes an empty text")
    return made


def _line(kit: _Kit, name: str, variables: dict[str, object]) -> str:
    return " ".join(_wanted(kit, f"{kit.language}/{name}", variables).split())


def _lines(kit: _Kit, name: str, variables: dict[str, object]) -> list[str]:
    made = kit.sandbox.render(f"{kit.language}/{name}", variables)
    return [" ".join(line.split()) for line in made.splitlines() if line.strip()]


def _fact(line: str) -> FactView:
    label, colon, value = line.partition(": ")
    return FactView(label, value) if colon else FactView("", line)


def _thinned(text: str) -> str:
    """Never two blank lines together, none at the ends, no spaces at the end of a line."""
    kept: list[str] = []
    for line in map(str.rstrip, text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"
