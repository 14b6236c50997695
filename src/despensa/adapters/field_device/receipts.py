"""
The receipts a demo phone gives: always for a refusal, on request for a delivery.

Source: docs/reference/formats.md section 5; docs/explanation/design.md section 7.7.
"""

from despensa.adapters.field_device.keys import DeviceKeys, Trust
from despensa.adapters.field_device.writer import Written
from despensa.domain.lease import Lease
from despensa.domain.receipt import Receipt, ReceiptKind, sign_receipt
from despensa.domain.redemption.decide import Refused

# A receipt must name a day even where no list says how long an appeal may take.
APPEAL_DAYS_WITHOUT_LIST = 30


def delivered_receipt(written: Written, *, today: int, trust: Trust, keys: DeviceKeys) -> bytes:
    """Return the receipt of a delivery: day and quantity, no tag and no point."""
    receipt = Receipt(
        kind=ReceiptKind.DELIVERED,
        workspace_id=trust.certificate.workspace_id,
        content_hash=written.event_hash,
        day=today,
        serial=_serial(written),
        goods=written.event.goods,
    )
    return _signed(receipt, trust, keys)


def refused_receipt(
    written: Written,
    refused: Refused,
    nonce: bytes | None,
    *,
    today: int,
    lease: Lease | None,
    trust: Trust,
    keys: DeviceKeys,
) -> bytes:
    """Return the receipt of a refusal: why, until when to appeal, and what was offered."""
    appeal_days = APPEAL_DAYS_WITHOUT_LIST if lease is None else lease.appeal_days
    receipt = Receipt(
        kind=ReceiptKind.REFUSED,
        workspace_id=trust.certificate.workspace_id,
        content_hash=written.event_hash,
        day=today,
        serial=_serial(written),
        reason=refused.reason,
        appeal_until=today + appeal_days,
        nonce=nonce,
        point_id=None if lease is None else lease.point_id,
        offered=refused.offered,
    )
    return _signed(receipt, trust, keys)


def _serial(written: Written) -> str:
    return f"{written.event.device_id.hex()[:6].upper()}-{written.event.seq}"


def _signed(receipt: Receipt, trust: Trust, keys: DeviceKeys) -> bytes:
    return sign_receipt(
        receipt,
        public_key=keys.public.signing,
        signer=keys.sign,
        certificate=trust.certificate_data,
    )
