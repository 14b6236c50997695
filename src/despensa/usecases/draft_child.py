"""
Draft a child of a cycle: late entrants, a follow-up, a top-up, a recovery, or an upheld appeal.

A published cycle never changes; what completes or corrects it is a cycle of its own, linked to its
root, decided and approved like any other. Source: docs/explanation/design.md, section 7.10.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.child import ChildKind, line_of
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.children import store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import store as deciders
from despensa.records.programmes import queries
from despensa.records.programmes import store as programmes
from despensa.records.sealed_journal import workspace_entries
from despensa.records.staff import queries as staff

ACTION = "draft_child"
ChildKnown, NoRoot = store.ChildKnown, store.NoRoot
WrongState = programmes.WrongState


class ChildOrderWrong(ValueError):
    """The dates, the households or the line of a child do not go together."""


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """
    Which child of which root, for whom and when.

    Holds: `id` is made by whoever asks, so that asking again makes nothing twice. `households` None
    is everybody whom the root and its children decided. `rule` None is the root's own version;
    another published version of the programme is for follow-ups. `name` tells apart two children of
    one kind that may both give to a household. `is_within_share`: late entrants of the daily round,
    who are opened under the approval of the root.
    """

    id: UUID
    root: UUID
    kind: ChildKind
    reference_date: date
    opens_on: date
    closes_on: date
    households: Sequence[UUID] | None = None
    rule: UUID | None = None
    name: str = ""
    is_within_share: bool = False


def draft_child(
    order: ChildOrder,
    *,
    commit_lot: Callable[[bytes], bytes],
    acting: Acting,
    sealer: JournalSealer,
) -> bool:
    """
    Return whether the child was drafted now; False when it had been under the same id.

    Raises: ChildOrderWrong; LineNameWrong; NoRoot; ChildKnown when the id stands for something
        else; WrongState when the root is not decided, or, for late entrants, not open;
        ProgrammeEnded; OutOfReach.
    """
    line = line_of(order.kind, order.name)
    households = _households(order)
    with transaction.atomic(using=REGISTRY):
        root = store.lock_root(order.root)
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(root.programme, queries.programme_area(root.programme))
        child = store.NewChild(
            order.id, root.id, order.kind, 0, line, households, acting.at, order.is_within_share
        )
        if queries.cycle(order.id) is not None:
            store.require_same(child)
            return False
        _require_state(root, order)
        rule = _rule(root, order)
        number = store.next_number(root.id, order.kind)
        drafted = programmes.NewCycle(
            order.id,
            root.programme,
            rule,
            root.id,
            f"{root.code}/{order.kind.word}-{number}",
            order.reference_date,
            order.opens_on,
            order.closes_on,
            root.dispute_days,
        )
        programmes.add_cycle(drafted)
        deciders.note_decider(order.id, acting.staff, deciders.Deed.DRAFTED)
        store.add_child(replace(child, number=number))
        _journal(drafted, order, line, number, acting, sealer)
        if parse_text(queries.rule_text(rule)).draws_lot:
            body = {0: order.id.bytes, 1: commit_lot(order.id.bytes)}
            journal_store.announce(REGISTRY, ACTION, acting, PublicKind.LOT, body)
    return True


def _households(order: ChildOrder) -> tuple[UUID, ...] | None:
    if order.closes_on < order.opens_on:
        raise ChildOrderWrong(
            f"This cycle would close on {order.closes_on}, before it opens on {order.opens_on}. "
            "Mend the dates; nothing was changed."
        )
    if order.households is None:
        if order.kind in {ChildKind.LATE, ChildKind.APPEAL}:
            raise ChildOrderWrong(
                "Late entrants and appeals are for named households: name them. Nothing was changed."
            )
        return None
    if not order.households:
        raise ChildOrderWrong("This cycle is for no household: name some. Nothing was changed.")
    return tuple(sorted(set(order.households)))


def _rule(root: store.Root, order: ChildOrder) -> UUID:
    if order.rule is None or order.rule == root.rule:
        return root.rule
    if order.kind is not ChildKind.FOLLOW_UP:
        raise ChildOrderWrong(
            "Only a follow-up may have another rule than the cycle it follows: leave the rule away. "
            "Nothing was changed."
        )
    if order.rule not in queries.rules_of(root.programme):
        raise ChildOrderWrong(
            "This rule is of another programme: name one of this programme. Nothing was changed."
        )
    return order.rule


def _require_state(root: store.Root, order: ChildOrder) -> None:
    allowed = {programmes.OPEN}
    if order.kind is not ChildKind.LATE:
        allowed |= {
            programmes.DECIDED, programmes.OPENING, programmes.CLOSED, programmes.SETTLED,
        }  # fmt: skip
    if root.state not in allowed:
        word = "open" if order.kind is ChildKind.LATE else "decided, and not faded yet"
        raise WrongState(
            f"A {order.kind.word} needs a cycle that is {word}, and {root.code} is not: nothing was "
            "changed. See: despensa cycle list."
        )


def _journal(
    drafted: programmes.NewCycle,
    order: ChildOrder,
    line: str,
    number: int,
    acting: Acting,
    sealer: JournalSealer,
) -> None:
    columns: dict[int | str, object] = {
        "root_id": drafted.root.bytes,
        "kind": int(order.kind),
        "number": number,
        "line": line,
        "is_chosen": order.households is not None,
        "is_within_share": order.is_within_share,
    }
    rows = [
        *programmes.journal_of(drafted),
        *journal_rows.inserted("child_cycle", [(drafted.id.bytes, columns)]),
    ]
    journal_store.record(REGISTRY, ACTION, acting, rows)
    bodies = journal.encode_table(
        ("key", "cycle_id"),
        ((household.bytes, drafted.id.bytes) for household in order.households or ()),
    )
    act = journal_store.act(REGISTRY, ACTION, acting)
    entries = workspace_entries(
        act, "child_household", journal.Op.INSERT, bodies, acting=acting, sealer=sealer
    )
    journal_store.append(REGISTRY, entries)
