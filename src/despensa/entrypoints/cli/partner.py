"""`despensa partner`: who may ask about one person with a consent, and the consents themselves."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.domain.partner.agreement import (
    REQUESTS_A_DAY_MAX,
    REQUESTS_AN_HOUR_MAX,
    Agreement,
    AgreementWrong,
    Wrong,
)
from despensa.domain.partner.consent import SharedFor, purpose_of
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id, found_household
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.written import new_file

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

HouseholdArgument = Annotated[
    str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
]
PurposeHelp = "assess_assistance, deliver_assistance or complement_assistance."
DayOption = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%d"], help="Until when, this day excluded.")
]


@app.callback()
def _partner() -> None:
    """Partners ask about one person or household; two people let them in, one revokes them."""


@app.command()
def propose(
    sender_id: Annotated[str, typer.Argument(help="The id it signs with, such as a host name.")],
    *,
    name: Annotated[str, typer.Option(help="What the partner is called.")],
    key: Annotated[str, typer.Option(help="Its Ed25519 public key, 64 hexadecimal digits.")],
    purpose: Annotated[list[str], typer.Option(help=f"{PurposeHelp} May be given again.")],
    field: Annotated[list[str], typer.Option(help="What may be told; may be given again.")],
    until: DayOption,
    area: Annotated[str | None, typer.Option(help="P-code; else the whole workspace.")] = None,
    a_day: Annotated[int, typer.Option(help="Requests a day.")] = REQUESTS_A_DAY_MAX,
    an_hour: Annotated[int, typer.Option(help="Requests an hour.")] = REQUESTS_AN_HOUR_MAX,
    callback: Annotated[str, typer.Option(help="https address for answers; empty: none.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose that a partner may ask; a second person approves it."""
    agreement = Agreement(
        sender_id=sender_id,
        name=name,
        public_key=_key(key),
        purposes=tuple(sorted({int(_purpose(one)) for one in purpose})),
        fields=tuple(dict.fromkeys(field)),
        until=until.date(),
        an_hour=an_hour,
        a_day=a_day,
        callback=callback,
    )
    with entered("partner propose", workspace) as door:
        from despensa.entrypoints.jobs import partners, rounds
        from despensa.records.registry import queries

        where = queries.root_area() if area is None else queries.area_by_pcode(area)
        if where is None:
            raise Refused(f"There is no area with the p-code {area}: nothing was changed.")
        acting = door.tools.acting(door.staff)
        proposal = partners.propose(agreement, where, door.tools, acting=acting)
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command(name="list")
def list_partners(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List who may ask, until when, and how often it asked today."""
    with entered("partner list", workspace) as door:
        from despensa.entrypoints.jobs.answering import our_id
        from despensa.records.partners import queries

        today = door.tools.today()
        found = queries.partners(reach=door.reach(Permission.SEE_PARTNERS))
        ids = [one.id for one in found]
        asked = queries.asked_on(ids, door.tools.now() // 86_400)
        consents = queries.consents_in_force(ids, today)
        value: dict[str, Any] = {
            "receiver_id": our_id(door.tools),
            "partners": [
                {
                    "id": str(one.id),
                    "sender_id": one.sender_id,
                    "name": one.name,
                    "may_ask": one.is_active(today),
                    "until": one.until_date.isoformat(),
                    "consents": consents.get(one.id, 0),
                    "asked_today": asked.get(one.id, 0),
                }
                for one in found
            ],
        }
    headings = ["sender_id", "name", "may_ask", "until", "consents", "asked_today", "id"]
    rows = [[str(one[name]) for name in headings] for one in value["partners"]]
    text = f"{table(headings, rows)}\nreceiver_id: {value['receiver_id']}"
    show(value, as_json=as_json, text=text)


@app.command()
def revoke(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The id `partner list` shows.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a partner at once: its next message is refused, and nothing more is sent to it."""
    with entered("partner revoke", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.revoke_partner import revoke_partner

        is_new = revoke_partner(
            an_id(partner, "despensa partner list"), acting=door.tools.acting(door.staff)
        )
        rounds.seal_log(door.tools)
    text = "revoked" if is_new else "it was revoked before: nothing was changed"
    show({"revoked": is_new}, as_json=as_json, text=text)


@app.command()
def consent(
    household: HouseholdArgument,
    *,
    partner: Annotated[str, typer.Option(help="The id `partner list` shows.")],
    purpose: Annotated[str, typer.Option(help=PurposeHelp)],
    field: Annotated[list[str], typer.Option(help="What may be told; may be given again.")],
    given_by: Annotated[str, typer.Option(help="Who is present and agrees.")],
    until: DayOption,
    person: Annotated[
        str | None, typer.Option(help="Whom it is about; without it, the household.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that somebody who is present lets a partner be told something."""
    shared_for = _purpose(purpose)
    with entered("partner consent", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.catalogue.queries import in_force
        from despensa.usecases.give_consent import Wish, give_consent

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        wish = Wish(
            partner=an_id(partner, "despensa partner list"),
            household=home,
            person=None if person is None else an_id(person),
            given_by=an_id(given_by),
            purpose=shared_for,
            fields=tuple(dict.fromkeys(field)),
            until=until.date(),
        )
        made = give_consent(
            wish,
            acting=door.tools.acting(door.staff),
            vault=door.tools.keeper.vault,
            signatory=door.tools.keeper.signatory,
            catalogue=in_force(),
        )
        rounds.seal_log(door.tools)
    text = f"recorded; its receipt: despensa partner receipt {household} {made}"
    show({"consent": str(made)}, as_json=as_json, text=text)


@app.command()
def withdraw(
    household: HouseholdArgument,
    consent: Annotated[str, typer.Argument(metavar="CONSENT", help="The id of the consent.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a consent back: from now on the partner is told nothing under it."""
    with entered("partner withdraw", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.end_consent import end_consent

        is_new = end_consent(
            an_id(consent),
            household=found_household(household, door, Permission.CHANGE_HOUSEHOLDS),
            acting=door.tools.acting(door.staff),
            vault=door.tools.keeper.vault,
            signatory=door.tools.keeper.signatory,
        )
        rounds.seal_log(door.tools)
    text = "taken back" if is_new else "it had ended before: nothing was changed"
    show({"ended": is_new}, as_json=as_json, text=text)


@app.command()
def receipt(
    household: HouseholdArgument,
    consent: Annotated[str, typer.Argument(metavar="CONSENT", help="The id of the consent.")],
    *,
    language: Annotated[str, typer.Option(help="The person's: en, es or ar.")] = "en",
    out: Annotated[Path | None, typer.Option(help="Write the signed receipt here.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the receipt of a consent, or of its end, in the person's language."""
    if language not in {"en", "es", "ar"}:
        raise Mistake(f"{language} is no language here; there are: en, es, ar.")
    with entered("partner receipt", workspace) as door:
        from despensa.records.partners import queries

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        wanted = an_id(consent)
        known = {one.id for one in queries.consents_of(home)}
        found = queries.receipts(wanted) if wanted in known else None
        if found is None:
            raise Refused("There is no such consent in this household.")
        signed = found[1] or found[0]
        ring = door.tools.keeper.signatory.public_keys().authority_ring()
        value = _told(signed, ring, language, door.tools.workspace.name)
    if out is not None:
        new_file(out, signed)
    show(value, as_json=as_json, text="\n".join([*value["sentences"], value["words"]]))


def _told(
    signed: bytes, ring: Mapping[bytes, bytes], language: str, workspace: str
) -> dict[str, Any]:
    from django.utils import translation

    from despensa.domain import receipt as receipts
    from despensa.entrypoints.office.partner_words import receipt_sentences

    said = receipts.verify_receipt(signed, authority_keys=ring).receipt
    with translation.override(language):
        sentences = receipt_sentences(said, workspace=workspace)
    return {
        "serial": said.serial,
        "kind": said.kind.name.lower(),
        "sentences": list(sentences),
        "words": " ".join(receipts.spoken_code(signed)),
    }


def _purpose(code: str) -> SharedFor:
    purpose = purpose_of(code)
    if purpose is None:
        raise Mistake(f"{code} is no purpose here; there are: {PurposeHelp}")
    return purpose


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise AgreementWrong(Wrong.KEY) from error
