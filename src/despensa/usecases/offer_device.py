"""Show a one-time code that enrols one phone for an area, with the people who will work with it."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain import phone_request
from despensa.domain.act import Acting
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.service_points import offer_store


def offer_device(
    area: UUID, operators: Sequence[tuple[UUID, str]], *, reach: Reach, acting: Acting
) -> bytes:
    """
    Return the code, valid once and for ten minutes; nobody can read it from the books.

    `operators` are staff with a role at the points of the area; `reach` is where whoever shows the
    code manages phones: the ledger cannot see roles.
    Raises: OutOfReach.
    """
    if acting.staff is None:
        raise ValueError("a phone is enrolled by a person")
    reach.require_people(area)
    code = acting.random(phone_request.CODE_LENGTH)
    offer = offer_store.OfferRow(
        code_hash=phone_request.code_hash(code),
        area=area,
        operators=sorted(((str(staff), name) for staff, name in operators), key=lambda o: o[1]),
        offered_by=acting.staff,
        expires_at=acting.at + phone_request.CODE_SECONDS,
    )
    with transaction.atomic(using=LEDGER):
        offer_store.add_offer(offer)
        columns: dict[int | str, object] = {"area": area.bytes, "expires_at": offer.expires_at}
        rows = journal_rows.inserted("device_offer", [(offer.code_hash, columns)])
        journal_store.record(LEDGER, "offer_device", acting, rows)
    return code
