from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import journal, leaf, tree
from despensa.domain.transparency.entry import Act, private_entry, public_entry

ENTRY, SALT = UUID(int=7), bytes(range(32))
ACT = Act(1, 1_795_219_200, bytes([1]) * 16, "import_register", bytes([2]) * 16)


@given(st.lists(st.binary(max_size=30), max_size=5), st.booleans())
def test_a_private_entry_commits_to_its_rows_whether_they_are_kept_or_not(rows, keep_rows):
    made = private_entry(ACT, entry=ENTRY, salt=SALT, rows=rows, keep_rows=keep_rows)

    stored = journal.parse_stored(made.stored)
    content = journal.parse_content(stored.content)
    assert list(stored.rows) == (rows if keep_rows else [])
    assert content.row_count == len(rows)
    assert content.rows_root == journal.rows_root(SALT, rows)
    assert leaf.parse_leaf(made.leaf) == leaf.PrivateLeaf(leaf.commitment(stored.content, SALT))
    assert made.leaf_hash == tree.leaf_hash(made.leaf)
    assert (made.entry, made.salt) == (ENTRY, SALT)


def test_a_private_entry_says_who_did_what_when_under_which_proposal():
    made = private_entry(ACT, entry=ENTRY, salt=SALT)

    content = journal.parse_content(journal.parse_stored(made.stored).content)
    assert (content.entry, content.database, content.at) == (ENTRY.bytes, 1, ACT.at)
    assert (content.actor, content.action, content.proposal) == (
        ACT.actor,
        "import_register",
        ACT.proposal,
    )
    assert content.rows_root == tree.EMPTY_ROOT


def test_a_private_leaf_tells_nothing_without_the_salt():
    one = private_entry(ACT, entry=ENTRY, salt=SALT)
    other = private_entry(ACT, entry=ENTRY, salt=bytes(32))

    assert len(one.leaf) == len(other.leaf) == 33
    assert one.leaf != other.leaf
    assert one.stored == other.stored


def test_a_public_entry_announces_its_body():
    body = {0: bytes(32), 1: "import_register", 2: 1, 3: ACT.at}

    made = public_entry(ACT, entry=ENTRY, salt=SALT, kind=leaf.PublicKind.APPROVAL, body=body)

    announced = leaf.parse_leaf(made.leaf)
    assert isinstance(announced, leaf.PublicLeaf)
    assert (announced.entry, announced.kind, announced.at) == (
        ENTRY.bytes,
        leaf.PublicKind.APPROVAL,
        ACT.at,
    )
    assert dcbor.decode(announced.body) == body
    stored = journal.parse_stored(made.stored)
    assert stored.rows == (dcbor.encode(body),)
    assert journal.parse_content(stored.content).row_count == 0


def test_a_body_above_the_limit_stays_whole_in_the_journal():
    body = {0: bytes(70_000)}

    made = public_entry(ACT, entry=ENTRY, salt=SALT, kind=leaf.PublicKind.APPROVAL, body=body)

    announced = leaf.parse_leaf(made.leaf)
    assert isinstance(announced, leaf.PublicLeaf)
    assert announced.body is None
    assert journal.parse_stored(made.stored).rows == (dcbor.encode(body),)


def test_a_salt_has_32_bytes():
    with pytest.raises(ValueError, match="32 bytes"):
        private_entry(ACT, entry=ENTRY, salt=b"")
