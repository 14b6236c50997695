"""
Take an approved register file in: all its new households in one transaction, or none.

A household that came from the same source record before is left as it is, so that the same file
twice changes nothing. Names, documents, phones and addresses are sealed before they are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import IntakeVault
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.alone import ApprovalNeeded
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.recognition import recognise
from despensa.domain.role import Permission
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.registry import store, taken_alone
from despensa.records.registry.packed_journal import packed_entries
from despensa.records.registry.packed_rows import Arrival, pack
from despensa.records.registry.packed_store import PackedStore
from despensa.records.staff import queries as staff

ACTION = "import_register"
_STAGE_IT = "So a second person must approve it: stage it as a proposal, or wait for tomorrow."
# about 5,000 people: two chunks of the journal
_HOUSEHOLDS_AT_ONCE = 1_250


@dataclass(frozen=True, slots=True)
class SmallFile:
    """A file of at most 50 rows, as the register keeps note of it."""

    sha256: bytes
    kind: str
    name: str
    rows: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ApprovedImport:
    """What the second person agreed to take in; a small file has no proposal."""

    register_import: UUID
    source: str
    mandate: Mandate | None
    workspace_area: str
    catalogue_version: int
    small_file: SmallFile | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What the import added, and what was there before."""

    households: int
    people: int
    known_households: int


def import_register(
    households: Sequence[HouseholdDraft],
    approved: ApprovedImport,
    *,
    acting: Acting,
    vault: IntakeVault,
    today: date,
) -> Imported:
    """
    Return how many households and people the register gained.

    Raises: AlreadyUsed when the proposal was carried out before; ApprovalInvalid; without proposal
        ApprovalNeeded above 50 rows a person and day, or 200 a day in all, FileKnown when the same
        small file waits or was taken in before, OutOfReach.
    """
    with transaction.atomic(using=REGISTRY):
        store.lock_register()
        around = store.area_around(
            ((h.area_pcode, h.area_name) for h in households), approved.workspace_area
        )
        proposal = None
        if approved.mandate is None:
            _note_small_file(approved, households, around, acting)
        else:
            proposal = _require_order(approved, approved.mandate, len(households), around, acting)
        taker = _Taker(approved, proposal, acting=acting, vault=vault, today=today)
        imported = taker.take(households)
        store.finish_import(
            approved.register_import,
            {
                "households": imported.households,
                "people": imported.people,
                "known_households": imported.known_households,
            },
            now=acting.at,
        )
    return imported


def _require_order(
    approved: ApprovedImport, mandate: Mandate, households: int, around: UUID, acting: Acting
) -> UUID:
    """Use the proposal up and return it, if it is about these households. Raises: ApprovalInvalid."""
    proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
    named = (proposal.parameters[0], dict(proposal.totals).get("households"))
    if named != (approved.register_import.bytes, households):
        raise ApprovalInvalid("the proposal names another file")
    area = proposal.scope[1]
    if area is not None and not store.lies_in(around, UUID(bytes=area)):
        raise ApprovalInvalid("the file has households outside the area that was approved")
    return UUID(bytes=proposal.proposal_id)


def _note_small_file(
    approved: ApprovedImport, households: Sequence[HouseholdDraft], around: UUID, acting: Acting
) -> None:
    """
    Keep note of a file that one person takes in alone, if they may.

    Raises: ApprovalNeeded; FileKnown; OutOfReach.
    """
    file = approved.small_file
    if file is None or acting.staff is None:
        raise ApprovalNeeded("Without a second person only a member of staff takes a file in.")
    reach = staff.reach_of(acting.staff, Permission.PROPOSE_IMPORT, acting.day)
    if not reach.holds(around):
        raise OutOfReach(store.FILE_OUT_OF_REACH)
    store.add_import(
        register_import=approved.register_import,
        digest=file.sha256,
        kind=file.kind,
        file_name=file.name,
        counts=file.counts,
        proposal=None,
        area=around,
        staff=acting.staff,
        now=acting.at,
    )
    rows = max(file.rows, sum(len(household.persons) for household in households))
    taken_alone.take(rows, acting.staff, acting.day, instead=_STAGE_IT)


class _Taker:
    """Takes households in, so many at a time: what is in the making does not grow with the file."""

    def __init__(
        self,
        approved: ApprovedImport,
        proposal: UUID | None,
        *,
        acting: Acting,
        vault: IntakeVault,
        today: date,
    ) -> None:
        self._approved, self._proposal = approved, proposal
        self._acting, self._vault, self._today = acting, vault, today
        self._by_pcode = store.areas_by_pcode()
        self._root = self._by_pcode[approved.workspace_area]
        self._store = PackedStore(approved.register_import)

    def take(self, households: Sequence[HouseholdDraft]) -> Imported:
        """Write all that is new, in slices, each with its journal."""
        taken = [0, 0, 0]
        # a file without households is an act with an entry as well
        for start in range(0, len(households) or 1, _HOUSEHOLDS_AT_ONCE):
            part = households[start : start + _HOUSEHOLDS_AT_ONCE]
            for at, count in enumerate(self._take(part, is_first=start == 0)):
                taken[at] += count
        self._store.flush()
        return Imported(*taken)

    def _take(
        self, households: Sequence[HouseholdDraft], *, is_first: bool
    ) -> tuple[int, int, int]:
        approved, acting = self._approved, self._acting
        refs = self._vault.origin_refs(
            [(approved.source, household.source_record_id) for household in households]
        )
        found = recognise(households, refs, store.known_origins(refs))
        added = self._add_areas(household for household, _ in found.new)
        packed = pack(
            [
                Arrival(household, self._by_pcode[self._area_code(household)].bytes)
                for household, _ in found.new
            ],
            acting=acting,
            vault=self._vault,
            catalogue_version=approved.catalogue_version,
            today=self._today,
        )
        self._store.write(packed, [ref for _, ref in found.new])
        # the act has an entry of its own, even where nothing was new
        if is_first or added:
            journal_store.record(REGISTRY, ACTION, acting, added, proposal=self._proposal)
        journal_store.append(
            REGISTRY,
            packed_entries(
                packed,
                act=journal_store.act(REGISTRY, ACTION, acting, proposal=self._proposal),
                acting=acting,
                sealer=self._vault,
            ),
        )
        return len(found.new), packed.people, len(found.known)

    def _area_code(self, household: HouseholdDraft) -> str:
        return store.area_code(
            household.area_pcode, household.area_name, self._approved.workspace_area
        )

    def _add_areas(self, households: Iterable[HouseholdDraft]) -> list[bytes]:
        """Write the areas that these households name first, and return their journal."""
        added: dict[str, store.AreaRow] = {}
        for household in households:
            code = self._area_code(household)
            if code not in self._by_pcode:
                names = {"und": household.area_name or code}
                added[code] = store.AreaRow(self._acting.new_id(), self._root, code, 1, names)
                self._by_pcode[code] = added[code].id
        store.add_areas(list(added.values()))
        return store.area_journal(list(added.values()))
