"""
Take an approved register file in: all its new households in one transaction, or none.

A household that came from the same source record before is left as it is, so that the same file
twice changes nothing. Names, documents, phones and addresses are sealed before they are written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from operator import itemgetter
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.matching.search_text import SearchText, name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Role
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, ToSeal
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.registry import batch_store as batches
from despensa.records.registry import store
from despensa.records.registry.batch_journal import batch_entries
from despensa.records.staff import queries as staff

ACTION = "import_register"
# a person and day; the constraint of `rows_taken_alone` says the same
ROWS_WITHOUT_APPROVAL = 50
ROWS_WITHOUT_APPROVAL_IN_ALL = 200
_COLLECTOR_ROLE = {Role.PRIMARY_COLLECTOR: 3, Role.ALTERNATE_COLLECTOR: 4}
_HEAD, _MEMBER = 1, 2
# about 5,000 people: two chunks of the journal
_HOUSEHOLDS_AT_ONCE = 1_250


class ApprovalNeeded(PermissionError):
    """More rows than one person may take in alone."""


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


@dataclass(slots=True)
class _Draft:
    """One person with the ids and the key they get."""

    id: UUID
    household: UUID
    person: PersonDraft
    address: str | None
    key: KeyedPerson = field(repr=False)


def import_register(
    households: Sequence[HouseholdDraft],
    approved: ApprovedImport,
    *,
    acting: Acting,
    vault: PersonVault,
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
    _take_alone(rows, acting.staff, acting.day)


def _take_alone(rows: int, person: UUID, day: date) -> None:
    """
    Add to what was taken in on this day without a second person.

    The register's lock keeps two imports from counting at once; the table's constraint stands
    behind it.
    """
    own, every = store.rows_taken_alone(day, person)
    if own + rows > ROWS_WITHOUT_APPROVAL or every + rows > ROWS_WITHOUT_APPROVAL_IN_ALL:
        raise ApprovalNeeded(
            f"Without a second person at most {ROWS_WITHOUT_APPROVAL} rows a day may be taken in "
            f"by one person, {ROWS_WITHOUT_APPROVAL_IN_ALL} by all together. You took in {own} "
            f"today and all together {every}; this file has {rows} more. So a second person must "
            "approve it: stage it as a proposal, or wait for tomorrow."
        )
    store.take_rows_alone(day, person, rows)


class _Taker:
    """Takes households in, so many at a time: what is in the making does not grow with the file."""

    def __init__(
        self,
        approved: ApprovedImport,
        proposal: UUID | None,
        *,
        acting: Acting,
        vault: PersonVault,
        today: date,
    ) -> None:
        self._approved, self._proposal = approved, proposal
        self._acting, self._vault, self._today = acting, vault, today
        self._by_pcode = store.areas_by_pcode()
        self._root = self._by_pcode[approved.workspace_area]

    def take(self, households: Sequence[HouseholdDraft]) -> Imported:
        """Write all that is new, in slices, each with its journal."""
        taken = [0, 0, 0]
        # a file without households is an act with an entry as well
        for start in range(0, len(households) or 1, _HOUSEHOLDS_AT_ONCE):
            part = households[start : start + _HOUSEHOLDS_AT_ONCE]
            for at, count in enumerate(self._take(part, is_first=start == 0)):
                taken[at] += count
        return Imported(*taken)

    def _take(
        self, households: Sequence[HouseholdDraft], *, is_first: bool
    ) -> tuple[int, int, int]:
        approved, acting = self._approved, self._acting
        refs = self._vault.origin_refs(
            [(approved.source, household.source_record_id) for household in households]
        )
        known = store.known_origins(refs)
        new = [(h, ref) for h, ref in zip(households, refs, strict=True) if ref not in known]
        added = self._add_areas(household for household, _ in new)
        batch = self._batch(new)
        batches.write_batch(batch, register_import=approved.register_import)
        # the act has an entry of its own, even where nothing was new
        if is_first or added:
            journal_store.record(REGISTRY, ACTION, acting, added, proposal=self._proposal)
        journal_store.append(
            REGISTRY,
            batch_entries(
                batch,
                act=journal_store.act(REGISTRY, ACTION, acting, proposal=self._proposal),
                acting=acting,
                vault=self._vault,
                catalogue_version=approved.catalogue_version,
            ),
        )
        return len(new), len(batch.registrants), len(known)

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

    def _batch(self, new: Sequence[tuple[HouseholdDraft, bytes]]) -> batches.RegistryBatch:
        acting, today = self._acting, self._today
        ids = acting.new_ids(len(new))
        people = _drafts([household for household, _ in new], ids, acting, self._vault)
        sealed = _sealed_rows(people, acting, self._vault)
        return batches.RegistryBatch(
            households=[
                batches.HouseholdRow(
                    row, self._by_pcode[self._area_code(household)], household.facts, today
                )
                for (household, _), row in zip(new, ids, strict=True)
            ],
            registrants=sealed.registrants,
            documents=sealed.documents,
            phones=sealed.phones,
            memberships=_memberships(people, acting, today),
            tokens=_tokens(people, self._vault),
            origins=[(ref, row) for (_, ref), row in zip(new, ids, strict=True)],
        )


@dataclass(slots=True)
class _SealedRows:
    registrants: list[batches.RegistrantRow] = field(default_factory=list)
    documents: list[batches.SealedRow] = field(default_factory=list)
    phones: list[batches.SealedRow] = field(default_factory=list)


def _drafts(
    households: Sequence[HouseholdDraft], ids: Sequence[UUID], acting: Acting, vault: PersonVault
) -> list[_Draft]:
    persons = [
        (row, household, person)
        for household, row in zip(households, ids, strict=True)
        for person in household.persons
    ]
    people_ids = acting.new_ids(len(persons))
    keys = vault.new_keys([person.bytes for person in people_ids])
    return [
        _Draft(own, row, person, household.address if Role.HEAD in person.roles else None, key)
        for own, (row, household, person), key in zip(people_ids, persons, keys, strict=True)
    ]


def _sealed_rows(people: Sequence[_Draft], acting: Acting, vault: PersonVault) -> _SealedRows:
    """Return the rows that are sealed under a person's key, everything of one person at once."""
    numbers = sum(len(d.person.documents) + len(d.person.phones) for d in people)
    ids = iter(acting.new_ids(numbers))
    plans = [_values(draft, ids) for draft in people]
    sealed = vault.seal([(draft.key, plan) for draft, plan in zip(people, plans, strict=True)])
    rows = _SealedRows()
    for draft, plan, values in zip(people, plans, sealed, strict=True):
        by_column: dict[Column, bytes] = {}
        for item, value in zip(plan, values, strict=True):
            if item.column is Column.DOCUMENT:
                rows.documents.append(batches.SealedRow(UUID(bytes=item.row), draft.id, value))
            elif item.column is Column.PHONE:
                rows.phones.append(batches.SealedRow(UUID(bytes=item.row), draft.id, value))
            else:
                by_column[item.column] = value
        rows.registrants.append(_registrant(draft, by_column))
    return rows


def _registrant(draft: _Draft, sealed: Mapping[Column, bytes]) -> batches.RegistrantRow:
    birth = draft.person.birth
    return batches.RegistrantRow(
        id=draft.id,
        birth_month=None if birth.year is None else date(birth.year, birth.month or 1, 1),
        birth_precision=batches.PRECISION[birth.precision],
        sex=batches.SEX[draft.person.sex],
        facts=draft.person.facts,
        full_name=sealed[Column.FULL_NAME],
        name_parts=sealed.get(Column.NAME_PARTS),
        address=sealed.get(Column.ADDRESS),
        birth_day=sealed.get(Column.BIRTH_DAY),
        kek=draft.key.kek,
        wrapped_key=draft.key.wrapped,
    )


def _values(draft: _Draft, ids: Iterator[UUID]) -> list[ToSeal]:
    person, row = draft.person, draft.id.bytes
    values = [ToSeal(Column.FULL_NAME, row, 1, person.full_name)]
    if person.name_parts is not None:
        parts = person.name_parts
        written = [parts.surname_1, parts.surname_2, list(parts.given)]
        values.append(ToSeal(Column.NAME_PARTS, row, 1, written))
    if draft.address is not None:
        values.append(ToSeal(Column.ADDRESS, row, 1, draft.address))
    if person.birth.day is not None:
        values.append(ToSeal(Column.BIRTH_DAY, row, 1, person.birth.day))
    for doc in person.documents:
        number = [doc.kind, doc.country, doc.number]
        values.append(ToSeal(Column.DOCUMENT, next(ids).bytes, 1, number))
    values.extend(ToSeal(Column.PHONE, next(ids).bytes, 1, phone) for phone in person.phones)
    return values


def _memberships(
    people: Sequence[_Draft], acting: Acting, today: date
) -> list[batches.MembershipRow]:
    roles = [(draft, number) for draft in people for number in _role_numbers(draft.person.roles)]
    return [
        batches.MembershipRow(row, draft.household, draft.id, number, today)
        for row, (draft, number) in zip(acting.new_ids(len(roles)), roles, strict=True)
    ]


def _role_numbers(roles: Sequence[Role]) -> list[int]:
    numbers = [_COLLECTOR_ROLE[role] for role in roles if role in _COLLECTOR_ROLE]
    if Role.HEAD in roles:
        numbers.append(_HEAD)
    elif Role.MEMBER in roles:
        numbers.append(_MEMBER)
    return numbers


def _tokens(people: Sequence[_Draft], vault: PersonVault) -> list[tuple[int, UUID, int]]:
    """Return the tokens in their order: an index takes neighbours faster than strangers."""
    asked = [_texts(draft.person) for draft in people]
    tokens = iter(vault.search_tokens([text for texts in asked for text in texts]))
    found = [
        (token, draft.id, batches.SEARCH_KEY)
        for draft, texts in zip(people, asked, strict=True)
        for token in set(islice(tokens, len(texts)))
    ]
    return sorted(found, key=itemgetter(0))


def _texts(person: PersonDraft) -> list[SearchText]:
    parts = person.name_parts
    return person_texts(
        name_parts(
            person.full_name,
            given=None if parts is None else " ".join(parts.given),
            surname_1=None if parts is None else parts.surname_1,
            surname_2=None if parts is None else parts.surname_2,
        ),
        birth_year=person.birth.year,
        documents=[(doc.kind, doc.country, doc.number) for doc in person.documents],
        phones=person.phones,
    )
