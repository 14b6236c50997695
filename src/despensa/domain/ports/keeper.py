"""
The keeper's ports: everything that needs a key is asked here, and nothing hands a key out.

A few small doors of one service. In a demo the keeper lives in the process; in production it is
its own process behind a socket, with the same errors. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from despensa.domain.encoding import cose
from despensa.domain.matching.search_text import SearchText
from despensa.domain.ports.access import Access as Access  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.access import AccessRefused as AccessRefused  # noqa: PLC0414 - as above
from despensa.domain.ports.access import KeyedPerson as KeyedPerson  # noqa: PLC0414 - as above
from despensa.domain.ports.access import Purpose as Purpose  # noqa: PLC0414 - as above
from despensa.domain.ports.bulk_work import BulkWork
from despensa.domain.ports.fact_keys import FactDestroyed as FactDestroyed  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.fact_keys import FactKeys as FactKeys  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.key_office import KeyOffice
from despensa.domain.ports.lease_work import LeaseHousehold as LeaseHousehold  # noqa: PLC0414 - as above
from despensa.domain.ports.lease_work import LeaseWork
from despensa.domain.ports.payment_work import PaymentWork
from despensa.domain.ports.staging import StagedFileDamaged as StagedFileDamaged  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.staging import StagedFileStands as StagedFileStands  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.staging import StagingVault as StagingVault  # noqa: PLC0414 - a port of the keeper
from despensa.domain.ports.wallet import WalletKeeper as WalletKeeper  # noqa: PLC0414
from despensa.domain.sealing import Column, Sealed, ToSeal
from despensa.domain.transparency.journal import Row, Stored


class KeeperUnavailable(RuntimeError):
    """The keeper process does not answer: the text says where it was asked and what to do."""


class KeeperFailed(RuntimeError):
    """The keeper could not do what it was asked, for a reason that is no answer of its ports."""


@dataclass(frozen=True, slots=True)
class RowToSeal:
    """One journal row about a person: its index in the chunk and its column values."""

    owner: KeyedPerson
    index: int
    body: bytes = field(repr=False)


class JournalSealer(Protocol):
    """
    Makes the keys under which rows of the journal are closed that are about more than one person.

    Guarantee: a key is new, and only the keeper opens what was sealed under it.
    """

    def journal_key(self, entry: bytes) -> tuple[bytes, bytes]:
        """Return a fresh key for one entry's chunk and the same sealed to the workspace."""


class JournalOpener(Protocol):
    """
    Opens rows of the journal so that lost rows of the register can be made again.

    Guarantee: no door; what it opens is compared and written back, and shown to nobody.
    """

    def open_rows(
        self, entry: bytes, stored: Stored, people: Mapping[bytes, KeyedPerson]
    ) -> list[Row]:
        """Return an entry's rows opened, in order; what cannot be opened is left out."""


class SpellingVault(Protocol):
    """
    Hashes and seals the words of names that a search learnt to take for one another.

    Guarantee: a word is opened only for its own hash; nothing here knows a person.
    """

    def word_refs(self, words: Sequence[str]) -> list[int]:
        """Return the keyed hash of each folded word, in order, as signed 64-bit integers."""

    def seal_words(self, words: Sequence[str]) -> list[bytes]:
        """Return each folded word sealed for its own hash, in order."""

    def open_words(self, sealed: Sequence[tuple[int, bytes]]) -> list[str]:
        """Return the word of each (hash, sealed bytes), in order. Raises: SealBroken."""


class PersonVault(JournalSealer, FactKeys, SpellingVault, Protocol):
    """
    Seals and opens what identifies people.

    Guarantee: `unseal` has written and fsynced the access to the keeper's own copy before it
    opens anything, and opens only persons and columns that the access names.
    """

    def new_keys(self, persons: Sequence[bytes]) -> list[KeyedPerson]:
        """Return a fresh random key per person, wrapped, in order."""

    def seal(self, work: Sequence[tuple[KeyedPerson, Sequence[ToSeal]]]) -> list[list[bytes]]:
        """Return the stored bytes of each person's values, in order."""

    def seal_rows(self, entry: bytes, rows: Sequence[RowToSeal]) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, in order."""

    def seal_facts(
        self, rows: Sequence[tuple[bytes, Mapping[str, Any]]], *, catalogue_version: int
    ) -> list[dict[str, Any]]:
        """Return {fact: [fact key number, sealed value]} of each (row id, facts), in order."""

    def open_facts(
        self, rows: Sequence[tuple[bytes, Mapping[str, Sequence[Any]]]]
    ) -> list[dict[str, Any]]:
        """Return {fact: value} of what `seal_facts` made; a fact whose key is gone is left out."""

    def unseal(
        self, access: Access, people: Sequence[tuple[KeyedPerson, Sequence[Sealed]]]
    ) -> list[list[Any]]:
        """Return each person's opened values, in order. Raises: AccessRefused, SealBroken."""

    def search_tokens(self, texts: Sequence[SearchText]) -> list[int]:
        """Return the keyed token of each text, in order, as signed 64-bit integers."""

    def origin_refs(self, records: Sequence[tuple[str, str]]) -> list[bytes]:
        """Return the keyed reference of each (source, record id), in order."""

    def said_digests(self, said: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """Return the keyed digest of what a source said of each (origin reference, text)."""

    def number_tokens(
        self, people: Sequence[tuple[KeyedPerson, Sequence[Sealed]]]
    ) -> list[list[int]]:
        """Return the tokens of each person's sealed documents and phones; no number is shown."""

    def renew(
        self, work: Sequence[tuple[KeyedPerson, Sequence[tuple[Sealed, int]]]]
    ) -> list[list[bytes]]:
        """Return sealed values sealed anew under a later version each; no value is shown."""


class NewPeople(Protocol):
    """
    Fresh keys of people on their way into the register, by their place in a batch.

    Guarantee: every value and row gets its own nonce; the keys are forgotten with the batch and
    leave it wrapped only.
    """

    @property
    def kek(self) -> int:
        """Return the number of the key that wraps them."""

    @property
    def wrapped(self) -> Sequence[bytes]:
        """Return the wrapped key of each person, in order."""

    def seal(self, column: Column, values: Sequence[tuple[int, bytes, bytes]]) -> list[bytes]:
        """Return the stored bytes of first values of one column, as (place, row id, DCBOR)."""

    def seal_rows(self, entry: bytes, rows: Iterable[tuple[int, int, bytes]]) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, as (place, index, body)."""


class IntakeVault(PersonVault, Protocol):
    """
    What a whole file needs of the vault: the same bytes as one by one, made column by column.

    Guarantee: as `PersonVault`.
    """

    def new_people(self, persons: Sequence[bytes]) -> NewPeople:
        """Return fresh keys of people, open for sealing."""

    def sealed_fact_maps(
        self, rows: Sequence[tuple[bytes, Mapping[str, Any]]], *, catalogue_version: int
    ) -> list[bytes]:
        """Return the DCBOR of what `seal_facts` returns of each (row id, facts), in order."""

    def token_bytes(self, texts: Iterable[bytes]) -> list[bytes]:
        """Return the tokens of texts, each after its kind in one byte, as eight bytes each."""


@dataclass(frozen=True, slots=True)
class SignedCard:
    """A card ready for print: its number and the text of its code."""

    number: str
    text: str = field(repr=False)


class CardKeeper(Protocol):
    """
    Issues cards inside an approved batch, keeps the current link of each, forgets those of dead ones.

    Guarantee: no card is signed without an unused approval that names the count; the batch is
    written to the keeper's own copy before the first signature.
    """

    def issue(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        batch: bytes,
        count: int,
        epoch: int,
        issued_at: int,
        expires_at: int,
    ) -> list[SignedCard]:
        """Return the signed cards of the batch. Raises: ApprovalInvalid."""

    def forget(self, numbers: Sequence[str], *, at: int) -> int:
        """
        Destroy the links of dead cards and return how many there were; again is nothing.

        Raises: AccessRefused above a day's cap; what the cap left over is asked for again.
        """


@dataclass(frozen=True, slots=True)
class TagRow:
    """One row of the tag table."""

    tag: bytes
    account: bytes | None
    step: int
    status: int


@dataclass(frozen=True, slots=True)
class Opening:
    """
    What the ledger learns of a part of a cycle, packed as `domain.ledger.opening_rows` says.

    Holds: sorted by account and by tag, so that no place tells of a household or a card.
    """

    credits: bytes = field(repr=False)
    tags: bytes = field(repr=False)


class CycleFaded(RuntimeError):
    """The keys of the cycle were destroyed: nothing is derived or sealed for it any more."""


class CycleKeeper(LeaseWork, Protocol):
    """
    Derives accounts and tags: for an approved opening, a lease preparation, one household's change.

    Guarantee: links move forward to the cycle's epoch and the old links are destroyed.
    """

    def step_links(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        late_of: bytes | None = None,
    ) -> None:
        """Move every link to the epoch of an approved opening and destroy those before."""

    def open_cycle(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        cards: bytes,
        goods: bytes,
        late_of: bytes | None = None,
    ) -> Opening:
        """
        Return credits and tags of a part of a cycle's households; again gives the same.

        `cards` are usable cards of decided households by number, `goods` what households were given,
        both packed as `domain.ledger.opening_rows` says, some tens of thousands at once. `late_of`
        is the root that leaves a share for these late entrants. Raises: ApprovalInvalid.
        """

    def carried_on_accounts(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        before: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        households: Sequence[tuple[bytes, bytes]],
    ) -> list[tuple[bytes, bytes]]:
        """
        Return (account in an earlier cycle, account in an approved later one), by the earlier one.

        `households` are (who had it in the earlier one, whose it is in the later one).
        Raises: ApprovalInvalid.
        """

    def carry_accounts(
        self, access: Access, *, cycle: bytes, programme: bytes, households: Sequence[bytes]
    ) -> list[bytes]:
        """Return the accounts of the two households of one carry-over; the look is kept first."""

    def lookup_key(self, *, cycle: bytes, lease: bytes) -> bytes:
        """Return the key under which a lease finds typed card numbers; again gives the same."""

    def replaced_card(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        household: bytes,
        numbers: Sequence[str],
    ) -> tuple[bytes, list[tuple[int, bytes] | None]]:
        """Return account and (step, tag) of each card (None: no link), the look kept first."""

    def carry_references(self, cycle: bytes, operations: Sequence[bytes]) -> list[bytes]:
        """Return the ledger's own name (16 bytes) of each operation's carry-over, in order."""

    def frozen_keys(self, cycle: bytes) -> tuple[bytes, bytes]:
        """Return salt and map key (32 bytes each) of frozen rows. Raises: CycleFaded once gone."""

    def make_frozen_keys(self, cycle: bytes) -> tuple[bytes, bytes]:
        """Return what `frozen_keys` returns, made on first use. Raises: CycleFaded."""

    def keep_frozen_keys(self, cycle: bytes, *, root: bytes, until: int) -> None:
        """Note, before rows are frozen, until when their keys are kept; only later times count."""

    def destroy_frozen_keys(
        self, cycle: bytes, *, at: int, proposal: bytes = b"", approval: bytes = b""
    ) -> None:
        """
        Destroy the salt and the map's key of a cycle's frozen rows; again is nothing.

        Raises: AccessRefused before the time that was written down, unless the approved withdrawal
            of the cycle is given; ApprovalInvalid when that is another.
        """

    def note_settled(self, cycle: bytes, *, at: int) -> int:
        """Note, once for all, that a cycle is settled; return when its keys may be destroyed."""

    def destroy_cycle(self, cycle: bytes, *, at: int) -> None:
        """Destroy every key of a cycle, for good. Raises: AccessRefused before `note_settled`'s time."""

    def chunk_key(self, cycle: bytes | None, *, info: bytes) -> tuple[bytes, bytes]:
        """Return a fresh key and the same sealed to the cycle (None: the inbox) under `info`."""


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """
    The public halves everybody may know; former ones, newest first, go on being trusted.

    Shape: `wallet` is a point on P-256, 65 bytes; the others are 32.
    """

    issuer: bytes
    authority: bytes
    log: bytes
    inbox: bytes
    office: bytes
    answers: bytes
    wallet: bytes = b""
    former_issuers: tuple[bytes, ...] = ()
    former_authorities: tuple[bytes, ...] = ()
    former_answers: tuple[bytes, ...] = ()
    former_wallets: tuple[bytes, ...] = ()
    former_logs: tuple[bytes, ...] = ()

    @property
    def logs(self) -> tuple[bytes, ...]:
        """Return the keys that checkpoints may be signed with, the one in use first."""
        return (self.log, *self.former_logs)

    @property
    def issuers(self) -> tuple[bytes, ...]:
        """Return the keys that cards may be signed with, the one in use first."""
        return (self.issuer, *self.former_issuers)

    @property
    def wallets(self) -> tuple[bytes, ...]:
        """Return the keys that cards in wallets may be signed with, the one in use first."""
        return (self.wallet, *self.former_wallets)

    def issuer_ring(self) -> dict[bytes, bytes]:
        """Return the keys that cards may be signed with, by key id."""
        return {cose.key_id(key): key for key in self.issuers}

    def authority_ring(self) -> dict[bytes, bytes]:
        """Return the keys that papers and phones may be signed with, by key id."""
        keys = (self.authority, *self.former_authorities)
        return {cose.key_id(key): key for key in keys}


class Signatory(Protocol):
    """
    Signs for the office and the log, and opens what phones sealed to the inbox.

    Guarantee: each key signs only under the labels of its own use.
    """

    def public_keys(self) -> PublicKeys:
        """Return the public halves of the keys in use."""

    def sign(self, payload: dict[int, Any], *, label: bytes) -> bytes:
        """Return a COSE_Sign1 of the authority key over the payload for this label."""

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the authority's bare signature over a chunk statement."""

    def sign_log(self, message: bytes) -> bytes:
        """Return the log key's signature over a checkpoint text."""

    def cosign_log(self, message: bytes) -> list[tuple[bytes, bytes]]:
        """
        Return (public key, signature) of a log key that was exchanged in time, over the same text.

        Whoever knows the log by that key goes on verifying it; empty when there is none.
        """

    def sign_answer(self, message: bytes) -> bytes:
        """Return the answers key's signature over the signing text of a partner's answer."""

    def open_inbox(self, sealed: bytes, *, info: bytes) -> bytes:
        """Return what a phone sealed to the inbox key."""


class KeeperVault(IntakeVault, JournalOpener, Protocol):
    """
    The whole vault, as the doors plug it in.

    Guarantee: as its parts.
    """


class Keeper(Protocol):
    """The doors of the keeper together."""

    @property
    def vault(self) -> KeeperVault:
        """Seals and opens what identifies people."""

    @property
    def staging(self) -> StagingVault:
        """Keeps files that wait for approval."""

    @property
    def cards(self) -> CardKeeper:
        """Issues cards and forgets dead ones."""

    @property
    def wallet(self) -> WalletKeeper:
        """Makes identity cards for wallets, and signs the status lists."""

    @property
    def cycles(self) -> CycleKeeper:
        """Derives accounts and tags."""

    @property
    def signatory(self) -> Signatory:
        """Signs for the office and the log."""

    @property
    def keys(self) -> KeyOffice:
        """Tells about keys and exchanges them."""

    @property
    def bulk(self) -> BulkWork:
        """Does approved work on the whole register."""

    @property
    def payments(self) -> PaymentWork:
        """Makes references and files of payments."""

    def close(self) -> None:
        """Let files and connections go; the keeper is not asked again."""
