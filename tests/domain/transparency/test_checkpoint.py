import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.transparency import checkpoint, tree

LOG = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
LOG_PUBLIC = LOG.public_key().public_bytes_raw()
WITNESS_PUBLIC = WITNESS.public_key().public_bytes_raw()
KEY = checkpoint.VerifierKey("example.org/log", checkpoint.ED25519, LOG_PUBLIC)
WITNESS_KEY = checkpoint.VerifierKey("witness.example.org", checkpoint.COSIGNATURE, WITNESS_PUBLIC)
BODY = checkpoint.Checkpoint("example.org/log", 5, tree.leaf_hash(b"some root"))
TEXT = checkpoint.sign(BODY, public_key=LOG_PUBLIC, signer=LOG.sign)


@pytest.mark.parametrize(
    ("text", "key_id"),
    [
        ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "c74f20a3"),
        ("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "033de0ae"),
    ],
)
def test_well_known_keys_have_their_well_known_ids(text: str, key_id: str) -> None:
    key = checkpoint.parse_vkey(text)

    assert key.key_id.hex() == key_id
    assert checkpoint.vkey(key.name, key.public_key) == text
    with pytest.raises(ValueError, match="do not fit"):
        checkpoint.parse_vkey(text.replace(key_id, "00000000"))


def test_a_signed_checkpoint_verifies() -> None:
    assert checkpoint.verify(TEXT, KEY) == BODY
    assert checkpoint.parse_text(BODY.text) == BODY


def test_no_changed_character_is_accepted() -> None:
    for at, character in enumerate(TEXT):
        for other in {chr(ord(character) ^ 1), "A", "\n", ""} - {character}:
            with pytest.raises(ValueError):
                checkpoint.verify(TEXT[:at] + other + TEXT[at + 1 :], KEY)


def test_an_unknown_key_is_not_a_bad_signature() -> None:
    stranger = checkpoint.VerifierKey("example.org/log", checkpoint.ED25519, WITNESS_PUBLIC)
    renamed = checkpoint.VerifierKey("example.org/other", checkpoint.ED25519, LOG_PUBLIC)

    for key in (stranger, renamed):
        with pytest.raises(checkpoint.UnknownLogKey):
            checkpoint.verify(TEXT, key)


def test_lines_of_unknown_keys_are_passed_over() -> None:
    noisy = TEXT + "\u2014 someone.else AAAAAAAAAAAA\n"

    assert checkpoint.verify(noisy, KEY) == BODY


def test_a_second_line_by_the_log_has_to_verify_too() -> None:
    line = TEXT.splitlines(keepends=True)[-1]
    other = checkpoint.Checkpoint("example.org/log", 6, BODY.root)
    wrong = checkpoint.sign(other, public_key=LOG_PUBLIC, signer=LOG.sign)

    assert checkpoint.verify(TEXT + line, KEY) == BODY
    with pytest.raises(checkpoint.BadCheckpointSignature):
        checkpoint.verify(TEXT + wrong.splitlines(keepends=True)[-1], KEY)


def test_a_witness_answers_for_the_time_it_signed() -> None:
    text = checkpoint.cosign(
        TEXT, name=WITNESS_KEY.name, public_key=WITNESS_PUBLIC, at=77, signer=WITNESS.sign
    )
    head, _, line = text.rpartition("\u2014 ")
    other = checkpoint.cosign(
        TEXT.replace("\n5\n", "\n6\n"),
        name=WITNESS_KEY.name,
        public_key=WITNESS_PUBLIC,
        at=77,
        signer=WITNESS.sign,
    ).rpartition("\u2014 ")[2]

    assert checkpoint.cosignatures(text, [WITNESS_KEY, KEY][:1]) == (
        checkpoint.Cosignature("witness.example.org", 77),
    )
    assert checkpoint.verify(text, KEY) == BODY
    assert checkpoint.cosignatures(TEXT, [WITNESS_KEY]) == ()
    with pytest.raises(checkpoint.BadCheckpointSignature):
        checkpoint.cosignatures(f"{head}\u2014 {other}", [WITNESS_KEY])
    assert line != other


@pytest.mark.parametrize("name", ["", "with space", "plus+sign", "line\nbreak", "no\u00a0break"])
def test_names_that_cannot_stand_in_a_note_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a log"):
        checkpoint.vkey(name, LOG_PUBLIC)
    with pytest.raises(ValueError, match="cannot name a log"):
        checkpoint.sign(
            checkpoint.Checkpoint(name, 0, tree.EMPTY_ROOT),
            public_key=LOG_PUBLIC,
            signer=LOG.sign,
        )


@pytest.mark.parametrize("text", ["", "name", "name+00000000+", "name+00000000+AAAA", "a+b+c+d"])
def test_texts_that_are_no_key_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="log key"):
        checkpoint.parse_vkey(text)


def test_what_cannot_be_a_checkpoint_is_not_signed() -> None:
    for body in (
        checkpoint.Checkpoint("example.org/log", -1, tree.EMPTY_ROOT),
        checkpoint.Checkpoint("example.org/log", 1, b"short"),
    ):
        with pytest.raises(ValueError, match="size from 0"):
            checkpoint.sign(body, public_key=LOG_PUBLIC, signer=LOG.sign)
