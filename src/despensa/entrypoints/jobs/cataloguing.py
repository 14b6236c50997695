"""The catalogue of facts at the doors: a new version is read, held against the rules, proposed."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.usecases.publish_catalogue import ACTION, digest_of, preview_catalogue, totals_of


def propose(text: str, *, acting: Acting) -> UUID:
    """
    Return the proposal to publish a file as the next version.

    Raises: CatalogueError; CatalogueRefused; OutOfReach.
    """
    preview_catalogue(text, acting=acting)
    return propose_action(
        ACTION,
        Reason.CATALOGUE_CHANGE,
        acting=acting,
        parameters=(text,),
        inputs=(digest_of(text),),
        totals=totals_of(text),
    )
