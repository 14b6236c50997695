"""
The print files of a batch: made, gone on with when whoever made them was killed, destroyed.

They lie in `run/print/<batch>/`, which is in no backup. First the codes are kept there, then the batch
is recorded, then it is printed file by file; each file appears whole. What was killed anywhere in between
is gone on with under the same lock, with the same codes, so that no card is printed twice. With the
last file read back the codes alone are destroyed; counted, or after their day, the rest.
Source: docs/explanation/design.md, section 6.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from uuid import UUID

from despensa.adapters.keeper import key_files
from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.act import Acting
from despensa.domain.card import shop
from despensa.domain.card.sheet import CARDS_PER_FILE_MAX, CardFace, PrintCard
from despensa.domain.card_order import CardOrder, order_of
from despensa.domain.ports.keeper import SignedCard
from despensa.domain.proposal import parse
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries
from despensa.records.proposals import queries as proposals
from despensa.usecases.note_print_destroyed import note_print_destroyed
from despensa.usecases.release_sheet import release_sheet

MANIFEST, PACKAGE = "cards.csv", "package.age"
KEPT_DAYS = 7
_CODES, _LOCK = "codes.json", "lock"
_DAY = 86_400
_log = logging.getLogger(__name__)


class SheetUnreadable(RuntimeError):
    """A code of the printed sheet did not read back: nothing may be printed."""


def folder_of(batch: UUID, tools: Tools) -> Path:
    """Return where the print files of a batch lie, as long as they do."""
    return _all(tools) / str(batch)


def sheets_in(folder: Path) -> list[Path]:
    """Return the finished files of a batch in order, none once they are destroyed or sent away."""
    return sorted(folder.glob("cards-*.pdf"), key=lambda path: int(path.stem.split("-")[1]))


@contextmanager
def alone(batch: UUID, tools: Tools, *, waits: bool = True) -> Iterator[Path]:
    """
    Yield the folder of a batch while nobody else works in it.

    Raises: BlockingIOError when somebody does and this one does not wait.
    """
    folder = folder_of(batch, tools)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder


def printer() -> TypstCardPrinter:
    """Return what makes and checks pages of cards."""
    codes = ZxingCodes()
    return TypstCardPrinter(writer=codes, reader=codes)


def keep_codes(folder: Path, cards: Sequence[SignedCard]) -> None:
    """Keep the signed cards of a batch until they are printed."""
    key_files.write(folder / _CODES, json.dumps([[one.number, one.text] for one in cards]).encode())


def kept_codes(folder: Path) -> list[SignedCard] | None:
    """Return the signed cards of a batch that was not printed whole, None when there are none."""
    try:
        kept = json.loads((folder / _CODES).read_bytes())
    except FileNotFoundError:
        return None
    return [SignedCard(number, text) for number, text in kept]


def make(
    cards: Sequence[SignedCard],
    asked: CardOrder,
    batch: UUID,
    issued_on: date,
    tools: Tools,
    *,
    acting: Acting,
) -> None:
    """
    Print the cards of a batch into its folder, which is held, and release it.

    Raises: SheetUnreadable.
    """
    made, folder, digest = printer(), folder_of(batch, tools), hashlib.sha256()
    for number, start in enumerate(range(0, len(cards), CARDS_PER_FILE_MAX), start=1):
        part = cards[start : start + CARDS_PER_FILE_MAX]
        face = CardFace(
            issuer=tools.workspace.name,
            help_line=asked.help_line,
            issued_on=issued_on,
            batch=f"{str(batch)[:8]}-{number}",
        )
        faces = [PrintCard(card.number, card.text) for card in part]
        pdf = made.render_sheets(faces, face, asked.languages, asked.layout)
        check = made.verify_sheet(pdf, [card.text for card in part], asked.layout)
        if not check.ready:
            key_files.destroy(folder / _CODES)
            raise SheetUnreadable(
                f"{check.codes_right} of {check.codes_expected} codes read back; nothing may be "
                "printed from this batch. Look at the template, then order the cards again."
            )
        key_files.write(folder / f"cards-{number}.pdf", pdf)
        digest.update(hashlib.sha256(pdf).digest())
    listed = shop.manifest([(card.number, shop.code_hash(card.text)) for card in cards])
    key_files.write(folder / MANIFEST, listed)
    release_sheet(batch, sheet_sha256=digest.digest(), acting=acting)
    key_files.destroy(folder / _CODES)


def go_on(tools: Tools) -> int:
    """Print the recorded batches whose printing was killed, with the same cards; return how many."""
    done = 0
    for batch in queries.unprinted():
        try:
            with alone(batch.id, tools, waits=False) as folder:
                done += _went_on(batch, folder, tools)
        except BlockingIOError:
            continue
        except SheetUnreadable as error:
            _log.warning("batch %s: %s", batch.id, error)
    return done


def _went_on(batch: queries.Unprinted, folder: Path, tools: Tools) -> bool:
    cards, view = kept_codes(folder), proposals.proposal(batch.proposal)
    if cards is None or view is None or not queries.is_unprinted(batch.id):
        return False
    if [card.number for card in cards] != queries.numbers_of_batch(batch.id):
        return False
    asked = order_of(parse(view.canonical))
    make(cards, asked, batch.id, batch.issued_on, tools, acting=tools.acting(None))
    return True


def destroy(tools: Tools) -> int:
    """
    Destroy the print files of batches that are counted or over their day; return how many batches.

    The log says so, after they are gone; what a killed order left without a batch goes as well.
    """
    over = queries.print_files_over(tools.today())
    for batch in over:
        remove(folder_of(batch, tools))
    for folder in _all(tools).glob("*-*"):
        is_old = folder.stat().st_mtime < tools.now() - KEPT_DAYS * _DAY
        if is_old and queries.proposal_of(UUID(folder.name)) is None:
            remove(folder)
    return note_print_destroyed(over, acting=tools.acting(None))


def remove(folder: Path) -> None:
    """Destroy what lies in a folder of print files, and the folder."""
    # two may do so at once: what the other one took is gone as well
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            key_files.destroy(path)
    with suppress(FileNotFoundError):
        folder.rmdir()


def _all(tools: Tools) -> Path:
    return tools.workspace.run / "print"
