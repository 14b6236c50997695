"""
Makes vectors/tokens, vectors/sealed, vectors/proposal and vectors/ledger.

`python -m tests.vectors.make_registry_vectors`. Everything is fixed, so that two runs give the
same files.
"""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from despensa.domain import proposal, sealing
from despensa.domain.encoding import dcbor
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.transfer import Cause
from despensa.domain.matching import normalise, search_text
from despensa.domain.matching.transliteration import TABLE_1

FOLDER = Path(__file__).parents[2] / "vectors"
SEARCH_KEY = bytes(range(32))
KEK = sha256(b"vector kek").digest()
PERSON_KEY = sealing.PersonKey(sha256(b"vector person key").digest())
WORKSPACE, PERSON, ROW = b"\x11" * 16, b"\x22" * 16, b"\x33" * 16
CREATOR, APPROVER = b"\xaa" * 16, b"\xbb" * 16
PROGRAMME, CYCLE, POINT = b"\x01" * 16, b"\x02" * 16, b"\x03" * 16
AT = 1_780_000_000
TOKEN_LABEL = b"despensa/token/1"
ORIGIN_LABEL = b"despensa/origin/1"

NAMES = (
    "María de los Ángeles Núñez-Ortiz",
    "Muñoz",
    "De la O",
    "De",
    "Quispe",
    "Kispe",
    "Valdez",
    "Baldes",
    "Shirley Llanos",
    "Chávez",
    "Zephyr",
    "Gilberto Cerezo",
    "محمد عبد الله",
    "Щукин",
    "Öz",
    "",
)
# (whole name, given, first surname, second surname, year of birth, documents, phones)
PEOPLE: tuple[tuple[Any, ...], ...] = (
    ("Rosa Elena Quispe Mamani", None, None, None, 1984, [], []),
    ("Rosa Quispe", None, None, None, None, [], []),
    ("Amina", None, None, None, 1990, [], []),
    ("", "Rosa Elena", "de la Cruz", "Núñez", 1984, [], []),
    ("Ana Molina", None, None, None, 1970, [("national_id", "VE", "v-12.345.678")],
     ["+584121234567"]),
)  # fmt: skip


def translit_file() -> str:
    """Return table 1: letter, tab, what stands for it; by code point."""
    return "".join(f"{letter}\t{TABLE_1[letter]}\n" for letter in sorted(TABLE_1))


def names_file() -> str:
    """Return folded words and phonetic forms of names."""
    cases = [
        {
            "name": name,
            "words": normalise.words(name),
            "fold": normalise.fold(name),
            "phonetic": normalise.phonetic(normalise.fold(name)),
        }
        for name in NAMES
    ]
    return _json({"version": 1, "cases": cases})


def tokens_file() -> str:
    """Return search texts of people with their tokens, and one origin reference."""
    origin = ["register", "H-1/P-2"]
    message = ORIGIN_LABEL + "\x1f".join(origin).encode()
    return _json(
        {
            "version": 1,
            "search_key": SEARCH_KEY.hex(),
            "people": [_person(person) for person in PEOPLE],
            "origin": {
                "source": origin[0],
                "record": origin[1],
                "origin_ref": hmac.digest(SEARCH_KEY, message, "sha256")[:16].hex(),
            },
        }
    )


def sealed_file() -> str:
    """Return sealed values under a person's key, and that key wrapped."""
    values = ["Rosa Elena Quispe Mamani", ["national_id", "VE", "V12345678"], 17]
    columns = [sealing.Column.FULL_NAME, sealing.Column.DOCUMENT, sealing.Column.BIRTH_DAY]
    to_seal = [
        sealing.ToSeal(column, ROW, version, value)
        for version, (column, value) in enumerate(zip(columns, values, strict=True), start=1)
    ]
    nonces = [bytes([number]) * sealing.NONCE_LENGTH for number in range(1, 4)]
    sealed = sealing.seal(to_seal, key=PERSON_KEY, workspace=WORKSPACE, nonces=nonces)
    wrapped = sealing.wrap_key(
        PERSON_KEY, kek=KEK, person=PERSON, workspace=WORKSPACE, kek_number=1, nonce=bytes(12)
    )
    return _json(
        {
            "version": 1,
            "workspace": WORKSPACE.hex(),
            "person": PERSON.hex(),
            "person_key": PERSON_KEY.hex(),
            "kek": KEK.hex(),
            "kek_number": 1,
            "wrapped": wrapped.hex(),
            "columns": {column.name.lower(): int(column) for column in sealing.Column},
            "cases": [
                {
                    "column": int(item.column),
                    "row": item.row.hex(),
                    "value_version": item.value_version,
                    "value": item.value,
                    "sealed": data.hex(),
                }
                for item, data in zip(to_seal, sealed, strict=True)
            ],
        }
    )


def proposal_file() -> str:
    """Return a proposal's bytes and hash, and the maps of its three kinds of approval."""
    asked = proposal.Proposal(
        proposal_id=b"\x44" * 16,
        workspace_id=WORKSPACE,
        action="open_cycle",
        creator=CREATOR,
        created_at=AT,
        expires_at=AT + proposal.APPROVAL_KEPT_SECONDS,
        reason=proposal.Reason.SCHEDULED_CYCLE,
        scope=(PROGRAMME, None, CYCLE),
        parameters=(10,),
        inputs=(sha256(b"input").digest(),),
        totals=(("unit:1", 240),),
        outputs=(proposal.Output("hand_over_list", ("full_name",), 200, 20_600),),
    )
    canonical = asked.canonical()
    digest = proposal.proposal_hash(canonical)
    assertion = (b"credential", b"authenticator", b"{}", b"signature")
    approvals = [
        proposal.Approval(digest, APPROVER, proposal.ApprovalKind.PASSKEY, AT + 60, assertion),
        proposal.Approval(digest, APPROVER, proposal.ApprovalKind.PASSWORD_AND_CODE, AT + 60),
        proposal.Approval(digest, CREATOR, proposal.ApprovalKind.WAITED, AT + 86_400),
    ]
    return _json(
        {
            "version": 1,
            "canonical": canonical.hex(),
            "hash": digest.hex(),
            "reasons": {reason.name.lower(): int(reason) for reason in proposal.Reason},
            "approvals": [
                {"kind": int(item.kind), "payload": dcbor.encode(item.payload()).hex()}
                for item in approvals
            ],
        }
    )


def accounts_file() -> str:
    """Return the chart of accounts with a named account of each kind, and the causes."""
    return _json(
        {
            "version": 1,
            "cycle": CYCLE.hex(),
            "place": POINT.hex(),
            "kinds": [
                {
                    "kind": int(kind),
                    "name": kind.name.lower(),
                    "of_cycle": named_account(kind, cycle=CYCLE).hex(),
                    "of_point": named_account(kind, cycle=CYCLE, place=POINT).hex(),
                }
                for kind in AccountKind
                if kind not in (AccountKind.ENTITLEMENT, AccountKind.WALLET)
            ],
            "keeper_derived": {"entitlement": 3, "wallet": 4},
            "causes": {cause.name.lower(): int(cause) for cause in Cause},
        }
    )


FILES: dict[str, Callable[[], str]] = {
    "tokens/translit-1.tsv": translit_file,
    "tokens/names.json": names_file,
    "tokens/tokens.json": tokens_file,
    "sealed/sealed.json": sealed_file,
    "proposal/proposal.json": proposal_file,
    "ledger/accounts.json": accounts_file,
}


def _person(person: tuple[Any, ...]) -> dict[str, Any]:
    name, given, first, second, year, documents, phones = person
    parts = search_text.name_parts(name, given=given, surname_1=first, surname_2=second)
    texts = search_text.person_texts(parts, birth_year=year, documents=documents, phones=phones)
    return {
        "full_name": name,
        "given": given,
        "surname_1": first,
        "surname_2": second,
        "birth_year": year,
        "documents": documents,
        "phones": phones,
        "parts": {"surnames": parts.surnames, "given": parts.given},
        "texts": [
            {"kind": int(text.kind), "text": text.text, "token": _token(text)} for text in texts
        ],
    }


def _token(text: search_text.SearchText) -> int:
    message = TOKEN_LABEL + bytes((text.kind,)) + text.text.encode()
    return int.from_bytes(hmac.digest(SEARCH_KEY, message, "sha256")[:8], "big", signed=True)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file_name, made in FILES.items():
        path = FOLDER / file_name
        path.parent.mkdir(exist_ok=True)
        path.write_text(made(), encoding="utf-8")
