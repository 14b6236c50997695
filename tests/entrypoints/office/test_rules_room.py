"""The rule builder in the office: the form is the file, faults stand at their fields, counts are few."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.rewrite import written
from despensa.domain.eligibility.sketch import spoken_in
from despensa.entrypoints.jobs import actions, retention
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals
from tests.factories.books import rule_text
from tests.factories.observing import count

OLDER = "parameters-older_age-values-0-value"


def filled(page, **changes):
    """Return what a browser would send of the form as it is shown."""
    form = {"text": page.text.replace("\n", "\r\n"), "counted": page.count.token}
    for block in page.blocks:
        for field in block.every_field():
            if field.kind == "checks":
                form[field.name] = list(field.values)
            elif field.kind != "check" or field.value:
                form[field.name] = field.value
    return form | changes


@pytest.fixture
def office(decided_books, signed_in):
    """The builder as the programme manager has it: look(), press(do) and the page before."""

    at_door = signed_in

    class Office:
        books = decided_books
        signed_in = staticmethod(at_door)
        client = signed_in(decided_books, "jorge")
        page = None

        def url(self, name="rule_write"):
            return reverse(f"office:{name}", args=[decided_books.programme])

        def look(self, query=""):
            self.page = self.client.get(self.url() + query).context["page"]
            return self.page

        def press(self, do, **changes):
            answer = self.client.post(self.url(), filled(self.page, do=do, **changes))
            self.page = answer.context["page"]
            return self.page

        def counted(self, **changes):
            answer = self.client.post(self.url("rule_count"), filled(self.page, **changes))
            return answer.context["count"]

    return Office()


def test_the_form_of_a_published_version_sends_back_its_very_bytes(office):
    page = office.look()

    again = office.press("check")

    assert page.text == rule_text().replace("version: 1", "version: 2")
    assert again.text == page.text
    assert again.errors == ()
    assert again.is_checked
    kept = office.client.post(office.url(), filled(again, do="download"))
    assert kept.content.decode() == page.text
    assert "attachment" in kept["Content-Disposition"]


def test_one_field_changes_one_line_and_what_is_too_deep_stays(office):
    before = office.look().text.splitlines()

    after = office.press("keep", **{OLDER: "٦٥"}).text.splitlines()

    changed = [new.strip() for new, old in zip(after, before, strict=True) if new != old]
    assert changed == ["value: 65"]
    assert "              # asked only of those it can concern, so that nobody else" in "\n".join(
        after
    )


def test_a_rule_is_made_from_nothing_with_every_fault_at_its_field(office):
    office.look("?from=nothing")
    office.press("add:clauses")
    page = office.press("check")

    wrong = {error.field_id for error in page.errors}
    assert {"id_purpose", "id_clauses-1-when-0-what", "id_cases-0-sentence"} <= wrong
    assert all(str(error.message).strip() for error in page.summary)
    sentences = {
        f"clauses-1-sentences-{language}-{state}": f"{language} {state}"
        for language in ("es", "ar", "en")
        for state in ("met", "not_met", "unknown")
    }
    page = office.press(
        "check",
        **sentences,
        **{
            "purpose": "food", "title-ar": "سلة", "title-en": "Parcel",
            "clauses-1-when-0-what": "displaced", "clauses-1-code": "DISPLACED",
            "clauses-1-case-sentence": "It fled.", "clauses-1-case-state": "unknown",
            "cases-0-sentence": "A household that fled.", "cases-0-outcome": "needs_information",
        },
    )  # fmt: skip

    assert [str(error.message) for error in page.summary] == []
    tree = read_document(page.text).tree
    assert tree["clauses"][1]["when"] == {"fact": "displaced"}
    assert tree["facts"] == {"displaced": {"of": "household", "type": "boolean"}}
    assert tree["entitled_when"] == {"all": [{"clause": "LIVES_IN_AREA"}, {"clause": "DISPLACED"}]}
    proposed = office.client.post(office.url("rule_review"), {"text": page.text, "do": "propose"})
    [view] = proposals.waiting()
    assert proposed.url == reverse("office:proposal", args=[view.id])
    look = office.signed_in(office.books, "nour").get(proposed.url).context["page"].rule
    assert (look.last_version, look.text) == (1, page.text)
    assert {"DISPLACED", "YOUNG_CHILD"} <= {row.name for row in look.changes}
    actions.carry_out(office.books.approved(view.id), office.books.tools)
    assert queries.rule_versions(office.books.programme)[2] == page.text


def test_a_rule_in_one_language_is_refused_until_every_text_stands_in_all(office):
    one = rule_text()
    tree = spoken_in(read_document(one).tree, ["es"])
    sent = SimpleUploadedFile("r.yaml", written(tree).encode())
    office.page = office.client.post(office.url(), {"file": sent}).context["page"]
    refused = [(error.field_id, str(error.message)) for error in office.page.errors]

    page = office.press("add:languages-ar")
    page = office.press("add:languages-en")
    page = office.press("add:languages-en")
    faults = office.press("check").errors

    assert [where for where, _ in refused] == ["part_languages"] * 2
    assert "people here read ar too" in refused[0][1]
    tree = read_document(page.text).tree
    assert tree["languages"] == ["es", "ar", "en"]
    assert (
        tree["outcomes"]["entitled"]["en"] == "Your household receives this support in this cycle."
    )
    wrong = {error.field_id for error in faults}
    assert {"id_title-ar", "id_title-en", "id_clauses-1-sentences-ar-met"} <= wrong
    assert len(wrong) == len(faults)


def test_a_language_nobody_here_reads_can_be_taken_away(office):
    tree = spoken_in(read_document(rule_text()).tree, ["es", "ar", "en", "fr"])
    sent = SimpleUploadedFile("r.yaml", written(tree).encode())
    office.page = office.client.post(office.url(), {"file": sent}).context["page"]
    assert office.page.errors

    page = office.press("remove:languages-3")

    assert read_document(page.text).tree["languages"] == ["es", "ar", "en"]
    assert office.press("check").errors == ()


def test_only_what_counts_uses_up_a_count_and_each_is_logged(office):
    office.look()
    first = office.counted()
    leaves = count("registry", "journal")

    office.page = office.press("keep", counted=first.token)
    words_alone = office.counted(**{"title-en": "Other words"})
    more = office.counted(**{OLDER: "65"})

    assert (first.state, first.left_today) == ("told", 49)
    assert "fewer than 20" in first.entitled
    assert words_alone.left_today == 49
    assert (more.left_today, more.is_before_last_change) == (48, False)
    assert count("registry", "journal") == leaves + 1


def test_the_register_is_read_at_most_once_an_hour_for_counts_and_not_kept(office):
    books, facts = office.books, office.books.tools.workspace.facts
    office.look()
    first = office.counted()
    [ground] = facts.glob("preview-*")
    books.clock.forward(minutes=59)
    second = office.counted(**{OLDER: "65"})
    assert list(facts.glob("preview-*")) == [ground]
    assert second.as_of == first.as_of
    assert {file.name for file in ground.iterdir()} >= {"households.parquet", "members.parquet"}
    books.clock.forward(minutes=30)
    third = office.counted(**{OLDER: "70"})
    assert third.as_of > first.as_of
    assert ground not in facts.glob("preview-*")

    retention.carry_out(books.tools)

    assert not list(facts.glob("preview-*"))


def test_an_unfinished_draft_is_counted_without_its_words_or_says_what_is_missing(office):
    office.look("?from=nothing")
    counted = office.counted()
    office.press("add:clauses")
    missing = office.counted()
    filled_in = office.counted(**{"clauses-1-when-0-what": "displaced"})

    assert counted.state == "told"
    assert (missing.state, missing.missing_total) == ("unfinished", 1)
    assert missing.missing[0].field_id == "id_clauses-1-when-0-what"
    assert filled_in.state == "told"


def test_a_file_is_gone_on_with_or_refused_with_its_place(office):
    def send(text):
        return office.client.post(office.url(), {"file": SimpleUploadedFile("r.yaml", text)})

    good = send(rule_text().replace("A displaced man", "A displaced woman").encode())
    bad = send(b"format: 1\nrule: x\nmore: [")
    strange = send(rule_text().replace("priority", "x").replace("\ncases:", "\nclases:").encode())
    binary = send(b"\xff\xfe")

    assert good.status_code == 200
    assert "A displaced woman" in good.context["page"].text
    assert [answer.status_code for answer in (bad, strange, binary)] == [422, 422, 422]
    assert "line " in str(bad.context["page"].errors[0].message)
    assert "clases" in " ".join(str(one.message) for one in strange.context["page"].errors)


def test_parts_are_added_removed_and_moved(office):
    office.look()
    page = office.press("up:clauses-1")
    assert read_document(page.text).tree["clauses"][0]["code"] == "YOUNG_CHILD"
    page = office.press("remove:clauses-0")
    tree = read_document(page.text).tree
    assert "YOUNG_CHILD" not in str(tree["entitled_when"])
    for do in (
        "add:parameters", "add:parameters-child_age-values", "add:benefit", "add:cases",
        "add:budget", "add:priority", "add:budget-case-households", "add_test:clauses-0-when",
        "add:cases-0-household-members", "remove:cases-0-household-members-0",
        "remove_test:clauses-0-when-1", "remove:benefit-1", "remove:budget", "remove:cases-8",
        "remove:parameters-number_1", "add:x", "remove:rule-0", "up:clauses-99", "x", "add_step:a",
        "add:format", "remove_test:rule-0", "add_test:clauses", "add_step:benefit",
    ):  # fmt: skip
        page = office.press(do)
    assert read_document(page.text).tree["parameters"].keys() == tree["parameters"].keys()


def test_a_name_is_changed_everywhere_and_a_taken_one_is_not(office):
    office.look()
    page = office.press("check", **{"parameters-older_age-name": "pension_age"})
    assert "older_age" not in page.text
    assert page.errors == ()
    page = office.press("check", **{"parameters-pension_age-name": "child_age"})
    assert [error.field_id for error in page.errors] == ["id_parameters-pension_age-name"]


def test_who_may_not_run_cycles_reads_rules_and_writes_none(office, signed_in):
    samir = signed_in(office.books, "samir")

    assert samir.get(reverse("office:rules")).context["page"].programmes[0].may_write is False
    assert samir.get(office.url("rule_compare")).status_code == 200
    for name in ("rule_write", "rule_count", "rule_review"):
        assert samir.get(office.url(name)).status_code == 403
