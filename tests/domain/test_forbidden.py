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
# Inflected, shortened, run together, as heard in Latin letters, and as people hide them.
WRITTEN_OTHERWISE = {
    "political_opinion": "polit_affil polAffil politicas politiques siyasi المعارضين",
    "party_or_union": "partyMembership partyAffiliation sindicalizado syndicalise hizb naqaba"
    " انتماؤه_الحزبي",
    "votes": "cve_elector claveElector clave_ine ElecDistrict votacao_2024 intikhabat nakhib"
    " asistio_mitin الانتخابية",
    "religion": "religious_affil relig musulmanes catholic chiite madhhab taifa طائفته ديانته",
    "ethnicity": "ethnicGrp etnicidad autoctono_indigena raca_cor qabila ashira عشيرته",
    "sexual_life": "sexOrient sexPref homosexuales transgenero jinsi ميوله",
    "health": "hivtest medHistory enfermedades_cronicas malades discapacidad_tipo blood_grp_blood"
    " grupo_sanguineo marad تشخيصات",
    "criminal_record": "crim_rec convictions delincuentes encarcelado sawabiq المعتقلين",
    "social_media": "fb_profile ig_handle insta redes_sociales rrss faysbuk انستغرام",
    "movements": "gpsLat geoloc latlng coords last_seen coordenadas itineraires ihdathiyat",
    "biometrics": "fprint faceId huellas fotografias empreintes firma_voz basma بصماتهم",
    "scores": "scoreTotal vuln_score puntajes comportements obediencia taqyim سلوكها",
}
# What an examiner's own list brought, and what it must not take along.
FROM_ANOTHER_LIST = (
    "chavista مؤيد_للحكومة guildMember psuv carnet_psuv march_attendance movilizado manifestación"
    " ineCredencial vota صوت حضور_المسيرة druze bautizado sunita lengua_materna mother_tongue gypsy"
    " gitano minoría kurdish tutsi mujer_trans الحياة_الجنسية medicação prontuario fichaje fb"
    " telegram_user whatsapp_group perfil_redes انستقرام تيليجرام recorrido trayecto trajeto"
    " movimentação رحلات voz imagen signatureImage ranking índice_vulnerabilidad nivelCompromiso"
    " fidélité classificação crédito_social"
).split()
# Tried by hand: shortened, joined, with a prefix, and Arabic in Latin letters.
TRIED = (
    "hh_relgn pty_code votr_id mentalhealth exconvict gpscoord geoPt facescan trustscore creditscr"
    " skinColour afil_pol milita_en clv_elec color_piel padecimiento expresidiario gremio opinionPol"
    " couleur_peau orientation_sex sero_positif reseaux_soc militantisme manif_participation votou"
    " cor_pele soropositivo redes_soc geo_ponto digital_dedo al_din irq_asl sijil_jinai tanaqqulat"
    " prty_affl electnDay sameSexPartner psychEval alcoholic lastKnownLoc voiceId testigo_jehova"
    " ateo mestizo drogadicto feisbuk ruta_diaria sympathie_pol métis empr_digit ateu tuiter"
    " antecedente_crim nota_comport masihi kanisa qabilat lawn_bashra suratan surat_shakhs"
    " surat_wajh القومية لون_البشرة فيروس_نقص_المناعة الحالة_النفسية"
).split()
HIDDEN = (
    "v0te v0t3r p0litical reli_gion elec_tor v_o_t_e_r hhreligion headreligion memberethnicity"
    " personreligion religionhead votervalue jefepartido reli.gions"
).split()
# Each looks like a forbidden word and is none.
LOOKS_LIKE = [
    "vote_of_thanks", "parties_involved", "politely", "policies", "polite", "electricity",
    "electrician", "scrutiny_status", "indigencia", "indigente", "ganado_vacuno", "medicion",
    "coordinator", "coordenador", "coordinacion", "jinsiyya", "jins", "IRQ", "afiliado_seguro",
    "affiliation", "codigo_ine_municipio", "irrigation", "palm_oil", "terraza", "conductor",
    "underscore", "illiteracy", "broadcast", "clandestine", "devotee", "votive", "presidente",
    "raza_animal", "photosynthesis", "fotocopia_documento", "embarazada", "partidas", "prisma",
    "padron_beneficiarios", "puntos_de_entrega", "transaction_id", "fe_de_vida", "devote",
    "admin1name", "wanted_quantity", "demonstration_account", "hh2size", "head_of_household",
    "votre_adresse", "casillero", "culture", "cultivos", "creditor_name", "dinar", "madina", "qabil",
    "irada", "basmati_rice_kg", "relationship_to_head", "couleur_maison", "pueblo_residencia",
    "manifest_no", "percurseur", "drogueria", "reorder_level", "atelier", "same_address",
    "metiers", "same_household", "known_location_x", "cor_parede", "الرقم_القومي", "بطاقة_قومية", "الحالة_الاجتماعية",
    "الديون", "دينار", "السمع", "حامل_أو_مرضع", "نقاط_التوزيع", "سياسة الخصوصية", "سكان",
]  # fmt: skip
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


@pytest.mark.parametrize(
    ("name", "category"),
    [(name, key) for key, names in WRITTEN_OTHERWISE.items() for name in names.split()],
)
def test_inflections_abbreviations_and_latin_arabic_are_refused(name, category):
    assert forbidden_category(name) is not None, category


@pytest.mark.parametrize("name", [*FROM_ANOTHER_LIST, *TRIED, *HIDDEN])
def test_words_of_another_list_and_hidden_ones_are_refused(name):
    assert forbidden_category(name) is not None


@pytest.mark.parametrize("name", LOOKS_LIKE)
def test_what_only_looks_forbidden_may_be_used(name):
    assert forbidden_category(name) is None


@pytest.mark.parametrize("name", ["vоte", "rеligion", "pаrty", "ѕcore"])
def test_letters_of_another_alphabet_do_not_hide_it(name):
    assert not name.isascii()
    assert forbidden_category(name) is not None


@pytest.mark.parametrize("stem", ["pol*", "vot*"])
def test_a_stem_that_would_catch_too_much_is_refused(stem):
    categories = {str(one): {key: [stem] for key in LANGUAGES} for one in Category}

    with pytest.raises(ValueError, match="too short"):
        parse_forbidden_terms({"version": 1, "allowed": [], "categories": categories})


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
