"""
Table 1 that turns letters of other scripts and special Latin letters into A to Z.

Latin and Cyrillic follow ICAO Doc 9303 part 3, section 6; Arabic letters take the form in which
names are usually written in Latin letters, because the standard's reversible X-codes would keep
spellings of one name apart. The table is frozen: stored search tokens depend on it. A change is
table 2, with new tokens. Source: docs/reference/formats.md, section 7; vectors/tokens.
"""

_LATIN = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "İ": "I", "ı": "I", "Ĳ": "IJ",
    "ĸ": "Q", "Ł": "L", "Ŋ": "N", "Ö": "OE", "Ø": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Þ": "TH",
    "Ŧ": "T", "Ü": "UE", "Ə": "E",
}  # fmt: skip
_CYRILLIC = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Ґ": "G", "Д": "D", "Ђ": "D", "Ѓ": "G", "Е": "E",
    "Ё": "E", "Є": "IE", "Ж": "ZH", "З": "Z", "Ѕ": "DZ", "И": "I", "І": "I", "Ї": "I", "Й": "I",
    "Ј": "J", "К": "K", "Л": "L", "Љ": "LJ", "М": "M", "Н": "N", "Њ": "NJ", "О": "O", "П": "P",
    "Р": "R", "С": "S", "Т": "T", "Ћ": "C", "Ќ": "K", "У": "U", "Ў": "U", "Ф": "F", "Х": "KH",
    "Ц": "TS", "Ч": "CH", "Џ": "DZ", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "",
    "Э": "E", "Ю": "IU", "Я": "IA",
}  # fmt: skip
_ARABIC = {
    "ا": "A", "أ": "A", "إ": "I", "آ": "A", "ٱ": "A", "ب": "B", "پ": "P", "ت": "T", "ث": "TH",
    "ج": "J", "چ": "CH", "ح": "H", "خ": "KH", "د": "D", "ذ": "DH", "ر": "R", "ز": "Z", "ژ": "ZH",
    "س": "S", "ش": "SH", "ص": "S", "ض": "D", "ط": "T", "ظ": "Z", "ع": "A", "غ": "GH", "ف": "F",
    "ق": "Q", "ك": "K", "ک": "K", "گ": "G", "ل": "L", "م": "M", "ن": "N", "ه": "H", "ة": "A",
    "و": "W", "ؤ": "W", "ي": "Y", "ی": "Y", "ى": "A", "ئ": "Y", "ء": "", "ـ": "",
}  # fmt: skip

TABLE_1: dict[str, str] = _LATIN | _CYRILLIC | _ARABIC
