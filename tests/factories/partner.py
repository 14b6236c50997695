"""A partner as it stands outside: its key, its signed messages in both modes, and what it reads."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from despensa.domain.partner import envelope as envelopes
from despensa.domain.partner.agreement import Agreement
from despensa.domain.partner.consent import SharedFor
from despensa.domain.partner.request import written
from despensa.domain.ports.callback import CallbackFailed
from despensa.domain.ports.keeper import Access, KeyedPerson, Purpose
from despensa.domain.sealing import Column, Sealed
from despensa.entrypoints.jobs import actions, answering, partners
from despensa.records.bulk import fetch
from despensa.records.catalogue.queries import in_force
from despensa.records.databases import REGISTRY
from despensa.usecases.give_consent import Wish, give_consent

SENDER = "spmis.example.org"
FIELDS = ("full_name", "birth_month", "sex", "area", "group_size", "displaced", "language")


def an_agreement(key: bytes, today: date, **other) -> Agreement:
    """Return an agreement that may be made."""
    given = {
        "sender_id": SENDER,
        "name": "Ministry of Assistance",
        "public_key": key,
        "purposes": tuple(int(one) for one in SharedFor),
        "fields": FIELDS,
        "until": today + timedelta(days=200),
        "an_hour": 30,
        "a_day": 100,
        "callback": "",
    }
    return Agreement(**(given | other))


@dataclass
class PartnerClient:
    """The other system: signs what it sends, and reads what it is answered."""

    books: object
    sender: str = SENDER
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    numbers: object = field(default_factory=lambda: count(1))

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def register(self, by: str = "jorge", **other):
        """Let two people register this system, and return the partner's id."""
        books = self.books
        proposal = partners.propose(
            an_agreement(self.public, books.tools.today(), sender_id=self.sender, **other),
            other.pop("area", books.root_area),
            books.tools,
            acting=books.acting(by),
        )
        actions.carry_out(books.approved(proposal), books.tools)
        [(partner,)] = fetch(REGISTRY, "SELECT id FROM partner WHERE proposal = %s", (proposal,))
        return partner

    def header(self, action, **other):
        head = {
            "version": "1.0.0",
            "message_id": f"m-{next(self.numbers)}",
            "message_ts": written(self.books.clock.at),
            "action": action,
            "sender_id": self.sender,
            "receiver_id": answering.our_id(self.books.tools),
            "total_count": 1,
        }
        return {name: value for name, value in (head | other).items() if value is not None}

    def search(self, value, *, kind="NIN", purpose="assess_assistance", **criteria):
        """Return the message of a search."""
        at = written(self.books.clock.at)
        wanted = {
            "version": "1.0.0",
            "query_type": "idtype-value",
            "query": {"type": kind, "value": value},
            "consent": {"purpose": {"code": purpose}},
        }
        one = {
            "reference_id": "r-1",
            "timestamp": at,
            "search_criteria": {
                name: given for name, given in (wanted | criteria).items() if given is not None
            },
        }
        return {"transaction_id": "t-1", "search_request": [one]}

    def status(self, value, *, by="transaction_id", kind="search"):
        """Return the message of a status request."""
        asked = {
            "reference_id": "s-1",
            "txn_type": kind,
            "attribute_type": by,
            "attribute_value": value,
        }
        return {"transaction_id": "t-1", "txnstatus_request": asked}

    def signed(self, header, message, **other) -> bytes:
        """Return the signed body of a message."""
        raw = [json.dumps(part, indent=1).encode() for part in (header, message)]
        at = other.get("created", self.books.clock.at)
        text = envelopes.signature_text(
            b"".join(raw),
            sender=other.get("kid_sender", self.sender),
            public_key=self.public,
            created=at,
            expires=other.get("expires", at + 300),
            sign=self.key.sign,
        )
        text = other.get("signature", text)
        return b'{ "signature": %s,\n "header": %s, "message": %s }' % (
            json.dumps(text).encode(),
            *raw,
        )

    def post(self, path, body, content_type="application/json"):
        """Return the answer of an address below /registry."""
        return Client(enforce_csrf_checks=True).post(
            f"/api/v1/registry/{path}", data=body, content_type=content_type
        )

    def ask(self, path, message, action=None, **head):
        """Return the answer to a signed message."""
        action = action or ("txn-status" if "status" in path else path.rpartition("/")[2])
        return self.post(path, self.signed(self.header(action, **head), message))

    def records(self, answer):
        """Return the records of a search's answer."""
        [one] = json.loads(answer.content)["message"]["search_response"]
        return one["data"]["reg_records"]


def consent(books, partner, household, person, given_by=None, by="ana", **other):
    """Return the id of a consent that was recorded at the desk."""
    given = {
        "purpose": SharedFor.ASSESS_ASSISTANCE,
        "fields": ("area", "group_size") if person is None else ("full_name", "sex", "area"),
        "until": books.tools.today() + timedelta(days=90),
    }
    return give_consent(
        Wish(partner, household, person, given_by or person, **(given | other)),
        acting=books.acting(by),
        vault=books.keeper.vault,
        signatory=books.keeper.signatory,
        catalogue=in_force(),
    )


def people_with_documents(books, least=2):
    """Return (household, person, national number, another) of grown-ups, opened by the keeper."""
    rows = fetch(
        REGISTRY,
        """SELECT membership.household_id, person.id, key.kek, key.wrapped, document.id,
                  document.sealed
           FROM registrant person JOIN person_key key ON key.person = person.id
           JOIN registrant_document document ON document.registrant_id = person.id
           JOIN membership ON membership.registrant_id = person.id AND membership.role IN (1, 2)
           WHERE person.birth_month < '1990-01-01' ORDER BY person.id""",
    )
    access = Access(
        bytes(16), bytes(16), 1, Purpose.SEARCH, tuple(row[1].bytes for row in rows),
        (Column.DOCUMENT,),
    )  # fmt: skip
    opened = books.keeper.vault.unseal(
        access,
        [
            (
                KeyedPerson(person.bytes, kek, bytes(wrapped)),
                [Sealed(Column.DOCUMENT, document.bytes, bytes(sealed))],
            )
            for _, person, kek, wrapped, document, sealed in rows
        ],
    )
    found = [
        (home, person, number)
        for (home, person, *_), [(kind, _, number)] in zip(rows, opened, strict=True)
        if kind == "national_id"
    ]
    assert len(found) >= least
    return found


def value_of(answer):
    return json.loads(answer.content)


def parts(body):
    """Return the bytes of header and message as they stand in a body."""
    return envelopes.read(body).signed


class Post:
    """Where answers go: keeps them, and fails as often as it is told."""

    def __init__(self, failures=0):
        self.failures, self.sent = failures, []

    def send(self, address, body):
        self.sent.append((address, body))
        if len(self.sent) <= self.failures:
            raise CallbackFailed("no answer")
