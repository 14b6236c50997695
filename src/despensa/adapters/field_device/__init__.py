"""
The demo phone: a folder on the server that behaves like a phone at a service point.

Source: docs/explanation/design.md sections 7.6 to 7.8.
"""

from despensa.adapters.field_device.device import AcknowledgementWrong, FieldDevice
from despensa.adapters.field_device.journal import JournalDamaged
from despensa.adapters.field_device.keys import PublicKeys
from despensa.adapters.field_device.phone import (
    AlreadyOpen,
    DeviceError,
    LeaseNotAccepted,
    NotInstalled,
    SecondOperatorNeeded,
    SessionStateWrong,
)
from despensa.adapters.field_device.scan import ScanResult
from despensa.adapters.field_device.writer import Written

__all__ = [
    "AcknowledgementWrong",
    "AlreadyOpen",
    "DeviceError",
    "FieldDevice",
    "JournalDamaged",
    "LeaseNotAccepted",
    "NotInstalled",
    "PublicKeys",
    "ScanResult",
    "SecondOperatorNeeded",
    "SessionStateWrong",
    "Written",
]
