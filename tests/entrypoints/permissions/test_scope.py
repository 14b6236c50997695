"""
Every door that shows or changes people, cycles or proposals, tried in scope and out of it.

The doors are those the code says: whatever asks for one of the permissions below and is not
listed here, or is listed and gone, fails. Each is tried by every role that passes its lock:
- in scope: the role counts in the village, or for the programme, that the thing belongs to;
- elsewhere: the role counts in another village, for another programme. The answer must be the one
  that is given for a thing that does not exist;
- ended: the role counted everywhere until yesterday. The door stays shut.
"""

import contextlib
import hashlib
import os
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import resolve
from typer.testing import CliRunner

from despensa.domain.ports.keeper import Purpose
from despensa.domain.proposal import Reason
from despensa.domain.reach import OutOfReach
from despensa.domain.role import PERMISSIONS, Permission, Role
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.doors import DOORS
from despensa.entrypoints.cli.main import app
from despensa.entrypoints.cli.opened import session_file
from despensa.entrypoints.jobs import actions, previewing, staging
from despensa.entrypoints.office.access import required
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as pairs
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from despensa.records.staff import queries as staff_queries
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from despensa.usecases.open_command_session import open_command_session
from despensa.usecases.open_household import open_household
from despensa.usecases.refuse_proposal import refuse_proposal
from despensa.usecases.welcome_staff import NotExpected, welcome_staff
from tests.entrypoints.permissions.scoped import (
    CHECKED,
    COMMANDS,
    PROGRAMME,
    SCOPES,
    URLS,
    VILLAGE,
    Ground,
    Probe,
    Things,
)
from tests.entrypoints.permissions.test_permissions import BACKEND, is_refused
from tests.entrypoints.permissions.village_file import village_csv
from tests.entrypoints.permissions.walk import METHODS, addresses
from tests.factories import books as factory
from tests.factories.observing import digests
from tests.factories.partner import PartnerClient, consent
from tests.usecases import test_appeals as appeals
from tests.usecases.test_corrections import NAME, PHONE, SEX, ask, wanted
from tests.usecases.test_duplicates import noticed


@pytest.fixture
def ground(decided_books, monkeypatch):
    books = decided_books
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    order = books.approved(
        books.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order())
    )
    batch = factory.issue(books, order)
    sheet = books.folder / "run" / "print" / str(batch)
    sheet.mkdir(parents=True)
    (sheet / "cards-1.pdf").write_bytes(b"%PDF-")
    [(household, card, village, pcode), *_] = fetch(
        REGISTRY,
        """SELECT household.id, card.number::text, area.id, area.pcode FROM card
           JOIN household ON household.id = card.household_id
           JOIN area ON area.id = household.area_id WHERE area.parent_id IS NOT NULL
           ORDER BY card.number""",
    )
    [(elsewhere,), *_] = fetch(
        REGISTRY,
        "SELECT id FROM area WHERE id <> %s AND parent_id IS NOT NULL ORDER BY pcode",
        (village,),
    )
    other = define_programme(
        ProgrammeOutline("other", {"en": "Other"}, elsewhere, ((2, "kit", {"en": "kit"}),)),
        acting=books.acting("jorge"),
    )
    opened = open_household(
        household, purpose=Purpose.SEARCH, acting=books.acting("ana"), vault=books.keeper.vault
    )
    register = factory.read_register(
        village_csv(pcode), filename="s.csv", today=books.tools.today(), workspace_country="VE",
        catalogue=factory.load_catalogue(),
    )  # fmt: skip
    acting = books.acting("ana")
    preview = acting.new_id()
    previewing.keep_preview(
        register, "s.csv", books.tools, acting=acting, is_strict=False, preview_id=preview
    )
    proposal = previewing.submit(preview, books.tools, acting=acting)
    [(staged,)] = fetch(REGISTRY, "SELECT id FROM register_import WHERE proposal = %s", (proposal,))
    [(first,), (second,), *_] = fetch(
        REGISTRY,
        """SELECT registrant_id FROM membership JOIN household ON household.id = household_id
           WHERE role IN (1, 2) AND area_id = %s ORDER BY registrant_id""",
        (village,),
    )
    known = Things(
        household,
        opened.names[0],
        card,
        card,
        batch,
        books.cycle,
        staged,
        proposal,
        "food-parcel",
        pair=noticed(books, first, second),
        programme_id=books.programme,
    )
    _add_acts(books, known, first, second, pcode)
    return Ground(books, known, village, elsewhere, pcode, books.programme, other)


def _add_acts(books, known, first, second, pcode):
    """Add a correction that waits, one that was made, a consent and a small file of the village."""
    homes = {person: pairs.records([person])[person].home for person in (first, second)}
    known.person, known.home = first, homes[first]
    waiting = wanted(books, {SEX: 1, NAME: "Nadia Otra"}, person=first, home=homes[first])
    ask(books, waiting)
    made = wanted(books, {PHONE: "0412 555 1234"}, person=second, home=homes[second])
    ask(books, made)
    known.correction, known.corrected = waiting.id, made.id
    partner = PartnerClient(books).register()
    known.consent = consent(books, partner, homes[first], first)
    brought = appeals.wanted(books, homes[first])
    appeals.bring(books, brought)
    known.appeal = brought.id
    small = factory.read_register(
        b"\r\n".join(village_csv(pcode).splitlines()[:3]), filename="small.csv",
        today=books.tools.today(), workspace_country="VE", catalogue=factory.load_catalogue(),
    )  # fmt: skip
    staging.take_in_small(small, "small.csv", books.tools, acting=books.acting("ana"))
    [(known.taken_in,)] = fetch(
        REGISTRY, "SELECT id FROM register_import WHERE file_name = 'small.csv'"
    )


def _roles(permission: Permission) -> list[Role]:
    return [role for role in Role if permission in PERMISSIONS[role]]


def _doors() -> dict[str, Permission]:
    """Return every method and address that asks for one of the checked permissions."""
    return {
        f"{method} {one.route}": lock
        for one in addresses()
        for method in METHODS
        if (lock := required(resolve(one.path))) in CHECKED
    }


STRICTER = {
    "POST /cycles/": Permission.RUN_CYCLES,
    "POST /cycles/<uuid:cycle_id>/": Permission.RUN_CYCLES,
}


def test_every_door_to_people_has_its_probe_and_no_probe_is_left_over():
    assert set(_doors()) == set(URLS)


def test_every_command_to_people_has_its_probe_and_no_probe_is_left_over():
    assert {name for name, lock in DOORS.items() if lock in CHECKED} == set(COMMANDS)


def _said(answer) -> str:
    """What an answer says, also one that is sent part by part: that is read once and kept."""
    if answer.streaming:
        if "whole" not in answer.__dict__:
            answer.whole = answer.getvalue()
        return answer.whole.decode(errors="replace")
    return answer.content.decode(errors="replace")


def _plain(answer, *things: Things):
    """What an answer says, without the things it was asked about and without chance."""
    text = _said(answer) + str(answer.get("Location", ""))
    for thing in things:
        for one in thing.texts():
            text = text.replace(one, "THING")
            text = text.replace(one[:4] + " " + one[4:7] + " " + one[7:], "THING")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    text = re.sub(r"x-[0-9a-f-]{36}", "", text)
    return answer.status_code, text


def _client(username: str) -> Client:
    client = Client(raise_request_exception=False, HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(User.objects.using(REGISTRY).get(username=username), backend=BACKEND)
    return client


def _ask(username: str, method: str, probe: Probe, things: Things):
    client = _client(username)
    if method == "GET":
        return client.get(probe.path(things))
    data = probe.data(things)
    return client.post(probe.path(things), data)


def test_every_door_to_people_shows_what_is_in_scope_and_nothing_else(ground, monkeypatch):
    wrong = []
    known, unknown = ground.known, Things()
    monkeypatch.setattr(Things, "texts", _with_programme(ground))
    for door, permission in _doors().items():
        probes = URLS[door]
        if isinstance(probes, str):
            continue
        method = door.split()[0]
        for role in _roles(STRICTER.get(door, permission)):
            for probe in probes:
                asked = _asked(probe, ground)
                inside, elsewhere, ended = (
                    _ask(ground.person(role, scope, probe.kind), method, asked, known)
                    for scope in SCOPES
                )
                person = ground.person(role, "elsewhere", probe.kind)
                nothing = _ask(person, method, asked, unknown)
                said = f"{role.value} {door}"
                if not is_refused(ended):
                    wrong.append(f"{said}: opens for a role that ended ({ended.status_code})")
                if _plain(elsewhere, known, unknown) != _plain(nothing, known, unknown):
                    wrong.append(f"{said}: out of scope and unknown answer differently")
                is_shown = _plain(inside, known, unknown) != _plain(nothing, known, unknown)
                if probe.shows is not None:
                    is_shown = probe.shows(known) in _said(inside)
                    if probe.shows(known) in _said(elsewhere):
                        wrong.append(f"{said}: shows what is out of scope")
                if not is_shown or is_refused(inside) or inside.status_code >= 500:
                    wrong.append(f"{said}: shut in scope ({inside.status_code})")
                _again(ground)

    assert not wrong, "\n".join(wrong)


def _with_programme(ground: Ground):
    return lambda things: [*(str(value) for value in vars(things).values()), str(ground.programme)]


def _asked(probe: Probe, ground: Ground) -> Probe:
    """Let forms name programmes by id, as the page does."""

    def data(things: Things) -> dict[str, object]:
        given = probe.data(things)
        if "programme" in given:
            is_known = things is ground.known
            given["programme"] = str(ground.programme if is_known else uuid4())
        return given

    return Probe(probe.path, data, probe.kind, probe.shows)


def _again(ground: Ground) -> None:
    """Bring back what a door in scope has changed: a card that was handed over."""
    from tests.factories.shelf import as_owner

    with as_owner(ground.books.endpoints, "registry") as connection:
        # nothing goes this way but a trial's books
        connection.execute("ALTER TABLE card DISABLE TRIGGER card_life")
        connection.execute("UPDATE card SET state = 1 WHERE state = 2")
        connection.execute("ALTER TABLE card ENABLE TRIGGER card_life")


def test_every_command_shows_what_is_in_scope_and_nothing_else(ground, monkeypatch):
    tools = ground.books.tools
    monkeypatch.setattr(wiring, "databases", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(wiring, "open_tools", lambda _: tools)
    monkeypatch.setenv("DESPENSA_WORKSPACE", str(ground.books.folder))
    wrong, known, unknown = [], ground.known, Things()

    def run(username, name, command, things):
        secret = hashlib.sha256(username.encode() + os.urandom(8)).digest()
        person = ground.books.staff[username]
        open_command_session(
            hashlib.sha256(secret).digest(), staff=person, acting=tools.acting(person)
        )
        session_file(tools.workspace).write_bytes(secret)
        result = CliRunner().invoke(app, [*name.split(), *command.arguments(things)])
        said = f"{result.output}{result.exception or ''}"
        for thing in (known, unknown):
            for text in thing.texts():
                if command.shows is None:
                    said = said.replace(text, "THING")
        return said

    for name, command in COMMANDS.items():
        if isinstance(command, str):
            continue
        for role in _roles(DOORS[name]):
            inside, elsewhere, ended, nothing = (
                run(
                    ground.person(role, scope, command.kind),
                    name, command, things,
                )
                for scope, things in [*((scope, known) for scope in SCOPES), (SCOPES[1], unknown)]
            )  # fmt: skip
            said = f"{role.value} {name}"
            if "asks for the permission" not in ended:
                wrong.append(f"{said}: opens for a role that ended: {ended}")
            if command.shows is not None:
                if command.shows(known) in elsewhere:
                    wrong.append(f"{said}: shows what is out of scope")
                if command.shows(known) not in inside:
                    wrong.append(f"{said}: does not show what is in scope: {inside}")
            elif command.kind == PROGRAMME:
                if "outside the area" not in elsewhere:
                    wrong.append(f"{said}: acts out of scope: {elsewhere}")
            elif elsewhere != nothing:
                wrong.append(f"{said}: out of scope: {elsewhere}; unknown: {nothing}")
            if command.shows is None and inside == elsewhere:
                wrong.append(f"{said}: shut in scope: {inside}")

    assert not wrong, "\n".join(wrong)
    assert proposals.proposal(known.proposal) is not None


def test_the_ledger_is_shown_to_those_who_reach_everything(ground):
    for role in _roles(Permission.SEE_LEDGER):
        part = ground.person(role, "in scope", VILLAGE)
        ended = ground.person(role, "ended", VILLAGE)

        assert _client(part).get("/ledger/").status_code == 403
        assert _client(ended).get("/ledger/").status_code == 403
    assert _client("nour").get("/ledger/").status_code == 200


def test_today_and_the_cycle_count_what_is_in_scope(opened_books, monkeypatch):
    books = opened_books
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    here = programmes.outcome_totals(books.cycle)
    rows = fetch(
        REGISTRY,
        """SELECT household.area_id, count(*) FROM decision
           JOIN household ON household.id = decision.household_id
           WHERE outcome = 1 GROUP BY 1 ORDER BY 2, 1""",
    )
    [(village, few), *_] = rows
    assert few < here[1], "the village must be a part"
    today = books.tools.today()
    add_staff(
        NewStaff(
            "lead", None, "lead", "en", [Role.POINT_LEAD], village, today,
            today + timedelta(days=9),
        ),
        acting=books.acting(),
    )  # fmt: skip

    for page in ("/", f"/cycles/{books.cycle}/"):
        part, whole = (_figures(_client(name).get(page)) for name in ("lead", "lucia"))

        assert part == few, page
        assert whole == here[1], page


def _figures(answer) -> int:
    """Return how many households the page says are entitled."""
    return next(
        figure.value for figure in answer.context["page"].figures if "ntitled" in str(figure.label)
    )


def test_a_file_of_another_area_does_not_come_in(ground, tmp_path, monkeypatch):
    tools = ground.books.tools
    registrar = ground.books.staff[ground.person(Role.REGISTRAR, "elsewhere", VILLAGE)]
    own = ground.books.staff[ground.person(Role.REGISTRAR, "in scope", VILLAGE)]
    register = ground.books.register(skip=200, count=40)
    in_village = [one for one in register.households if one.area_pcode == ground.pcode]
    assert 0 < len(in_village) < len(register.households)
    places = frozenset(place for place in register.places if place[0] == ground.pcode)
    mixed = register
    pure = replace(register, households=tuple(in_village), places=places)
    before = digests(ground.books.endpoints)

    for person, given in ((registrar, mixed), (registrar, pure), (own, mixed)):
        small = replace(given, rows_in=1)
        with pytest.raises(OutOfReach, match="outside the area"):
            staging.stage(given, "f.csv", tools, acting=tools.acting(person))
        with pytest.raises(OutOfReach, match="outside the area"):
            staging.take_in_small(small, "f.csv", tools, acting=tools.acting(person))

    assert digests(ground.books.endpoints) == before
    staging.stage(pure, "f.csv", tools, acting=tools.acting(own))


def test_nobody_proposes_or_decides_out_of_scope(ground):
    books = ground.books
    manager = ground.person(Role.PROGRAMME_MANAGER, "elsewhere", PROGRAMME)
    approver = ground.person(Role.APPROVER, "elsewhere", VILLAGE)
    ended = ground.person(Role.APPROVER, "ended", VILLAGE)
    before = digests(books.endpoints)

    with pytest.raises(OutOfReach):
        books.proposal(manager, "open_cycle", Reason.SCHEDULED_CYCLE, **books.opening_order())
    with pytest.raises(OutOfReach):
        factory.new_cycle(replace(books, staff=books.staff | {"jorge": books.staff[manager]}), "x")
    for person in (approver, ended):
        with pytest.raises(OutOfReach):
            books.approved(ground.known.proposal, by=person)
        with pytest.raises(OutOfReach):
            refuse_proposal(
                ground.known.proposal, acting=books.acting(person), staging=books.keeper.staging
            )

    assert digests(books.endpoints) == before
    books.approved(ground.known.proposal, by=ground.person(Role.APPROVER, "in scope", VILLAGE))


def test_staff_are_added_listed_and_welcomed_in_scope(ground):
    books, today = ground.books, ground.books.tools.today()
    officer = ground.person(Role.SECURITY_OFFICER, "in scope", VILLAGE)
    far = ground.person(Role.SECURITY_OFFICER, "elsewhere", VILLAGE)
    order = {"parameters": ("eva", "Eva", "en", ["registrar"], 22_000)}
    with pytest.raises(OutOfReach):
        books.proposal(
            far, "add_staff", Reason.STAFF_CHANGE, scope=(None, ground.village.bytes, None), **order
        )
    waiting = books.proposal(
        officer, "add_staff", Reason.STAFF_CHANGE, scope=(None, ground.village.bytes, None), **order
    )
    actions.carry_out(books.approved(waiting), books.tools)

    def listed(name):
        reach = staff_queries.reach_of(books.staff[name], Permission.MANAGE_STAFF, today)
        return {username for username, _ in staff_queries.everybody(today, reach=reach)}

    assert "eva" in listed(officer)
    assert "nour" not in listed(officer)
    assert "eva" not in listed(far)
    with pytest.raises(NotExpected):
        welcome_staff("eva", "a-very-long-password", acting=books.acting(far))
    welcome_staff("eva", "a-very-long-password", acting=books.acting(officer))
