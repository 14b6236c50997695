"""
Table 1 that turns letters of other scripts and special Latin letters into A to Z.

Latin and Cyrillic follow ICAO Doc 9303 part 3, section 6. Letters it does not list (of languages
of Africa, Central Asia and the Caucasus) take the Latin letter nearest in sound; composed ones
have a row of their own, because the table comes before the decomposition.

Arabic letters take the form in which names are usually written in Latin letters, because the
standard's reversible X-codes would keep spellings of one name apart. The alefs are one letter, as
people leave out the hamza. The two letters h are AH: phonetic 1 drops the H and keeps a first
vowel, so that HADDAD and its Arabic spelling meet, and S before H does not become the sound SH.

The table is frozen: stored search tokens depend on it. A change is table 2, with new tokens.
Source: docs/reference/formats.md, section 7; vectors/tokens.
"""

_LATIN = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "İ": "I", "ı": "I",
    "ĸ": "Q", "Ł": "L", "Ŋ": "N", "Ö": "OE", "Ø": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Þ": "TH",
    "Ŧ": "T", "Ü": "UE", "Ə": "E",
}  # fmt: skip
_LATIN_ELSEWHERE = {
    "Ⱥ": "A", "Ƀ": "B", "Ɓ": "B", "Ȼ": "C", "Ɖ": "D", "Ɗ": "D", "Ǝ": "E", "Ɛ": "E", "Ƒ": "F",
    "Ǥ": "G", "Ɣ": "G", "Ɨ": "I", "Ɩ": "I", "Ƙ": "K", "Ɲ": "N", "Ɔ": "O", "Ɵ": "O", "Ƥ": "P",
    "Ƭ": "T", "Ʉ": "U", "Ʋ": "V", "Ƴ": "Y", "Ƶ": "Z", "Ʒ": "Z", "Ǯ": "Z", "Ǣ": "AE", "Ǽ": "AE",
    "Ǿ": "OE",
}  # fmt: skip
_CYRILLIC = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Ґ": "G", "Д": "D", "Ђ": "D", "Ѓ": "G", "Е": "E",
    "Ё": "E", "Є": "IE", "Ж": "ZH", "З": "Z", "Ѕ": "DZ", "И": "I", "І": "I", "Ї": "I", "Й": "I",
    "Ј": "J", "К": "K", "Л": "L", "Љ": "LJ", "М": "M", "Н": "N", "Њ": "NJ", "О": "O", "П": "P",
    "Р": "R", "С": "S", "Т": "T", "Ћ": "C", "Ќ": "K", "У": "U", "Ў": "U", "Ф": "F", "Х": "KH",
    "Ц": "TS", "Ч": "CH", "Џ": "DZ", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "",
    "Э": "E", "Ю": "IU", "Я": "IA", "Ѣ": "IE", "Ѫ": "U", "Ѳ": "F", "Ѵ": "Y", "Ѷ": "Y",
}  # fmt: skip
_CYRILLIC_ELSEWHERE = {
    "Ѐ": "E", "Ѝ": "I", "Ҍ": "", "Ҏ": "R", "Ғ": "G", "Ҕ": "G", "Җ": "ZH", "Ҙ": "Z", "Қ": "K",
    "Ҝ": "G", "Ҟ": "K", "Ҡ": "K", "Ң": "N", "Ҥ": "NG", "Ҫ": "S", "Ҭ": "T", "Ү": "U", "Ұ": "U",
    "Ҳ": "H", "Ҵ": "TS", "Ҷ": "J", "Ҹ": "J", "Һ": "H", "Ӏ": "", "Ӂ": "ZH", "Ӄ": "K", "Ӈ": "N",
    "Ӑ": "A", "Ӓ": "A", "Ӕ": "AE", "Ӗ": "E", "Ә": "A", "Ӛ": "A", "Ӝ": "J", "Ӟ": "Z", "Ӣ": "I",
    "Ӥ": "I", "Ӧ": "O", "Ө": "O", "Ӫ": "O", "Ӭ": "E", "Ӯ": "U", "Ӱ": "U", "Ӳ": "U", "Ӵ": "CH",
    "Ӹ": "Y",
}  # fmt: skip
_ARABIC = {
    "ا": "A", "أ": "A", "إ": "A", "آ": "A", "ٱ": "A", "ب": "B", "ت": "T", "ث": "TH", "ج": "J",
    "ح": "AH", "خ": "KH", "د": "D", "ذ": "DH", "ر": "R", "ز": "Z", "س": "S", "ش": "SH", "ص": "S",
    "ض": "D", "ط": "T", "ظ": "Z", "ع": "A", "غ": "GH", "ف": "F", "ق": "Q", "ك": "K", "ل": "L",
    "م": "M", "ن": "N", "ه": "AH", "ة": "A", "و": "W", "ؤ": "W", "ي": "Y", "ى": "A", "ئ": "Y",
    "ء": "", "ـ": "",
}  # fmt: skip
_ARABIC_ELSEWHERE = {
    "پ": "P", "چ": "CH", "ژ": "ZH", "ک": "K", "گ": "G", "ی": "Y", "ٲ": "A", "ٳ": "A", "ٴ": "",
    "ٹ": "T", "ٺ": "TH", "ٻ": "B", "ټ": "T", "ٽ": "T", "ٿ": "TH", "ڀ": "BH", "ځ": "Z", "څ": "TS",
    "ڃ": "NY", "ڄ": "J", "ڇ": "CH", "ڈ": "D", "ډ": "D", "ڊ": "D", "ڌ": "DH", "ڍ": "D", "ڏ": "D",
    "ڑ": "R", "ړ": "R", "ڕ": "R", "ږ": "ZH", "ڙ": "R", "ښ": "SH", "ڠ": "NG", "ڢ": "F", "ڤ": "V",
    "ڥ": "V", "ڦ": "PH", "ڧ": "Q", "ڨ": "G", "ڪ": "K", "ګ": "G", "ڭ": "NG", "ڱ": "NG", "ڳ": "G",
    "ڵ": "L", "ں": "N", "ڻ": "N", "ڼ": "N", "ڽ": "NY", "ھ": "H", "ۀ": "AH", "ہ": "AH", "ۂ": "AH",
    "ۃ": "A", "ۆ": "O", "ۇ": "U", "ۈ": "U", "ۉ": "U", "ۊ": "O", "ۋ": "W", "ۍ": "Y", "ێ": "E",
    "ې": "E", "ے": "E", "ۓ": "E", "ە": "E",
}  # fmt: skip

TABLE_1: dict[str, str] = (
    _LATIN | _LATIN_ELSEWHERE | _CYRILLIC | _CYRILLIC_ELSEWHERE | _ARABIC | _ARABIC_ELSEWHERE
)
