import pytest

from despensa.domain.forbidden import (
    LANGUAGES,
    Category,
    forbidden_category,
    forbidden_terms,
    parse_forbidden_terms,
    words_of,
)

ONE_OF_EACH = {
    "en": "political opinion|party card|voter turnout|religion|ethnic group|sexual orientation"
    "|HIV status|criminal record|Facebook profile|GPS position|fingerprints|loyalty score",
    "es": "opinión política|carnet del partido|votación|religión|etnia|orientación sexual"
    "|enfermedades|antecedentes penales|redes sociales|geolocalización|huella dactilar|puntaje",
    "fr": "opinion politique|carte du parti|électeurs|croyances|origine ethnique"
    "|orientation sexuelle|maladies|casier judiciaire|réseaux sociaux|déplacements"
    "|empreintes digitales|note de comportement",
    "pt": "opinião política|filiação sindical|título de eleitor|religião|raça/cor"
    "|orientação sexual|doenças|antecedentes criminais|redes sociais|deslocamentos"
    "|impressão digital|pontuação de conduta",
    "ar": "الرأي السياسي|بطاقة الحزب|بطاقة الناخب|الديانة|القبيلة|الميول الجنسية|الأمراض"
    "|السوابق الجنائية|وسائل التواصل الاجتماعي|الإحداثيات|بصمة الإصبع|تقييم السلوك",
}
CASES = [
    (language, name, category)
    for language, names in ONE_OF_EACH.items()
    for name, category in zip(names.split("|"), Category, strict=True)
]
FINE = [
    "address", "addressLine2", "particle", "party_size", "third_party_id", "sex", "gender", "name",
    "full_name", "surname_1", "birth_date", "household_number", "phone", "whatsappPhoneNumber",
    "national_id_no", "passport", "disability_functional", "seeing_disability_i_c",
    "pregnant_or_nursing", "displaced", "dwelling_shared", "income_monthly_minor", "language",
    "channel", "access_need", "policy", "latrine", "counterparty", "devotion_hours", "pollo",
    "trace", "surface", "hijo", "apellido", "partida_de_nacimiento", "fecha", "dirección",
    "adresse", "naissance", "apartment", "nationality", "checkpoint", "session", "lease", "tag",
    "الاسم", "العنوان", "الجنس", "الجنسية", "رقم_الأسرة", "تاريخ الميلاد", "اللغة", "", "123",
]  # fmt: skip


@pytest.mark.parametrize(("language", "name", "category"), CASES)
def test_every_category_is_refused_in_every_language(language, name, category):
    assert forbidden_category(name) is category


@pytest.mark.parametrize("name", FINE)
def test_ordinary_words_are_not_refused(name):
    assert forbidden_category(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "electoral_card_no_i_c", "ElectoralCardNo", "electoralcardno1 electoral", "VOTES",
        "votes2024", "Voto-Emitido", "partidoPolítico", "eLecToral", "الانتخابات", "geo-point",
        "carnetDeLaPatria", "puntaje_lealtad", "photo1", "ＶＯＴＥ", "politicalparty", "voterid", "bloodgroup", "photourl", "gpslat", "hasvoted", "religioncode",
        "vo\u200bto", "تصويـت",
    ],
)  # fmt: skip
def test_writing_it_differently_does_not_hide_it(name):
    assert forbidden_category(name) is not None


def test_the_list_names_every_category_in_five_languages():
    terms = forbidden_terms().terms

    for category in Category:
        spoken = {term.language for term in terms if term.category is category}
        assert spoken == set(LANGUAGES)


def test_every_term_of_the_list_is_refused_under_its_own_name_or_masked_on_purpose():
    missed = [
        term for term in forbidden_terms().terms if not forbidden_category(" ".join(term.words))
    ]

    assert missed == []


def test_a_list_without_one_category_is_refused():
    with pytest.raises(ValueError, match="exactly the categories"):
        parse_forbidden_terms({"version": 1, "allowed": [], "categories": {"votes": {}}})


def test_names_are_split_at_capitals_digits_and_signs():
    assert words_of("hh_geoPoint2.X-y") == ("hh", "geo", "point", "x", "y")
