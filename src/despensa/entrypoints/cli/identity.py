"""`despensa identity`: identity cards on paper, for people who asked for one."""

from typing import Annotated
from uuid import UUID

import typer

from despensa.domain.card.count import CountRefused
from despensa.domain.card.sheet import A4_TEN, LAYOUTS
from despensa.domain.card_order import OrderRefused
from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.identity_order import PaperRefused
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id, found_household
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_LAYOUTS = ", ".join(one.name for one in LAYOUTS.values())


@app.callback()
def _identity() -> None:
    """Identity cards on paper: asked for, printed, handed over. No right depends on one."""


@app.command()
def ask(
    household: Annotated[
        str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
    ],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The id of who asks for one.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write down that somebody present asked for an identity card on paper.

    It is in the next order. `despensa wallet end` takes it back, also before it is printed.
    """
    with entered("identity ask", workspace) as door:
        from despensa.entrypoints.jobs import identity_cards, rounds, wallet

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        acting = door.tools.acting(door.staff)
        try:
            card = identity_cards.ask(an_id(person), home, door.tools, acting=acting)
        except PaperRefused:
            raise Refused("Nobody of that id lives in this household: nothing was asked.") from None
        except wallet.NoAddress as error:
            raise Refused(str(error)) from None
        rounds.seal_log(door.tools)
    text = "in the next order" if card else "they wait for one already: nothing was changed"
    show({"card": None if card is None else str(card)}, as_json=as_json, text=text)


@app.command()
def order(
    *,
    help_line: Annotated[str, typer.Option(help="The number to call that stands on every card.")],
    layout: Annotated[str, typer.Option(help=f"One of {_LAYOUTS}.")] = A4_TEN.name,
    language: Annotated[
        str | None, typer.Option(help="One or two, such as es,en; else those of the workspace.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Propose to print the cards of everybody in reach who asked; a second person approves the order.

    Names leave the system on them. Every code is read back from the finished pages.
    """
    chosen = {one.name: one for one in LAYOUTS.values()}.get(layout)
    if chosen is None:
        raise Mistake(f"--layout {layout}: choose from {_LAYOUTS}.")
    with entered("identity order", workspace) as door:
        from despensa.entrypoints.jobs import identity_cards, rounds, wallet

        languages = language.split(",") if language else door.tools.workspace.languages[:2]
        acting = door.tools.acting(door.staff)
        try:
            proposal = identity_cards.order(chosen, languages, help_line, door.tools, acting=acting)
        except OrderRefused as refused:
            raise Refused(str(refused)) from refused
        except wallet.NoAddress as error:
            raise Refused(str(error)) from None
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command(name="hand-over")
def hand_over(
    card: Annotated[str, typer.Argument(metavar="CARD", help="Its number, or its scanned code.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand a printed card to its holder; the one they had before ends."""
    with entered("identity hand-over", workspace) as door:
        from despensa.entrypoints.jobs import desk, identity_cards, rounds

        try:
            number = desk.read_card(card, door.tools)
        except CardRefused:
            raise Refused("That is no number and no code of a card of this workspace.") from None
        acting = door.tools.acting(door.staff)
        if not identity_cards.hand_over(number, door.tools, acting=acting):
            raise Refused("No printed identity card of that number waits for its hand-over here.")
        rounds.seal_log(door.tools)
    show({"handed_over": number}, as_json=as_json, text="handed over")


@app.command()
def count(
    batch: Annotated[UUID, typer.Argument(help="The batch, as its folder is called.")],
    *,
    good: Annotated[int, typer.Option(min=0, help="How many good cards there are.")],
    spoilt: Annotated[
        list[str] | None, typer.Option(help="A torn or missing card's number; may be given again.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Count a printed batch: its print files are destroyed, spoilt cards are worth nothing.

    Whoever gets a spoilt card asks again: a card is replaced, never printed twice.
    """
    with entered("identity count", workspace) as door:
        from despensa.entrypoints.jobs import identity_cards, rounds

        acting = door.tools.acting(door.staff)
        try:
            numbers = [parse_card_number(typed) for typed in spoilt or ()]
            is_new = identity_cards.count(
                batch, good=good, spoilt=numbers, tools=door.tools, acting=acting
            )
        except (CardNumberError, CountRefused) as refused:
            raise Refused(str(refused)) from refused
        rounds.seal_log(door.tools)
    text = "counted; the print files are destroyed" if is_new else "it was counted before"
    show({"counted": is_new}, as_json=as_json, text=text)
