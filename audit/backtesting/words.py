"""The words of a backtest that is handed over, and how it writes numbers and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from audit.explanation_words import definition_text, window_text
from schemas.instants import Millis

Language = Literal["vi", "en"]

_VI = {
    "title": "Thử chính sách cảnh báo trên lịch sử thật",
    "period": "Khoảng thời gian",
    "to": "đến trước",
    "policies": "Các chính sách",
    "policy": "Chính sách",
    "in_force": "Đang áp dụng",
    "definition": "Chỉ số",
    "window": "Kỳ tính",
    "green": "Xanh từ",
    "yellow": "Vàng từ",
    "min_sample": "Mẫu tối thiểu",
    "hold": "Giữ trước khi mở",
    "recover_hold": "Giữ trước khi đóng",
    "recover_margin": "Biên phục hồi",
    "hash": "Mã băm",
    "own": "Đơn vị có chính sách riêng",
    "own_means": (
        "Các đơn vị sau được đánh giá theo chính sách riêng của mình; mọi đơn vị khác theo chính "
        "sách chung."
    ),
    "own_differs": "Khác chính sách chung ở",
    "unit": "Đơn vị",
    "whose": "Chính sách của",
    "own_of": "riêng {}",
    "general": "chung",
    "in_place_of": "thay cho",
    "by_own": "Theo chính sách riêng",
    "measures": "Số đo",
    "incidents": "Số sự cố đã mở",
    "still_open": "trong đó chưa đóng",
    "open_before": "Sự cố còn mở từ trước khoảng",
    "open_before_still": "trong đó chưa đóng",
    "kept": "Giữ nguyên",
    "moved": "Dời thời điểm mở",
    "earlier": "trong đó mở sớm hơn",
    "gained": "Thêm",
    "lost": "Mất",
    "false_alarms": "Báo động giả",
    "warned": "Sự cố báo trước hồ sơ trễ",
    "warning": "Thời gian báo trước (trung vị)",
    "lead": "Mở sớm hơn chính sách đang áp dụng (trung vị)",
    "time_green": "Thời gian ở vùng xanh",
    "time_yellow": "Thời gian ở vùng vàng",
    "time_red": "Thời gian ở vùng đỏ",
    "time_grey": "Thời gian ở vùng xám (quá ít hồ sơ)",
    "units": "Từng đơn vị",
    "zone_green": "vùng xanh",
    "zone_yellow": "vùng vàng",
    "zone_red": "vùng đỏ",
    "zone_grey": "vùng xám",
    "bar_in_force": "sự cố của chính sách đang áp dụng",
    "bar_kept": "giữ nguyên",
    "bar_moved": "dời thời điểm mở",
    "bar_gained": "thêm",
    "bar_lost": "mất",
    "bar_open_before": "còn mở từ trước khoảng",
    "opened": "mở",
    "closed": "đóng",
    "not_closed": "chưa đóng",
    "difference": "Khác biệt",
    "no_difference": "Không có sự cố nào khác với chính sách đang áp dụng.",
    "at_opening": "số liệu khi mở",
    "is_false_alarm": "báo động giả",
    "means": "Các số đo",
    "means_matching": (
        "Hai sự cố của cùng một đơn vị, một theo mỗi chính sách, là “giữ nguyên” nếu mở cùng "
        "lúc; nếu không, hai sự cố có lúc cùng mở được coi là một, chỉ “dời thời điểm mở”. "
        "Mỗi sự cố chỉ được ghép với một sự cố khác; phần còn lại là “thêm” hoặc “mất”."
    ),
    "means_period": (
        "Mọi số đo trong khoảng thời gian đều như đã biết vào cuối khoảng: sự cố đóng sau đó là "
        "chưa đóng; hồ sơ kết thúc trễ hạn sau đó, hoặc đến lúc đó chưa có bản ghi, không được "
        "tính. Sự cố được tính vào khoảng mà nó mở; sự cố mở trước khoảng và còn mở lúc đầu khoảng "
        "là một số riêng. Một khác biệt được tính nếu một trong hai chính sách mở sự cố trong "
        "khoảng: sự cố được ghép với sự cố đã mở từ trước là “dời thời điểm mở”; sự cố mà chính "
        "sách kia chỉ mở sau khoảng là “thêm” hoặc “mất”."
    ),
    "means_time": (
        "Thời gian ở mỗi vùng tính chính xác từ lần đánh giá đầu tiên của đơn vị (hoặc từ đầu "
        "khoảng) đến cuối lịch sử (hoặc cuối khoảng)."
    ),
    "means_false": (
        "Báo động giả: sự cố đóng trong vòng 24 giờ mà từ lúc mở đến lúc đóng không có hồ sơ "
        "nào kết thúc trễ hạn."
    ),
    "means_warning": (
        "Thời gian báo trước: từ lúc mở đến hồ sơ đầu tiên kết thúc trễ hạn trong khi sự cố còn mở."
    ),
    "source": "Nguồn",
    "command": "Tính lại bằng lệnh",
    "zone_of_time": "Múi giờ",
}
_EN = {
    "title": "What other alert policies would have done on the real history",
    "period": "Period",
    "to": "to before",
    "policies": "The policies",
    "policy": "Policy",
    "in_force": "In force",
    "definition": "Definition",
    "window": "Window",
    "green": "Green from",
    "yellow": "Yellow from",
    "min_sample": "Least sample",
    "hold": "Hold to open",
    "recover_hold": "Hold to close",
    "recover_margin": "Recovery margin",
    "hash": "Hash",
    "own": "Units with a policy of their own",
    "own_means": "These units are judged by policies of their own, all others by the general one.",
    "own_differs": "Differs from the general one",
    "unit": "Unit",
    "whose": "Policy of",
    "own_of": "{} alone",
    "general": "all units",
    "in_place_of": "in place of",
    "by_own": "By its own policy",
    "measures": "What came of them",
    "incidents": "Incidents opened",
    "still_open": "of them not closed",
    "open_before": "Open already at the beginning",
    "open_before_still": "of them not closed",
    "kept": "Kept",
    "moved": "Moved",
    "earlier": "of them opened earlier",
    "gained": "Gained",
    "lost": "Lost",
    "false_alarms": "False alarms",
    "warned": "Incidents before a late dossier",
    "warning": "Warning time (median)",
    "lead": "Opened earlier than in force (median)",
    "time_green": "Time in green",
    "time_yellow": "Time in yellow",
    "time_red": "Time in red",
    "time_grey": "Time in grey (too few dossiers)",
    "units": "Unit by unit",
    "zone_green": "green",
    "zone_yellow": "yellow",
    "zone_red": "red",
    "zone_grey": "grey",
    "bar_in_force": "incident of the policy in force",
    "bar_kept": "kept",
    "bar_moved": "moved",
    "bar_gained": "gained",
    "bar_lost": "lost",
    "bar_open_before": "opened before the period",
    "opened": "opened",
    "closed": "closed",
    "not_closed": "not closed",
    "difference": "Differences",
    "no_difference": "No incident differs from the policy in force.",
    "at_opening": "figure at the opening",
    "is_false_alarm": "false alarm",
    "means": "The measures",
    "means_matching": (
        "Two incidents of a unit, one by each policy, are kept if they open at the same "
        "clock; else two that are open at the same moment are one spell, moved. An incident "
        "is matched with one other at most; what is left is gained or lost."
    ),
    "means_period": (
        "Within a period all is told as it was known at its end: an incident closed later is not "
        "closed, and a dossier that ended late after it, or whose record had not come by then, "
        "does not count. An incident counts where it opens; one opened before the period and open "
        "at its beginning is a number of its own. A difference counts where either policy opens "
        "an incident in the period: matched with one opened before, it is moved; one that the "
        "other policy opens only after the period is gained or lost."
    ),
    "means_time": (
        "Time in each zone is exact, from the unit's first judgement (or the period's start) "
        "to the end of the history (or of the period)."
    ),
    "means_false": (
        "False alarm: closed within 24 hours, and no dossier ended late between opening and "
        "closing."
    ),
    "means_warning": (
        "Warning time: from the opening to the first dossier that ended late while the "
        "incident was open."
    ),
    "source": "Source",
    "command": "Computed again by",
    "zone_of_time": "Time zone",
}
WORDS: Mapping[Language, Mapping[str, str]] = {"vi": _VI, "en": _EN}
_SPANS: Mapping[Language, tuple[tuple[str, Millis], ...]] = {
    "vi": (
        (" ngày", 86_400_000),
        (" giờ", 3_600_000),
        (" phút", 60_000),
        (" giây", 1_000),
        (" mili giây", 1),
    ),
    "en": ((" d", 86_400_000), (" h", 3_600_000), (" min", 60_000), (" s", 1_000), (" ms", 1)),
}


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, and local times."""

    language: Language
    zone: ZoneInfo

    def word(self, name: str) -> str:
        """A word or a sentence."""
        return WORDS[self.language][name]

    def count(self, number: int) -> str:
        """`1.234`; in English `1,234`."""
        text = f"{number:,}"
        return text.replace(",", ".") if self.language == "vi" else text

    def definition(self, name: str) -> str:
        """`hồ sơ đúng hạn trên hồ sơ đã giải quyết (resolved@1)`; in English its id."""
        return self._named(name, definition_text(name))

    def window(self, name: str) -> str:
        """`30 ngày gần nhất (30d)`; in English `30d`."""
        return self._named(name, window_text(name))

    def _named(self, name: str, text: str) -> str:
        return name if self.language == "en" or text == name else f"{text} ({name})"

    def span(self, length: Millis | None) -> str:
        """`3 ngày 4 giờ`: the two largest units, cut; `–` where there is none."""
        if length is None:
            return "–"
        told = self._parts(abs(length) // 1_000 * 1_000)[:2]
        return ("−" if length < 0 else "") + _joined(told)

    def length(self, length: Millis) -> str:
        """`1 ngày 1 phút 30 giây`: all of it."""
        return _joined(self._parts(length))

    def _parts(self, length: Millis) -> list[tuple[int, str]]:
        """How many of each unit, and in words, from the largest that there is any of."""
        parts: list[tuple[int, str]] = []
        left = length
        for name, size in _SPANS[self.language]:
            number, left = divmod(left, size)
            if number or parts or (size == 1_000 and not left):
                parts.append((number, f"{self.count(number)}{name}"))
        return parts

    def instant(self, clock: Millis) -> str:
        """`30/06/2026 17:00:00` local; in English `2026-06-30 17:00:00`."""
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=clock)
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M:%S}"

    def day(self, day: date) -> str:
        """`30/06/2026`; in English `2026-06-30`."""
        return f"{day:%d/%m/%Y}" if self.language == "vi" else day.isoformat()


def _joined(parts: Sequence[tuple[int, str]]) -> str:
    return " ".join(text for number, text in parts if number) or parts[0][1]
