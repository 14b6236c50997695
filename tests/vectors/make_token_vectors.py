"""
Writes vectors/tokens from fixed names and keys: `python -m tests.vectors.make_token_vectors`.

A test compares the files with what this module makes: stored search tokens depend on every step,
so a silent change cannot pass.
"""

import hmac
import json
from pathlib import Path

from despensa.domain.matching.normalise import fold, phonetic, words
from despensa.domain.matching.search_text import name_parts, person_texts, query_texts
from despensa.domain.matching.transliteration import TABLE_1

FOLDER = Path(__file__).parents[2] / "vectors" / "tokens"
SEARCH_KEY = bytes(range(32))
TOKEN_LABEL = b"despensa/token/1"
ORIGIN_LABEL = b"despensa/origin/1"

NAMES = {
    "accents": "María José Núñez",
    "decomposed accents": "Mari\u0301a Nu\u0301n\u0303ez",
    "double surname": "Rosa Elena Quispe Mamani",
    "particles": "Juan de la Cruz y de los Ríos",
    "only a particle": "De",
    "one word": "Amina",
    "apostrophes": "Sinéad O'Brien D’Angelo",
    "hyphens of several kinds": "Ana-María Pérez\u2010López\u2013Díaz",
    "double l and c before e": "Cecilia Llorente",
    "g before i": "Gisela Giménez",
    "qu and z": "Quique Vázquez",
    "ph and sh": "Josephine Shah",
    "sharp s and umlauts": "Jürgen Weiß Möller",
    "nordic letters": "Søren Ærø Åkerström Þór Ðavið",
    "turkish dotless and dotted i": "Işıl İnci ırmak",
    "ligature and full width": "ﬁlip Ａｎａ",
    "hausa and akan": "Ɗanladi Ɓala Ƙofi Ɔsei Ɛsi",
    "vietnamese": "Nguyễn Thị Hường",
    "initials and full stops": "J. R. Pérez",
    "brackets": "Rosa (Rosita) Quispe",
    "cyrillic": "Щукина Юлия Ёлкина",
    "ukrainian": "Їжак Ґалаґан Євген",
    "kazakh and tajik": "Әлия Қожа Ҷӯра Ӣсо",
    "arabic": "محمد نور حداد",
    "arabic two words for one given name": "عبد الله حداد",
    "arabic attached article": "أمينة الحداد",
    "arabic with marks": "مُحَمَّد",
    "arabic stretched": "محـــمد",
    "arabic presentation forms": "\ufee3\ufea4\ufee4\ufeaa",
    "arabic alefs": "أحمد احمد إحمد آحمد ٱحمد",
    "arabic hamza": "مؤمن رائد سماء",
    "persian": "پروانه چمران ژاله گلی کریمی",
    "urdu": "بیٹا ڈار ڑ ے",
    "kurdish": "ڕۆژ ھێمن ڤیان",
    "two scripts": "Nour نور Нур",
    "digits are no letters": "Rosa 2 Quispe ٣",
    "another script": "Αθηνά",
    "invisible signs": "Ro\u00adsa\u200b Qui\u200dspe",
}
PEOPLE = [
    {
        "name": "two surnames, two given names, all numbers",
        "given": "Rosa Elena",
        "surname_1": "Quispe",
        "surname_2": "Mamani",
        "full_name": "Rosa Elena Quispe Mamani",
        "birth_year": 1984,
        "documents": [["national_id", "PER", "0123-4567 k"], ["passport", "PER", "ab 12"]],
        "phones": ["+51987654321", "+51987654322"],
    },
    {
        "name": "a name in one piece, the year unknown",
        "full_name": "Juan de la Cruz",
        "birth_year": None,
        "documents": [],
        "phones": [],
    },
    {
        "name": "one word",
        "full_name": "Amina",
        "birth_year": 1990,
        "documents": [["national_id", "SYR", "٠١٢٣"], ["other", "SYR", "—"]],
        "phones": [],
    },
    {
        "name": "arabic, in one piece",
        "full_name": "أمينة محمد الحداد",
        "birth_year": 1975,
        "documents": [],
        "phones": ["+963912345678"],
    },
    {
        "name": "both surnames in one field",
        "given": "Jesús",
        "surname_1": "Santa Cruz",
        "full_name": "Jesús Santa Cruz",
        "birth_year": 2001,
        "documents": [],
        "phones": [],
    },
]
QUERIES = [
    "rosa",
    "quispe rosa",
    "rosa quispe",
    "quispe 1984",
    "حداد ١٩٧٥",
    "الحداد أمينة",
    "Al-Haddad Amina",
    "de la cruz",
    "Ben Smith",
    "ali ali",
]


def token(text, key=SEARCH_KEY):
    """The stored token of a text, by the words of the format."""
    message = TOKEN_LABEL + bytes((text.kind,)) + text.text.encode()
    return int.from_bytes(hmac.digest(key, message, "sha256")[:8], "big", signed=True)


def origin_ref(source, record, key=SEARCH_KEY):
    """The reference of a source record, by the words of the format."""
    return hmac.digest(key, ORIGIN_LABEL + f"{source}\x1f{record}".encode(), "sha256")[:16]


def parts_of(person):
    more = {key: person.get(key) for key in ("given", "surname_1", "surname_2")}
    return name_parts(person["full_name"], **more)


def texts_of(person):
    return person_texts(
        parts_of(person),
        birth_year=person["birth_year"],
        documents=[tuple(document) for document in person["documents"]],
        phones=person["phones"],
    )


def table():
    """The transliteration table, a row a letter."""
    rows = [f"{sign}\tU+{ord(sign):04X}\t{letters}" for sign, letters in sorted(TABLE_1.items())]
    return "\n".join(["character\tcode_point\tletters", *rows]) + "\n"


def names():
    return {
        "about": "names, their folded words and the phonetic form of each word",
        "cases": [
            {
                "name": label,
                "written": name,
                "words": words(name),
                "fold": fold(name),
                "phonetic": [phonetic(word) for word in words(name)],
            }
            for label, name in NAMES.items()
        ],
    }


def people():
    return {
        "about": "what a person can be found by, and the tokens under one key",
        "search_key": SEARCH_KEY.hex(),
        "cases": [
            person
            | {
                "surnames": list(parts_of(person).surnames),
                "given_names": list(parts_of(person).given),
                "texts": [
                    {"kind": int(text.kind), "text": text.text, "token": token(text)}
                    for text in texts_of(person)
                ],
            }
            for person in PEOPLE
        ],
        "origins": [
            {"source": source, "record": record, "origin_ref": origin_ref(source, record).hex()}
            for source, record in [("hope", "IND-1"), ("ficha", "ñ-1"), ("", "")]
        ],
    }


def queries():
    return {
        "about": "what a typed text asks for",
        "cases": [
            {
                "query": query,
                "texts": [[int(text.kind), text.text] for text in query_texts(query)],
            }
            for query in QUERIES
        ],
    }


def files():
    """The content of each file by name."""

    def written(content):
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    return {
        "translit-1.tsv": table(),
        "names.json": written(names()),
        "people.json": written(people()),
        "queries.json": written(queries()),
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
