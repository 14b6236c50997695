"""The main job from the command line: scans, receipts, proofs, proposals, explanations."""

import stat
from datetime import timedelta

import pytest

from despensa.adapters.field_device import FieldDevice
from despensa.adapters.qr import ZxingCodes
from despensa.domain.card.base45 import decode, encode
from despensa.domain.role import Role
from despensa.domain.transparency import tile
from despensa.entrypoints.cli import opened
from despensa.entrypoints.second_factor import add_totp, current_code
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.usecases.add_staff import NewStaff, add_staff
from tests.adapters.register_file.builders import a_person, a_template_text
from tests.factories import books as stages

OUTCOME_KEYS = {
    "outcome", "reason", "sentence", "next_step", "point", "goods", "offered", "go_to", "state",
    "event", "event_hash", "receipt", "receipt_file", "words",
}  # fmt: skip


@pytest.fixture
def point(leased_books, at, sign_in):
    """Books with a phone at P01 whose lead is signed in."""
    sign_in(at(leased_books), "lucia")
    return leased_books


@pytest.fixture
def card(point, tmp_path):
    """Give the picture of a card of an entitled household."""

    def picture(text=None):
        number = point.entitled()[0][1][0]
        png = ZxingCodes().code_png(text or point.card_texts[number], side_mm=34.0)
        path = tmp_path / "card.png"
        path.write_bytes(png)
        return path

    return picture


def redeem(despensa, picture, *more):
    return despensa("redeem", picture, "--point", "P01", "--language", "en", "--json", *more)


def receipt_holds(despensa, books, said):
    authority = books.keeper.signatory.public_keys().authority.hex()
    return despensa(
        "receipt", "verify", said.json["receipt_file"], "--authority-key", authority, "--json"
    )


def test_a_card_is_redeemed_once(despensa, point, card):
    delivered = redeem(despensa, card())
    again = redeem(despensa, card())

    assert delivered.code == 0
    assert delivered.json.keys() == OUTCOME_KEYS
    assert (delivered.json["outcome"], delivered.json["state"]) == ("delivered", "posted")
    assert delivered.json["goods"]
    assert again.code == 1
    assert again.json["reason"] == "collected_confirmed"
    assert fetch(LEDGER, "SELECT count(*) FROM redemption")[0][0] == 1
    assert despensa("ledger", "check").code == 0


def test_every_way_a_scan_may_end_has_its_outcome_and_a_receipt_that_holds(despensa, point, card):
    number = point.entitled()[0][1][0]
    data = bytearray(decode(point.card_texts[number]))
    data[-9] ^= 1
    unassigned = next(
        iter(set(point.card_texts) - {n for _, ns, _ in point.entitled() for n in ns})
    )
    good = point.card_texts[number]
    scans = [
        (good, ["--close-session"], "no_session"),
        (encode(bytes(data)), [], "not_genuine"),
        (point.card_texts[unassigned], [], "unknown"),
        (None, [], "unreadable"),
        (good, [], None),
        (good, [], "collected_confirmed"),
    ]
    for text, more, reason in scans:
        said = redeem(despensa, __file__ if text is None else card(text), *more)

        assert said.json["reason"] == reason
        if reason is not None:
            checked = receipt_holds(despensa, point, said)
            assert checked.code == 0
            assert checked.json["reason"] == reason
            assert checked.json["words"] == said.json["words"]
    assert fetch(LEDGER, "SELECT count(*) FROM refusal")[0][0] == len(scans) - 1


def new_lead(books, name, *, days=365, area=None, programme=None):
    """Add a point's lead whose role counts from today, there."""
    today = books.tools.today()
    books.staff[name] = add_staff(
        NewStaff(
            name, None, name, "en", [Role.POINT_LEAD], area or books.root_area, today,
            today + timedelta(days=days), programme,
        ),
        acting=books.acting(),
    )  # fmt: skip


def test_an_expired_card_is_refused_as_expired(despensa, point, card, sign_in):
    redeem(despensa, __file__)
    point.clock.forward(days=6 * 366)
    new_lead(point, "later")
    sign_in(point, "later")

    assert redeem(despensa, card()).json["reason"] == "expired"


def test_nobody_scans_at_a_point_their_role_is_not_for(despensa, point, card, sign_in):
    [(village,), *_] = fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL")
    new_lead(point, "far", area=village)
    new_lead(point, "cash", programme=point.acting().new_id())
    new_lead(point, "food", programme=point.programme)
    for name in ("far", "cash"):
        sign_in(point, name)

        refused = redeem(despensa, card())

        assert refused.code == 1
        assert "no role for the point P01" in refused.err
    assert fetch(LEDGER, "SELECT count(*) FROM device_event") == [(0,)]
    sign_in(point, "food")
    assert redeem(despensa, card()).code == 0


def test_the_last_user_of_a_phone_whose_role_ended_scans_nothing(despensa, point, card, sign_in):
    new_lead(point, "brief", days=1)
    sign_in(point, "brief")
    assert redeem(despensa, card()).code == 0
    point.clock.forward(days=1)

    refused = redeem(despensa, card())

    assert refused.code == 1
    assert "no role for the point P01" in refused.err


def test_a_point_without_phone_is_named(despensa, point, card):
    said = despensa("redeem", card(), "--point", "P77")

    assert said.code == 1
    assert "P01" in said.err


def test_who_is_signed_in_is_the_operator_and_nobody_at_first_is_refused(
    despensa, leased_books, at, sign_in, tmp_path
):
    at(leased_books)
    text = next(iter(leased_books.card_texts.values()))
    (tmp_path / "card.txt").write_text(text)

    refused = redeem(despensa, tmp_path / "card.txt")
    assert refused.code == 1
    assert "despensa login" in refused.err

    sign_in(leased_books, "lucia")
    redeem(despensa, tmp_path / "card.txt")
    with FieldDevice.open(leased_books.phone_folder()) as phone:
        assert phone.last_operator == leased_books.staff["lucia"].bytes


def test_a_receipt_is_proved_with_two_keys_and_no_database(despensa, point, card, tmp_path):
    receipt = redeem(despensa, card(), "--close-session").json["receipt_file"]
    keys = despensa("keys", "--json").json
    proof = tmp_path / "proof"
    arguments = ["--receipt", receipt, "--authority-key", keys["authority"]]
    arguments += ["--log-key", keys["log"], "--json"]

    assert despensa("log", "prove", receipt, "--out", proof).code == 0

    good = despensa("log", "check-proof", proof, *arguments)
    assert (good.code, good.json["verdict"]) == (0, "valid")
    proof.write_text(proof.read_text().replace("index ", "index 1"))
    bad = despensa("log", "check-proof", proof, *arguments)
    assert (bad.code, bad.json["verdict"]) == (1, "not valid")
    assert despensa("log", "prove", __file__).code == 2


def test_the_log_verifies_until_a_tile_is_touched(despensa, point, card, tmp_path):
    redeem(despensa, card())
    seen = tmp_path / "seen"
    seen.write_bytes((point.folder / "log" / "checkpoint").read_bytes())

    whole = despensa("log", "verify", "--last-seen", seen, "--json")
    assert (whole.code, whole.json["answer"]) == (0, "valid")
    assert whole.json["continues_from"] == whole.json["size"]

    [bundle] = [
        point.folder / "log" / piece.path for piece in tile.level_tiles(None, whole.json["size"])
    ]
    data = bytearray(bundle.read_bytes())
    data[40] ^= 1
    bundle.write_bytes(data)
    touched = despensa("log", "verify", "--json")
    assert touched.code == 1
    assert touched.json["piece"].startswith("tile/entries")
    assert touched.json["mend"]


def test_a_card_is_decoded_without_its_secret(despensa, point, card):
    issuer = point.keeper.signatory.public_keys().issuer.hex()
    number = point.entitled()[0][1][0]

    said = despensa("card", "decode", card(), "--issuer-key", issuer, "--json")

    assert said.code == 0
    assert said.json["verdict"] == "genuine"
    assert said.json["claims"]["identity"] == {"id": number}
    assert said.json["claims"]["cardSecret"][2] == "(secret)"
    other = despensa("card", "decode", card(), "--issuer-key", "00" * 32, "--json")
    assert (other.code, other.json["verdict"]) == (1, "cannot tell")


def test_a_large_import_waits_for_a_second_person_with_password_and_code(
    despensa, registered_books, at, sign_in, tmp_path
):
    books = at(registered_books)
    secret = add_totp("nour")
    file = tmp_path / "more.csv"
    file.write_text(stages.register_text(books.tools.today(), skip=20, count=20))
    before = fetch(REGISTRY, "SELECT count(*) FROM household")[0][0]

    sign_in(books, "ana")
    staged = despensa("import", file, "--json")
    assert staged.json["proposal"]
    assert fetch(REGISTRY, "SELECT count(*) FROM household")[0][0] == before
    assert despensa("import", file).code == 1
    assert staged.json["proposal"] in despensa("proposal", "list").out

    approve = ["proposal", "approve", staged.json["proposal"], "--password", stages.PASSWORD]
    assert despensa(*approve, "--code", "000000").code == 1
    sign_in(books, "nour")
    assert despensa(*approve, "--code", "000000").code == 1
    approved = despensa(*approve, "--code", current_code(secret), "--json")

    assert approved.code == 0, approved.err
    taken = fetch(REGISTRY, "SELECT count(*) FROM household")[0][0] - before
    assert (taken == staged.json["accepted"] and taken) or taken > 0
    again = despensa(*approve, "--code", "000000")
    assert again.code == 1


def approved_households(done):
    return int(done.split()[0])


def test_a_refused_import_takes_nothing_in(despensa, registered_books, at, sign_in, tmp_path):
    books = at(registered_books)
    file = tmp_path / "more.csv"
    file.write_text(stages.register_text(books.tools.today(), skip=20, count=20))
    sign_in(books, "ana")
    proposal = despensa("import", file, "--json").json["proposal"]

    sign_in(books, "nour")
    assert despensa("proposal", "refuse", proposal).code == 0

    assert proposal not in despensa("proposal", "list").out
    assert not list((books.folder / "run" / "staging").glob("*.sealed"))


def test_a_small_import_is_taken_in_at_once_and_strict_takes_all_or_nothing(
    despensa, registered_books, at, sign_in, tmp_path
):
    sign_in(at(registered_books), "ana")
    file = tmp_path / "small.csv"
    faulty = a_person(household="Z2", birth_date="2990-01-01")
    file.write_text(a_template_text(a_person(household="Z1", birth_date="1990"), faulty))

    strict = despensa("import", file, "--strict")
    assert strict.code == 1
    assert "nothing was changed" in strict.err

    partly = despensa("import", file, "--json")
    assert partly.code == 1
    assert partly.json["households"] == 1
    assert "lies after" in partly.err


def test_a_decision_is_explained_in_two_languages_and_the_look_is_written_down(
    despensa, decided_books, at, sign_in
):
    sign_in(at(decided_books), "ana")
    household = fetch(REGISTRY, "SELECT household_id FROM decision LIMIT 1")[0][0]

    said = despensa("cycle", "explain", household, "--language", "en,es", "--json")

    assert said.code == 0, said.err
    english, spanish = said.json["explanations"]
    assert (english["language"], spanish["language"]) == ("en", "es")
    assert english["because"]
    assert english["sentence"] != spanish["sentence"]
    looks = fetch(REGISTRY, "SELECT count(*) FROM access_entry")[0][0]
    people = fetch(
        REGISTRY,
        "SELECT count(DISTINCT registrant_id) FROM membership WHERE household_id = %s",
        (household,),
    )[0][0]
    assert looks == people > 0


def test_sign_in_takes_password_and_code_and_keeps_only_a_hash(despensa, founded_books, at):
    books = at(founded_books)
    secret = add_totp("ana")
    kept = opened.session_file(books.tools.workspace)

    arguments = ["--password", stages.PASSWORD, "--code"]
    wrong = despensa("login", "ana", *arguments, "000000")
    unknown = despensa("login", "nobody", *arguments, "000000")
    assert (wrong.code, wrong.err) == (1, unknown.err)
    assert not kept.exists()

    assert despensa("login", "ana", *arguments, current_code(secret)).code == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    [(stored,)] = fetch(REGISTRY, "SELECT secret_sha256 FROM command_session")
    assert bytes(stored) != kept.read_bytes()

    assert despensa("logout").code == 0
    assert not kept.exists()
    assert fetch(REGISTRY, "SELECT count(*) FROM command_session") == [(0,)]
    assert despensa("logout").code == 0
