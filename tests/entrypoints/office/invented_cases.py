"""Invented pages about cases."""

from despensa.domain.redemption.verdict import Verdict
from despensa.entrypoints.office import case_words as words
from despensa.entrypoints.office.case_pages import CaseRow, CasesPage
from despensa.entrypoints.office.parts import Choice, FieldError
from tests.entrypoints.office.invented_parts import TODAY

_VERDICTS = tuple(Choice(str(int(one)), word) for one, word in words.VERDICTS.items())


def cases() -> CasesPage:
    return CasesPage(
        (
            CaseRow(
                "1", words.CAUSES["OVER_LEASE"], "7F3A-21C0", "Casa comunal", TODAY,
                "1 Food parcel", 0, words.OPEN, judge_url="/x/",
            ),
            CaseRow(
                "2", words.CAUSES["FORKED_JOURNAL"], "C2C2-9A01", "", None, "", 12,
                words.ONE_WORD,
            ),
            CaseRow(
                "3", words.CAUSES["OVER_BALANCE"], "7F3A-21C0", "مدرسة النور", TODAY,
                "2 Food parcel", 0, words.CLOSED, words.VERDICTS[Verdict.LIST_RELEASED],
            ),
        ),
        _VERDICTS,
        (FieldError("id_1", words.CHOOSE),),
    )  # fmt: skip


def none() -> CasesPage:
    return CasesPage((), _VERDICTS)
