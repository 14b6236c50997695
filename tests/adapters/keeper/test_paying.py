"""The keeper gives out a file of payments under its own approval alone, also over the socket."""

import hashlib
import os

import pytest

from despensa.adapters.keeper import client
from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.payment.order import Rail
from despensa.domain.ports.keeper import Access, AccessRefused, KeyedPerson, Purpose
from despensa.domain.ports.payment_work import PAY_OUT, FileOrder, Line
from despensa.domain.proposal import ApprovalInvalid, Output, Reason
from despensa.domain.sealing import Column, Sealed, ToSeal
from tests.adapters.keeper.approved import AT, CREATOR, WORKSPACE, approve
from tests.factories.keeper_process import KeeperProcess

PERSON, PAYEE = b"p" * 16, b"q" * 16
DAY = 86_400


@pytest.fixture(name="keeper", params=["in process", "socket"])
def _keeper(request, tmp_path):
    if request.param == "in process":
        yield open_keeper(keys=tmp_path / "keys", staging=tmp_path / "staging", workspace=WORKSPACE)
        return
    running = KeeperProcess(tmp_path, workspace=WORKSPACE)
    connected = client.connect(running.socket)
    yield connected
    connected.close()
    running.end()


def staged(keeper, file):
    """Return the hash of a file of one payment that the keeper made."""
    [owner] = keeper.vault.new_keys([PERSON])
    [[name, account]] = keeper.vault.seal(
        [
            (
                owner,
                [
                    ToSeal(Column.FULL_NAME, PERSON, 1, "Ana Lara"),
                    ToSeal(Column.PAYEE, PAYEE, 1, ["0412", ""]),
                ],
            )
        ]
    )
    fields = (Column.FULL_NAME, Column.PAYEE)
    access = Access(os.urandom(16), CREATOR, AT, Purpose.PAY, (PERSON,), fields)
    line = Line(
        KeyedPerson(PERSON, owner.kek, owner.wrapped),
        Sealed(Column.FULL_NAME, PERSON, name),
        Sealed(Column.PAYEE, PAYEE, account),
        "D" + "A" * 26,
        500,
    )
    order = FileOrder(file, Rail.CASH_LIST, AT, "EUR", AT // DAY, {})
    return keeper.payments.payment_file(access, order=order, lines=[line])[0]


def asked(keeper, file, digest, *, action=PAY_OUT):
    """Return an approved list as the keeper's door takes it."""
    return approve(
        keeper, action, Reason.PAYMENT_DUE, proposal_id=file, inputs=(digest,),
        outputs=(Output("payment file", ("full_name", "payee"), 1, AT // DAY + 30),),
    )  # fmt: skip


def test_it_leaves_whole_under_its_approval_and_through_no_other_door(keeper):
    file = os.urandom(16)
    digest = staged(keeper, file)
    mandate = asked(keeper, file, digest)

    content = b"".join(keeper.payments.release_file(**mandate, at=AT + DAY))

    assert hashlib.sha256(content).digest() == digest
    assert b"Ana Lara" in content
    with pytest.raises(FileNotFoundError):
        keeper.staging.open(file)
    keeper.payments.destroy_file(file, at=AT)
    with pytest.raises(FileNotFoundError):
        list(keeper.payments.release_file(**mandate, at=AT))


def test_no_other_approval_opens_it(keeper):
    file = os.urandom(16)
    digest = staged(keeper, file)
    mandate = asked(keeper, file, digest)
    other = asked(keeper, file, os.urandom(32))
    wrong = {
        "not the one": other,
        "another content": mandate | {"approval": other["approval"]},
        "not pay_out": asked(keeper, file, digest, action="issue_cards"),
    }

    for said, one in wrong.items():
        with pytest.raises(ApprovalInvalid, match=said):
            list(keeper.payments.release_file(**one, at=AT))
    with pytest.raises(ApprovalInvalid, match="last day"):
        list(keeper.payments.release_file(**mandate, at=AT + 31 * DAY))


def test_over_the_socket_a_false_time_gives_out_and_destroys_nothing(tmp_path):
    """Neither a list past its last day, nor a look outside of the hour it is counted in."""
    running = KeeperProcess(tmp_path, workspace=WORKSPACE, clock=lambda: AT)
    keeper = client.connect(running.socket)
    file = os.urandom(16)
    mandate = asked(keeper, file, staged(keeper, file))
    look = Access(os.urandom(16), CREATOR, AT - DAY, Purpose.PAY, (PERSON,), (Column.PAYEE,))
    order = FileOrder(file, Rail.CASH_LIST, AT, "EUR", AT // DAY, {})

    for called in (
        lambda: list(keeper.payments.release_file(**mandate, at=AT + DAY)),
        lambda: keeper.payments.destroy_file(file, at=AT - DAY),
        lambda: keeper.payments.payment_file(look, order=order, lines=[]),
        lambda: keeper.payments.payment_references(
            look, cycle=file, programme=file, item=file, asked=[]
        ),
    ):
        with pytest.raises(AccessRefused, match="not the keeper's"):
            called()

    assert b"Ana Lara" in b"".join(keeper.payments.release_file(**mandate, at=AT + 200))
    keeper.close()
    running.end()
