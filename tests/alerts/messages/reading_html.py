"""Reads a message's HTML as a mail program would: its texts, links, and whether it is well made."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

WITHOUT_END = {"meta", "br"}
UNSEEN = {"style", "title"}
INLINE = {"span", "b", "a"}


@dataclass
class Read:
    seen: str = ""  # what is seen, in order; blocks and lines parted by a space
    links: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    title: str = ""
    style: str = ""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.tags.add(tag)
        if tag not in INLINE:
            self.read.seen += " "
        self.read.attributes |= {name for name, _ in attrs}
        self.read.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in UNSEEN:
            setattr(self.read, self.open[-1], data)
        else:
            self.read.seen += data


def read_html(html: str) -> Read:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    parser.read.seen = " ".join(parser.read.seen.split())
    return parser.read
