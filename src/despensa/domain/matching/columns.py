"""
What the columns of a plain list mean: guessed from their headers, else from their values.

A guess is only ever a proposal: a map given by hand wins. Columns that tell who is who by
somebody's earlier decision (`cluster`, `match_id`) are left out, because they are answers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from despensa.domain.matching.headers import fold_header


class Role(StrEnum):
    """What a column of a list is compared as."""

    IDENTIFIER = "id"
    FULL_NAME = "full_name"
    GIVEN_NAME = "given_name"
    SURNAME = "surname"
    SURNAME_2 = "surname_2"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    AGE = "age"
    SEX = "sex"
    DOCUMENT = "document"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    HOUSE_NUMBER = "house_number"
    ADDRESS_2 = "address_2"
    LOCALITY = "locality"
    POSTCODE = "postcode"
    REGION = "region"
    HOUSEHOLD = "household"
    OTHER = "other"
    LEFT_OUT = "left_out"


NAME_ROLES = frozenset({Role.FULL_NAME, Role.GIVEN_NAME, Role.SURNAME, Role.SURNAME_2})


class MapError(Exception):
    """A map of columns cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """
    What is known of one column before it is understood.

    Units: `rows`, `filled` and `distinct` count values of the whole column; `values` is a sample.
    Shape: `beside` are the values of sampled rows, the same for every column, empty where none is.
    """

    header: str
    rows: int
    filled: int
    distinct: int
    values: tuple[str, ...]
    beside: tuple[str, ...] = ()


# In order: the first pattern that fits a folded header (words joined by "_") names its role.
_BY_HEADER: tuple[tuple[Role, str], ...] = (
    (Role.LEFT_OUT, (r"(true_?|real_?|gold_?)?(cluster|entity|match|label|truth|ground_truth|group|"
     r"duplicate(_of)?|is_match|is_duplicate|blocking_number|source(_dataset|_file)?|dataset|"
     r"timestamp|created.*|updated.*|submission_time|deviceid)(_?(id|no|number|label))?|"
     r".*(interviewer|enumerator|encuestador|enqueteur|entrevistador|registrar).*")),
    (Role.OTHER, (r"(tipo|type|kind|class|has|tiene|tem)_.*|.*_(type|tipo)|"
     r".*(birth|nacimiento|nascimento|naissance)_?(place|city|country|town)|"
     r"(place|lugar|lieu|local|city|country|ciudad|pais|pays|ville)_(of_|de_)?(birth|nacimiento|"
     r"nascimento|naissance)")),
    (Role.HOUSEHOLD, (r"(household|hogar|hh|menage|agregado|familia|family|foyer)_?(id|no|number|"
     r"num|code|codigo|numero)?|(id|no|number|num|code|codigo|numero)_(de_|du_|do_|del_)?(household|"
     r"hogar|hh|menage|agregado|familia|family|foyer)")),
    (Role.DOCUMENT, (r".*(soc_?sec|social_?sec|ssn|national_?id|nationalid|id_?card|id_?number|"
     r"document|documento|dni|cedula|curp|cpf|nif|nie|cui|passport|pasaporte|passaporte|passeport|"
     r"identity|identidad|identidade|identification|identificacion|identite|carnet|tax_?id|"
     r"voter_?reg|licen[cs]e|ration_?card|unhcr|proof_?of_?reg|medicare|nhs|insurance|"
     r"number_national|national_n(o|um|umber)|seguro_social|securite_sociale).*|inn|ssid|"
     r"doc(_?(no|num|number|id))?|"
     r"run|rut|cin|nin|nid|nss|cnp|rg|bi|id_?no|ci|cc|n_?cni|cni|kimlik.*|tc_?(no|kimlik)?")),
    (Role.IDENTIFIER, (r"(unique_?|rec_?|record_?|row_?|person_?|individual_?|registrant_?|"
     r"beneficiary_?|patient_?|client_?|registro_?|persona_?|customer_?|reference_?|ref_?|voter_?|"
     r"member_?|case_?|source_?record_?|file_?|folio_?|serial_?|participant_?|subject_?)?"
     r"(id|uid|uuid|key|no|n|nr|nro|num|number|ref|reference|index|folio|"
     r"numero|codigo|code)|rec|rowid|index|.*_uuid|ncid|"
     r"(id|codigo|code|numero|no)_(de_|del_|du_|do_)?(persona|registro|beneficiario|beneficiaire|"
     r"dossier|expediente|ficha|individuo|pessoa|personne|orden)")),
    (Role.EMAIL, r".*(e_?mail|correo|courriel).*|mail|.*_mail"),
    (Role.PHONE, (r".*(phone|telefono|telefone|tel|fone|mobile|movil|movel|celular|portable|gsm|"
     r"whatsapp|msisdn|tlf|tfno|hatif|cell|contact_?n(o|um|umber)|fijo|cel)"
     r"(_?\d|_?(no|nr|num|number|numero|phone))?|(phone|telephone|telefono|telefone|tel|celular|movil|mobile|cell)_.*|"
     r"contacto?|n(o|um|umero)?_(de_)?contact[oe]?|number_(phone|mobile).*")),
    (Role.BIRTH_YEAR, (r"(birth|nacimiento|nascimento|naissance)_?(year|ano|annee)|"
     r"(year|ano|annee)_?(of_?|de_?)?(birth|nacimiento|nascimento|naissance)|yob|by|birthyear")),
    (Role.BIRTH_MONTH, (r"(birth|nacimiento|nascimento|naissance)_?(month|mes|mois)|"
     r"(month|mes|mois)_?(of_?|de_?)?(birth|nacimiento|nascimento|naissance)|mob|bm|birthmonth")),
    (Role.BIRTH_DAY, (r"(birth|nacimiento|nascimento|naissance)_?(dia|jour)|"
     r"(day|dia|jour)_?(of_?|de_?)(birth|nacimiento|nascimento|naissance)|bd|birth_?day_?of_?month")),
    (Role.BIRTH_DATE, (r".*(birth|dob|nacimiento|nascimento|naissance|born|bdate|nacido|mawlid|"
     r"milad|dogum|geburt|nacim|rozhd).*|f(ec|echa)?_?(de_?)?nac.*|d_o_b|b_?day|f(ec|echa)?_(de_)?nto|d(ata|ate)?_?n(asc|aiss).*|ddn|fdn|ne_e?_?le|nee?_le")),
    (Role.LEFT_OUT, r".*(date|fecha|data_de|registered_on).*"),
    (Role.AGE, r"age|edad|idade|age_?(years|in_years|at_.*)|(edad|idade)_.*|.*_age"),
    (Role.SEX, r"sex|gender|sexo|genero|sexe|genre|jins|sex_?code|gender_?code|civilite|cinsiyet"),
    (Role.SURNAME_2, (r".*(second_?(sur|last|family)_?name|(segundo|2do|2)_?apellido|"
     r"apellido_?(2|materno|segundo)|(ap|a|apell)_?(materno|mat)|"
     r"(sur|last|family)_?name_?2|maternal_?(sur|last)?_?name|materno|mother_?s?_?surname|"
     r"name_?last_?2)|(nom|nombre_familia)_?2|maternal?|apellido_(de_la_)?madre|s?name_m")),
    (Role.OTHER, (r".*(mother|madre|mae|mere|spouse|husband|wife|conyuge|conjuge|conjoint|epoux|"
     r"guardian|tutor|tuteur|head_of|jefe|chef|next_of_kin|emergency|emergencia|urgence|"
     r"contact_person|caregiver|cuidador|representante|village_chief).*")),
    (Role.FULL_NAME, (r"(nombres?|nome|nom|prenoms?)_?(y|e|et|and)_?(apellidos?|sobrenome|apelidos?|"
     r"prenoms?|nom)|(apellidos?|sobrenome|surnames?|last_?names?)_?(y|e|and)_?(nombres?|nome|"
     r"(first|given|fore)_?names?)|(full|complete)_?names?.*|"
     r"names?_(full|complete).*|ad_soyad.*|(sur)?name_first_?name(_middle_name)?|"
     r"(nombre|nome|nom)_?(completo|complet).*|(name|nombre|nome|nom)_(of_|del?_|du_)?(the_)?(beneficiar|arabic|latin|person).*")),
    (Role.GIVEN_NAME, r".*mid(dle|l)?_?(name|nm|initial|init)s?"),
    (Role.SURNAME, (r".*(surname|last_?n(ame|m)|family_?name|apellidos?|apelidos?|sobrenome|"
     r"nom_de_famille|nom_(de_)?(naissance|usage|jeune_fille)|paterno|name_?(last|family)|lname|"
     r"nachname|family_?name_?1|patronym|soyad)i?(_?1|_?paterno|s)?|last|family|sn|"
     r"(ap|a|apell)_?(paterno|pat)|apellido_(del?_)?padre|(primer|1er|1)_?apellido")),
    (Role.GIVEN_NAME, (r".*(given_?n(ame|m)s?|first_?n(ame|m)s?|forename|nombre_?(de_)?pila|"
     r"(primer|segundo|1er|2do|primeiro)_?(nombre|nome)|prenom|prenome|nome_proprio|"
     r"name_?(first|given)|name_?middle|fname|mname|vorname|christian_?name|other_?name|otros_nombres|"
     r"second_?name|grandfather_?name|name_(grand)?father|father_?name)s?(_?\d)?|first|given|middle|gn|"
     r"initials|nombres|forenames|ad|adi")),
    (Role.FULL_NAME, (r"(?!.*(street|village|city|town|suburb|district|province|region|state|count|"
     r"camp|site|area|calle|ciudad|municip|locat|place|rue|rua|admin|facility|school|escuela|organi|"
     r"project|program|bank|banco|device|form|file|ward|barrio|bairro|commune|ville|file))"
     r"(.*_)?(full_?)?(name|nombre|nome|nom|ism|fullname|"
     r"names)(_?\d)?|caption|alias|(beneficiary|beneficiario|"
     r"beneficiaire|titular|titulaire|person|persona|member|name_of_.*)")),
    (Role.HOUSE_NUMBER, (r"(street|house|building|door|civic)_?(no|nr|num|number)|numero_?(de_?)?casa|"
     r"num_?ext|numero_?exterior|altura|house|number_(house|street)")),
    (Role.POSTCODE, (r".*(post_?code|postal_?code|zip(_?code)?|codigo_?postal|cep|code_?postal|pcode|"
     r"post_?al|pc|cp)(_?\d)?")),
    (Role.ADDRESS_2, (r".*(address|addr|direccion|endereco|adresse)_?(line_?)?[2-9]|unit|flat|apt|"
     r"apartment|villa|complement(o)?")),
    (Role.STREET, (r".*(address|addr|street|calle|direccion|endereco|adresse|rue|domicilio|"
     r"residence|unwan|morada|domicile|rua|logradouro)(_?(line_?)?1|_?name|_?address)?|dir|"
     r"(address|direccion|adresse)_.*")),
    (Role.LOCALITY, (r".*(suburb|city|town|village|locality|municipio|municipality|ciudad|cidade|"
     r"ville|localidad|localite|comune|commune|comuna|barrio|bairro|neighbou?rhood|quartier|"
     r"admin_?3|admin_?4|madina|parroquia|freguesia|canton|vereda|concelho|comunidade?|community|communaute|settlement|"
     r"hamlet|hameau|caserio|"
     r"birth_?place|place|location|ubicacion|site|camp|campamento)(_?(name|desc))?|area|aldea|"
     r"colonia|zone|zona|ward|sector")),
    (Role.REGION, (r".*(state|province|provincia|region|departamento|departement|department|county|"
     r"district|distrito|governorate|estado|wilaya|"
     r"admin_?[012]|country|pais|pays|nationality|nacionalidad|nationalite)"
     r"(_?(name|code|cd|desc))?")),
)  # fmt: skip
_COMPILED = tuple((role, re.compile(pattern)) for role, pattern in _BY_HEADER)
# Roles a list has once; further columns of the kind are compared as they stand.
_ONCE = frozenset(
    {
        Role.IDENTIFIER, Role.SURNAME_2, Role.BIRTH_DATE, Role.BIRTH_YEAR, Role.BIRTH_MONTH,
        Role.BIRTH_DAY, Role.AGE, Role.SEX, Role.EMAIL, Role.POSTCODE, Role.HOUSEHOLD,
        Role.HOUSE_NUMBER,
    }
)  # fmt: skip

_DATE = re.compile(
    r"(19|20)\d\d[-/.]?[01]\d[-/.]?[0-3]\d([T ].*)?|[0-3]?\d[-/.][0-3]?\d[-/.]((19|20)\d\d|\d\d)"
)
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_LIFETIMES_MIN = 20
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(\+|00)[\d\s().-]{7,18}|0\d[\d\s().-]{6,14}")
_SEXES = frozenset(
    "m f male female h hombre mujer masculino femenino homme femme man woman masc fem u unknown "
    "other o x 1 2 0 9 masculin feminin ذكر أنثى انثى м ж муж жен мужской женский".split()
)
_MOSTLY, _NEARLY_ALL = 0.7, 0.95
_SCARCE_VALUES_MAX = 60


def guess_roles(columns: Sequence[ColumnSample]) -> dict[str, Role]:
    """
    Return the role of every column, by header first, then by what its values look like.

    Shape: one entry a header, in order. Columns without values, or with the same value in every
        row, are left out: they tell nobody from anybody.
    """
    roles: dict[str, Role] = {}
    for column in columns:
        role = _by_header(column)
        if role in _ONCE and role in roles.values():
            role = Role.LEFT_OUT if role is Role.IDENTIFIER else Role.OTHER
        roles[column.header] = role or Role.OTHER
    samples = {column.header: column for column in columns}
    for header, role in roles.items():
        if role is Role.OTHER:
            roles[header] = _by_values(samples[header], roles)
    _find_birth_date(roles, samples)
    _find_names(roles, samples)
    _settle_names(roles, samples)
    _find_identifier(roles, samples)
    return roles


def _find_birth_date(roles: dict[str, Role], samples: Mapping[str, ColumnSample]) -> None:
    """Take a date that was left out for the birth date if it lies decades apart and none other is."""
    if _is_taken(roles, Role.BIRTH_DATE, Role.BIRTH_YEAR, Role.AGE):
        return
    spans = {
        header: _years_between(samples[header])
        for header, role in roles.items()
        if role is Role.LEFT_OUT and _share(samples[header], _DATE.fullmatch) > _MOSTLY
    }
    if spans and max(spans.values()) >= _LIFETIMES_MIN:
        roles[max(spans, key=lambda header: spans[header])] = Role.BIRTH_DATE


def _years_between(column: ColumnSample) -> int:
    """Return between how many years nine in ten dates of a column lie."""
    years = sorted(int(found[0]) for value in column.values if (found := _YEAR.search(value)))
    edge = len(years) // 20
    return years[-1 - edge] - years[edge] if years else 0


def mapped_roles(given: Mapping[str, str], headers: Iterable[str], name: str) -> dict[str, Role]:
    """
    Return the roles of a map written by hand; columns it does not name are left out.

    Raises: MapError for a column or a role that does not exist, or an identifier named twice.
    """
    there = list(headers)
    for header, role in given.items():
        if header not in there:
            raise MapError(
                f"The map names the column {header!r}, and {name} has none of that name. Its "
                f"columns are: {', '.join(there)}."
            )
        if role not in set(Role):
            raise MapError(
                f"The map gives {header!r} the meaning {role!r}, which is none. Use one of: "
                f"{', '.join(Role)}."
            )
    roles = {header: Role(given.get(header, Role.LEFT_OUT)) for header in there}
    if list(roles.values()).count(Role.IDENTIFIER) > 1:
        raise MapError(f"The map names more than one id in {name}. Keep one.")
    return roles


def _by_header(column: ColumnSample) -> Role | None:
    if not column.filled or (column.distinct == 1 and column.filled == column.rows > 1):
        return Role.LEFT_OUT
    folded = fold_header(column.header)
    for role, pattern in _COMPILED:
        if pattern.fullmatch(folded) and _is_plausible(role, column):
            return role
    return None


def _is_plausible(role: Role, column: ColumnSample) -> bool:
    """Return whether the values do not speak against a meaning read from the header."""
    if role in NAME_ROLES:
        return _share(column, _has_letter) > 0.5
    if role in {Role.BIRTH_DATE, Role.PHONE, Role.HOUSEHOLD}:
        return _share(column, _has_digit) > 0.5
    if role is Role.DOCUMENT:
        return _share(column, _has_digit) > 0.5 and column.distinct > column.filled // 20
    if role is Role.EMAIL:
        return _share(column, lambda value: "@" in value) > 0.5
    if role is Role.SEX:
        return column.distinct <= _SCARCE_VALUES_MAX
    return True


def _by_values(column: ColumnSample, roles: Mapping[str, Role]) -> Role:
    if Role.EMAIL not in roles.values() and _share(column, _MAIL.fullmatch) > _MOSTLY:
        return Role.EMAIL
    if not _is_taken(roles, Role.BIRTH_DATE, Role.BIRTH_YEAR) and (
        _share(column, _DATE.fullmatch) > _MOSTLY and column.distinct > min(20, column.filled // 4)
    ):
        return Role.BIRTH_DATE
    if Role.PHONE not in roles.values() and _share(column, _PHONE.fullmatch) > _MOSTLY:
        return Role.PHONE
    if Role.SEX not in roles.values() and column.distinct <= 4 and _share(column, _is_sex) > 0.99:
        return Role.SEX
    if _share(column, _is_prose) > _MOSTLY:
        return Role.LEFT_OUT
    return Role.OTHER


def _find_names(roles: dict[str, Role], samples: Mapping[str, ColumnSample]) -> None:
    """Take the most varied columns of letters for names, where no header says which they are."""
    if NAME_ROLES & set(roles.values()):
        return
    texts = [
        header
        for header, role in roles.items()
        if role is Role.OTHER
        and _share(samples[header], _is_worded) > _NEARLY_ALL
        and samples[header].distinct > max(5, samples[header].filled // 200)
    ]
    several = [h for h in texts if _share(samples[h], lambda v: " " in v.strip()) > 0.5]
    if several:
        roles[several[0]] = Role.FULL_NAME
    elif texts:
        roles.update(zip(texts, (Role.GIVEN_NAME, Role.SURNAME), strict=False))


def _settle_names(roles: dict[str, Role], samples: Mapping[str, ColumnSample]) -> None:
    """
    Tell whether a column called `name` holds whole names or the part no other column holds.

    French lists write *Nom* and *Prénoms*, Spanish ones *Nombre* and *Apellidos*: the values say
    it, for a whole name holds the words of the other column in the same row.
    """
    named = {
        role: [h for h, there in roles.items() if there is role]
        for role in (Role.FULL_NAME, Role.GIVEN_NAME, Role.SURNAME)
    }
    part = {True: Role.GIVEN_NAME, False: Role.SURNAME}
    for whole in named[Role.FULL_NAME]:
        for is_given, known in ((True, named[Role.SURNAME]), (False, named[Role.GIVEN_NAME])):
            if not known or named[part[is_given]]:
                continue
            if not _holds(samples[whole], samples[known[0]]):
                roles[whole] = part[is_given]
                named[part[is_given]].append(whole)
    if named[Role.FULL_NAME] and named[Role.GIVEN_NAME] and named[Role.SURNAME]:
        for whole in named[Role.FULL_NAME]:
            if roles[whole] is Role.FULL_NAME and not _holds(
                samples[whole], samples[named[Role.SURNAME][0]]
            ):
                roles[whole] = Role.OTHER


def _holds(whole: ColumnSample, part: ColumnSample) -> bool:
    """Return whether values of one column hold those of another in the same row, mostly."""
    both = [
        (one.casefold(), other.casefold())
        for one, other in zip(whole.beside, part.beside, strict=True)
        if one and other
    ]
    return not both or sum(other in one for one, other in both) * 2 > len(both)


def _find_identifier(roles: dict[str, Role], samples: Mapping[str, ColumnSample]) -> None:
    """Keep an identifier only if no value repeats; else take a column that counts the rows."""
    for header, role in roles.items():
        if role is Role.IDENTIFIER:
            if _is_unique(samples[header]):
                return
            roles[header] = Role.LEFT_OUT
    first = next(iter(roles), None)
    if first is not None and roles[first] in {Role.OTHER, Role.LEFT_OUT}:
        sample = samples[first]
        if _is_unique(sample) and _share(sample, _has_digit) > _NEARLY_ALL:
            roles[first] = Role.IDENTIFIER


def _is_unique(column: ColumnSample) -> bool:
    return column.distinct == column.filled == column.rows


def _is_taken(roles: Mapping[str, Role], *wanted: Role) -> bool:
    return any(role in roles.values() for role in wanted)


def _share(column: ColumnSample, test: object) -> float:
    """Return the share of sampled values for which a test holds."""
    if not column.values or not callable(test):
        return 0.0
    return sum(1 for value in column.values if test(value.strip())) / len(column.values)


def _has_letter(value: str) -> bool:
    return any(letter.isalpha() for letter in value)


def _has_digit(value: str) -> bool:
    return any(letter.isdigit() for letter in value)


def _is_sex(value: str) -> bool:
    return value.lower().rstrip(".") in _SEXES


def _is_worded(value: str) -> bool:
    return _has_letter(value) and not _has_digit(value)


def _is_prose(value: str) -> bool:
    return len(value.split()) > 8
