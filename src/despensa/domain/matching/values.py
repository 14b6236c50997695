"""
The forms in which values of two lists are compared: dates, numbers, addresses, sounds of names.

One value in, one form out, an empty text for nothing usable. Names are folded by `normalise`;
what is here is not stored and may change from one version to the next.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import combinations

from despensa.domain.matching.nicknames import name_of
from despensa.domain.matching.normalise import spoken_words, words

_MONTH_NAMES = """
jan january ene enero janvier janeiro янв января январь січня يناير جانفي
feb february febrero fevrier fevereiro fev фев февр февраля февраль лютого فبراير فيفري شباط
mar march marzo mars marco мар марта март березня مارس اذار
apr april abr abril avril апр апреля апрель квітня ابريل افريل نيسان
may mayo mai maio мая маи травня مايو ماي ايار
jun june junio juin junho июн июня июнь червня يونيو جوان حزيران
jul july julio juillet julho июл июля июль липня يوليو جويلية تموز
aug august ago agosto aout авг августа август серпня اغسطس اوت اب
sep sept september septiembre setembro septembre set сен сент сентября сентябрь вересня سبتمبر ايلول
oct october octubre octobre outubro out окт октября октябрь жовтня اكتوبر
nov november noviembre novembre novembro ноя нояб ноября ноябрь листопада نوفمبر
dec december dic diciembre decembre dezembro dez дек декабря декабрь грудня ديسمبر
"""
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.strip().splitlines(), 1)
    for name in names.split()
}
_STREET_WORDS = frozenset(
    "ST STREET RD ROAD AV AVE AVENUE AVENIDA CALLE CL C PL PLACE PLAZA CRES CRESCENT CT COURT CCT "
    "CIRCUIT CL CLOSE DR DRIVE PDE PARADE RUE RUA LANE LN BLVD BOULEVARD HWY WAY NO NR NUM N "
    "JR JIRON PASAJE PSJE CARRERA CRA KR TRAVESSA".split()
)
_SOUND_STEPS = (
    (re.compile(r"^ABD([AEU]L|[AEU]R(?=R))(?=.{3})"), "ABD"),  # Abdulrahman, Abderrahman
    (re.compile(r"^[AE]L(?=[^AEIOUHL].{3})"), ""),  # Elsayed, Al Sayyid
    (re.compile(r"SHCH|TSCH|SCH|TCH|CH|SH|CZ|SZ"), "S"),
    (re.compile(r"DZH|DJ|ZH"), "J"),
    (re.compile(r"X"), "KS"),
    (re.compile(r"PH"), "F"),
    (re.compile(r"QU|KH|GH|CK"), "K"),
    (re.compile(r"DH"), "D"),
    (re.compile(r"TH"), "T"),
    (re.compile(r"TS|TZ|DZ"), "S"),
    (re.compile(r"LL(?=[AEIOUY])"), "L"),
    (re.compile(r"C(?=[EIYV])"), "S"),
    (re.compile(r"G(?=[EIY])"), "J"),
    (re.compile(r"[CQ]"), "K"),
    (re.compile(r"Z"), "S"),
    (re.compile(r"[VF]"), "B"),
    (re.compile(r"[YIJ]"), "I"),
    (re.compile(r"H"), ""),
    (re.compile(r"^[AEIOUW]+"), "A"),
    (re.compile(r"(?<=.)[AEIOUW]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_SOUND_LENGTH = 8
# "Servant of ...": half a name, written apart or not.
_SERVANTS = frozenset({"ABD", "ABDUL", "ABDEL", "ABDAL"})
_FEMALE = frozenset(
    "mujer woman femenino female femme f 2 fem w feminino feminin mme mlle sra ms mrs miss "
    "انثى انثي ض ж жен женскии".split()
)
_MALE = frozenset(
    "hombre man masculino male homme m h 1 masc masculin sr mr monsieur varon "
    "ذكر м муж мужскои".split()
)
_DATE_LENGTH_MAX = 10  # two digits too many are still compared
_PHONE_LENGTH, _PHONE_LENGTH_MIN = 9, 6


def sound(folded: str) -> str:
    """
    Return how a folded word sounds, coarser than phonetic form 1: spellings of one name meet.

    >>> sound("YULIA") == sound("IULIIA"), sound("KHALED") == sound("KHALID")
    (True, True)
    >>> sound("ROMANOFF") == sound("ROMANOV"), sound("ALEXANDER") == sound("ALEKSANDR")
    (True, True)
    """
    for pattern, replacement in _SOUND_STEPS:
        folded = pattern.sub(replacement, folded)
    return folded[:_SOUND_LENGTH] or "A"


def given_sound(folded: str) -> str:
    """
    Return how a given name sounds, a short form as the name it stands for.

    >>> given_sound("PEPE") == sound("JOSE"), given_sound("BOBBY") == given_sound("ROBERT")
    (True, True)
    """
    return sound(name_of(folded))


def name_words(name: str) -> list[str]:
    """
    Return the folded words of a name as they are compared: an Arabic article is parted off.

    >>> name_words("الحسن"), name_words("Al-Hassan"), name_words("María del Carmen")
    (['AHSN'], ['HASSAN'], ['MARIA', 'CARMEN'])
    >>> name_words("Abd al-Rahman"), name_words("عبد الرحمن")
    (['ABDRAHMAN'], ['ABDRAHMN'])
    """
    parted = re.sub(r"(^|[\s-])\u0627\u0644(?=\w{3})", r"\1", unicodedata.normalize("NFKC", name))
    joined: list[str] = []
    for word in _folded(parted):
        if joined and joined[-1] in _SERVANTS:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def words_together(name: str) -> frozenset[int]:
    """
    Return between which of its `name_words` a name has a hyphen, as places from 1.

    >>> sorted(words_together("Ana García-López")), sorted(words_together("Abd al-Rahman"))
    ([2], [])
    """
    counts = [len(name_words(written)) for written in name.split()]
    if sum(counts) != len(name_words(name)):
        return frozenset()  # a word was joined to the one before it, or is a particle beside others
    starts = {sum(counts[:place]) for place in range(len(counts))}
    return frozenset(range(1, sum(counts))) - starts


def birth_text(value: str, *, day_first: bool = True) -> str:
    """
    Return a date as YYYYMMDD, YYYYMM or YYYY; digits that are no date stay as they are.

    A mistyped date is still evidence, so month 13 is kept for comparing digit by digit.
    >>> birth_text("1984-05-03"), birth_text("3/5/1984"), birth_text("19841340")
    ('19840503', '19840503', '19841340')
    >>> birth_text("3 May 1984"), birth_text("1984"), birth_text("٣/٥/١٩٨٤")
    ('19840503', '1984', '19840503')
    >>> birth_text("3 мая 1984 г."), birth_text("3 أيار 1984")
    ('19840503', '19840503')
    """
    latin = "".join(
        str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", value)
    ).strip()
    latin = re.sub(r"[T ]\d{1,2}:\d\d.*$", "", latin)
    groups = re.findall(r"\d+|[^\W\d]+", latin)
    parts = [_MONTHS.get(_plain(group), group) for group in groups]
    numbers = [str(part) for part in parts if str(part).isdigit()]
    worded = next((i for i, part in enumerate(parts) if isinstance(part, int)), None)
    if len(numbers) == 1 or (len(numbers) == 2 and len("".join(numbers)) >= 7):
        return "".join(numbers)[:_DATE_LENGTH_MAX]
    if len(numbers) == 3:
        return _joined(numbers, worded=worded, day_first=day_first)
    if len(numbers) == 2:
        year, month = sorted(numbers, key=len, reverse=True)
        return f"{year}{int(month):02d}" if len(year) == 4 else ""
    return ""


def _joined(numbers: list[str], *, worded: int | None, day_first: bool) -> str:
    first, second, third = numbers
    if len(first) == 4:
        year, month, day = first, second, third
    elif worded == 0:
        month, day, year = first, second, third
    elif day_first or worded == 1:
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    if len(year) == 2:
        year = ("19" if int(year) > 30 else "20") + year
    return f"{year}{int(month):02d}{int(day):02d}"[:8]


def is_day_first(values: Iterable[str]) -> bool:
    """
    Return whether dates like 03/05/1984 begin with the day, as more of the column say.

    >>> is_day_first(["05/13/1984", "03/05/1984"]), is_day_first(["03/05/1984"])
    (False, True)
    """
    balance = 0
    for value in values:
        found = re.match(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}", value)
        if found:
            balance += (int(found[1]) > 12) - (int(found[2]) > 12)
    return balance >= 0


def phone_texts(value: str) -> tuple[str, str]:
    """
    Return the last nine digits of up to two telephone numbers, so that no country code parts them.

    >>> phone_texts("+51 987 654 321; 444 5555")
    ('987654321', '4445555')
    >>> phone_texts("0987-654321") == phone_texts("0051 987 654 321")
    True
    """
    found = [_digits(part)[-_PHONE_LENGTH:] for part in re.split(r"[;,/|]", value)]
    usable = [*dict.fromkeys(n for n in found if len(n) >= _PHONE_LENGTH_MIN), "", ""]
    return usable[0], usable[1]


def number_text(value: str) -> str:
    """
    Return a document's number as A to Z and digits.

    >>> number_text("ab-١٢ ٣")
    'AB123'
    """
    if value.isascii():
        return re.sub(r"[^A-Z0-9]", "", value.upper())
    decimal = (
        str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", value)
    )
    return re.sub(r"[^A-Z0-9]", "", "".join(decimal).upper())


def street_text(value: str) -> str:
    """
    Return the words of a street in letters, words for `street` itself left out.

    >>> street_text("12 High St."), street_text("Calle Los Pinos 4")
    ('HIGH', 'PINOS')
    """
    letters = _folded(re.sub(r"\d+", " ", value))
    return " ".join([word for word in letters if word not in _STREET_WORDS] or letters)


def street_numbers(value: str) -> str:
    """
    Return the numbers in an address.

    >>> street_numbers("12-B High St., flat 4")
    '12 4'
    """
    latin = "".join(str(unicodedata.decimal(sign, sign)) for sign in value)
    return " ".join(re.findall(r"\d+", latin))


def plain_text(value: str) -> str:
    """
    Return any text in capital letters and digits, for columns whose meaning is not known.

    >>> plain_text(" São  Tomé 3 ")
    'SAO TOME 3'
    """
    return " ".join(words_and_numbers(value))


def words_and_numbers(value: str) -> list[str]:
    """Return the folded words and the numbers of a text, in order."""
    return [
        word
        for part in re.findall(r"\d+|[^\W\d_]+", unicodedata.normalize("NFKC", value))
        for word in ([part] if part.isdigit() else _folded(part))
    ]


def sex_text(value: str) -> str:
    """
    Return M or F, or the first letter of anything else.

    >>> sex_text("Mujer"), sex_text("hombre"), sex_text("2"), sex_text("female")
    ('F', 'M', 'F', 'F')
    """
    plain = _plain(value.strip())
    if not plain:
        return ""
    if plain in _FEMALE:
        return "F"
    if plain in _MALE:
        return "M"
    return "" if plain in {"u", "unknown", "0", "9", "x"} else plain[:1].upper()


def pair_sounds(sounds: Iterable[str]) -> list[str]:
    """
    Return every two words of a name that sound so, in alphabetical order.

    >>> pair_sounds(["RS", "KSB", "MN"])
    ['KSB MN', 'KSB RS', 'MN RS']
    """
    return [f"{a} {b}" for a, b in combinations(sorted(set(sounds)), 2)]


def _folded(text: str) -> list[str]:
    """Return folded words; in a script without a table the words as they stand."""
    return words(text) or [word.upper() for word in spoken_words(text)]


def _plain(value: str) -> str:
    bare = unicodedata.normalize("NFKD", value.lower())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _digits(value: str) -> str:
    decimal = (str(unicodedata.decimal(sign, "")) for sign in unicodedata.normalize("NFKC", value))
    return "".join(decimal)
