"""The Vietnamese words of an explanation that is handed over."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.comparison import By, Change, DifferingEvent
from schemas.explanation import Counted, EventRole, Reason, Rule

DEFINITIONS: Mapping[str, str] = {
    "resolved@1": "hồ sơ đúng hạn trên hồ sơ đã giải quyết",
    "strict@1": "hồ sơ đúng hạn trên hồ sơ đã giải quyết và hồ sơ đang quá hạn",
}
WINDOWS: Mapping[str, str] = {
    "month": "từ đầu tháng",
    "quarter": "từ đầu quý",
    "half": "từ đầu nửa năm",
    "year": "từ đầu năm",
}
COUNTED_AS: Mapping[Counted, str] = {
    "late": "Trễ hạn",
    "overdue": "Quá hạn",
    "on_time": "Đúng hạn",
    "early": "Trước hạn",
}
COUNTED_MEANS: Mapping[Counted, str] = {
    "late": "kết thúc sau ngày hẹn trả; chỉ tính vào mẫu số",
    "overdue": "chưa kết thúc mà ngày hẹn trả đã qua; chỉ tính vào mẫu số",
    "on_time": "kết thúc trong ngày hẹn trả, không muộn hơn giờ hẹn; tính vào tử số và mẫu số",
    "early": "kết thúc trước ngày hẹn trả ít nhất một ngày; tính vào tử số và mẫu số",
}
RULES: Mapping[Rule, str] = {
    "R1": "Có sự kiện đã bị thu hồi nên không tính; nếu còn tính thì hồ sơ đã được xếp khác.",
    "R2": "Không có lần tiếp nhận nào được ghi; vẫn tính theo lần kết thúc đã ghi.",
    "R3": (
        "Có nhiều ngày hẹn trả: ngày mới chỉ thay ngày cũ nếu được ghi khi ngày cũ chưa qua và hồ "
        "sơ chưa kết thúc."
    ),
    "R4": (
        "Thời gian chờ bổ sung hồ sơ hoặc chờ thực hiện nghĩa vụ tài chính không tính vào thời hạn."
    ),
    "R5": (
        "Có nhiều lần kết thúc: “đã xử lý xong” được lấy trước “đã trả kết quả”, rồi mới đến từ "
        "chối, dừng xử lý, xin rút; cùng loại thì lấy lần sớm nhất."
    ),
    "R6": (
        "So thời điểm kết thúc (chưa kết thúc thì so thời điểm tính) với ngày hẹn trả: không muộn "
        "hơn là đúng hạn."
    ),
    "R8": "Lần kết thúc được ghi trước lần tiếp nhận; vẫn tính như đã ghi.",
}
REASONS: Mapping[Reason, str] = {
    "ended_before_window": "Kết thúc trước kỳ tính",
    "ended_stopped": "Đã dừng xử lý: không phải là kết quả giải quyết",
    "ended_withdrawn": "Công dân đã rút hồ sơ: không phải là kết quả giải quyết",
    "ended_not_counted": "Kết thúc theo cách mà chỉ số này không tính",
    "no_due": "Không có ngày hẹn trả (R7)",
    "not_received": "Chưa được tiếp nhận (R2)",
    "open_not_overdue": "Đang giải quyết, chưa quá hạn",
    "open_paused": "Đang tạm dừng chờ bổ sung hoặc chờ nghĩa vụ tài chính (R4)",
    "open_overdue_not_counted": "Đang quá hạn; chỉ số này chỉ tính hồ sơ đã giải quyết",
    "voided": "Mọi sự kiện đã bị thu hồi (R1)",
    "not_yet": "Tại thời điểm tính chưa có sự kiện nào",
    "not_known": "Chưa có sự kiện nào trong dữ liệu ghi nhận đến lúc đó",
}
FLAGS: Mapping[str, str] = {
    "due_moved_after_breach": "ngày hẹn trả bị đổi sau khi đã qua hạn hoặc đã kết thúc; lần đổi đó "
    "không được tính",
    "end_before_receipt": "kết thúc được ghi trước tiếp nhận",
}
ROLES: Mapping[EventRole, str] = {
    "counts": "",
    "taken_back": "đã bị thu hồi, không tính",
    "takes_back": "",
    "not_yet": "xảy ra sau thời điểm tính",
    "not_known": "chưa có trong dữ liệu ghi nhận đến lúc đó",
}
TYPES: Mapping[str, str] = {
    "submitted": "Nộp hồ sơ",
    "not_accepted": "Chưa đủ điều kiện tiếp nhận",
    "received": "Tiếp nhận",
    "processing": "Đang xử lý",
    "supplement_requested": "Yêu cầu bổ sung",
    "supplement_completed": "Đã bổ sung",
    "fee_requested": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "fee_paid": "Đã thực hiện nghĩa vụ tài chính",
    "due_changed": "Đổi ngày hẹn trả",
    "refused": "Từ chối giải quyết",
    "stopped": "Dừng xử lý",
    "withdrawn": "Công dân xin rút",
    "completed": "Đã xử lý xong",
    "delivered": "Đã trả kết quả",
    "apology_issued": "Phiếu xin lỗi và hẹn lại ngày trả",
    "voided": "Thu hồi sự kiện đã ghi",
}
CHANGES: Mapping[Change, str] = {
    "entered": "Không tính ở A, được tính ở B",
    "left": "Được tính ở A, không tính ở B",
    "changed_side": "Được tính ở cả A và B, nhưng khác kết quả",
}
BY: Mapping[By, str] = {
    "events": "khác nhau do các sự kiện dưới đây",
    "time": "khác nhau do thời gian trôi qua, không do sự kiện nào",
    "window": "khác nhau do kỳ tính",
    "definition": "khác nhau do cách tính của chỉ số",
}


def parts_text(event: DifferingEvent) -> str:
    """What an event is in the one figure and not in the other."""
    if event.role_a == event.role_b:
        return "ở A là một bản ghi khác"
    told = [
        f"{ROLES[role]} ({letter})"
        for letter, role in (("A", event.role_a), ("B", event.role_b))
        if ROLES[role]
    ]
    return "; ".join(told)


def definition_text(name: str) -> str:
    """A definition in words; one that has none here by its id."""
    return DEFINITIONS.get(name, name)


def window_text(name: str) -> str:
    """`30 ngày gần nhất`; a window that has no words here by its name."""
    if name.endswith("d") and name[:-1].isdecimal():
        return f"{name[:-1]} ngày gần nhất"
    return WINDOWS.get(name, name)
