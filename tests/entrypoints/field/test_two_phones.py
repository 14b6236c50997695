"""Two phones at one point: tables, a card shown at both, a replaced card, a killed tab, the log's proof."""

import pytest

from despensa.domain.eligibility.paper import slip_text
from despensa.entrypoints.jobs import merging, replacing, rounds
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.usecases.revoke_device import revoke_device
from tests.entrypoints.field.day import SECOND_PIN, enrolled, handed, prepared, read_by

ENTITLEMENT, EMERGENCY = 3, 10
# unknown, or needs information: the household gets the minimum line
NOT_HERE = {7, 11}


@pytest.fixture
def tables(opened_books, new_context, office_address):
    """Two phones in two browsers, each with half of one session's households."""
    address = office_address(opened_books)
    session, households = opened_books.new_session("P01"), opened_books.entitled()
    days = []
    for table, name in ((1, "lucia"), (2, "omar")):
        context = new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        day = enrolled(opened_books, context, address, name)
        prepared(day, session=session, households=households[table - 1 :: 2], table=table)
        day.operator = name
        days.append(day)
    yield days
    problems = [problem for day in days for problem in day.problems]
    assert not problems, "\n".join(problems)


def offline(day):
    day.context.set_offline(True)
    day.page.reload()
    day.page.wait_for_selector("html[data-ready]")
    day.enter(day.operator)


def online(day):
    day.context.set_offline(False)
    day.page.evaluate("dispatchEvent(new Event('online'))")
    day.sent()


def kept(day):
    """Return how many events lie in the phone's store."""
    return day.page.evaluate("""async () => {
      const open = indexedDB.open("despensa-phone");
      const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
      const asked = database.transaction("event").objectStore("event").count();
      return new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    }""")


def replaced(books, old):
    """Return the text of a new card for a household, and of the slip that tells the phone."""
    [[new], *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1")
    [[home]] = fetch(REGISTRY, "SELECT household_id FROM card WHERE number = %s", (old,))
    acting = books.acting("ana")
    replacing.replace(old, new, home, books.tools, acting=acting)
    [slip] = replacing.slips(old, new, home, books.tools, acting=acting)
    return books.card_texts[new], slip_text(slip.signed)


def test_a_day_of_two_tables_from_the_list_to_the_proof_in_the_log(tables):
    one, two = tables
    books = one.books
    first, second, third = (books.card_texts[numbers[0]] for _, numbers, _ in books.entitled()[:3])
    old = books.entitled()[2][1][0]
    new, slip = replaced(books, old)
    # the first table was prepared before the second: it learns of it when it asks again
    one.page.evaluate("document.querySelector('[data-told]').dataset.told = 'before'")
    one.act("fetch")
    one.page.wait_for_selector("[data-told='lease.ready']")
    for day in tables:
        offline(day)
        day.act("open")
        day.act("scan")

    each_card_at_its_own_table(one, two, first, second)
    a_replaced_card_with_its_slip(one, third, new, slip)
    two_people_for_a_card_of_the_other_table(two, first)
    written = [day.unsent() for day in tables]
    for day in tables:
        online(day)
    merged = merging.merge_all(books.tools)

    assert merged.events == sum(written)
    assert (merged.posted, merged.excess) == (4, 0)
    assert ledger.check().is_balanced
    listed = [quantity for *_, goods in books.entitled()[:3] for _, quantity in goods]
    taken = dict(
        fetch(
            LEDGER,
            """SELECT account.kind, sum(amount)::bigint FROM transfer
               JOIN account ON account.id = debit AND account.unit = transfer.unit
               WHERE cause = 3 GROUP BY account.kind""",
        )
    )
    assert taken[ENTITLEMENT] == sum(listed)
    assert taken[EMERGENCY] > 0
    # nothing is forgotten on the server's word alone, everything on the log's
    assert [kept(day) for day in tables] == written
    rounds.seal_log(books.tools)
    for day in tables:
        proven(day)
    assert [kept(day) for day in tables] == [0, 0]


def each_card_at_its_own_table(one, two, first, second):
    # the card of the first table, shown at the second, is sent to the first
    assert two.scan(first) in NOT_HERE
    assert "table 1" in two.page.inner_text("[data-screen=refused]")
    two.act("next")
    given(one, first)
    assert one.scan(second) in NOT_HERE
    assert "table 2" in one.page.inner_text("[data-screen=refused]")
    one.act("next")
    given(two, second)


def a_replaced_card_with_its_slip(one, old, new, slip):
    # a replaced card is unknown until its slip is read, also after the tab was killed
    assert one.scan(new) in NOT_HERE
    one.act("next")
    one.screen("scan")
    one.show(slip)
    one.page.wait_for_selector("[data-screen=slip][data-word='slip.taken']")
    one.kill_tab()
    one.enter("lucia")
    one.act("scan")
    one.screen("scan")
    one.show(slip)
    one.page.wait_for_selector("[data-screen=slip][data-word='slip.replayed']")
    one.act("next")
    assert one.scan(old) in NOT_HERE
    one.act("next")
    given(one, new)
    assert one.scan(new) == 12
    one.act("next")


def two_people_for_a_card_of_the_other_table(two, first):
    # two people hand over at the wrong table on the person's word: counted as cost, not as theft
    assert two.scan(first) in NOT_HERE
    two.act("supervised")
    two.screen("second")
    two.act("operator")
    two.pin(SECOND_PIN, is_new=True)
    two.screen("supervised")
    two.act("give")
    two.screen("done")


def given(day, card):
    assert day.scan(card) is None
    day.act("give")
    day.screen("done")
    day.act("next")


def proven(day):
    day.page.reload()
    day.page.wait_for_selector("html[data-ready]")
    day.enter(day.operator)
    day.act("day")
    day.page.wait_for_selector("[data-screen=day]")
    day.page.wait_for_function(
        "document.querySelector('header [data-unproven]').dataset.unproven === '0'"
    )


def test_one_phone_hands_its_rest_to_another_with_no_network(tables):
    one, two = tables
    books = one.books
    first, _, third, *_ = (books.card_texts[numbers[0]] for _, numbers, _ in books.entitled())
    for day in tables:
        offline(day)
        day.act("open")
    codes = handed(one, two)

    # spent where it was, kept where it went, through a killed tab
    for day in tables:
        day.kill_tab()
        day.enter(day.operator)
    one.act("scan")
    assert one.scan(first) in NOT_HERE
    assert "Another phone" in one.page.inner_text("[data-screen=refused]")
    two.act("handing")
    two.act("take")
    two.act("next")
    read_by(two, codes)
    two.page.wait_for_selector("[data-trouble=not_asked]")
    two.act("back")
    two.act("back")
    two.act("scan")
    given(two, first)
    two.act("type")
    two.page.fill("[name=number]", books.entitled()[2][1][0])
    two.act("confirm")
    two.screen("second")
    two.act("operator")
    two.pin(SECOND_PIN, is_new=True)
    assert two.verdict() is None
    two.act("give")
    two.screen("done")
    two.act("next")
    assert two.scan(third) == 12

    # the second phone alone proves what the first one released
    online(two)
    merged = merging.merge_all(books.tools)
    assert (merged.posted, merged.excess) == (2, 0)
    online(one)
    assert merging.merge_all(books.tools).excess == 0
    assert ledger.check().is_balanced


def test_a_phone_that_was_ended_gives_up_its_list_and_still_sends(tables):
    one, _ = tables
    offline(one)
    one.act("open")
    revoke_device(one.device, reach=one.books.reach("lucia"), acting=one.books.acting("lucia"))
    one.context.set_offline(False)
    one.act("fetch")
    one.page.wait_for_selector("[data-told='device.revoked']")
    one.act("scan")
    assert one.scan(one.texts()[0]) == 6
    one.sent()

    assert fetch(LEDGER, "SELECT count(*) FROM fork WHERE device = %s", (one.device,)) == [(2,)]


def left_of(day):
    """Return what lies in a phone's store of whom it served: marks, list, district, counts."""
    return day.page.evaluate("""async () => {
      const open = indexedDB.open("despensa-phone");
      const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
      const store = (name) => database.transaction(name).objectStore(name);
      const names = ["lease", "district", "counts"].map((name) => store("phone").get(name));
      const [marks, list, district, counts] = await Promise.all(
        [store("mark").count(), ...names].map((one) => new Promise((resolve) => {
          one.onsuccess = () => resolve(one.result ?? null);
        })));
      return [marks, list, district, counts !== null];
    }""")


def the_day_is_reported_item_by_item(day):
    """Count what was brought and what is left of the first item; the phone says the difference."""
    day.act("day")
    day.act("report")
    item = day.page.wait_for_selector("[data-item]")
    unit, given = item.get_attribute("data-item"), int(item.get_attribute("data-given"))
    [*_, goods] = day.books.entitled()[0]
    assert given == dict(goods)[int(unit)]
    day.page.fill(f"[name=brought-{unit}]", str(given + 10))
    day.page.fill(f"[name=left-{unit}]", "8")
    day.page.wait_for_selector("[data-difference='-2']")
    day.act("back")


def test_a_list_whose_time_is_over_leaves_no_trace_and_papers_are_numbered(tables):
    one, _ = tables
    one.act("open")
    one.act("day")
    one.act("paper")
    one.page.fill("[name=serial]", "a-0412")
    one.act("confirm")
    one.act("back")
    one.act("scan")
    assert one.scan(one.texts()[1]) in NOT_HERE
    assert "A-0412" in one.page.inner_text(".paper")
    one.act("next")
    assert one.scan(one.texts()[0]) is None
    one.act("give")
    one.screen("done")
    one.act("next")
    one.act("back")
    the_day_is_reported_item_by_item(one)
    one.act("close")
    one.act("return")
    one.sent()
    # given back, the list is gone and what was collected stays known until the list's time is over
    assert left_of(one) == [1, None, None, True]
    one.books.clock.forward(days=8)
    one.page.clock.set_fixed_time(one.books.clock.at)
    for day in tables:
        day.page.clock.set_fixed_time(one.books.clock.at)
        day.kill_tab()
        day.enter(day.operator)
    one, two = tables

    assert left_of(one) == left_of(two) == [0, None, None, False]
    one = two
    assert one.page.get_attribute("footer [data-told]", "data-told") == "lease.expired"
    merging.merge_all(one.books.tools)
    assert fetch(LEDGER, "SELECT count(*) FROM refusal") == [(1,)]
