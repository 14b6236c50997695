"""A proposal in words: what it would do, where, with which totals."""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, pgettext

from despensa.domain.card_order import order_of
from despensa.domain.child import share_percent
from despensa.domain.correction.slot import Field
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.epoch import first_day
from despensa.domain.erasure import wish_of
from despensa.domain.identity_order import ACTION as IDENTITY_CARDS
from despensa.domain.identity_order import identity_order_of
from despensa.domain.partner.agreement import agreement_of
from despensa.domain.ports.key_office import ESCROW, ROTATE
from despensa.domain.proposal import Proposal, parse
from despensa.domain.receipt import correction_serial
from despensa.domain.release.package import package_terms
from despensa.domain.release.report import report_terms
from despensa.domain.shop_order import ACTION as SEND_TO_SHOP
from despensa.domain.shop_order import shop_order_of
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import actions
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.office.card_words import LAYOUTS, OUTPUT_FIELDS, OUTPUTS
from despensa.entrypoints.office.correction_words import FIELDS
from despensa.entrypoints.office.partner_words import field_words, purpose_words
from despensa.entrypoints.office.parts import Fact
from despensa.entrypoints.office.phone_words import mark as phone_mark
from despensa.entrypoints.office.release_words import BREAKDOWNS
from despensa.entrypoints.office.shell import called, cycle_name
from despensa.entrypoints.office.states import Word, isolated
from despensa.entrypoints.office.words import (
    FIGURES,
    KEY_NAMES,
    PARAMETERS,
    ROLES,
    TOTALS,
    register_kind,
)
from despensa.entrypoints.office.work_pages import ProposalOutput
from despensa.records.programmes import queries as programmes
from despensa.records.proposals.queries import ProposalView
from despensa.records.registry import queries as registry

_TOTAL_WORDS = {
    "households": TOTALS["households"],
    "people": TOTALS["people"],
    "updated_households": TOTALS["updated_households"],
    "cards": TOTALS["cards"],
    "rows": FIGURES["rows"],
    "facts": TOTALS["facts"],
    "differences": TOTALS["differences"],
    "rejected_rows": FIGURES["rejected"],
    "fields": PARAMETERS["record_fields"],
}
_UNIT = "unit:"
ADD_STAFF = "add_staff"


def described(view: ProposalView) -> str:
    """Return one line about a proposal: its file or where it acts, and its totals."""
    proposal = parse(view.canonical)
    where: object = scope(proposal)
    if proposal.action in {actions.IMPORT, actions.UNDO_IMPORT}:
        where = parameters(proposal)[0].value or where
    counts = [
        f"{fact.name}: {number_format(str(fact.value), force_grouping=True)}"
        for fact in totals(proposal)[:2]
    ]
    return " · ".join(isolated(part) for part in (where, *counts))


def totals(proposal: Proposal) -> tuple[Fact, ...]:
    """Return the expected totals with their names."""
    units = programmes.units() if any(n.startswith(_UNIT) for n, _ in proposal.totals) else {}
    facts = []
    for name, count in proposal.totals:
        if name.startswith(_UNIT):
            code, names = units.get(int(name.removeprefix(_UNIT)), (name, {}))
            facts.append(Fact(called(names) or code, count))
        else:
            facts.append(Fact(_TOTAL_WORDS.get(name, name), count))
    return tuple(facts)


def scope(proposal: Proposal) -> str:
    """Return where a proposal acts: cycle, else the whole workspace."""
    cycle_id = proposal.scope[2]
    cycle = None if cycle_id is None else programmes.cycle(UUID(bytes=cycle_id))
    if cycle is None:
        return wiring.tools().workspace.name
    return pgettext("a programme and its cycle", "%(programme)s, %(cycle)s") % {
        "programme": called(cycle.programme_names),
        "cycle": cycle_name(cycle.code),
    }


def parameters(proposal: Proposal) -> tuple[Fact, ...]:
    """Return what else was decided by the person who proposed."""
    told = _TOLD.get(proposal.action)
    return () if told is None else told(proposal)


def outputs(proposal: Proposal) -> tuple[ProposalOutput, ...]:
    """Return the lists of names that leave the system; what else leaves stands in the parameters."""
    return tuple(
        ProposalOutput(
            OUTPUTS[out.name],
            " · ".join(str(OUTPUT_FIELDS[name]) for name in out.fields),
            out.count,
            date.fromordinal(DAY_ZERO + out.destroy_by_day),
        )
        for out in proposal.outputs
        if out.name in OUTPUTS
    )


def _import(proposal: Proposal) -> tuple[Fact, ...]:
    staged = registry.register_import(UUID(bytes=proposal.parameters[0]), reach=None)
    name = "" if staged is None else staged.file_name
    return (
        Fact(PARAMETERS["file"], name),
        Fact(PARAMETERS["kind"], register_kind(proposal.parameters[1])),
    )


def _undone_import(proposal: Proposal) -> tuple[Fact, ...]:
    undone = registry.register_import(UUID(bytes=proposal.parameters[0]), reach=None)
    return (Fact(PARAMETERS["file"], "" if undone is None else undone.file_name),)


def _rule(proposal: Proposal) -> tuple[Fact, ...]:
    rule = parse_text(proposal.parameters[0])
    title: Word = rule.title.get(get_language() or "", rule.title[rule.languages[0]])
    return (Fact(PARAMETERS["rule"], title),)


def _cards(proposal: Proposal) -> tuple[Fact, ...]:
    asked = order_of(proposal)
    return (
        Fact(PARAMETERS["stock"], asked.stock),
        Fact(PARAMETERS["valid_until"], date_format(asked.expires_on)),
        Fact(PARAMETERS["layout"], LAYOUTS[asked.layout.number]),
        Fact(PARAMETERS["languages"], ", ".join(asked.languages)),
        Fact(PARAMETERS["help_line"], asked.help_line),
    )


def _identity_cards(proposal: Proposal) -> tuple[Fact, ...]:
    asked = identity_order_of(proposal)
    return (
        Fact(PARAMETERS["valid_until"], date_format(asked.expires_on)),
        Fact(PARAMETERS["layout"], LAYOUTS[asked.layout.number]),
        Fact(PARAMETERS["languages"], ", ".join(asked.languages)),
        Fact(PARAMETERS["help_line"], asked.help_line),
    )


def _shop(proposal: Proposal) -> tuple[Fact, ...]:
    asked = shop_order_of(proposal)
    return (
        Fact(PARAMETERS["batch"], str(asked.batch)[:8]),
        Fact(PARAMETERS["shop"], asked.shop),
        Fact(PARAMETERS["shop_key"], asked.recipient),
    )


def _opening(proposal: Proposal) -> tuple[Fact, ...]:
    opened = Fact(PARAMETERS["epoch"], date_format(first_day(proposal.parameters[0]), "F Y"))
    late = share_percent(proposal.parameters)
    if not late:
        return (opened,)
    share = gettext("up to %(share)s of each item") % {"share": f"{late} %"}
    return (opened, Fact(PARAMETERS["late_share"], share))


def _recovery(proposal: Proposal) -> tuple[Fact, ...]:
    told = (
        gettext("stays with the households") if proposal.parameters[0] else gettext("is asked back")
    )
    return (Fact(PARAMETERS["recovery"], told),)


def _erasure(proposal: Proposal) -> tuple[Fact, ...]:
    wish = wish_of(proposal)
    return (
        Fact(PARAMETERS["household"], str(wish.household)[:8]),
        Fact(PARAMETERS["whom"], str(wish.person)[:8]),
    )


def _package(proposal: Proposal) -> tuple[Fact, ...]:
    terms = package_terms(proposal.parameters)
    return (
        Fact(PARAMETERS["recipient"], terms.recipient),
        Fact(PARAMETERS["key"], terms.key.hex()),
        Fact(PARAMETERS["destroy_by"], date_format(terms.destroy_by)),
    )


def _report(proposal: Proposal) -> tuple[Fact, ...]:
    report = report_terms(proposal.parameters)
    return (
        Fact(PARAMETERS["recipient"], report.recipient),
        Fact(
            PARAMETERS["breakdowns"],
            ", ".join(str(BREAKDOWNS[one]) for one in report.breakdowns),
        ),
        Fact(PARAMETERS["destroy_by"], date_format(report.destroy_by)),
    )


def _correction(proposal: Proposal) -> tuple[Fact, ...]:
    correction, _, fields = proposal.parameters
    kinds = dict.fromkeys(Field(one) for one in fields)
    return (
        Fact(PARAMETERS["correction"], correction_serial(correction.hex())),
        Fact(PARAMETERS["record_fields"], ", ".join(isolated(FIELDS[one]) for one in kinds)),
    )


def _new_staff(proposal: Proposal) -> tuple[Fact, ...]:
    username, name, _, roles, until = proposal.parameters
    return (
        Fact(PARAMETERS["person"], f"{name} ({username})"),
        Fact(PARAMETERS["roles"], ", ".join(str(ROLES[role]) for role in roles)),
        Fact(PARAMETERS["until"], date_format(date.fromordinal(DAY_ZERO + until))),
    )


def _agreement(proposal: Proposal) -> tuple[Fact, ...]:
    said = agreement_of(proposal.parameters)
    how_often = gettext("%(day)s a day, %(hour)s an hour, at most") % {
        "day": said.a_day,
        "hour": said.an_hour,
    }
    facts = (
        Fact(PARAMETERS["partner"], f"{said.name} ({said.sender_id})"),
        Fact(PARAMETERS["key"], said.public_key.hex()),
        Fact(PARAMETERS["purposes"], purpose_words(said.purposes)),
        Fact(PARAMETERS["fields"], field_words(said.fields)),
        Fact(PARAMETERS["limits"], how_often),
        Fact(PARAMETERS["until"], date_format(said.until)),
    )
    return (*facts, Fact(PARAMETERS["callback"], said.callback)) if said.callback else facts


def _rotation(proposal: Proposal) -> tuple[Fact, ...]:
    name, is_stolen = proposal.parameters
    old = gettext("was stolen: nothing it signed is trusted any more")
    if not is_stolen:
        old = gettext("what it signed stays trusted")
    return (Fact(PARAMETERS["key"], KEY_NAMES[name]), Fact(PARAMETERS["former_key"], old))


def _key_copy(proposal: Proposal) -> tuple[Fact, ...]:
    return tuple(Fact(isolated(name), public) for name, public in proposal.parameters)


def _broken_list(proposal: Proposal) -> tuple[Fact, ...]:
    _, device, point, day = proposal.parameters
    on = date.fromordinal(DAY_ZERO + day)
    return (
        Fact(PARAMETERS["phone"], phone_mark(UUID(bytes=device))),
        Fact(PARAMETERS["point"], isolated(point)),
        Fact(PARAMETERS["session"], date_format(on, "SHORT_DATE_FORMAT")),
    )


_TOLD: Mapping[str, Callable[[Proposal], tuple[Fact, ...]]] = {
    actions.IMPORT: _import,
    actions.UNDO_IMPORT: _undone_import,
    actions.PUBLISH_RULE: _rule,
    actions.ISSUE_CARDS: _cards,
    IDENTITY_CARDS: _identity_cards,
    SEND_TO_SHOP: _shop,
    actions.OPEN_CYCLE: _opening,
    actions.SETTLE_RECOVERY: _recovery,
    actions.BREAK_LEASE: _broken_list,
    actions.ERASE: _erasure,
    actions.ADD_PARTNER: _agreement,
    actions.RELEASE_PACKAGE: _package,
    actions.RELEASE_REPORT: _report,
    actions.CORRECT: _correction,
    ADD_STAFF: _new_staff,
    ROTATE: _rotation,
    ESCROW: _key_copy,
}
