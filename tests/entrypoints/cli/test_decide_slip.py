"""`despensa decide`: a slip made in the office is checked where there is no office."""

import shutil

import pytest

from despensa.domain.eligibility import paper as papers
from despensa.domain.encoding import cose
from despensa.domain.transparency.checkpoint import vkey
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries
from tests.entrypoints.cli.conftest import in_own_process
from tests.factories.books import rule_text
from tests.factories.observing import count


@pytest.fixture
def slip(decided_books, at, sign_in, despensa, tmp_path):
    """The slip of one household, made at the command line."""
    books = at(decided_books)
    sign_in(books, "ana")
    ((household, outcome),) = fetch(
        REGISTRY,
        "SELECT household_id, outcome FROM decision ORDER BY outcome, household_id LIMIT 1",
    )
    looks = count(REGISTRY, "journal_content")

    said = despensa("decide", "slip", household, "--out", tmp_path / "slip", "--json")

    assert (said.code, said.err) == (0, "")
    assert count(REGISTRY, "journal_content") == looks + 1
    (tmp_path / "rule.yaml").write_text(rule_text(), encoding="utf-8")
    return books, outcome, tmp_path


def test_a_slip_is_checked_without_workspace_database_or_server(slip):
    books, outcome, folder = slip
    key = books.keeper.signatory.public_keys().authority
    root = queries.cycle(books.cycle).frozen_root
    asked = ("decide", "verify-slip", folder / "slip", "--rule", folder / "rule.yaml")

    said = in_own_process(
        *asked, "--root", bytes(root).hex(), "--authority-key", key.hex(), "--json",
        env={"PATH": "/usr/bin", "HOME": str(folder)}, cwd=folder,
    )  # fmt: skip

    assert said.code == 0, said.err
    assert said.json["verdict"] == "same"
    assert said.json["outcome"] == {1: "entitled", 2: "not_entitled"}[outcome]
    assert (said.json["root_checked"], said.json["signature_checked"]) == (True, True)
    assert said.json["sentences"]


def test_what_does_not_fit_is_said(slip, despensa):
    _, _, folder = slip
    asked = ("decide", "verify-slip", folder / "slip", "--rule")
    (folder / "other.yaml").write_text(rule_text().replace("version: 1", "version: 2", 1))
    stranger = cose.key_id(b"\1" * 32).hex() * 4

    other = despensa(*asked, folder / "other.yaml", "--json")
    root = despensa(*asked, folder / "rule.yaml", "--root", "00" * 32, "--json")
    key = despensa(*asked, folder / "rule.yaml", "--authority-key", stranger, "--json")
    short = despensa(*asked, folder / "rule.yaml", "--root", "00")
    taken = despensa("decide", "slip", "x", "--out", folder / "slip")

    assert (other.code, other.json["verdict"]) == (1, "cannot tell")
    assert "another rule" in other.json["why"]
    assert (root.code, root.json["verdict"]) == (1, "not the same")
    assert "root" in root.json["why"]
    assert (key.code, key.json["verdict"]) == (1, "cannot tell")
    assert (short.code, taken.code) == (2, 2)


def test_a_slip_is_held_against_a_copy_of_the_log_or_a_proof_of_it(slip, despensa):
    books, _, folder = slip
    made = despensa("log", "prove-cycle", books.cycle, "--out", folder / "proof")
    assert made.code == 0, made.err
    copy = shutil.copytree(books.tools.log.folder, folder / "mirror")
    asked = ("decide", "verify-slip", folder / "slip", "--rule", folder / "rule.yaml", "--json")
    key = ("--log-key", books.tools.log_vkey)
    alone = despensa(*asked)

    for where in (("--log", copy), ("--proof", folder / "proof")):
        said = in_own_process(
            *asked, *where, *key,
            env={"PATH": "/usr/bin", "HOME": str(folder)}, cwd=folder,
        )  # fmt: skip
        assert (said.code, said.json["verdict"]) == (0, "same"), said
        assert said.json["root_checked"]
        assert books.tools.log_vkey.split("+")[0] in said.json["root_in_log"]
        assert len(said.json["not_checked"]) == 2

    assert [text.split(":")[0] for text in alone.json["not_checked"]] == [
        "that the office signed the slip",
        "that the root is in the log",
        "that the facts are those that were decided",
        "whether the facts are true, and the decisions of other households",
    ]
    assert despensa(*asked, "--log", copy).code == 2


def test_a_log_that_is_another_older_or_spoilt_tells_nothing(slip, despensa):
    books, _, folder = slip
    copy = shutil.copytree(books.tools.log.folder, folder / "mirror")
    despensa("log", "prove-cycle", books.cycle, "--out", folder / "proof")
    asked = ("decide", "verify-slip", folder / "slip", "--rule", folder / "rule.yaml", "--json")
    key = ("--log-key", books.tools.log_vkey)
    spoilt = bytearray((folder / "proof").read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    (folder / "spoilt").write_bytes(spoilt)
    (folder / "empty").mkdir()
    for bundle in copy.glob("tile/entries/**/*"):
        if bundle.is_file():
            data = bytearray(bundle.read_bytes())
            at = bytes(data).find(queries.cycle(books.cycle).frozen_root)
            if at > 0:
                data[at] ^= 1
                bundle.write_bytes(data)

    stranger = vkey("elsewhere.example/log", b"\1" * 32)
    for where in (
        ("--proof", folder / "spoilt", *key),
        ("--log", folder / "empty", *key),
        ("--log", copy, *key),
        ("--proof", folder / "proof", "--log-key", stranger),
    ):
        said = despensa(*asked, *where)
        assert (said.code, said.json["verdict"]) == (1, "cannot tell"), (where, said.json)
        assert said.json["not_checked"]


def test_small_groups_are_pointed_out_and_keep_their_right(decided_books, at, sign_in, despensa):
    books = at(decided_books)
    sign_in(books, "jorge")

    said = despensa("cycle", "list")

    assert said.code == 0, said.err
    assert "fewer than 20 households" in said.out
    assert "Their right stays as it is" in said.out


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_paper_of_a_decision_is_checked_as_its_slip(slip, despensa, language):
    _, outcome, folder = slip
    ((household,),) = fetch(
        REGISTRY, "SELECT household_id FROM decision ORDER BY outcome, household_id LIMIT 1"
    )
    looks = count(REGISTRY, "journal_content")

    made = despensa(
        "decide",
        "paper",
        household,
        "--out",
        folder / "paper.pdf",
        "--language",
        language,
        "--json",
    )
    said = despensa(
        "decide", "verify-slip", folder / "paper.pdf", "--rule", folder / "rule.yaml", "--json"
    )
    unknown = despensa("decide", "paper", household, "--out", folder / "b", "--language", "xx")
    no_slip = despensa(
        "decide", "verify-slip", folder / "rule.yaml", "--rule", folder / "rule.yaml"
    )

    assert (made.code, made.err) == (0, "")
    assert made.json["language"] == language
    assert count(REGISTRY, "journal_content") == looks + 1
    assert (said.code, said.json["verdict"]) == (0, "same")
    assert said.json["outcome"] == {1: "entitled", 2: "not_entitled"}[outcome]
    assert (unknown.code, no_slip.code) == (2, 2)
    assert "choose from en, es, ar" in unknown.err
    assert "holds no slip" in no_slip.err


def test_a_slip_in_several_codes_is_checked_in_any_order_and_a_missing_one_is_named(
    slip, despensa, monkeypatch
):
    _, _, folder = slip
    monkeypatch.setattr(papers, "_is_one_code", lambda _: False)
    monkeypatch.setattr(papers, "_PART_CHARACTERS", 500)
    first, *others = papers.slip_texts((folder / "slip").read_bytes())
    (folder / "first").write_text(first)
    (folder / "others").write_text("\n".join(reversed(others)) + "\n")
    rule = ("--rule", folder / "rule.yaml", "--json")

    said = despensa("decide", "verify-slip", folder / "others", folder / "first", *rule)
    part = despensa("decide", "verify-slip", folder / "others", *rule)

    assert len(others) >= 1
    assert (said.code, said.json["verdict"]) == (0, "same")
    assert part.code == 2
    assert f"code 1 of {1 + len(others)} is missing" in part.err
