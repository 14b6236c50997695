from datetime import date, timedelta

import pytest

from despensa.domain.catalogue import (
    Attested,
    Catalogue,
    Fact,
    FactType,
    Purpose,
    Subject,
)
from despensa.domain.cycle_life import DISPUTE_DAYS, disputed_until
from despensa.domain.retention import (
    DRAFT_DAYS,
    Published,
    RuleUse,
    due,
    endings,
)

START = date(2026, 1, 1)
KEPT = 30


def after(days):
    return START + timedelta(days=days)


def a_fact(name="displaced", purposes=(Purpose.RULE,), retention_days=KEPT):
    return Fact(
        name, Subject.HOUSEHOLD, FactType.BOOL, purposes, (Attested.DECLARED,), retention_days,
        ("registrar",), {},
    )  # fmt: skip


def version(number, day, *facts):
    by_name = {fact.name: fact for fact in facts}
    return Published(Catalogue("core", number, facts, by_name), after(day))


def reads(*names, until=None, last_cycle=None):
    return RuleUse(
        frozenset(names),
        None if until is None else after(until),
        None if last_cycle is None else disputed_until(after(last_cycle)),
    )


def ended(history, uses=(), destroyed=(), today=10_000):
    return {
        one.fact.name: ((one.on - START).days, (one.due - START).days)
        for one in endings(history, uses, destroyed=destroyed)
        if one.on <= after(today)
    }


def test_delivery_and_a_named_report_are_purposes_while_the_catalogue_names_them():
    history = [version(1, 0, a_fact("language", (Purpose.DELIVERY,)),
                       a_fact("age_band", (Purpose.REPORT,)))]  # fmt: skip

    assert ended(history) == {}


def test_a_fact_of_a_rule_in_use_lives():
    assert ended([version(1, 0, a_fact())], [reads("displaced")]) == {}


def test_a_rule_that_was_replaced_needs_its_facts_until_its_cycles_can_be_disputed_no_more():
    history = [version(1, 0, a_fact())]
    last = 100 + DISPUTE_DAYS + 1

    assert ended(history, [reads("displaced", until=50)]) == {"displaced": (50, 50 + KEPT)}
    assert ended(history, [reads("displaced", until=50, last_cycle=100)]) == {
        "displaced": (last, last + KEPT)
    }
    assert ended(history, [reads("displaced", until=50, last_cycle=100)], today=last - 1) == {}


def test_the_last_of_several_rules_counts():
    history = [version(1, 0, a_fact())]
    uses = [reads("displaced", until=50), reads("displaced", until=70), reads("other")]

    assert ended(history, uses) == {"displaced": (70, 70 + KEPT)}
    assert ended(history, [*uses, reads("displaced")]) == {}


def test_a_fact_that_no_rule_ever_read_was_held_for_a_draft():
    history = [version(1, 5, a_fact())]

    assert ended(history) == {"displaced": (5 + DRAFT_DAYS, 5 + DRAFT_DAYS)}
    assert ended(history, today=5 + DRAFT_DAYS - 1) == {}


def test_a_fact_that_a_version_leaves_out_ends_that_day():
    history = [
        version(1, 0, a_fact("language", (Purpose.DELIVERY,)), a_fact()),
        version(2, 40, a_fact()),
        version(3, 60, a_fact()),
    ]

    assert ended(history, [reads("displaced")]) == {"language": (40, 40 + KEPT)}


def test_a_purpose_given_up_is_the_end_even_if_the_fact_stays():
    history = [
        version(1, 0, a_fact(purposes=(Purpose.DELIVERY, Purpose.RULE))),
        version(2, 300, a_fact()),
    ]

    assert ended(history) == {"displaced": (300, 300 + KEPT)}


def test_a_version_that_takes_a_fact_back_before_its_end_keeps_it():
    language = a_fact("language", (Purpose.DELIVERY,))
    history = [version(1, 0, language, a_fact()), version(2, 40, a_fact()),
               version(3, 50, language, a_fact())]  # fmt: skip

    assert "language" not in ended(history, [reads("displaced")])


def test_what_was_destroyed_is_over_and_begins_anew_in_a_later_version():
    history = [version(1, 0, a_fact())]
    gone = {("displaced", 1)}

    assert ended(history, [reads("displaced", until=50)], gone) == {}
    history.append(version(2, 400, a_fact()))
    assert ended(history, [reads("displaced", until=50)], gone) == {
        "displaced": (400 + DRAFT_DAYS, 400 + DRAFT_DAYS)
    }


def test_the_versions_whose_keys_go_are_named():
    language = a_fact("language", (Purpose.DELIVERY,))
    history = [version(1, 0, language, a_fact()), version(2, 10, language, a_fact(), a_fact("x")),
               version(3, 40, a_fact())]  # fmt: skip

    [ending] = [one for one in endings(history, [reads("displaced", "x")], destroyed=()) if one.fact.name == "language"]  # fmt: skip

    assert ending.versions == (1, 2)


@pytest.mark.parametrize(("day", "count"), [(50 + KEPT - 1, 0), (50 + KEPT, 1)])
def test_values_stay_until_the_day_of_their_retention(day, count):
    found = endings([version(1, 0, a_fact())], [reads("displaced", until=50)], destroyed=())  # fmt: skip

    assert len(due(found, after(day))) == count
