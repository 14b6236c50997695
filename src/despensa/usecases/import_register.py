"""
Take an approved register file in: all its households in one transaction, or none.

A household that came from the same source record before follows what its source says new, as one
dated step of its history; the same file twice changes nothing. Names, documents, phones and
addresses are sealed before they are written.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.crew import Alone, Crew
from despensa.domain.ports.keeper import IntakeVault
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.account import Place
from despensa.domain.registration.alone import ApprovalNeeded
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.said import Spoken, unpack
from despensa.domain.registration.staged import decode_head, decode_households
from despensa.domain.role import Permission
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.households.file_update import Followed, Known, Order, follow_source
from despensa.records.registry import store, taken_alone
from despensa.records.registry.packed_slice import FileWork, PackedSlice, SlicePart, SliceWork
from despensa.records.registry.packed_store import PackedStore
from despensa.records.staff import queries as staff

ACTION = "import_register"
# what a household of a file became (registry.models.ImportPair)
ADDED, UPDATED, SAME, LEFT = 1, 2, 3, 4
_STAGE_IT = "So a second person must approve it: stage it as a proposal, or wait for tomorrow."
_ANOTHER_FILE = "the proposal names another file"
_OTHER_PLACES = "the file has households outside the area that was approved"


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
    """
    What the second person agreed to take in; a small file has no proposal.

    `places` are those the file was said to have households in, and it may have no others.
    """

    register_import: UUID
    source: str
    mandate: Mandate | None
    workspace_area: str
    catalogue_version: int
    places: Collection[Place]
    small_file: SmallFile | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What the import added, and what was there before."""

    households: int
    people: int
    known_households: int
    updated_households: int = 0


def import_register(
    parts: Iterable[bytes],
    approved: ApprovedImport,
    *,
    acting: Acting,
    vault: IntakeVault,
    today: date,
    crew: Crew | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Imported:
    """
    Return how many households and people the register gained.

    `parts` of the file are taken as they are staged, a few thousand people at a time; `crew` opens
    and seals them.
    `told` hears after each slice how many people of the file are through.
    Raises: AlreadyUsed when the proposal was carried out before; ApprovalInvalid; without proposal
        ApprovalNeeded above 50 rows a person and day, or 200 a day in all, FileKnown when the same
        small file waits or was taken in before, OutOfReach.
    """
    with transaction.atomic(using=REGISTRY):
        store.lock_register()
        around = store.area_around(approved.places, approved.workspace_area)
        proposal = None
        if approved.mandate is None:
            parts = list(parts)
            _note_small_file(approved, parts, around, acting)
        else:
            proposal = _use_order(approved, approved.mandate, around, acting)
        taker = _Taker(
            approved,
            proposal,
            acting=acting,
            vault=vault,
            today=today,
            areas=store.areas_inside(around),
        )
        imported = taker.take(parts, crew or Alone(), told)
        if taker.places - set(approved.places):
            raise ApprovalInvalid(_OTHER_PLACES)
        if proposal and dict(proposal.totals).get("households") != taker.households:
            raise ApprovalInvalid(_ANOTHER_FILE)
        store.finish_import(
            approved.register_import,
            {
                "households": imported.households,
                "people": imported.people,
                "known_households": imported.known_households,
                "updated_households": imported.updated_households,
            },
            now=acting.at,
        )
    return imported


def _use_order(
    approved: ApprovedImport, mandate: Mandate, around: UUID, acting: Acting
) -> Proposal:
    """Use the proposal up and return it, if it is about this file. Raises: ApprovalInvalid."""
    proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
    if proposal.parameters[0] != approved.register_import.bytes:
        raise ApprovalInvalid(_ANOTHER_FILE)
    area = proposal.scope[1]
    if area is not None and not store.lies_in(around, UUID(bytes=area)):
        raise ApprovalInvalid(_OTHER_PLACES)
    return proposal


def _note_small_file(
    approved: ApprovedImport, parts: Sequence[bytes], around: UUID, acting: Acting
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
    rows = max(file.rows, sum(sum(decode_head(part).people) for part in parts))
    taken_alone.take(rows, acting.staff, acting.day, instead=_STAGE_IT)


@dataclass(frozen=True, slots=True)
class _Slice:
    """A slice of the file as it is staged, where it begins, and what is known of its households."""

    place: int
    drafts: bytes
    refs: Sequence[bytes]
    people: int
    known: Mapping[bytes, store.KnownOrigin]


class _Taker:
    """Takes households in, so many at a time: what is in the making does not grow with the file."""

    def __init__(
        self,
        approved: ApprovedImport,
        proposal: Proposal | None,
        *,
        acting: Acting,
        vault: IntakeVault,
        today: date,
        areas: Collection[UUID] | None,
    ) -> None:
        self._approved, self._acting, self._vault = approved, acting, vault
        self._order = Order(approved.register_import, today, approved.catalogue_version, areas)
        self._proposal = None if proposal is None else UUID(bytes=proposal.proposal_id)
        self._by_pcode = store.areas_by_pcode()
        self._root = self._by_pcode[approved.workspace_area]
        self._store = PackedStore()
        self._work = SliceWork(
            FileWork(approved.register_import, approved.source, approved.catalogue_version, today),
            journal_store.act(REGISTRY, ACTION, acting, proposal=self._proposal),
            acting=acting,
            vault=vault,
        )
        self.households = 0
        self.places: set[Place] = set()

    def take(self, parts: Iterable[bytes], crew: Crew, told: Callable[[int], None]) -> Imported:
        """Write what is new and what says something new, in slices, each with its journal."""
        new = people = known = updated = through = 0
        # the act has an entry of its own, even where nothing was new
        journal_store.record(REGISTRY, ACTION, self._acting, proposal=self._proposal)
        for part, packed in crew.each(self._work, self._slices(parts)):
            self._store.write(packed)
            journal_store.append(REGISTRY, packed.entries)
            if part is None:
                continue
            followed, differing = self._follow(part, packed)
            self._note_pairs(part, packed, followed, differing)
            new, known = new + len(packed.ids), known + len(part.known)
            people += packed.people + followed.people
            updated += len(followed.operations)
            through += part.people
            told(through)
        return Imported(new, people, known, updated)

    def _slices(self, parts: Iterable[bytes]) -> Iterator[tuple[SlicePart, _Slice]]:
        """
        Yield each slice for those who seal it, beside what the register has of its households.

        That is told by where records came from alone: names, documents and phones are never
        compared, so that a file learns nothing about who is registered.
        """
        source = self._approved.source
        for drafts in parts:
            head = decode_head(drafts)
            place = self.households + 1
            self.households += len(head.records)
            self.places.update(head.places)
            refs = self._vault.origin_refs([(source, record) for record in head.records])
            known = store.known_origins(refs)
            new = [place for ref, place in zip(refs, head.places, strict=True) if ref not in known]
            self._add_areas(new)
            areas = [
                b"" if ref in known else self._by_pcode[self._area_code(place)].bytes
                for ref, place in zip(refs, head.places, strict=True)
            ]
            said = {at: known[ref].said for at, ref in enumerate(refs) if ref in known}
            yield (
                SlicePart(drafts, refs, areas, said),
                _Slice(place, drafts, refs, sum(head.people), known),
            )

    def _follow(self, part: _Slice, packed: PackedSlice) -> tuple[Followed, set[UUID]]:
        """Let known households of which the source says something new follow it; return those."""
        if not packed.differing:
            return Followed(), set()
        households = decode_households(part.drafts)
        self._add_areas(_place(households[one.at]) for one in packed.differing)
        known = []
        for at, refs, digests in packed.differing:
            there, draft = part.known[refs[0]], households[at]
            spoken = Spoken(draft, refs, digests)
            area = self._stated_area(draft)
            known.append(Known(there.household, spoken, unpack(there.said), area))
        act = journal_store.act(REGISTRY, ACTION, self._acting, proposal=self._proposal)
        followed = follow_source(
            known, self._order, act=act, acting=self._acting, vault=self._vault
        )
        journal_store.append(REGISTRY, followed.entries)
        return followed, {one.household for one in known}

    def _note_pairs(
        self, part: _Slice, packed: PackedSlice, followed: Followed, differing: Collection[UUID]
    ) -> None:
        """Write what each household of the file became, in the order of the file."""
        fresh = (UUID(bytes=home) for home in packed.ids)
        pairs: list[tuple[int, UUID, int, UUID | None]] = []
        for at, ref in enumerate(part.refs, start=part.place):
            if ref not in part.known:
                pairs.append((at, next(fresh), ADDED, None))
                continue
            home = part.known[ref].household
            operation = followed.operations.get(home)
            effect = UPDATED if operation else LEFT if home in differing else SAME
            pairs.append((at, home, effect, operation))
        store.add_pairs(pairs, register_import=self._approved.register_import)

    def _stated_area(self, household: HouseholdDraft) -> UUID | None:
        """Return where a file puts a household; no place in the file says nothing."""
        if household.area_pcode is None and household.area_name is None:
            return None
        return self._by_pcode[self._area_code(_place(household))]

    def _area_code(self, place: Place) -> str:
        pcode, name = place
        return store.area_code(pcode, name, self._approved.workspace_area)

    def _add_areas(self, places: Iterable[Place]) -> None:
        """Write the areas that households name first, with their journal."""
        added: dict[str, store.AreaRow] = {}
        for place in places:
            code = self._area_code(place)
            if code not in self._by_pcode:
                names = {"und": place[1] or code}
                added[code] = store.AreaRow(self._acting.new_id(), self._root, code, 1, names)
                self._by_pcode[code] = added[code].id
        if added:
            rows = list(added.values())
            store.add_areas(rows)
            journal_store.record(
                REGISTRY, ACTION, self._acting, store.area_journal(rows), proposal=self._proposal
            )


def _place(household: HouseholdDraft) -> Place:
    return household.area_pcode, household.area_name
