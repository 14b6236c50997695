"""`despensa person`: propose that a person is erased, and print the receipt once they are."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.domain import receipt as receipts
from despensa.domain.erasure import REASONS, Wish
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id, found_household
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.sentences import day_text
from despensa.entrypoints.cli.written import new_file

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
LANGUAGES = ("en", "es", "ar")


@app.callback()
def _person() -> None:
    """One person: two people erase them, and a receipt says so."""


@app.command()
def erase(
    household: Annotated[
        str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
    ],
    *,
    person: Annotated[str, typer.Option(help="An id that `household show` prints.")],
    reason: Annotated[
        str,
        typer.Option(help="person_asked, court_order, entered_by_mistake or retention_ended."),
    ],
    head: Annotated[str | None, typer.Option(help="Who is head then, of those who stay.")] = None,
    collector: Annotated[
        str | None, typer.Option(help="Who collects then: a person or an institution.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose that everything about a person is destroyed; a second person approves it."""
    known = {one.name.lower(): one for one in REASONS}
    if reason not in known:
        raise Mistake(f"{reason} is no reason here; there are: {', '.join(known)}.")
    with entered("person erase", workspace) as door:
        from despensa.entrypoints.jobs import erasing, rounds
        from despensa.records.households import queries

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        standing = queries.standing(home)
        assert standing is not None, "found before"
        chosen = None if collector is None else an_id(collector)
        wish = Wish(
            person=an_id(person),
            household=home,
            version=standing.version,
            head=None if head is None else an_id(head),
            collector=chosen,
            collector_is_institution=chosen in {one.id for one in queries.institutions()},
        )
        proposal = erasing.propose(wish, known[reason], acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command()
def receipt(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="That erased the person.")],
    *,
    language: Annotated[str, typer.Option(help="The person's: en, es or ar.")] = "en",
    out: Annotated[Path | None, typer.Option(help="Write the signed receipt here.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the receipt of an erasure in the person's language, and write its signed form."""
    if language not in LANGUAGES:
        raise Mistake(f"{language} is no language here; there are: {', '.join(LANGUAGES)}.")
    with entered("person receipt", workspace) as door:
        from despensa.records.households import queries
        from despensa.records.proposals import queries as proposals

        view = _view(proposal, proposals)
        reach = door.reach(Permission.SEE_PROPOSALS)
        is_seen = view is not None and reach.covers(view.programme, view.area)
        signed = queries.erasure_receipt(view.id) if is_seen else None
        if signed is None:
            raise Refused(f"There is no erasure under the proposal {proposal}.")
        ring = door.tools.keeper.signatory.public_keys().authority_ring()
        value = _told(signed, ring, language, door.tools.workspace.name)
    if out is not None:
        new_file(out, signed)
    text = "\n".join([*value["sentences"], value["words"], value["code"]])
    show(value, as_json=as_json, text=text)


def _view(text: str, proposals: Any) -> Any:
    try:
        return proposals.proposal(UUID(text))
    except ValueError as error:
        raise Mistake(f"{text} is no id of a proposal: despensa proposal list.") from error


def _told(
    signed: bytes, ring: Mapping[bytes, bytes], language: str, workspace: str
) -> dict[str, Any]:
    from django.utils import translation

    from despensa.entrypoints.office.erasure_words import receipt_sentences

    said = receipts.verify_receipt(signed, authority_keys=ring).receipt
    assert said.last_copy_until is not None, "the receipt of an erasure names the day"
    with translation.override(language):
        sentences = receipt_sentences(said, workspace=workspace)
    return {
        "serial": said.serial,
        "day": day_text(said.day),
        "last_copy_until": day_text(said.last_copy_until),
        "sentences": list(sentences),
        "words": " ".join(receipts.spoken_code(signed)),
        "code": base64.b64encode(signed).decode(),
    }
