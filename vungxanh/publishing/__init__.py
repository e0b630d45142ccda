"""Validated publishing: lines of a file become records of `dossier-events`."""

from vungxanh.publishing.parcels import Arrival, Parcel, in_order, shifted
from vungxanh.publishing.sending import Sender, send_all

__all__ = ["Arrival", "Parcel", "Sender", "in_order", "send_all", "shifted"]
