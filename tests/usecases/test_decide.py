"""Publishing a rule and deciding a cycle: once, as approved, and whole."""

import os
from dataclasses import replace

import pytest

from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.frozen import lot_commitment, lot_of
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rewrite import written
from despensa.domain.eligibility.sketch import spoken_in
from despensa.domain.encoding import dcbor
from despensa.domain.proposal import Reason
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints.jobs import actions, cycle
from despensa.entrypoints.jobs.facts_since import facts_since
from despensa.entrypoints.jobs.progress import Stopped
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store
from despensa.records.programmes.store import RuleKnown
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from tests.domain.eligibility.rules import PERSON_AND_BUDGET, changed
from tests.factories import books as factory
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.shelf import as_owner


def _rule(books, text, **changes):
    content = {
        "scope": (books.programme.bytes, None, None),
        "parameters": (text,),
        "inputs": (rule_hash(parse_text(text)),),
    }
    return books.approved(
        books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME, **content | changes)
    )


def _decide(books, cycle_id, told=None):
    return cycle.freeze_and_decide(cycle_id, books.tools, acting=books.acting("jorge"), told=told)


def test_a_rule_is_published_once_under_its_approval(decided_books):
    books = decided_books
    proposal = _rule(books, factory.rule_text().replace("version: 1", "version: 2", 1))
    actions.carry_out(proposal, books.tools)
    before = digests(books.endpoints)

    with pytest.raises(actions.NotCarriedOut, match="before"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before
    assert count(REGISTRY, "rule") == 2


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_publishing_nothing_is_published_and_it_may_be_repeated(
    decided_books, monkeypatch, after
):
    books = decided_books
    text = factory.rule_text().replace("version: 1", "version: 2", 1)
    proposal = _rule(books, text)
    before = digests(books.endpoints)
    for owner, name in ((store, "add_rule"), (journal_store, "append")):
        with monkeypatch.context() as patched:
            dies(patched, owner, name, after=after)
            with pytest.raises(Killed):
                actions.carry_out(proposal, books.tools)
        assert digests(books.endpoints) == before

    actions.carry_out(proposal, books.tools)

    assert queries.rule_versions(books.programme)[2] == text


def test_a_rule_in_too_few_languages_is_not_published(decided_books):
    text = written(spoken_in(read_document(factory.rule_text()).tree, ["en"]))

    with pytest.raises(actions.NotCarriedOut, match="people here read es too"):
        actions.carry_out(_rule(decided_books, text), decided_books.tools)

    assert count(REGISTRY, "rule") == 1


def test_a_rule_that_is_published_already_is_refused_with_a_sentence(decided_books):
    books = decided_books
    proposal = _rule(books, factory.rule_text())
    before = digests(books.endpoints)

    with pytest.raises(RuleKnown, match="published already"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_a_text_that_is_not_the_approved_one_is_not_published(decided_books):
    books = decided_books

    with pytest.raises(actions.NotCarriedOut, match="not the one"):
        actions.carry_out(_rule(books, factory.rule_text(), inputs=(bytes(32),)), books.tools)

    assert count(REGISTRY, "rule") == 1


def test_a_rule_for_no_programme_is_not_published(decided_books):
    with pytest.raises(actions.NotCarriedOut, match="no programme"):
        actions.carry_out(
            _rule(decided_books, factory.rule_text(), scope=(None, None, None)),
            decided_books.tools,
        )


def test_a_decided_cycle_is_not_decided_again(decided_books):
    books = decided_books
    before = digests(books.endpoints)

    with pytest.raises(cycle.AlreadyDecided, match="2026-11 was decided before"):
        _decide(books, books.cycle)

    assert digests(books.endpoints) == before


def test_a_cycle_that_is_not_there_is_said(decided_books):
    with pytest.raises(cycle.NoSuchCycle):
        _decide(decided_books, decided_books.programme)


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_deciding_nothing_is_decided_and_it_may_be_repeated(
    decided_books, monkeypatch, after
):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, journal_store, "append", after=after)
        with pytest.raises(Killed):
            _decide(books, draft)

    assert digests(books.endpoints) == before
    assert _decide(books, draft) == count(REGISTRY, "household")


def test_killed_while_freezing_no_open_copy_of_the_facts_is_left(decided_books, monkeypatch):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    with monkeypatch.context() as patched:
        dies(patched, type(books.tools.engine), "freeze")
        with pytest.raises(Killed):
            _decide(books, draft)

    assert not list((books.folder / "facts").glob("*.copy"))


@pytest.mark.parametrize("stage", ["freeze", "decide", "copy_text", "border"])
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_stage_the_next_try_makes_the_same_result(
    decided_books, monkeypatch, stage, after
):
    books = decided_books
    killed, whole = (factory.new_cycle(books, code) for code in ("2026-12", "2027-01"))
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, type(books.tools.engine), stage, after=after)
        with pytest.raises(Killed):
            _decide(books, killed)
    assert digests(books.endpoints) == before

    for one in (killed, whole):
        _decide(books, one)

    assert _decided(killed) == _decided(whole)
    assert _files(books, killed) == _files(books, whole)
    assert not list((books.folder / "facts").glob("*.copy"))


def _decided(cycle_id):
    """Return what was decided, by household; codes and quantities with it."""
    return fetch(
        REGISTRY,
        """SELECT household_id, outcome, clauses, line, unit, quantity FROM decision
           LEFT JOIN benefit_line USING (cycle_id, household_id)
           WHERE cycle_id = %s ORDER BY household_id, line""",
        (cycle_id,),
    )


def _files(books, cycle_id):
    return sorted(path.name for path in (books.folder / "facts" / str(cycle_id)).iterdir())


def test_facts_that_change_are_listed_and_the_frozen_ones_win(decided_books):
    books = decided_books
    row = queries.cycle(books.cycle)
    decided = _decided(books.cycle)
    assert facts_since(row, books.tools) == []
    [(home,)] = fetch(REGISTRY, "SELECT household_id FROM decision ORDER BY 1 LIMIT 1")
    with as_owner(books.endpoints, "registry") as connection:
        connection.execute(
            """UPDATE registrant SET birth_month = birth_month - interval '30 years'
               WHERE id IN (SELECT registrant_id FROM membership WHERE household_id = %s)
                 AND birth_month IS NOT NULL""",
            (home,),
        )

    [found] = facts_since(row, books.tools)

    assert (found.household, found.change.value) == (home.bytes, "changed")
    assert _decided(books.cycle) == decided
    assert sorted(path.name for path in (books.folder / "facts").iterdir()) == [str(books.cycle)]


def test_two_people_deciding_at_once_decide_once(decided_books):
    books = decided_books
    first, second = (factory.new_cycle(books, code) for code in ("2026-12", "2027-01"))

    ended = at_once(*[lambda c=c: _decide(books, c) for c in (first, second)])

    assert raised(ended) == []
    assert count(REGISTRY, "decision") == 3 * count(REGISTRY, "household")


def _public(kind):
    """Return (place in the log, body) of the public leaves of a kind, oldest first."""
    rows = fetch(REGISTRY, "SELECT position, leaf FROM leaf_queue ORDER BY position")
    leaves = [(place, parse_leaf(bytes(leaf))) for place, leaf in rows]
    return [
        (place, dcbor.decode(leaf.body))
        for place, leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind
    ]


def test_a_budget_is_spent_in_the_order_of_the_rule_and_lots_follow_from_the_log(decided_books):
    books = decided_books
    programme = define_programme(
        ProgrammeOutline("top-up", {"es": "Complemento"}, books.root_area, ((2, "minor", {"es": "c"}),)),
        acting=books.acting("jorge"),
    )  # fmt: skip
    text = changed(PERSON_AND_BUDGET, "value: 65", "value: 18")
    text = changed(text, "on: 2026-03-01, household: {members: [{born: 1961-03}]}", "on: 2026-03-01, household: {members: [{born: 2008-03}]}")  # fmt: skip
    text = changed(text, "members: [{born: 1950-01}, {born: 1955-01}, {born: 2000-01}]", "members: [{born: 1950-01}, {born: 1955-01}]")  # fmt: skip
    text = changed(
        text, "members: [{born: 1990-01}, {born: 1991-01}]", "members: [{born: 2012-01}]"
    )
    text = changed(text, "  - {first: {fact: disability_functional}}\n  - {lowest: {fact: income_monthly_minor}}\n", "")  # fmt: skip
    text = changed(text, "      - {facts: {income_monthly_minor: 0}, members: [{born: 1990-01}]}\n    reached: [reached, too_late, reached, asks_none]", "    reached: [reached, reached, too_late]")  # fmt: skip
    # the rule of the vectors is written in Spanish alone, so people here read nothing else
    spanish = replace(books.tools.workspace, languages=("es",))
    tools = replace(books.tools, workspace=spanish)
    actions.carry_out(_rule(books, text, scope=(programme.bytes, None, None)), tools)
    books.programme, books.rule = programme, queries.latest_rule(programme)
    draft = factory.new_cycle(books, "top-up-1")

    _decide(books, draft)

    # nobody has an income on record, so every adult is due 5000 while the office asks; 20000 are
    # for four people, and the households' lots say for whom
    (at_first, commitment), (later, root) = (
        _public(PublicKind.LOT)[-1],
        _public(PublicKind.ROOT)[-1],
    )
    assert at_first < later
    assert root[3] == [["entitled", 19], ["needs_information", 19], ["not_entitled", 19]]
    assert (commitment[0], commitment[1]) == (draft.bytes, lot_commitment(root[4]))
    rows = fetch(
        REGISTRY,
        "SELECT household_id, clauses, coalesce(quantity, 0) FROM decision "
        "LEFT JOIN benefit_line USING (cycle_id, household_id) WHERE cycle_id = %s",
        (draft,),
    )
    asked = sorted(
        (lot_of(root[4], household.bytes), "+BUDGET" in clauses, quantity)
        for household, clauses, quantity in rows
        if {"+BUDGET", "-BUDGET"} & set(clauses)
    )
    reached = [lot for lot, is_reached, _ in asked if is_reached]
    assert 0 < len(reached) < len(asked)
    assert [is_reached for _, is_reached, _ in asked] == sorted(
        (is_reached for _, is_reached, _ in asked), reverse=True
    )
    assert sum(quantity for *_, quantity in asked) <= 20_000
    assert root[5] == [str(reached[-1])]


def _until(stage, *, done=0, error=Killed):
    """Return what ends the work when it tells of a stage."""

    def told(name, rows, _of):
        if name == stage and rows >= done:
            raise error("here")

    return told


def _manifest(books, cycle_id):
    path = books.folder / "facts" / str(cycle_id) / "frozen.json"
    os.utime(path, (books.tools.now(),) * 2)
    return path.read_bytes()


@pytest.mark.parametrize(("stage", "done"), [("decide", 0), ("keep", 0), ("keep", 1)])
def test_what_a_killed_attempt_froze_is_decided_as_it_is(decided_books, stage, done):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    before, stages = digests(books.endpoints), []
    with pytest.raises(Killed):
        _decide(books, draft, told=_until(stage, done=done))
    frozen = _manifest(books, draft)
    assert digests(books.endpoints) == before

    _decide(books, draft, told=lambda name, *_: stages.append(name))

    assert _manifest(books, draft) == frozen
    assert queries.cycle(draft).frozen_root.hex() in frozen.decode()
    assert {"copy", "freeze"}.isdisjoint(stages)
    assert stages[0] == "resume"


def test_what_was_frozen_too_long_ago_is_frozen_anew(decided_books):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    with pytest.raises(Killed):
        _decide(books, draft, told=_until("decide"))
    frozen = _manifest(books, draft)
    books.clock.at += cycle.RESUMED_WITHIN_SECONDS + 1

    _decide(books, draft)

    assert _manifest(books, draft) != frozen


def test_what_a_killed_attempt_froze_is_destroyed_when_nobody_goes_on(decided_books):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    with pytest.raises(Killed):
        _decide(books, draft, told=_until("decide"))
    folder = books.folder / "facts" / str(draft)
    os.utime(folder, (books.tools.now(),) * 2)
    cycle.remove_abandoned(books.tools)
    assert folder.is_dir()

    os.utime(folder, (books.tools.now() - cycle.RESUMED_WITHIN_SECONDS - 1,) * 2)
    cycle.remove_abandoned(books.tools)

    assert not folder.exists()
    assert (books.folder / "facts" / str(books.cycle)).is_dir()


@pytest.mark.parametrize("error", [Stopped, KeyboardInterrupt])
@pytest.mark.parametrize("stage", ["copy", "freeze", "keep"])
def test_stopped_by_somebody_everything_is_put_back(decided_books, stage, error):
    books = decided_books
    draft = factory.new_cycle(books, "2026-12")
    before, files = digests(books.endpoints), sorted((books.folder / "facts").iterdir())

    with pytest.raises(error):
        _decide(books, draft, told=_until(stage, error=error))

    assert digests(books.endpoints) == before
    assert sorted((books.folder / "facts").iterdir()) == files
    assert _decide(books, draft) == count(REGISTRY, "household")
