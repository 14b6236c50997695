"""
What was typed after `despensa household` becomes an order, is previewed or carried out, and told.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from despensa.domain.household.operation import REASONS, Carry, Kind, Order
from despensa.domain.registration.draft import PersonDraft, Sex
from despensa.domain.registration.fault import MEND, shown
from despensa.domain.registration.newcomer import NewcomerFaulty, newcomer
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import Entered, entered, show
from despensa.entrypoints.cli.problems import Mistake

if TYPE_CHECKING:
    from despensa.domain.household.statement import Statement


def common_options(
    reason: str, day: str | None, operation: str | None, version: int | None, *, preview: bool
) -> dict[str, Any]:
    """Return the options that every operation has."""
    return {
        "reason": reason,
        "day": day,
        "operation": operation,
        "version": version,
        "preview": preview,
    }


def carry_out(
    name: str,
    kind: Kind,
    household: str,
    given: Mapping[str, Any],
    workspace: Any,
    *,
    as_json: bool,
) -> None:
    """Preview an operation or carry it out, and print the answer."""
    with entered(f"household {name}", workspace) as door:
        from despensa.domain.household.statement import statements
        from despensa.entrypoints.jobs import deduplicating, rounds
        from despensa.records.catalogue.queries import in_force
        from despensa.usecases.change_household import (
            Wanted,
            change_household,
            preview_change,
        )

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        order = _order(kind, home, given, door)
        today = door.tools.today()
        wanted = Wanted(order, tuple(_newcomer(given, today) for _ in order.newcomers))
        acting = door.tools.acting(door.staff)
        value: dict[str, Any] = {"operation": str(order.id), "done": False}
        if given["preview"]:
            situation, change = preview_change(order, acting=acting, today=door.tools.today())
            value["sentences"] = _sentences(statements(change, situation))
        else:
            done = change_household(
                wanted,
                acting=acting,
                vault=door.tools.keeper.vault,
                today=door.tools.today(),
                catalogue_version=in_force().version,
            )
            rounds.seal_log(door.tools)
            value |= {"done": True, "is_new": done.is_new}
            if order.newcomers:
                noticed = deduplicating.notice(order.newcomers, door.tools, acting=acting)
                value["pairs"] = len(noticed)
            if order.kind is Kind.SPLIT:
                value["household"] = str(order.other)
    text = "\n".join(value["sentences"]) if given["preview"] else f"done: operation {order.id}"
    show(value, as_json=as_json, text=text)


def _order(kind: Kind, home: UUID, given: Mapping[str, Any], door: Entered) -> Order:
    from despensa.domain.household.membership import MemberRole
    from despensa.records.households import queries

    acting = door.tools.acting(door.staff)
    standing = queries.standing(home)
    assert standing is not None, "found before"
    fields: dict[str, Any] = {
        "people": tuple(an_id(one) for one in given.get("person") or ()),
        "head": _maybe(given.get("head")),
        "collector": _maybe(given.get("collector")),
    }
    institutions = {one.id for one in queries.institutions()}
    fields["collector_is_institution"] = fields["collector"] in institutions
    if given.get("alternate"):
        fields["collector_role"] = MemberRole.ALTERNATE_COLLECTOR
    if given.get("area"):
        fields["area"] = area_called(given["area"], door)
    operation = _maybe(given["operation"]) or acting.new_id()
    if kind is Kind.SPLIT:
        ways = {one.name.lower(): one for one in Carry}
        carry = _one_of(given["carry"], ways, "share that goes along")
        # made of the operation's id, so that the same order has the same household
        other = UUID(int=operation.int ^ 1, version=4)
        fields |= {"other": other, "other_head": _maybe(given["other_head"]), "carry": carry}
    elif given.get("other"):
        found = found_household(given["other"], door, Permission.CHANGE_HOUSEHOLDS)
        other_now = queries.standing(found)
        assert other_now is not None, "found before"
        fields |= {"other": found, "other_version": other_now.version}
    if given.get("full_name") is not None:
        fields["newcomers"] = (UUID(int=operation.int ^ 2, version=4),)
    if kind is Kind.UNDO:
        fields["undoes"] = an_id(given["change"])
    version = given["version"]
    return Order(
        id=operation,
        kind=kind,
        reason=_one_of(given["reason"], {one.name.lower(): one for one in REASONS[kind]}, "reason"),
        day=door.tools.today() if given["day"] is None else a_day(given["day"]),
        household=home,
        expected_version=standing.version if version is None else version,
        **fields,
    )


def _newcomer(given: Mapping[str, Any], today: date) -> PersonDraft:
    sex = _one_of(given["sex"], {one.value: one for one in Sex}, "sex")
    try:
        return newcomer(given["full_name"], given["born"] or "", sex, today=today)
    except NewcomerFaulty as faulty:
        told = [
            f"--{field.replace('_', '-')}: {MEND[fault.code].format_map(fault.parameters)}"
            for field, fault in faulty.faults
        ]
        raise Mistake(" ".join(told)) from faulty


def _sentences(told: "Sequence[Statement]") -> list[str]:
    from django.utils import translation

    from despensa.entrypoints.office.household_words import sentence
    from despensa.records.registry import queries

    names = queries.area_names([one.area for one in told if one.area is not None])
    with translation.override("en"):
        said = [
            sentence(
                one,
                name=lambda about: str(about.holder),
                area=lambda area: next(iter(names[area].values()), str(area)),
            )
            for one in told
        ]
    # the marks that keep a name's direction on a page would be copied along with an id
    return [one.replace("\u2068", "").replace("\u2069", "") for one in said]


def found_household(text: str, door: Entered, permission: Permission) -> UUID:
    """Return the household an id or a card number stands for, within reach."""
    from despensa.domain.household.refusal import ChangeRefused, Why
    from despensa.domain.identifier import CardNumberError, parse_card_number
    from despensa.records.cards import queries as cards
    from despensa.records.households import queries

    reach = door.reach(permission)
    found = _maybe_id(text)
    if found is None:
        try:
            card = cards.household_of(parse_card_number(text), reach=reach)
        except (CardNumberError, ValueError):
            card = None
        found = None if card is None else card.household
    standing = None if found is None else queries.standing(found)
    if standing is None or not reach.holds(standing.area):
        raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
    return standing.id


def area_called(pcode: str, door: Entered) -> UUID:
    """Return an area by its p-code."""
    from despensa.records.households import queries

    # half a character, as a wrong encoding gives it, reaches no database
    found = queries.area_by_pcode(pcode) if pcode.isprintable() else None
    if found is None:
        raise Mistake(
            f"There is no area with the p-code {shown(pcode)} in {door.tools.workspace.name}."
        )
    return found


def as_text(value: Mapping[str, Any]) -> str:
    """Return a household's state and history as lines."""
    lines = [f"household {value['household']}, version {value['version']}, on {value['on']}"]
    lines += [
        f"  {one['role']:20} {one['name'] or '(institution)'}  {one['id']}, since {one['since']}"
        for one in value["roles"]
    ]
    lines += [
        f"  {one['day']}  {one['kind']} ({one['reason']}){' undone' if one['undone'] else ''}  "
        f"{one['id']}"
        for one in value["changes"]
    ]
    return "\n".join(lines)


def _one_of(text: str, known: Mapping[str, Any], what: str) -> Any:
    if text not in known:
        raise Mistake(f"{text} is no {what} here; there are: {', '.join(known)}.")
    return known[text]


def a_day(text: str) -> date:
    """Return a typed day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"{text} is no day; write it as 2026-11-21.") from error


def _maybe(text: str | None) -> UUID | None:
    return None if text is None else an_id(text)


def an_id(text: str, where: str = "despensa household show") -> UUID:
    """Return a typed id; `where` is the command that prints such ids."""
    found = _maybe_id(text)
    if found is None:
        raise Mistake(f"{text} is no id. Ids stand in: {where}.")
    return found


def _maybe_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
