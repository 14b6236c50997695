"""
What headers of lists say: the words of other scripts in English, and which words mean what.

Latin headers are read as they are (English, Spanish, Portuguese, French); a word in Arabic or
Cyrillic letters is put into English first, so that one set of patterns does for all. No list of
anybody's is copied here: the words are those people write above such columns.
"""

import re
import unicodedata

from despensa.domain.matching.normalise import fold

# As letters stand after decomposition, without marks; in Arabic without the article, ta marbuta
# as ha and alef maqsura as ya.
_ARABIC_WORDS = {
    "name": "اسم", "beneficiary": "مستفيد", "full": "كامل ثلاثي رباعي", "first": "اول شخصي", "second": "ثاني",
    "family": "عايله عايلي", "surname": "لقب كنيه نسب شهره", "last": "اخير",
    "father": "اب والد", "grandfather": "جد", "mother": "ام والده", "husband": "زوج زوجه",
    "date": "تاريخ", "birth": "ميلاد ولاده مولد مواليد", "year": "سنه", "month": "شهر",
    "day": "يوم", "age": "عمر سن", "sex": "جنس نوع",
    "phone": "هاتف تلفون جوال محمول موبايل خلوي نقال واتساب واتس", "number": "رقم م",
    "identity": "هويه بطاقه", "national": "قومي وطني", "passport": "جواز", "document": "وثيقه",
    "address": "عنوان", "street": "شارع", "neighbourhood": "حي", "city": "مدينه",
    "village": "قريه بلده", "governorate": "محافظه ولايه", "district": "منطقه قضاء ناحيه مديريه",
    "municipality": "بلديه", "country": "دوله بلد", "code": "رمز كود", "postal": "بريدي",
    "email": "ايميل بريد", "household": "اسره", "id": "معرف مسلسل تسلسل", "house": "منزل بيت",
    "place": "مكان موقع", "camp": "مخيم",
}  # fmt: skip
_CYRILLIC_WORDS = {
    "surname": "фамилия фамилию прізвище прозвище", "first_name": "имя імя име",
    "middle_name": "отчество батькові презиме", "full_name": "фио піб",
    "full": "полное повне", "date": "дата", "birth": "рождения народження раждане рожд",
    "year": "год рік година", "month": "месяц місяць", "day": "день", "age": "возраст вік",
    "sex": "пол стать", "phone": "телефон телефона моб тел мобильныи мобільнии",
    "number": "номер п", "passport": "паспорт паспорта", "document": "документ документа снилс инн іпн рнокпп егн",
    "identity": "удостоверение посвідчення", "address": "адрес адреса", "street": "улица вулиця ул",
    "house": "дом будинок", "flat": "квартира", "city": "город місто град",
    "village": "село деревня поселок", "place": "пункт", "district": "раион",
    "region": "область краи", "postcode": "индекс індекс", "email": "почта пошта",
    "id": "ид", "code": "код", "household": "домохозяиство семья", "country": "страна країна",
}  # fmt: skip
_WORDS = {
    word: english
    for table in (_ARABIC_WORDS, _CYRILLIC_WORDS)
    for english, written in table.items()
    for word in written.split()
}
_AS_WRITTEN = str.maketrans({"ة": "ه", "ى": "ي", "ـ": "", "'": "", "’": "", "ʼ": ""})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def fold_header(header: str) -> str:
    """
    Return a header as lower-case Latin words joined by underscores.

    >>> fold_header(" Fecha de Nacimiento"), fold_header("nameFirst"), fold_header("PhoneNo.")
    ('fecha_de_nacimiento', 'name_first', 'phone_no')
    >>> fold_header("تاريخ الميلاد"), fold_header("Дата рождения"), fold_header("N° de DNI")
    ('date_birth', 'date_birth', 'n_de_dni')
    """
    split = _CAMEL.sub("_", header.strip().lstrip("\ufeff"))
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", split)
        if not unicodedata.combining(letter)
    )
    whole = re.sub(r"(?<=\w)\(e?s\)", "s", bare.lower())  # Given name(s)
    words = re.findall(r"[^\W_]+", whole.translate(_AS_WRITTEN))
    return re.sub(r"[^a-z0-9]+", "_", " ".join(map(_latin, words))).strip("_")


def _latin(word: str) -> str:
    if word.isascii():
        return word
    bare = word.removeprefix("ال") if len(word) > 3 else word
    return _WORDS.get(word) or _WORDS.get(bare) or fold(bare).lower()
