"""A corpus of faulty rules: every fault of the vectors, and what is left, each once."""

import json

from despensa.domain.eligibility.document import read_document
from tests.domain.eligibility.rules import (
    FOOD_PARCEL,
    PERSON_AND_BUDGET,
    RULES,
    changed,
    vector,
)

TEXTS = {
    "food-parcel": FOOD_PARCEL,
    "household-support": (RULES / "household-support.yaml").read_text(encoding="utf-8"),
    "person-and-budget": PERSON_AND_BUDGET,
}
NO_YAML = (
    "", "a: b: c", "? [a]\n: 1", "[" * 60, "[" * 60 + "]" * 60, "a: 1\n---\nb: 2", "\x00", "%YAML 3.0\n---\na: 1",
    "a: '" + "x" * 1_000_001 + "'", "a: [1", "a: 'x", "a:\n  b: 1\n c: 2", "a: @x", 'a: "\\q"',
    "a: b\nc", "a: &x 1", "a: !!int 1", "a: 1\na: 2",
)  # fmt: skip


def _of_vectors():
    for case in vector("refused.yaml"):
        yield changed(FOOD_PARCEL, *case["change"])
    for case in vector("lint.yaml"):
        text = TEXTS[case["rule"]]
        for change in case["change"]:
            text = changed(text, *change)
        yield text


def edited(text, *edits):
    """Return a rule's tree as JSON after each edit: a place in it, and what stands there then."""
    tree = read_document(text).tree
    for *place, value in edits:
        holder = tree
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = value
    return json.dumps(tree, ensure_ascii=False)


def _case(**more):
    return {"sentence": "S.", "on": "2026-03-01", "household": {"members": [{}]}, **more}


OUT_OF_SHAPE = edited(
    FOOD_PARCEL,
    ("purpose", "Food aid"),
    ("rule", "Food Parcel"),
    ("languages", ["en", "es", "ar", "ar", "English"]),
    ("title", {"en": "", "English": "x", "es": "x" * 1_001}),
    ("facts", "displaced", {"of": "household", "type": "boolean", "values": ["a"]}),
    ("facts", "Has Card", {"of": "household", "type": "boolean"}),
    ("parameters", 5),
    ("outcomes", "entitled", []),
    ("version", [1]),
    ("clauses", 0, "code", "lives"),
    ("clauses", 0, "when", {"in_area": "village"}),
    ("clauses", 1, "when", {"any_member": {"age": {"below": [5]}}}),
    ("clauses", 2, "case", "household", {"facts": {"displaced": ["yes"]}, "members": [{"born": "1990-13"}]}),
    ("entitled_when", {}),
    ("benefit", 0, "minimum", -1),
    ("benefit", 0, "maximum", None),
    ("benefit", 0, "quantity", "bands", "steps", {}),
    ("benefit", 0, "line", ["x"]),
    ("priority", [{"lot": "coin"}] * 9),
    ("cases", []),
)  # fmt: skip
OUT_OF_PLACE = edited(
    PERSON_AND_BUDGET,
    ("clauses", 0, "code", "BUDGET"),
    ("clauses", 1, "code", "BUDGET"),
    ("clauses", 1, "sentences", "ar", {"met": "A", "not_met": "B", "unknown": "C"}),
    ("clauses", 1, "when", {"any_member": {"all": [{"in_area": "programme"}, {"fact": "displaced"}]}}),
    ("facts", "sex", {"of": "household", "type": "boolean"}),
    ("facts", "level", {"of": "person", "type": "code", "values": ["a"]}),
    ("parameters", "line_minor", "values", [
        {"from": "2026-02-01", "until": "2026-01-01", "value": 1, "legal_basis": {"en": "A", "es": "B"}},
        {"from": "2026-01-01", "value": 1, "legal_basis": {"en": "A", "es": "B"}},
    ]),
    ("priority", [
        {"first": {"clause": "OLD"}},
        {"highest": {"times": [{"fact": "income_monthly_minor"}] * 4}},
        {"highest": {"fact": "level"}},
    ]),
    ("benefit", 0, "while_unknown", 10_000),
    ("budget", "case", "reached", ["reached"]),
    ("cases", [
        _case(outcome="entitled", household={"facts": {"unheard": True}, "members": [{"facts": {"unheard": True}}]}),
        _case(outcome="entitled", household={"members": [{"facts": {"level": "z"}}]}),
    ]),
)  # fmt: skip
TOO_MANY_CLAUSES = edited(
    PERSON_AND_BUDGET, ("clauses", read_document(PERSON_AND_BUDGET).tree["clauses"] * 15 + [
        {**read_document(PERSON_AND_BUDGET).tree["clauses"][0], "code": "ONE_MORE"}
    ]),
)  # fmt: skip
FORBIDDEN = (
    "political opinion", "trade union", "election", "religion", "ethnic group",
    "sexual orientation", "diagnosis", "convicted", "facebook", "gps track", "fingerprint",
    "loyalty score",
)  # fmt: skip
NOT_HELD = edited(
    FOOD_PARCEL,
    *(("clauses", n, "sentences", "en", "met", words) for n, words in enumerate(FORBIDDEN[:6])),
    *(("clauses", n, "sentences", "en", "unknown", words) for n, words in enumerate(FORBIDDEN[6:])),
    ("facts", "displaced", {"of": "household", "type": "integer"}),
    ("facts", "livelihood_lost", {"of": "person", "type": "boolean"}),
    ("facts", "dwelling_shared", {"of": "household", "type": "boolean"}),
    ("facts", "language", {"of": "household", "type": "code", "values": ["en"]}),
    ("facts", "channel", {"of": "household", "type": "code", "values": ["wings"]}),
    ("facts", "access_need", {"of": "household", "type": "code", "values": ["wings"]}),
    ("facts", "unheard", {"of": "household", "type": "boolean"}),
    ("clauses", 5, "when", {"compare": [{"fact": "displaced"}, ">", 0]}),
    ("clauses", 5, "case", "household", {"members": [{}]}),
    ("clauses", 4, "when", {"any_member": {"in": {"fact": "sex", "values": ["female"]}}}),
    ("cases", 3, _case(outcome="entitled")),
    ("cases", 4, _case(outcome="entitled", lines={}, household={"members": [{}] * 6})),
    ("cases", 7, _case(outcome="not_entitled")),
    ("cases", 5, _case(outcome="entitled", on="2025-01-01")),
)  # fmt: skip
NOT_REACHED = edited(
    PERSON_AND_BUDGET, ("budget", "case", "reached", ["asks_none", "too_late", "reached", "reached"])
)  # fmt: skip
FAULTY = (
    *_of_vectors(), OUT_OF_SHAPE, OUT_OF_PLACE, TOO_MANY_CLAUSES, NOT_HELD, NOT_REACHED,
    changed(FOOD_PARCEL, "en: Food parcel", 'en: "Food\\nparcel"'),
)  # fmt: skip
