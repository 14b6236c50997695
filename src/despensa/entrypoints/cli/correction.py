"""`despensa correction`: requests to correct a record, from the asking to the answer and back."""

from datetime import date
from typing import Annotated, Any

import typer

from despensa.domain.correction.slot import Channel, Field, Reason, Refusal, Slot, State
from despensa.domain.receipt import correction_serial
from despensa.domain.registration.fault import shown
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id, found_household
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
Request = Annotated[str, typer.Argument(metavar="CORRECTION", help="An id of the list.")]
SHOWN_MAX = 100
_DIGITS_MAX = 18
_PLAIN = {
    "full_name": Field.FULL_NAME,
    "birth": Field.BIRTH,
    "address": Field.ADDRESS,
}
_SEXES = {"male": 1, "female": 2, "other": 3, "unknown": None}
_BY = {"desk": Channel.DESK, "phone": Channel.PHONE, "letter": Channel.LETTER,
       "office": Channel.OFFICE}  # fmt: skip


@app.callback()
def _correction() -> None:
    """Corrections of people's records: asked for, agreed to by two, answered, taken back."""


@app.command(name="list")
def list_(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the requests that wait for an answer, those due first; no name, no value."""
    with entered("correction list", workspace) as door:
        from despensa.records.corrections import queries

        reach = door.reach(Permission.SEE_PROPOSALS)
        value = [_summary(view) for view in queries.waiting(SHOWN_MAX, reach=reach)]
    lines = [f"{one['answer_until']}  {one['id']}  {', '.join(one['fields'])}" for one in value]
    show(value, as_json=as_json, text="\n".join(lines) or "nobody waits for an answer")


@app.command(name="show")
def show_(
    correction: Request, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Show one request, each field before and after, to those who may see it; a written look."""
    with entered("correction show", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.corrections import queries
        from despensa.usecases.open_correction import open_correction

        view = queries.correction(an_id(correction, "despensa correction list"))
        if view is None:
            raise Refused("There is no such correction.")
        opened = open_correction(
            view, acting=door.tools.acting(door.staff), vault=door.tools.keeper.vault
        )
        rounds.seal_log(door.tools)
        value = _summary(view) | {
            "changes": None if opened.changes is None else [
                {
                    "field": one.slot.field.name.lower(),
                    "key": one.slot.key,
                    "before": one.before,
                    "after": one.after,
                }
                for one in opened.changes
            ]
        }  # fmt: skip
    lines = [f"{value['serial']}: {value['state']}, answer due by {value['answer_until']}"]
    lines += [
        f"  {one['field']} {one['key']}: {one['before']} -> {one['after']}"
        for one in value["changes"] or []
    ]
    show(value, as_json=as_json, text="\n".join(lines))


@app.command()
def ask(
    household: Annotated[
        str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
    ],
    *,
    person: Annotated[str, typer.Option(help="An id that `household show` prints.")],
    values: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="full_name, birth, sex, address, phone, or a fact of the catalogue; an empty "
            "value takes a fact or the address away. May be given again.",
        ),
    ],
    reason: Annotated[
        str,
        typer.Option(
            help="misspelt, written_otherwise, entry_mistake, changed_since, was_missing or "
            "document_shown."
        ),
    ],
    by: Annotated[str, typer.Option(help="desk, phone, letter or office.")] = "desk",
    request: Annotated[
        str | None, typer.Option(help="An id of your own, so that a repeated command is one.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a request down; phone and address change at once, the rest waits for a second person."""
    reasons = {one.name.lower(): one for one in Reason if one is not Reason.UNDO}
    if reason not in reasons or by not in _BY:
        raise Mistake(f"Reasons are {', '.join(reasons)}; ways are {', '.join(_BY)}.")
    pairs = [one.partition("=") for one in values]
    names = [name for name, *_ in pairs]
    if len(set(names)) < len(names):
        raise Mistake("A field was set twice: set each once.")
    if bare := [name for name, equals, _ in pairs if not equals]:
        raise Mistake(f"{shown(bare[0])} says no value: write --set FIELD=VALUE.")
    with entered("correction ask", workspace) as door:
        from despensa.entrypoints.jobs import correcting, rounds
        from despensa.records.catalogue.queries import in_force
        from despensa.usecases.open_record import open_record
        from despensa.usecases.request_correction import Wanted

        home = found_household(household, door, Permission.CHANGE_HOUSEHOLDS)
        acting, vault = door.tools.acting(door.staff), door.tools.keeper.vault
        wanted = dict(_place(name, text, in_force()) for name, _, text in pairs)
        record = open_record(an_id(person), home, acting=acting, vault=vault)
        asked = correcting.ask(
            Wanted(
                id=acting.new_id() if request is None else an_id(request),
                person=record.person,
                household=home,
                version=record.version,
                channel=_BY[by],
                reason=reasons[reason],
                values=wanted,
            ),
            door.tools,
            acting=acting,
        )
        rounds.seal_log(door.tools)
    _show_asked(asked, as_json=as_json)


@app.command()
def refuse(
    correction: Request,
    *,
    reason: Annotated[
        str,
        typer.Option(
            help="not_shown, not_theirs_to_ask, is_so_already, another_way, "
            "document_says_otherwise or changed_meanwhile."
        ),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse a request that somebody else took down; its receipt says why and until when to appeal."""
    reasons = {one.name.lower(): one for one in Refusal}
    if reason not in reasons:
        raise Mistake(f"{reason} is no reason here; there are: {', '.join(reasons)}.")
    with entered("correction refuse", workspace) as door:
        from despensa.entrypoints.jobs import correcting, rounds

        acting = door.tools.acting(door.staff)
        correcting.refuse(
            an_id(correction, "despensa correction list"),
            reasons[reason],
            door.tools,
            acting=acting,
        )
        rounds.seal_log(door.tools)
    show({"refused": True}, as_json=as_json, text="refused; the receipt is on its page")


@app.command()
def undo(
    correction: Request, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Ask to take a correction back; who had to agree to it has to agree to that as well."""
    with entered("correction undo", workspace) as door:
        from despensa.entrypoints.jobs import correcting, rounds
        from despensa.records.corrections import queries
        from despensa.usecases.request_correction import Wanted

        view = queries.correction(an_id(correction, "despensa correction list"))
        if view is None:
            raise Refused("There is no such correction.")
        acting = door.tools.acting(door.staff)
        wanted = Wanted(
            id=acting.new_id(), person=view.person, household=view.household, version="",
            channel=Channel.OFFICE, reason=Reason.UNDO, values={}, undoes=view.id,
        )  # fmt: skip
        asked = correcting.ask(wanted, door.tools, acting=acting)
        rounds.seal_log(door.tools)
    _show_asked(asked, as_json=as_json)


def _show_asked(asked: Any, *, as_json: bool) -> None:
    value = {
        "id": str(asked.id),
        "state": asked.state.name.lower(),
        "proposal": None if asked.proposal is None else str(asked.proposal),
        "is_new": asked.is_new,
    }
    done = f"corrected: {asked.id}"
    waits = f"taken down: {asked.id}; a second person: despensa proposal approve {asked.proposal}"
    show(value, as_json=as_json, text=done if asked.state is State.DONE else waits)


def _summary(view: Any) -> dict[str, Any]:
    due: date = view.answer_until
    return {
        "id": str(view.id),
        "serial": correction_serial(view.id.hex),
        "household": str(view.household),
        "state": view.state.name.lower(),
        "answer_until": due.isoformat(),
        "proposal": None if view.proposal is None else str(view.proposal),
        "fields": [Field(one).name.lower() for one in view.fields],
    }


def _place(name: str, text: str, catalogue: Any) -> tuple[Slot, Any]:
    """Return the place a field's name stands for, and the value typed. Raises: Mistake."""
    if name in _PLAIN:
        return Slot(_PLAIN[name]), text
    if name == "sex":
        if text not in _SEXES:
            raise Mistake(f"{shown(text)} is no sex here; there are: {', '.join(_SEXES)}.")
        return Slot(Field.SEX), _SEXES[text]
    if name == "phone":
        return Slot(Field.PHONE, "new"), text
    fact = catalogue.get(name)
    if fact is None:
        raise Mistake(
            f"{shown(name)} is no field here: full_name, birth, sex, address, phone or a fact."
        )
    kind = Field.PERSON_FACT if fact.subject == "registrant" else Field.HOUSEHOLD_FACT
    is_number = text.isdecimal() and len(text) <= _DIGITS_MAX
    typed = {"yes": True, "no": False, "": None}.get(text, int(text) if is_number else text)
    return Slot(kind, name), typed
