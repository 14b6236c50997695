"""What the doors are tried on, and how: things of one village, and people who reach them or not."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from despensa.domain import identifier
from despensa.domain.role import Permission, Role
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.entrypoints.permissions.scoped_payment import NO_PROBE, PAYMENTS
from tests.entrypoints.permissions.scoped_points import POINT_COMMANDS, POINTS
from tests.entrypoints.permissions.scoped_wallet import IDENTITY, NO_BATCHES, NO_OFFERS, WALLET
from tests.entrypoints.permissions.test_permissions import NOBODY, RULE
from tests.factories import books as factory

CHECKED = frozenset(Permission) - {
    Permission.SEE_LOG,  # what everybody may read, in words
    Permission.RUN_POINT,  # the phone's signature is the lock
    Permission.MANAGE_WORKSPACE,
}
SCOPES = ("in scope", "elsewhere", "ended")
# whose role is in scope, and whose is elsewhere; a cycle is seen from each village of its area
VILLAGE, PROGRAMME, CYCLE = "village", "programme", "cycle"


@dataclass
class Things:
    """What the doors are tried on; `unknown` ones exist nowhere."""

    household: UUID = field(default_factory=uuid4)
    name: str = "Nadie Ningunez"
    card: str = field(default_factory=lambda: identifier.card_numbers(os.urandom, 1)[0])
    waiting_card: str = field(default_factory=lambda: identifier.card_numbers(os.urandom, 1)[0])
    batch: UUID = field(default_factory=uuid4)
    cycle: UUID = field(default_factory=uuid4)
    register_import: UUID = field(default_factory=uuid4)
    proposal: UUID = field(default_factory=uuid4)
    programme: str = "no-such-programme"
    pair: UUID = field(default_factory=uuid4)
    person: UUID = field(default_factory=uuid4)
    home: UUID = field(default_factory=uuid4)
    correction: UUID = field(default_factory=uuid4)
    corrected: UUID = field(default_factory=uuid4)
    taken_in: UUID = field(default_factory=uuid4)
    consent: UUID = field(default_factory=uuid4)
    appeal: UUID = field(default_factory=uuid4)
    programme_id: UUID = field(default_factory=uuid4)

    def texts(self) -> list[str]:
        return [str(value) for value in vars(self).values()]


@dataclass(frozen=True)
class Probe:
    """How a door is tried, and whether it belongs to a village or to a whole programme."""

    path: Callable[[Things], str]
    data: Callable[[Things], dict[str, object]] = lambda _: {}
    kind: str = VILLAGE
    # what an answer in scope holds, where it is a list that others get as well, without it
    shows: Callable[[Things], str] | None = None


def _upload(_: Things) -> dict[str, object]:
    return {"file": SimpleUploadedFile("empty.csv", b"")}


def _both(route: str, probe: Probe) -> dict[str, list[Probe] | str]:
    """Return the probe of an address for both ways of asking it."""
    return {f"{method} {route}": [probe] for method in ("GET", "POST")}


def _told(why: str, *routes: str, below: str) -> dict[str, list[Probe] | str]:
    """Return why addresses have no probe, for both ways of asking them."""
    return {f"{method} {below}{route}": why for method in ("GET", "POST") for route in routes}


ERASURE = "a receipt, of which there is none here: tried with the pages of erasing"
PARTNERS = "a partner, of which there is none here: tried with the pages of partners"
RELEASES = "a release, of which there is none here: tried in jobs/test_releasing.py and its pages"
WITHOUT_THINGS = "shows no thing of anybody: a form, or a step back to a page"
IN_AN_AREA = "what it is about is an area: tried in tests/usecases/test_answer_enrolment.py"
URLS: dict[str, list[Probe] | str] = {
    "GET /": "counts of an open cycle: tried below",
    "POST /": "counts of an open cycle: tried below",
    "GET /households/": WITHOUT_THINGS,
    "POST /households/": [
        Probe(
            lambda _: "/households/", lambda t: {"query": t.name}, shows=lambda t: str(t.household)
        ),
        Probe(
            lambda _: "/households/", lambda t: {"query": t.card}, shows=lambda t: str(t.household)
        ),
    ],
    **_both("/households/<uuid:household_id>/", Probe(lambda t: f"/households/{t.household}/")),
    **_both(
        "/households/<uuid:household_id>/history/",
        Probe(lambda t: f"/households/{t.household}/history/"),
    ),
    "GET /households/<uuid:household_id>/change/<slug:name>/": [
        Probe(lambda t: f"/households/{t.household}/change/head/")
    ],
    "POST /households/<uuid:household_id>/change/<slug:name>/": [
        Probe(lambda t: f"/households/{t.household}/change/head/"),
        Probe(lambda t: f"/households/{t.household}/change/merge/", lambda t: {"other": t.card}),
    ],
    **_both(
        "/households/<uuid:household_id>/undo/<uuid:change_id>/",
        Probe(lambda t: f"/households/{t.household}/undo/{NOBODY}/"),
    ),
    **_both(
        "/households/<uuid:household_id>/erase/",
        Probe(lambda t: f"/households/{t.household}/erase/"),
    ),
    **_both(
        "/households/<uuid:household_id>/timeline/",
        Probe(lambda t: f"/households/{t.household}/timeline/"),
    ),
    **_both(
        "/households/<uuid:household_id>/decisions/<uuid:cycle_id>/paper/",
        Probe(lambda t: f"/households/{t.household}/decisions/{t.cycle}/paper/"),
    ),
    **_both(
        "/households/<uuid:household_id>/people/<uuid:person_id>/correct/",
        Probe(lambda t: f"/households/{t.home}/people/{t.person}/correct/"),
    ),
    **_both(
        "/households/<uuid:household_id>/decisions/<uuid:cycle_id>/appeal/",
        Probe(lambda t: f"/households/{t.household}/decisions/{t.cycle}/appeal/"),
    ),
    **_both("/appeals/", Probe(lambda _: "/appeals/", shows=lambda t: str(t.appeal))),
    **_both("/appeals/<uuid:appeal_id>/", Probe(lambda t: f"/appeals/{t.appeal}/")),
    "GET /appeals/<uuid:appeal_id>/answer/": WITHOUT_THINGS,
    "POST /appeals/<uuid:appeal_id>/answer/": [
        Probe(lambda t: f"/appeals/{t.appeal}/answer/", lambda _: {"answer": "3"})
    ],
    "GET /appeals/<uuid:appeal_id>/prepare/": WITHOUT_THINGS,
    "POST /appeals/<uuid:appeal_id>/prepare/": [Probe(lambda t: f"/appeals/{t.appeal}/prepare/")],
    **_both(
        "/appeals/<uuid:appeal_id>/papers/<slug:which>/",
        Probe(lambda t: f"/appeals/{t.appeal}/papers/brought/"),
    ),
    **_both("/corrections/", Probe(lambda _: "/corrections/", shows=lambda t: str(t.correction))),
    **_both("/corrections/<uuid:correction_id>/", Probe(lambda t: f"/corrections/{t.correction}/")),
    "GET /corrections/<uuid:correction_id>/refuse/": WITHOUT_THINGS,
    "POST /corrections/<uuid:correction_id>/refuse/": [
        Probe(lambda t: f"/corrections/{t.correction}/refuse/")
    ],
    **_both(
        "/corrections/<uuid:correction_id>/undo/",
        Probe(lambda t: f"/corrections/{t.corrected}/undo/"),
    ),
    **_both(
        "/corrections/<uuid:correction_id>/receipts/<slug:which>/",
        Probe(lambda t: f"/corrections/{t.correction}/receipts/asked/"),
    ),
    **_both("/duplicates/", Probe(lambda _: "/duplicates/", shows=lambda t: str(t.pair))),
    "GET /duplicates/next/": WITHOUT_THINGS,
    "POST /duplicates/next/": WITHOUT_THINGS,
    "GET /duplicates/run/": WITHOUT_THINGS,
    "POST /duplicates/run/": WITHOUT_THINGS,
    "GET /duplicates/<uuid:pair_id>/": [Probe(lambda t: f"/duplicates/{t.pair}/")],
    "POST /duplicates/<uuid:pair_id>/": [
        Probe(lambda t: f"/duplicates/{t.pair}/", lambda _: {"verdict": "asked", "seen": "0"})
    ],
    "GET /duplicates/<uuid:pair_id>/same/": [Probe(lambda t: f"/duplicates/{t.pair}/same/")],
    "POST /duplicates/<uuid:pair_id>/same/": [
        Probe(lambda t: f"/duplicates/{t.pair}/same/", lambda _: {"operation": NOBODY})
    ],
    "GET /proposals/<uuid:proposal_id>/receipt/": ERASURE,
    "POST /proposals/<uuid:proposal_id>/receipt/": ERASURE,
    **(
        _both(WALLET, Probe(lambda t: f"/households/{t.household}/wallet/"))
        | NO_OFFERS
        | NO_BATCHES
    ),
    **_both(
        "/households/<uuid:household_id>/consents/",
        Probe(lambda t: f"/households/{t.household}/consents/"),
    ),
    **_both(
        "/households/<uuid:household_id>/consents/<uuid:consent_id>/end/",
        Probe(lambda t: f"/households/{t.home}/consents/{t.consent}/end/"),
    ),
    **_both(
        "/households/<uuid:household_id>/consents/<uuid:consent_id>/receipt/",
        Probe(lambda t: f"/households/{t.home}/consents/{t.consent}/receipt/"),
    ),
    **_told(RELEASES, "", "package/", "report/", "<uuid:release_id>/take/", below="/releases/"),
    **POINTS,
    **_told(PARTNERS, "", "<uuid:partner_id>/revoke/", below="/partners/"),
    **_told(WITHOUT_THINGS, "", below="/partners/new/"),
    "GET /cycles/": [Probe(lambda _: "/cycles/", kind=CYCLE, shows=lambda t: str(t.cycle))],
    "POST /cycles/": [
        Probe(
            lambda _: "/cycles/",
            lambda t: {
                "name": f"x-{uuid4()}",
                "opens_on": "2026-12-01",
                "closes_on": "2026-12-02",
                "programme": t.programme,
            },
            kind=PROGRAMME,
        )
    ],
    **_both(
        "/cycles/<uuid:cycle_id>/differences/",
        Probe(lambda t: f"/cycles/{t.cycle}/differences/", kind=PROGRAMME),
    ),
    "GET /cycles/<uuid:cycle_id>/": [Probe(lambda t: f"/cycles/{t.cycle}/", kind=CYCLE)],
    "POST /cycles/<uuid:cycle_id>/": [
        Probe(lambda t: f"/cycles/{t.cycle}/", lambda _: {"step": "x"}, kind=PROGRAMME)
    ],
    **_both("/rules/", Probe(lambda _: "/rules/", kind=CYCLE, shows=lambda t: str(t.programme_id))),
    **_both(
        "/rules/<uuid:programme_id>/compare/",
        Probe(lambda t: f"/rules/{t.programme_id}/compare/", kind=CYCLE),
    ),
    **_both(
        "/rules/<uuid:programme_id>/<int:version>/file/",
        Probe(lambda t: f"/rules/{t.programme_id}/1/file/", kind=CYCLE),
    ),
    **_both(
        "/rules/<uuid:programme_id>/write/",
        Probe(lambda t: f"/rules/{t.programme_id}/write/", kind=PROGRAMME),
    ),
    **_both(
        "/rules/<uuid:programme_id>/count/",
        Probe(lambda t: f"/rules/{t.programme_id}/count/", kind=PROGRAMME),
    ),
    **_both(
        "/rules/<uuid:programme_id>/review/",
        Probe(lambda t: f"/rules/{t.programme_id}/review/", kind=PROGRAMME),
    ),
    **_both("/imports/", Probe(lambda _: "/imports/", shows=lambda t: str(t.register_import))),
    "GET /imports/new/": WITHOUT_THINGS,
    "GET /log/catalogue/new/": WITHOUT_THINGS,
    "POST /log/catalogue/new/": WITHOUT_THINGS,
    "POST /imports/new/": WITHOUT_THINGS,
    "GET /imports/columns/": WITHOUT_THINGS,
    "POST /imports/columns/": WITHOUT_THINGS,
    "GET /imports/despensa-register.<str:ending>": WITHOUT_THINGS,
    "POST /imports/despensa-register.<str:ending>": WITHOUT_THINGS,
    **_both("/imports/<uuid:import_id>/", Probe(lambda t: f"/imports/{t.register_import}/")),
    "GET /imports/<uuid:import_id>/undo/": [Probe(lambda t: f"/imports/{t.register_import}/undo/")],
    "POST /imports/<uuid:import_id>/undo/": [
        Probe(lambda t: f"/imports/{t.register_import}/undo/")
    ],
    **_both(
        "/imports/<uuid:import_id>/pairs/<int:place>/",
        Probe(lambda t: f"/imports/{t.taken_in}/pairs/1/"),
    ),
    **_both(
        "/imports/<uuid:import_id>/faulty/",
        Probe(lambda t: f"/imports/{t.register_import}/faulty/"),
    ),
    **_both("/proposals/", Probe(lambda _: "/proposals/", shows=lambda t: str(t.proposal))),
    **_both("/proposals/<uuid:proposal_id>/", Probe(lambda t: f"/proposals/{t.proposal}/")),
    **_both(
        "/proposals/<uuid:proposal_id>/approve/",
        Probe(lambda t: f"/proposals/{t.proposal}/approve/"),
    ),
    **_both(
        "/proposals/<uuid:proposal_id>/refuse/", Probe(lambda t: f"/proposals/{t.proposal}/refuse/")
    ),
    **_both(
        "/cards/", Probe(lambda _: "/cards/", kind=PROGRAMME, shows=lambda t: str(t.batch)[:8])
    ),
    **_both(
        "/households/<uuid:household_id>/cards/<str:number>/replace/",
        Probe(
            lambda t: f"/households/{t.household}/cards/{t.card}/replace/",
            lambda t: {"by": t.waiting_card},
        ),
    ),
    "GET /households/<uuid:household_id>/slips/<str:number>/<str:new>/": [
        Probe(lambda t: f"/households/{t.household}/slips/{t.card}/{t.card}/")
    ],
    "POST /households/<uuid:household_id>/slips/<str:number>/<str:new>/": (
        "only for a card that was replaced, in reach: tests/usecases/test_slips.py"
    ),
    "GET /cards/order/": WITHOUT_THINGS,
    "POST /cards/order/": "an order for a cycle out of reach is refused: tests/usecases/test_cards.py",
    **_both(
        "/cards/<uuid:batch_id>/list/", Probe(lambda t: f"/cards/{t.batch}/list/", kind=PROGRAMME)
    ),
    **_both(
        "/cards/<uuid:batch_id>/shop/", Probe(lambda t: f"/cards/{t.batch}/shop/", kind=PROGRAMME)
    ),
    **_told(
        "only of a batch at a print shop, in reach: tests/entrypoints/office/test_card_shop.py",
        "package/",
        "return/",
        below="/cards/<uuid:batch_id>/",
    ),
    "GET /cards/<uuid:batch_id>/count/": [
        Probe(lambda t: f"/cards/{t.batch}/count/", kind=PROGRAMME)
    ],
    "POST /cards/<uuid:batch_id>/count/": [
        Probe(lambda t: f"/cards/{t.batch}/count/", lambda _: {"good": "99999"}, kind=PROGRAMME)
    ],
    "GET /cards/hand-over/": WITHOUT_THINGS,
    "POST /cards/hand-over/": [
        Probe(lambda _: "/cards/hand-over/", lambda t: {"card_number": t.waiting_card})
    ],
    **_both(
        "/cards/<uuid:batch_id>/sheet/", Probe(lambda t: f"/cards/{t.batch}/sheet/", kind=PROGRAMME)
    ),
    "GET /desk/": WITHOUT_THINGS,
    "POST /desk/": WITHOUT_THINGS,
    "GET /desk/enrol/": WITHOUT_THINGS,
    "POST /desk/enrol/": WITHOUT_THINGS,
    "GET /desk/enrolled/<uuid:household_id>/": [Probe(lambda t: f"/desk/enrolled/{t.household}/")],
    "POST /desk/enrolled/<uuid:household_id>/": [
        Probe(lambda t: f"/desk/enrolled/{t.household}/", lambda t: {"card_number": t.card})
    ],
    "GET /desk/appoint/": WITHOUT_THINGS,
    "POST /desk/appoint/": WITHOUT_THINGS,
    "GET /desk/refuse/": WITHOUT_THINGS,
    "POST /desk/refuse/": WITHOUT_THINGS,
    "GET /desk/papers/<uuid:answer_id>/": IN_AN_AREA,
    "POST /desk/papers/<uuid:answer_id>/": IN_AN_AREA,
    "GET /desk/spoilt/": WITHOUT_THINGS,
    "POST /desk/spoilt/": WITHOUT_THINGS,
    "GET /desk/offices/new/": WITHOUT_THINGS,
    "POST /desk/offices/new/": WITHOUT_THINGS,
    "GET /desk/introducers/": WITHOUT_THINGS,
    "POST /desk/introducers/": WITHOUT_THINGS,
    "GET /desk/collectors/": WITHOUT_THINGS,
    "POST /desk/collectors/": WITHOUT_THINGS,
    "GET /ledger/": "the whole workspace or nothing: tried below",
    "POST /ledger/": "the whole workspace or nothing: tried below",
}


@dataclass(frozen=True)
class Command:
    """How a command is tried, and whether it belongs to a whole programme."""

    arguments: Callable[[Things], list[str]]
    kind: str = VILLAGE
    shows: Callable[[Things], str] | None = None


_WHO, _WHY = ["--person", NOBODY], ["--reason", "x"]
_SECRETS = ["--password", "x", "--code", "000000"]
COMMANDS: dict[str, Command | str] = {
    **{name: one if isinstance(one, str) else Command(*one) for name, one in PAYMENTS.items()},
    "area import": NO_PROBE,
    "import": NO_PROBE,
    "register list": Command(lambda _: [], shows=lambda t: str(t.register_import)),
    "register undo": NO_PROBE,
    "register pair": Command(lambda t: [str(t.taken_in), "1"]),
    "proposal list": Command(lambda _: [], shows=lambda t: str(t.proposal)),
    "proposal show": Command(lambda t: [str(t.proposal)]),
    "proposal approve": Command(lambda t: [str(t.proposal), *_SECRETS]),
    "proposal refuse": Command(lambda t: [str(t.proposal)]),
    "cycle list": Command(lambda _: [], kind=CYCLE, shows=lambda t: str(t.cycle)),
    "person erase": Command(
        lambda t: [str(t.household), "--person", str(NOBODY), "--reason", "person_asked"]
    ),
    "person receipt": NO_PROBE,
    "correction list": Command(lambda _: [], shows=lambda t: str(t.correction)),
    "correction show": Command(lambda t: [str(t.correction)]),
    "correction ask": Command(
        lambda t: [str(t.household), *_WHO, "--set", "address=x", "--reason", "misspelt"]
    ),
    "correction refuse": Command(lambda t: [str(t.correction), "--reason", "not_shown"]),
    "correction undo": Command(lambda t: [str(t.corrected)]),
    "cycle close": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "cycle settle": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "cycle fade": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "cycle withdraw": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "cycle child": Command(lambda t: [str(t.cycle), "--kind", "recovery"], kind=PROGRAMME),
    "cycle children": Command(lambda t: [str(t.cycle)], kind=CYCLE),
    "cycle propose": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "cycle explain": Command(lambda t: [str(t.household)]),
    "decide differences": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "decide run": Command(lambda t: [str(t.cycle)], kind=PROGRAMME),
    "grievance list": Command(lambda _: [], shows=lambda t: str(t.appeal)),
    "grievance show": Command(lambda t: [str(t.appeal)]),
    "grievance paper": Command(lambda t: [str(t.appeal), "--out", "no-such-folder/paper.pdf"]),
    "grievance bring": Command(lambda t: [str(t.household), "--ground", "fact_wrong"]),
    "grievance prepare": Command(lambda t: [str(t.appeal)]),
    "grievance answer": Command(lambda t: [str(t.appeal), "--answer", "withdrawn"]),
    "decide slip": Command(lambda t: [str(t.household), "--out", "no-such-folder/slip"]),
    "decide paper": Command(lambda t: [str(t.household), "--out", "no-such-folder/paper.pdf"]),
    **dict.fromkeys(
        ("release package", "release report", "release list", "release fetch"), RELEASES
    ),
    "household show": Command(lambda t: [str(t.household)], shows=lambda t: t.name),
    "household split": Command(lambda t: [str(t.household), *_WHO, *_WHY]),
    "household merge": Command(lambda t: [str(t.household), "--other", t.card, *_WHY]),
    "household move": Command(lambda t: [str(t.household), "--area", "x", *_WHY]),
    "household birth": Command(
        lambda t: [str(t.household), "--full-name", "x", "--born", "2026-01-01", *_WHY]
    ),
    "household death": Command(lambda t: [str(t.household), *_WHO, *_WHY]),
    "household leave": Command(lambda t: [str(t.household), *_WHO, *_WHY]),
    "household join": Command(lambda t: [str(t.household), *_WHY]),
    "household head": Command(lambda t: [str(t.household), *_WHO, *_WHY]),
    "household collector": Command(lambda t: [str(t.household), "--collector", NOBODY, *_WHY]),
    "household withdraw": Command(lambda t: [str(t.household), "--collector", NOBODY, *_WHY]),
    "household undo": Command(lambda t: [str(t.household), "--change", NOBODY]),
    "household institution": NO_PROBE,
    "desk enrol": NO_PROBE,
    "desk refuse": IN_AN_AREA,
    "desk appoint": IN_AN_AREA,
    "desk bind": Command(lambda t: [t.waiting_card, "--household", str(t.household)]),
    "desk replace": Command(lambda t: [t.card, "--by", t.waiting_card]),
    "desk spoil": "a card of nobody is in every area",
    "card order": Command(lambda t: ["--help-line", "1", "--cycle", str(t.cycle)], kind=PROGRAMME),
    "card count": Command(lambda t: [str(t.batch), "--good", "99999"], kind=PROGRAMME),
    "card list": Command(lambda t: [str(t.batch), "--out", "/nowhere/list.pdf"], kind=PROGRAMME),
    "card send": Command(
        lambda t: [str(t.batch), "--shop", "Sol", "--key", "age1"], kind=PROGRAMME
    ),
    "card package": Command(
        lambda t: [str(t.batch), "--out", "/nowhere/package.age"], kind=PROGRAMME
    ),
    "card return": Command(lambda t: [str(t.batch), "/nowhere/return.csv"], kind=PROGRAMME),
    "desk introducers": NO_PROBE,
    **POINT_COMMANDS,
    **dict.fromkeys(("partner propose", "partner list", "partner revoke"), NO_PROBE),
    "partner consent": Command(
        lambda t: [
            *(str(t.household), "--partner", NOBODY, "--purpose", "assess_assistance"),
            *("--field", "area", "--given-by", NOBODY, "--until", "2027-01-01"),
        ]
    ),
    "partner withdraw": Command(lambda t: [str(t.home), str(t.consent)]),
    "partner receipt": Command(lambda t: [str(t.home), str(t.consent)]),
    **dict.fromkeys(("wallet offer", "wallet end"), Command(lambda t: [str(t.household), NOBODY])),
    **IDENTITY,
    "programme schedule": Command(
        lambda t: [
            *(t.programme, "--day", "5", "--from", "2026-12-01", "--until", "2027-11-30"),
        ],
        kind=PROGRAMME,
    ),
    "programme collectors": Command(
        lambda t: [t.programme, "--person", "5", "--institution", "9"], kind=PROGRAMME
    ),
    "programme end": Command(lambda t: [t.programme], kind=PROGRAMME),
    "catalogue propose": NO_PROBE,
    "dedup run": NO_PROBE,
    "dedup list": Command(lambda _: [], shows=lambda t: str(t.pair)),
    "dedup show": Command(lambda t: [str(t.pair)]),
    "dedup decide": Command(lambda t: [str(t.pair), "--verdict", "asked"]),
    "rule propose": Command(lambda t: [RULE, "--programme", t.programme], kind=PROGRAMME),
    # published rules are public leaves, and the other side of the comparison is one's own file
    "rule diff": NO_PROBE,
    "rule preview": Command(lambda t: [RULE, "--programme", t.programme], kind=PROGRAMME),
    **dict.fromkeys(("staff list", "staff propose", "staff welcome"), NO_PROBE),
    "programme define": NO_PROBE,
}


@dataclass
class Ground:
    """Books with a household, a card, an import and a proposal of one village, and two cycles."""

    books: factory.Books
    known: Things
    village: UUID
    elsewhere: UUID
    pcode: str
    programme: UUID
    other_programme: UUID
    people: dict[tuple[Role, str, str], str] = field(default_factory=dict)

    def person(self, role: Role, scope: str, kind: str) -> str:
        """Return the sign-in name of somebody with this role in this scope."""
        key = (role, scope, kind)
        if key not in self.people:
            today = self.books.tools.today()
            username = f"{role.value}-{SCOPES.index(scope)}-{kind}"
            area, programme = self.books.root_area, None
            if scope == "in scope":
                area = None if kind == PROGRAMME else self.village
                programme = self.programme if kind == PROGRAMME else None
            elif scope == "elsewhere":
                area = self.elsewhere if kind == VILLAGE else None
                programme = None if kind == VILLAGE else self.other_programme
            self.books.staff[username] = add_staff(
                NewStaff(
                    username, "is-not-a-secret-here", username, "en", [role], area,
                    today - timedelta(days=9),
                    today if scope == "ended" else today + timedelta(days=9), programme,
                ),
                acting=self.books.acting(),
            )  # fmt: skip
            self.people[key] = username
        return self.people[key]
