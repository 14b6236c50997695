"""
Lists of invented people as a municipality of mixed origins has them, some of them written twice.

Written apart from the matcher and sharing nothing with it. Spanish names with two surnames and
particles, Arabic and Cyrillic names in their own script and in several Latin spellings, households
with shared phones and addresses, brothers and sisters, twins, fathers and sons of one name. The id
tells the truth: `p12-1` and `p12-2` are two entries of person 12.
"""

import random
from dataclasses import dataclass

COLUMNS = (
    "id", "given_names", "first_surname", "second_surname", "birth_date", "sex", "phone",
    "document", "village", "address",
)  # fmt: skip

Row = dict[str, str]

_SPANISH_F = (
    "María Elena|Rosa|Ana María|Carmen|Lucía|Juana|Luz Marina|Teresa|Gloria|Patricia|Sofía|Marta|"
    "Isabel|Daniela|Ana Lucía|María José|Julia|Elena|Silvia|Nancy|Yolanda|Beatriz|Carolina|"
    "Verónica|Mercedes|Angélica|Rocío|Pilar|Martina|Natalia|Rosa Elvira|Ángela|Inés|Nieves"
).split("|")
_SPANISH_M = (
    "José|Juan Carlos|Luis|Carlos|Jorge|Pedro|Miguel Ángel|Manuel|Francisco|Andrés|José Luis|"
    "Fernando|Ricardo|Víctor|Raúl|Juan José|Diego|Pablo|Alberto|Mario|Sergio|Rubén|Julio César|"
    "Óscar|Héctor|Wilmer|Édgar|Segundo|Hernán|Eduardo|Martín|Santiago|Joaquín|Gonzalo"
).split("|")
_SPANISH_SURNAMES = (
    "Quispe|Mamani|García|Rodríguez|Flores|Huamán|Sánchez|Rojas|López|Díaz|Ramírez|Torres|Vargas|"
    "Castillo|Gutiérrez|Chávez|Fernández|Mendoza|Condori|Ramos|Jiménez|Muñoz|Núñez|Peña|Ortiz|"
    "Vásquez|de la Cruz|del Águila|de los Santos|Cárdenas|Salazar|Aguilar|Velásquez|Zambrano|"
    "Valencia|Cevallos|Guamán|Tipán|Chicaiza|Pilco|Apaza|Choque|Yupanqui|Ccahua|Zegarra|Bustamante|"
    "Villanueva|Echeverría|Izquierdo|Palacios|Montoya|Restrepo|Arbeláez|Uribe|Ospina|Quintero|"
    "Hinojosa|Llerena|Benavides|Sepúlveda|Carvajal|Figueroa|Maldonado|Barrientos"
).split("|")
_ARABIC_F = (
    "فاطمة:Fatima,Fatma,Fatimah|مريم:Maryam,Mariam,Meryem|عائشة:Aisha,Aicha,Aysha|"
    "زينب:Zainab,Zaynab,Zeinab|خديجة:Khadija,Khadijah,Khadidja|سارة:Sara,Sarah|نور:Nour,Noor,Nur|"
    "هدى:Huda,Houda|سعاد:Suad,Souad|ليلى:Laila,Layla,Leila|رنا:Rana|سميرة:Samira,Sameera|"
    "أمينة:Amina,Ameena|حنان:Hanan,Hanane|إيمان:Iman,Eman,Imane"
).split("|")
_ARABIC_M = (
    "محمد:Mohammed,Muhammad,Mohamed,Mohamad|أحمد:Ahmad,Ahmed|علي:Ali,Aly|حسن:Hassan,Hasan|"
    "حسين:Hussein,Husain,Hossein|عمر:Omar,Umar|خالد:Khaled,Khalid|يوسف:Youssef,Yusuf,Yousef|"
    "إبراهيم:Ibrahim,Ebrahim|محمود:Mahmoud,Mahmud|سعيد:Said,Saeed,Saïd|مصطفى:Mustafa,Mostafa|"
    "عبد الله:Abdullah,Abdallah,Abd Allah|عبد الرحمن:Abdulrahman,Abd al-Rahman,Abderrahman|"
    "طارق:Tarek,Tariq|سمير:Samir,Sameer|جمال:Jamal,Gamal,Djamal|كريم:Karim,Kareem|"
    "ياسين:Yassin,Yasin,Yacine|رامي:Rami,Ramy"
).split("|")
_ARABIC_SURNAMES = (
    "الحسن:Al-Hassan,Alhasan,El Hassan|حداد:Haddad,Hadad|خوري:Khoury,Khouri,Khuri|"
    "النجار:Al-Najjar,Alnajar,El Najjar|السيد:Al-Sayed,Elsayed,Al Sayyid|منصور:Mansour,Mansur|"
    "صالح:Saleh,Salih|عبود:Abboud,Aboud|درويش:Darwish,Darwich|شاهين:Shaheen,Shahin,Chahine|"
    "قاسم:Qasim,Kassem,Qassem|العلي:Al-Ali,Alali|حمدان:Hamdan,Hamdane|زيدان:Zidan,Zeidan,Zidane|"
    "بكر:Bakr,Bakir|الشامي:Al-Shami,Alchami,El Shami|عثمان:Othman,Osman,Uthman|"
    "رشيد:Rashid,Rasheed,Rachid|ناصر:Nasser,Nasir,Naser|جابر:Jaber,Jabir|مراد:Murad,Mourad|"
    "سليمان:Suleiman,Sulayman,Soliman|حمزة:Hamza,Hamzeh|كنعان:Kanaan,Canaan"
).split("|")
_CYRILLIC_F = (
    "Наталья:Natalia,Nataliya,Natalya|Ольга:Olga,Olha|Елена:Elena,Yelena|Юлия:Yulia,Yuliya,Iuliia|"
    "Татьяна:Tatiana,Tatyana|Анна:Anna|Светлана:Svetlana|Ирина:Irina,Iryna|Мария:Maria,Mariya|"
    "Оксана:Oksana,Oxana|Екатерина:Ekaterina,Yekaterina|Людмила:Lyudmila,Liudmyla,Ludmila|"
    "Виктория:Viktoria,Victoria|Дарья:Daria,Darya|Ксения:Ksenia,Xenia"
).split("|")
_CYRILLIC_M = (
    "Александр:Alexander,Aleksandr,Oleksandr|Сергей:Sergey,Sergei,Serhii|Дмитрий:Dmitry,Dmitri,Dmytro|"
    "Андрей:Andrey,Andrei,Andrii|Алексей:Alexey,Aleksei,Alexei|Иван:Ivan|Михаил:Mikhail,Michail|"
    "Николай:Nikolay,Nikolai|Владимир:Vladimir,Volodymyr|Юрий:Yuri,Yury,Iurii|Игорь:Igor,Ihor|"
    "Евгений:Evgeny,Yevgeny,Evgenii|Максим:Maxim,Maksim,Maksym|Фёдор:Fyodor,Fedor"
).split("|")
_CYRILLIC_SURNAMES = (
    "Иванов:Ivanov,Ivanoff|Шевченко:Shevchenko,Chevchenko|Коваленко:Kovalenko|Бондаренко:Bondarenko|"
    "Ткаченко:Tkachenko|Кравчук:Kravchuk,Krawczuk|Мельник:Melnik,Melnyk|Щербак:Shcherbak,Scherbak|"
    "Романов:Romanov,Romanoff|Соколов:Sokolov|Лебедев:Lebedev|Морозов:Morozov|Волков:Volkov|"
    "Зайцев:Zaitsev,Zaytsev|Гончар:Honchar,Gonchar|Полищук:Polishchuk,Polischuk|Руденко:Rudenko|"
    "Савченко:Savchenko|Яковлев:Yakovlev,Iakovlev|Кузнецов:Kuznetsov,Kuznecov|Попов:Popov,Popoff|"
    "Жуков:Zhukov,Jukov|Хоменко:Khomenko,Homenko|Цвєтков:Tsvetkov,Cvetkov"
).split("|")
_VILLAGES = (
    "San Rafael|Santa Rosa|Los Olivos|La Esperanza|El Progreso|Buenavista|San Isidro|Vista Alegre|"
    "Nueva Loja|Tres Ríos|Las Palmas|El Carmen|Monte Verde|Río Blanco|La Unión|San Juan de Dios"
).split("|")
_ROADS = "Calle Bolívar|Av. Los Pinos|Jr. Ayacucho|Calle 12 de Octubre|Pasaje Unión|Av. Libertad|Calle Sucre|Jirón Puno|Av. Central|Calle Los Álamos".split(
    "|"
)


@dataclass(frozen=True)
class _Person:
    origin: str
    given: str
    surname: str
    second: str
    born: tuple[int, int, int]
    sex: str
    phone: str
    document: str
    village: str
    address: str


@dataclass(frozen=True)
class Mixture:
    """How a corpus is made: shares of households and of entries."""

    arabic: float = 0.25
    cyrillic: float = 0.2
    twins: float = 0.06
    entered_again: float = 0.25
    with_document: float = 0.7
    with_phone: float = 0.85
    faults: int = 2


def _variants(entry: str) -> tuple[str, list[str]]:
    own, _, latin = entry.partition(":")
    return own, latin.split(",") if latin else [own]


def _document(dice: random.Random, mixture: Mixture) -> str:
    return (
        str(dice.randint(10_000_000, 99_999_999)) if dice.random() < mixture.with_document else ""
    )


def _date(dice: random.Random, year: int) -> tuple[int, int, int]:
    if dice.random() < 0.04:  # not known, written as the first of January
        return (year, 1, 1)
    return (year, dice.randint(1, 12), dice.randint(1, 28))


def _household(dice: random.Random, mixture: Mixture) -> list[_Person]:
    chance = dice.random()
    origin = (
        "arabic"
        if chance < mixture.arabic
        else "cyrillic"
        if chance < mixture.arabic + mixture.cyrillic
        else "spanish"
    )
    females, males, surnames = {
        "spanish": (_SPANISH_F, _SPANISH_M, _SPANISH_SURNAMES),
        "arabic": (_ARABIC_F, _ARABIC_M, _ARABIC_SURNAMES),
        "cyrillic": (_CYRILLIC_F, _CYRILLIC_M, _CYRILLIC_SURNAMES),
    }[origin]
    fathers, mothers = _one_of(dice, surnames), _one_of(dice, surnames)
    phone = f"9{dice.randint(10_000_000, 99_999_999)}" if dice.random() < mixture.with_phone else ""
    village, address = dice.choice(_VILLAGES), f"{dice.choice(_ROADS)} {dice.randint(1, 900)}"

    def person(sex: str, year: int, surname: str, second: str, given: str = "") -> _Person:
        own_phone = phone
        if phone and year < 2000 and dice.random() < 0.3:
            own_phone = f"9{dice.randint(10_000_000, 99_999_999)}"
        return _Person(
            origin,
            given or _one_of(dice, females if sex == "F" else males),
            surname,
            second if origin == "spanish" else "",
            _date(dice, year),
            sex,
            own_phone,
            _document(dice, mixture),
            village,
            address,
        )

    start = dice.randint(1945, 1995)
    head = person("M", start, fathers, _one_of(dice, surnames))
    wife_surname = mothers if origin == "spanish" else fathers
    members = [
        head,
        person("F", start + dice.randint(-5, 5), wife_surname, _one_of(dice, surnames)),
    ]
    names = {member.given for member in members}
    for _ in range(dice.choice((0, 1, 2, 2, 3, 4))):
        sex = dice.choice("MF")
        year = start + dice.randint(18, 38)
        given = head.given if sex == "M" and dice.random() < 0.08 else ""
        child = person(sex, year, fathers, mothers, given)
        while child.given in names and not given:
            child = person(sex, year, fathers, mothers)
        names.add(child.given)
        members.append(child)
        if dice.random() < mixture.twins:
            other = dice.choice("MF")
            twin = person(other, year, fathers, mothers)
            while twin.given in names:
                twin = person(other, year, fathers, mothers)
            names.add(twin.given)
            members.append(_born_with(twin, child))
    return members


def _one_of(dice: random.Random, pool: list[str]) -> str:
    return pool[int(len(pool) * dice.random() ** 1.6)]


def _born_with(person: _Person, other: _Person) -> _Person:
    return _Person(
        person.origin, person.given, person.surname, person.second, other.born, person.sex,
        other.phone, person.document, person.village, person.address,
    )  # fmt: skip


def _written(dice: random.Random, person: _Person, style: str) -> tuple[str, str, str]:
    """Return given names and surnames in one script and spelling."""
    parts = []
    for entry in (person.given, person.surname, person.second):
        own, latin = _variants(entry)
        parts.append(own if style == "own" or not entry else dice.choice(latin))
    return parts[0], parts[1], parts[2]


def _entry(dice: random.Random, person: _Person, number: int, count: int) -> Row:
    style = "own" if person.origin != "spanish" and dice.random() < 0.35 else "latin"
    given, surname, second = _written(dice, person, style)
    year, month, day = person.born
    return {
        "id": f"p{number}-{count}",
        "given_names": given,
        "first_surname": surname,
        "second_surname": second,
        "birth_date": f"{year}-{month:02d}-{day:02d}",
        "sex": person.sex,
        "phone": person.phone,
        "document": person.document,
        "village": person.village,
        "address": person.address,
    }


_PLAIN = str.maketrans("áéíóúñÁÉÍÓÚÑ", "aeiounAEIOUN")


def _slip(dice: random.Random, value: str) -> str:
    if len(value) < 3:
        return value
    place = dice.randrange(1, len(value) - 1)
    kind = dice.randrange(4)
    if kind == 0:
        return value[:place] + value[place + 1 :]
    if kind == 1:
        return value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    letter = dice.choice("0123456789") if value[place].isdigit() else dice.choice("aeionrsl")
    return value[:place] + letter + value[place + (kind == 2) :]


def _fault(dice: random.Random, row: Row) -> None:
    kind = dice.randrange(14)
    if kind == 0:
        row["second_surname"] = ""
    elif kind == 1 and row["second_surname"]:
        row["first_surname"], row["second_surname"] = row["second_surname"], row["first_surname"]
    elif kind == 2:
        row["given_names"] = row["given_names"].split()[0]
    elif kind == 3:
        for name in ("given_names", "first_surname", "second_surname"):
            row[name] = row[name].translate(_PLAIN).upper()
    elif kind == 4:
        year, month, day = row["birth_date"].split("-")
        row["birth_date"] = f"{year}-{day}-{month}" if int(day) <= 12 else f"{year}-{month}-{day}"
    elif kind == 5:
        year, _, rest = row["birth_date"].partition("-")
        row["birth_date"] = f"{int(year) + dice.choice((-1, 1, 10, -10))}-{rest}"
    elif kind == 6:
        row["phone"] = f"9{dice.randint(10_000_000, 99_999_999)}"
    elif kind == 7:
        row["phone"] = ""
    elif kind == 8:
        row["document"] = "" if dice.random() < 0.6 else _slip(dice, row["document"])
    elif kind == 9:
        row["given_names"] = _slip(dice, row["given_names"])
    elif kind == 10:
        row["first_surname"] = _slip(dice, row["first_surname"])
    elif kind == 11:
        row["address"] = f"{dice.choice(_ROADS)} {dice.randint(1, 900)}"
        row["village"] = dice.choice(_VILLAGES)
    elif kind == 12 and not row["second_surname"]:
        row["given_names"], row["first_surname"] = row["first_surname"], row["given_names"]
    elif kind == 13:
        row["phone"] = f"+51 {row['phone']}" if row["phone"] else ""


def one_list(seed: int, households: int, mixture: Mixture) -> list[Row]:
    """Return one list in which a share of the people were entered a second time."""
    dice = random.Random(seed)
    rows, number = [], 0
    for _ in range(households):
        for person in _household(dice, mixture):
            number += 1
            rows.append(_entry(dice, person, number, 1))
            if dice.random() < mixture.entered_again:
                again = _entry(dice, person, number, 2)
                for _ in range(dice.randint(0, mixture.faults)):
                    _fault(dice, again)
                rows.append(again)
    dice.shuffle(rows)
    return rows


def two_lists(seed: int, households: int, mixture: Mixture) -> tuple[list[Row], list[Row]]:
    """Return two lists that share a part of their people, each in its own spelling."""
    dice = random.Random(seed)
    left, right, number = [], [], 0
    for _ in range(households):
        in_both = dice.random() < 0.5
        for person in _household(dice, mixture):
            number += 1
            if in_both or dice.random() < 0.5:
                left.append(_entry(dice, person, number, 1))
            if in_both or left[-1:] == [] or left[-1]["id"] != f"p{number}-1":
                row = _entry(dice, person, number, 2)
                for _ in range(dice.randint(0, mixture.faults)):
                    _fault(dice, row)
                right.append(row)
    dice.shuffle(left)
    dice.shuffle(right)
    return left, right


def with_whole_names(rows: list[Row]) -> list[Row]:
    """Return the rows with one column for the whole name, as many lists have it."""
    made = []
    for row in rows:
        names = (row["given_names"], row["first_surname"], row["second_surname"])
        rest = {column: value for column, value in row.items() if column not in COLUMNS[1:4]}
        made.append({"id": rest.pop("id"), "name": " ".join(filter(None, names)), **rest})
    return made


def person_of(row_id: str) -> str:
    """Return the person an id names."""
    return row_id.partition("-")[0]


def true_pairs(*lists: list[Row]) -> set[tuple[str, str]]:
    """Return the pairs of ids that are one person, the smaller first, across lists if two."""
    people: dict[str, list[tuple[int, str]]] = {}
    for side, rows in enumerate(lists):
        for row in rows:
            people.setdefault(person_of(row["id"]), []).append((side, row["id"]))
    return {
        tuple(sorted((a, b)))
        for entries in people.values()
        for side_a, a in entries
        for side_b, b in entries
        if a < b and (len(lists) == 1 or side_a != side_b)
    }
