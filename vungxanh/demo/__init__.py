"""The demo province: events of Quảng Nam's 18 district-level units, invented and seeded."""

from vungxanh.demo.province import DemoProvince, units_file

__all__ = ["DemoProvince", "units_file"]
