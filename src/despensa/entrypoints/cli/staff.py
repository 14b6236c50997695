"""`despensa staff`: the founders of an office, and who joins them later."""

import secrets
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from despensa.domain.proposal import Reason
from despensa.domain.role import Permission, Role, RolesExclusive, check_together
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    entered,
    opened,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

YEAR_DAYS = 365
_PASSWORD_WORDS = 5
_WORDS = (
    "apple bread brick cedar cloud corn field flour grain grape honey house jar lamp leaf lemon "
    "maize mill moon olive onion paper pear plum pot rice river salt seed shelf spoon stone sugar "
    "table tea thyme tree wheat wind wood yard zinc"
).split()

UsernameArgument = Annotated[str, typer.Argument(help="The name to sign in with.")]
NameOption = Annotated[str, typer.Option("--name", help="The person's name as colleagues know it.")]
RoleOption = Annotated[list[Role], typer.Option("--role", help="A role; may be given again.")]
LanguageOption = Annotated[str, typer.Option("--language", help="The language of their pages.")]
UntilOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Until when, this day excluded; a year from today."),
]


AreaOption = Annotated[
    str | None, typer.Option("--area", help="P-code the roles are for; else the whole workspace.")
]
ProgrammeOption = Annotated[
    str | None, typer.Option("--programme", help="Code of the one programme; else all of them.")
]


@app.callback()
def _staff() -> None:
    """Who works here and may do what."""


@app.command()
def found(
    username: UsernameArgument,
    *,
    name: NameOption,
    role: RoleOption,
    language: LanguageOption = "en",
    area: AreaOption = None,
    programme: ProgrammeOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Add a founder of a new office and print their password and second factor, once.

    It ends with the first proposal that was carried out: from then on it takes two people.
    """
    _check(role)
    with opened(workspace) as tools:
        from despensa.entrypoints.jobs import rounds
        from despensa.entrypoints.second_factor import add_totp
        from despensa.records.proposals import queries
        from despensa.usecases.add_staff import NewStaff, add_staff

        if queries.any_carried_out():
            raise Refused(
                "This office is founded: a new member takes two people now: despensa staff propose."
            )
        password = _password()
        today = tools.today()
        for_programme, for_area = _scope(programme, area)
        new = NewStaff(
            username, password, name, language, role, for_area, today, _until(until, today),
            for_programme,
        )  # fmt: skip
        add_staff(new, acting=tools.acting(None))
        secret = add_totp(username)
        rounds.seal_log(tools)
    _show_sign_in(username, password, secret, as_json=as_json)


@app.command()
def propose(
    username: UsernameArgument,
    *,
    name: NameOption,
    role: RoleOption,
    language: LanguageOption = "en",
    area: AreaOption = None,
    programme: ProgrammeOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a new member of staff; an approver must agree."""
    _check(role)
    with entered("staff propose", workspace) as door:
        from despensa.entrypoints.jobs.actions import ADD_STAFF
        from despensa.entrypoints.jobs.proposing import propose_action
        from despensa.records.staff import queries
        from despensa.usecases.add_staff import NewStaff, check_details

        for_programme, for_area = _scope(programme, area)
        today = door.tools.today()
        until_date = _until(until, today)
        check_details(NewStaff(username, None, name, language, role, for_area, today, until_date))
        if queries.of_username(username, today) is not None:
            raise Refused(f"The sign-in name {username} is taken. Choose another.")
        until_day = until_date.toordinal() - date(1970, 1, 1).toordinal()
        proposal = propose_action(
            ADD_STAFF,
            Reason.STAFF_CHANGE,
            acting=door.tools.acting(door.staff),
            scope=(
                None if for_programme is None else for_programme.bytes,
                None if for_area is None else for_area.bytes,
                None,
            ),
            parameters=(username, name, language, [one.value for one in role], until_day),
        )
    text = f"proposed; another person decides: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command()
def welcome(
    username: UsernameArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Print the first password and second factor of an approved new member, once."""
    with entered("staff welcome", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.entrypoints.second_factor import add_totp
        from despensa.usecases.welcome_staff import NotExpected, welcome_staff

        password = _password()
        try:
            welcome_staff(username, password, acting=door.tools.acting(door.staff))
        except NotExpected as error:
            raise Refused(str(error)) from error
        secret = add_totp(username)
        rounds.seal_log(door.tools)
    _show_sign_in(username, password, secret, as_json=as_json)


@app.command(name="list")
def list_staff(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List who may sign in, with the roles of today."""
    with entered("staff list", workspace) as door:
        from despensa.records.staff import queries

        found_staff = queries.everybody(
            door.tools.today(), reach=door.reach(Permission.MANAGE_STAFF)
        )
    rows = [[username, view.name, ", ".join(view.roles)] for username, view in found_staff]
    value = [
        {"username": username, "name": view.name, "roles": [role.value for role in view.roles]}
        for username, view in found_staff
    ]
    show(value, as_json=as_json, text=table(["sign-in name", "name", "roles"], rows))


def _scope(programme: str | None, area: str | None) -> tuple[UUID | None, UUID | None]:
    """
    Return the programme and the area the roles are for.

    Raises: Refused when there is none of that code.
    """
    from despensa.records.programmes import queries
    from despensa.records.registry import queries as registry

    for_programme = None if programme is None else queries.programme_by_code(programme)
    if programme is not None and for_programme is None:
        raise Refused(f"There is no programme called {programme}: despensa programme define.")
    for_area = registry.root_area() if area is None else registry.area_by_pcode(area)
    if area is not None and for_area is None:
        raise Refused(f"There is no area with the p-code {area}: nothing was changed.")
    return for_programme, for_area


def _check(roles: list[Role]) -> None:
    try:
        check_together(roles)
    except RolesExclusive as error:
        raise Mistake(f"{error}.") from error


def _password() -> str:
    return "-".join(secrets.choice(_WORDS) for _ in range(_PASSWORD_WORDS))


def _until(until: datetime | None, today: date) -> date:
    return today + timedelta(days=YEAR_DAYS) if until is None else until.date()


def _show_sign_in(username: str, password: str, secret: str, *, as_json: bool) -> None:
    address = f"otpauth://totp/Despensa:{username}?secret={secret}&issuer=Despensa"
    text = (
        f"{username}\n  password       {password}\n  second factor  {address}\n"
        "Both are shown this once. Add the second factor to an authenticator app, then change the "
        "password."
    )
    value = {"username": username, "password": password, "otpauth": address}
    show(value, as_json=as_json, text=text)
