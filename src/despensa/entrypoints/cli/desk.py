"""`despensa desk`: enrol one household, or answer it with a signed paper; cards and introducers."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.domain.eligibility.paper import slip_text
from despensa.domain.enrolment import answer as answers
from despensa.domain.enrolment.desk import DeskForm, FormFaulty, strange_fields
from despensa.domain.registration.fault import MEND, WARNINGS
from despensa.domain.role import Permission
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.household_order import a_day, an_id, area_called, found_household
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
)
from despensa.entrypoints.cli.problems import Mistake
from despensa.entrypoints.cli.written import check_new, new_file

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

Area = Annotated[str, typer.Option(help="P-code of the area the household lives in.")]
Id = Annotated[
    str | None, typer.Option("--id", help="The id of this act: sent twice, it is done once.")
]
Out = Annotated[Path | None, typer.Option(help="Write the signed paper here.")]
Language = Annotated[str, typer.Option(help="The person's: en, es or ar.")]
_FORM = (
    'Write {"area": p-code, "household": {field: text}, "people": [{field: text}, ...]}; the fields '
    "are those of the register template and the catalogue."
)
_NOTICED = (
    "somebody of it may be registered already; the enrolment stands, its food goes on: pair {pair}"
)


@app.callback()
def _desk() -> None:
    """The desk: whoever stands there is enrolled, with or without papers, or gets a paper."""


@app.command()
def enrol(
    file: Annotated[Path, typer.Argument(help="The household as JSON; - reads standard input.")],
    *,
    card: Annotated[str | None, typer.Option(help="A printed card of nobody to bind.")] = None,
    vouched_by_card: Annotated[
        str | None, typer.Option(help="The card of a registered person who vouches.")
    ] = None,
    vouched_by_office: Annotated[
        str | None, typer.Option(help="The id of a named office that vouches.")
    ] = None,
    enrolment: Id = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enrol one household that is present; no document is ever needed."""
    area, form = _form(read_in.data_of(file))
    with entered("desk enrol", workspace) as door:
        from despensa.entrypoints.jobs import desk, rounds
        from despensa.usecases.enrol_household import Enrolment

        _require_known(form)
        tools, acting = door.tools, door.tools.acting(door.staff)
        own = acting.new_id() if enrolment is None else an_id(enrolment)
        office = None if vouched_by_office is None else an_id(vouched_by_office)
        introducer = desk.introducer_of(
            vouched_by_card or "",
            office,
            reach=door.reach(Permission.ENROL_HOUSEHOLDS),
            tools=tools,
        )
        try:
            household = desk.draft_of(form, own, tools)
        except FormFaulty as faulty:
            raise Mistake(_told(faulty)) from None
        wanted = Enrolment(
            own, household, area_called(area, door), introducer,
            None if card is None else desk.read_card(card, tools),
        )  # fmt: skip
        done = desk.enrol(wanted, tools, acting=acting)
        pairs = desk.notice(done.household, tools, acting=acting)
        rounds.seal_log(tools)
    value = {
        "household": str(done.household),
        "is_new": done.is_new,
        "vouched": done.vouched,
        "pairs": [str(one) for one in pairs],
    }
    known = "enrolled" if done.is_new else "enrolled before under this id"
    lines = [f"{known}: household {done.household}", *(_NOTICED.format(pair=one) for one in pairs)]
    show(value, as_json=as_json, text="\n".join(lines))


@app.command()
def refuse(
    *,
    reason: Annotated[str, typer.Option(help="A reason of the list; a wrong one prints it.")],
    area: Area,
    language: Language = "en",
    out: Out = None,
    answer: Id = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a signed refusal to take away; nothing about the person is kept."""
    chosen = _one_of(reason, answers.EnrolmentReason, "reason")
    check_new(out)
    with entered("desk refuse", workspace) as door:
        refusal = answers.refusal(chosen, day=door.tools.today())
        value = _answer(refusal, area, answer, language, out, door)
    show(value, as_json=as_json, text=_lines(value))


@app.command()
def appoint(
    *,
    bring: Annotated[list[str], typer.Option(help="What to bring; a wrong one prints the list.")],
    area: Area,
    by: Annotated[str | None, typer.Option(help="The last day to come; else in 14 days.")] = None,
    language: Language = "en",
    out: Out = None,
    answer: Id = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a signed appointment where an enrolment cannot be finished today."""
    wanted = [_one_of(one, answers.Bring, "thing to bring") for one in bring]
    check_new(out)
    with entered("desk appoint", workspace) as door:
        today = door.tools.today()
        come_by = today + timedelta(days=answers.COME_WITHIN_DAYS) if by is None else a_day(by)
        appointment = answers.appointment(wanted, come_by=come_by, day=today)
        value = _answer(appointment, area, answer, language, out, door)
    show(value, as_json=as_json, text=_lines(value))


@app.command()
def bind(
    card: Annotated[str, typer.Argument(metavar="CARD", help="A printed card of nobody.")],
    *,
    household: Annotated[str, typer.Option(help="The id of its page, or a card it has.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bind a printed card of nobody to a household: it counts from now on."""
    with entered("desk bind", workspace) as door:
        from despensa.entrypoints.jobs import desk, rounds
        from despensa.usecases.bind_card import bind_card

        home = found_household(household, door, Permission.ENROL_HOUSEHOLDS)
        number = desk.read_card(card, door.tools)
        bind_card(
            number,
            home,
            acting=door.tools.acting(door.staff),
            sealer=door.tools.keeper.vault,
            today=door.tools.today(),
        )
        rounds.seal_log(door.tools)
    show({"card": number, "household": str(home)}, as_json=as_json, text=f"bound: {number}")


@app.command()
def replace(
    card: Annotated[str, typer.Argument(metavar="CARD", help="The household's lost or torn card.")],
    *,
    by: Annotated[str, typer.Option(help="A printed card of nobody: its number or scanned code.")],
    slips: Annotated[
        Path | None, typer.Option(help="A folder for the slips that phones without network scan.")
    ] = None,
    language: Language = "en",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Give a household another card for one that is lost, torn or unreadable; it is free.

    Where a phone holds the household's goods it learns of the new card from a signed slip.
    """
    with entered("desk replace", workspace) as door:
        from despensa.entrypoints.jobs import desk, replacing, rounds

        home = found_household(card, door, Permission.ENROL_HOUSEHOLDS)
        if language not in replacing.languages():
            raise Mistake(f"No slip is in {language}: choose {', '.join(replacing.languages())}.")
        old, new = (desk.read_card(typed, door.tools) for typed in (card, by))
        acting = door.tools.acting(door.staff)
        is_new = replacing.replace(old, new, home, door.tools, acting=acting)
        made = replacing.slips(old, new, home, door.tools, acting=acting)
        rounds.seal_log(door.tools)
        told = [
            {
                "list": str(slip.lease),
                "expires_at": slip.expires_at,
                "code": slip_text(slip.signed),
                "paper": _slip_paper(
                    slips, slip.lease, replacing.paper(slip, new, language, door.tools)
                ),
            }
            for slip in made
        ]
    text = f"{old} is replaced by {new}" if is_new else "it was replaced before: no card changed"
    value = {"card": old, "by": new, "is_new": is_new, "slips": told}
    lines = [f"scan this slip at the point: {one['paper'] or one['code']}" for one in told]
    show(value, as_json=as_json, text="\n".join([text, *lines]))


@app.command()
def spoil(
    card: Annotated[str, typer.Argument(metavar="CARD", help="A printed card of nobody.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a printed card of nobody is spoilt: it is dead, another one is taken."""
    with entered("desk spoil", workspace) as door:
        from despensa.entrypoints.jobs import desk, rounds

        number = desk.read_card(card, door.tools)
        is_new = desk.spoil(number, door.tools, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    text = f"dead: {number}" if is_new else f"{number} was dead before: nothing was changed"
    show({"card": number, "is_new": is_new}, as_json=as_json, text=text)


@app.command()
def introducers(
    *,
    area: Annotated[str, typer.Option(help="P-code of the area, with all that lies in it.")],
    person: Annotated[int, typer.Option(min=1, help="Households one person may vouch for.")],
    office: Annotated[int, typer.Option(min=1, help="Households one office may vouch for.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish for how many households a person, and a named office, may vouch at a time."""
    with entered("desk introducers", workspace) as door:
        from despensa.domain.enrolment.introducer import Limits
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.set_introducer_limits import set_introducer_limits

        set_introducer_limits(
            area_called(area, door), Limits(person, office), acting=door.tools.acting(door.staff)
        )
        rounds.seal_log(door.tools)
    value = {"area": area, "person": person, "office": office}
    text = f"published: {person} households a person, {office} an office"
    show(value, as_json=as_json, text=text)


def _slip_paper(folder: Path | None, lease: UUID, pdf: bytes) -> str | None:
    """Return where the paper of a slip was written, None without a folder for it."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"slip-{str(lease)[:8]}.pdf"
    path.write_bytes(pdf)
    return str(path)


def _form(data: bytes) -> tuple[str, DeskForm]:
    """Return p-code and form. Raises: Mistake."""
    try:
        given = json.loads(data)
        area, home, people = given["area"], given.get("household", {}), given["people"]
        form = DeskForm(_texts(home), tuple(_texts(person) for person in people))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Mistake(f"This is no household that can be read. {_FORM}") from error
    if not isinstance(area, str):
        raise Mistake(f"The area is no text. {_FORM}")
    return area, form


def _require_known(form: DeskForm) -> None:
    """Refuse fields that have no place. Raises: Mistake, naming every one."""
    from despensa.records.catalogue.queries import in_force

    strange = strange_fields(form, in_force())
    if strange:
        named = ", ".join(
            one.name if one.category is None else f"{one.name} (forbidden: {one.category})"
            for one in strange
        )
        raise Mistake(f"There is no place for: {named}. {_FORM}")


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in fields.values()):
        raise TypeError("every value is a text")
    return dict(fields)


def _told(faulty: FormFaulty) -> str:
    lines = ["The household cannot be enrolled like this; nothing was written:"]
    for one in faulty.faults:
        whose = "household" if one.person is None else f"person {one.person + 1}"
        told = MEND.get(one.code) or WARNINGS[one.code]
        values = {"column": one.name, "count": "1", "row": whose, **one.parameters}
        lines.append(f"  {whose}, {one.name or 'people'}: {told.format_map(values)}")
    return "\n".join(lines)


def _one_of(text: str, known: Any, what: str) -> Any:
    for one in known:
        if one.name.lower() == text:
            return one
    there = ", ".join(one.name.lower() for one in known)
    raise Mistake(f"{text} is no {what} here; there are: {there}.")


def _answer(
    answer: answers.Refusal | answers.Appointment,
    area: str,
    own: str | None,
    language: str,
    out: Path | None,
    door: Entered,
) -> dict[str, Any]:
    from despensa.entrypoints.cli.receipt import verdict_on
    from despensa.entrypoints.desk_words import LANGUAGES
    from despensa.entrypoints.jobs import rounds
    from despensa.usecases.answer_enrolment import answer_enrolment

    if language not in LANGUAGES:
        raise Mistake(f"{language} is no language here; there are: {', '.join(LANGUAGES)}.")
    tools, acting = door.tools, door.tools.acting(door.staff)
    signed = answer_enrolment(
        acting.new_id() if own is None else an_id(own),
        answer,
        area=area_called(area, door),
        acting=acting,
        signatory=tools.keeper.signatory,
    )
    rounds.seal_log(tools)
    if out is not None:
        new_file(out, signed)
    value = verdict_on(signed, tools.keeper.signatory.public_keys().authority, language)
    return value | {"code": base64.b64encode(signed).decode()}


def _lines(value: dict[str, Any]) -> str:
    said = [*value["sentences"], value["serial"], value["words"], value["code"]]
    return "\n".join(said)
