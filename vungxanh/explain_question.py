"""What `vungxanh explain` is asked for: a figure, and perhaps another to hold against it."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.definitions import definition as definition_of
from indicators.known import Question
from indicators.windows import read_window
from schemas.instants import Micros, iso_micros, read_instant
from vungxanh.errors import WrongUseError
from vungxanh.settings import Settings

_KNOWN = "known:"
_NOW = "now"


def question_of(
    unit: str,
    settings: Settings,
    as_of: str,
    *,
    known_at: str | None = None,
    definition: str | None = None,
    window: str | None = None,
) -> Question:
    """The figure asked for; what is not said is that of the unit's policy.

    Raises WrongUseError naming the option that is wrong.
    """
    own = settings.policy.units.get(unit)
    definition = definition or (own and own.definition) or settings.policy.definition
    window = window or (own and own.window) or settings.policy.window
    try:
        chosen = read_window(window, settings.zone)
    except ValueError as error:
        raise WrongUseError(f"--window: {error}") from None
    known = None if known_at is None else _instant(known_at, "--known-at")
    return Question(definition, chosen, _instant(as_of, "--as-of"), settings.zone, known)


def held_against(a: Question, versus: Sequence[str]) -> Question:
    """The other figure: as the first, with what `--versus` says in its place.

    Each is another T, `known:` and an instant or `now`, a definition (with an @) or a window.
    Raises WrongUseError where it is none of them, or says a second time what another has said.
    """
    said: dict[str, str] = {}
    b = a
    for text in versus:
        field, b = _replaced(b, text)
        if field in said:
            raise WrongUseError(f"--versus: {said[field]} and {text} are both {field}; give one")
        said[field] = text
    return b


def _replaced(question: Question, text: str) -> tuple[str, Question]:
    if text.startswith(_KNOWN):
        rest = text.removeprefix(_KNOWN)
        known = None if rest == _NOW else _instant(rest, f"--versus {text}")
        return "a knowledge time", question._replace(known=known)
    if "@" in text:
        try:
            definition_of(text)
        except ValueError as error:
            raise WrongUseError(f"--versus: {error}") from None
        return "a definition", question._replace(definition=text)
    try:
        return "a window", question._replace(window=read_window(text, question.zone))
    except ValueError:
        return "an instant", question._replace(at=_other_instant(text))


def _other_instant(text: str) -> Micros:
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(
            f"--versus: {error}; it takes an instant, known:INSTANT, known:now, a definition such "
            "as strict@1, or a window such as 90d"
        ) from None


def versus_words(a: Question, b: Question) -> list[str]:
    """The `--versus` that make B of A; also where they are the same."""
    words = []
    if b.at != a.at:
        words.append(iso_micros(b.at))
    if b.known != a.known:
        words.append(_KNOWN + (_NOW if b.known is None else iso_micros(b.known)))
    if b.definition != a.definition:
        words.append(b.definition)
    if b.window.text != a.window.text:
        words.append(b.window.text)
    return [part for word in words or [iso_micros(b.at)] for part in ("--versus", word)]


def _instant(text: str, option: str) -> Micros:
    try:
        return read_instant(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {error}") from None
