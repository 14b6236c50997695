"""
Writes vectors/tokens/said.json from fixed words: `python -m tests.vectors.make_said_vectors`.

What a source said is written out by hand, by the words of the format, beside the household that says
it; the digests follow. They are stored, so a silent change of the text would make every household of
the next file look changed.
"""

import hmac
import json

from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)
from tests.vectors.make_token_vectors import FOLDER, SEARCH_KEY, origin_ref

SAID_LABEL = b"despensa/said/1"
SOURCE = "ficha"

FULL = HouseholdDraft(
    source_record_id="H-1",
    persons=(
        PersonDraft(
            "P-1", "Rosa Elena Quispe Mamani", Sex.FEMALE, Birth(1984, 5, 3),
            (Role.HEAD, Role.PRIMARY_COLLECTOR), 2,
            NameParts("Quispe", "Mamani", ("Rosa", "Elena")),
            (Document("national_id", "PER", "0123-4567 K"),), ("+51987654321", "+51987654322"),
            {"works": False, "reads": "yes"},
        ),
        PersonDraft("ñ-2", "محمود", Sex.UNKNOWN, Birth(), (Role.MEMBER,), 3),
        PersonDraft("P-3", "Ana \"Nita\"\tPérez", Sex.OTHER, Birth(2019, 2), (Role.MEMBER,), 9),
    ),
    rows=3,
    address="Calle 3, casa azul",
    area_name="San Rafael",
    area_pcode="VE0101",
    facts={"displaced": True, "rooms": 2},
)  # fmt: skip
FULL_SAID = (
    '["VE0101","San Rafael"]',
    '[["displaced",true],["rooms",2]]',
    (
        '["Rosa Elena Quispe Mamani","female",[1984,5,3],["head","primary_collector"],'
        '["Quispe","Mamani",["Rosa","Elena"]],[["national_id","PER","0123-4567 K"]],'
        '["+51987654321","+51987654322"],[["reads","yes"],["works",false]],"Calle 3, casa azul"]'
    ),
    '["محمود","unknown",[null,null,null],["member"],null,[],[],[],null]',
    '["Ana \\"Nita\\"\\tPérez","other",[2019,2,null],["member"],null,[],[],[],null]',
)
BARE = HouseholdDraft(
    "H-2", (PersonDraft("P-1", "Amina", Sex.FEMALE, Birth(1990), (Role.HEAD,), 2),), 1
)
BARE_SAID = (
    "[null,null]",
    "[]",
    '["Amina","female",[1990,null,null],["head"],null,[],[],[],null]',
)
CASES = (
    ("three people, everything known of one", FULL, FULL_SAID),
    ("one person, nothing but a name and a year", BARE, BARE_SAID),
)


def digest(ref, text, key=SEARCH_KEY):
    """The digest of what was said under a reference, by the words of the format."""
    return hmac.digest(key, SAID_LABEL + ref + text.encode(), "sha256")[:16]


def refs_of(household):
    """References of the household, then of its people, as its source names them."""
    records = [household.source_record_id, *(one.source_record_id for one in household.persons)]
    return [origin_ref(SOURCE, record) for record in records]


def case(name, household, said):
    home, *people = refs_of(household)
    under = [home, home, *people]
    digests = [digest(ref, text) for ref, text in zip(under, said, strict=True)]
    ids = [bytes([number]) * 16 for number in range(1, len(people) + 1)]
    kept = sorted(zip(people, ids, digests[2:], strict=True))
    return {
        "name": name,
        "said": [
            {"origin_ref": ref.hex(), "text": text, "digest": made.hex()}
            for ref, text, made in zip(under, said, digests, strict=True)
        ],
        "people": [one.hex() for one in ids],
        "stored": (b"".join(digests[:2]) + b"".join(b"".join(one) for one in kept)).hex(),
    }


def text():
    content = {
        "about": "what a source said of a household, digested under one key, and origin.said",
        "search_key": SEARCH_KEY.hex(),
        "source": SOURCE,
        "cases": [case(*one) for one in CASES],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (FOLDER / "said.json").write_text(text(), encoding="utf-8")
