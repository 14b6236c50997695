"""
Lists with damaged copies of invented people, in the shape of the published test sets of record linkage.

Written apart from the matcher and sharing nothing with it. Two kinds: two lists of which each
person of one has one copy in the other, and one list with up to five copies of a person. The
record id tells the truth: `rec-12-org` and `rec-12-dup-0` are one person.
Source: P. Christen, "Probabilistic Data Generation for Deduplication and Data Linkage", 2005, for
the kinds of damage and their rates.
"""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    "rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb",
    "postcode", "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip
FIELDS = COLUMNS[1:]
_GIVEN = (
    "joshua thomas emiily lachlan sophie jack isabella james william chloe ella ruby samuel daniel "
    "benjamin georgia olivia jessica hannah matthew nicholas jacob sarah grace mia liam ethan lucy "
    "charlotte alexander zoe caitlin harrison brianna blake mitchell jasmine dylan luke madison "
    "amelia bailey alexandra holly ryan taylah cooper amy jordan riley abbey isaac connor tyler "
    "oliver kayla noah lauren erin lily andrew max tahlia finn claudia nathan eliza hayden sienna "
    "patrick paige alana jayden maddison nicole stephanie christian zachary jake michael imogen"
).split()
_SURNAMES = (
    "white green webb clarke nguyen reid campbell ryan matthews morrison coleman dixon browne smith "
    "jones taylor brown wilson harris martin thompson walker king lee robinson kelly turner moore "
    "mitchell hall young anderson evans edwards collins stewart murphy cook rogers bell bailey wood "
    "watson brooks gray james hughes price myers long foster sanders ross powell sullivan russell"
).split()
_STREETS = "street place crescent court avenue close road drive circuit parade".split()
_STATES = ("nsw", "vic", "qld", "wa", "sa", "act", "tas", "nt")
_SYLLABLES = (
    "ba be bo bra ca cor da del dun e fa fen gar go gri ha hol in jen ka kel ko la lan len lo ma "
    "mar mel mi na nor o pa per quin ra ri ro sa sel sha ta ter tor u va ver wa wil ya zan"
).split()
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

Row = dict[str, str]


@dataclass(frozen=True)
class Damage:
    """How copies are damaged: modifications of a record, at most so many of one field."""

    per_record: int = 1
    per_field: int = 1
    missing: float = 0.1
    new_value: float = 0.02
    swap_fields: float = 0.08
    least: int = 1


@dataclass(frozen=True)
class Names:
    """The pools people are drawn from; the first of a pool are the most frequent."""

    given: list[str]
    surnames: list[str]
    streets: list[str]
    villas: list[str]
    suburbs: list[tuple[str, str, str]]


def _pool(dice: random.Random, known: list[str], extra: int) -> list[str]:
    made = {"".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3)))) for _ in range(extra)}
    return known + sorted(made - set(known))


def _names(dice: random.Random) -> Names:
    suburbs = []
    for name in _pool(dice, [], 700):
        state = dice.choice(_STATES)
        suburbs.append((name, f"{dice.randint(200, 9999):04d}", state))
    return Names(
        _pool(dice, _GIVEN, 300),
        _pool(dice, _SURNAMES, 1500),
        [f"{name} {dice.choice(_STREETS)}" for name in _pool(dice, [], 1500)],
        _pool(dice, [], 1200),
        suburbs,
    )


def _skewed(dice: random.Random, pool: list) -> object:
    return pool[int(len(pool) * dice.random() ** 2.2)]


def _original(dice: random.Random, names: Names) -> Row:
    suburb, postcode, state = _skewed(dice, names.suburbs)
    born = f"{dice.randint(1900, 1999)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    row = {
        "given_name": _skewed(dice, names.given),
        "surname": _skewed(dice, names.surnames),
        "street_number": str(int(1 + 150 * dice.random() ** 2)),
        "address_1": _skewed(dice, names.streets),
        "address_2": _skewed(dice, names.villas),
        "suburb": suburb,
        "postcode": postcode,
        "state": state,
        "date_of_birth": born,
        "soc_sec_id": str(dice.randint(1_000_000, 9_999_999)),
    }
    empty = {"given_name": 0.02, "surname": 0.01, "street_number": 0.03, "address_1": 0.02,
             "address_2": 0.15, "suburb": 0.01, "state": 0.01, "date_of_birth": 0.02}  # fmt: skip
    return {field: "" if dice.random() < empty.get(field, 0) else row[field] for field in FIELDS}


def _near_key(dice: random.Random, sign: str) -> str:
    if sign.isdigit():
        return dice.choice("0123456789")
    for line in _KEYBOARD:
        if sign in line:
            place = line.index(sign) + dice.choice((-1, 1))
            return line[max(0, min(place, len(line) - 1))]
    return dice.choice("aeiourstln")


def typo(dice: random.Random, value: str) -> str:
    """Return a value with one letter inserted, lost, mistyped or exchanged with the next."""
    if not value:
        return value
    place = dice.randrange(len(value))
    kind = dice.random()
    if kind < 0.2:
        return value[:place] + _near_key(dice, value[place]) + value[place:]
    if kind < 0.4 and len(value) > 1:
        return value[:place] + value[place + 1 :]
    if kind < 0.65 and len(value) > 1:
        place = min(place, len(value) - 2)
        return value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    return value[:place] + _near_key(dice, value[place]) + value[place + 1 :]


def _misheard(dice: random.Random, value: str) -> str:
    changes = [("ph", "f"), ("ck", "k"), ("c", "k"), ("ie", "y"), ("ee", "ea"), ("ll", "l"),
               ("nn", "n"), ("ght", "t"), ("ou", "u"), ("s", "z"), ("i", "y"), ("gh", "g")]  # fmt: skip
    fitting = [pair for pair in changes if pair[0] in value]
    if not fitting:
        return typo(dice, value)
    old, new = dice.choice(fitting)
    return value.replace(old, new, 1)


def _damaged_once(dice: random.Random, row: Row, field: str, damage: Damage, names: Names) -> None:
    value, chance = row[field], dice.random()
    if not value:
        if chance < 0.3:
            row[field] = _original(dice, names)[field]
        return
    if chance < damage.missing:
        row[field] = ""
    elif chance < damage.missing + damage.new_value:
        row[field] = _original(dice, names)[field]
    elif chance < 0.45 and value.replace(" ", "").isalpha():
        row[field] = _misheard(dice, value)
    elif chance < 0.52 and " " in value:
        row[field] = " ".join(reversed(value.split()))
    elif chance < 0.58 and len(value) > 4:
        place = dice.randrange(1, len(value))
        row[field] = value.replace(" ", "") if " " in value else f"{value[:place]} {value[place:]}"
    else:
        row[field] = typo(dice, value)


_SWAPS = (("given_name", "surname"), ("address_1", "address_2"), ("suburb", "postcode"))


def damaged(dice: random.Random, row: Row, damage: Damage, names: Names) -> Row:
    """Return a damaged copy of a person's row."""
    copy = dict(row)
    seen: dict[str, int] = {}
    for _ in range(dice.randint(damage.least, damage.per_record)):
        if dice.random() < damage.swap_fields:
            first, second = dice.choices(_SWAPS, weights=(5, 2, 1))[0]
            copy[first], copy[second] = copy[second], copy[first]
            continue
        field = dice.choice(FIELDS)
        while seen.get(field, 0) >= damage.per_field:
            field = dice.choice(FIELDS)
        seen[field] = seen.get(field, 0) + 1
        _damaged_once(dice, copy, field, damage, names)
    return copy


def two_lists(seed: int, people: int, damage: Damage) -> tuple[list[Row], list[Row]]:
    """Return two lists of the same people, the second damaged and in another order."""
    dice = random.Random(seed)
    names = _names(dice)
    left, right = [], []
    for number in range(people):
        row = _original(dice, names)
        left.append({"rec_id": f"rec-{number}-org", **row})
        right.append({"rec_id": f"rec-{number}-dup-0", **damaged(dice, row, damage, names)})
    dice.shuffle(left)
    dice.shuffle(right)
    return left, right


def one_list(seed: int, originals: int, copies: int, damage: Damage) -> list[Row]:
    """Return one list of people of whom some have up to five damaged copies."""
    dice = random.Random(seed)
    names = _names(dice)
    rows = []
    left = copies
    for number in range(originals):
        row = _original(dice, names)
        rows.append({"rec_id": f"rec-{number}-org", **row})
        wanted = dice.choices((0, 1, 2, 3, 4, 5), weights=(40, 20, 14, 11, 8, 7))[0]
        for copy in range(min(wanted, left)):
            made = damaged(dice, row, damage, names)
            rows.append({"rec_id": f"rec-{number}-dup-{copy}", **made})
            left -= 1
    dice.shuffle(rows)
    return rows


def person_of(record_id: str) -> str:
    """Return the number of the person a record id names."""
    return record_id.split("-")[1]


def true_pairs(left: list[Row], right: list[Row] | None = None) -> set[tuple[str, str]]:
    """Return the pairs of record ids that are one person, each with the smaller id first."""
    people: dict[str, list[str]] = {}
    for row in left:
        people.setdefault(person_of(row["rec_id"]), []).append(row["rec_id"])
    pairs = set()
    if right is None:
        for ids in people.values():
            pairs |= {(a, b) for a in ids for b in ids if a < b}
        return pairs
    for row in right:
        for record_id in people.get(person_of(row["rec_id"]), ()):
            pairs.add(tuple(sorted((record_id, row["rec_id"]))))
    return pairs


def write(path: Path, rows: list[Row], rename: Callable[[str], str] = str) -> Path:
    """Write rows as CSV, the columns renamed."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([rename(column) for column in rows[0]])
        writer.writerows(row.values() for row in rows)
    return path
