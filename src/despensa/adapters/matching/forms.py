"""
The table `person`: every row of the lists in the forms in which it is compared.

A form is worked out once for each different value, by the domain, and joined to the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import duckdb
import pyarrow as pa

from despensa.adapters.matching.lists import PlainList
from despensa.domain.matching import comparison as facts
from despensa.domain.matching import values
from despensa.domain.matching.columns import Role
from despensa.domain.matching.comparison import Comparison
from despensa.domain.matching.nicknames import GIVEN_NAMES
from despensa.domain.matching.parting import comma_parts, given_shares, opens_with_surname, part

Form = Callable[[str], Sequence[str]]

_NOTHING = "NULL::VARCHAR"
_PART = "\x1f"
_SURNAME_FIRST = "\x1e"
# A name is in use if so many rows have it: no person stands in a list that often.
_IN_USE_MIN, _IN_USE_SHARE = 6, 0.0005
_NAME_COLUMNS = ("given", "given_sound", "surname", "surname_sound")


@dataclass(frozen=True, slots=True)
class Field:
    """
    A fact as it stands in each list and the columns of `person` made of it.

    Shape: `sources` one SQL text a list; `columns` as many as `form` gives texts.
    """

    sources: tuple[str, ...]
    columns: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class People:
    """
    What the table `person` holds: which comparisons it can carry.

    Shape: `columns` are the text columns beside `row`, `side` and `key`.
    """

    rows: tuple[int, ...]
    comparisons: tuple[Comparison, ...]
    columns: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return the number of rows of all lists together."""
        return sum(self.rows)

    @property
    def pairs(self) -> float:
        """Return the number of pairs there are to be compared at all."""
        if len(self.rows) == 2:
            return float(self.rows[0] * self.rows[1])
        return self.rows[0] * (self.rows[0] - 1) / 2


def build_people(connection: duckdb.DuckDBPyConnection, lists: Sequence[PlainList]) -> People:
    """Create the table `person` of one or two lists and say what of it can be compared."""
    fields, comparisons = _plan(connection, lists)
    for number, field in enumerate(fields):
        _make_form(connection, f"form_{number}", field, lists)
    for side, plain in enumerate(lists):
        joins = "".join(
            f" LEFT JOIN form_{number} AS f{number} ON f{number}.raw = {field.sources[side]}"
            for number, field in enumerate(fields)
            if field.sources[side] != _NOTHING
        )
        shown = "".join(
            f", {f'f{number}.{column}' if field.sources[side] != _NOTHING else _NOTHING} "
            f"AS {column}"
            for number, field in enumerate(fields)
            for column in field.columns
        )
        key = (plain.columns(Role.IDENTIFIER) or ["row::VARCHAR"])[0]
        into = "CREATE TEMP TABLE person_text AS" if side == 0 else "INSERT INTO person_text"
        connection.execute(
            f"{into} SELECT (2 * row + {side})::BIGINT AS unique_id, {side}::TINYINT AS side, "
            f"{key} AS key{shown} FROM {plain.table}{joins}"
        )
    columns = tuple(column for field in fields for column in field.columns)
    add_lists(connection, columns)
    return People(tuple(plain.rows for plain in lists), comparisons, columns)


def _plan(
    connection: duckdb.DuckDBPyConnection, lists: Sequence[PlainList]
) -> tuple[list[Field], tuple[Comparison, ...]]:
    fields: list[Field] = []
    comparisons: list[Comparison] = []

    def add(
        comparison: Comparison | None,
        columns: tuple[str, ...],
        form: Form,
        *sources: str,
    ) -> bool:
        if any(source == _NOTHING for source in sources):
            return False
        fields.append(Field(sources, columns, form))
        if comparison is not None:
            comparisons.append(comparison)
        return True

    add_all = partial(_sources, lists)
    names = [_names(plain) for plain in lists]
    if _NOTHING not in names:
        names = [
            f"'{_SURNAME_FIRST}' || {name}" if _surname_first(connection, plain, name) else name
            for name, plain in zip(names, lists, strict=True)
        ]
        shares = _given_shares(connection, lists, names)
        add(facts.GIVEN_NAME_IN_USE, _NAME_COLUMNS, partial(_name_form, shares=shares), *names)
        comparisons.append(facts.SURNAME)
    births = [_birth(plain) for plain in lists]
    day_first = _is_day_first(connection, lists)
    birth_form = partial(_birth_form, day_first=day_first)
    if not add(facts.BIRTH_DATE, ("birth",), birth_form, *births):
        add(facts.AGE, ("age",), _number_form, *add_all(Role.AGE))
    add(facts.SEX, ("sex",), lambda value: (values.sex_text(value),), *add_all(Role.SEX))
    _add_documents(lists, fields, comparisons)
    phones = [_joined(plain.columns(Role.PHONE), "; ") for plain in lists]
    add(facts.PHONE, ("phone", "phone_2"), _phone_form, *phones)
    add(facts.EMAIL, ("email",), lambda value: (value.lower(),), *add_all(Role.EMAIL))
    streets = add_all(Role.HOUSE_NUMBER, Role.STREET)
    if add(facts.ADDRESS, ("street", "number", "address"), _address_form, *streets):
        add(None, ("line_2",), _street_form, *add_all(Role.ADDRESS_2))
    _add_place(lists, fields, comparisons)
    add(facts.HOUSEHOLD, ("household",), _number_form, *add_all(Role.HOUSEHOLD))
    _add_others(lists, fields, comparisons)
    return fields, tuple(comparisons)


def _sources(lists: Sequence[PlainList], *roles: Role) -> list[str]:
    return [_joined(plain.columns(*roles)) for plain in lists]


def _joined(columns: Sequence[str], between: str = " ") -> str:
    if not columns:
        return _NOTHING
    if len(columns) == 1:
        return columns[0]
    return f"nullif(concat_ws('{between}', {', '.join(columns)}), '')"


def _names(plain: PlainList) -> str:
    """Return the SQL of a name: its parts with a separator between, or else the whole name."""
    whole = _joined(plain.columns(Role.FULL_NAME)[:1])
    given = _joined(plain.columns(Role.GIVEN_NAME))
    surname = _joined(plain.columns(Role.SURNAME, Role.SURNAME_2))
    if whole != _NOTHING and _NOTHING in {given, surname}:
        return whole
    if given == surname == _NOTHING:
        return _NOTHING
    parts = f"nullif(concat(coalesce({given}, ''), '{_PART}', coalesce({surname}, '')), '{_PART}')"
    return parts if whole == _NOTHING else f"coalesce({parts}, {whole})"


def _surname_first(connection: duckdb.DuckDBPyConnection, plain: PlainList, name: str) -> bool:
    """Return whether a list writes whole names surname first."""
    sex = _joined(plain.columns(Role.SEX)[:1])
    rows = connection.execute(
        f"SELECT DISTINCT {name}, {sex} FROM {plain.table} WHERE {name} IS NOT NULL"
    ).fetchall()
    return opens_with_surname(
        [
            (values.name_words(str(text)), values.sex_text(str(said)) if said else None)
            for text, said in rows
            if _written_apart(str(text)) is None
        ],
        GIVEN_NAMES,
    )


def _given_shares(
    connection: duckdb.DuckDBPyConnection, lists: Sequence[PlainList], names: Sequence[str]
) -> dict[str, float]:
    """Return how often each word of a name is a given name, where any name is written whole."""
    union = " UNION ".join(
        f"SELECT {name} AS name FROM {plain.table}"
        for name, plain in zip(names, lists, strict=True)
    )
    found = [
        str(name)
        for (name,) in connection.execute(
            f"SELECT name FROM ({union}) WHERE name IS NOT NULL ORDER BY name"
        ).fetchall()
    ]
    apart = [parts for parts in map(_written_apart, found) if parts is not None]
    whole = [_given_first(name) for name in found if _written_apart(name) is None]
    if not whole:
        return {}
    return given_shares(
        whole,
        (values.name_words(given) for given, _ in apart),
        (values.name_words(surname) for _, surname in apart),
    )


def _given_first(name: str) -> list[str]:
    """Return the words of a whole name so that given names open it."""
    words = values.name_words(name.removeprefix(_SURNAME_FIRST))
    return words[::-1] if name.startswith(_SURNAME_FIRST) else words


def _written_apart(name: str) -> tuple[str, str] | None:
    """Return (given names, surnames) of a name in two columns, or surname first with a comma."""
    name = name.removeprefix(_SURNAME_FIRST)
    if _PART in name:
        given, _, surname = name.partition(_PART)
        return given, surname
    return comma_parts(name)


def _birth(plain: PlainList) -> str:
    dates = plain.columns(Role.BIRTH_DATE)
    if dates:
        return dates[0]
    year, month, day = (
        plain.columns(role) for role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY)
    )
    if year and month and day:
        return f"concat_ws('-', {year[0]}, {month[0]}, {day[0]})"
    if year and month:
        return f"concat_ws('-', {year[0]}, {month[0]})"
    return year[0] if year else _NOTHING


def _is_day_first(connection: duckdb.DuckDBPyConnection, lists: Sequence[PlainList]) -> bool:
    seen: list[str] = []
    for plain in lists:
        column = _birth(plain)
        rows = connection.execute(
            f"SELECT DISTINCT {column} FROM {plain.table} WHERE {column} IS NOT NULL LIMIT 20000"
        ).fetchall()
        seen.extend(str(value) for (value,) in rows)
    return values.is_day_first(seen)


def _add_documents(
    lists: Sequence[PlainList], fields: list[Field], comparisons: list[Comparison]
) -> None:
    by_header = _shared(lists, Role.DOCUMENT)
    for number, (header, sources) in enumerate(by_header.items()):
        column = f"document_{number}"
        fields.append(Field(sources, (column,), _document_form))
        made = facts.document(column, header.replace("_", " ")) if len(by_header) > 1 else None
        comparisons.append(made or facts.document(column, "document number"))


def _add_place(
    lists: Sequence[PlainList], fields: list[Field], comparisons: list[Comparison]
) -> None:
    found = 0
    for role, column in (
        (Role.LOCALITY, "locality"), (Role.POSTCODE, "postcode"), (Role.REGION, "region")
    ):  # fmt: skip
        sources = tuple(_sources(lists, role))
        if _NOTHING in sources:
            sources = tuple(_NOTHING for _ in lists)
        else:
            found += 1
        fields.append(Field(sources, (column,), _place_form))
    if found:
        comparisons.append(facts.PLACE)
    else:
        del fields[-3:]


def _add_others(
    lists: Sequence[PlainList], fields: list[Field], comparisons: list[Comparison]
) -> None:
    for number, (header, sources) in enumerate(_shared(lists, Role.OTHER).items()):
        column = f"other_{number}"
        fields.append(Field(sources, (column,), lambda value: (values.plain_text(value),)))
        comparisons.append(facts.other(column, header.replace("_", " ")))


def _shared(lists: Sequence[PlainList], role: Role) -> dict[str, tuple[str, ...]]:
    """Return the columns of a role that every list has, by folded header; a single one by role."""
    by_list = []
    for plain in lists:
        named: dict[str, str] = {}
        for number, (name, there) in enumerate(zip(plain.known_as, plain.roles, strict=True)):
            if there is role:
                named.setdefault(name, f"c{number}")
        by_list.append(named)
    found = {
        header: tuple(named[header] for named in by_list)
        for header in by_list[0]
        if all(header in named for named in by_list)
    }
    rest = [[h for h in named if h not in found] for named in by_list]
    if role is Role.DOCUMENT and all(len(headers) == 1 for headers in rest):
        sources = tuple(n[h[0]] for n, h in zip(by_list, rest, strict=True))
        found[rest[0][0]] = sources
    return found


def _make_form(
    connection: duckdb.DuckDBPyConnection, table: str, field: Field, lists: Sequence[PlainList]
) -> None:
    union = " UNION ".join(
        f"SELECT {source} AS raw FROM {plain.table}"
        for source, plain in zip(field.sources, lists, strict=True)
    )
    raw = [
        str(value)
        for (value,) in connection.execute(
            f"SELECT DISTINCT raw FROM ({union}) WHERE raw IS NOT NULL"
        ).fetchall()
    ]
    made = [tuple(text or None for text in field.form(value)) for value in raw]
    columns = {
        column: pa.array([texts[place] for texts in made], pa.string())
        for place, column in enumerate(field.columns)
    }
    connection.register("made_form", pa.table({"raw": pa.array(raw, pa.string()), **columns}))
    connection.execute(f"CREATE TEMP TABLE {table} AS FROM made_form")
    connection.unregister("made_form")


def add_lists(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Create `person` with the words of names and their sounds as lists."""
    lists = list_columns(columns)
    if "locality" in columns:
        lists.append("coalesce(postcode, locality, region) AS place_rarity")
    source = "person_text"
    if "given" in columns:
        _find_names_in_use(connection)
        source = "person_text LEFT JOIN name_in_use USING (given)"
    connection.execute(f"CREATE TEMP TABLE person AS SELECT *, {', '.join(lists)} FROM {source}")
    connection.execute("DROP TABLE person_text")


def _find_names_in_use(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Create `name_in_use` (given, given_in_use): whether many bear every word of a given name.

    A slip makes a word that hardly any other row has.
    """
    connection.execute(
        "CREATE TEMP TABLE name_in_use AS WITH whole AS (SELECT given, count(*) AS n FROM "
        "person_text WHERE given IS NOT NULL GROUP BY given), word AS (SELECT given, n, "
        "unnest(string_split(given, ' ')) AS word FROM whole), used AS (SELECT word FROM word "
        "GROUP BY word HAVING sum(n) >= greatest(?, (SELECT sum(n) FROM whole) * ?)) SELECT given, "
        "bool_and(word IN (FROM used)) AS given_in_use FROM word GROUP BY given",
        [_IN_USE_MIN, _IN_USE_SHARE],
    )


def list_columns(columns: Sequence[str]) -> list[str]:
    """Return the SQL of the columns that hold words of names, and their sounds, as lists."""
    named = [column for column in _NAME_COLUMNS if column in columns]
    sounds = "concat_ws(' ', given_sound, surname_sound)" if named else "NULL::VARCHAR"
    return [
        f"string_split(nullif({sounds}, ''), ' ') AS sounds",
        *(f"string_split({column}, ' ') AS {column}_words" for column in named),
    ]


def _name_form(value: str, *, shares: Mapping[str, float]) -> tuple[str, str, str, str]:
    apart = _written_apart(value)
    if apart is not None:
        given, surnames = (tuple(values.name_words(text)) for text in apart)
    else:
        name = value.removeprefix(_SURNAME_FIRST)
        given, surnames = part(
            values.name_words(name),
            shares,
            values.words_together(name),
            surname_first=name != value,
        )
    return (
        " ".join(given),
        " ".join(map(values.given_sound, given)),
        " ".join(surnames),
        " ".join(map(values.sound, surnames)),
    )


def _birth_form(value: str, *, day_first: bool) -> tuple[str]:
    return (values.birth_text(value, day_first=day_first),)


def _number_form(value: str) -> tuple[str]:
    return (value.strip().upper(),)


def _document_form(value: str) -> tuple[str]:
    return (values.number_text(value),)


def _phone_form(value: str) -> tuple[str, str]:
    return values.phone_texts(value)


def _address_form(value: str) -> tuple[str, str, str]:
    street, number = values.street_text(value), values.street_numbers(value)
    return street, number, f"{street}|{number}" if street and number else ""


def _street_form(value: str) -> tuple[str]:
    return (values.plain_text(value),)


def _place_form(value: str) -> tuple[str]:
    return (values.plain_text(value),)
