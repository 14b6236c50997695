"""People registered twice at the desk: a list without names, side by side, decided, undone."""

import pytest
from django.urls import reverse

from despensa.domain.duplicate import Verdict
from despensa.domain.matching.reason_codes import REASON_CODES
from despensa.entrypoints.office import duplicate_words
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from tests.entrypoints.office.test_household_changes import hidden
from tests.factories.observing import count
from tests.usecases.test_duplicates import EVERYWHERE, noticed, two_people


def names_of(answer):
    return {side.name for side in answer.context["page"].sides}


def test_the_list_names_nobody_and_opening_is_a_look_at_both(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    (_, one), (_, other) = two_people(registered_books)
    pair = noticed(registered_books, one, other)
    looks = count(REGISTRY, "access_entry")

    listed = client.get(reverse("office:duplicates"))
    assert count(REGISTRY, "access_entry") == looks
    opened = client.get(reverse("office:duplicate_pair", args=[pair]))

    assert count(REGISTRY, "access_entry") == looks + 2
    assert all(name and name in opened.content.decode() for name in names_of(opened))
    assert not any(name in listed.content.decode() for name in names_of(opened))
    assert listed.context["page"].waiting == 1


def test_told_apart_by_the_page_and_never_brought_again(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    (_, one), (_, other) = two_people(registered_books)
    pair = noticed(registered_books, one, other)
    address = reverse("office:duplicate_pair", args=[pair])

    answer = client.post(address, {"verdict": "not_same", "seen": "0"})
    late = client.post(address, {"verdict": "asked", "seen": "0"}, follow=True)

    assert answer["Location"].startswith(reverse("office:duplicate_next"))
    assert "that was decided and stays" in late.content.decode()
    assert queries.pair(pair).decided.verdict is Verdict.NOT_SAME
    assert queries.waiting(5, reach=EVERYWHERE) == []


def test_one_person_is_previewed_done_and_undone(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    (_, one), (_, other) = two_people(registered_books)
    pair = noticed(registered_books, one, other)
    address = reverse("office:duplicate_same", args=[pair])

    preview = client.get(address)
    assert preview.context["page"].sentences
    assert queries.pair(pair).decided.verdict is None
    form = hidden(preview)
    without_why = client.post(address, form)
    assert without_why.status_code == 422
    done = client.post(address, form | {"reason": "3"}, follow=True)
    assert queries.pair(pair).decided.verdict is Verdict.SAME
    page = done.context["page"]
    assert page.undo_url

    undo = client.get(page.undo_url)
    client.post(page.undo_url, hidden(undo) | {"reason": "17"})

    assert queries.pair(pair).decided.verdict is None
    assert queries.count_waiting(reach=EVERYWHERE) == 1


def test_a_search_is_proposed_once_and_by_whoever_reaches_everything(registered_books, signed_in):
    client = signed_in(registered_books, "ana")

    answer = client.post(reverse("office:duplicates_run"))

    assert "/proposals/" in answer["Location"]
    shown = client.get(answer["Location"])
    assert "registered twice" in shown.content.decode()
    listed = client.get(reverse("office:duplicates"))
    assert listed.context["page"].run_waits is not None


@pytest.mark.parametrize("language", ["es", "ar"])
def test_every_reason_has_words_in_every_language(language):
    from django.utils import translation

    assert set(duplicate_words.REASONS) == set(REASON_CODES.values())
    english = {code: str(word) for code, word in duplicate_words.REASONS.items()}
    with translation.override(language):
        told = {code: str(word) for code, word in duplicate_words.REASONS.items()}
    assert not {code for code in told if told[code] == english[code]}
