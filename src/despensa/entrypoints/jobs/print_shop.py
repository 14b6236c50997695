"""
A batch at a print shop: proposed, packed and sealed to the shop's age key; its return taken.

The package holds the pages and the list of serials and hashes; it takes the pages' place, so that
nobody prints the batch a second time. Source: docs/explanation/design.md, section 6.
"""

import hashlib
import zipfile
from pathlib import Path
from uuid import UUID

from despensa.adapters import age
from despensa.adapters.keeper import key_files
from despensa.domain import shop_order
from despensa.domain.act import Acting
from despensa.domain.card import shop
from despensa.domain.card.shop import Reconciled, ShopRefused, ShopTrouble
from despensa.domain.proposal import Mandate, Reason, parse
from despensa.entrypoints.jobs import print_files
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries, shop_queries
from despensa.usecases.send_to_shop import send_to_shop
from despensa.usecases.take_shop_return import take_shop_return

ACTION = shop_order.ACTION
_UNSEALED = "package.zip"
_READ_ME = """What to do with this package
cards-N.pdf: print each at full size; the line on an A4 sheet measures 100 mm.
cards.csv: one line a card: serial, and the SHA-256 of the text of its code, in printing order.
Read the code of every printed card. Send back a file with the same two columns: one line for every
card you deliver, serial as printed, sha256 as read. Leave out what was spoilt: print nothing twice.
Destroy these files when the cards are delivered.
"""


def propose(batch: UUID, name: str, key: str, tools: Tools, *, acting: Acting) -> UUID:
    """
    Return the proposal to have a batch printed outside.

    Raises: ShopRefused; OutOfReach for a batch that is not in this person's reach.
    """
    shop.require_shop(name)
    try:
        recipient = age.require_public(key)
    except age.AgeRefused as refused:
        raise ShopRefused(ShopTrouble.KEY) from refused
    if shop_queries.package(batch) is not None:
        raise ShopRefused(ShopTrouble.SENT_BEFORE)
    listed = _listed(print_files.folder_of(batch, tools))
    order = shop_order.ShopOrder(batch, name, recipient, hashlib.sha256(listed).digest())
    cycle = queries.cycle_of(batch)
    return propose_action(
        ACTION,
        Reason.CARDS_PRINTED_OUTSIDE,
        acting=acting,
        scope=(None, None, None if cycle is None else cycle.bytes),
        parameters=order.parameters(),
        inputs=(order.listed,),
        totals=(("cards", len(queries.numbers_of_batch(batch))),),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Seal the package of an approved proposal and return one line about it.

    Killed before it is recorded, the same call makes it again; after that only the sealed one is given.
    Raises: ShopRefused; ApprovalInvalid; AlreadyUsed.
    """
    order = shop_order.shop_order_of(parse(mandate.canonical))
    if shop_queries.package(order.batch) is not None:
        raise ShopRefused(ShopTrouble.SENT_BEFORE)
    with print_files.alone(order.batch, tools) as folder:
        listed, sealed = _listed(folder), folder / print_files.PACKAGE
        _pack(folder, sealed, order.recipient)
        with sealed.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        send_to_shop(mandate, listed=listed, package_sha256=digest, acting=acting)
        for path in print_files.sheets_in(folder):
            key_files.destroy(path)
    return f"package for {order.shop} ready: despensa card package {order.batch}"


def package_file(batch: UUID, tools: Tools) -> Path | None:
    """Return where the sealed package of a batch lies, None when it was not sent or is destroyed."""
    path = print_files.folder_of(batch, tools) / print_files.PACKAGE
    return path if path.exists() and shop_queries.package(batch) is not None else None


def looked_at(batch: UUID, data: bytes) -> Reconciled:
    """Return what a shop's file says of a batch in reach; nothing changes. Raises: as `take_return`."""
    package = shop_queries.package(batch)
    if package is None:
        raise ShopRefused(ShopTrouble.NOT_SENT)
    return shop.reconcile(data, shop.issued_of(queries.numbers_of_batch(batch), package.hashes))


def take_return(
    batch: UUID, data: bytes, tools: Tools, *, acting: Acting
) -> tuple[Reconciled, bool]:
    """
    Return what a shop's file says, and whether the batch is counted with it from now on.

    Raises: what `usecases.take_shop_return` does.
    """
    done, is_new = take_shop_return(batch, data, acting=acting, sealer=tools.keeper.vault)
    print_files.destroy(tools)
    tools.keeper.cards.forget(done.spoilt, at=acting.at)
    return done, is_new


def _listed(folder: Path) -> bytes:
    if not print_files.sheets_in(folder):
        raise ShopRefused(ShopTrouble.NO_FILES)
    try:
        return (folder / print_files.MANIFEST).read_bytes()
    except FileNotFoundError as missing:
        raise ShopRefused(ShopTrouble.NO_FILES) from missing


def _pack(folder: Path, sealed: Path, recipient: str) -> None:
    unsealed = folder / _UNSEALED
    with zipfile.ZipFile(unsealed, "w") as archive:
        archive.writestr("READ-ME.txt", _READ_ME)
        for path in (folder / print_files.MANIFEST, *print_files.sheets_in(folder)):
            archive.write(path, path.name)
    age.seal_file_to(unsealed, sealed, [recipient])
    key_files.destroy(unsealed)
    sealed.chmod(0o600)
