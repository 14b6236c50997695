"""
Take an approved register file in: all its new households in one transaction, or none.

A household that came from the same source record before is left as it is, so that the same file
twice changes nothing. Names, documents, phones and addresses are sealed before they are written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.matching.search_text import SearchText, name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson, PersonVault
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Precision, Role, Sex
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, ToSeal
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.registry import store
from despensa.records.registry.batch_journal import batch_entries
from despensa.records.staff import queries as staff

ACTION = "import_register"
# a person and day; the constraint of `rows_taken_alone` says the same
ROWS_WITHOUT_APPROVAL = 50
ROWS_WITHOUT_APPROVAL_IN_ALL = 200
SEARCH_KEY = 1
_PRECISION = {Precision.UNKNOWN: 0, Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}
_SEX = {Sex.MALE: 1, Sex.FEMALE: 2, Sex.OTHER: 3, Sex.UNKNOWN: None}
_COLLECTOR_ROLE = {Role.PRIMARY_COLLECTOR: 3, Role.ALTERNATE_COLLECTOR: 4}
_HEAD, _MEMBER = 1, 2


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
    """One person with the ids it gets."""

    id: UUID
    household: UUID
    person: PersonDraft
    address: str | None
    key: KeyedPerson | None = field(default=None, repr=False)


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
        refs = vault.origin_refs([(approved.source, h.source_record_id) for h in households])
        known = store.known_origins(refs)
        new = [(h, ref) for h, ref in zip(households, refs, strict=True) if ref not in known]
        areas, added = _areas([h for h, _ in new], approved.workspace_area, acting)
        batch, people = _batch(new, areas, acting=acting, vault=vault, today=today)
        store.write_batch(batch, register_import=approved.register_import)
        journal_store.record(REGISTRY, ACTION, acting, added, proposal=proposal)
        journal_store.append(
            REGISTRY,
            batch_entries(
                batch,
                act=journal_store.act(REGISTRY, ACTION, acting, proposal=proposal),
                acting=acting,
                vault=vault,
                catalogue_version=approved.catalogue_version,
            ),
        )
        imported = Imported(len(new), len(people), len(known))
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


def _areas(
    households: Iterable[HouseholdDraft], root_pcode: str, acting: Acting
) -> tuple[dict[tuple[str | None, str | None], UUID], list[bytes]]:
    """Return the area of each place a household names, and the journal of areas that were new."""
    by_pcode = store.areas_by_pcode()
    root = by_pcode[root_pcode]
    places: dict[tuple[str | None, str | None], UUID] = {}
    added: dict[str, store.AreaRow] = {}
    for place in {(h.area_pcode, h.area_name) for h in households}:
        pcode, name = place
        code = store.area_code(pcode, name, root_pcode)
        if code not in by_pcode:
            added[code] = store.AreaRow(acting.new_id(), root, code, 1, {"und": name or code})
            by_pcode[code] = added[code].id
        places[place] = by_pcode[code]
    store.add_areas(list(added.values()))
    return places, store.area_journal(list(added.values()))


def _batch(
    new: Sequence[tuple[HouseholdDraft, bytes]],
    areas: Mapping[tuple[str | None, str | None], UUID],
    *,
    acting: Acting,
    vault: PersonVault,
    today: date,
) -> tuple[store.RegistryBatch, list[_Draft]]:
    rows: list[store.HouseholdRow] = []
    people: list[_Draft] = []
    for household, _ in new:
        household_id = acting.new_id()
        area = areas[(household.area_pcode, household.area_name)]
        rows.append(store.HouseholdRow(household_id, area, household.facts, today))
        for person in household.persons:
            address = household.address if Role.HEAD in person.roles else None
            people.append(_Draft(acting.new_id(), household_id, person, address))
    for draft, key in zip(
        people, vault.new_keys([draft.id.bytes for draft in people]), strict=True
    ):
        draft.key = key
    documents = [
        (acting.new_id(), draft, doc) for draft in people for doc in draft.person.documents
    ]
    phones = [(acting.new_id(), draft, phone) for draft in people for phone in draft.person.phones]
    batch = store.RegistryBatch(
        households=rows,
        registrants=_registrants(people, vault),
        documents=_sealed(
            [
                (i, d, ToSeal(Column.DOCUMENT, i.bytes, 1, [doc.kind, doc.country, doc.number]))
                for i, d, doc in documents
            ],
            vault,
        ),
        phones=_sealed(
            [(i, d, ToSeal(Column.PHONE, i.bytes, 1, phone)) for i, d, phone in phones], vault
        ),
        memberships=list(_memberships(people, acting, today)),
        tokens=_tokens(people, vault),
        origins=[(ref, row.id) for (_, ref), row in zip(new, rows, strict=True)],
    )
    return batch, people


def _registrants(people: Sequence[_Draft], vault: PersonVault) -> list[store.RegistrantRow]:
    plans = [_values(draft) for draft in people]
    sealed = vault.seal([(_key(draft), plan) for draft, plan in zip(people, plans, strict=True)])
    rows = []
    for draft, plan, values in zip(people, plans, sealed, strict=True):
        by_column = {item.column: value for item, value in zip(plan, values, strict=True)}
        birth, key = draft.person.birth, _key(draft)
        rows.append(
            store.RegistrantRow(
                id=draft.id,
                birth_month=None if birth.year is None else date(birth.year, birth.month or 1, 1),
                birth_precision=_PRECISION[birth.precision],
                sex=_SEX[draft.person.sex],
                facts=draft.person.facts,
                full_name=by_column[Column.FULL_NAME],
                name_parts=by_column.get(Column.NAME_PARTS),
                address=by_column.get(Column.ADDRESS),
                birth_day=by_column.get(Column.BIRTH_DAY),
                kek=key.kek,
                wrapped_key=key.wrapped,
            )
        )
    return rows


def _values(draft: _Draft) -> list[ToSeal]:
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
    return values


def _sealed(
    items: Sequence[tuple[UUID, _Draft, ToSeal]], vault: PersonVault
) -> list[store.SealedRow]:
    sealed = vault.seal([(_key(draft), [value]) for _, draft, value in items])
    return [
        store.SealedRow(row, draft.id, values[0])
        for (row, draft, _), values in zip(items, sealed, strict=True)
    ]


def _memberships(
    people: Iterable[_Draft], acting: Acting, today: date
) -> Iterator[store.MembershipRow]:
    for draft in people:
        roles = draft.person.roles
        numbers = [_COLLECTOR_ROLE[role] for role in roles if role in _COLLECTOR_ROLE]
        if Role.HEAD in roles:
            numbers.append(_HEAD)
        elif Role.MEMBER in roles:
            numbers.append(_MEMBER)
        for number in numbers:
            yield store.MembershipRow(acting.new_id(), draft.household, draft.id, number, today)


def _tokens(people: Sequence[_Draft], vault: PersonVault) -> list[tuple[int, UUID, int]]:
    asked: list[tuple[UUID, SearchText]] = []
    for draft in people:
        person, parts = draft.person, draft.person.name_parts
        texts = person_texts(
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
        asked.extend((draft.id, text) for text in texts)
    tokens = vault.search_tokens([text for _, text in asked])
    found = {(token, owner, SEARCH_KEY) for (owner, _), token in zip(asked, tokens, strict=True)}
    return sorted(found)


def _key(draft: _Draft) -> KeyedPerson:
    if draft.key is None:
        raise AssertionError("every draft gets its key before anything is sealed")
    return draft.key
