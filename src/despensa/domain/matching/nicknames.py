"""
Short and pet forms of given names that do not begin like the name they stand for.

*Dan* for *Daniel* needs no table: one is the beginning of the other. Here are *Pepe* for *José*,
*Bob* for *Robert*, *Саша* for *Александр*. A form that several names have stands with the one most
people have; a form that is mostly a name of its own (Jack, Harry, Max) is left out. Written for
this program from what is common knowledge; words stand folded, so *José* and *JOSE* are one.
"""

from collections.abc import Mapping
from types import MappingProxyType

from despensa.domain.matching.normalise import fold

# English, Spanish, French, Portuguese, Arabic, Russian and Ukrainian: name, its forms.
_FORMS = """
Robert: Bob Bobby Bobbie Rob Robbie
William: Bill Billy Willie Liam
Richard: Dick Rick Ricky Rich
Margaret: Peggy Meg Maggie Madge Greta Peg
Elizabeth: Betty Bess Beth Betsy Liz Lizzie Lisbeth Bettie Libby Eliza
James: Jim Jimmy Jimmie Jamie
John: Johnny Jon
Edward: Ted Teddy Ned Eddie
Charles: Chuck Charlie Chas
Katherine: Kate Katie Kathy Kitty Kay Catherine Kathryn Cathy Katy
Michael: Mike Mick Mickey Mikey
Thomas: Tommy
Rebecca: Becky Becca
Patricia: Trish Tricia Patty Patti Pati
Jennifer: Jenny Jen
Anthony: Tony
Andrew: Drew Andy
Lawrence: Larry
Henry: Hank Hal
Theodore: Theo
Dorothy: Dot Dottie Dolly
Mary: Molly Polly Mamie
Martha: Patsy Mattie
Sarah: Sally Sadie
Susan: Sue Susie Suzy
Barbara: Babs Barb
Deborah: Debbie Deb Debra
Alexander: Sandy Alec Alex Sacha Sasha Shura Саша Шура Саня Сашко Олександр
Benjamin: Benny
Frederick: Freddie Fritz
Gerald: Gerry Jerry
Joseph: Joe Joey
Matthew: Matt Matty
Nicholas: Nick Nicky Colin
Ronald: Ron Ronnie
Stephen: Steve
Virginia: Ginny
Abigail: Gail
Eleanor: Nell Nellie Nora
Helen: Nelly
Christopher: Kit
Francisco: Paco Pancho Paquito Kiko Curro Quico Frasquito Chico Pacho Fran
José: Pepe Pepito Chepe Pepín Zé Zeca Zezinho Cheo
Josefa: Pepa Pepita Fina Chepa Josefina
Ignacio: Nacho Iñaki
Jesús: Chuy Chucho Suso
Guadalupe: Lupe Lupita
Dolores: Lola Loli Lolita
Concepción: Concha Conchita Inmaculada
Enrique: Quique Kike
Manuel: Manolo Lolo Manu Nelo Manoel Mané
Isabel: Chabela Chavela Isa Belita
Rosario: Charo Chayo Charito
Mercedes: Meche Merche
Consuelo: Chelo
Guillermo: Memo Guille
Eduardo: Lalo Edu Dudu
Antonio: Toño Toni Antón Toninho Tonho
Luis: Lucho Güicho
Alberto: Beto
Roberto: Beto
Rafael: Rafa Rafita
Santiago: Chago Yago
Vicente: Chente
Gregorio: Goyo
Refugio: Cuca
Teresa: Tere Maité
Pilar: Pili
Rosa: Rosita
Ana: Anita
Juan: Juancho
Alejandro: Jano Álex Ale
Fernando: Nando
Hernando: Nando
Leonardo: Leo
Salvador: Chava
Sebastián: Chebo
Graciela: Chela
Marcela: Chela
Beatriz: Bea Bety
Gabriela: Gaby
Patricio: Pato
Sergio: Checo
Miguel: Migue
Feliciano: Chano
Luciano: Chano
Ramón: Moncho
Maximiliano: Maxi
Ricardo: Rica Cado
Esperanza: Pera
Encarnación: Encarna
Soledad: Sole
João: Janjão Joãozinho
Sebastião: Tião
Aparecida: Cida
Raimunda: Mundinha
Raimundo: Mundinho
Geraldo: Gegê
Severino: Biu
Terezinha: Teca
Marguerite: Margot
Jacques: Jacquot
Philippe: Fifi
Henri: Riton
Auguste: Gugus
Élisabeth: Babette Lisette
Geneviève: Ginette
Madeleine: Mado
Suzanne: Suzon Zette
Louise: Loulou
Mohammed: Mamadou Hamoudi Hammouda Mohand Moha Memo Mehmet Mehmed Mamadú محمد حمودة حمود حمادة Мехмед Магомед Мухаммед
Fatima: Fatou Fattouma Fatoumata Fatma Fattoum Tima فاطمة فطوم فطومة بطة
Khadija: Khaddouj Kadidia Khadidiatou خديجة خدوج
Zainab: Zouzou Zannouba زينب زنوبة زوزو
Abdullah: Abboud Abdou Abdoulaye عبود
Ibrahim: Barhoum Ibrahima Brahim Ibra إبراهيم برهوم
Ismail: Smail Smaïn إسماعيل سماعين
Mustafa: Moustapha Darsh مصطفى درش
Yusuf: Youssouf Yusef يوسف
Suleiman: Salloum Souleymane سليمان سلوم
Hussein: Hassouna حسين حسونة
Ali: Allouche Alilou علي علوش علاوي
Khalid: Khallouda خالد خلودي
Aisha: Aïssatou Awa Ayoush عائشة عيوش عيشة
Maryam: Mariama Maryouma مريم مريومة
Omar: Oumar Ammoura عمر عمورة
Ahmed: Amadou Hamdi أحمد
Дмитрий: Дима Митя Димон Dima Mitya Дмитро
Евгений: Женя Евгения Zhenya
Михаил: Миша Misha Михайло Мишка
Екатерина: Катя Katya Катерина Катюша
Татьяна: Таня Tanya Тетяна
Мария: Маша Masha Маруся Марійка
Анастасия: Настя Nastya Стася
Наталья: Наташа Natasha Наталия
Владимир: Вова Володя Vova Volodya Володимир
Алексей: Лёша Алёша Леша Lyosha Олексій
Сергей: Серёжа Серега Сергій
Николай: Коля Kolya Микола
Павел: Паша Pasha Павло
Пётр: Петя Петро
Иван: Ваня Vanya
Юрий: Юра Yura
Ольга: Оля Olya
Елена: Лена Алёна Lena Олена
Людмила: Люда Мила Люся Lyuda
Светлана: Света Sveta Світлана
Ирина: Ира Ira
Анна: Аня Нюра Anya Ганна
Дарья: Даша Dasha
Елизавета: Лиза Liza Єлизавета
Ксения: Ксюша Аксинья Оксана
Юлия: Юля Yulya
Георгий: Жора Гоша Егор Юрко
Константин: Костя Kostya
Борис: Боря
Григорий: Гриша Grisha Григорій
Василий: Вася Vasya Василь
Степан: Стёпа
Фёдор: Федя
Лариса: Лара
Галина: Галя
Надежда: Надя
Любовь: Люба
Валентина: Валя
Антонина: Тоня
Вячеслав: Слава
Станислав: Стас
Анатолий: Толя
Виктор: Витя
Леонид: Лёня
Роман: Рома
Тимофей: Тима
Яков: Яша
Виктория: Вика
"""


def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _FORMS.strip().splitlines():
        name, _, forms = line.partition(": ")
        for form in forms.split():
            found.setdefault(fold(form), fold(name))
    return found


NAME_OF: Mapping[str, str] = MappingProxyType(_table())
# Words known to be given names, folded.
GIVEN_NAMES = frozenset({*NAME_OF, *NAME_OF.values()})


def name_of(folded: str) -> str:
    """
    Return the name a folded word is a short form of, else the word itself.

    >>> name_of("PEPE"), name_of("BOB"), name_of("ROSA"), name_of(fold("Катя"))
    ('JOSE', 'ROBERT', 'ROSA', 'EKATERINA')
    """
    return NAME_OF.get(folded, folded)
