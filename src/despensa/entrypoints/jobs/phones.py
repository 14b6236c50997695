"""Phones from the office: the code that enrols one, and the list that one is given for a session."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.adapters import hpke
from despensa.domain.act import Acting
from despensa.domain.lease import CollectorCheckKind
from despensa.domain.reach import Reach
from despensa.domain.role import Permission
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.wiring import Tools
from despensa.records.households import queries as homes
from despensa.records.programmes import queries as programmes
from despensa.records.service_points import phone_queries
from despensa.records.service_points import queries as points
from despensa.records.staff import queries as staff
from despensa.usecases.offer_device import offer_device
from despensa.usecases.open_collectors import open_collectors
from despensa.usecases.prepare_lease import LeaseOrder, SessionRow, prepare_lease


class NoSession(LookupError):
    """There is no such session of a point in reach; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is shown to a new phone, and who will work with it."""

    text: str
    operators: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class ListOrder:
    """Which phone gets which part of a session: table `table` of `tables` (0 of 1: all of it)."""

    device: UUID
    point: str
    day: date
    table: int = 0
    tables: int = 1


def offer(area: UUID, origin: str, tools: Tools, *, reach: Reach, acting: Acting) -> Offer:
    """
    Return a code for one new phone of an area; its operators are who may run points there today.

    Raises: OutOfReach.
    """
    operators = operators_at(area, acting.day)
    code = offer_device(area, operators, reach=reach, acting=acting)
    authority = tools.keeper.signatory.public_keys().authority
    return Offer(f"{origin}/field/#e1.{_text(code)}.{_text(authority)}", operators)


def operators_at(area: UUID, day: date) -> list[tuple[UUID, str]]:
    """Return (id, name) of staff who may run the points of an area on a day."""
    return [
        (one, name)
        for one, name in staff.holders(Permission.RUN_POINT, day)
        if staff.reach_of(one, Permission.RUN_POINT, day).holds(area)
    ]


def prepare(order: ListOrder, tools: Tools, *, reach: Reach, acting: Acting) -> tuple[UUID, int]:
    """
    Return the new list's id and how many households are on it; its phone fetches it.

    The households are those of the point's area whose entitlement nobody holds; tables share them.
    Raises: NoSession; OutOfReach; DeviceNotTrusted; LeaseHeld; CycleClosed.
    """
    found = points.sessions_at(order.point, order.day)
    if not found or not reach.covers(found[0][2], found[0][7]):
        raise NoSession(
            f"There is no session of a point {order.point} in reach on {order.day.isoformat()}: "
            "nothing was changed."
        )
    session_id, point, programme, cycle, day, opens_at, closes_at, area = found[0]
    session = SessionRow(session_id, point, programme, cycle, day, opens_at, closes_at)
    inside = set(programmes.areas_within(area))
    households = [
        (household.bytes, numbers, [(unit, quantity) for unit, quantity in goods])
        for household, home, _, goods, numbers in programmes.decided_households(session.cycle)
        if home in inside and goods and numbers
    ]
    own = households[max(order.table - 1, 0) :: order.tables]
    check = homes.check_of(session.programme)
    asked = check is not CollectorCheckKind.NONE
    collectors = homes.collectors_of([UUID(bytes=one) for one, *_ in own if asked], session.day)
    named = {key.person for people in collectors.values() for _, key, _ in people}
    lease, _ = prepare_lease(
        LeaseOrder(
            order.device,
            session,
            session.day.toordinal() - DAY_ZERO,
            own,
            collectors=collectors,
            access=open_collectors(named, acting=acting) if asked else None,
            check=check,
            table=order.table,
        ),
        reach=reach,
        acting=acting,
        cycles=tools.keeper.cycles,
        signatory=tools.keeper.signatory,
        seal=hpke.seal,
    )
    return lease, phone_queries.households_on(lease)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
