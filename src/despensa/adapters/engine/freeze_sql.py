"""
The SQL by which a register is reduced to what a rule reads, and by which rows become text.

Equal, household by household, to `despensa.domain.eligibility.frozen.reduce` and `row_bytes`.
Source: docs/explanation/design.md sections 5 and 7.2; HMAC is RFC 2104.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from despensa.domain.eligibility.frozen import (
    LOT_LABEL,
    LOT_LENGTH,
    MONTHS_A_YEAR,
    ROW_FORMAT,
    AgeRead,
    Reads,
)
from despensa.domain.eligibility.rule import FACT_MAX, FactDeclaration

SALT_LABEL = b"despensa/frozen-salt/1"
ID_LABEL = b"despensa/frozen-id/1"
# whole chunks of every file of a frozen folder
ROWS_AT_ONCE = 1 << 19
_BLOCK = 64
_INTEGER = "-?(0|[1-9][0-9]{0,12})"


def stretches(rows: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of stretches of rows that are worked on at once: memory has a bound."""
    for first in range(0, rows, ROWS_AT_ONCE):
        yield first, min(first + ROWS_AT_ONCE, rows)


def text(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def csv_source(path: str, columns: Sequence[str]) -> str:
    """Return the table function that reads a CSV with exactly these columns as text."""
    listed = ", ".join(f"{text(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({text(path)}, header = true, auto_detect = false, delim = ',', quote = '\"', "
        f"escape = '\"', nullstr = '', new_line = '\\n', columns = {{{listed}}})"
    )


def household_select(
    reads: Reads, source: str, *, everywhere: bool, id_key: bytes, lot_seed: bytes
) -> str:
    """Return the query for households: id, random id, area and facts as far as they are read."""
    inside = "TRUE" if everywhere else "(area::UUID IN (SELECT area FROM programme_area))"
    columns = ["household_id::UUID AS household"]
    identifier = "unhex(replace(household_id, '-', ''))"
    columns.append(f"{hmac_prefix(id_key, ID_LABEL, identifier)} AS random_id")
    if reads.in_area:
        columns.append(f"{inside} AS in_area")
    columns += fact_columns(reads.household_facts)
    if reads.lot:
        drawn = f"hex({hmac_prefix(lot_seed, LOT_LABEL, identifier)})"
        columns.append(f"('0x' || substr({drawn}, 1, {2 * LOT_LENGTH}))::BIGINT AS lot")
    return f"SELECT {', '.join(columns)} FROM {with_facts(source, reads.household_facts)}"


def member_select(reads: Reads, source: str, on: date, *, dated: bool) -> str:
    """Return the query for members: household, ages and facts as far as they are read."""
    columns = ["household_id::UUID AS household"]
    for index, age in enumerate(reads.ages):
        columns += age_columns(age, index, age.on or on)
    columns += fact_columns(reads.person_facts)
    where = ""
    if dated:
        day = f"DATE {text(on.isoformat())}"
        where = (
            f" WHERE (member_from IS NULL OR member_from::DATE <= {day})"
            f" AND (member_until IS NULL OR member_until::DATE > {day})"
        )
    born = "TRY_CAST(birth_month AS DATE) AS born, TRY_CAST(birth_precision AS TINYINT) AS known"
    inner = with_facts(source, reads.person_facts, extra=f", {born}", where=where)
    return f"SELECT {', '.join(columns)} FROM {inner}"


def row_select(reads: Reads, where: str = "") -> str:
    """
    Return the query for the text of frozen rows: row_id and row, over `household` and `member`.

    Shape: see `despensa.domain.eligibility.frozen.row_bytes`.
    """
    values = _listed(reads.household_columns, reads.household_facts)
    member = _listed(reads.member_columns, reads.person_facts)
    return f"""
WITH texts AS (SELECT row_id, {member} AS entry FROM member {where}),
joined AS (
  SELECT row_id, string_agg(entry, ',' ORDER BY entry) AS entries FROM texts GROUP BY row_id
)
SELECT household.row_id,
  '["{ROW_FORMAT}","' || lower(hex(household.random_id)) || '",' || {values}
    || ',[' || COALESCE(joined.entries, '') || ']]' AS row
FROM (SELECT * FROM household {where}) AS household
LEFT JOIN joined ON joined.row_id = household.row_id"""


def salt_sql(salt: bytes) -> str:
    """Return the expression for a row's salt: HMAC(salt, label || row u32)[:16]."""
    return hmac_prefix(salt, SALT_LABEL, "unhex(lpad(to_hex(row_id), 8, '0'))")


def hmac_prefix(key: bytes, label: bytes, message: str) -> str:
    """
    Return the expression for HMAC-SHA-256(key, label || message)[:16] over a BLOB expression.

    Source: RFC 2104; keys here are 32 bytes, so never hashed first.
    """
    padded = key.ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in padded) + label
    outer = bytes(byte ^ 0x5C for byte in padded)
    first = f"unhex(sha256(unhex('{inner.hex()}') || {message}))"
    return f"unhex(substr(sha256(unhex('{outer.hex()}') || {first}), 1, 32))"


def with_facts(
    source: str, facts: Sequence[FactDeclaration], *, extra: str = "", where: str = ""
) -> str:
    """Return a source of rows with what it holds of these facts, taken out in one reading."""
    stored = [fact.name for fact in facts if fact.name != "sex"]
    paths = ", ".join(text(f"$.{name}") for name in stored)
    found = f", json_extract(facts, [{paths}]) AS found" if stored else ""
    return f"(SELECT *{found}{extra} FROM {source}{where})"


def fact_columns(facts: Sequence[FactDeclaration]) -> list[str]:
    """Return a column for each fact of `with_facts`, unknown where the value is none of its own."""
    columns, position = [], 0
    for fact in facts:
        if fact.name == "sex":
            columns.append(
                "CASE sex WHEN '1' THEN 'male' WHEN '2' THEN 'female' WHEN '3' THEN 'other' "
                "WHEN 'male' THEN 'male' WHEN 'female' THEN 'female' WHEN 'other' THEN 'other' END "
                "AS fact_sex"
            )
            continue
        position += 1
        columns.append(f"{_fact(fact, f'found[{position}]::VARCHAR')} AS fact_{fact.name}")
    return columns


def _fact(fact: FactDeclaration, found: str) -> str:
    if fact.type == "boolean":
        return f"CASE {found} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if fact.type == "code":
        listed = " ".join(f"WHEN '\"{value}\"' THEN '{value}'" for value in fact.values)
        return f"CASE {found} {listed} END"
    whole = f"CASE WHEN regexp_full_match({found}, '{_INTEGER}') THEN {found}::BIGINT END"
    return f"CASE WHEN abs({whole}) <= {FACT_MAX} THEN {whole} END"


def age_columns(age: AgeRead, index: int, on: date) -> list[str]:
    """Return the lowest and highest age of `born`, known to a precision `known`, on a day."""
    since = f"({on.year} - year(born)) * {MONTHS_A_YEAR} + {on.month}"
    highest = f"{since} - CASE WHEN known = 1 THEN 1 ELSE month(born) END"
    lowest = (
        f"{since} - CASE WHEN known = 1 THEN 12 ELSE month(born) END "
        f"- CASE WHEN {on.day} < CASE WHEN known = 1 THEN 31 ELSE day(last_day(born)) END "
        "THEN 1 ELSE 0 END"
    )
    divisor = MONTHS_A_YEAR if age.unit == "years" else 1
    return [
        f"CASE WHEN known >= 1 AND born IS NOT NULL THEN greatest({months}, 0) // {divisor} END"
        f"::USMALLINT AS age{index}_{end}"
        for end, months in (("low", lowest), ("high", highest))
    ]


def _listed(columns: Sequence[str], facts: Sequence[FactDeclaration]) -> str:
    codes = {f"fact_{fact.name}" for fact in facts if fact.type == "code"}
    parts = [
        f"COALESCE('\"' || {column} || '\"', 'null')"
        if column in codes
        else f"COALESCE({column}::VARCHAR, 'null')"
        for column in columns
    ]
    return "'[' || " + " || ',' || ".join(parts) + " || ']'" if parts else "'[]'"
