"""The 18 units of the demo province: how much they do, and how well. All of it invented.

The figures say nothing about the real offices of these names; see README.md beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Script = Literal["slides", "recovers"]


@dataclass(frozen=True)
class Profile:
    """How one unit works."""

    unit_id: str
    dossiers: float  # received on a usual working day at the desk
    on_time: float  # share that ends on or before its date
    script: Script | None = None  # steered around 90 % instead of left to chance

    @property
    def code(self) -> str:
        """The two digits that stand for the unit in a dossier id."""
        return self.unit_id[-2:]


@dataclass(frozen=True)
class Procedure:
    """A kind of dossier with its promised time."""

    procedure_id: str
    days: int  # promised working days
    weight: int  # how common, relative to the others
    fee: bool = False  # a payment is asked of the citizen on the way


PROFILES: tuple[Profile, ...] = (
    Profile("H47.502", 44, 0.97),  # Tam Kỳ
    Profile("H47.503", 38, 0.98),  # Hội An
    Profile("H47.504", 2.6, 0.88, "recovers"),  # Tây Giang
    Profile("H47.505", 11, 0.95),  # Đông Giang
    Profile("H47.506", 31, 0.96),  # Đại Lộc
    Profile("H47.507", 42, 0.985),  # Điện Bàn
    Profile("H47.508", 29, 0.97),  # Duy Xuyên
    Profile("H47.509", 23, 0.905),  # Quế Sơn, near the line
    Profile("H47.510", 12, 0.945),  # Nam Giang
    Profile("H47.511", 13, 0.72),  # Phước Sơn, red
    Profile("H47.512", 15, 0.91),  # Hiệp Đức, near the line
    Profile("H47.513", 33, 0.96),  # Thăng Bình
    Profile("H47.514", 20, 0.99),  # Tiên Phước
    Profile("H47.515", 15, 0.95),  # Bắc Trà My
    Profile("H47.516", 10, 0.96),  # Nam Trà My
    Profile("H47.517", 36, 0.915),  # Núi Thành, near the line
    Profile("H47.518", 21, 0.98),  # Phú Ninh
    Profile("H47.519", 2.6, 0.92, "slides"),  # Nông Sơn
)

PROCEDURES: tuple[Procedure, ...] = (
    Procedure("2.000815", 1, 22),  # certified copies
    Procedure("1.001193", 1, 14),  # birth registration
    Procedure("1.000894", 2, 9),  # marriage registration
    Procedure("1.001612", 3, 12),  # household business registration
    Procedure("1.001776", 7, 10),  # social assistance
    Procedure("1.009994", 10, 8, fee=True),  # building permit
    Procedure("1.012783", 10, 13, fee=True),  # change of a land use certificate
    Procedure("2.001234", 20, 6, fee=True),  # first land use certificate
)

AT_ONCE = Procedure("2.000908", 0, 0)  # copies from the register, answered while one waits
