"""Erasing a person: nothing left but an empty row, all or nothing, and a receipt that proves it."""

from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from despensa.adapters.workspace.folder import WorkspaceError
from despensa.domain import receipt as receipts
from despensa.domain.encoding import cose
from despensa.domain.erasure import ACTION, Wish
from despensa.domain.household.operation import Kind
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.ports.keeper import KeyedPerson, Purpose
from despensa.domain.proposal import Reason
from despensa.domain.sealing import Column
from despensa.domain.transparency import journal
from despensa.entrypoints.jobs import actions, erasing, rounds
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.households import erasing as erasing_rows
from despensa.records.households import queries
from despensa.records.registry import batch_store
from despensa.records.registry.rebuild import rebuilt
from despensa.usecases.open_household import open_household
from despensa.usecases.search_households import search_households
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.usecases.test_change_household import a_home, an_order, do

DAY_ZERO = date(1970, 1, 1).toordinal()
SEALED = {"full_name": Column.FULL_NAME, "birth_day": Column.BIRTH_DAY}


def wish_for(person, home, **fields):
    return Wish(person, home, queries.standing(home).version, **fields)


def propose(books, wish, reason=Reason.PERSON_ASKED, by="ana"):
    return erasing.propose(wish, reason, acting=books.acting(by))


def erase(books, wish, reason=Reason.PERSON_ASKED):
    """Propose, approve and carry out; return the proposal."""
    proposal = propose(books, wish, reason)
    books.approved(proposal)
    actions.carry_out(proposal, books.tools)
    return proposal


def a_member(books):
    home, people = a_home()
    return home, people, people[-1]


def alone(books):
    """Return a household of one, made by a split, with a card."""
    home, people = a_home()
    order = an_order(books, Kind.SPLIT, home, people=(people[-1],), other=books.acting().new_id())
    do(books, order)
    return order.other, people[-1]


def opened_values(books, person):
    """Return what is sealed about a person, in the clear: what must be nowhere afterwards."""
    [(kek, wrapped)] = fetch(
        REGISTRY, "SELECT kek, wrapped FROM person_key WHERE person = %s", (person,)
    )
    rows = fetch(REGISTRY, "SELECT full_name, birth_day FROM registrant WHERE id = %s", (person,))[
        0
    ]
    owner = KeyedPerson(person.bytes, kek, bytes(wrapped))
    [(home,)] = fetch(
        REGISTRY,
        """SELECT household_id FROM membership
           WHERE registrant_id = %s AND role IN (1, 2) AND until_date IS NULL""",
        (person,),
    )
    opened = open_household(
        home, purpose=Purpose.SERVE_HOUSEHOLD, acting=books.acting("ana"), vault=books.keeper.vault
    )
    names = dict(zip((m.id for m in opened.members), opened.names, strict=True))
    return owner, names[person], [bytes(value) for value in rows if value is not None]


def everything_written(books, folder):
    """Return every byte of both databases, dumped, and of every file of the workspace."""
    kept = b""
    for kind in ("registry", "ledger"):
        with psycopg.connect(getattr(books.endpoints, f"{kind}_owner")) as owner:
            tables = owner.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                with owner.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                    kept += b"".join(bytes(block) for block in copy)
    for path in books.folder.rglob("*"):
        if path.is_file() and "pg" not in path.relative_to(books.folder).parts[:1]:
            kept += path.read_bytes()
    return kept


def test_nothing_is_left_of_a_person_but_an_empty_row(registered_books, tmp_path):
    books = registered_books
    home, _, person = a_member(books)
    owner, name, sealed = opened_values(books, person)
    before = everything_written(books, tmp_path)
    assert owner.wrapped in before
    assert all(value in before for value in sealed)
    tokens = count(REGISTRY, "search_token", "person = %s", person)
    assert tokens

    erase(books, wish_for(person, home))

    after = everything_written(books, tmp_path)
    assert owner.wrapped not in after
    assert name.encode() not in after
    assert not [value for value in sealed if value in after]
    assert count(REGISTRY, "person_key", "person = %s", person) == 0
    assert count(REGISTRY, "search_token", "person = %s", person) == 0
    assert count(REGISTRY, "person_tokens", "person = %s", person) == 0
    [row] = fetch(
        REGISTRY,
        """SELECT birth_month, birth_precision, sex, facts, full_name, name_parts, address,
                  birth_day FROM registrant WHERE id = %s""",
        (person,),
    )
    assert row == (None, 0, None, {}, None, None, None, None)
    for table in ("registrant_document", "registrant_phone"):
        assert count(REGISTRY, table, "registrant_id = %s AND sealed <> ''", person) == 0
    assert person not in queries.situation_of([home]).living(home)


def test_search_finds_nobody_afterwards(registered_books):
    books = registered_books
    home, person = alone(books)
    _, name, _ = opened_values(books, person)
    asked = {"country": "VE", "vault": books.keeper.vault}
    found = search_households(name, acting=books.acting("ana"), **asked)
    assert home in [one.household for one in found.households]

    erase(books, wish_for(person, home))

    rest = search_households(name, acting=books.acting("ana"), **asked)
    assert home not in [one.household for one in rest.households]


def test_it_takes_two_people_and_a_reason_of_the_list(registered_books):
    books = registered_books
    home, _, person = a_member(books)
    wish = wish_for(person, home)
    with pytest.raises(ChangeRefused, match="There is no household"):
        propose(books, wish, by="nour")
    with pytest.raises(KeyError):
        propose(books, wish, Reason.STAFF_CHANGE)
    proposal = propose(books, wish)
    before = digests(books.endpoints)

    with pytest.raises(actions.NotCarriedOut, match="not approved"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before
    with pytest.raises(ChangeRefused, match="two people"):
        do(books, wish.order(Reason.PERSON_ASKED, new_id=books.acting().new_id,
                             day=books.tools.today()))  # fmt: skip


def test_the_only_collector_needs_somebody_who_follows(registered_books):
    books = registered_books
    home, people = a_home()
    head = people[0]

    with pytest.raises(ChangeRefused, match="Only this person") as told:
        propose(books, wish_for(head, home))

    assert told.value.why is Why.NOBODY_ELSE_COLLECTS
    erase(books, wish_for(head, home, head=people[1]))
    roles = {(row.holder, int(row.role)) for row in queries.rows_on([home], books.tools.today())}
    assert (people[1], 1) in roles
    assert (people[1], 3) in roles
    assert head not in {holder for holder, _ in roles}


def test_what_was_approved_on_an_old_look_is_not_done(registered_books):
    books = registered_books
    home, people, person = a_member(books)
    proposal = propose(books, wish_for(person, home))
    books.approved(proposal)
    do(books, an_order(books, Kind.NEW_HEAD, home, head=people[1]))
    before = digests(books.endpoints)

    with pytest.raises(ChangeRefused, match="changed meanwhile"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_a_second_proposal_about_the_same_person_changes_nothing_of_them(registered_books):
    books = registered_books
    home, _, person = a_member(books)
    wish = wish_for(person, home)
    first, second = propose(books, wish), propose(books, wish)
    books.approved(first)
    books.approved(second)
    ended = at_once(
        *(lambda one=one: actions.carry_out(one, books.tools) for one in (first, second))
    )

    assert raised(ended) == []
    assert count(REGISTRY, "erasure") == 1
    assert sorted("before" in str(end) for end in ended) == [False, True]
    with pytest.raises(actions.NotCarriedOut, match="carried out before"):
        actions.carry_out(first, books.tools)
    with pytest.raises(ChangeRefused, match="was erased"):
        propose(books, wish_for(person, home))


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (erasing_rows, "destroy"),
        (erasing_rows, "add"),
        (journal_store, "append"),
    ],
)
def test_killed_anywhere_it_is_not_done_and_then_done_once(
    registered_books, monkeypatch, owner, name
):
    books = registered_books
    home, _, person = a_member(books)
    proposal = propose(books, wish_for(person, home))
    books.approved(proposal)
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, owner, name, after=True)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    assert digests(books.endpoints) == before

    actions.carry_out(proposal, books.tools)

    assert count(REGISTRY, "erasure") == 1


def test_cards_of_a_person_alone_die_and_the_keeper_forgets_their_links(carded_books, monkeypatch):
    books = carded_books
    home, people = a_home(1)
    for other in people[1:]:
        do(books, an_order(books, Kind.LEAVE, home, people=(other,)))
    numbers = [
        n for (n,) in fetch(REGISTRY, "SELECT number FROM card WHERE household_id = %s", (home,))
    ]
    assert numbers
    proposal = propose(books, wish_for(people[0], home))
    books.approved(proposal)
    with monkeypatch.context() as patched:
        dies(patched, type(books.keeper.cards), "forget")
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    links = books.held.cards._links
    assert set(numbers) <= set(links.load())

    erasing.forget_links(books.tools)

    assert not set(numbers) & set(links.load())
    assert count(REGISTRY, "card", "household_id = %s AND state <> 5", home) == 0
    assert queries.cards_to_forget() == []
    assert fetch(REGISTRY, "SELECT facts FROM household WHERE id = %s", (home,)) == [({},)]


def test_cards_and_entitlement_of_a_household_that_goes_on_stay(opened_books):
    books = opened_books
    home, _, person = a_member(books)
    cards = fetch(REGISTRY, "SELECT number, state FROM card WHERE household_id = %s", (home,))
    before = {name: value for name, value in digests(books.endpoints).items() if "ledger." in name}
    links = books.held.cards._links.load()

    erase(books, wish_for(person, home))

    after = {name: value for name, value in digests(books.endpoints).items() if "ledger." in name}
    assert after == before
    assert (
        fetch(REGISTRY, "SELECT number, state FROM card WHERE household_id = %s", (home,)) == cards
    )
    assert books.held.cards._links.load() == links
    assert (
        fetch(
            LEDGER, "SELECT unit, sum(balance) FROM account GROUP BY unit HAVING sum(balance) < 0"
        )
        == []
    )


def test_the_receipt_names_the_day_of_the_last_backup_and_is_verified_by_anybody(
    registered_books, monkeypatch
):
    books = registered_books
    home, _, person = a_member(books)
    monkeypatch.setenv("DESPENSA_BACKUP_DAYS", "20")
    proposal = erase(books, wish_for(person, home))
    signed = queries.erasure_receipt(proposal)
    authority = books.keeper.signatory.public_keys().authority

    said = receipts.verify_receipt(signed, authority_keys={cose.key_id(authority): authority})

    today = books.tools.today()
    assert said.certificate is None
    assert said.receipt.kind is receipts.ReceiptKind.ERASED
    assert date.fromordinal(DAY_ZERO + said.receipt.day) == today
    assert date.fromordinal(DAY_ZERO + said.receipt.last_copy_until) == today + timedelta(days=20)
    leaves = fetch(REGISTRY, "SELECT leaf32 FROM journal")
    assert said.receipt.content_hash in [bytes(leaf32) for (leaf32,) in leaves]
    assert person.bytes not in signed
    with pytest.raises(cose.BadSignature):
        receipts.verify_receipt(
            signed[:-1] + bytes((signed[-1] ^ 1,)),
            authority_keys={cose.key_id(authority): authority},
        )


def test_by_default_backups_are_kept_for_35_days(registered_books, monkeypatch):
    monkeypatch.delenv("DESPENSA_BACKUP_DAYS", raising=False)
    assert registered_books.tools.backup_days == 35
    monkeypatch.setenv("DESPENSA_BACKUP_DAYS", "soon")
    with pytest.raises(WorkspaceError, match="DESPENSA_BACKUP_DAYS is 'soon'"):
        assert registered_books.tools.backup_days


def test_a_rebuilt_register_has_the_empty_row_and_the_log_still_holds(registered_books):
    books = registered_books
    home, _, person = a_member(books)
    entries = _entries()
    keys = _people()
    erase(books, wish_for(person, home))
    assert entries == _entries()[: len(entries)]
    rounds.seal_log(books.tools)
    before = digests(books.endpoints)
    people = _people()
    assert person.bytes not in people
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        for table in (
            "household_change_line", "membership", "registrant_phone", "registrant_document",
            "person_key", "registrant",
        ):  # fmt: skip
            owner.execute(f"DELETE FROM {table}")

    opened = _opened(books, people)
    batch = rebuilt(opened, people)
    known = fetch(REGISTRY, "SELECT id FROM household")
    batch = batch_store.RegistryBatch(
        [], batch.registrants, batch.documents, batch.phones, batch.memberships, (), ()
    )
    with transaction.atomic(using=REGISTRY):
        batch_store.write_batch(batch, register_import=UUID(int=0))

    after = digests(books.endpoints)
    for table in (
        "membership", "registrant_phone", "registrant_document", "person_key", "registrant",
    ):  # fmt: skip
        assert after[f"registry.{table}"] == before[f"registry.{table}"], table
    assert known
    assert keys.keys() - people.keys() == {person.bytes}


def test_what_a_person_did_before_is_undone_no_more(registered_books):
    books = registered_books
    home, _, person = a_member(books)
    left = an_order(books, Kind.LEAVE, home, people=(person,))
    do(books, left)
    erase(books, wish_for(person, home))

    for operation in (left.id, queries.timeline(home)[0].id):
        with pytest.raises(ChangeRefused) as told:
            do(books, an_order(books, Kind.UNDO, home, undoes=operation))
        assert told.value.why in {Why.NOT_THE_LATEST, Why.ERASED}
    with pytest.raises(ChangeRefused, match="was erased"):
        do(books, an_order(books, Kind.JOIN, home, people=(person,)))


def test_a_proposal_of_other_parameters_is_refused(registered_books):
    books = registered_books
    proposal = books.proposal("ana", ACTION, Reason.PERSON_ASKED, parameters=(b"x",))
    books.approved(proposal)
    before = digests(books.endpoints)

    with pytest.raises(ValueError, match="key 9"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def _entries():
    rows = fetch(
        REGISTRY,
        """SELECT content.entry, content.bytes FROM journal
           JOIN journal_content content USING (entry) ORDER BY journal.seq""",
    )
    return [(entry.bytes, journal.parse_stored(bytes(stored))) for entry, stored in rows]


def _people():
    keys = fetch(REGISTRY, "SELECT person, kek, wrapped FROM person_key")
    return {who.bytes: KeyedPerson(who.bytes, kek, bytes(key)) for who, kek, key in keys}


def _opened(books, people):
    return [
        row
        for entry, stored in _entries()
        if journal.parse_content(stored.content).row_count > 0
        for row in books.keeper.vault.open_rows(entry, stored, people)
    ]
