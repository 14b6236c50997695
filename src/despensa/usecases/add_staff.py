"""
Add a staff member with roles; exclusive roles are refused.

The founders of a workspace are added by whoever installs it; from the first proposal on, a new
member takes two people and gets a password only when they are welcomed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate, Proposal
from despensa.domain.role import Role, check_together
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.staff import store

ACTION = "add_staff"
_DAY_ZERO = date(1970, 1, 1).toordinal()
USERNAME_MAX, NAME_MAX, LANGUAGE_MAX = 150, 200, 8


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Who is added, with which roles, for how long."""

    username: str
    password: str | None = field(repr=False)
    name: str = field(repr=False)
    language: str
    roles: Sequence[Role]
    area: UUID | None
    from_date: date
    until_date: date
    programme: UUID | None = None


class StaffDetailsWrong(ValueError):
    """A sign-in name, name, language or day that cannot be stored or would let nobody in."""


def add_staff(new: NewStaff, *, acting: Acting, mandate: Mandate | None = None) -> UUID:
    """
    Return the id of the new staff member; without a password they cannot sign in yet.

    Raises: RolesExclusive; StaffDetailsWrong; SignInTaken; AlreadyUsed when the proposal was
        carried out before.
    """
    check_details(new)
    staff = acting.new_id()
    under = None
    with transaction.atomic(using=REGISTRY):
        if mandate is not None:
            approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
            _require_order(approved, new)
            under = UUID(bytes=approved.proposal_id)
        store.add_member(
            staff,
            username=new.username,
            password=new.password,
            name=new.name,
            language=new.language,
        )
        grants = [(acting.new_id(), role) for role in new.roles]
        for grant_id, role in grants:
            store.grant(
                grant_id,
                staff=staff,
                role=role,
                area=new.area,
                programme=new.programme,
                from_date=new.from_date,
                until_date=new.until_date,
            )
        journal_store.record_closed(
            REGISTRY,
            ACTION,
            acting,
            "staff_member",
            [(staff.bytes, {"name": new.name, "language": new.language})],
            proposal=under,
        )
        rows = journal_rows.inserted(
            "role_grant",
            (
                (
                    grant_id.bytes,
                    {
                        "staff_id": staff.bytes,
                        "role": role.value,
                        "area": None if new.area is None else new.area.bytes,
                        "programme": None if new.programme is None else new.programme.bytes,
                        "from_date": new.from_date.isoformat(),
                        "until_date": new.until_date.isoformat(),
                    },
                )
                for grant_id, role in grants
            ),
        )
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=under)
    return staff


def check_details(new: NewStaff) -> None:
    """
    Refuse what would fail once it is approved; a proposal is checked before it is made.

    Raises: RolesExclusive; StaffDetailsWrong.
    """
    check_together(new.roles)
    for what, text, longest in (
        ("sign-in name", new.username, USERNAME_MAX),
        ("name", new.name, NAME_MAX),
        ("language", new.language, LANGUAGE_MAX),
    ):
        if not 0 < len(text) <= longest or not text.isprintable():
            raise StaffDetailsWrong(
                f"The {what} of a member of staff has 1 to {longest} characters and no control "
                "characters. Write it again; nothing was changed."
            )
    if new.until_date <= new.from_date:
        raise StaffDetailsWrong(
            f"A role until {new.until_date} would end before it begins on {new.from_date}. Choose "
            "a later day; nothing was changed."
        )


def _require_order(approved: Proposal, new: NewStaff) -> None:
    username, name, language, roles, until_day = approved.parameters
    programme, area, _ = approved.scope
    made = (
        *(new.username, new.name, new.language, [role.value for role in new.roles]),
        *(new.until_date.toordinal() - _DAY_ZERO, _bytes(new.programme), _bytes(new.area)),
    )
    if made != (username, name, language, list(roles), until_day, programme, area):
        raise ApprovalInvalid("the proposal names another member of staff or other roles")


def _bytes(given: UUID | None) -> bytes | None:
    return None if given is None else given.bytes
