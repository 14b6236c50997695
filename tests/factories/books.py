"""
Books as far along the main job as a test asks for; each stage goes through the real use cases.

Time stands still at `NOON` until a test moves the clock.
"""

import csv
import io
import os
import random
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from itertools import islice
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from despensa.adapters import hpke
from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.field_device import FieldDevice
from despensa.adapters.keeper.in_process import InProcessKeeper, open_keeper
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.register_file.municipality import HEADINGS, municipality
from despensa.adapters.register_file.reader import read_register
from despensa.adapters.workspace import folder as workspaces
from despensa.domain import epoch as epochs
from despensa.domain.act import Acting
from despensa.domain.card.claims import batch_day_start
from despensa.domain.card.sheet import A4_TEN
from despensa.domain.card_order import CardOrder
from despensa.domain.catalogue import load_catalogue
from despensa.domain.device import Protection
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.encoding import cose
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, ApprovalKind, Proposal, Reason
from despensa.domain.reach import Reach
from despensa.domain.registration.register import RegisterFile
from despensa.domain.role import Permission, Role
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import actions, cards, cycle
from despensa.entrypoints.jobs.opening import unit_total
from despensa.entrypoints.jobs.staging import stage
from despensa.records.programmes import queries as programme_queries
from despensa.records.proposals import queries as proposal_queries
from despensa.records.staff.queries import reach_of
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.approve import approve
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from despensa.usecases.draft_cycle import draft_cycle
from despensa.usecases.enrol_device import NewDevice, enrol_device
from despensa.usecases.found_workspace import found_workspace
from despensa.usecases.hand_over_cards import hand_over_cards
from despensa.usecases.issue_cards import Batch, issue_cards
from despensa.usecases.prepare_lease import LeaseOrder, SessionRow, prepare_lease
from despensa.usecases.propose import propose
from despensa.usecases.publish_sessions import PointRow, publish_sessions
from despensa.usecases.release_sheet import release_sheet
from tests.factories import keeper_process

NOON = 1_795_276_800  # 2026-11-21 16:00 UTC, noon in Caracas
TIME_ZONE = "America/Caracas"
HOUSEHOLDS = 12
STOCK_CARDS = 2
SEED = 2026
KEEPER_VARIABLE = "DESPENSA_TEST_KEEPER"
CAST = {
    "ana": ("Ana Molina", "es", (Role.REGISTRAR,)),
    "jorge": ("Jorge Ríos", "es", (Role.PROGRAMME_MANAGER,)),
    "nour": ("Nour Haddad", "ar", (Role.APPROVER,)),
    "omar": ("Omar Saleh", "ar", (Role.APPROVER,)),
    "lucia": ("Lucía Vera", "es", (Role.POINT_LEAD,)),
    "samir": ("Samir Aziz", "en", (Role.AUDITOR,)),
}
PASSWORD = "maize-river-lamp-stone"

looks_into_the_keeper = pytest.mark.skipif(
    os.environ.get(KEEPER_VARIABLE) == "socket",
    reason="changes the keeper's code, which runs in another process here",
)

BEFORE = {
    "founded": None,
    "registered": "founded",
    "decided": "registered",
    "carded": "decided",
    "opened": "carded",
    "leased": "opened",
}


@dataclass(slots=True)
class Clock:
    """The time a test says it is."""

    at: int = NOON

    def forward(self, **units: int) -> None:
        """Let time pass, in the words of timedelta."""
        self.at += int(timedelta(**units).total_seconds())


@dataclass(frozen=True, slots=True)
class ClockedTools(wiring.Tools):
    """The tools of a workspace whose time only the test moves."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> int:
        return self.clock.at

    def today(self) -> date:
        return datetime.fromtimestamp(self.clock.at, ZoneInfo(self.workspace.time_zone)).date()

    def acting(self, staff: UUID | None) -> Acting:
        zone = ZoneInfo(self.workspace.time_zone)
        seal = self.keeper.vault.journal_key
        return Acting(self.workspace.workspace_id, staff, self.clock.at, os.urandom, seal, zone)


@dataclass(slots=True)
class Books:
    """One workspace of a test, with the ids its stages made."""

    folder: Path
    endpoints: Endpoints
    tools: ClockedTools
    staff: dict[str, UUID] = field(default_factory=dict)
    root_area: UUID | None = None
    programme: UUID | None = None
    rule: UUID | None = None
    cycle: UUID | None = None
    batch: UUID | None = None
    card_texts: dict[str, str] = field(default_factory=dict)
    session: SessionRow | None = None
    device: UUID | None = None
    lease: UUID | None = None

    @property
    def clock(self) -> Clock:
        """The clock of the tools."""
        return self.tools.clock

    @property
    def keeper(self):
        """The keeper of the tools."""
        return self.tools.keeper

    @property
    def held(self) -> InProcessKeeper:
        """What the keeper holds, for a look: its own doors, or its folder opened beside it."""
        if isinstance(self.keeper, InProcessKeeper):
            return self.keeper
        return open_keeper(
            keys=self.folder / "keys",
            staging=self.folder / "run" / "staging",
            workspace=self.tools.workspace.workspace_id.bytes,
        )

    def keeper_records(self) -> list[dict[int, object]]:
        """Return what the keeper's own copy says, wherever the keeper is."""
        copy = OwnCopy(self.folder / "keys" / "keeper" / "own-copy.journal")
        try:
            return list(copy.records())
        finally:
            copy.close()

    def acting(self, name: str | None = None) -> Acting:
        """Return an act of a member of the cast, or of the system itself."""
        return self.tools.acting(None if name is None else self.staff[name])

    def reach(self, name: str) -> Reach:
        """Return where a member of the cast may run points today."""
        return reach_of(self.staff[name], Permission.RUN_POINT, self.tools.today())

    def phone_folder(self, code: str = "P01") -> Path:
        """Return where a point's phone keeps its files."""
        return self.folder / "run" / "phones" / code

    def proposal(self, creator: str, action: str, reason: Reason, **content: object) -> UUID:
        """Return the id of a new proposal."""
        acting = self.acting(creator)
        proposal_id = acting.new_id()
        lifetime = content.pop("lifetime", APPROVAL_KEPT_SECONDS)
        propose(
            Proposal(
                proposal_id=proposal_id.bytes,
                workspace_id=acting.workspace.bytes,
                action=action,
                creator=acting.staff.bytes,
                created_at=acting.at,
                expires_at=acting.at + lifetime,
                reason=reason,
                **content,
            ),
            acting=acting,
        )
        return proposal_id

    def approved(self, proposal_id: UUID, by: str = "nour") -> UUID:
        """Return the same id, approved by a second person."""
        view = proposal_queries.proposal(proposal_id)
        approve(
            proposal_id,
            seen_hash=view.hash,
            kind=ApprovalKind.PASSWORD_AND_CODE,
            assertion=None,
            acting=self.acting(by),
            signatory=self.keeper.signatory,
        )
        return proposal_id

    def register(self, *, skip: int = 0, count: int = HOUSEHOLDS) -> RegisterFile:
        """Return a small register, read as a door reads it."""
        return read_register(
            register_text(self.tools.today(), skip=skip, count=count).encode(),
            filename="register.csv",
            today=self.tools.today(),
            workspace_country="VE",
            catalogue=load_catalogue(),
        )

    def cards_order(self) -> dict[str, object]:
        """Return what a proposal to issue this cycle's cards says."""
        today = self.tools.today()
        count = len(cards.without_card(self.cycle)) + STOCK_CARDS
        asked = CardOrder(
            cycle=self.cycle,
            stock=STOCK_CARDS,
            epoch=epochs.epoch_of(today),
            expires_on=cards.valid_until(5, today),
            layout=A4_TEN,
            languages=("es", "en"),
            help_line="0800-111-22",
        )
        return {
            "scope": (None, None, self.cycle.bytes),
            "parameters": asked.parameters(),
            "totals": (("cards", count),),
        }

    def opening_order(self) -> dict[str, object]:
        """Return what a proposal to open this cycle says."""
        goods = programme_queries.goods_totals(self.cycle)
        return {
            "scope": (self.programme.bytes, None, self.cycle.bytes),
            "parameters": (epochs.epoch_of(self.tools.today()),),
            "totals": tuple((unit_total(unit), total) for unit, _, _, total in goods),
        }

    def entitled(self) -> list[tuple[bytes, list[str], list[tuple[int, int]]]]:
        """Return the households a lease is for: (household16, numbers, goods)."""
        return [
            (household.bytes, numbers, [tuple(line) for line in goods])
            for household, _, _, goods, numbers in programme_queries.decided_households(self.cycle)
            if goods and numbers
        ]

    def new_session(self, code: str) -> SessionRow:
        """Return a published session of today at a new point."""
        acting = self.acting("lucia")
        point = PointRow(acting.new_id(), code, {"es": f"Punto {code}"}, self.root_area)
        day = self.tools.today()
        start = datetime.combine(day, datetime.min.time(), ZoneInfo(TIME_ZONE))
        session = SessionRow(
            acting.new_id(), point.id, self.programme, self.cycle, day,
            int(start.timestamp()), int((start + timedelta(days=1)).timestamp()),
        )  # fmt: skip
        publish_sessions([point], [session], reach=self.reach("lucia"), acting=acting)
        return session

    def new_phone(self, code: str) -> UUID:
        """Return the device id of a new enrolled phone."""
        keys = self.keeper.signatory.public_keys()
        with FieldDevice.create(self.phone_folder(code)) as phone:
            device = UUID(bytes=phone.device_id)
            certificate = enrol_device(
                NewDevice(
                    device,
                    phone.public_keys.signing,
                    phone.public_keys.sealing,
                    self.root_area,
                    Protection.SERVER_HELD_DEMO,
                ),
                reach=self.reach("lucia"),
                acting=self.acting("lucia"),
                signatory=self.keeper.signatory,
            )
            phone.install(
                certificate,
                authority_keys=[keys.authority],
                inbox_key=keys.inbox,
                issuer_keys=[keys.issuer],
            )
        return device

    def prepare(
        self, device: UUID, session: SessionRow, households=None, *, table: int = 0
    ) -> tuple[UUID, bytes]:
        """Return the id and the sealed bytes of a new lease."""
        return prepare_lease(
            LeaseOrder(
                device,
                session,
                session.day.toordinal() - cards.DAY_ZERO,
                self.entitled() if households is None else households,
                table=table,
            ),
            reach=self.reach("lucia"),
            acting=self.acting("lucia"),
            cycles=self.keeper.cycles,
            signatory=self.keeper.signatory,
            seal=hpke.seal,
        )


def register_text(today: date, *, skip: int, count: int) -> str:
    """Return the CSV of a few households of the invented municipality."""
    town = municipality(random.Random(SEED), today, country="VE")
    rows = list(csv.DictReader(io.StringIO(town.csv_text)))
    numbers = list(dict.fromkeys(row["household_number"] for row in rows))
    wanted = set(islice(numbers, skip, skip + count))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, HEADINGS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(row for row in rows if row["household_number"] in wanted)
    return stream.getvalue()


def open_tools(folder: Path) -> ClockedTools:
    """Return the tools of the workspace in a folder, at noon."""
    opened = wiring.open_tools(_with_keeper(workspaces.load(folder)))
    return ClockedTools(opened.workspace, opened.keeper, opened.log, opened.engine, Clock())


def _with_keeper(workspace: workspaces.Workspace) -> workspaces.Workspace:
    """Return the workspace, its keeper in a process of its own where the run asks for it."""
    if os.environ.get(KEEPER_VARIABLE) != "socket":
        return workspace
    running = keeper_process.the_only(
        workspace.keys,
        workspace=workspace.workspace_id.bytes,
        staging=workspace.run / "staging",
        search=wiring.search_register,
        may_rebuild=True,
    )
    return replace(workspace, keeper_mode="socket", keeper_socket=str(running.socket))


def empty(folder: Path, endpoints: Endpoints) -> Books:
    """Return a workspace whose databases have tables and nothing in them."""
    workspaces.create(
        folder,
        workspace_id=uuid.UUID(int=SEED, version=4),
        created_at=datetime.fromtimestamp(NOON, UTC),
        name="San Rafael",
        country="VE",
        time_zone=TIME_ZONE,
        languages=("es", "ar", "en"),
    )
    return Books(folder, endpoints, open_tools(folder))


def founded(made: Books) -> None:
    """Areas and staff."""
    today = made.tools.today()
    town = municipality(random.Random(SEED), today, country="VE")
    made.root_area = found_workspace(
        root_pcode="VE",
        names=town.name,
        places=[(village.pcode, village.names) for village in town.villages],
        version="0.0",
        acting=made.acting(),
    )
    for username, (name, language, roles) in CAST.items():
        made.staff[username] = add_staff(
            NewStaff(
                username, PASSWORD, name, language, roles, made.root_area, today,
                today + timedelta(days=365),
            ),
            acting=made.acting(),
        )  # fmt: skip


def registered(made: Books) -> None:
    """A few households."""
    waiting = stage(made.register(), "register.csv", made.tools, acting=made.acting("ana"))
    actions.carry_out(made.approved(waiting), made.tools)


def decided(made: Books) -> None:
    """Programme, published rule, decided cycle."""
    made.programme = define_programme(
        ProgrammeOutline(
            "food-parcel", {"es": "Canasta"}, made.root_area, ((1, "parcel", {"es": "canasta"}),)
        ),
        acting=made.acting("jorge"),
    )
    text = rule_text()
    waiting = made.proposal(
        "jorge",
        "publish_rule",
        Reason.PUBLISHED_PROGRAMME,
        scope=(made.programme.bytes, None, None),
        parameters=(text,),
        inputs=(rule_hash(parse_text(text)),),
    )
    actions.carry_out(made.approved(waiting), made.tools)
    made.rule = programme_queries.latest_rule(made.programme)
    made.cycle = new_cycle(made)
    cycle.freeze_and_decide(made.cycle, made.tools, acting=made.acting("jorge"))


def carded(made: Books) -> None:
    """Signed and released cards without the printer, handed over to every decided household."""
    waiting = made.approved(
        made.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **made.cards_order())
    )
    made.batch = issue(made, waiting)
    hand_over_cards(list(made.card_texts), acting=made.acting("ana"), sealer=made.keeper.vault)


def opened(made: Books) -> None:
    """The cycle open."""
    waiting = made.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **made.opening_order())
    actions.carry_out(made.approved(waiting), made.tools)


def leased(made: Books) -> None:
    """One point, one phone, one lease for every entitled household."""
    made.session = made.new_session("P01")
    made.device = made.new_phone("P01")
    made.lease, sealed = made.prepare(made.device, made.session)
    with FieldDevice.open(made.phone_folder("P01")) as phone:
        phone.load_lease(made.lease.bytes, sealed)


def rule_text() -> str:
    """Return the rule that comes with Despensa."""
    return resources.files("despensa.data").joinpath("rules/food-parcel.yaml").read_text("utf-8")


def new_cycle(made: Books, code: str = "2026-11") -> UUID:
    """Return a new draft cycle of the programme."""
    today = made.tools.today()
    return draft_cycle(
        programme=made.programme,
        rule=made.rule,
        code=code,
        reference_date=today,
        opens_on=today,
        closes_on=today + timedelta(days=2),
        commit_lot=cycle.lots_of(made.tools),
        acting=made.acting("jorge"),
    )


def sign_cards(made: Books, approved: actions.Approved, batch: UUID, **other: object):
    """Return the cards the keeper signs for an approved order."""
    epoch, expires_day = approved.proposal.parameters[2:4]
    fields = {
        "proposal": approved.mandate.canonical,
        "approval": approved.mandate.signed,
        "batch": batch.bytes,
        "count": dict(approved.proposal.totals)["cards"],
        "epoch": epoch,
        "issued_at": batch_day_start(made.clock.at),
        "expires_at": expires_day * 86_400,
    }
    return made.keeper.cards.issue(**fields | other)


def issue(made: Books, proposal_id: UUID) -> UUID:
    """Return the batch of an approved order: signed, recorded and released."""
    approved = actions.verified(proposal_id, made.tools)
    acting, today = made.acting("jorge"), made.tools.today()
    batch_id = acting.new_id()
    signed = sign_cards(made, approved, batch_id)
    households = [*cards.without_card(made.cycle), *[None] * STOCK_CARDS]
    issue_cards(
        Batch(
            batch_id, proposal_id, made.cycle, approved.proposal.parameters[2], today,
            date(today.year + 5, 12, 31), today + timedelta(days=7),
            cose.key_id(made.keeper.signatory.public_keys().issuer),
        ),
        [(card.number, household) for card, household in zip(signed, households, strict=True)],
        mandate=approved.mandate,
        acting=acting,
        sealer=made.keeper.vault,
    )  # fmt: skip
    release_sheet(batch_id, sheet_sha256=bytes(32), acting=acting)
    made.card_texts.update({card.number: card.text for card in signed})
    return batch_id
