"""A wallet for tests: the door's addresses, and proofs a phone would sign."""

import json
from dataclasses import dataclass, field

from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey

from despensa.domain.wallet import credential, offer, proof
from despensa.entrypoints.jobs import wallet
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

ADDRESS = "https://despensa.example"


def somebody():
    """Return (household, person) of somebody whose whole birth date is known."""
    [(home, person), *_] = fetch(
        REGISTRY,
        """SELECT membership.household_id, person.id FROM registrant person
           JOIN membership ON membership.registrant_id = person.id AND membership.role = 1
             AND membership.until_date IS NULL
           WHERE person.birth_precision = 3 ORDER BY person.id""",
    )
    return home, person


def offered(books, home, person, by="ana"):
    """Return an offer made in the office."""
    return wallet.offer(person, home, books.tools, acting=books.acting(by))


@dataclass
class Phone:
    """One phone with its key, speaking to the doors of these books."""

    books: object
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    door: Client = field(default_factory=Client)

    def token(self, codes, *, typed=None, **other):
        """Answer of the token endpoint."""
        given = {
            "grant_type": offer.GRANT,
            "pre-authorized_code": codes.code,
            "tx_code": codes.typed if typed is None else typed,
        }
        return self.door.post("/wallet/token", {**given, **other})

    def nonce(self):
        """A fresh nonce."""
        return self.door.post("/wallet/nonce").json()["c_nonce"]

    def proof(self, *, header=None, key=None, **claims):
        """A proof; `header` and `claims` replace what an honest phone says."""
        said = {"aud": ADDRESS, "iat": self.books.clock.at}
        said |= {} if "nonce" in claims else {"nonce": self.nonce()}
        head = {"alg": "ES256", "typ": proof.TYPE, "jwk": self.key.as_dict(private=False)}
        payload = {name: value for name, value in (said | claims).items() if value is not None}
        return jws.serialize_compact(
            {**head, **(header or {})}, json.dumps(payload), key or self.key, algorithms=["ES256"]
        )

    def ask(self, token, *, proofs=None, **other):
        """Answer of the credential endpoint."""
        asked = {
            "credential_configuration_id": credential.CONFIGURATION,
            "proofs": {"jwt": [self.proof()] if proofs is None else proofs},
        }
        return self.door.post(
            "/wallet/credential",
            json.dumps(asked | other),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    def obtained(self, codes):
        """The credential for an offer."""
        answer = self.ask(self.token(codes).json()["access_token"])
        assert answer.status_code == 200, answer.content
        return answer.json()["credentials"][0]["credential"]
