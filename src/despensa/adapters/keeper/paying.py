"""Lists of payments: references, accounts, and the file that leaves the keeper sealed."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.adapters.keeper.staging import SealedFiles
from despensa.adapters.keeper.twin_keys import TwinKeys
from despensa.domain import proposal as proposals
from despensa.domain import sealing
from despensa.domain.card import tag as tags
from despensa.domain.payment.order import Head, Payment, Rail
from despensa.domain.payment.pain001 import pain001
from despensa.domain.payment.reference import reference
from despensa.domain.payment.table import cash_list, csv_file
from despensa.domain.ports.keeper import Access, AccessRefused
from despensa.domain.ports.payment_work import PAY_OUT, Asked, FileOrder, Line
from despensa.domain.sealing import Column

_REFERENCES, _FILE, _RELEASED, _DESTROYED = 70, 71, 72, 73
_DAY = 86_400
_KEY_LABEL = b"despensa/payment-key/1"
_WRITERS = {Rail.PAIN_001: pain001, Rail.TABLE: csv_file, Rail.CASH_LIST: cash_list}
_DAY_ZERO = date(1970, 1, 1)


class PaymentDesk:
    """Implements `ports.payment_work.PaymentWork`."""

    def __init__(
        self,
        folder: Path,
        *,
        workspace: bytes,
        copy: OwnCopy,
        files: KeyFiles,
        cycle_keys: TwinKeys,
        staging: SealedFiles,
        signing: Signing,
    ) -> None:
        """Share the keeper's keys and own copy; `staging` holds lists and no other door opens it."""
        self._folder, self._workspace, self._files = folder, workspace, files
        self._copy, self._cycles, self._staging = copy, cycle_keys, staging
        self._signing = signing

    def payment_references(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        item: bytes,
        asked: Sequence[Asked],
    ) -> list[tuple[str, bytes]]:
        """Return reference and account of each, in order; the look is kept first."""
        _require_named(access, [one.person for one in asked])
        self._note(_REFERENCES, access, cycle)
        secret, key = self._cycles.read(f"{cycle.hex()}.secret"), self._key()
        accounts = tags.accounts(
            secret, households=[one.household for one in asked], programme=programme
        )
        return [
            (reference(key, person=one.person, item=item, failures=one.failures), account)
            for one, account in zip(asked, accounts, strict=True)
        ]

    def payment_file(
        self, access: Access, *, order: FileOrder, lines: Sequence[Line]
    ) -> tuple[bytes, int]:
        """Return hash and length of the file, sealed under the order's id; the look is kept first."""
        _require_named(access, [one.key.person for one in lines])
        if any(
            one.name.column is not Column.FULL_NAME or one.account.column is not Column.PAYEE
            for one in lines
        ) or not {Column.FULL_NAME, Column.PAYEE} <= set(access.fields):
            raise AccessRefused("the access entry does not name this field")
        self._note(_FILE, access, order.file)
        digest, length = hashlib.sha256(), 0

        def parts() -> Iterator[bytes]:
            nonlocal length
            for part in _WRITERS[order.rail](_head(order, lines), self._payments(lines)):
                digest.update(part)
                length += len(part)
                yield part

        self._staging.seal_parts(order.file, parts())
        return digest.digest(), length

    def release_file(self, *, proposal: bytes, approval: bytes, at: int) -> Iterator[bytes]:
        """Yield the file of a list that two people approved; that it leaves is kept first."""
        approved = proposals.verify_approval(
            approval, authority_keys=self._signing.public_keys().authority_ring()
        )
        asked = proposals.parse(proposal)
        if asked.workspace_id != self._workspace:
            raise proposals.ApprovalInvalid("the proposal was made in another workspace")
        # fetched again later under the same approval; the list's own last day ends that
        proposals.check_use(asked, approved, action=PAY_OUT, now=approved.at)
        if not any(at // _DAY <= out.destroy_by_day for out in asked.outputs):
            raise proposals.ApprovalInvalid("the last day of this list's file is over")
        digest = hashlib.sha256()
        # read whole once before anybody gets a byte: it is the file that was approved, or none
        for part in self._staging.open_parts(asked.proposal_id):
            digest.update(part)
        if asked.inputs != (digest.digest(),):
            raise proposals.ApprovalInvalid("the file is not the one that was approved")
        self._copy.append(
            {0: _RELEASED, 1: asked.proposal_id, 2: at, 3: proposals.proposal_hash(proposal)}
        )
        yield from self._staging.open_parts(asked.proposal_id)

    def destroy_file(self, file: bytes, *, at: int) -> None:
        """Destroy the file of a list with its key, and keep when; again is nothing."""
        if self._staging.holds(file):
            self._staging.remove(file)
            self._copy.append({0: _DESTROYED, 1: file, 2: at})

    def _payments(self, lines: Sequence[Line]) -> Iterator[Payment]:
        """Yield the payments opened, one at a time."""
        kek = self._files.read(self._folder / "kek-1.key")
        for line in lines:
            key = sealing.unwrap_key(
                line.key.wrapped,
                kek=kek,
                person=line.key.person,
                workspace=self._workspace,
                kek_number=line.key.kek,
            )
            name, (account, agent) = sealing.unseal(
                [line.name, line.account], key=key, workspace=self._workspace
            )
            yield Payment(line.reference, line.amount, str(name), str(account), str(agent))

    def _key(self) -> bytes:
        kek = self._files.read(self._folder / "kek-1.key")
        return hmac.digest(kek, _KEY_LABEL, "sha256")

    def _note(self, kind: int, access: Access, about: bytes) -> None:
        self._copy.append(
            {
                0: kind,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: int(access.purpose),
                5: list(access.persons),
                6: about,
            }
        )


def _require_named(access: Access, people: Sequence[bytes]) -> None:
    if not set(people) <= set(access.persons):
        raise AccessRefused("the access entry does not name this person")


def _head(order: FileOrder, lines: Sequence[Line]) -> Head:
    settings = order.settings
    return Head(
        message_id="M" + order.file.hex(),
        created_at=order.created_at,
        payer=settings.get("payer", ""),
        payer_account=settings.get("payer_account", ""),
        payer_agent=settings.get("payer_agent", ""),
        currency=order.currency,
        pay_on=_DAY_ZERO + timedelta(days=order.pay_on),
        count=len(lines),
        total=sum(one.amount for one in lines),
        settings=settings,
    )
