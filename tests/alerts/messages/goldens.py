"""The messages as they should read, in golden/. Written anew, to be read before they are kept, by

python -m tests.alerts.messages.goldens
"""

from __future__ import annotations

from pathlib import Path

from alerts.messages.composer import Composer
from alerts.messages.content import Composed
from alerts.messages.samples import NAMES, sample
from alerts.recipients import Language

FOLDER = Path(__file__).parent / "golden"
LANGUAGES: tuple[Language, ...] = ("vi", "en")


def golden(language: Language, name: str) -> Path:
    return FOLDER / language / f"{name}.txt"


def shown(composed: Composed) -> str:
    return f"{composed.subject}\n\n{composed.text}"


def write() -> None:
    composer = Composer()
    for language in LANGUAGES:
        golden(language, "any").parent.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            text = shown(composer.compose(sample(name, language)))
            golden(language, name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
