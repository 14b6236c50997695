"""
Print the list by which cards are handed over, in the order of the printed sheets.

It is made when somebody prints it and lies nowhere: with the batch counted, or its print files
destroyed, there is none any more.
"""

from collections.abc import Mapping
from uuid import UUID

from despensa.adapters.printing import TypstListPrinter
from despensa.domain.act import Acting
from despensa.domain.card.hand_over import OUTPUT, HandOverPage, Line, place_of
from despensa.domain.card_order import order_of
from despensa.domain.proposal import Proposal, parse
from despensa.entrypoints.jobs.mandate import mandate_of
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as cards
from despensa.records.proposals import queries as proposals
from despensa.records.registry import queries as registry
from despensa.usecases.open_hand_over import open_hand_over


def languages() -> dict[str, str]:
    """Return the languages a list can be printed in: code and own name."""
    return TypstListPrinter().languages()


def names_a_list(batch: UUID) -> bool:
    """Return whether the order of a batch named a list."""
    view = _order_of(batch)
    return view is not None and _names_a_list(parse(view.canonical))


def printed_list(batch_id: UUID, language: str, tools: Tools, *, acting: Acting) -> bytes:
    """
    Return the list of a batch as a finished file; every name on it was written down as a look.

    Raises: ListRefused; what `open_hand_over` does.
    """
    view = _order_of(batch_id)
    mandate = None if view is None else mandate_of(view, tools)
    holders = open_hand_over(batch_id, mandate, acting=acting, bulk=tools.keeper.bulk)
    assert view is not None, "a batch in reach was ordered"
    layout = order_of(parse(view.canonical)).layout
    areas = registry.area_of([holder.household for holder in holders])
    lines = [
        Line(
            *place_of(holder.position, layout),
            number=holder.number,
            area=_called(areas.get(holder.household, {}), language),
            name=holder.name,
        )
        for holder in holders
    ]
    page = HandOverPage(
        language, tools.workspace.name, str(batch_id)[:8], cards.destroyed_by(batch_id)
    )
    return TypstListPrinter().render_list(lines, page)


def _order_of(batch: UUID) -> proposals.ProposalView | None:
    proposal = cards.proposal_of(batch)
    return None if proposal is None else proposals.proposal(proposal)


def _names_a_list(order: Proposal) -> bool:
    return any(out.name == OUTPUT for out in order.outputs)


def _called(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")
