"""
What a demo phone has: its folder and lock, its keys, its list, its session and its journal.

Decides which list the phone takes, when a session may be opened, and that a returned list is
never used again; scans are `device`. Source: docs/explanation/design.md sections 7.6 and 7.7.
"""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from despensa.adapters import hpke
from despensa.adapters.field_device import keys as device_keys
from despensa.adapters.field_device.journal import Mark
from despensa.adapters.field_device.writer import EventWriter, Written
from despensa.domain.device import Protection, verify_certificate
from despensa.domain.encoding import dcbor
from despensa.domain.event import (
    NO_SESSION,
    Event,
    EventKind,
    Supervised,
)
from despensa.domain.event.sealing import NO_LEASE
from despensa.domain.lease import Lease, lease_info, verify_lease
from despensa.domain.phone_request import (
    Ask,
    EnrolRequest,
    PhoneRequest,
    sign_enrolment,
    sign_request,
)
from despensa.domain.redemption import amend
from despensa.domain.redemption.locate import LeaseIndex, index_lease
from despensa.domain.refusal import AbortReason, RefusalReason

_LEASE_FILE = "lease.sealed"
_SLIPS_FILE = "slips"
_LOCK_FILE = "lock"
_ID_LENGTH = 16


class DeviceError(Exception):
    """The phone cannot do this now; the message says what to do first."""


class NotInstalled(DeviceError):
    """The phone has no certificate yet."""


class AlreadyOpen(DeviceError):
    """Another process uses the phone."""


class LeaseNotAccepted(DeviceError):
    """The lease is not for this phone, or was returned before."""


class SessionStateWrong(DeviceError):
    """The session is open where it must be closed, or the other way round."""


class SecondOperatorNeeded(DeviceError):
    """Two members of staff must answer for this."""


class Phone:
    """One phone with its list and session; close it, or use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = device_keys.DeviceKeys(folder)
        self._trust = device_keys.read_trust(folder)
        self._lock = _locked(folder / _LOCK_FILE)
        try:
            self._writer = EventWriter(folder, self._keys)
            self._held = self._stored_lease()
            self._index: LeaseIndex | None = (
                None if self._held is None else index_lease(self._held.lease)
            )
            self._end_interrupted_scan()
        except BaseException:
            os.close(self._lock)
            raise

    @classmethod
    def create(cls, folder: Path, *, device_id: bytes | None = None) -> Self:
        """
        Return a new phone in a folder (made with mode 0700), with fresh keys.

        Raises: DeviceError when the folder already is a phone.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if device_keys.has_keys(folder):
            raise DeviceError(f"{folder} already is a phone: open it instead")
        folder.chmod(0o700)
        device_keys.create_keys(folder, device_id or os.urandom(_ID_LENGTH))
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """
        Return the phone of a folder; a scan that never got its verdict is ended as interrupted.

        Raises: DeviceError when there is no phone, or another process has it open;
            JournalDamaged when its journal is not what it wrote.
        """
        if not device_keys.has_keys(folder):
            raise DeviceError(f"{folder} is no phone: create one there first")
        return cls(folder)

    def close(self) -> None:
        """Give the phone free for another process."""
        self._writer.close()
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def device_id(self) -> bytes:
        """Return the phone's id (16 bytes)."""
        return self._keys.device_id

    @property
    def public_keys(self) -> device_keys.PublicKeys:
        """Return the public keys that the authority certifies."""
        return self._keys.public

    @property
    def lease(self) -> Lease | None:
        """Return the list on the phone."""
        return None if self._index is None else self._index.lease

    @property
    def is_session_open(self) -> bool:
        """Return whether a session is open on the phone."""
        return self._writer.state.is_session_open

    @property
    def last_operator(self) -> bytes | None:
        """Return who scanned last with this phone, None before the first scan."""
        return self._writer.state.operator

    @property
    def unsent_count(self) -> int:
        """Return how many events the server has not acknowledged."""
        return self._writer.state.seq - self._writer.state.acknowledged

    def install(
        self,
        certificate: bytes,
        *,
        authority_keys: Sequence[bytes],
        inbox_key: bytes,
        issuer_keys: Sequence[bytes] = (),
    ) -> None:
        """
        Take the authority's certificate for this phone and the keys it shall trust (raw, 32 bytes).

        `issuer_keys` let it tell cards apart while it holds no list; a list brings its own.
        Raises: DeviceError when the certificate is for other keys; the errors of `cose.verify`
            when it does not verify.
        """
        ring = device_keys.key_ring(authority_keys)
        said = verify_certificate(certificate, authority_keys=ring)
        own = (self.device_id, self.public_keys.signing, self.public_keys.sealing)
        if (said.device_id, said.signing_key, said.sealing_key) != own:
            raise DeviceError("the certificate is for another phone: ask for one for these keys")
        device_keys.write_trust(
            self._folder,
            certificate,
            authority_keys=authority_keys,
            inbox_key=inbox_key,
            issuer_keys=issuer_keys,
        )
        self._trust = device_keys.read_trust(self._folder)
        self._ensure_lane()

    def enrolment(self, code: bytes) -> bytes:
        """Return the request that enrols this phone with a code the office showed."""
        request = EnrolRequest(
            code=code,
            device_id=self.device_id,
            signing_key=self.public_keys.signing,
            sealing_key=self.public_keys.sealing,
            protection=Protection.WRAPPED_SEED,
        )
        return sign_enrolment(request, signer=self._keys.sign)

    def request(self, ask: Ask, *arguments: object) -> bytes:
        """Return a signed request for what the server has for this phone."""
        asked = PhoneRequest(self.device_id, os.urandom(_ID_LENGTH), ask, arguments)
        return sign_request(asked, public_key=self.public_keys.signing, signer=self._keys.sign)

    def load_lease(self, lease_id: bytes, sealed: bytes) -> Lease:
        """
        Return the lease that was sealed to this phone, now the list it serves.

        Raises: SessionStateWrong while a session is open or another list was not returned;
            LeaseNotAccepted when it does not open here, is for another phone or workspace, or was
            returned before (its rows may be somebody else's by now); the errors of `cose.verify`
            when it does not verify.
        """
        if self.is_session_open:
            raise SessionStateWrong("close the session before loading another list")
        if self.lease is not None and self.lease.lease_id != lease_id:
            raise SessionStateWrong("return the list on this phone before loading another one")
        lease = self._opened_lease(lease_id, sealed)
        if lease_id in self._writer.state.returned:
            raise LeaseNotAccepted("this list was returned before: ask for a new one")
        device_keys.write_atomically(self._folder / _LEASE_FILE, lease_id + sealed)
        if self._writer.state.lane_lease != lease_id:
            self._writer.begin_lane(lease_id=lease_id, inbox_key=lease.inbox_key)
        if lease_id != (None if self._held is None else self._held.lease.lease_id):
            self._keep_slips([])
        self._hold(self._with_slips(lease))
        return lease

    def take_slip(self, data: bytes, now: int) -> None:
        """
        Take a signed slip into the list: a new card stands in the place of a lost one.

        Raises: SlipRefused, and nothing is changed; SessionStateWrong without a list.
        """
        self._lease_or_refuse()
        held = self._held
        assert held is not None, "a list is held"
        taken = amend.take_slip(
            data,
            replace(held, collected=self._collected()),
            keys=self._trust_or_refuse().authority_keys,
            now=now,
        )
        self._keep_slips([*self._slips(), data])
        self._hold(taken)

    def open_session(
        self, now: int, operator: bytes, *, second_operator: bytes | None = None
    ) -> Written:
        """
        Open the lease's session; outside its published hours two operators do it together.

        Raises: SessionStateWrong when one is open or no list is loaded; SecondOperatorNeeded.
        """
        lease = self._lease_or_refuse()
        if self.is_session_open:
            raise SessionStateWrong("a session is open already")
        is_planned = lease.hours.opens_at <= now < lease.hours.closes_at
        if not is_planned and second_operator in (None, operator):
            raise SecondOperatorNeeded("outside the published hours two people open the session")
        supervised = None
        if not is_planned and second_operator is not None:
            supervised = Supervised(second_operator, RefusalReason.NO_SESSION)
        event = self._event(EventKind.SESSION_OPENED, now, operator, supervised=supervised)
        return self._write(event)

    def close_session(self, now: int, operator: bytes) -> Written:
        """
        Close the open session.

        Raises: SessionStateWrong when none is open.
        """
        if not self.is_session_open:
            raise SessionStateWrong("no session is open")
        return self._write(self._event(EventKind.SESSION_CLOSED, now, operator))

    def return_lease(self, now: int, operator: bytes) -> Written:
        """
        Give the list back: from here on this phone hands out nothing of it, ever.

        The event is written before the list is deleted, so that a crash never loses the promise.
        Raises: SessionStateWrong while the session is open or when there is no list.
        """
        self._lease_or_refuse()
        if self.is_session_open:
            raise SessionStateWrong("close the session before returning the list")
        written = self._write(self._event(EventKind.LEASE_RETURNED, now, operator))
        self._forget_lease()
        return written

    def _event(self, kind: EventKind, now: int, operator: bytes, **particulars: Any) -> Event:
        lease = self.lease
        event = Event(
            event_id=os.urandom(_ID_LENGTH),
            device_id=self.device_id,
            seq=0,
            previous_hash=b"",
            kind=kind,
            claimed_at=now,
            session_id=NO_SESSION if lease is None else lease.session_id,
            lease_id=None if lease is None else lease.lease_id,
            operator_id=operator,
        )
        return replace(event, **particulars)

    def _write(self, event: Event, *, marks: tuple[tuple[Mark, bytes], ...] = ()) -> Written:
        certificate = self._trust_or_refuse().certificate_data
        return self._writer.write(event, certificate=certificate, marks=marks)

    def _abort(self, reason: AbortReason, now: int, operator: bytes) -> Written:
        return self._write(self._event(EventKind.ABORTED, now, operator, reason=reason))

    def _end_interrupted_scan(self) -> None:
        if self._trust is None:
            return
        self._ensure_lane()
        scan = self._writer.state.scan
        if scan is not None:
            self._abort(AbortReason.INTERRUPTED, scan.now, scan.operator_id)

    def _ensure_lane(self) -> None:
        if self._writer.needs_lane:
            lease = self.lease
            self._writer.begin_lane(
                lease_id=NO_LEASE if lease is None else lease.lease_id,
                inbox_key=self._trust_or_refuse().inbox_key if lease is None else lease.inbox_key,
            )

    def _trust_or_refuse(self) -> device_keys.Trust:
        if self._trust is None:
            raise NotInstalled("this phone has no certificate: install one first")
        return self._trust

    def _lease_or_refuse(self) -> Lease:
        lease = self.lease
        if lease is None:
            raise SessionStateWrong("there is no list on this phone: load one first")
        return lease

    def _opened_lease(self, lease_id: bytes, sealed: bytes) -> Lease:
        trust = self._trust_or_refuse()
        info = lease_info(device_id=self.device_id, lease_id=lease_id)
        try:
            data = hpke.open_sealed(self._keys.sealing_private, sealed, info)
        except hpke.SealBroken as error:
            raise LeaseNotAccepted("this list was not sealed for this phone") from error
        lease = verify_lease(data, authority_keys=trust.authority_keys)
        named = (lease.lease_id, lease.device_id, lease.workspace_id)
        if named != (lease_id, self.device_id, trust.certificate.workspace_id):
            raise LeaseNotAccepted("this list is for another phone")
        return lease

    def _collected(self) -> frozenset[bytes]:
        """Return the tags with which was collected here, those of cards since replaced included."""
        inherited = frozenset() if self._held is None else self._held.collected
        return inherited | self._writer.state.collected

    def _hold(self, held: amend.Held) -> None:
        self._held, self._index = held, index_lease(held.lease)

    def _slips(self) -> list[bytes]:
        path = self._folder / _SLIPS_FILE
        return dcbor.decode(path.read_bytes()) if path.exists() else []

    def _keep_slips(self, slips: list[bytes]) -> None:
        """Write the slips that were taken; after a power cut the last one is scanned again."""
        device_keys.write_atomically(self._folder / _SLIPS_FILE, dcbor.encode(slips))

    def _with_slips(self, lease: Lease) -> amend.Held:
        """Return a list with every slip that was taken into it, in their order."""
        held = amend.Held(lease, frozenset(self._writer.state.collected))
        keys = self._trust_or_refuse().authority_keys
        for data in self._slips():
            # it was in time when it was taken
            held = amend.take_slip(data, held, keys=keys, now=0)
        return held

    def _stored_lease(self) -> amend.Held | None:
        path = self._folder / _LEASE_FILE
        if self._trust is None or not path.exists():
            return None
        data = path.read_bytes()
        lease_id, sealed = data[:_ID_LENGTH], data[_ID_LENGTH:]
        if lease_id in self._writer.state.returned:
            path.unlink()
            return None
        return self._with_slips(self._opened_lease(lease_id, sealed))

    def _forget_lease(self) -> None:
        self._held = self._index = None
        self._keep_slips([])
        (self._folder / _LEASE_FILE).unlink(missing_ok=True)


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise AlreadyOpen(f"another process uses the phone in {path.parent}") from error
    return descriptor
