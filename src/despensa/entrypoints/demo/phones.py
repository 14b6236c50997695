"""The demo's points and phones: sessions published for today, one phone a point, each with a lease."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from despensa.adapters import hpke
from despensa.adapters.field_device import FieldDevice
from despensa.domain.device import Protection
from despensa.domain.redemption.decide import Elsewhere, TagStatus
from despensa.domain.role import Permission
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes import queries
from despensa.records.registry import queries as registry_queries
from despensa.records.service_points import queries as point_queries
from despensa.records.staff.queries import reach_of
from despensa.usecases.enrol_device import NewDevice, enrol_device
from despensa.usecases.prepare_lease import LeaseOrder, SessionRow, prepare_lease
from despensa.usecases.publish_sessions import PointRow, publish_sessions

POINTS_MAX = 12

Household = tuple[bytes, Sequence[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class PreparedPoint:
    """A point with today's session, its phone's folder and the households it serves."""

    code: str
    session: SessionRow
    phone: Path
    households: Sequence[Household] = field(repr=False)


def phone_folder(tools: Tools, point_code: str) -> Path:
    """Return the folder of a point's demo phone."""
    return tools.workspace.run / "phones" / point_code


def district_index(cycle_id: UUID) -> dict[bytes, Elsewhere]:
    """Return what a phone knows of cards that are not on its list: status, point and day."""
    return {
        tag: Elsewhere(
            TagStatus(status),
            None if point is None else point.bytes,
            None if day is None else day.toordinal() - DAY_ZERO,
        )
        for tag, status, point, day in point_queries.district_of(cycle_id)
    }


def prepare_all(cycle_id: UUID, tools: Tools, operator: UUID) -> list[PreparedPoint]:
    """
    Return the points of today's sessions, largest first, each with a phone that holds its lease.

    One point an area; the areas with most households, at most twelve.
    """
    row = queries.cycle(cycle_id)
    if row is None:
        raise LookupError("there is no such cycle")
    at_area: dict[UUID, list[Household]] = defaultdict(list)
    for household, area, _, goods, numbers in queries.decided_households(cycle_id):
        lines = [(unit, quantity) for unit, quantity in goods]
        at_area[area].append((household.bytes, numbers, lines))
    areas = sorted(at_area, key=lambda area: (-len(at_area[area]), area))[:POINTS_MAX]
    acting = tools.acting(operator)
    names = registry_queries.area_names(areas)
    opens, closes = _today(tools)
    points = [
        PointRow(acting.new_id(), f"P{number:02d}", names[area], area)
        for number, area in enumerate(areas, start=1)
    ]
    sessions = [
        SessionRow(acting.new_id(), p.id, row.programme, cycle_id, tools.today(), opens, closes)
        for p in points
    ]
    reach = reach_of(operator, Permission.RUN_POINT, tools.today())
    publish_sessions(points, sessions, reach=reach, acting=acting)
    return [
        _prepared(point, session, at_area[point.area], tools, operator)
        for point, session in zip(points, sessions, strict=True)
    ]


def _prepared(
    point: PointRow,
    session: SessionRow,
    households: Sequence[Household],
    tools: Tools,
    operator: UUID,
) -> PreparedPoint:
    folder = phone_folder(tools, point.code)
    signatory = tools.keeper.signatory
    keys = signatory.public_keys()
    reach = reach_of(operator, Permission.RUN_POINT, tools.today())
    with FieldDevice.create(folder) as phone:
        device = UUID(bytes=phone.device_id)
        certificate = enrol_device(
            NewDevice(
                device,
                phone.public_keys.signing,
                phone.public_keys.sealing,
                point.area,
                Protection.SERVER_HELD_DEMO,
            ),
            reach=reach,
            acting=tools.acting(operator),
            signatory=signatory,
        )
        phone.install(
            certificate,
            authority_keys=[keys.authority],
            inbox_key=keys.inbox,
            issuer_keys=[keys.issuer],
        )
        lease_id, sealed = prepare_lease(
            LeaseOrder(
                device,
                session,
                session.day.toordinal() - DAY_ZERO,
                [household for household in households if household[1] and household[2]],
            ),
            reach=reach,
            acting=tools.acting(operator),
            cycles=tools.keeper.cycles,
            signatory=signatory,
            seal=hpke.seal,
        )
        phone.load_lease(lease_id.bytes, sealed)
    return PreparedPoint(point.code, session, folder, households)


def _today(tools: Tools) -> tuple[int, int]:
    """Return the first and last second of the workspace's local day, in seconds UTC."""
    zone = ZoneInfo(tools.workspace.time_zone)
    start = datetime.combine(tools.today(), datetime.min.time(), zone)
    end = start + timedelta(days=1)
    return int(start.timestamp()), int(end.timestamp())
