"""
The SQL of every level of every comparison: when two rows reach it, and the column of its rarity.

Only built-in functions of DuckDB, so that no pair passes through Python.
"""

from despensa.domain.matching.comparison import Comparison, Level

# The exact distance costs fifty times what the quick one does, which rules out nearly all pairs.
MACROS = (
    (
        "CREATE OR REPLACE TEMP MACRO one_slip(a, b) AS jaro_similarity(a, b) >= 1 - "
        "1.2 / least(length(a), length(b)) AND "
        "damerau_levenshtein(a, b) <= 1"
    ),
    (
        "CREATE OR REPLACE TEMP MACRO two_slips(a, b) AS jaro_similarity(a, b) >= 1 - "
        "2.0 / least(length(a), length(b)) AND "
        "damerau_levenshtein(a, b) <= 2"
    ),
    (
        "CREATE OR REPLACE TEMP MACRO slipped(a, b) AS one_slip(a, b) "
        "OR (replace(a, ' ', '') = replace(b, ' ', ''))"
    ),
)

_EXCHANGED = (
    "((given_l = surname_r AND surname_l = given_r) OR (given_sound_l <> given_sound_r AND "
    "given_sound_l = surname_sound_r AND surname_sound_l = given_sound_r) OR (given_l <> given_r AND "
    "jaro_winkler_similarity(given_l, surname_r) > 0.88 AND "
    "jaro_winkler_similarity(surname_l, given_r) > 0.88) OR (NOT list_has_any(given_words_l, "
    "given_words_r) AND NOT list_has_any(surname_words_l, surname_words_r) AND "
    "(list_has_all(given_words_l, surname_words_r) OR list_has_all(surname_words_r, given_words_l)) "
    "AND (list_has_all(surname_words_l, given_words_r) OR "
    "list_has_all(given_words_r, surname_words_l))))"
)


def _name(column: str) -> dict[str, str]:
    left, right = f"{column}_l", f"{column}_r"
    words, sounds = f"{column}_words", f"{column}_sound_words"
    return {
        "null": f"{left} IS NULL OR {right} IS NULL",
        "same": f"{left} = {right}",
        "sound": f"{column}_sound_l = {column}_sound_r AND (length({column}_sound_l) >= 3 OR "
        f"jaro_winkler_similarity({left}, {right}) >= 0.7)",
        "slip": f"least(length({left}), length({right})) >= 3 AND slipped({left}, {right})",
        "contained": f"starts_with({left}, {right}) OR starts_with({right}, {left}) OR "
        f"list_has_all({words}_l, {words}_r) OR list_has_all({words}_r, {words}_l)",
        # a second name that one of the two leaves out must not hide a slip in the first
        "near": f"(len({words}_l) <> len({words}_r) AND least(length({words}_l[1]), "
        f"length({words}_r[1])) >= 3 AND (one_slip({words}_l[1], {words}_r[1]) OR "
        f"jaro_winkler_similarity({words}_l[1], {words}_r[1]) >= 0.88)) OR "
        f"jaro_winkler_similarity({left}, {right}) >= 0.88 OR "
        f"(least(length({left}), length({right})) >= 5 AND "
        f"two_slips({left}, {right}))",
        "part": f"list_has_any({sounds}_l, {sounds}_r)",
    }


_CONDITIONS: dict[str, dict[str, str]] = {
    "given_name": _name("given")
    | {
        "null": "given_l IS NULL OR given_r IS NULL",
        "exchanged": _EXCHANGED,
        "resembling": f"given_in_use_l AND given_in_use_r AND NOT ({_name('given')['contained']}) "
        f"AND (({_name('given')['slip']}) OR {_name('given')['near']})",
    },
    "surname": _name("surname")
    | {
        # exchanged names are judged once, as given names
        "null": "surname_l IS NULL OR surname_r IS NULL OR coalesce(given_l <> given_r AND "
        f"surname_l <> surname_r AND {_EXCHANGED}, FALSE)",
        "order": "len(surname_words_l) = len(surname_words_r) AND len(surname_words_l) > 1 AND "
        "list_has_all(surname_words_l, surname_words_r)",
    },
    "birth_date": {
        "null": "birth_l IS NULL OR birth_r IS NULL",
        "same": "birth_l = birth_r",
        "shorter": "length(birth_l) <> length(birth_r) AND least(length(birth_l), "
        "length(birth_r)) <= 6 AND (starts_with(birth_l, birth_r) OR starts_with(birth_r, birth_l))",
        "exchanged": "length(birth_l) = 8 AND length(birth_r) = 8 AND birth_l[1:4] = birth_r[1:4] "
        "AND birth_l[5:6] = birth_r[7:8] AND birth_l[7:8] = birth_r[5:6]",
        "slip": "least(length(birth_l), length(birth_r)) >= 7 AND one_slip(birth_l, birth_r)",
        "parts": "(birth_l[1:4] = birth_r[1:4] AND (birth_l[5:6] = birth_r[5:6] OR "
        "birth_l[7:8] = birth_r[7:8]) AND length(birth_l) = 8 AND length(birth_r) = 8) OR "
        "(length(birth_l) = 8 AND birth_l[5:8] = birth_r[5:8])",
        "near": "least(length(birth_l), length(birth_r)) >= 7 AND two_slips(birth_l, birth_r)",
        "year": "abs(coalesce(TRY_CAST(birth_l[1:4] AS INTEGER), 0) - "
        "coalesce(TRY_CAST(birth_r[1:4] AS INTEGER), 9999)) <= 1",
    },
    "age": {
        "null": "age_l IS NULL OR age_r IS NULL",
        "same": "age_l = age_r",
        "next": "abs(TRY_CAST(age_l AS DOUBLE) - TRY_CAST(age_r AS DOUBLE)) <= 2",
    },
    "sex": {"null": "sex_l IS NULL OR sex_r IS NULL", "same": "sex_l = sex_r"},
    "document": {
        "null": "{c}_l IS NULL OR {c}_r IS NULL",
        "same": "{c}_l = {c}_r",
        "slip": "least(length({c}_l), length({c}_r)) >= 4 AND one_slip({c}_l, {c}_r)",
        "near": "least(length({c}_l), length({c}_r)) >= 6 AND (two_slips({c}_l, {c}_r) OR contains({c}_l, {c}_r) OR contains({c}_r, {c}_l))",
    },
    "phone": {
        "null": "phone_l IS NULL OR phone_r IS NULL",
        "same": "phone_l = phone_r OR phone_l = phone_2_r OR phone_2_l = phone_r OR "
        "phone_2_l = phone_2_r",
        "slip": "one_slip(phone_l, phone_r)",
    },
    "email": {
        "null": "email_l IS NULL OR email_r IS NULL",
        "same": "email_l = email_r",
        "near": "two_slips(email_l, email_r) OR "
        "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)",
    },
    "address": {
        "null": "(street_l IS NULL AND number_l IS NULL) OR (street_r IS NULL AND "
        "number_r IS NULL)",
        "same": "address_l = address_r",
        "near": "(number_l = number_r AND (jaro_winkler_similarity(street_l, street_r) >= 0.88 OR "
        "two_slips(street_l, street_r))) OR (street_l = street_r AND "
        "(one_slip(number_l, number_r) OR number_l IS NULL OR number_r IS NULL))",
        "exchanged": "{exchanged}",
        "street": "street_l = street_r OR (jaro_winkler_similarity(street_l, street_r) >= 0.92 AND "
        "one_slip(number_l, number_r))",
        "part": "{part}",
    },
    "place": {
        "null": "(locality_l IS NULL AND postcode_l IS NULL AND region_l IS NULL) OR "
        "(locality_r IS NULL AND postcode_r IS NULL AND region_r IS NULL)",
        "same": "(locality_l = postcode_r AND postcode_l = locality_r) OR "
        "(coalesce(locality_l = locality_r, postcode_l = postcode_r, region_l = region_r) AND "
        "coalesce(postcode_l = postcode_r, TRUE))",
        "near": "(coalesce(locality_l = locality_r, FALSE) AND (postcode_l IS NULL OR "
        "postcode_r IS NULL OR one_slip(postcode_l, postcode_r))) OR "
        "(postcode_l = postcode_r AND (locality_l IS NULL OR locality_r IS NULL OR "
        "jaro_winkler_similarity(locality_l, locality_r) >= 0.85)) OR "
        "(jaro_winkler_similarity(locality_l, locality_r) >= 0.9 AND "
        "coalesce(one_slip(postcode_l, postcode_r), TRUE))",
        "part": "locality_l = locality_r OR postcode_l = postcode_r OR "
        "jaro_winkler_similarity(locality_l, locality_r) >= 0.9",
    },
    "area": {"null": "area_l IS NULL OR area_r IS NULL", "same": "area_l = area_r"},
    "household": {
        "null": "household_l IS NULL OR household_r IS NULL",
        "same": "household_l = household_r",
    },
    "other": {
        "null": "{c}_l IS NULL OR {c}_r IS NULL",
        "same": "{c}_l = {c}_r",
        "near": "jaro_winkler_similarity({c}_l, {c}_r) >= 0.9 OR "
        "(least(length({c}_l), length({c}_r)) >= 4 AND one_slip({c}_l, {c}_r))",
    },
}
RARITY = {
    "given_name": "given",
    "surname": "surname",
    "birth_date": "birth",
    "phone": "phone",
    "email": "email",
    "address": "address",
    "place": "place_rarity",
    "household": "household",
}


def rarity_column(comparison: Comparison, level: Level) -> str:
    """Return the column by whose frequency agreement at this level weighs more or less."""
    column = RARITY.get(comparison.name, comparison.name)
    return f"{column}_sound" if level.name == "sound" else column


def conditions(comparison: Comparison, columns: frozenset[str]) -> tuple[str, list[str]]:
    """
    Return the SQL of missing values, and of each level in order but the last ("different").

    Source: docs/matching.md, "What is compared".
    """
    kind = comparison.name.rstrip("0123456789").rstrip("_")
    named = _CONDITIONS[comparison.name if comparison.name in _CONDITIONS else kind]
    if comparison.name == "address":
        has_second = "line_2" in columns
        exchanged = "street_l = line_2_r OR line_2_l = street_r" if has_second else "FALSE"
        part = "line_2_l = line_2_r OR " if has_second else ""
        named = named | {
            "exchanged": exchanged,
            "part": f"{part}jaro_winkler_similarity(street_l, street_r) >= 0.92",
        }
    texts = [named[level.name] for level in comparison.levels[:-1]]
    return (
        named["null"].replace("{c}", comparison.name),
        [text.replace("{c}", comparison.name) for text in texts],
    )
