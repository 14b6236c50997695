"""Areas from a boundary table: at once, by two people, twice, and interrupted."""

import pytest

from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.reach import OutOfReach
from despensa.domain.registration.gazetteer import GazetteerError, Place
from despensa.entrypoints.jobs import actions, areas
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import digests


def table(books, **names):
    """The table of two levels under the workspace's own country."""
    root = books.tools.workspace.country
    called = {"en": "North"} | names
    return (
        Place(root, None, 0, {"en": "Another name"}),
        Place("T01", root, 1, called),
        Place("T0101", "T01", 2, {"en": "Town", "ar": "مدينة"}),
    )


def take_in(books, places, person="ana"):
    return areas.take_in(places, books.tools, acting=books.acting(person))


def stored():
    return dict(fetch(REGISTRY, "SELECT pcode, names FROM area"))


def test_new_areas_come_in_at_once_and_the_root_keeps_its_name(founded_books):
    books = founded_books
    before = stored()

    done = take_in(books, table(books)).imported

    assert (done.added, done.changed) == (2, 0)
    assert stored() == before | {"T01": {"en": "North"}, "T0101": {"en": "Town", "ar": "مدينة"}}
    rows = fetch(
        REGISTRY,
        """SELECT parent.pcode FROM area JOIN area parent ON parent.id = area.parent_id
           WHERE area.pcode = 'T0101'""",
    )
    assert rows == [("T01",)]


def test_the_same_table_twice_changes_nothing_and_leaves_no_leaf(founded_books):
    books = founded_books
    take_in(books, table(books))
    before = digests(books.endpoints)

    done = take_in(books, table(books)).imported

    assert (done.added, done.unchanged) == (0, 2)
    assert digests(books.endpoints) == before


def test_a_changed_name_waits_for_a_second_person(founded_books):
    books = founded_books
    take_in(books, table(books))

    answer = take_in(books, table(books, en="Upper North"))
    assert answer.imported is None
    assert stored()["T01"] == {"en": "North"}
    said = actions.carry_out(books.approved(answer.proposal), books.tools)

    assert said == "0 areas added, 1 changed"
    assert stored()["T01"] == {"en": "Upper North"}


def test_an_approval_is_about_the_areas_as_they_were(founded_books):
    books = founded_books
    take_in(books, table(books))
    first = take_in(books, table(books, en="First")).proposal
    second = take_in(books, table(books, en="Second", es="Norte")).proposal
    both = [books.approved(one) for one in (first, second)]
    actions.carry_out(both[1], books.tools)
    take_in(books, table(books, en="Second", es="Norte"))

    assert stored()["T01"] == {"en": "Second", "es": "Norte"}
    actions.carry_out(both[0], books.tools)
    with pytest.raises(actions.NotCarriedOut, match="carried out before"):
        actions.carry_out(both[0], books.tools)
    assert stored()["T01"] == {"en": "First", "es": "Norte"}


def test_a_table_that_became_something_else_meanwhile_is_refused(founded_books):
    books = founded_books
    take_in(books, table(books))
    waiting = take_in(books, (*table(books, en="New"), Place("T02", "T01", 2, {})))
    proposal = books.approved(waiting.proposal)
    take_in(books, (*table(books), Place("T02", "T01", 2, {})))

    with pytest.raises(ApprovalInvalid, match="import it again"):
        actions.carry_out(proposal, books.tools)

    assert stored()["T01"] == {"en": "North"}


def test_another_country_and_another_persons_part_are_refused(founded_books):
    books = founded_books
    before = stored()

    with pytest.raises(GazetteerError):
        take_in(books, (Place("ZZ", None, 0, {}), Place("ZZ1", "ZZ", 1, {})))
    with pytest.raises(OutOfReach):
        take_in(books, table(books), person="samir")

    assert stored() == before
