"""
Writes of child cycles and of what they give. Only use cases import this.

Whatever is decided for a root waits for its row (`lock_root`), so that two children never both see
that something is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from despensa.domain.child import ChildKind, share_percent
from despensa.domain.proposal import Proposal
from despensa.records.bulk import broken_rule, copy_rows, execute, fetch
from despensa.records.children import queries
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store as programmes

DECIDED = programmes.DECIDED


class NoRoot(LookupError):
    """There is no such cycle, or it is a child itself."""


class ChildKnown(RuntimeError):
    """The id stands for another child, or for other households."""


class ShareUsedUp(RuntimeError):
    """Late entrants need more than the approval of their root left."""


class ClaimMade(RuntimeError):
    """A recovery of this was decided before."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root cycle as a child needs to know it."""

    id: UUID
    programme: UUID
    rule: UUID
    code: str
    state: int
    dispute_days: int


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child on its way in; `households` None is everybody the root and its children decided."""

    cycle: UUID
    root: UUID
    kind: ChildKind
    number: int
    line: str
    households: Sequence[UUID] | None
    drafted_at: int
    is_within_share: bool = False


def lock_root(root: UUID) -> Root:
    """
    Return a root cycle that no other child is drafted or decided for meanwhile.

    Locks: the cycle's row. Raises: NoRoot.
    """
    rows = fetch(
        REGISTRY,
        """SELECT id, programme_id, rule_id, code, state, dispute_days, root_cycle FROM cycle
           WHERE id = %s FOR UPDATE""",
        (root,),
    )
    if not rows:
        raise NoRoot("There is no such cycle. See: despensa cycle list.")
    [(cycle, programme, rule, code, state, dispute_days, root_of_it)] = rows
    if root_of_it != cycle:
        raise NoRoot(
            f"The cycle {code} is a child of another cycle: name the one it belongs to. Nothing "
            "was changed."
        )
    return Root(cycle, programme, rule, code, state, dispute_days)


def next_number(root: UUID, kind: ChildKind) -> int:
    """Return the number of a root's next child of a kind; under `lock_root` nobody else gets it."""
    [(number,)] = fetch(
        REGISTRY,
        "SELECT coalesce(max(number), 0) + 1 FROM child_cycle WHERE root_id = %s AND kind = %s",
        (root, int(kind)),
    )
    return int(number)


def add_child(child: NewChild) -> None:
    """Write what a child cycle is for, and for whom; its row of `cycle` stands already."""
    execute(
        REGISTRY,
        """INSERT INTO child_cycle (cycle_id, root_id, kind, number, line, is_chosen, drafted_at,
                                    is_within_share)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            child.cycle,
            child.root,
            int(child.kind),
            child.number,
            child.line,
            child.households is not None,
            child.drafted_at,
            child.is_within_share,
        ),
    )
    if child.households is not None:
        copy_rows(
            REGISTRY,
            "child_household",
            ("cycle_id", "household_id"),
            ((child.cycle, household) for household in child.households),
        )


def require_same(child: NewChild) -> None:
    """
    Refuse an id that stands for another child, or for other households.

    Raises: ChildKnown.
    """
    known = queries.child(child.cycle)
    chosen = None if known is None or not known.is_chosen else queries.households_of(child.cycle)
    wanted = None if child.households is None else sorted(child.households)
    if known is None or (known.root, known.kind, known.line, known.is_within_share, chosen) != (
        child.root,
        child.kind,
        child.line,
        child.is_within_share,
        wanted,
    ):
        raise ChildKnown(
            "Another child cycle was drafted under this id: nothing was changed. Draft it anew."
        )


def add_share(root: UUID, approved: Proposal) -> None:
    """Write what the approval of a root leaves for late entrants; nothing where it leaves nothing."""
    percent = share_percent(approved.parameters)
    if percent:
        execute(
            REGISTRY,
            "INSERT INTO late_share (cycle_id, proposal, percent) VALUES (%s, %s, %s)",
            (root, UUID(bytes=approved.proposal_id), percent),
        )


def require_share(cycle: UUID, root: UUID) -> None:
    """
    Refuse to open late entrants who need more than is left of the share of their root.

    Locks: the root's row. Raises: ShareUsedUp; NoRoot; WrongState.
    """
    found, child = lock_root(root), queries.child(cycle)
    if child is None or not child.is_within_share or child.root != root:
        raise NoRoot("This cycle has no part in the approval of that one: nothing was changed.")
    if found.state != programmes.OPEN:
        raise programmes.WrongState(
            f"The cycle {found.code} is not open any more: its late entrants wait for two people."
        )
    left = queries.share_left(root)
    wanted = fetch(
        REGISTRY,
        "SELECT unit, sum(quantity)::bigint FROM benefit_line WHERE cycle_id = %s GROUP BY unit",
        (cycle,),
    )
    if any(quantity > left.get(unit, 0) for unit, quantity in wanted):
        raise ShareUsedUp(
            f"The share of {found.code} for late entrants is used up: these wait for two people."
        )


def settle(recovery: UUID, *, is_waived: bool) -> None:
    """Note once whether what a recovery found is asked back. Raises: WrongState."""
    changed = execute(
        REGISTRY,
        "UPDATE child_cycle SET is_waived = %s WHERE cycle_id = %s AND is_waived IS NULL",
        (is_waived, recovery),
    )
    if changed != 1:
        raise programmes.WrongState("This recovery was settled before: nothing was changed.")


def require_opens(cycle: UUID) -> None:
    """Refuse to open a recovery, which gives nothing. Raises: WrongState."""
    child = queries.child(cycle)
    if child is not None and child.kind is ChildKind.RECOVERY:
        raise programmes.WrongState(
            "A recovery gives nothing, so it is settled and never opened: nothing was changed."
        )


def write_child_decisions(cycle: UUID, root: UUID, *, kind: ChildKind, line: str) -> int:
    """
    Write the staged decisions of a child and what it gives, and return how many were decided.

    Locks: the root's row. Raises: BenefitGiven; ClaimMade; UnitUnknown.
    """
    lock_root(root)
    try:
        count = programmes.write_outcomes(cycle)
        if kind is ChildKind.RECOVERY:
            _write_recoveries(cycle, root, line)
        elif kind.gives_difference:
            _write_differences(cycle, root, line)
        else:
            _write_whole(cycle, root, line)
    except IntegrityError as error:
        if broken_rule(error) == "recovery_line_pkey":
            raise ClaimMade(
                "Of a household this was claimed back before; nothing was decided. A second claim "
                "is a cycle of its own, with another name of its line."
            ) from error
        programmes.refuse_lines(error)
        raise
    return count


_GIVEN = """
    decided CROSS JOIN LATERAL jsonb_array_elements(decided.lines) AS line (value)
    LEFT JOIN unit ON unit.code = line.value ->> 0
"""
# what a household got by its right: a follow-up is something of its own
_SO_FAR = """
    (SELECT household_id, unit, sum(quantity)::bigint AS quantity FROM benefit_line
     WHERE root_cycle = %(root)s AND split_part(line, '/', 2) <> 'follow-up'
     GROUP BY household_id, unit) so_far
"""
_INSERT = "INSERT INTO benefit_line (root_cycle, household_id, line, cycle_id, unit, quantity)"


def _write_whole(cycle: UUID, root: UUID, line: str) -> None:
    """Write all that was decided: under the root's own lines for late entrants, else beside them."""
    execute(
        REGISTRY,
        f"""{_INSERT}
           SELECT %(root)s, household, concat_ws('/', line.value ->> 0, nullif(%(line)s, '')),
                  %(cycle)s, unit.number, (line.value ->> 1)::bigint
           FROM {_GIVEN} ORDER BY household""",
        {"root": root, "cycle": cycle, "line": line},
    )


def _write_differences(cycle: UUID, root: UUID, line: str) -> None:
    """Write what is missing: under the root's own line where a household got nothing of it."""
    execute(
        REGISTRY,
        f"""{_INSERT}
           SELECT %(root)s, household,
                  CASE WHEN so_far.quantity IS NULL THEN line.value ->> 0
                       ELSE (line.value ->> 0) || '/' || %(line)s END,
                  %(cycle)s, unit.number,
                  (line.value ->> 1)::bigint - coalesce(so_far.quantity, 0)
           FROM {_GIVEN}
           LEFT JOIN {_SO_FAR} ON so_far.household_id = household AND so_far.unit = unit.number
           WHERE (line.value ->> 1)::bigint > coalesce(so_far.quantity, 0)
           ORDER BY household""",
        {"root": root, "cycle": cycle, "line": line},
    )


def _write_recoveries(cycle: UUID, root: UUID, line: str) -> None:
    """Write what was given beyond what the rule says now; nothing is taken from anybody here."""
    execute(
        REGISTRY,
        f"""INSERT INTO recovery_line (root_cycle, household_id, line, cycle_id, unit, quantity)
           SELECT %(root)s, so_far.household_id, unit.code || '/' || %(line)s, %(cycle)s, unit.number,
                  so_far.quantity - coalesce(right_now.quantity, 0)
           FROM decided
           JOIN {_SO_FAR} ON so_far.household_id = decided.household
           JOIN unit ON unit.number = so_far.unit
           LEFT JOIN (SELECT household, line.value ->> 0 AS code, (line.value ->> 1)::bigint AS quantity
                      FROM decided CROSS JOIN LATERAL jsonb_array_elements(decided.lines)
                           AS line (value)) right_now
                ON right_now.household = decided.household AND right_now.code = unit.code
           WHERE so_far.quantity > coalesce(right_now.quantity, 0)
           ORDER BY so_far.household_id""",
        {"root": root, "cycle": cycle, "line": line},
    )
