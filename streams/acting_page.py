"""What the acknowledge page says, in Vietnamese and English. Pure: text in, HTML out.

One small document without scripts, images or anything from elsewhere; all that is put into it is
escaped.
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from html import escape
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alerts.recipients import Language
from schemas.instants import Millis
from streams.incident_now import IncidentNow
from streams.settings import Unit

LONGEST_NAME = 100  # characters
LONGEST_REASON = 500
_BASIS = 10_000  # a share in hundredths of a percent


class Said(Enum):
    """What there is to say when there is nothing to ask; the value: the HTTP status."""

    DONE = "done", 200
    ALREADY = "already", 200
    CLOSED = "closed", 200
    TOO_LONG = "too_long", 400
    NO_TOKEN = "no_token", 403
    NOT_YOURS = "not_yours", 403
    UNKNOWN = "unknown", 404
    ANOTHER = "another", 410
    EXPIRED = "expired", 410
    NOT_READY = "not_ready", 503
    NOT_WRITTEN = "not_written", 503


_WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "title": "Tiếp nhận cảnh báo",
        "ask": "Đơn vị $unit đang ở ngoài vùng xanh.",
        "ask_since": "Đơn vị $unit đang ở ngoài vùng xanh, từ $since.",
        "figure": "Số liệu gần nhất: $numerator/$denominator hồ sơ đúng hạn ($percent %).",
        "effect": "Sau khi tiếp nhận, hệ thống không nhắc lại và không báo lên cấp trên về việc "
        "này nữa; khi tình hình xấu đi hoặc trở lại vùng xanh thì vẫn báo.",
        "for": "Liên kết này được gửi cho: $recipient.",
        "name": "Họ và tên (không bắt buộc)",
        "reason": "Ghi chú (không bắt buộc)",
        "button": "Tôi đã tiếp nhận",
        "other": "English",
        "incident": "Mã sự việc",
        "done": "Đã ghi nhận: $author tiếp nhận lúc $at.",
        "already": "Việc này đã được $author tiếp nhận lúc $at.",
        "closed": "Việc này đã kết thúc lúc $at; không cần tiếp nhận nữa.",
        "closed_once": "Việc này đã kết thúc; không cần tiếp nhận nữa.",
        "too_long": f"Chưa ghi nhận: họ tên tối đa {LONGEST_NAME} ký tự, ghi chú tối đa "
        f"{LONGEST_REASON} ký tự. Xin quay lại và rút ngắn.",
        "no_token": "Liên kết không hợp lệ: không do hệ thống cấp, hoặc bị chép thiếu. Xin mở lại "
        "liên kết trong tin nhắn.",
        "not_yours": "Liên kết này được gửi cho $recipient. Theo danh sách nhận tin hiện nay, nơi "
        "nhận này không còn phụ trách đơn vị nên không thể tiếp nhận. Nếu có nhầm lẫn, xin báo cho "
        "bộ phận vận hành.",
        "another": "Liên kết này thuộc về một sự việc trước đây; số liệu đã được tính lại từ đầu. "
        "Xin dùng liên kết trong tin nhắn mới nhất.",
        "unknown": "Không tìm thấy sự việc này. Xin báo cho bộ phận vận hành.",
        "expired": "Liên kết đã hết hạn. Xin dùng liên kết trong tin nhắn mới nhất, hoặc báo cho "
        "bộ phận vận hành.",
        "not_ready": "Hệ thống đang khởi động. Xin thử lại sau ít phút.",
        "not_written": "Chưa ghi nhận được. Xin thử lại sau ít phút.",
    },
    "en": {
        "title": "Acknowledge an alert",
        "ask": "Unit $unit is out of the green zone.",
        "ask_since": "Unit $unit is out of the green zone, since $since.",
        "figure": "Latest figure: $numerator of $denominator dossiers on time ($percent %).",
        "effect": "Once acknowledged, no reminder is sent and no higher level is told of this; "
        "when it gets worse, or green again, you are still told.",
        "for": "This link was sent to: $recipient.",
        "name": "Your name (optional)",
        "reason": "Note (optional)",
        "button": "Acknowledge",
        "other": "Tiếng Việt",
        "incident": "Incident",
        "done": "Recorded: acknowledged by $author at $at.",
        "already": "Acknowledged already by $author at $at.",
        "closed": "Closed already at $at: nothing is left to acknowledge.",
        "closed_once": "Closed already: nothing is left to acknowledge.",
        "too_long": f"Not recorded: a name has at most {LONGEST_NAME} characters, a note at most "
        f"{LONGEST_REASON}. Please go back and shorten it.",
        "no_token": "This link is not valid: not given out by this system, or cut short. Please "
        "open the link in the message again.",
        "not_yours": "This link was sent to $recipient, who no longer answers for this unit in the "
        "recipients file: it cannot acknowledge. If that is a mistake, please tell operations.",
        "another": "This link is of an earlier incident; the figures have been counted anew since. "
        "Please use the link of the latest message.",
        "unknown": "There is no such incident. Please tell operations.",
        "expired": "This link has expired. Please use the link of the latest message, or tell "
        "operations.",
        "not_ready": "The system is starting. Please try again in a few minutes.",
        "not_written": "It could not be recorded. Please try again in a few minutes.",
    },
}
_STYLE = (
    "html{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.4rem}label{display:block;margin:1rem 0 .25rem}"
    "input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem}"
    "button{margin-top:1.5rem;width:100%;font:inherit;font-weight:bold;padding:.9rem;border:0;"
    "border-radius:.4rem;background:#1a7f37;color:#fff}"
    "small{overflow-wrap:anywhere}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def language_of(asked: str | None) -> Language:
    """English where it is asked for, else Vietnamese."""
    return "en" if asked == "en" else "vi"


@dataclass(frozen=True, slots=True)
class AckPage:
    """The page for one request. Each answer is an HTTP status and a document."""

    language: Language
    zone: ZoneInfo
    directory: Mapping[str, Unit]

    def ask(self, token: str, recipient_id: str, incident: IncidentNow) -> tuple[int, str]:
        """What is to be acknowledged, and the button."""
        lines = [
            self._ask_line(incident),
            *self._figure(incident.latest),
            self._words("effect"),
            self._words("for", recipient=recipient_id),
        ]
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in (("token", token), ("lang", self.language))
        )
        form = (
            # A relative address: it holds behind a proxy that puts a path before ours.
            f'<form method="post" action="ack">{fields}'
            f"{self._field('name', LONGEST_NAME)}{self._field('reason', LONGEST_REASON)}"
            f'<button type="submit">{self._words("button")}</button></form>'
        )
        other = "vi" if self.language == "en" else "en"
        link = escape("?" + urlencode({"token": token, "lang": other}))
        switch = f'<p><a href="{link}" hreflang="{other}">{self._words("other")}</a></p>'
        return 200, self._document(lines, incident, form + switch)

    def say(
        self,
        said: Said,
        incident: IncidentNow | None = None,
        *,
        author: str | None = None,
        recipient: str | None = None,
        at: Millis | None = None,
    ) -> tuple[int, str]:
        """One sentence, and nothing to press."""
        name, status = said.value
        if said is Said.CLOSED and at is None:
            name = "closed_once"
        words = {} if at is None else {"at": self._local(at)}
        line = self._words(name, author=author or "", recipient=recipient or "", **words)
        return status, self._document([line], incident, "")

    def _ask_line(self, incident: IncidentNow) -> str:
        unit = self.directory.get(incident.unit_id)
        name = incident.unit_id if unit is None else unit.name
        if incident.opened_at is None:
            return self._words("ask", unit=name)
        return self._words("ask_since", unit=name, since=self._local(incident.opened_at))

    def _figure(self, step: Mapping[str, Any] | None) -> list[str]:
        if step is None or not step["evidence"]["denominator"]:
            return []
        numerator, denominator = (step["evidence"][name] for name in ("numerator", "denominator"))
        hundredths = numerator * _BASIS // denominator  # cut: what is not yet 90 % must not look it
        mark = "," if self.language == "vi" else "."
        percent = f"{hundredths // 100}{mark}{hundredths % 100:02d}"
        return [
            self._words(
                "figure", numerator=str(numerator), denominator=str(denominator), percent=percent
            )
        ]

    def _field(self, name: str, longest: int) -> str:
        return (
            f'<label for="{name}">{self._words(name)}</label>'
            f'<input id="{name}" name="{name}" maxlength="{longest}" autocomplete="off">'
        )

    def _words(self, key: str, **values: str) -> str:
        """A sentence with its values, escaped."""
        escaped = {name: escape(value) for name, value in values.items()}
        return string.Template(_WORDS[self.language][key]).substitute(escaped)

    def _local(self, at: Millis) -> str:
        return (
            datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone).strftime("%H:%M %d/%m/%Y")
        )

    def _document(self, lines: list[str], incident: IncidentNow | None, rest: str) -> str:
        title = self._words("title")
        told = "".join(f"<p>{line}</p>" for line in lines)
        if incident is not None:
            rest += f"<p><small>{self._words('incident')}: {escape(incident.incident_id)}</small>"
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f"<body><h1>{title}</h1>{told}{rest}</body></html>\n"
        )
