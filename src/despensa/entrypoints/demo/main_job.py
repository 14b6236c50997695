"""
The main job, step by step: register, rule, cycle, cards, opening, leases, scans, ledger, log.

Every step goes through the same use cases and approvals as in an office; the invented staff sign
in with their own second factors.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from uuid import UUID

from despensa.adapters.log_storage import verify_log
from despensa.domain import epoch as epochs
from despensa.domain.card.sheet import A4_TEN
from despensa.domain.card_order import CardOrder
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, ApprovalKind, Proposal, Reason
from despensa.domain.registration.register import RegisterFile
from despensa.domain.transparency import checkpoint
from despensa.entrypoints.demo.people import Player
from despensa.entrypoints.demo.scans import Scanned, hand_out
from despensa.entrypoints.jobs import actions, cards, cycle, rounds
from despensa.entrypoints.jobs.opening import unit_total
from despensa.entrypoints.jobs.staging import stage
from despensa.entrypoints.second_factor import confirm
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as card_queries
from despensa.records.ledger import queries as ledger_queries
from despensa.records.programmes import queries as programme_queries
from despensa.records.proposals import queries as proposal_queries
from despensa.usecases.approve import approve
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from despensa.usecases.draft_cycle import draft_cycle
from despensa.usecases.hand_over_cards import hand_over_cards
from despensa.usecases.propose import propose

STOCK_CARDS = 10
CARD_YEARS = 5
HELP_LINE = "0800-111-22"
_UNITS = ((1, "parcel", {"en": "food parcel", "es": "canasta de alimentos", "ar": "سلة غذائية"}),)
_PROGRAMME_NAMES = {"en": "Food parcel", "es": "Canasta de alimentos", "ar": "السلة الغذائية"}

Tell = Callable[[str], None]


@dataclass(slots=True)
class MainJob:
    """What the main job has done so far; `report` gives the demo's JSON."""

    tools: Tools
    cast: dict[str, Player]
    tell: Tell
    code_for: Callable[[Player], str]
    started: float = field(default_factory=time.monotonic)
    register: RegisterFile | None = None
    cycle: UUID | None = None
    sheet: Path | None = None
    scanned: Scanned | None = None
    log_verified: bool = False
    log_size: int = 0

    def run(self, register: RegisterFile, root_area: UUID) -> None:
        """Play the main job through."""
        self.register = register
        approver = self.cast["nour"]
        confirm(approver.id, approver.password, self.code_for(approver))
        self._take_in(register)
        programme = self._programme(root_area)
        self.cycle = self._decide(programme)
        self._print_cards(self.cycle)
        self._open(self.cycle, programme)
        self.tell("phones prepared and cards scanned at the points")
        self.scanned = hand_out(self.cycle, self.tools, self.sheet_texts(), self.cast["lucia"].id)
        rounds.round_trip(self.tools)
        self._verify()

    def report(self) -> dict[str, object]:
        """
        Return the demo's JSON.

        Source: docs/reference/cli.md, demo.
        """
        register, scanned = self.register, self.scanned
        if register is None or scanned is None or self.cycle is None:
            raise RuntimeError("the main job has not run")
        outcomes = programme_queries.outcome_totals(self.cycle)
        [batch] = card_queries.batches()
        return {
            "people": register.people,
            "households": len(register.households),
            "rejected_rows": register.rejected_rows,
            "dropped_columns": [column.column for column in register.dropped_columns],
            "entitled": outcomes.get(1, 0),
            "not_entitled": outcomes.get(2, 0),
            "needs_information": outcomes.get(3, 0),
            "cards": batch.count,
            "cards_read_back": len(self.sheet_texts()),
            "scans": scanned.scans,
            "delivered": scanned.delivered,
            "refused": scanned.refused,
            "aborted": scanned.aborted,
            "replayed": scanned.replayed,
            "ledger_balanced": ledger_queries.check().is_balanced,
            "log_size": self.log_size,
            "log_verified": self.log_verified,
            "seconds": round(time.monotonic() - self.started, 1),
        }

    def sheet_texts(self) -> list[str]:
        """Return the texts of the codes as they read back from the printed pages."""
        if self.sheet is None:
            return []
        return cards.read_sheets(self.sheet)

    def _take_in(self, register: RegisterFile) -> None:
        self.tell("register read; the import waits for a second person")
        registrar = self.cast["ana"]
        proposal = stage(register, "register", self.tools, acting=self.tools.acting(registrar.id))
        self._approved(proposal)

    def _programme(self, root_area: UUID) -> UUID:
        manager = self.cast["jorge"]
        programme = define_programme(
            ProgrammeOutline("food-parcel", _PROGRAMME_NAMES, root_area, _UNITS),
            acting=self.tools.acting(manager.id),
        )
        text = (
            resources.files("despensa.data").joinpath("rules/food-parcel.yaml").read_text("utf-8")
        )
        self._agree(
            manager,
            "publish_rule",
            Reason.PUBLISHED_PROGRAMME,
            scope=(programme.bytes, None, None),
            parameters=(text,),
            inputs=(rule_hash(parse_text(text)),),
        )
        return programme

    def _decide(self, programme: UUID) -> UUID:
        manager, today = self.cast["jorge"], self.tools.today()
        rule = programme_queries.latest_rule(programme)
        cycle_id = draft_cycle(
            programme=programme,
            rule=rule,
            code=f"{today:%Y-%m}",
            reference_date=today,
            opens_on=today,
            closes_on=today + timedelta(days=2),
            commit_lot=cycle.lots_of(self.tools),
            acting=self.tools.acting(manager.id),
        )
        decided = cycle.freeze_and_decide(
            cycle_id, self.tools, acting=self.tools.acting(manager.id)
        )
        self.tell(f"{decided} households decided by the published rule")
        return cycle_id

    def _print_cards(self, cycle_id: UUID) -> None:
        today = self.tools.today()
        asked = CardOrder(
            cycle=cycle_id,
            stock=STOCK_CARDS,
            epoch=epochs.epoch_of(today),
            expires_on=cards.valid_until(CARD_YEARS, today),
            layout=A4_TEN,
            languages=tuple(self.tools.workspace.languages[:2]),
            help_line=HELP_LINE,
        )
        acting = self.tools.acting(self.cast["jorge"].id)
        self._approved(cards.order(asked, self.tools, acting=acting))
        [batch] = card_queries.batches()
        self.sheet = self.tools.workspace.run / "print" / str(batch.id)
        numbers = card_queries.numbers_of_batch(batch.id)
        handed = hand_over_cards(
            numbers,
            acting=self.tools.acting(self.cast["ana"].id),
            sealer=self.tools.keeper.vault,
        )
        self.tell(
            f"{len(numbers)} cards printed, every code read back; {len(handed.cards)} handed over, "
            f"{len(handed.unchanged)} kept as stock"
        )

    def _open(self, cycle_id: UUID, programme: UUID) -> None:
        goods = programme_queries.goods_totals(cycle_id)
        self._agree(
            self.cast["jorge"],
            "open_cycle",
            Reason.SCHEDULED_CYCLE,
            scope=(programme.bytes, None, cycle_id.bytes),
            parameters=(epochs.epoch_of(self.tools.today()),),
            totals=tuple((unit_total(unit), total) for unit, _, _, total in goods),
        )

    def _verify(self) -> None:
        report = verify_log(self.tools.log.folder, self.tools.log_vkey)
        key = checkpoint.parse_vkey(self.tools.log_vkey)
        self.log_size = checkpoint.verify(self.tools.log.checkpoint(), key).size
        self.log_verified = report.is_verified and rounds.leaves_waiting() == 0

    def _agree(self, creator: Player, action: str, reason: Reason, **content: object) -> None:
        acting = self.tools.acting(creator.id)
        proposal_id = acting.new_id()
        proposal = Proposal(
            proposal_id=proposal_id.bytes,
            workspace_id=self.tools.workspace.workspace_id.bytes,
            action=action,
            creator=creator.id.bytes,
            created_at=acting.at,
            expires_at=acting.at + APPROVAL_KEPT_SECONDS,
            reason=reason,
            **content,  # type: ignore[arg-type]
        )
        propose(proposal, acting=acting)
        self._approved(proposal_id)

    def _approved(self, proposal_id: UUID) -> None:
        view = proposal_queries.proposal(proposal_id)
        if view is None:
            raise RuntimeError("the proposal just made is not there")
        approve(
            proposal_id,
            seen_hash=view.hash,
            kind=ApprovalKind.PASSWORD_AND_CODE,
            assertion=None,
            acting=self.tools.acting(self.cast["nour"].id),
            signatory=self.tools.keeper.signatory,
        )
        self.tell(actions.carry_out(proposal_id, self.tools))
