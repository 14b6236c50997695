"""Words of the pages about identity cards in wallets, and the link a wallet reads."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from despensa.domain.wallet import credential
from despensa.domain.wallet.offer import Codes, State, offer_document
from despensa.entrypoints.office.states import State as ShownState
from despensa.usecases.offer_identity import Fault

REFUSED: Mapping[Fault, Promise] = {
    Fault.NO_HOUSEHOLD: gettext_lazy("This person does not live in this household: choose again."),
    Fault.NOBODY: gettext_lazy("No name is recorded of this person: write it down first."),
    Fault.MEANWHILE: gettext_lazy(
        "Somebody else offered this person a card in the same moment: offer it again."
    ),
}
OFFER_STATES: Mapping[State, ShownState] = {
    State.SHOWN: ShownState("waiting", gettext_lazy("waiting for the phone")),
    State.CODE_USED: ShownState("waiting", gettext_lazy("the phone has begun")),
    State.TAKEN: ShownState("done", gettext_lazy("taken: the card is on the phone")),
    State.ENDED: ShownState("stopped", gettext_lazy("over: it was not taken")),
}


def offer_link(codes: Codes, issuer: str) -> str:
    """Return what the picture says: the whole offer, so that no server has to keep its code."""
    said = offer_document(codes, issuer=issuer, configuration=credential.CONFIGURATION)
    written = quote(json.dumps(said, separators=(",", ":")), safe="")
    return f"openid-credential-offer://?credential_offer={written}"
