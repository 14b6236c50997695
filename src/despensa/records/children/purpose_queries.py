"""What each household gets for which purpose in a month: reads, before and after an opening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.child import month_of, month_text
from despensa.domain.eligibility.parse import parse_text
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class Claim:
    """A purpose of a cycle: the month, whose benefit it is, and the numbers of its units."""

    purpose: str
    month: int
    owner: UUID
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many households have something for a purpose in a month, and from which programmes."""

    purpose: str
    month: int
    households: int
    programmes: tuple[Mapping[str, str], ...]

    @property
    def sentence(self) -> str:
        """Say what stands in the way, and how to mend it."""
        names = ", ".join(str(next(iter(one.values()), "")) for one in self.programmes)
        return (
            f"{self.households} households get something for the purpose {self.purpose} in "
            f"{month_text(self.month)} already, from: {names}. Nothing was changed. Decide a cycle "
            "of another month, or publish a rule whose `beside` lets both stand."
        )


def claims_of(cycle: UUID) -> list[Claim]:
    """Return the purposes of a cycle, by name; none where its rule lets everything stand beside."""
    rows = fetch(
        REGISTRY,
        """SELECT rule.text, cycle.programme_id, root.id, root.opens_on
           FROM cycle JOIN rule ON rule.id = cycle.rule_id
           JOIN cycle root ON root.id = cycle.root_cycle WHERE cycle.id = %s""",
        (cycle,),
    )
    if not rows:
        return []
    [(text, programme, root, opens_on)] = rows
    rule = parse_text(text)
    if rule.beside == "everything":
        return []
    owner = programme if rule.beside == "own_cycles" else root
    numbers = dict(fetch(REGISTRY, "SELECT code, number FROM unit"))
    units: dict[str, list[int]] = {}
    for line in rule.benefit:
        if line.unit in numbers:
            units.setdefault(rule.purpose_of(line.unit), []).append(numbers[line.unit])
    return [
        Claim(purpose, month_of(opens_on), owner, tuple(units[purpose]))
        for purpose in sorted(units)
    ]


def taken(cycle: UUID) -> list[Taken]:
    """Return what stands in the way of opening a decided cycle: purposes given by another."""
    found = []
    for claim in claims_of(cycle):
        owners = fetch(
            REGISTRY,
            """SELECT claim.owner, count(DISTINCT claim.household_id) FROM purpose_claim claim
               JOIN benefit_line line ON line.household_id = claim.household_id
                    AND line.root_cycle = (SELECT root_cycle FROM cycle WHERE id = %s)
                    AND line.cycle_id = %s AND line.unit = ANY(%s)
               WHERE claim.purpose = %s AND claim.month = %s AND claim.owner <> %s
               GROUP BY claim.owner ORDER BY claim.owner""",
            (cycle, cycle, list(claim.units), claim.purpose, claim.month, claim.owner),
        )
        if owners:
            households = sum(count for _, count in owners)
            names = _programmes([owner for owner, _ in owners])
            found.append(Taken(claim.purpose, claim.month, households, names))
    return found


def held_by_others(root: UUID, households: Sequence[UUID]) -> set[UUID]:
    """Return which households have something for a purpose of a root from another cycle."""
    found: set[UUID] = set()
    for claim in claims_of(root):
        rows = fetch(
            REGISTRY,
            """SELECT household_id FROM purpose_claim
               WHERE household_id = ANY(%s) AND purpose = %s AND month = %s AND owner <> %s""",
            (list(households), claim.purpose, claim.month, claim.owner),
        )
        found |= {household for (household,) in rows}
    return found


def _programmes(owners: Sequence[UUID]) -> tuple[Mapping[str, str], ...]:
    """Return the names of the programmes that owners are, or whose cycles they are."""
    rows = fetch(
        REGISTRY,
        """SELECT programme.names FROM programme
           WHERE id = ANY(%s) OR id IN (SELECT programme_id FROM cycle WHERE id = ANY(%s))
           ORDER BY code""",
        (list(owners), list(owners)),
    )
    return tuple(names for (names,) in rows)
