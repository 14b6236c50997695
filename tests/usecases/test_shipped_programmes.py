"""The programmes that come as examples, each from its file to an open cycle, side by side."""

from importlib import resources

from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions, cataloguing, cycle, proposing_cycles
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.records.programmes import queries
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from tests.domain.eligibility.test_examples import WITH_TOKEN
from tests.factories import books as factory
from tests.factories.shelf import as_owner

UNITS = {"parcel": 1, "minor": 2, "pharmacy_voucher": 3}
# so that each rule reaches somebody: the invented register asks about none of these
ANSWERS = """
    UPDATE registrant SET facts = facts ||
        CASE WHEN birth_month < '1960-01-01' THEN '{"prescription_token": true}'
             WHEN sex = 2 THEN '{"pregnant_or_nursing": true}' ELSE '{}' END::jsonb;
    UPDATE household SET facts = facts || '{"income_monthly_minor": 20000}'
"""
NAMES = ("food-parcel", "maternal-grant", "pension-top-up", "cooking-gas", "prescription-voucher")


def _published(books, name):
    text = resources.files("despensa.data").joinpath(f"rules/{name}.yaml").read_text("utf-8")
    rule = parse_text(text)
    given = {line.unit for line in rule.benefit}
    books.programme = define_programme(
        ProgrammeOutline(
            name,
            {"es": name},
            books.root_area,
            tuple((UNITS[unit], unit, {"es": unit}) for unit in sorted(given)),
        ),
        acting=books.acting("jorge"),
    )
    waiting = books.proposal(
        "jorge",
        "publish_rule",
        Reason.PUBLISHED_PROGRAMME,
        scope=(books.programme.bytes, None, None),
        parameters=(text,),
        inputs=(rule_hash(rule),),
    )
    actions.carry_out(books.approved(waiting), books.tools)
    books.rule = queries.latest_rule(books.programme)


def _opened(books, name):
    drafted = factory.new_cycle(books, f"{name}-1")
    decided = cycle.freeze_and_decide(drafted, books.tools, acting=books.acting("jorge"))
    waiting = proposing_cycles.propose_opening(queries.cycle(drafted), acting=books.acting("jorge"))
    actions.carry_out(books.approved(waiting), books.tools)
    return drafted, decided


def test_every_shipped_programme_goes_from_its_file_to_an_open_cycle(registered_books):
    books = registered_books
    catalogue = cataloguing.propose(WITH_TOKEN, acting=books.acting("jorge"))
    actions.carry_out(books.approved(catalogue), books.tools)
    with as_owner(books.endpoints, "registry") as connection:
        connection.execute(ANSWERS)
    [(homes,)] = fetch("registry", "SELECT count(*) FROM household")

    for name in NAMES:
        _published(books, name)
        drafted, decided = _opened(books, name)

        outcomes = queries.outcome_totals(drafted)
        promised = {unit: total for _, unit, _, total in queries.goods_totals(drafted)}
        assert decided == homes == sum(outcomes.values())
        assert sum(promised.values()) > 0, name

    [(owed,)] = fetch(LEDGER, "SELECT count(DISTINCT cycle) FROM account WHERE kind = 3")
    assert owed == len(NAMES)
