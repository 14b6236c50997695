"""A phone that dies at every single write of its day, one write at a time."""

import os
from pathlib import Path

import pytest

from despensa.adapters.field_device import FieldDevice
from despensa.domain.event import EventKind, Means
from tests.adapters.field_device.test_journal import everything
from tests.factories import field

CARDS = (field.a_card(0), field.a_card(1))


class Death(BaseException):
    """The phone dies here."""


class Fate:
    """Kills the phone at its n-th write, sync or replacement; `torn` leaves half a write."""

    def __init__(self, monkeypatch, writes_left, *, is_torn):
        self.writes_left, self.is_torn = writes_left, is_torn
        write, sync, replace = os.write, os.fsync, Path.replace
        monkeypatch.setattr(os, "write", lambda file, data: self.hit(write, file, data))
        monkeypatch.setattr(os, "fsync", lambda file: self.hit(sync, file))
        monkeypatch.setattr(Path, "replace", lambda path, new: self.hit(replace, path, new))

    def hit(self, call, *arguments):
        self.writes_left -= 1
        if self.writes_left == 0:
            if self.is_torn and call is not os.fsync and isinstance(arguments[-1], bytes):
                call(arguments[0], arguments[1][: len(arguments[1]) // 2])
            raise Death
        if self.writes_left < 0:
            raise Death
        return call(*arguments)


def the_day(phone, handed_out):
    """Take the list, open, serve two households, close, return; note what left the shelf."""
    lease = field.a_lease(CARDS)
    phone.load_lease(lease.lease_id, field.sealed_lease(lease, phone.public_keys.sealing))
    phone.open_session(field.NOW, field.OPERATOR)
    serve(phone, handed_out)
    phone.close_session(field.NOW, field.OPERATOR)
    phone.return_lease(field.NOW, field.OPERATOR)


def serve(phone, handed_out):
    for card in CARDS:
        text = field.card_text(card)
        result = phone.scan(text, Means.CAMERA, field.NOW, field.OPERATOR, today=field.DAY)
        if result.outcome == "delivered":
            handed_out.append(result.tag)


@pytest.mark.parametrize("is_torn", [False, True])
def test_dying_at_any_write_forgets_no_delivery_and_repeats_none(tmp_path, monkeypatch, is_torn):
    deaths = 0
    for writes in range(1, 200):
        folder = tmp_path / f"phone-{writes}"
        phone, handed_out = field.a_phone(folder, lease=False), []
        with monkeypatch.context() as patched:
            Fate(patched, writes, is_torn=is_torn)
            try:
                the_day(phone, handed_out)
            except Death:
                deaths += 1
            else:
                break
        phone.close()

        with FieldDevice.open(folder) as reopened:
            if reopened.is_session_open:
                serve(reopened, handed_out)
            delivered = [
                event.tag
                for event in (everything(reopened) if reopened.unsent_count else [])
                if event.kind is EventKind.DELIVERED
            ]
        assert len(set(delivered)) == len(delivered), f"twice, after dying at write {writes}"
        assert set(handed_out) <= set(delivered), f"forgotten, after dying at write {writes}"
    assert deaths > 20
