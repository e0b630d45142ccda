"""The words of a report, and how it writes numbers, days and instants, in Vietnamese or English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from audit.reporting.period import Period
from schemas.instants import SECOND, Micros
from schemas.status import Zone

Language = Literal["vi", "en"]

# not the calendar module's: those are in the language of the machine
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_QUARTERS = ("first", "second", "third", "fourth")

_VI = {
    "title": "Báo cáo tình hình giải quyết hồ sơ đúng hạn theo đơn vị",
    "sheet": "Báo cáo",
    "place": "Hạng",
    "tied": "Số đơn vị cùng hạng",
    "unit_id": "Mã đơn vị",
    "name": "Tên đơn vị",
    "zone": "Vùng",
    "numerator": "Tử số",
    "denominator": "Mẫu số",
    "ratio": "Tỷ lệ đúng hạn",
    "early": "Trước hạn",
    "on_time": "Đúng hạn",
    "late": "Trễ hạn",
    "overdue": "Quá hạn cuối kỳ",
    "previous": "Kỳ trước",
    "change": "Tăng/giảm (điểm %)",
    "green": "xanh",
    "yellow": "vàng",
    "red": "đỏ",
    "grey": "xám",
    "total": "Toàn tỉnh",
    "grey_units": "Chưa đủ hồ sơ để xếp hạng",
    "above_units": "Đơn vị cấp trên, không xếp hạng và không tính vào tổng",
    "period": "Kỳ báo cáo",
    "definition": "Chỉ số",
    "as_of": "Thời điểm tính",
    "before": "chỉ gồm các sự kiện xảy ra trước đó",
    "not_over": "kỳ báo cáo chưa kết thúc",
    "known_at": "Dữ liệu ghi nhận đến",
    "known_then": "chỉ gồm các bản ghi nhận được đến lúc đó",
    "compared": "Kỳ trước để so sánh",
    "policy": "Chính sách xếp vùng",
    "own": "Chính sách riêng",
    "own_general": "chung",
    "own_green": "xanh từ",
    "own_yellow": "vàng từ",
    "own_min_sample": "số hồ sơ tối thiểu",
    "own_definition": "chỉ số",
    "own_window": "kỳ",
    "own_elsewhere": "vùng hằng ngày và cảnh báo theo {0}; báo cáo này tính mọi đơn vị "
    "theo cùng chỉ số và kỳ",
    "book": "Sổ niêm phong",
    "not_sealed": "chưa niêm phong",
    "sealed_day": "ngày",
    "source": "Nguồn dữ liệu",
    "time_zone": "Múi giờ",
    "command": "Lập lại bằng lệnh",
    "made_at": "Lập lúc",
    "made_by": "Phần mềm",
    "note": "Ghi chú",
    "notes": (
        "“Đúng hạn” là kết thúc ngay trong ngày hẹn trả, không gồm “Trước hạn”; tử số gồm cả hai. "
        "Tỷ lệ được cắt, không làm tròn, ở hai chữ số thập phân. Các đơn vị có tỷ lệ bằng nhau "
        "thì cùng hạng."
    ),
    "page": "Trang",
    **{f"month_{n}": f"tháng {n} năm {{0}}" for n in range(1, 13)},
    **{f"quarter_{n}": f"quý {n} năm {{0}}" for n in range(1, 5)},
    "half_1": "6 tháng đầu năm {0}",
    "half_2": "6 tháng cuối năm {0}",
    "year": "năm {0}",
    "from_to": "từ {0} đến hết {1}",
    "days": "ngày",
    "window_month": "từ đầu tháng",
    "window_quarter": "từ đầu quý",
    "window_half": "từ đầu nửa năm",
    "window_year": "từ đầu năm",
}
_EN = {
    "title": "Dossiers resolved on time, by unit",
    "sheet": "Report",
    "place": "Place",
    "tied": "Units sharing it",
    "unit_id": "Unit id",
    "name": "Unit",
    "zone": "Zone",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "ratio": "On-time ratio",
    "early": "Early",
    "on_time": "On time",
    "late": "Late",
    "overdue": "Overdue at the end",
    "previous": "Period before",
    "change": "Change (points)",
    "green": "green",
    "yellow": "yellow",
    "red": "red",
    "grey": "grey",
    "total": "Province",
    "grey_units": "Too few dossiers to be ranked",
    "above_units": "Units above others, neither ranked nor in the total",
    "period": "Period",
    "definition": "Definition",
    "as_of": "As of",
    "before": "only what happened before",
    "not_over": "the period is not over",
    "known_at": "Known at",
    "known_then": "only records that had arrived by then",
    "compared": "Compared with",
    "policy": "Policy of the zones",
    "own": "Own policy",
    "own_general": "general",
    "own_green": "green from",
    "own_yellow": "yellow from",
    "own_min_sample": "least number of dossiers",
    "own_definition": "definition",
    "own_window": "window",
    "own_elsewhere": "its daily zone and its alerts go by {0}; this report tallies all units "
    "by one definition and period",
    "book": "Sealed book",
    "not_sealed": "not sealed",
    "sealed_day": "day",
    "source": "Source",
    "time_zone": "Time zone",
    "command": "Made again by",
    "made_at": "Made at",
    "made_by": "Program",
    "note": "Note",
    "notes": "On time means ended on the due day itself, without the early ones; the numerator "
    "holds both. Ratios are cut, not rounded, at two decimals. Units with equal ratios share a "
    "place.",
    "page": "Page",
    **{f"month_{n}": f"{name} {{0}}" for n, name in enumerate(_MONTHS, start=1)},
    **{f"quarter_{n}": f"{name} quarter of {{0}}" for n, name in enumerate(_QUARTERS, start=1)},
    "half_1": "first half of {0}",
    "half_2": "second half of {0}",
    "year": "{0}",
    "from_to": "from {0} to the end of {1}",
    "days": "days",
    "window_month": "month to date",
    "window_quarter": "quarter to date",
    "window_half": "half-year to date",
    "window_year": "year to date",
}
_YEAR = 12
_KINDS = {1: "month", 3: "quarter", 6: "half", _YEAR: "year"}  # by their months
WORDS: Mapping[Language, Mapping[str, str]] = {"vi": _VI, "en": _EN}
_DEFINITIONS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "resolved@1": "hồ sơ đúng hạn trên hồ sơ đã giải quyết trong kỳ",
        "strict@1": "hồ sơ đúng hạn trên hồ sơ đã giải quyết trong kỳ và hồ sơ quá hạn cuối kỳ",
    },
    "en": {
        "resolved@1": "on time, of the dossiers resolved in the period",
        "strict@1": "on time, of the dossiers resolved in the period and those overdue at its end",
    },
}


@dataclass(frozen=True, slots=True)
class Writing:
    """One language, and local times."""

    language: Language
    zone: ZoneInfo

    def word(self, name: str) -> str:
        """A word or a sentence."""
        return WORDS[self.language][name]

    def zone_word(self, zone: Zone | None) -> str:
        """`xanh`; nothing for all units together."""
        return "" if zone is None else self.word(zone)

    def definition(self, name: str) -> str:
        """A definition in words, and its id; one that has no words here by its id alone."""
        words = _DEFINITIONS[self.language].get(name)
        return name if words is None else f"{words} ({name})"

    def count(self, number: int) -> str:
        """`1.234`; in English `1,234`."""
        text = f"{number:,}"
        return text.replace(",", ".") if self.language == "vi" else text

    def decimal(self, hundredths: int) -> str:
        """`-1,05`; in English `-1.05`."""
        sign = "-" if hundredths < 0 else ""
        whole, part = divmod(abs(hundredths), 100)
        return f"{sign}{whole}{',' if self.language == 'vi' else '.'}{part:02}"

    def percent(self, hundredths: int) -> str:
        """`88,70 %`; in English `88.70%`."""
        return self.decimal(hundredths) + (" %" if self.language == "vi" else "%")

    def threshold(self, share: Fraction) -> str:
        """`87,5 %`, with all digits that it was written with; in English `87.5%`."""
        text = format((Decimal(share.numerator) * 100 / share.denominator).normalize(), "f")
        return f"{text.replace('.', ',')} %" if self.language == "vi" else f"{text}%"

    def window(self, name: str) -> str:
        """`30 ngày`; in English `30 days`; a window to date by its name."""
        if name.endswith("d"):
            return f"{name[:-1]} {self.word('days')}"
        return self.word(f"window_{name}")

    def day(self, day: date) -> str:
        """`30/06/2026`; in English `2026-06-30`."""
        return f"{day:%d/%m/%Y}" if self.language == "vi" else day.isoformat()

    def instant(self, at: Micros) -> str:
        """`30/06/2026 17:00:00` local, with parts of a second where there are."""
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(
            self.zone
        )
        sign = "," if self.language == "vi" else "."
        part = f"{sign}{local.microsecond:06}".removesuffix("000") if at % SECOND else ""
        return f"{self.day(local.date())} {local:%H:%M:%S}{part}"

    def period(self, period: Period) -> str:
        """`tháng 6 năm 2024 (từ 01/06/2024 đến hết 30/06/2024)`; in English `June 2024 (…)`."""
        first, months = period.first, period.months
        days = self.word("from_to").format(self.day(first), self.day(period.last))
        if months not in _KINDS:
            return days
        number = (first.month - 1) // months + 1
        name = _KINDS[months] if months == _YEAR else f"{_KINDS[months]}_{number}"
        return f"{self.word(name).format(first.year)} ({days})"
