"""
Take an approved register file in: all its households in one transaction, or none.

A household that came from the same source record before follows what its source says new, as one
dated step of its history; the same file twice changes nothing. Names, documents, phones and
addresses are sealed before they are written.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.crew import Alone, Crew
from despensa.domain.ports.keeper import IntakeVault
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.alone import ApprovalNeeded
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.recognition import recognise
from despensa.domain.registration.register import Place
from despensa.domain.registration.said import (
    Spoken,
    is_same,
    records,
    said_first,
    statements,
    unpack,
)
from despensa.domain.registration.staged import HOUSEHOLDS_AT_ONCE
from despensa.domain.role import Permission
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.households.file_update import Followed, Known, Order, follow_source
from despensa.records.registry import store, taken_alone
from despensa.records.registry.packed_rows import Arrival
from despensa.records.registry.packed_slice import PackedSlice, SliceWork
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
    households: Iterable[HouseholdDraft],
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

    `households` are taken as they come, a few thousand people at a time; `crew` seals them.
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
            households = list(households)
            _note_small_file(approved, households, around, acting)
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
        imported = taker.take(households, crew or Alone(), told)
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


def _spoken(households: Sequence[HouseholdDraft], source: str, vault: IntakeVault) -> list[Spoken]:
    """Return households with what they are known and compared by."""
    known_by = [records(household) for household in households]
    refs = iter(vault.origin_refs([(source, record) for own in known_by for record in own]))
    own_refs = [list(islice(refs, len(own))) for own in known_by]
    said = [statements(household) for household in households]
    digests = iter(
        vault.said_digests(
            [
                (own[max(0, at - 1)], text)
                for own, texts in zip(own_refs, said, strict=True)
                for at, text in enumerate(texts)
            ]
        )
    )
    return [
        Spoken(household, own, list(islice(digests, len(texts))))
        for household, own, texts in zip(households, own_refs, said, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Slice:
    """A slice of the file: where it begins, and what is known of its households."""

    place: int
    read: Sequence[Spoken]
    new: Sequence[tuple[Spoken, bytes]]
    known: Mapping[bytes, store.KnownOrigin]
    differing: Sequence[Known]


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
        self._store = PackedStore(approved.register_import)
        self._work = SliceWork(
            journal_store.act(REGISTRY, ACTION, acting, proposal=self._proposal),
            acting=acting,
            vault=vault,
            catalogue_version=approved.catalogue_version,
            today=today,
        )
        self.households = 0
        self.places: set[Place] = set()

    def take(
        self, households: Iterable[HouseholdDraft], crew: Crew, told: Callable[[int], None]
    ) -> Imported:
        """Write what is new and what says something new, in slices, each with its journal."""
        new = people = known = updated = through = 0
        # the act has an entry of its own, even where nothing was new
        journal_store.record(REGISTRY, ACTION, self._acting, proposal=self._proposal)
        act = journal_store.act(REGISTRY, ACTION, self._acting, proposal=self._proposal)
        for part, packed in crew.each(self._work, self._slices(iter(households))):
            own = iter(packed.people_ids)
            origins = (
                []
                if part is None
                else [(ref, said_first(one, own).pack()) for one, ref in part.new]
            )
            self._store.write(packed, origins)
            journal_store.append(REGISTRY, packed.entries)
            if part is None:
                continue
            followed = follow_source(
                part.differing, self._order, act=act, acting=self._acting, vault=self._vault
            )
            journal_store.append(REGISTRY, followed.entries)
            self._note_pairs(part, packed, followed)
            new, known = new + len(part.new), known + len(part.known)
            people += len(packed.people_ids) + followed.people
            updated += len(followed.operations)
            through += sum(len(one.draft.persons) for one in part.read)
            told(through)
        return Imported(new, people, known, updated)

    def _slices(self, rest: Iterator[HouseholdDraft]) -> Iterator[tuple[list[Arrival], _Slice]]:
        """Yield the new households of each slice, beside what was found of all of them."""
        while households := list(islice(rest, HOUSEHOLDS_AT_ONCE)):
            place = self.households + 1
            self.households += len(households)
            self.places.update(map(_place, households))
            read = _spoken(households, self._approved.source, self._vault)
            refs = [one.refs[0] for one in read]
            known = store.known_origins(refs)
            found = recognise(read, refs, {ref: one.household for ref, one in known.items()})
            before = {one.household: unpack(one.said) for one in known.values()}
            differing = [(one, home) for one, home in found.known if not is_same(before[home], one)]
            self._add_areas(one.draft for one, _ in (*found.new, *differing))
            arrivals = [
                Arrival(one.draft, self._by_pcode[self._area_code(one.draft)].bytes)
                for one, _ in found.new
            ]
            yield (
                arrivals,
                _Slice(
                    place,
                    read,
                    found.new,
                    known,
                    [
                        Known(home, one, before[home], self._stated_area(one.draft))
                        for one, home in differing
                    ],
                ),
            )

    def _note_pairs(self, part: _Slice, packed: PackedSlice, followed: Followed) -> None:
        """Write what each household of the file became, in the order of the file."""
        fresh = {ref: UUID(bytes=home) for (_, ref), home in zip(part.new, packed.ids, strict=True)}
        differing = {one.household for one in part.differing}
        pairs: list[tuple[int, UUID, int, UUID | None]] = []
        for at, one in enumerate(part.read, start=part.place):
            ref = one.refs[0]
            if ref in fresh:
                pairs.append((at, fresh[ref], ADDED, None))
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
        return self._by_pcode[self._area_code(household)]

    def _area_code(self, household: HouseholdDraft) -> str:
        return store.area_code(
            household.area_pcode, household.area_name, self._approved.workspace_area
        )

    def _add_areas(self, households: Iterable[HouseholdDraft]) -> None:
        """Write the areas that these households name first, with their journal."""
        added: dict[str, store.AreaRow] = {}
        for household in households:
            code = self._area_code(household)
            if code not in self._by_pcode:
                names = {"und": household.area_name or code}
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
