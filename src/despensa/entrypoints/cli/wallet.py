"""`despensa wallet`: identity cards for the wallets on people's phones."""

from typing import Annotated

import typer

from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id, found_household
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_NO_CARD = "There is no such identity card in this household."
HouseholdArgument = Annotated[
    str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
]


@app.callback()
def _wallet() -> None:
    """Offer somebody who is present an identity card for their phone, or end one that is lost."""


@app.command()
def offer(
    household: HouseholdArgument,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The id of who is present.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer an identity card: a link for the wallet, and six digits to be typed. Shown once."""
    with entered("wallet offer", workspace) as door:
        from despensa.entrypoints.jobs import rounds, wallet
        from despensa.entrypoints.office.wallet_words import offer_link
        from despensa.usecases.offer_identity import OfferRefused

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        acting = door.tools.acting(door.staff)
        try:
            made = wallet.offer(an_id(person), home, door.tools, acting=acting)
            link = offer_link(made.codes, wallet.public_address())
        except OfferRefused as refused:
            raise Refused(
                f"Nothing was offered: {refused}. Look at the household's page."
            ) from None
        except wallet.NoAddress as error:
            raise Refused(str(error)) from None
        rounds.seal_log(door.tools)
    value = {"offer": str(made.id), "link": link, "typed": made.codes.typed, "until": made.until}
    show(value, as_json=as_json, text=f"{link}\nto be typed: {made.codes.typed}")


@app.command()
def end(
    household: HouseholdArgument,
    card: Annotated[str, typer.Argument(metavar="CARD", help="Its number, or its id.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End an identity card at once; the status list says so to whoever checks it."""
    with entered("wallet end", workspace) as door:
        from despensa.entrypoints.jobs import rounds, wallet
        from despensa.records.wallet import queries
        from despensa.usecases.end_identity import NoSuchCard

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        try:
            found = queries.card_by_number(parse_card_number(card))
        except CardNumberError:
            found = an_id(card)
        if found is None:
            raise Refused(_NO_CARD)
        acting = door.tools.acting(door.staff)
        try:
            is_new = wallet.end(found, home, door.tools, acting=acting)
        except NoSuchCard:
            raise Refused(_NO_CARD) from None
        rounds.seal_log(door.tools)
    text = "ended" if is_new else "it had ended before: nothing was changed"
    show({"ended": is_new}, as_json=as_json, text=text)
