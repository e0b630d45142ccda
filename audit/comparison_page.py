"""A comparison as one HTML file to hand over: Vietnamese, printable, nothing fetched."""

from __future__ import annotations

from audit import explanation_words as words
from audit.explanation_page import Document, Writing, page_template
from schemas.comparison import CHANGES, Comparison
from schemas.instants import Micros


def comparison_page(comparison: Comparison, document: Document, other_start: Micros) -> str:
    """The whole file. All that came from outside is escaped.

    `document` is of figure A; `other_start` is where the window of B begins.
    """
    return page_template("comparison.html").render(
        comparison=comparison,
        document=document,
        figures=[
            ("A", comparison.a, document.window_start),
            ("B", comparison.b, other_start),
        ],
        groups=[
            (change, [one for one in comparison.changes if one.change == change])
            for change in CHANGES
        ],
        rules=sorted(
            {
                stand.rule
                for one in comparison.changes
                for stand in (one.a, one.b)
                if stand.rule is not None
            }
        ),
        writing=Writing(document.zone),
        words=words,
    )
