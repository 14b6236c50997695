"""Corrections in the books: asked, agreed to, refused, undone; once, twice, at once, killed."""

import pytest
from django.db import transaction

from despensa.domain import receipt as receipts
from despensa.domain.correction.decide import CorrectionRefused, Why
from despensa.domain.correction.slot import (
    Channel,
    Field,
    Reason,
    Refusal,
    Slot,
    State,
    answer_until,
)
from despensa.domain.encoding import cose
from despensa.domain.matching.search_text import query_texts
from despensa.domain.matching.variants import KEPT_MAX, LEARNT_A_DAY_MAX
from despensa.domain.ports.keeper import KeyedPerson, Purpose
from despensa.domain.transparency import journal
from despensa.entrypoints.jobs import actions, correcting
from despensa.records.bulk import fetch
from despensa.records.corrections import queries, variant_store
from despensa.records.databases import REGISTRY
from despensa.records.registry.rebuild import rebuilt
from despensa.usecases import amend_registration as amending
from despensa.usecases import request_correction as requesting
from despensa.usecases.open_correction import open_correction
from despensa.usecases.open_record import open_record
from despensa.usecases.refuse_proposal import NeedsReason, refuse_proposal
from despensa.usecases.request_correction import Wanted
from despensa.usecases.search_households import search_households
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.usecases.test_change_household import a_home

NAME, PHONE, ADDRESS = Slot(Field.FULL_NAME), Slot(Field.PHONE, "new"), Slot(Field.ADDRESS)
BIRTH, SEX = Slot(Field.BIRTH), Slot(Field.SEX)
FACT = Slot(Field.PERSON_FACT, "disability_functional")


def opened(books, person, home, **fields):
    return open_record(person, home, acting=books.acting("ana"), vault=books.keeper.vault, **fields)


def wanted(books, values, person=None, home=None, **fields):
    if person is None:
        home, people = a_home()
        person = people[-1]
    given = {
        "id": books.acting().new_id(),
        "version": opened(books, person, home).version,
        "channel": Channel.DESK,
        "reason": Reason.ENTRY_MISTAKE,
    }
    return Wanted(person=person, household=home, values=values, **(given | fields))


def ask(books, request, by="ana"):
    return correcting.ask(request, books.tools, acting=books.acting(by))


def agreed(books, request):
    """Ask, approve and carry out; return what was asked."""
    asked = ask(books, request)
    actions.carry_out(books.approved(asked.proposal), books.tools)
    return asked


def undone(books, request):
    """Return the request to take a correction back."""
    return Wanted(
        id=books.acting().new_id(), person=request.person, household=request.household, version="",
        channel=Channel.OFFICE, reason=Reason.UNDO, values={}, undoes=request.id,
    )  # fmt: skip


def value(books, request, slot):
    return opened(books, request.person, request.household).values.get(slot)


def found(books, query):
    result = search_households(
        query, country="VE", acting=books.acting("ana"), vault=books.keeper.vault
    )
    return [one.household for one in result.households]


def said_on(books, signed):
    authority = books.keeper.signatory.public_keys().authority
    keys = {cose.key_id(authority): authority}
    return receipts.verify_receipt(signed, authority_keys=keys).receipt


def refused(why, act, *args):
    with pytest.raises(CorrectionRefused) as told:
        act(*args)
    assert told.value.why is why


def test_a_phone_is_changed_by_one_person_and_found_by_at_once(registered_books):
    books = registered_books
    request = wanted(books, {PHONE: "0412 555 1234", ADDRESS: "Calle Nueva 3"})

    asked = ask(books, request)

    view = queries.correction(request.id)
    assert (asked.state, asked.proposal, view.needs_two) == (State.DONE, None, False)
    assert value(books, request, ADDRESS) == "Calle Nueva 3"
    assert found(books, "+58 412 555 1234") == [request.household]
    assert said_on(books, view.asked_receipt).kind is receipts.ReceiptKind.CORRECTION_ASKED
    assert said_on(books, view.answer_receipt).kind is receipts.ReceiptKind.CORRECTION_MADE


def test_who_somebody_is_changes_only_when_a_second_person_agrees(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla", BIRTH: "1990-02", SEX: 1, FACT: True})
    before = opened(books, request.person, request.household).values

    asked = ask(books, request)
    still = opened(books, request.person, request.household).values
    actions.carry_out(books.approved(asked.proposal), books.tools)

    after = opened(books, request.person, request.household).values
    assert still == before
    assert (after[NAME], after[BIRTH], after[SEX], after[FACT]) == (
        "Zoraida Quintanilla", [1990, 2], 1, True,
    )  # fmt: skip
    assert found(books, "Quintanilla Zoraida") == [request.household]
    former = set(books.keeper.vault.search_tokens(query_texts(before[NAME])))
    held = fetch(REGISTRY, "SELECT token FROM search_token WHERE person = %s", (request.person,))
    assert not former & {token for (token,) in held}
    due = answer_until(books.tools.today())
    assert queries.correction(request.id).answer_until == due


def test_the_database_refuses_such_a_change_without_a_proposal(registered_books, monkeypatch):
    books = registered_books
    monkeypatch.setattr(requesting, "_proposal", lambda *_: None)

    with pytest.raises(CorrectionRefused):
        ask(books, wanted(books, {NAME: "Zoraida Quintanilla"}))

    assert count(REGISTRY, "correction") == 0


def test_a_request_sent_twice_is_one_and_an_id_stands_for_one_request(registered_books):
    books = registered_books
    request = wanted(books, {ADDRESS: "Calle Nueva 3"})
    ask(books, request)
    before = digests(books.endpoints)

    again = ask(books, request)

    assert (again.is_new, digests(books.endpoints)) == (False, before)
    other = Wanted(**{f: getattr(request, f) for f in request.__slots__} | {"values": {SEX: 1}})
    refused(Why.ID_USED_OTHERWISE, ask, books, other)


def test_a_form_filled_in_on_an_old_look_is_refused(registered_books):
    books = registered_books
    first = wanted(books, {ADDRESS: "Calle Nueva 3"})
    second = wanted(books, {ADDRESS: "Calle Vieja 4"})
    ask(books, first)

    refused(Why.CHANGED_MEANWHILE, ask, books, second)
    assert value(books, first, ADDRESS) == "Calle Nueva 3"


def test_an_approved_change_is_not_made_when_its_field_was_changed_meanwhile(registered_books):
    books = registered_books
    late = wanted(books, {NAME: "Zoraida Quintanilla"})
    asked = ask(books, late)
    books.clock.forward(minutes=5)
    agreed(books, wanted(books, {NAME: "Yajaira Quintanilla"}, late.person, late.household))
    approved = books.approved(asked.proposal)

    refused(Why.CHANGED_MEANWHILE, actions.carry_out, approved, books.tools)
    assert value(books, late, NAME) == "Yajaira Quintanilla"
    assert queries.correction(late.id).state is State.WAITING


def test_another_field_changed_meanwhile_is_no_hindrance(registered_books):
    books = registered_books
    late = wanted(books, {NAME: "Zoraida Quintanilla"})
    asked = ask(books, late)
    ask(books, wanted(books, {ADDRESS: "Calle Nueva 3"}, late.person, late.household))

    actions.carry_out(books.approved(asked.proposal), books.tools)

    assert value(books, late, NAME) == "Zoraida Quintanilla"
    assert value(books, late, ADDRESS) == "Calle Nueva 3"


def test_two_requests_at_once_on_one_record_leave_one(registered_books):
    books = registered_books
    requests = [wanted(books, {ADDRESS: f"Calle {n}"}) for n in range(2)]

    ended = at_once(*(lambda one=one: ask(books, one) for one in requests))

    assert [type(one) for one in raised(ended)] == [CorrectionRefused]
    assert count(REGISTRY, "correction") == 1


@pytest.mark.parametrize("step", ["sealed_record.write", "store.answer", "entry_of"])
def test_killed_while_it_is_made_it_is_made_by_the_next_try(registered_books, monkeypatch, step):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    approved = books.approved(ask(books, request).proposal)
    *module, name = step.split(".")
    with monkeypatch.context() as patch:
        dies(patch, getattr(amending, *module) if module else amending, name)
        with pytest.raises(Killed):
            actions.carry_out(approved, books.tools)
    assert value(books, request, NAME) != "Zoraida Quintanilla"
    assert queries.correction(request.id).state is State.WAITING

    actions.carry_out(approved, books.tools)

    assert value(books, request, NAME) == "Zoraida Quintanilla"


def test_a_refusal_closes_the_proposal_and_gives_a_receipt_to_appeal_with(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    asked = ask(books, request)

    with pytest.raises(NeedsReason):
        refuse_proposal(asked.proposal, acting=books.acting("nour"), staging=books.keeper.staging)
    correcting.refuse(request.id, Refusal.NOT_SHOWN, books.tools, acting=books.acting("nour"))

    view = queries.correction(request.id)
    said = said_on(books, view.answer_receipt)
    assert (view.state, view.proposal_state, view.refused_for) == (State.REFUSED, 3, 80)
    assert (said.reason, said.appeal_until - said.day) == (80, 30)
    refused(
        Why.DECIDED_BEFORE, lambda: correcting.refuse(
            request.id, Refusal.NOT_SHOWN, books.tools, acting=books.acting("nour"))
    )  # fmt: skip


def test_who_is_elsewhere_refuses_nothing_and_sees_nothing(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    ask(books, request)
    lucia = books.acting("lucia")

    refused(Why.NO_SUCH_CORRECTION, lambda: correcting.refuse(
        request.id, Refusal.NOT_SHOWN, books.tools, acting=lucia))  # fmt: skip
    refused(Why.NO_SUCH_CORRECTION, lambda: open_correction(
        queries.correction(request.id), acting=lucia, vault=books.keeper.vault))  # fmt: skip


def test_values_are_shown_to_readers_and_to_whoever_must_agree_each_look_written(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    asked = ask(books, request)

    def shown(name):
        before = count(REGISTRY, "access_entry")
        seen = open_correction(
            queries.correction(request.id), acting=books.acting(name), vault=books.keeper.vault
        ).changes
        looks = fetch(REGISTRY, "SELECT purpose, fields FROM access_entry ORDER BY at DESC LIMIT 1")
        return seen and seen[0].after, count(REGISTRY, "access_entry") - before, looks[0][0]

    assert shown("ana") == ("Zoraida Quintanilla", 1, Purpose.CORRECT_RECORD)
    assert shown("nour")[:2] == ("Zoraida Quintanilla", 1)
    assert shown("samir")[:2] == (None, 0)
    actions.carry_out(books.approved(asked.proposal), books.tools)
    assert shown("nour")[:2] == (None, 0)


def test_an_undo_goes_the_same_way_back_and_only_once(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla", PHONE: "0412 555 1234"})
    before = opened(books, request.person, request.household).values
    agreed(books, request)

    undo = undone(books, request)
    asked = ask(books, undo)
    refused(Why.UNDONE_BEFORE, ask, books, undone(books, request))
    actions.carry_out(books.approved(asked.proposal), books.tools)

    after = opened(books, request.person, request.household).values
    assert {slot: one for slot, one in after.items() if one is not None} == before
    assert found(books, "+58 412 555 1234") == []


def test_what_a_record_said_when_a_cycle_was_decided_can_still_be_read(registered_books):
    books = registered_books
    request = wanted(books, {FACT: True, BIRTH: "1990-02"})
    before = opened(books, request.person, request.household).values
    decided_at = books.clock.at
    books.clock.forward(days=40)
    agreed(books, request)

    then = opened(books, request.person, request.household, as_of=decided_at).values

    assert then == before
    assert value(books, request, FACT) is True


def test_old_and_new_lie_sealed_and_the_register_comes_back_from_the_journal(registered_books):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla", FACT: True, PHONE: "0412 555 1234"})
    agreed(books, request)
    rows = fetch(
        REGISTRY,
        """SELECT journal.entry, content.bytes FROM journal
           JOIN journal_content content USING (entry) ORDER BY seq""",
    )
    people = {
        person.bytes: KeyedPerson(person.bytes, kek, bytes(wrapped))
        for person, kek, wrapped in fetch(REGISTRY, "SELECT person, kek, wrapped FROM person_key")
    }
    entries = [(entry, journal.parse_stored(bytes(data))) for entry, data in rows]
    told = [
        row
        for entry, stored in entries
        if stored.rows and stored.rows[0][:1] == b"\x85"
        for row in books.keeper.vault.open_rows(entry.bytes, stored, people)
    ]

    [back] = [one for one in rebuilt(told, people).registrants if one.id == request.person]

    [(name, facts)] = fetch(
        REGISTRY, "SELECT full_name, facts FROM registrant WHERE id = %s", (request.person,)
    )
    assert (back.full_name, back.facts) == (bytes(name), facts)
    assert not any(b"Quintanilla" in bytes(data) for _, data in rows)
    stored = fetch(REGISTRY, "SELECT sealed FROM correction_change")
    assert not any(b"Quintanilla" in bytes(sealed) for (sealed,) in stored)


def of_one_surname(books):
    """Return a home, three of its people and the word of their names that they share."""
    for (home,) in fetch(REGISTRY, "SELECT id FROM household ORDER BY id"):
        people = [
            person
            for (person,) in fetch(
                REGISTRY,
                "SELECT registrant_id FROM membership WHERE household_id = %s AND role IN (1, 2)",
                (home,),
            )
        ]
        names = {one: opened(books, one, home).values[NAME].split() for one in people[:5]}
        for word in {word for words in names.values() for word in words}:
            bearers = [one for one, words in names.items() if word in words]
            if len(bearers) > 2:
                return home, {one: names[one] for one in bearers[:3]}, word
    raise AssertionError("no three people of one household share a word of their names")


def test_a_spelling_that_two_people_stand_for_is_found_across_scripts(registered_books):
    books = registered_books
    home, names, word = of_one_surname(books)
    *taught_by, third = names
    asked = f"{next(one for one in names[third] if one != word)} Щербаков"
    requests = []
    for person in taught_by:
        assert home not in found(books, asked)
        written = " ".join("Щербаков" if one == word else one for one in names[person])
        requests.append(
            wanted(books, {NAME: written}, person, home, reason=Reason.WRITTEN_OTHERWISE)
        )
        agreed(books, requests[-1])

    assert home in found(books, asked)
    stored = fetch(REGISTRY, "SELECT sealed FROM spelling_variant")
    assert len(stored) == 2
    assert not any(word.upper().encode() in bytes(sealed).upper() for (sealed,) in stored)

    books.clock.forward(hours=2)
    agreed(books, undone(books, requests[0]))
    assert home not in found(books, asked)


def test_one_person_named_again_and_again_teaches_once(registered_books):
    books = registered_books
    home, names, word = of_one_surname(books)
    person, *_ = names
    for other in ("Щербаков", word, "Щербаков"):
        written = " ".join(other if one == word else one for one in names[person])
        agreed(books, wanted(books, {NAME: written}, person, home, reason=Reason.MISSPELT))
        books.clock.forward(hours=1)

    assert fetch(REGISTRY, "SELECT DISTINCT witnesses FROM spelling_variant") == [(1,)]


def test_a_day_and_a_word_take_few_new_spellings(registered_books):
    books, vault = registered_books, registered_books.keeper.vault
    day = books.tools.today()

    with transaction.atomic(using=REGISTRY):
        heard = [
            variant_store.learn([("ROSA", f"X{letter}X")], day=day, vault=vault)
            for letter in "ABCDEFGHIJ"
        ]
        pairs = [(f"A{n:04d}", f"B{n:04d}") for n in range(LEARNT_A_DAY_MAX + 5)]
        learnt = variant_store.learn(pairs, day=day, vault=vault)

    assert sum(heard) == KEPT_MAX
    assert learnt == LEARNT_A_DAY_MAX - KEPT_MAX
