"""`despensa grievance`: an appeal from the taking down to a paper that anybody can check."""

import pytest
from pypdfium2 import PdfDocument

from despensa.domain.appeal import Answer, Ground, Reason
from despensa.domain.receipt import Receipt, ReceiptKind
from despensa.entrypoints import appeal_words
from despensa.entrypoints.cli.sentences import day_text
from tests.entrypoints.cli.conftest import in_own_process
from tests.usecases.test_appeals import WORDS, staffed
from tests.usecases.test_change_household import a_home


def test_an_appeal_goes_from_the_desk_to_papers_that_are_checked_without_the_office(
    decided_books, at, sign_in, despensa, tmp_path
):
    books = at(staffed(decided_books))
    key = books.keeper.signatory.public_keys().authority.hex()
    (tmp_path / "words.txt").write_text(WORDS, encoding="utf-8")
    sign_in(books, "ana")
    asked = (
        "grievance", "bring", a_home()[0], "--ground", "fact_missing",
        "--words", tmp_path / "words.txt", "--request", books.acting().new_id(), "--json",
    )  # fmt: skip

    brought, again = despensa(*asked), despensa(*asked)
    appeal = brought.json["id"]
    printed = despensa("grievance", "paper", appeal, "--out", tmp_path / "es.pdf", "--json")
    forbidden = despensa("grievance", "answer", appeal, "--answer", "upheld")
    sign_in(books, "rosa")
    listed = despensa("grievance", "list", "--json")
    shown = despensa("grievance", "show", appeal, "--json")
    early = despensa("grievance", "paper", appeal, "--answered", "--out", tmp_path / "x.pdf")
    bare = despensa("grievance", "answer", appeal, "--answer", "not_upheld")
    answered = despensa(
        "grievance", "answer", appeal, "--answer", "not_upheld", "--reason", "facts_were_right"
    )
    arabic = despensa(
        *("grievance", "paper", appeal, "--answered", "--language", "ar"),
        *("--out", tmp_path / "ar.pdf"),
    )
    verified = in_own_process(
        "receipt", "verify", tmp_path / "es.pdf", "--authority-key", key, "--language", "es",
        "--json", env={"PATH": "/usr/bin", "HOME": str(tmp_path)}, cwd=tmp_path,
    )  # fmt: skip
    answer = despensa(
        "receipt", "verify", tmp_path / "ar.pdf", "--authority-key", key, "--json"
    ).json

    assert (brought.json["is_new"], again.json["is_new"]) == (True, False)
    assert (printed.code, forbidden.code, early.code, bare.code) == (0, 1, 1, 1)
    assert [one["id"] for one in listed.json] == [appeal]
    assert "text" not in listed.json[0]
    assert shown.json["text"] == WORDS
    assert (answered.code, arabic.code) == (0, 0), answered.err + arabic.err
    assert (verified.code, verified.json["kind"]) == (0, "appeal_brought"), verified.err
    assert verified.json["ground"] == "fact_missing"
    assert verified.json["appeal_until"] == brought.json["last_day"]
    assert verified.json["answer_until"] in " ".join(verified.json["sentences"])
    assert (answer["answer"], answer["reason"]) == ("not_upheld", "facts_were_right")
    assert answer["appeal_until"] == brought.json["last_day"]
    printed = [page.get_textpage().get_text_range() for page in PdfDocument(tmp_path / "es.pdf")]
    assert printed
    assert not any(word in text for text in printed for word in WORDS.split() if len(word) > 4)


def test_a_file_without_a_receipt_is_told_so(despensa, tmp_path):
    (tmp_path / "nothing.txt").write_text("nothing", encoding="utf-8")

    said = despensa("receipt", "verify", tmp_path / "nothing.txt", "--authority-key", "00" * 32)

    assert (said.code, "holds no receipt" in said.err) == (2, True)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_ground_answer_and_reason_is_said_in_every_language(language):
    english = "en" if language != "en" else "xx"
    for kind, said in ((Ground, appeal_words.ground_said), (Reason, appeal_words.reason_said)):
        spoken = [said(one, language) for one in kind]
        assert len(set(spoken)) == len(kind)
        assert (spoken == [said(one, english) for one in kind]) is (language == "en")

    for answer in (None, *Answer):
        receipt = Receipt(
            kind=ReceiptKind.APPEAL_BROUGHT if answer is None else ReceiptKind.APPEAL_ANSWERED,
            workspace_id=bytes(16), content_hash=bytes(32), day=1, serial="A-1",
            reason=96 if answer is Answer.NOT_UPHELD else None, appeal_until=90, answer_until=30,
            ground=1, answer=answer,
        )  # fmt: skip
        told = appeal_words.appeal_said(receipt, language, day_text)
        text = " ".join(told.sentences)
        assert told.title
        assert "{" not in text
        assert (day_text(90) in text) is (answer is not Answer.UPHELD)
